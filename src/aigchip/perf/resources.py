"""What a design takes of a device, counted from its parameters before anything is synthesised."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil

from aigchip.core.figures import Figure
from aigchip.mapping.geometry import Geometry
from aigchip.space.design import Design
from aigchip.space.families import LUTRAM, URAM

TOOL = "aigchip resource model"
#: Multipliers of a requantisation in post: an accumulator with its bias by 16 bits, on blocks of 27 x 18 (UG579, ch. 1).
POST_DSP = 2
#: Blocks of ctrl's sizes and addresses, as yosys counts them in the RTL of three designs of different size; loads and store add.
ADDRESS_DSP = 17
#: Width [bit] and lines of half a block RAM, and of an UltraRAM (UG573, chapters 1 and 2).
BRAM18_SIZE = (36, 512)
URAM_SIZE = (72, 4096)


def estimated_resources(design: Design) -> dict[str, Figure]:
    """Return `dsp`, `bram18` and `uram` of a valid design.

    Counted are the multipliers of the array, of post and of addresses, and the memories of the three buffers, which
    synthesis may make smaller; neither LUTs nor flip-flops.
    """
    sizes = Geometry.of(design)
    blocks = {"bram18": 0, "uram": 0}
    for storage, count, bits, lines in _memories(design, sizes):
        if storage != LUTRAM:
            width, depth = URAM_SIZE if storage == URAM else BRAM18_SIZE
            blocks["uram" if storage == URAM else "bram18"] += count * ceil(bits / width) * ceil(lines / depth)
    counts = {"dsp": design.multipliers + POST_DSP * sizes.results + ADDRESS_DSP, **blocks}
    units = {"dsp": "DSP", "bram18": "BRAM18", "uram": "URAM"}
    return {name: Figure(value=count, unit=units[name], kind="estimated", tool=TOOL) for name, count in counts.items()}


def _memories(design: Design, sizes: Geometry) -> Iterator[tuple[str, int, int, int]]:
    """Yield storage, number, width [bit] and lines of each kind of memory in the buffers."""
    yield design.buffer_a_storage, 1, 8 * sizes.a_piece_bytes, 2 * sizes.a_half_pieces
    if sizes.b_by_height:
        channels = min(sizes.block, sizes.b_factor)
        lines = 2 * sizes.b_half_positions * sizes.step.k // sizes.b_factor
        yield design.buffer_b_storage, sizes.b_factor // channels, 8 * channels, lines
    else:
        count = sizes.b_factor * sizes.group_blocks
        yield design.buffer_b_storage, count, 8 * sizes.block, 2 * sizes.b_half_positions // sizes.b_factor
    line = sizes.c_factor * (1 if sizes.c_by_height else sizes.step.m) * sizes.accumulator_bits
    yield design.buffer_c_storage, 2, line, sizes.c_slots * sizes.c_slot_lines // 2
