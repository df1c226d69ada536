"""`#pragma HLS stream variable=<array> type=fifo`: an array between two processes whose accesses are in order becomes a FIFO."""

from __future__ import annotations

from dataclasses import replace

from csynth.errors import UnsupportedError
from csynth.ir.model import Block, Channel, Function, Location, Op, Port, PortKind, Process, Program
from csynth.ir.trace import NoTraceError, trace

TRACE_LIMIT = 200_000


def arrays_to_fifos(program: Program, wishes: dict[str, dict[str, Location]]) -> Program:
    """Turn the arrays named in `wishes` (channels by region) into FIFOs.

    Raises:
        UnsupportedError: the accesses of one end are not provably in order.
    """
    functions = {function.name: function for function in program.functions}
    turned: set[tuple[str, str]] = set()
    for region, channels in wishes.items():
        for name, location in channels.items():
            ends = _ends(functions[region], name)
            orders = [_order(functions[process.function], port, name, location) for process, port in ends]
            if orders[0] != orders[1]:
                raise _refusal(
                    name,
                    f"{ends[1][0].name!r} does not read the elements in the order in which they are written",
                    location,
                )
            for process, port in ends:
                if (process.function, port) not in turned:
                    functions[process.function] = _turn(functions[process.function], port)
                    turned.add((process.function, port))
            functions[region] = _turn_channel(functions[region], name)
    program = replace(program, functions=tuple(functions[f.name] for f in program.functions))
    for function in program.functions:
        for process in function.processes:
            for binding in process.bindings:
                channel = next((c for c in function.channels if c.name == binding.actual), None)
                if channel is not None and channel.kind == "pipo" and (process.function, binding.formal) in turned:
                    raise UnsupportedError(
                        "stream-array",
                        f"the function {process.function!r} has {binding.formal!r} as a FIFO in one call and as a buffer in another",
                        process.location,
                        "Give both arrays the same stream pragma",
                    )
    return program


def _refusal(name: str, why: str, location: Location) -> UnsupportedError:
    return UnsupportedError(
        "stream-array",
        f"pragma HLS stream: type is 'fifo' for the array {name!r}, but its accesses are not provably in order: {why}",
        location,
        "Access the elements in one order, each once and without a condition, or use type=pipo",
    )


def _ends(region: Function, channel: str) -> list[tuple[Process, str]]:
    """The processes at a channel with the names of their ports; the writer comes first in program order."""
    return [(p, b.formal) for p in region.processes for b in p.bindings if b.actual == channel]


def _order(function: Function, port: str, name: str, location: Location) -> list[int]:
    """Indices of the elements in the order in which `function` accesses them."""
    target = next(p for p in function.ports if p.name == port)
    if target.reads and target.writes:
        raise _refusal(name, f"{function.name!r} both reads and writes it", location)
    if not function.blocks:
        raise _refusal(name, f"{function.name!r} is a dataflow region", location)
    found: list[int] = []
    try:
        for visit in trace(
            function, lambda op: op.opcode in ("load", "store") and op.target == port, limit=TRACE_LIMIT
        ):
            for _, index in visit.acts:
                if index is None:
                    raise _refusal(name, f"an index in {function.name!r} depends on data", location)
                found.append(0 if target.depth == 1 else index)
    except NoTraceError as reason:
        raise _refusal(name, f"in {function.name!r} {reason}", location) from reason
    if len(set(found)) != len(found):
        raise _refusal(name, f"{function.name!r} accesses an element twice", location)
    return found


def _turn(function: Function, port: str) -> Function:
    """Make stream accesses of the loads or stores of one memory port."""

    def op(old: Op) -> Op:
        if old.target != port or old.opcode not in ("load", "store"):
            return old
        return replace(old, opcode="read" if old.opcode == "load" else "write", operands=old.operands[1:])

    def outer(old: Port) -> Port:
        if old.name != port:
            return old
        kind = PortKind.STREAM_OUT if old.writes else PortKind.STREAM_IN
        return replace(old, kind=kind, depth=0, reads=False, writes=False)

    blocks: tuple[Block, ...] = tuple(replace(b, ops=tuple(op(o) for o in b.ops)) for b in function.blocks)
    touched = {o.id for b in blocks for o in b.ops if o.target == port}
    loops = tuple(
        replace(
            loop, dependences=tuple(d for d in loop.dependences if d.source not in touched and d.sink not in touched)
        )
        for loop in function.loops
    )
    return replace(function, blocks=blocks, loops=loops, ports=tuple(outer(p) for p in function.ports))


def _turn_channel(region: Function, name: str) -> Function:
    def channel(old: Channel) -> Channel:
        return replace(old, kind="fifo", words=0) if old.name == name else old

    return replace(region, channels=tuple(channel(c) for c in region.channels))
