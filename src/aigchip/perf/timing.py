"""What the performance model takes from the C-synthesis reports of a design's modules."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from aigchip.core.errors import AigchipError


class PerfError(AigchipError):
    """Figures from which no latency can be computed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DesignTiming:
    """Timing of the modules of a design [cycles].

    Attributes:
        tap_cycles, row_cycles: in which ctrl sends an entry of the table of taps, and more for each row of taps.
        request_cycles: from a command at a load to its request at the port, and from a word at the port to the FIFO.
        command_cycles: from a command at a buffer to its first iteration.
        fill_depth: from a word out of a load to the next command of the buffer that it fills.
        array_depth: from a command at a buffer to the first result, without the cycles of a sub-tile.
        output_depth: from an accumulator in buffer C to a word at the port of store_c.
        store_depth: from the last answer of the memory to the end of store_c.
    """

    tap_cycles: int = 3
    row_cycles: int = 4
    request_cycles: int = 6
    command_cycles: int = 1
    fill_depth: int = 2
    array_depth: int = 16
    output_depth: int = 20
    store_depth: int = 6


#: Cycles in buffer B's queue and in the FIFOs before interconnect, array and buffer C.
HOPS = 4

#: Modules whose data must pass once a cycle: those with a loop that the model counts on.
PIPELINED = (
    "load_a",
    "load_b",
    "arbiter_a",
    "arbiter_b",
    "buffer_a",
    "buffer_b",
    "interconnect",
    "pe_array",
    "buffer_c",
    "post",
    "store_c",
)


class LoopLike(Protocol):
    """The part of a loop in a synthesis report that is used here; `csynth.report.model.LoopReport` has it."""

    @property
    def line(self) -> int:
        """Line of the loop in its source."""
        ...

    @property
    def depth(self) -> int | None:
        """Cycles of one iteration."""
        ...

    @property
    def pipelined(self) -> bool:
        """Whether iterations overlap."""
        ...


def design_timing(loops: Mapping[str, Iterable[LoopLike]]) -> DesignTiming:
    """Collect the timing of a design from the loops in its modules' reports.

    Args:
        loops: the loops of each instance's own function, by instance (`ctrl`, `load_a`, ...).

    Raises:
        PerfError: a module has no pipelined loop, or one that does not take an iteration a cycle.
    """
    depths: dict[str, int] = {}
    for instance in PIPELINED:
        pipelined = [loop for loop in loops.get(instance, ()) if loop.pipelined]
        if not pipelined:
            raise PerfError(
                instance,
                "the report has no pipelined loop; must have one, as the schedule counts on",
                "Write the module with the loops that its instruction asks for.",
            )
        depths[instance] = max(loop.depth or 1 for loop in pipelined)
    default = DesignTiming()
    # Rows of taps, and in them taps, are ctrl's first loops.
    of_taps = sorted(loops.get("ctrl", ()), key=lambda loop: loop.line)[1:2]
    tap_cycles = (of_taps[0].depth if of_taps else None) or default.tap_cycles
    arbiters = max(depths["arbiter_a"], depths["arbiter_b"])
    return DesignTiming(
        tap_cycles=tap_cycles,
        row_cycles=tap_cycles + 1,
        request_cycles=default.request_cycles,
        command_cycles=default.command_cycles,
        fill_depth=arbiters + 1,
        array_depth=depths["buffer_b"] + depths["interconnect"] + depths["pe_array"] + HOPS,
        output_depth=depths["buffer_c"] + depths["post"] + depths["store_c"],
        store_depth=default.store_depth,
    )


def assumed_timing() -> DesignTiming:
    """Return the timing that modules usually have, for use before any synthesis."""
    return DesignTiming()
