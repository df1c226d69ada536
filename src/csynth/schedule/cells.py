"""Decide which operations become DSP cells: those with which no block of the function is slower."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from csynth.dsp.mapping import Limits, map_to_cells
from csynth.dsp.products import PRODUCTS
from csynth.ir.model import Function

if TYPE_CHECKING:
    from csynth.schedule.function import BlockSchedule, FunctionSchedule


def choose_cells(function: Function, schedule: Callable[[Function], FunctionSchedule]) -> FunctionSchedule:
    """Return the schedule of `function` with the most cells that make no block slower.

    Slower is a larger initiation interval, then a longer path than the clock allows, then more cycles. Sums of a block that is slower
    stay as they are, then everything in it.
    """
    plain = schedule(function)
    if not any(op.opcode in PRODUCTS for block in function.blocks for op in block.ops):
        return plain
    kept: frozenset[int] = frozenset()
    for accumulators_only in (False, True, True):
        mapped = map_to_cells(function, Limits(kept=kept))
        if mapped == function:
            return plain
        found = schedule(mapped)
        slower = [
            name for name, block in found.blocks.items() if _cost(block, found) > _cost(plain.blocks[name], plain)
        ]
        if not slower:
            return found
        for name in slower:
            kept |= _sums(found.blocks[name], function, everything=accumulators_only)
    return plain


def _cost(block: BlockSchedule, schedule: FunctionSchedule) -> tuple[int, int, int]:
    return (
        block.initiation_interval or 0,
        max(block.longest_path_ps, schedule.clock_period_ps),
        block.length_cycles,
    )


def _sums(block: BlockSchedule, function: Function, *, everything: bool) -> frozenset[int]:
    """Ids of the original ops whose place cells of `block` have taken: all, or all but accumulators."""
    taken = {
        op.result.name
        for op in block.block.ops
        if op.result is not None
        and op.opcode.startswith("dsp_")
        and (everything or not op.opcode.startswith("dsp_mac"))
    }
    return frozenset(
        op.id for b in function.blocks for op in b.ops if op.result is not None and op.result.name in taken
    )
