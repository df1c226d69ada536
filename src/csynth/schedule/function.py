"""Schedule every block of a function; each schedule is verified before it is returned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import lcm

from csynth.errors import ScheduleError
from csynth.ir.model import Block, Function, Loop, Op, Operand, Phi, Program
from csynth.part import DSP48E2
from csynth.schedule.bounds import Bounds, bounds_of
from csynth.schedule.build import build_problem, op_key, phi_key, scheduled_ops, uses_of
from csynth.schedule.calls import (
    CalleeTiming,
    limit_of,
    operand_cycles,
    shared_callees,
    sink,
    timing_of_callee,
    timings_in,
)
from csynth.schedule.cell_registers import with_cell_registers
from csynth.schedule.cells import choose_cells
from csynth.schedule.check import verify
from csynth.schedule.delay_tables import DelayTable, default_table
from csynth.schedule.lifetimes import shorten
from csynth.schedule.patience import patient_functions
from csynth.schedule.ports import block_ports, choose_ports, facts_of
from csynth.schedule.problem import Infeasible, Problem, Solution
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
        bounds: what forbids a shorter interval; None when the block is not pipelined.
        operand_cycles: for a call of a static function and a cell with registers before its last one, how long after the op each
            operand (and its predicate) is taken.
        latency_cycles: latency of each call of a static function.
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
    bounds: Bounds | None = None
    operand_cycles: dict[int, tuple[int, ...]] = field(default_factory=dict[int, tuple[int, ...]])
    latency_cycles: dict[int, int] = field(default_factory=dict[int, int])

    @property
    def is_pipelined(self) -> bool:
        """Whether iterations, or calls of a static function, overlap in it."""
        return self.initiation_interval is not None

    def uses(self, op: Op) -> list[tuple[Operand, int]]:
        """Operands of `op`, its predicate included, each with the cycle in which it is used."""
        operands, start = uses_of(op), self.start_cycle[op.id]
        later = self.operand_cycles.get(op.id) or (0,) * len(operands)
        return [(operand, start + cycle) for operand, cycle in zip(operands, later, strict=True)]

    def phi_write_cycle(self, phi: Phi) -> int:
        """Stage in which the pipelined loop writes its `phi` for the next iteration."""
        carried = dict(phi.incoming)[self.block.name]
        ready = self.ready_cycle.get(getattr(carried, "name", ""), 0)
        return max(ready, self.phi_cycle[phi.result.name])


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionSchedule:
    """Schedules of all blocks of one function, by block name.

    Attributes:
        callees: timings of the static functions, as calls of this function see them.
        timing: what callers must know, when the function is static itself.
        table: delays of the device.
    """

    function: Function
    blocks: dict[str, BlockSchedule]
    clock_period_ps: int
    callees: Mapping[str, CalleeTiming] = field(default_factory=dict[str, CalleeTiming])
    timing: CalleeTiming | None = None
    table: DelayTable = field(default_factory=default_table)

    @property
    def estimated_clock_ps(self) -> int:
        """Shortest clock period that the delay table allows, in ps."""
        return max((schedule.longest_path_ps for schedule in self.blocks.values()), default=self.table.setup)


def _static_block(function: Function) -> Block:
    """The block of a static function with its inputs as phis: each is there in one cycle, not for the whole run."""
    (block,) = function.blocks
    inputs = [op.result for op in block.ops if op.opcode == "scalar" and op.result is not None]
    return replace(
        block,
        phis=tuple(Phi(result=result, incoming=()) for result in inputs),
        ops=tuple(op for op in block.ops if op.opcode != "scalar"),
    )


def _interval_of_calls(block: Block, callees: Mapping[str, CalleeTiming]) -> tuple[int, str | None]:
    """A number that divides the initiation interval of a pipelined block, and the call that asks for most of it."""
    steps = {
        op.target: callees[op.target].initiation_interval
        for op in block.ops
        if op.target is not None and op.target in callees
    }
    slowest = max(steps, key=lambda name: steps[name], default=None)
    return lcm(*steps.values()), slowest


def _schedule_block(
    function: Function,
    block: Block,
    loop: Loop | None,
    clock_period_ps: int,
    callees: Mapping[str, CalleeTiming],
    table: DelayTable,
) -> tuple[BlockSchedule, Problem, Solution]:
    interval = max(1, loop.pipeline.initiation_interval) if loop is not None and loop.pipeline is not None else None
    step, first_reason = 1, None
    bounds: Bounds | None = None
    if function.is_static:
        interval = function.initiation_interval
    wanted = interval
    if interval is not None:
        step, slowest = _interval_of_calls(block, callees)
        if interval % step:
            own = callees[slowest or ""].initiation_interval
            interval += step - interval % step
            first_reason = f"the call of {slowest} takes new operands every {own} cycles and needs II >= {interval}"
    while True:
        problem = build_problem(
            function,
            block,
            loop,
            clock_period_ps=clock_period_ps,
            initiation_interval=interval,
            callees=callees,
            table=table,
        )
        outcome = solve(problem)
        if interval is not None and bounds is None:
            bounds = bounds_of(problem)
        if isinstance(outcome, Solution):
            break
        assert isinstance(outcome, Infeasible)
        assert interval is not None, f"{problem.name}: a block without a pipeline always has a schedule"
        first_reason = first_reason or outcome.reason
        assert bounds is not None
        interval = max(interval + 1, outcome.minimum or 0, bounds.minimum)
        interval += -interval % step
    if function.is_static:
        outcome = sink(problem, outcome, {op_key(op) for op in block.ops if op.opcode == "set"})
    elif loop is not None:
        outcome = shorten(problem, outcome)
    verify(problem, outcome)
    if first_reason is not None and "need II" not in first_reason and "needs II" not in first_reason:
        first_reason = f"{first_reason} needs II >= {interval}"
    nodes = {node.key: node for node in problem.nodes}
    start = {op.id: outcome.start_cycle[op_key(op)] for op in scheduled_ops(block)}
    inside = loop is not None or function.is_static
    phis = {phi.result.name: outcome.start_cycle[phi_key(phi.result.name)] for phi in block.phis} if inside else {}
    ready = dict(phis)
    for op in scheduled_ops(block):
        if op.result is not None:
            ready[op.result.name] = start[op.id] + nodes[op_key(op)].latency_cycles
    last = max([*start.values(), *ready.values(), 0])
    calls = [op for op in block.ops if op.opcode == "call" and op.target in callees]
    schedule = BlockSchedule(
        block=block,
        loop=loop,
        start_cycle=start,
        phi_cycle=phis,
        ready_cycle=ready,
        length_cycles=last + 1,
        initiation_interval=interval,
        ii_limited_by=first_reason if interval != wanted else None,
        longest_path_ps=outcome.longest_path_ps + table.setup,
        memory_port=block_ports(block, {memory.name: memory for memory in function.banks}, facts_of(block)),
        bounds=bounds,
        operand_cycles={op.id: operand_cycles(op, callees[op.target or ""]) for op in calls},
        latency_cycles={op.id: callees[op.target or ""].latency_cycles for op in calls},
    )
    if interval is not None and table.multiplier is DSP48E2:
        schedule = with_cell_registers(schedule)
    return schedule, problem, outcome


def _check_limits(function: Function, callees: Mapping[str, CalleeTiming]) -> None:
    """Refuse what would make calls meet inside an instance.

    Raises:
        ScheduleError: an instance that shares something inside is to be shared.
    """
    for name in sorted(shared_callees(function)):
        if name in callees and callees[name].shares:
            place = next(limit.location for limit in function.limits if limit.function == name)
            raise ScheduleError(
                "allocation_shared",
                f"pragma HLS allocation: limit of {name!r} is {limit_of(function, name)}, and {name!r} itself shares an operator "
                "or a memory port between its cycles",
                place,
                f"Take away the limit, or what {name!r} shares",
            )


def schedule_function(
    function: Function,
    *,
    clock_period_ps: int,
    callees: Mapping[str, CalleeTiming] | None = None,
    table: DelayTable | None = None,
    pack_int8: bool = False,
    may_take_longer: bool = False,
) -> FunctionSchedule:
    """Schedule `function` for a clock of `clock_period_ps`, with ports chosen for its memories.

    The schedule's function has operations of DSP cells where they make nothing slower. A static function has some only where it may take
    longer, and none that adds an input: that would take it earlier than its callers may have it. A function has none for a family whose
    multiplier does not add.

    Args:
        function: any function that is not a dataflow region.
        clock_period_ps: the clock.
        callees: timings of the static functions of the program.
        table: delays; by default those of UltraScale+ -2.
        pack_int8: see `choose_cells`.
        may_take_longer: whether more cycles of a static function cost its callers nothing but registers.

    Raises:
        ScheduleError: a limit on instances that cannot be met.
    """
    table = table or default_table()
    if not table.multiplier.adds or (function.is_static and not may_take_longer):
        return _schedule(function, clock_period_ps, callees or {}, table)
    return choose_cells(
        function,
        lambda candidate: _schedule(candidate, clock_period_ps, callees or {}, table),
        pack_int8=pack_int8 and not function.is_static,
        may_take_longer=may_take_longer,
    )


def _schedule(
    function: Function, clock_period_ps: int, callees: Mapping[str, CalleeTiming], table: DelayTable
) -> FunctionSchedule:
    function = choose_ports(function)
    _check_limits(function, callees)
    called = timings_in(function, callees, table.lut_level)
    if function.is_static:
        block = _static_block(function)
        schedule, problem, solution = _schedule_block(function, block, None, clock_period_ps, called, table)
        timing = timing_of_callee(function, problem, solution, schedule.initiation_interval or 1)
        return FunctionSchedule(
            function=function,
            blocks={block.name: schedule},
            clock_period_ps=clock_period_ps,
            callees=called,
            timing=timing,
            table=table,
        )
    pipelined = {loop.header: loop for loop in function.loops if loop.pipeline is not None}
    blocks = {
        block.name: _schedule_block(function, block, pipelined.get(block.name), clock_period_ps, called, table)[0]
        for block in function.blocks
    }
    return FunctionSchedule(
        function=function, blocks=blocks, clock_period_ps=clock_period_ps, callees=called, table=table
    )


def schedule_program(
    program: Program, *, clock_period_ps: int, table: DelayTable | None = None, pack_int8: bool = False
) -> dict[str, FunctionSchedule]:
    """Schedule all functions of `program` that are no dataflow regions, by name; each function once, callees first."""
    done: dict[str, FunctionSchedule] = {}
    timings: dict[str, CalleeTiming] = {}
    functions = {function.name: function for function in program.functions}
    patient = patient_functions(program)

    def visit(function: Function) -> None:
        if function.name in done or function.is_dataflow:
            return
        targets = dict.fromkeys(op.target for b in function.blocks for op in b.ops if op.opcode == "call" and op.target)
        for target in targets:
            visit(functions[target])
        done[function.name] = schedule_function(
            function,
            clock_period_ps=clock_period_ps,
            callees=timings,
            table=table,
            pack_int8=pack_int8,
            may_take_longer=function.name in patient,
        )
        timing = done[function.name].timing
        if timing is not None:
            timings[function.name] = timing

    for function in program.functions:
        visit(function)
    return {name: done[name] for name in functions if name in done}
