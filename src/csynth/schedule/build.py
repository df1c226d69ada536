"""Make the scheduling problem of one block."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from heapq import merge

from csynth.ir.model import Block, Branch, Const, Function, Loop, Memory, Op, Operand, Port, Ref
from csynth.schedule.calls import CalleeTiming, limit_of, operand_cycles
from csynth.schedule.delay_tables import DelayTable, default_table
from csynth.schedule.delays import Timing, budget_ps, timing_of
from csynth.schedule.exclusive import are_exclusive
from csynth.schedule.ports import Facts, block_ports, facts_of, port_name
from csynth.schedule.problem import Edge, Node, Problem

STREAM_READS = frozenset({"read", "read_nb"})
STREAM_WRITES = frozenset({"write", "write_nb"})
STREAM_OPS = STREAM_READS | STREAM_WRITES
STATUS_OPS = frozenset({"empty", "full"})
SIDE_EFFECTS = STREAM_OPS | STATUS_OPS | {"store", "set", "call"}


def op_key(op: Op) -> str:
    """Key of an operation's node."""
    return f"op{op.id}"


def phi_key(name: str) -> str:
    """Key of a phi's node."""
    return f"phi {name}"


def uses_of(op: Op) -> tuple[Operand, ...]:
    """Operands of `op`, its predicate included."""
    return op.operands if op.predicate is None else (*op.operands, op.predicate)


def _label(op: Op, arrays: dict[str, str]) -> str:
    what = op.opcode
    if op.opcode in ("load", "store"):
        what = f"{op.opcode} {arrays.get(op.target or '', op.target)}"
    elif op.target:
        what = f"{op.opcode} {op.target}"
    return f"{what} (line {op.location.line})" if op.location and op.location.line else what


def _limited(limit: int, callee: str) -> str:
    """The resource that calls of a function with an allocation limit share."""
    return f"the {limit} instances of {callee}" if limit > 1 else f"the one instance of {callee}"


def _call_timing(callee: CalleeTiming) -> Timing:
    early = [d for d, taken in zip(callee.delays_ps, callee.taken_cycles, strict=True) if taken == 0]
    return Timing(max(early, default=0), callee.latency_cycles, callee.output_ps)


def _call_parts(op: Op, callee: CalleeTiming, label: str) -> tuple[dict[int, str], list[Node], list[Edge]]:
    """Nodes for the operands that a call takes in later cycles, by that cycle, and the edges that tie them to the call."""
    tied: dict[int, str] = {}
    nodes: list[Node] = []
    edges: list[Edge] = []
    used = {c for c, operand in zip(callee.taken_cycles, op.operands, strict=True) if not isinstance(operand, Const)}
    for cycle in sorted(used - {0}):
        key = f"{op_key(op)} cycle {cycle}"
        tied[cycle] = key
        delays = [d for d, taken in zip(callee.delays_ps, callee.taken_cycles, strict=True) if taken == cycle]
        nodes.append(Node(key=key, delay_ps=max(delays), label=label))
        edges.append(Edge(source=op_key(op), sink=key, latency_cycles=cycle))
        edges.append(Edge(source=key, sink=op_key(op), latency_cycles=-cycle))
    return tied, nodes, edges


def _resource(op: Op, function: Function, memories: Mapping[str, Memory], ports: Mapping[int, int]) -> str | None:
    if op.opcode == "call" and (limit := limit_of(function, op.target)) is not None:
        return _limited(limit, op.target or "")
    if op.opcode in STREAM_OPS:
        return f"port {op.target}"
    if op.opcode == "set":
        return f"output {op.target}"
    if op.id in ports:
        return port_name(memories[op.target or ""], ports[op.id])
    return None


def _same_iteration_latency(first: Op, second: Op, *, exclusive: bool) -> int | None:
    """Cycles by which `second` must follow `first` of one block when both touch one target; None = no order."""
    codes = (first.opcode, second.opcode)
    if first.opcode in STREAM_OPS and second.opcode in STREAM_OPS:
        return 0 if exclusive else 1
    if codes[0] in STREAM_OPS and codes[1] in STATUS_OPS:
        return 1
    if codes[0] in STATUS_OPS and codes[1] in STREAM_OPS:
        return 0
    if codes == ("set", "set") or codes == ("store", "store"):
        return 0 if exclusive else 1
    if codes == ("store", "load"):
        return 1
    if codes == ("load", "store"):
        return 0
    return None


def dependence_latency(source: Op, sink: Op) -> int:
    """Cycles by which the sink of an explicit dependence must follow its source."""
    if source.opcode == "store":
        return 0 if sink.opcode == "write" else 1
    if source.opcode in STREAM_WRITES and sink.opcode in STREAM_READS | STATUS_OPS:
        return 1
    return 1 if source.target == sink.target and source.opcode != "load" else 0


def _collision_latency(source: Op, sink: Op, memories: Mapping[str, Memory]) -> int:
    """1 for a load and a store of one word of an UltraRAM: which word a read returns then depends on the port (UG573)."""
    memory = memories.get(source.target or "")
    return int(memory is not None and memory.storage == "uram" and (source.opcode, sink.opcode) == ("load", "store"))


_MAXI_ORDER = {("AR", "R"), ("AW", "B"), ("W", "B")}
_AFTER_ANSWER = {("B", "AR"), ("B", "AW"), ("R", "AW")}  # what follows in the source may depend on it through memory


def _follows_request(first: Op, second: Op, ports: dict[str, Port]) -> bool:
    """Whether `second` answers the memory request that `first` makes."""
    return _same_memory(first, second, ports) in _MAXI_ORDER


def _same_memory(first: Op, second: Op, ports: dict[str, Port]) -> tuple[str | None, str | None] | None:
    """Roles of two operations' ports when both belong to one memory port."""
    one, two = ports.get(first.target or ""), ports.get(second.target or "")
    if one is None or two is None or one.maxi is None or one.maxi != two.maxi:
        return None
    return one.role, two.role


def _pairs_to_order(effects: list[Op]) -> Iterator[tuple[Op, Op]]:
    """Pairs of effects, in program order, without those of memories with effects elsewhere: only calls are ordered with these."""
    of_target: dict[str | None, list[int]] = {}
    of_ports: list[int] = []
    for at, op in enumerate(effects):
        if op.opcode in ("load", "store"):
            of_target.setdefault(op.target, []).append(at)
        else:
            of_ports.append(at)
    for at, first in enumerate(effects):
        is_memory = first.opcode in ("load", "store")
        later = merge(of_target[first.target], of_ports) if is_memory else range(at + 1, len(effects))
        for other in later:
            second = effects[other]
            if other > at and (not is_memory or second.opcode == "call" or second.target == first.target):
                yield first, second


def _order_edges(
    ops: list[Op],
    function: Function,
    facts: Facts,
    static: Mapping[str, CalleeTiming],
    *,
    pipelined: bool,
) -> list[Edge]:
    edges: list[Edge] = []
    ports = {port.name: port for port in function.ports}
    memories = {memory.name: memory for memory in function.banks}
    effects = [op for op in ops if (op.opcode in SIDE_EFFECTS and op.target not in static) or op.opcode == "load"]
    for first, second in _pairs_to_order(effects):
        latency: int | None = None
        if "call" in (first.opcode, second.opcode):
            latency = 1
        elif first.target == second.target:
            if not (pipelined and first.opcode in ("load", "store")):
                exclusive = are_exclusive(facts[first.id], facts[second.id])
                latency = _same_iteration_latency(first, second, exclusive=exclusive)
                if latency is not None:
                    latency = max(latency, _collision_latency(first, second, memories))
            if pipelined and first.opcode in STREAM_OPS | STATUS_OPS:
                edges.append(Edge(source=op_key(second), sink=op_key(first), latency_cycles=1, distance=1))
        elif first.opcode in STREAM_WRITES and second.opcode in STREAM_READS | STATUS_OPS:
            latency = 1 if not pipelined or _follows_request(first, second, ports) else None
        elif first.opcode in STREAM_READS and second.opcode in STREAM_WRITES and not pipelined:
            latency = 1 if _same_memory(first, second, ports) in _AFTER_ANSWER else None
        if latency is not None:
            edges.append(Edge(source=op_key(first), sink=op_key(second), latency_cycles=latency))
    return edges


def scheduled_ops(block: Block) -> list[Op]:
    """Operations that take a place in time: scalar inputs are stable and do not."""
    return [op for op in block.ops if op.opcode != "scalar"]


def build_problem(
    function: Function,
    block: Block,
    loop: Loop | None,
    *,
    clock_period_ps: int,
    initiation_interval: int | None = None,
    callees: Mapping[str, CalleeTiming] | None = None,
    table: DelayTable | None = None,
) -> Problem:
    """The scheduling problem of `block`.

    Args:
        function: the function that has the block.
        block: a block; that of a static function has its inputs as phis without operands.
        loop: its pipelined loop, if it is one.
        clock_period_ps: the clock.
        initiation_interval: None for a block that is not pipelined.
        callees: timings of the static functions, as calls of `function` see them.
        table: delays; by default those of UltraScale+ -2.
    """
    table = table or default_table()
    pipelined = loop is not None or function.is_static
    callees = callees or {}
    memories = {memory.name: memory for memory in function.banks}
    arrays = {memory.name: memory.array for memory in function.banks}
    ops = scheduled_ops(block)
    facts = facts_of(block)
    ports = block_ports(block, memories, facts)
    resources = {op.id: _resource(op, function, memories, ports) for op in ops}
    keys = {op.result.name: op_key(op) for op in ops if op.result is not None}
    nodes: list[Node] = []
    edges: list[Edge] = []
    if pipelined:
        for phi in block.phis:
            keys[phi.result.name] = phi_key(phi.result.name)
            nodes.append(
                Node(key=phi_key(phi.result.name), delay_ps=0, width_bits=phi.result.width_bits, label=phi.result.name)
            )
    sharers: dict[str, list[Op]] = {}
    for op in ops:
        if (resource := resources[op.id]) is not None and op.predicate is not None:
            sharers.setdefault(resource, []).append(op)
    results: dict[str, list[str]] = {name: [key] for name, key in keys.items()}
    for op in ops:
        callee = callees.get(op.target or "") if op.opcode == "call" else None
        cycles = operand_cycles(op, callee)
        if callee is not None:
            tied, late_nodes, late_edges = _call_parts(op, callee, _label(op, arrays))
            nodes += late_nodes
            edges += late_edges
            if op.result is not None and callee.latency_cycles in tied:
                results[op.result.name].append(tied[callee.latency_cycles])
        else:
            tied = {}
        timing = timing_of(op, memories.get(op.target or ""), table) if callee is None else _call_timing(callee)
        if function.is_static and op.opcode == "set":
            timing = Timing(0)
        resource = resources[op.id]
        others = sharers.get(resource, []) if resource else []
        alternatives = frozenset(
            op_key(other) for other in others if other is not op and are_exclusive(facts[op.id], facts[other.id])
        )
        nodes.append(
            Node(
                key=op_key(op),
                delay_ps=timing.delay_ps,
                latency_cycles=timing.latency_cycles,
                output_ps=timing.output_ps or table.clock_to_q,
                resource=resource,
                alignment=callee.initiation_interval if callee is not None and resource is not None else 1,
                alternatives=alternatives,
                width_bits=op.result.width_bits if op.result is not None else 0,
                pinned=op.opcode in SIDE_EFFECTS or op.opcode == "load",
                label=_label(op, arrays),
            )
        )
        for operand, cycle in zip(uses_of(op), cycles, strict=True):
            if isinstance(operand, Ref):
                for key in results.get(operand.name, ()):
                    edges.append(Edge(source=key, sink=tied.get(cycle, op_key(op)), chained=True))
    if loop is not None:
        for phi in block.phis:
            carried = dict(phi.incoming)[block.name]
            if isinstance(carried, Ref) and carried.name in keys:
                edges.append(Edge(source=keys[carried.name], sink=keys[phi.result.name], distance=1, chained=True))
        by_id = {op.id: op for op in ops}
        for dependence in loop.dependences if loop else ():
            source, sink = by_id[dependence.source], by_id[dependence.sink]
            edges.append(
                Edge(
                    source=op_key(source),
                    sink=op_key(sink),
                    latency_cycles=max(dependence_latency(source, sink), _collision_latency(source, sink, memories)),
                    distance=dependence.distance,
                )
            )
    edges.extend(_order_edges(ops, function, facts, callees, pipelined=pipelined))
    condition = block.terminator.condition if isinstance(block.terminator, Branch) else None
    exit_node = keys.get(condition.name) if pipelined and isinstance(condition, Ref) else None
    return Problem(
        name=f"{function.name}/{block.name}",
        nodes=tuple(nodes),
        edges=tuple(dict.fromkeys(edges)),
        budget_ps=budget_ps(clock_period_ps, table),
        clock_to_q_ps=table.clock_to_q,
        initiation_interval=initiation_interval,
        exit_node=exit_node,
        capacities={
            r: limit.count
            for limit in function.limits
            if limit.count > 1
            for r in [_limited(limit.count, limit.function)]
        },
    )
