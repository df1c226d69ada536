"""Say in words what limits the interval of the pipelined loops of a report."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from csynth.report.model import LoopReport, OperationReport, SynthesisReport


def explain(report: SynthesisReport, loop: str | None = None) -> str:
    """The text for one loop, or for all pipelined loops.

    Raises:
        ValueError: there is no pipelined loop of that name.
    """
    pipelined = [item for item in report.loops if item.pipelined]
    chosen = [item for item in pipelined if loop is None or item.name == loop]
    if loop is not None and not chosen:
        names = ", ".join(item.name for item in pipelined) or "nothing: no loop is pipelined"
        raise ValueError(f"{report.top}: loop is {loop!r}; must be one of {names}. Name a pipelined loop.")
    if not chosen:
        return f"{report.top}: no loop is pipelined."
    return "\n".join(line for item in chosen for line in _loop(item))


def _loop(loop: LoopReport) -> Iterator[str]:
    place = f" ({Path(loop.file).name}:{loop.line})" if loop.line else ""
    wanted = "as wanted" if loop.ii == loop.ii_target else f"wanted {loop.ii_target}"
    yield f"{loop.function}: loop {loop.name}{place}: II={loop.ii}, {wanted}"
    bounds = loop.bounds
    if bounds is None:
        return
    iterations = "iteration" if bounds.recurrence_distance == 1 else f"{bounds.recurrence_distance} iterations"
    yield f"  RecMII {bounds.recurrence_ii}" + (
        f": {bounds.recurrence_cycles} cycles in each {iterations}" if bounds.recurrence else ""
    )
    yield from map(_operation, bounds.recurrence)
    yield f"  ResMII {bounds.resource_ii}" + (f": {bounds.resource}" if bounds.resource else "")
    yield from map(_operation, bounds.resource_users)
    yield f"  exit condition: II {bounds.exit_ii}" + (" or more" if bounds.exit_path else "")
    yield from map(_operation, bounds.exit_path)
    for note in loop.notes:
        yield f"  note: {note}"
    if bounds.remedy:
        yield f"  remedy: {bounds.remedy}"


def _operation(operation: OperationReport) -> str:
    place = f"{Path(operation.file).name}:{operation.line}" if operation.line else "?"
    cycles = f", {operation.latency_cycles} cycles" if operation.latency_cycles > 1 else ", 1 cycle"
    time = f"{operation.delay_ps / 1000:.2f} ns" + (cycles if operation.latency_cycles else "")
    return f"    {place}  {operation.label} ({time})"
