"""The choice of tiles candidate by candidate, as it was before it was computed in arrays; for tests only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil, gcd

from aigchip.mapping import Convolution, Geometry, Traffic
from aigchip.mapping.choice import COUNT_MAX, CUTS, JOB_CYCLES, TILE_CHANNELS_MAX, TURN_CYCLES


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A tile: computed columns, columns, rows, sub-tiles of m, k-groups, tiles of a group; and about its cycles."""

    width: int
    columns: int
    rows: int
    tile_m: int
    tile_k: int
    group: int
    cost: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Walk:
    taps: int
    row_stride: int
    phases: int
    column_phases: int
    span: tuple[int, int]
    extra: tuple[int, int]
    window: bool
    share: tuple[int, int]


def candidates(layer: Convolution, geometry: Geometry, traffic: Traffic) -> Iterator[Candidate]:
    """Yield every tile that fits."""
    walk = _walk(layer, geometry)
    k_groups, m_subtiles = -(-layer.channels // geometry.step.k), -(-layer.outputs // geometry.step.m)
    for width, columns, rows in _pixel_tiles(layer, geometry, walk.window):
        positions = walk.phases * (rows + walk.extra[0]) * (columns + walk.extra[1])
        most_k = geometry.b_half_positions // positions
        lines = -(-rows * columns // geometry.step.n) * geometry.c_pieces
        for tile_m, tile_k in _channel_tiles(geometry, walk, most_k, m_subtiles, k_groups) if most_k else ():
            if tile_m * lines > geometry.c_slot_lines:
                continue
            k_tiles = 1 if walk.share[0] else -(-k_groups // tile_k)
            mixed = geometry.reuse == "first" and columns < width
            group = 1 if k_tiles == 1 or geometry.reuse == "output" or mixed else geometry.c_slots
            sizes = (width, columns, rows, tile_m, tile_k, group)
            cost = _cost(layer, geometry, traffic, walk, sizes, m_subtiles, k_tiles)
            yield Candidate(
                width=width, columns=columns, rows=rows, tile_m=tile_m, tile_k=tile_k, group=group, cost=cost
            )


def _walk(layer: Convolution, geometry: Geometry) -> _Walk:
    rows, columns = layer.kernel
    stride = layer.stride
    span = (rows - 1) * layer.dilation + 1, (columns - 1) * layer.dilation + 1
    row_stride = 1 if rows == 1 else stride
    banks = 1 if geometry.b_by_height else geometry.b_factor
    column_phases = min(stride, span[1])
    window = geometry.window and layer.depthwise and (span[1] - 1) // stride < geometry.window_taps
    sm, sk = geometry.step.m, geometry.step.k
    return _Walk(
        taps=rows * (column_phases if window else columns),
        row_stride=row_stride,
        phases=min(row_stride, span[0]) * column_phases,
        column_phases=column_phases,
        span=span,
        extra=((span[0] - 1) // row_stride, -(-((span[1] - 1) // stride) // banks) * banks),
        window=window,
        share=(1, max(1, sm // sk)) if window else _shares(layer, sm, sk),
    )


def _shares(layer: Convolution, sm: int, sk: int) -> tuple[int, int]:
    outputs, channels = layer.outputs // layer.groups, layer.group_channels
    together = 1
    while together < layer.groups and (outputs * together % sm or channels * together % sk):
        together += 1
    if together >= layer.groups:
        return 0, 0
    return outputs * together // sm, channels * together // sk


def _pixel_tiles(layer: Convolution, geometry: Geometry, window: bool) -> Iterator[tuple[int, int, int]]:
    pw, sn = geometry.word_pixels, geometry.step.n
    unit = max(pw, sn)
    rows, columns = layer.out_rows, layer.out_columns
    for width in {-(-columns // sn) * sn if window else columns, -(-columns // unit) * unit}:
        align = pw // gcd(width, pw)
        counts = {ceil(ceil(rows / parts) / align) * align for parts in range(2, rows + 1)}
        yield from ((width, width, count) for count in {rows} | {count for count in counts if count < rows})
    wide = -(-columns // unit) * unit
    parts, cuts = 2, {wide}
    while min(cuts) > unit:
        cuts.add(ceil(ceil(wide / parts) / unit) * unit)
        parts += 1 if parts < 8 else parts // 4
    yield from ((wide, part, count) for part in cuts - {wide} for count in _powers(rows))


def _powers(most: int) -> set[int]:
    return {count for count in (1 << exponent for exponent in range(20)) if count < most} | {most}


def _channel_tiles(
    geometry: Geometry, walk: _Walk, most_k: int, m_subtiles: int, k_groups: int
) -> Iterator[tuple[int, int]]:
    pieces = walk.taps * geometry.a_pieces
    channels = max(1, TILE_CHANNELS_MAX // geometry.step.m)
    share_m, share_k = walk.share
    if share_m:
        for count in _powers(max(1, -(-m_subtiles // share_m))):
            tile_m, tile_k = count * share_m, count * share_k
            if tile_m <= channels and tile_k <= most_k and tile_m * share_k * pieces <= geometry.a_half_pieces:
                yield tile_m, tile_k
        return
    most_k = min(most_k, geometry.a_half_pieces // pieces, COUNT_MAX // walk.taps)
    if not most_k:
        return
    fewest = next(parts for parts in range(2, k_groups + 3) if -(-k_groups // parts) <= most_k)
    for parts in (1, *(fewest * cut for cut in CUTS)):
        tile_k = -(-k_groups // parts)
        if tile_k > most_k or parts > k_groups:
            continue
        most_m = min(m_subtiles, channels, geometry.a_half_pieces // (tile_k * pieces))
        whole = {-(-m_subtiles // number) for number in range(1, m_subtiles + 1)}
        yield from ((tile_m, tile_k) for tile_m in whole if tile_m <= most_m)


def _steps(out_rows: int, width: int, rows: int, columns: int, step_n: int) -> int:
    """Count the steps along n of all tiles."""
    return sum(
        -(-min(rows, out_rows - row) * min(columns, width - column) // step_n)
        for row in range(0, out_rows, rows)
        for column in range(0, width, columns)
    )


def _cost(  # noqa: PLR0917 - everything that an estimate is made of
    layer: Convolution,
    geometry: Geometry,
    traffic: Traffic,
    walk: _Walk,
    sizes: tuple[int, ...],
    m_subtiles: int,
    k: int,
) -> float:
    width, columns, rows, tile_m, tile_k, group = sizes
    pixels = rows * columns
    m, n = -(-m_subtiles // tile_m), -(-layer.out_rows // rows) * -(-width // columns)
    grouped = walk.share[0] > 0
    steps = walk.taps * (walk.share[1] if grouped else tile_k)
    turn_m = m_subtiles / m
    compute = turn_m * max(steps * geometry.step_cycles, geometry.c_pieces)
    compute *= _steps(layer.out_rows, width, rows, columns, geometry.step.n) * pixels / (layer.out_rows * width)
    window_rows = min((rows - 1) * walk.row_stride + walk.span[0], layer.rows)
    row_words = ((columns - 1) * layer.stride + walk.span[1]) / geometry.word_pixels
    row_words += 1 if columns < width or layer.kernel[0] > 1 else 0
    b_words = tile_k * geometry.group_blocks * window_rows * row_words
    load_a = turn_m * steps * geometry.step.m * geometry.step.k / traffic.bytes_per_cycle
    load_b = max(b_words * geometry.word_bytes / traffic.bytes_per_cycle, b_words * walk.column_phases)
    c_bytes = pixels * geometry.step.m
    store = turn_m * max(c_bytes / traffic.bytes_per_cycle, c_bytes / geometry.results)
    if geometry.reuse == "second":
        a_loads = 1 if m * k == 1 else n * m * k
        b_loads = n * k * (ceil(m / group) if k > 1 else 1) * (m if grouped else 1)
    else:
        a_loads = m * k * (ceil(n / group) if k > 1 else 1)
        b_loads = 1 if n * k == 1 and not grouped else m * n * k
    turns = m * n * k
    a_loads, b_loads = min(a_loads, turns), min(b_loads, turns)
    both = min(a_loads, b_loads)
    drain = store / k
    total = both * max(compute, load_a + load_b + drain)
    total += (a_loads - both) * max(compute, load_a + drain) + (b_loads - both) * max(compute, load_b + drain)
    total += (turns - a_loads - b_loads + both) * max(compute, drain)
    rest = turns * TURN_CYCLES + load_a + load_b + store + JOB_CYCLES + 2 * traffic.latency_cycles
    return total * layer.out_rows * width / pixels / n + rest
