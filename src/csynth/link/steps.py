"""What a scheduled process does to its channels, step by step, as far as that does not depend on data."""

from __future__ import annotations

from dataclasses import dataclass

from csynth.ir.model import Function, Op, Process
from csynth.ir.trace import NoTraceError, trace
from csynth.schedule.function import FunctionSchedule

_STREAM_OPS = frozenset({"read", "write", "read_nb", "write_nb", "empty", "full"})
_MAXIMUM_VISITS = 40_000


@dataclass(frozen=True, slots=True)
class Step:
    """What happens in one cycle, all or nothing: channels that are read and written once each; `cycle` when nothing stalls."""

    cycle: int
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    drained: tuple[str, ...] = ()  # channels whose output register must be empty


def steps_of(process: Process, function: Function, schedule: FunctionSchedule | None) -> list[Step]:
    """The steps of one run of `process`, iteration by iteration; accesses of what is bound to no name in `process` stay out.

    Raises:
        NoTraceError: they depend on data, on the fill of a stream, or on a function that is called.
    """
    if schedule is None or not function.blocks:
        raise NoTraceError("it is a dataflow region")
    channel = {b.formal: b.actual for b in process.bindings if isinstance(b.actual, str)}

    def interest(op: Op) -> bool:
        return op.opcode in _STREAM_OPS or op.opcode == "call"

    found: list[Step] = []
    base, iteration, last = 0, 0, ""
    for visit in trace(function, interest, limit=_MAXIMUM_VISITS):
        block = schedule.blocks[visit.block]
        interval = block.initiation_interval
        if interval is not None and last == visit.block:
            iteration += 1
        elif last:
            previous = schedule.blocks[last]
            base += iteration * (previous.initiation_interval or 0) + previous.length_cycles
            base += previous.initiation_interval is not None  # a pipeline ends in a cycle of its own
            iteration = 0
        last = visit.block
        cycles: dict[int, list[tuple[str, str]]] = {}
        for op, _ in visit.acts:
            if op.opcode not in ("read", "write"):
                raise NoTraceError(f"it uses {op.opcode}")
            cycles.setdefault(block.start_cycle[op.id], []).append((op.opcode, channel[op.target or ""]))
        for cycle in sorted(cycles):
            found.append(
                Step(
                    base + iteration * (interval or 0) + cycle,
                    tuple(name for code, name in cycles[cycle] if code == "read"),
                    tuple(name for code, name in cycles[cycle] if code == "write"),
                )
            )
    return found
