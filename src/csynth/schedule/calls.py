"""Calls of static functions as nodes of their caller's scheduling problem: when they take operands and give results."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

from csynth.ir.model import Block, Function, Op, PortKind
from csynth.schedule.problem import Problem, Solution


@dataclass(frozen=True, slots=True, kw_only=True)
class CalleeTiming:
    """What a caller must know of a scheduled static function.

    Attributes:
        latency_cycles: from the cycle of a call to the cycle in which its result can be used; 0 = combinational.
        initiation_interval: cycles between two calls of one instance.
        taken_cycles: for each scalar input, the cycle after that of the call in which its value is taken.
        port_cycles: the same at the ports of the module; later, when an instance that several calls share delays it.
        delays_ps: for each scalar input, from there to a register or an output.
        output_ps: from the clock edge to the outputs when latency_cycles > 0.
        shares: whether calls that are closer than initiation_interval would meet inside the module.
    """

    latency_cycles: int
    initiation_interval: int
    taken_cycles: tuple[int, ...]
    port_cycles: tuple[int, ...]
    delays_ps: tuple[int, ...]
    output_ps: int
    shares: bool = False

    def at_entry(self, delay_ps: int) -> CalleeTiming:
        """The same module behind a multiplexer of `delay_ps`, all of whose operands are taken in the cycle of the call."""
        delays = (delay_ps + (0 if late else own) for own, late in zip(self.delays_ps, self.taken_cycles, strict=True))
        return replace(self, taken_cycles=(0,) * len(self.taken_cycles), delays_ps=tuple(delays))


def limit_of(function: Function, callee: str | None) -> int | None:
    """How many instances of `callee` this function may have; None = any number."""
    return next((limit.count for limit in function.limits if limit.function == callee), None)


def pipelined_blocks(function: Function) -> list[Block]:
    """Blocks in which calls of several iterations overlap."""
    headers = {loop.header for loop in function.loops if loop.pipeline is not None}
    return [block for block in function.blocks if function.is_static or block.name in headers]


def shared_callees(function: Function) -> frozenset[str]:
    """Static functions of which calls of one pipelined block must share an instance."""
    found: set[str] = set()
    for block in pipelined_blocks(function):
        counts = Counter(op.target for op in block.ops if op.opcode == "call" and op.target)
        found |= {limit.function for limit in function.limits if counts[limit.function] > limit.count}
    return frozenset(found)


def timing_of_callee(
    function: Function, problem: Problem, solution: Solution, initiation_interval: int
) -> CalleeTiming:
    """The timing of static `function` from the schedule of its block, in which inputs are nodes `phi <value>`."""
    start = solution.start_cycle
    nodes = {node.key: node for node in problem.nodes}
    latency = max((start[key] + node.latency_cycles for key, node in nodes.items()), default=0)
    tails = _tails(problem, start)
    arrival = _arrivals(problem, start)
    (block,) = function.blocks
    values = {op.target: op.result.name for op in block.ops if op.opcode == "scalar" and op.result is not None}
    inputs = [
        f"phi {values[p.name]}" if p.name in values else "" for p in function.ports if p.kind is PortKind.SCALAR_IN
    ]
    sets = [f"op{op.id}" for op in block.ops if op.opcode == "set"]
    users = Counter(node.resource for node in problem.nodes if node.resource is not None)
    taken = tuple(start[key] if key else 0 for key in inputs)
    return CalleeTiming(
        latency_cycles=latency,
        initiation_interval=initiation_interval,
        taken_cycles=taken,
        port_cycles=taken,
        delays_ps=tuple(tails[key] if key else 0 for key in inputs),
        output_ps=max((arrival[key] for key in sets), default=problem.clock_to_q_ps),
        shares=any(count > problem.capacities.get(resource, 1) for resource, count in users.items()),
    )


def _tails(problem: Problem, start: dict[str, int]) -> dict[str, int]:
    """For each node the longest path from its inputs to the end of its cycle."""
    nodes = {node.key: node for node in problem.nodes}
    after = _chained(problem)
    tails: dict[str, int] = {}
    for node in reversed(problem.nodes):
        rest = 0
        if node.latency_cycles == 0:
            rest = max((tails[k] for k in after[node.key] if start[k] == start[node.key]), default=0)
        tails[node.key] = nodes[node.key].delay_ps + rest
    return tails


def _arrivals(problem: Problem, start: dict[str, int]) -> dict[str, int]:
    """For each node when its result, or its first register's input, is there, after the clock edge of its cycle."""
    nodes = {node.key: node for node in problem.nodes}
    at = dict.fromkeys(nodes, problem.clock_to_q_ps)
    after = _chained(problem)
    for node in problem.nodes:
        at[node.key] += node.delay_ps
        for key in after[node.key]:
            if start[key] == start[node.key] + node.latency_cycles:
                at[key] = max(at[key], node.output_ps if node.latency_cycles else at[node.key])
    return at


def _chained(problem: Problem) -> dict[str, list[str]]:
    after: dict[str, list[str]] = {node.key: [] for node in problem.nodes}
    for edge in problem.edges:
        if edge.chained and not edge.distance:
            after[edge.source].append(edge.sink)
    return after


def sink(problem: Problem, solution: Solution, outputs: set[str]) -> Solution:
    """Let a static function give all `outputs` in its last cycle, and take its inputs as late as the logic before them allows.

    An accumulator that passes through a module is then taken in the cycle in which it is added, whatever comes before.
    """
    start = dict(solution.start_cycle)
    nodes = {node.key: node for node in problem.nodes}
    last = max((start[key] + node.latency_cycles for key, node in nodes.items()), default=0)
    for key in outputs:
        start[key] = last
    before: dict[str, list[str]] = {key: [] for key in nodes}
    tied = set[str]()
    for edge in problem.edges:
        if edge.chained:
            before[edge.sink].append(edge.source)
        else:
            tied |= {edge.source, edge.sink}
    movable = set[str]()
    for node in problem.nodes:
        plain = (
            not node.latency_cycles and node.resource is None and node.alignment == 1 and node.key not in tied | outputs
        )
        if plain and (node.key.startswith("phi ") or (before[node.key] and movable.issuperset(before[node.key]))):
            movable.add(node.key)
    after = _chained(problem)
    tails: dict[str, int] = {}
    for node in reversed(problem.nodes):
        key = node.key

        def tail(cycle: int, key: str = key) -> int:
            rest = [tails[k] for k in after[key] if start[k] == cycle] if not nodes[key].latency_cycles else []
            return nodes[key].delay_ps + max(rest, default=0)

        if key in movable and after[key]:
            latest = min(start[k] for k in after[key])
            fits = (c for c in range(latest, start[key], -1) if problem.clock_to_q_ps + tail(c) <= problem.budget_ps)
            start[key] = latest if key.startswith("phi ") else next(fits, start[key])
        tails[key] = tail(start[key])
    return Solution(start_cycle=start, longest_path_ps=max(_arrivals(problem, start).values(), default=0))


def operand_cycles(op: Op, timing: CalleeTiming | None) -> tuple[int, ...]:
    """For each operand of `op`, and its predicate if it has one, the cycle after that of the op in which it is used."""
    taken = timing.taken_cycles if timing is not None else (0,) * len(op.operands)
    return taken if op.predicate is None else (*taken, 0)


def timings_in(function: Function, callees: Mapping[str, CalleeTiming], mux_ps: int) -> dict[str, CalleeTiming]:
    """The timings of the static functions that `function` calls, as its own calls see them."""
    shared = shared_callees(function)
    pipelined = {block.name for block in pipelined_blocks(function)}
    calls = Counter(
        op.target
        for b in function.blocks
        if b.name not in pipelined
        for op in b.ops
        if op.opcode == "call" and op.target
    )
    found: dict[str, CalleeTiming] = {}
    for name, timing in callees.items():
        if name in shared:
            found[name] = timing.at_entry(mux_ps)
        elif calls[name] > 1 or (calls[name] and limit_of(function, name) is not None):
            found[name] = replace(timing, delays_ps=tuple(delay + mux_ps for delay in timing.delays_ps))
        else:
            found[name] = timing
    return found
