"""The choice of tiles for many layers at once: every tile that fits is estimated, and each layer takes the fastest.

Everything is computed in arrays over all candidates of all layers, so that a network on a design takes a millisecond or two.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any

import numpy as np

from aigchip.mapping.geometry import Geometry
from aigchip.mapping.job import Job
from aigchip.mapping.layer_arrays import Bools, Floats, Ints, Layers, mean_steps

#: Channels whose parameters post holds.
TILE_CHANNELS_MAX = 512
#: A sum over k is done in one tile, in the fewest even parts that fit, or in so many times as many: shorter parts leave room for
#: more channels, so that a window that does not stay is read less often.
CUTS = (1, 4)
#: What a turn costs beside its longest part, and a job beside its turns [cycles]; for the choice only.
TURN_CYCLES = 16
JOB_CYCLES = 400
COUNT_MAX = (1 << 16) - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """The memory as tiling sees it.

    Attributes:
        bytes_per_cycle: of all ports together.
        latency_cycles: from a request to its first word.
    """

    bytes_per_cycle: float = 48.0
    latency_cycles: int = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Tiles:
    """Jobs as arrays, one element a job: those arguments of ctrl that the layer's sizes and its tile decide, as `Job` has them.

    The element of a layer for which no tile fits is without meaning; `fits` says so.
    """

    m_subtiles: Ints
    tile_m: Ints
    out_rows: Ints
    out_columns: Ints
    tile_rows: Ints
    tile_columns: Ints
    k_groups: Ints
    tile_k: Ints
    kernel_rows: Ints
    kernel_columns: Ints
    stride: Ints
    row_step: Ints
    row_stride: Ints
    row_phases: Ints
    column_phases: Ints
    span_rows: Ints
    span_columns: Ints
    pad_top: Ints
    pad_left: Ints
    in_rows: Ints
    in_columns: Ints
    in_pitch: Ints
    grouped: Ints
    share_m: Ints
    share_k: Ints
    window: Ints
    pitch: Ints
    plane: Ints
    step_positions: Ints
    group: Ints
    fits: Bools

    @staticmethod
    def of(job: Job) -> Tiles:
        """Return one job as arrays."""
        values: dict[str, Any] = {name: np.array([getattr(job, name)]) for name in _NAMES}
        return Tiles(**values, fits=np.array([True]))

    def to_dict(self, index: int) -> dict[str, int]:
        """Return the arguments of one job by name."""
        return {name: int(getattr(self, name)[index]) for name in _NAMES}


_NAMES = tuple(field.name for field in fields(Tiles) if field.name != "fits")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Walk:
    """How the taps of each layer walk the window, apart from the tile."""

    taps: Ints
    kernel_columns: Ints
    row_step: Ints
    row_stride: Ints
    row_phases: Ints
    column_phases: Ints
    span_rows: Ints
    span_columns: Ints
    extra_rows: Ints
    extra_columns: Ints
    window: Bools
    grouped: Bools
    share_m: Ints
    share_k: Ints
    k_groups: Ints
    m_subtiles: Ints


def _walk(layers: Layers, geometry: Geometry) -> _Walk:
    sm, sk = geometry.step.m, geometry.step.k
    rows, columns, stride = layers.kernel_rows, layers.kernel_columns, layers.stride
    span_rows, span_columns = (rows - 1) * layers.dilation + 1, (columns - 1) * layers.dilation + 1
    one_row = rows == 1
    row_stride = np.where(one_row, 1, stride)
    banks = 1 if geometry.b_by_height else geometry.b_factor
    column_phases = np.minimum(stride, span_columns)
    window = layers.depthwise & ((span_columns - 1) // stride < geometry.window_taps)
    share_m, share_k = np.zeros_like(rows), np.zeros_like(rows)
    for index in np.flatnonzero(layers.groups > 1).tolist():
        layer = layers.layers[index]
        shares = (
            (1, max(1, sm // sk)) if window[index] else _shares(layer.outputs, layer.channels, layer.groups, sm, sk)
        )
        share_m[index], share_k[index] = shares
    kernel_columns = np.where(window, column_phases, columns)
    return _Walk(
        taps=rows * kernel_columns,
        kernel_columns=kernel_columns,
        row_step=np.where(one_row, stride, 1),
        row_stride=row_stride,
        row_phases=np.minimum(row_stride, span_rows),
        column_phases=column_phases,
        span_rows=span_rows,
        span_columns=span_columns,
        extra_rows=(span_rows - 1) // row_stride,
        extra_columns=-(-((span_columns - 1) // stride) // banks) * banks,
        window=window,
        grouped=share_m > 0,
        share_m=share_m,
        share_k=share_k,
        k_groups=-(-layers.channels // sk),
        m_subtiles=-(-layers.outputs // sm),
    )


@lru_cache(maxsize=4096)
def _shares(outputs: int, channels: int, groups: int, sm: int, sk: int) -> tuple[int, int]:
    """Return sub-tiles of m and k-groups of the fewest groups that fill whole ones; (0, 0) when those are all groups."""
    outputs, channels = outputs // groups, channels // groups
    together = 1
    while together < groups and (outputs * together % sm or channels * together % sk):
        together += 1
    if together >= groups:
        return 0, 0
    return outputs * together // sm, channels * together // sk


def choose(layers: Layers, geometry: Geometry, traffic: Traffic) -> Tiles:
    """Return the tile of each layer that is estimated to take the fewest cycles, of equals the first that is listed."""
    g, walk, number = geometry, _walk(layers, geometry), len(layers)
    step, taps_pieces = g.step, walk.taps * g.a_pieces

    # Tiles of output pixels, and the windows that they need; those that fit.
    tiles = layers.pixel_tiles(g.word_pixels, step.n, walk.window)
    pitch = tiles.columns + walk.extra_columns[tiles.layer]
    plane = (tiles.rows + walk.extra_rows[tiles.layer]) * pitch
    positions = (walk.row_phases * walk.column_phases)[tiles.layer] * plane
    most_k = g.b_half_positions // positions
    lines = tiles.groups_n * g.c_pieces
    small = np.flatnonzero((most_k > 0) & (lines <= g.c_slot_lines))
    of, most_k, lines, rows = tiles.layer[small], most_k[small], lines[small], tiles.rows[small]
    window_rows = np.minimum((rows - 1) * walk.row_stride[of] + walk.span_rows[of], layers.rows[of])
    b_words = g.group_blocks * window_rows * tiles.row_words[small]

    # Each with all k-groups, and with even parts of them that fit. Grouped layers count shares.
    grouped, k_groups = walk.grouped[of], walk.k_groups[of]
    taps_of = taps_pieces[of]
    limit = np.minimum(most_k, np.minimum(g.a_half_pieces // taps_pieces, COUNT_MAX // walk.taps)[of])
    parts = np.maximum(2, -(-k_groups // np.maximum(limit, 1)))
    cuts = np.stack([np.ones_like(parts), *(parts * cut for cut in CUTS)], axis=1)
    parted = -(-k_groups[:, None] // cuts)
    sums = np.where(grouped[:, None], walk.share_k[of][:, None], parted)  # k-groups that a sub-tile sums over
    most_m = g.a_half_pieces // (np.maximum(sums, 1) * taps_of[:, None])
    fits = np.where(
        grouped[:, None],
        np.arange(cuts.shape[1]) == 0,
        (sums <= limit[:, None]) & (limit[:, None] > 0) & (cuts <= k_groups[:, None]),
    )
    unit = np.where(grouped, walk.share_m[of], 1)
    most_m = np.minimum(most_m, np.minimum(max(1, TILE_CHANNELS_MAX // step.m), g.c_slot_lines // lines)[:, None])
    most = most_m // unit[:, None]
    most = np.where(grouped[:, None], np.minimum(most, (most_k // np.maximum(walk.share_k[of], 1))[:, None]), most)
    whole = np.where(walk.grouped, np.maximum(1, -(-walk.m_subtiles // np.maximum(walk.share_m, 1))), walk.m_subtiles)
    counts = layers.parts(whole, walk.grouped)
    counted = np.where(fits, counts.up_to(of[:, None], most), 0).ravel()

    # Each with every number of sub-tiles that fits.
    pair = np.repeat(np.arange(counted.size), counted)
    at = pair // cuts.shape[1]  # of the tile of pixels, of those that fit
    owner, listed = of[at], small[at]
    place = np.arange(pair.size) - np.repeat(np.cumsum(counted) - counted, counted)
    count = counts.values[0][counts.start[owner] + place]
    tile_m = count * unit[at]
    k_tiles = np.where(grouped[:, None], 1, -(-k_groups[:, None] // np.maximum(parted, 1))).ravel()
    steps = (sums * walk.taps[of][:, None]).ravel()
    tile_k = np.where(grouped[at], count * walk.share_k[owner], parted.ravel()[pair])
    # A group that goes on from row to row of cut tiles would mix tiles of different sizes.
    mixed = np.repeat((g.reuse == "first") & (tiles.columns < tiles.width)[small], cuts.shape[1])
    group = np.where((k_tiles == 1) | (g.reuse == "output") | mixed, 1, g.c_slots)
    cost = _cost(
        g,
        traffic,
        steps=steps[pair],
        pixels=tiles.pixels[listed],
        steps_n=tiles.steps_n[listed],
        b_words=tile_k * b_words[at],
        column_phases=walk.column_phases[owner],
        m_subtiles=walk.m_subtiles[owner],
        tile_m=tile_m,
        n_tiles=tiles.tiles[listed],
        k_tiles=k_tiles[pair],
        group=group[pair],
        grouped=grouped[at],
        share=tiles.share[listed],
    )

    # The best of each layer; a layer without any takes the last tile of all, which `fits` disowns.
    found = np.bincount(owner, minlength=number)
    has = found > 0
    best = np.full(number, np.inf)
    if pair.size:
        best[has] = np.minimum.reduceat(cost, (np.cumsum(found) - found)[has])
        hits = np.flatnonzero(cost == best[owner])
        chosen = hits[np.minimum(np.searchsorted(owner[hits], np.arange(number)), hits.size - 1)]
    else:
        return _without(number)
    at, pair, tile_m, tile_k = listed[chosen], pair[chosen], tile_m[chosen], tile_k[chosen]
    return Tiles(
        m_subtiles=walk.m_subtiles,
        tile_m=tile_m,
        out_rows=layers.out_rows,
        out_columns=tiles.width[at],
        tile_rows=tiles.rows[at],
        tile_columns=tiles.columns[at],
        k_groups=walk.k_groups,
        tile_k=tile_k,
        kernel_rows=layers.kernel_rows,
        kernel_columns=walk.kernel_columns,
        stride=layers.stride,
        row_step=walk.row_step,
        row_stride=walk.row_stride,
        row_phases=walk.row_phases,
        column_phases=walk.column_phases,
        span_rows=walk.span_rows,
        span_columns=walk.span_columns,
        pad_top=layers.pad_top,
        pad_left=layers.pad_left,
        in_rows=layers.rows,
        in_columns=layers.columns,
        in_pitch=layers.columns,
        grouped=walk.grouped.astype(np.int64),
        share_m=np.where(walk.grouped, walk.share_m, COUNT_MAX),
        share_k=walk.share_k,
        window=walk.window.astype(np.int64),
        pitch=pitch[at],
        plane=plane[at],
        step_positions=positions[at],
        group=group[pair],
        fits=has,
    )


def _without(number: int) -> Tiles:
    nothing: dict[str, Any] = dict.fromkeys(_NAMES, np.ones(number, np.int64))
    return Tiles(**nothing, fits=np.zeros(number, np.bool_))


def estimate(job: Job, geometry: Geometry, traffic: Traffic) -> float:
    """Return about how many cycles a job takes, from whole tiles; for the choice of tiles only."""
    return float(estimates(Tiles.of(job), geometry, traffic)[0])


def estimates(tiles: Tiles, geometry: Geometry, traffic: Traffic) -> Floats:
    """Return about how many cycles each of several jobs takes, as `estimate` does."""
    j, g = tiles, geometry
    pixels = j.tile_rows * j.tile_columns
    n_tiles = -(-j.out_rows // j.tile_rows) * -(-j.out_columns // j.tile_columns)
    window_rows = np.minimum((j.tile_rows - 1) * j.row_stride + j.span_rows, j.in_rows)
    window_columns = (j.tile_columns - 1) * j.stride + j.span_columns
    row_words = window_columns / g.word_pixels + ((j.tile_columns < j.out_columns) | (j.kernel_rows > 1))
    return _cost(
        g,
        traffic,
        steps=j.kernel_rows * j.kernel_columns * np.where(j.grouped, j.share_k, j.tile_k),
        pixels=pixels,
        steps_n=mean_steps(j.out_rows, j.out_columns, j.tile_rows, j.tile_columns, g.step.n),
        b_words=j.tile_k * g.group_blocks * (window_rows * row_words),
        column_phases=j.column_phases,
        m_subtiles=j.m_subtiles,
        tile_m=j.tile_m,
        n_tiles=n_tiles,
        k_tiles=np.where(j.grouped, 1, -(-j.k_groups // j.tile_k)),
        group=j.group if g.reuse != "output" else np.ones_like(j.group),
        grouped=j.grouped > 0,
        share=j.out_rows * j.out_columns / (pixels * n_tiles),
    )


def _cost(
    g: Geometry,
    traffic: Traffic,
    *,
    steps: Ints,
    pixels: Ints,
    steps_n: Floats,
    b_words: Floats,
    column_phases: Ints,
    m_subtiles: Ints,
    tile_m: Ints,
    n_tiles: Ints,
    k_tiles: Ints,
    group: Ints,
    grouped: Bools,
    share: Floats,
) -> Floats:
    """Return about how many cycles jobs take, as if all their tiles were whole.

    A turn takes as long as its longest part: computing, or what is loaded for it and what is sent; turns are counted by
    what they load. `share` is the part of the whole tiles' pixels that there are, `steps_n` as `mean_steps` says.
    """
    m, n, k = -(-m_subtiles // tile_m), n_tiles, k_tiles
    turn_m = m_subtiles / m
    compute = turn_m * (np.maximum(steps * g.step_cycles, g.c_pieces) * steps_n)
    load_a = turn_m * (steps * (g.step.m * g.step.k / traffic.bytes_per_cycle))
    load_b = b_words * np.maximum(g.word_bytes / traffic.bytes_per_cycle, column_phases)
    store = turn_m * (pixels * max(g.step.m / traffic.bytes_per_cycle, g.step.m / g.results))
    mk = m * k
    turns = mk * n
    # With one tile of k a group is one tile.
    if g.reuse == "second":
        a_loads = np.where(mk == 1, 1, turns)
        b_loads = np.minimum(n * k * np.where(k > 1, -(-m // group), 1) * np.where(grouped, m, 1), turns)
    else:
        a_loads = np.minimum(mk * np.where(k > 1, -(-n // group), 1), turns)
        b_loads = np.where((n * k == 1) & ~grouped, 1, turns)
    both = np.minimum(a_loads, b_loads)
    drain = store / k
    total = both * np.maximum(compute, load_a + load_b + drain)
    total += (a_loads - both) * np.maximum(compute, load_a + drain)
    total += (b_loads - both) * np.maximum(compute, load_b + drain)
    total += (turns - a_loads - b_loads + both) * np.maximum(compute, drain)
    rest = JOB_CYCLES + 2 * traffic.latency_cycles
    return total * share + turns * TURN_CYCLES + load_a + load_b + store + rest
