"""Schedule every block of a function; each schedule is verified before it is returned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from csynth.ir.model import Block, Function, Loop
from csynth.schedule.build import build_problem, op_key, phi_key, scheduled_ops
from csynth.schedule.check import verify
from csynth.schedule.delays import SETUP_PS
from csynth.schedule.ports import block_ports, choose_ports, facts_of
from csynth.schedule.problem import Infeasible, Solution
from csynth.schedule.solve import solve


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockSchedule:
    """When a block does what.

    Attributes:
        start_cycle: cycle (pipelined: stage) of each operation, by op id.
        phi_cycle: stage in which a pipelined loop reads each phi, by value name.
        ready_cycle: cycle in which each result of this block can be used first, by value name.
        length_cycles: states of the block, or stages of the pipeline.
        initiation_interval: None when the block is not pipelined.
        ii_limited_by: what forbids the wanted initiation interval, as a sentence.
        longest_path_ps: longest combinational path, register to register, setup included.
        memory_port: port of its memory that each load and store uses, by op id.
    """

    block: Block
    loop: Loop | None
    start_cycle: dict[int, int]
    phi_cycle: dict[str, int]
    ready_cycle: dict[str, int]
    length_cycles: int
    initiation_interval: int | None
    ii_limited_by: str | None
    longest_path_ps: int
    memory_port: Mapping[int, int] = field(default_factory=dict[int, int])

    def phi_write_cycle(self, name: str) -> int:
        """Stage in which the pipelined loop writes phi `name` for its next iteration."""
        phi = next(phi for phi in self.block.phis if phi.result.name == name)
        carried = dict(phi.incoming)[self.block.name]
        ready = self.ready_cycle.get(getattr(carried, "name", ""), 0)
        return max(ready, self.phi_cycle[name])


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionSchedule:
    """Schedules of all blocks of one function, by block name."""

    function: Function
    blocks: dict[str, BlockSchedule]
    clock_period_ps: int

    @property
    def estimated_clock_ps(self) -> int:
        """Shortest clock period that the delay table allows, in ps."""
        return max((schedule.longest_path_ps for schedule in self.blocks.values()), default=SETUP_PS)


def _schedule_block(function: Function, block: Block, loop: Loop | None, clock_period_ps: int) -> BlockSchedule:
    interval = max(1, loop.pipeline.initiation_interval) if loop is not None and loop.pipeline is not None else None
    wanted, first_reason = interval, None
    while True:
        problem = build_problem(function, block, loop, clock_period_ps=clock_period_ps, initiation_interval=interval)
        outcome = solve(problem)
        if isinstance(outcome, Solution):
            break
        assert isinstance(outcome, Infeasible)
        assert interval is not None, f"{problem.name}: a block without a pipeline always has a schedule"
        first_reason = first_reason or outcome.reason
        interval = max(interval + 1, outcome.minimum or 0)
    verify(problem, outcome)
    if first_reason is not None and "needs II" not in first_reason:
        first_reason = f"{first_reason} needs II >= {interval}"
    nodes = {node.key: node for node in problem.nodes}
    start = {op.id: outcome.start_cycle[op_key(op)] for op in scheduled_ops(block)}
    phis = {phi.result.name: outcome.start_cycle[phi_key(phi.result.name)] for phi in block.phis} if loop else {}
    ready = dict(phis)
    for op in scheduled_ops(block):
        if op.result is not None:
            ready[op.result.name] = start[op.id] + nodes[op_key(op)].latency_cycles
    last = max([*start.values(), *ready.values(), 0])
    return BlockSchedule(
        block=block,
        loop=loop,
        start_cycle=start,
        phi_cycle=phis,
        ready_cycle=ready,
        length_cycles=last + 1,
        initiation_interval=interval,
        ii_limited_by=first_reason if interval != wanted else None,
        longest_path_ps=outcome.longest_path_ps + SETUP_PS,
        memory_port=block_ports(block, {memory.name: memory for memory in function.memories}, facts_of(block)),
    )


def schedule_function(function: Function, *, clock_period_ps: int) -> FunctionSchedule:
    """Schedule `function`, with ports chosen for its memories, for a clock of `clock_period_ps`."""
    function = choose_ports(function)
    pipelined = {loop.header: loop for loop in function.loops if loop.pipeline is not None}
    blocks = {
        block.name: _schedule_block(function, block, pipelined.get(block.name), clock_period_ps)
        for block in function.blocks
    }
    return FunctionSchedule(function=function, blocks=blocks, clock_period_ps=clock_period_ps)
