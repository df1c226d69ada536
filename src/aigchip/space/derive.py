"""Local parameters: what each module of the template has to know of a design, and nothing more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from aigchip.space.constraints import ACCUMULATOR_BYTES
from aigchip.space.families import HEIGHT, WIDTH, WINDOW
from aigchip.space.spans import Span, array_step, level_span

if TYPE_CHECKING:
    from aigchip.space.design import Design

#: Bursts that a load or store module has under way at once, and the words of one; a memory port has to accept as many
#: requests unanswered. load_b's bursts are the rows of a window, often short.
OUTSTANDING_BURSTS = 16
OUTSTANDING_ROWS = 32
BURST_WORDS = 16
#: Channels whose parameters post holds.
TILE_CHANNELS = 512

Parameters = Mapping[str, int | str]

#: Every instance of the template's modules, in the order in which data pass them (a topological order of the graph).
INSTANCES: tuple[str, ...] = (
    "ctrl",
    "load_a",
    "load_b",
    "arbiter_a",
    "arbiter_b",
    "buffer_a",
    "buffer_b",
    "interconnect",
    "mac",
    "pe_lane",
    "pe_array",
    "buffer_c",
    "post",
    "store_c",
)

_MODULE_OF_INSTANCE = {"arbiter_a": "arbiter", "arbiter_b": "arbiter"}


def module_of(instance: str) -> str:
    """Return the module (folder of the template) that `instance` is made from."""
    return _MODULE_OF_INSTANCE.get(instance, instance)


def local_parameters(design: Design) -> dict[str, dict[str, int | str]]:
    """Return the local parameters of every instance.

    Args:
        design: a design that `aigchip.space.constraints.check` accepts.

    Returns:
        For each of `INSTANCES` the values of exactly the parameters that its `template/<module>/module.yaml` declares.
        Two designs in which an instance has equal parameters share that module.
    """
    step, word = array_step(design), design.word_bytes
    mac, lane_grid, array_grid = (level_span(design, level) for level in ("mac", "lane", "array"))
    lane = mac * lane_grid
    block = min(step.m, step.k, word)
    pixels = word // block
    a_piece = design.buffer_a_factor * (step.k if design.buffer_a_dimension == HEIGHT else 1)
    window = design.buffer_b_factor if design.depthwise == WINDOW else 0
    b_by_width, c_by_width = design.buffer_b_dimension == WIDTH, design.buffer_c_dimension == WIDTH
    fill_bytes = min(pixels, design.buffer_b_factor) * block if b_by_width else min(block, design.buffer_b_factor)
    c_line = design.buffer_c_factor * (step.m if c_by_width else 1)
    results = min(design.buffer_c_factor, pixels) * block if c_by_width else min(design.buffer_c_factor, block)
    slot_accumulators = design.buffer_c_kib * 1024 // ACCUMULATOR_BYTES // design.slots
    return {
        "ctrl": {
            "reuse": design.reuse,
            "step_m": step.m,
            "step_n": step.n,
            "step_k": step.k,
            "word_bytes": word,
            "a_pieces": step.m * step.k // a_piece,
        },
        "load_a": {
            "word_bytes": word,
            "burst_words": BURST_WORDS,
            "outstanding_bursts": OUTSTANDING_BURSTS,
        },
        "load_b": {"word_bytes": word, "pixels_word": pixels, "outstanding_bursts": OUTSTANDING_ROWS},
        "arbiter_a": {"operand": "a", "word_bytes": word, "piece_bytes": a_piece},
        "arbiter_b": {"operand": "b", "word_bytes": word, "piece_bytes": fill_bytes},
        "buffer_a": {
            "dimension": design.buffer_a_dimension,
            "factor": design.buffer_a_factor,
            "step_m": step.m,
            "step_k": step.k,
            "half_pieces": design.buffer_a_kib * 512 // a_piece,
            "storage": design.buffer_a_storage,
        },
        "buffer_b": {
            "channel_block": block,
            "pixels_word": pixels,
            "step_k": step.k,
            "step_n": step.n,
            "dimension": design.buffer_b_dimension,
            "factor": design.buffer_b_factor,
            "window": int(design.depthwise == WINDOW),
            "half_positions": design.buffer_b_kib * 512 // step.k,
            "storage": design.buffer_b_storage,
        },
        "interconnect": {
            **_grid("array", array_grid),
            **_grid("lane", lane),
            "a_dimension": design.buffer_a_dimension,
            "a_factor": design.buffer_a_factor,
            "b_dimension": design.buffer_b_dimension,
            "b_factor": design.buffer_b_factor,
            "window": window,
        },
        "mac": {"mac_width": design.mac_width, "pack": design.pack, **_styles(design, "mac")},
        "pe_lane": {"lane_macs": design.lane_macs, **_styles(design, "lane"), **_grid("mac", mac)},
        "pe_array": {
            "array_lanes": design.array_lanes,
            **_styles(design, "array"),
            **_grid("lane", lane),
            "accumulator_bits": design.accumulator_bits,
            "c_dimension": design.buffer_c_dimension,
            "c_factor": design.buffer_c_factor,
            "window": window,
        },
        "buffer_c": {
            "step_m": step.m,
            "step_n": step.n,
            "channel_block": block,
            "pixels_word": pixels,
            "dimension": design.buffer_c_dimension,
            "factor": design.buffer_c_factor,
            "accumulator_bits": design.accumulator_bits,
            "slots": design.slots,
            "slot_lines": slot_accumulators // c_line,
            "storage": design.buffer_c_storage,
        },
        "post": {
            "channel_block": block,
            "results": results,
            "word_bytes": word,
            "accumulator_bits": design.accumulator_bits,
            "tile_channels": TILE_CHANNELS,
        },
        "store_c": {
            "word_bytes": word,
            "results": results,
            "burst_words": BURST_WORDS,
            "outstanding_bursts": OUTSTANDING_BURSTS,
        },
    }


def _grid(prefix: str, span: Span) -> dict[str, int | str]:
    return {f"{prefix}_m": span.m, f"{prefix}_n": span.n, f"{prefix}_k": span.k}


def _styles(design: Design, level: str) -> dict[str, int | str]:
    return {f"noc_{operand}_{level}": getattr(design, f"noc_{operand}_{level}") for operand in "abc"}
