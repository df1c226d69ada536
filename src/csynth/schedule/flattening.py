"""Judge flattened nests by their schedules: a merged loop must not need a longer interval than the inner loop alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from csynth.ir.model import Function, Loop, Program
from csynth.schedule.function import FunctionSchedule

Pair = tuple[str, str]  # names of an outer loop and of the loop in it


@dataclass(frozen=True, slots=True, kw_only=True)
class NestChoice:
    """Which nests stay nests.

    Attributes:
        kept: pairs that are not flattened, with the reason.
        on_trial: interval of the merged loop of pairs whose own interval is not known yet.
        flat: pairs that stay flattened: as a nest they need the same interval.
    """

    kept: Mapping[Pair, str] = field(default_factory=dict)
    on_trial: Mapping[Pair, int] = field(default_factory=dict)
    flat: frozenset[Pair] = frozenset()

    def after(self, schedules: Mapping[str, FunctionSchedule]) -> NestChoice | None:
        """What to try after a compilation with this choice gave `schedules`; None when it stands."""
        loops = [
            (loop, schedule.blocks[loop.header])
            for schedule in schedules.values()
            for loop in schedule.function.loops
            if loop.pipeline is not None
        ]
        own = {(loop.parent or "", loop.name): block.initiation_interval or 1 for loop, block in loops}
        vain = {pair for pair, interval in self.on_trial.items() if own.get(pair, interval) >= interval}
        if vain:
            kept = {pair: reason for pair, reason in self.kept.items() if pair not in vain}
            return NestChoice(kept=kept, flat=self.flat | vain)
        kept, on_trial = dict(self.kept), dict[Pair, int]()
        for loop, block in loops:
            if not loop.flattened or loop.keep_flat or block.ii_limited_by is None:
                continue
            pair = (loop.flattened[0], "_".join(loop.flattened[1:]))
            if pair not in self.flat:
                kept[pair] = f"flattened, II would be {block.initiation_interval}: {block.ii_limited_by}"
                on_trial[pair] = block.initiation_interval or 1
        return NestChoice(kept=kept, on_trial=on_trial, flat=self.flat) if on_trial else None


def add_notes(program: Program, kept: Mapping[Pair, str]) -> Program:
    """`program` with a note on each loop that could have been flattened and was not."""
    return (
        replace(program, functions=tuple(_noted(function, kept) for function in program.functions)) if kept else program
    )


def _noted(function: Function, kept: Mapping[Pair, str]) -> Function:
    def noted(loop: Loop) -> Loop:
        reason = kept.get((loop.parent or "", loop.name))
        note = f"not flattened into {loop.parent}: {reason}"
        return loop if reason is None else replace(loop, notes=(*loop.notes, note))

    return replace(function, loops=tuple(noted(loop) for loop in function.loops))
