"""The canonical form of a dataflow region: calls only, and one producer and one consumer for each variable.

Reference: UG1399, "Canonical Forms" and "Limitations of Control-Driven Task-Level Parallelism".
"""

from __future__ import annotations

from dataclasses import dataclass, field

from csynth.errors import UnsupportedError
from csynth.frontend.llvm_loops import innermost, natural_loops
from csynth.frontend.llvm_text import LlvmFunction
from csynth.frontend.locations import Locations
from csynth.ir.model import Channel, Location


@dataclass(slots=True)
class Uses:
    """Which processes write and read each channel, in program order."""

    function: str
    writers: dict[str, list[str]] = field(default_factory=dict)
    readers: dict[str, list[str]] = field(default_factory=dict)
    places: dict[tuple[str, str], Location | None] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)

    def add(self, channel: str, process: str, *, writes: bool, location: Location | None, reads: bool = False) -> None:
        """Note that `process` is an end of `channel`; a writer of an array may read back what it wrote."""
        del reads
        (self.writers if writes else self.readers).setdefault(channel, []).append(process)
        self.places[channel, process] = location
        if process not in self.order:
            self.order.append(process)


def check_shape(
    name: str, function: LlvmFunction, callees: set[str], locations: Locations, location: Location | None
) -> None:
    """Check that the body is one block of straight code.

    Raises:
        UnsupportedError: a call in a loop or under a condition.
    """
    if len(function.blocks) == 1:
        return
    loops = natural_loops(function)
    for block in function.blocks.values():
        for i in block.instructions:
            if i.opcode == "call" and i.callee in callees:
                place = locations.of(i.metadata.get("dbg")) or location
                if innermost(loops, block.name) is not None:
                    raise UnsupportedError(
                        "dataflow-loop",
                        f"the dataflow function {name!r} calls a process in a loop; a process is one instance that runs once a call",
                        place,
                        "Unroll the loop with #pragma HLS unroll, or put #pragma HLS dataflow into the loop's body",
                    )
    raise UnsupportedError(
        "dataflow-condition",
        f"the dataflow function {name!r} has branches; a process that does not run would leave its channels without an end",
        location,
        "Call every process always, and decide inside it",
    )


def check_form(uses: Uses, channels: dict[str, Channel], location: Location | None) -> None:
    """Check that each channel has one writer and one reader, the writer first.

    Raises:
        UnsupportedError: it has not.
    """
    for name, channel in channels.items():
        writers, readers = uses.writers.get(name, []), uses.readers.get(name, [])
        what = {"fifo": "stream", "pipo": "array", "scalar": "variable"}[channel.kind]

        def refuse(code: str, reason: str, remedy: str, name: str = name, what: str = what) -> UnsupportedError:
            who = [*uses.writers.get(name, []), *uses.readers.get(name, [])][-1]
            text = f"the {what} {name!r} of the dataflow function {uses.function!r} {reason}"
            return UnsupportedError(code, text, uses.places.get((name, who)) or location, remedy)

        if len(writers) > 1:
            raise refuse(
                "dataflow-producers",
                f"is written by {len(writers)} processes ({', '.join(writers)}); the order of their writes would depend on their speed",
                f"Use one {what} for each of them",
            )
        if len(readers) > 1:
            raise refuse(
                "dataflow-consumers",
                f"is read by {len(readers)} processes ({', '.join(readers)}); what one of them has taken is gone for the others",
                f"Write a copy for each reader into a {what} of its own",
            )
        if not writers or not readers:
            missing = "write" if not writers else "read"
            have = (readers or writers)[0]
            raise refuse(
                "dataflow-end",
                f"is used by {have!r} only; no process {missing}s it",
                f"Let another process {missing} it, or declare it inside {have!r}",
            )
        if uses.order.index(readers[0]) < uses.order.index(writers[0]) and not (
            channel.kind == "fifo" and channel.depth_from == "source"
        ):
            raise refuse(
                "dataflow-feedback",
                f"goes back from {writers[0]!r} to the earlier process {readers[0]!r}; processes run in parallel only along their order",
                "Move the calls into the order of the data"
                + (", or declare the feedback by giving the stream a depth" if what == "stream" else ""),
            )
