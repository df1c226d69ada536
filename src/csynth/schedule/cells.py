"""Decide which operations become DSP cells: those with which no block of the function is slower."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from csynth.dsp.chains import with_chains
from csynth.dsp.mapping import Limits, map_to_cells
from csynth.dsp.pairs import products_of_pairs
from csynth.dsp.products import PRODUCTS
from csynth.ir.model import Function

if TYPE_CHECKING:
    from csynth.schedule.function import BlockSchedule, FunctionSchedule

_GIVEN_UP = (
    ("dsp_pair",),
    ("dsp_pair", "dsp_mul", "dsp_preadd"),
    ("dsp_",),
    ("dsp_",),
)  # what a slower block loses, attempt by attempt


def choose_cells(
    function: Function,
    schedule: Callable[[Function], FunctionSchedule],
    *,
    pack_int8: bool = False,
    may_take_longer: bool = False,
) -> FunctionSchedule:
    """Return the schedule of `function` with the most cells that make no block slower.

    Slower is a larger initiation interval, then a longer path than the clock allows, then more cycles. A block that is
    slower loses its pairs and pre-adders, then its sums too, then all cells.

    Args:
        function: what becomes a module.
        schedule: schedules a function.
        pack_int8: pair int8 products that are terms of sums too, whose sums then are made of LUTs; a block with pairs may take more cycles.
        may_take_longer: more cycles do not count: sums of several products become chains of cells, if no path is too long.
    """
    plain = schedule(function)
    if not any(op.opcode in PRODUCTS for block in function.blocks for op in block.ops):
        return plain
    if may_take_longer and (found := _with_chains(function, schedule, plain)) is not None:
        return found
    kept: frozenset[int] = frozenset()
    kept_terms: frozenset[int] = frozenset()
    for given_up in _GIVEN_UP:
        mapped = map_to_cells(function, Limits(kept=kept, kept_terms=kept_terms, pack_int8=pack_int8))
        if mapped == function:
            return plain
        found = schedule(mapped)
        slower = [
            name for name, block in found.blocks.items() if _is_slower(block, plain.blocks[name], found, pack_int8)
        ]
        if not slower:
            return found
        for name in slower:
            kept_terms |= _replaced(found.blocks[name], function, ("dsp_preadd",))
            kept |= _replaced(found.blocks[name], function, given_up)
    return plain


def _with_chains(
    function: Function, schedule: Callable[[Function], FunctionSchedule], plain: FunctionSchedule
) -> FunctionSchedule | None:
    """The schedule with chains of cells, with or without pre-adders; None when its interval or a path would be longer."""
    chained = with_chains(function)
    kept_terms: frozenset[int] = frozenset()
    for _ in range(2):
        mapped = map_to_cells(chained, Limits(kept_terms=kept_terms))
        found = schedule(mapped)
        slower = [
            name
            for name, block in found.blocks.items()
            if _cost(block, found)[:2] > _cost(plain.blocks[name], plain)[:2]
        ]
        if not slower:
            return found if mapped != function else None
        kept_terms = kept_terms.union(*(_replaced(found.blocks[name], chained, ("dsp_preadd",)) for name in slower))
    return None


def _is_slower(block: BlockSchedule, plain: BlockSchedule, schedule: FunctionSchedule, pack_int8: bool) -> bool:
    """Whether a block is slower than without cells; its cycles do not count where pairs are asked for."""
    new, old = _cost(block, schedule), _cost(plain, schedule)
    if pack_int8 and any(op.opcode == "dsp_pair" for op in block.block.ops):
        return new[:2] > old[:2]
    return new > old


def _cost(block: BlockSchedule, schedule: FunctionSchedule) -> tuple[int, int, int]:
    return (
        block.initiation_interval or 0,
        max(block.longest_path_ps, schedule.clock_period_ps),
        block.length_cycles,
    )


def _replaced(block: BlockSchedule, function: Function, opcodes: tuple[str, ...]) -> frozenset[int]:
    """Ids of the original ops whose place cells of `block` have taken whose opcodes begin so."""
    cells = {op.result.name for op in block.block.ops if op.result is not None and op.opcode.startswith(opcodes)}
    taken = cells | products_of_pairs(block.block, cells)
    return frozenset(
        op.id for b in function.blocks for op in b.ops if op.result is not None and op.result.name in taken
    )
