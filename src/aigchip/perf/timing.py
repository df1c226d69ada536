"""What the performance model takes from the C-synthesis reports of a design's modules."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from aigchip.core.errors import AigchipError


class PerfError(AigchipError):
    """Figures from which no latency can be computed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoopTiming:
    """A pipelined loop: an iteration starts every `ii` cycles and takes `depth` cycles."""

    ii: int = 1
    depth: int = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class ModuleTiming:
    """Timing of one module.

    Attributes:
        loops: its pipelined loops, in the order of the source.
        command_cycles: from the reading of a command to the first iteration: what the command costs beside its loops.
    """

    loops: tuple[LoopTiming, ...] = (LoopTiming(), LoopTiming())
    command_cycles: int = 3


#: The report counts a state to enter each pipelined loop and one to leave it; in the RTL they are part of the loop's
#: first and last iteration.
LOOP_STATES = 2

#: Pipelined loops of each module of the template, in the order of its source; ctrl has none.
LOOPS_OF_MODULE: Mapping[str, int] = {
    "load_a": 1,
    "load_b": 1,
    "buffer_a": 1,
    "buffer_b": 1,
    "interconnect": 1,
    "pe_array": 1,
    "buffer_c": 2,
    "post": 2,
    "store_c": 2,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DesignTiming:
    """Timing of every module that the schedule of a design depends on.

    Attributes:
        modules: by instance; those of `LOOPS_OF_MODULE`.
        turn_cycles: cycles in which ctrl sends the commands of one turn.
        arbiter_depth: cycles that a word takes through an arbiter.
    """

    modules: Mapping[str, ModuleTiming]
    turn_cycles: int = 17
    arbiter_depth: int = 1


class RangeLike(Protocol):
    """Bounds of a count; None where unknown."""

    @property
    def maximum(self) -> int | None:
        """The largest value."""
        ...


class LoopLike(Protocol):
    """The part of a loop in a synthesis report that is used here; `csynth.report.model.LoopReport` has it."""

    @property
    def line(self) -> int:
        """Line of the loop in its source."""
        ...

    @property
    def ii(self) -> int | None:
        """Initiation interval [cycles]; None where the loop is not pipelined."""
        ...

    @property
    def depth(self) -> int | None:
        """Cycles of one iteration."""
        ...

    @property
    def latency_cycles(self) -> RangeLike:
        """Cycles of all iterations."""
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
        PerfError: a module has not the pipelined loops that the schedule counts on.
    """
    modules = {}
    for instance, count in LOOPS_OF_MODULE.items():
        pipelined = _pipelined(loops.get(instance, ()))
        if len(pipelined) != count:
            raise PerfError(
                instance,
                f"the report has {len(pipelined)} pipelined loop(s); must have {count}, as the schedule counts on",
                "Write the module with the loops that its instruction asks for.",
            )
        modules[instance] = ModuleTiming(loops=pipelined, command_cycles=_command_cycles(loops[instance]))
    turns = [loop.depth for loop in loops.get("ctrl", ()) if not loop.pipelined and loop.depth]
    arbiters = [_pipelined(loops.get(name, ())) for name in ("arbiter_a", "arbiter_b")]
    default = DesignTiming(modules={})
    return DesignTiming(
        modules=modules,
        turn_cycles=max(turns, default=default.turn_cycles),
        arbiter_depth=max((found[0].depth for found in arbiters if found), default=default.arbiter_depth),
    )


def assumed_timing() -> DesignTiming:
    """Return the timing that modules have at II = 1 and usual depths, for use before any synthesis."""
    return DesignTiming(modules={instance: ModuleTiming() for instance in LOOPS_OF_MODULE})


def _command_cycles(loops: Iterable[LoopLike]) -> int:
    """Return what an iteration of the loop over commands takes beside the loops in it [cycles]."""
    ordered = sorted(loops, key=lambda loop: loop.line)
    inner = [loop.latency_cycles.maximum for loop in ordered if loop.pipelined]
    outer = next((loop.depth for loop in ordered if not loop.pipelined), None)
    known = [cycles for cycles in inner if cycles is not None]
    if outer is None or len(known) < len(inner) or outer <= sum(known):
        return ModuleTiming().command_cycles
    return max(1, outer - sum(known) - LOOP_STATES * len(known))


def _pipelined(loops: Iterable[LoopLike]) -> tuple[LoopTiming, ...]:
    found = sorted((loop for loop in loops if loop.pipelined), key=lambda loop: loop.line)
    return tuple(LoopTiming(ii=loop.ii or 1, depth=loop.depth or 1) for loop in found)
