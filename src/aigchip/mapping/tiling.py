"""The choice of tiles: which of the jobs that do a layer on a design is estimated to be fastest."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from math import ceil, gcd

from aigchip.core.errors import AigchipError
from aigchip.mapping.convolution import Convolution
from aigchip.mapping.geometry import PARAMETER_BYTES, Geometry
from aigchip.mapping.job import Job

#: Greatest kernel that the table of taps holds.
TAPS_MAX = 256
#: Channels whose parameters post holds.
TILE_CHANNELS_MAX = 512
#: What a turn costs beside its longest part, and a job beside its turns [cycles]; for the choice only.
TURN_CYCLES = 16
JOB_CYCLES = 400
_COUNT_MAX = (1 << 16) - 1


class MappingError(AigchipError):
    """A layer that a design cannot do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """The memory as tiling sees it.

    Attributes:
        bytes_per_cycle: of all ports together.
        latency_cycles: from a request to its first word.
    """

    bytes_per_cycle: float = 48.0
    latency_cycles: int = 60


def place(layer: Convolution, geometry: Geometry, traffic: Traffic | None = None, where: str = "layer") -> Job:
    """Return the job that is estimated to take the fewest cycles; its addresses are 0, its clamp is that of int8.

    Raises:
        MappingError: the design cannot do the layer.
    """
    return _place(layer, geometry, traffic or Traffic(), where)


@lru_cache(maxsize=100_000)
def _place(layer: Convolution, geometry: Geometry, traffic: Traffic, where: str) -> Job:
    _check(layer, geometry, where)
    best: tuple[float, Job] | None = None
    for job in _candidates(layer, geometry):
        cost = estimate(job, geometry, traffic)
        if best is None or cost < best[0]:
            best = (cost, job)
    if best is None:
        raise MappingError(where, _why(layer, geometry), "Enlarge the buffers, or take a design with fewer banks.")
    return best[1]


def _check(layer: Convolution, geometry: Geometry, where: str) -> None:
    if layer.stride not in (1, 2, 4):
        raise MappingError(where, f"stride is {layer.stride}; must be 1, 2 or 4", "Leave the layer to the host.")
    if layer.kernel[0] * layer.kernel[1] > TAPS_MAX:
        what = f"the kernel has {layer.kernel[0] * layer.kernel[1]} taps; must be at most {TAPS_MAX}"
        raise MappingError(where, what, "Leave the layer to the host.")
    if min(layer.out_rows, layer.out_columns) < 1:
        what = f"the kernel {layer.kernel} is larger than the padded map"
        raise MappingError(where, what, "Correct kernel, padding or dilation.")
    if layer.stride > 1 and layer.kernel[0] == 1 and any(layer.padding):
        what = "a kernel of one row has a stride and padding"
        raise MappingError(where, what, "Pad the map before, or use a larger kernel.")
    longest = layer.group_channels * layer.kernel[0] * layer.kernel[1]
    if longest << 14 >= 1 << (geometry.accumulator_bits - 1):
        what = f"sums of {longest} products need {(longest << 14).bit_length() + 1} bits"
        what += f"; the accumulators have {geometry.accumulator_bits}"
        raise MappingError(where, what, "Use accumulator_bits: 32.")


def _why(layer: Convolution, geometry: Geometry) -> str:
    return (
        f"no tile of {layer.kernel[0]} x {layer.kernel[1]} taps fits: buffer A holds {geometry.a_half_pieces} pieces "
        f"a half, buffer B {geometry.b_half_positions} pixels, buffer C {geometry.c_slot_lines} lines a slot"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Walk:
    """How the taps of a layer walk the window, apart from the tile."""

    kernel_rows: int
    kernel_columns: int
    row_step: int
    row_stride: int
    row_phases: int
    column_phases: int
    span_rows: int
    span_columns: int
    extra_rows: int
    extra_columns: int
    window: bool
    grouped: bool
    share_m: int
    share_k: int
    k_groups: int
    m_subtiles: int


def _walk(layer: Convolution, geometry: Geometry) -> _Walk:
    rows, columns = layer.kernel
    stride, dilation = layer.stride, layer.dilation
    span_rows, span_columns = (rows - 1) * dilation + 1, (columns - 1) * dilation + 1
    row_stride = 1 if rows == 1 else stride
    banks = 1 if geometry.b_by_height else geometry.b_factor
    column_phases = min(stride, span_columns)
    window = geometry.window and layer.depthwise and (span_columns - 1) // stride < geometry.window_taps
    sm, sk = geometry.step.m, geometry.step.k
    share_m, share_k = (1, max(1, sm // sk)) if window else _shares(layer, sm, sk)
    return _Walk(
        kernel_rows=rows,
        kernel_columns=column_phases if window else columns,
        row_step=stride if rows == 1 else 1,
        row_stride=row_stride,
        row_phases=min(row_stride, span_rows),
        column_phases=column_phases,
        span_rows=span_rows,
        span_columns=span_columns,
        extra_rows=(span_rows - 1) // row_stride,
        extra_columns=-(-((span_columns - 1) // stride) // banks) * banks,
        window=window,
        grouped=share_m > 0,
        share_m=share_m,
        share_k=share_k,
        k_groups=-(-layer.channels // sk),
        m_subtiles=-(-layer.outputs // sm),
    )


def _shares(layer: Convolution, sm: int, sk: int) -> tuple[int, int]:
    """Return sub-tiles of m and k-groups of the fewest groups that fill whole ones; (0, 0) when those are all groups."""
    outputs, channels = layer.outputs // layer.groups, layer.group_channels
    together = 1
    while together < layer.groups and (outputs * together % sm or channels * together % sk):
        together += 1
    if together >= layer.groups:
        return 0, 0
    return outputs * together // sm, channels * together // sk


def _candidates(layer: Convolution, geometry: Geometry) -> Iterator[Job]:
    walk = _walk(layer, geometry)
    for columns, tile_columns, tile_rows in _pixel_tiles(layer, geometry, walk):
        pitch = tile_columns + walk.extra_columns
        plane = (tile_rows + walk.extra_rows) * pitch
        positions = walk.row_phases * walk.column_phases * plane
        most_k = geometry.b_half_positions // positions
        if not most_k:
            continue
        pixels = tile_rows * tile_columns
        for tile_m, tile_k in _channel_tiles(geometry, walk, most_k):
            lines = geometry.slot_lines(tile_m, -(-pixels // geometry.step.n))
            if lines > geometry.c_slot_lines:
                continue
            job = _job(layer, geometry, walk, columns, tile_columns, tile_rows, tile_m, tile_k, pitch, plane, positions)
            if job.k_tiles == 1 or geometry.reuse == "output":
                yield job
            else:
                yield replace(job, group=geometry.c_slots)


def _pixel_tiles(layer: Convolution, geometry: Geometry, walk: _Walk) -> Iterator[tuple[int, int, int]]:
    """Yield (computed columns of the output, columns of a tile, rows of a tile)."""
    pw, sn = geometry.word_pixels, geometry.step.n
    unit = max(pw, sn)
    rows, columns = layer.out_rows, layer.out_columns
    plain = -(-columns // sn) * sn if walk.window else columns
    for width in dict.fromkeys((plain, -(-columns // unit) * unit)):
        align = pw // gcd(width, pw)
        yield from ((width, width, count) for count in _row_counts(rows, align))
    wide = _ceil(columns, unit) * unit
    for part in _even_parts(wide, unit):
        yield from ((wide, part, count) for count in _powers(rows))


def _even_parts(size: int, unit: int) -> Iterator[int]:
    """Yield multiples of `unit` that cut a size about evenly: into 2, 3, 4, 6, 8, ... parts, the last of a unit."""
    seen = {size}
    parts = 2
    while True:
        part = _ceil(_ceil(size, parts), unit) * unit
        if part not in seen:
            seen.add(part)
            yield part
        if part == unit:
            return
        parts = parts + (1 if parts < 8 else parts // 4)


def _ceil(value: int, unit: int) -> int:
    return -(-value // unit)


def _row_counts(rows: int, align: int) -> Iterator[int]:
    """Yield numbers of rows of a tile: all of them, and those that cut them about evenly into multiples of `align`."""
    yield rows
    seen = {rows}
    for parts in range(2, rows + 1):
        count = _ceil(_ceil(rows, parts), align) * align
        if count not in seen and count < rows:
            seen.add(count)
            yield count


def _powers(most: int) -> Iterator[int]:
    count = 1
    while count < most:
        yield count
        count *= 2
    yield most


def _channel_tiles(geometry: Geometry, walk: _Walk, most_k: int) -> Iterator[tuple[int, int]]:
    """Yield (sub-tiles of m, k-groups) of a tile."""
    taps = walk.kernel_rows * walk.kernel_columns
    pieces = taps * geometry.a_pieces
    channels = max(1, TILE_CHANNELS_MAX // geometry.step.m)
    if walk.grouped:
        if walk.share_k * pieces > geometry.a_half_pieces:
            return
        for count in _powers(max(1, -(-walk.m_subtiles // walk.share_m))):
            tile_m, tile_k = count * walk.share_m, count * walk.share_k
            if tile_m <= channels and tile_k <= most_k and tile_m * walk.share_k * pieces <= geometry.a_half_pieces:
                yield tile_m, tile_k
        return
    for parts in range(1, walk.k_groups + 1):
        tile_k = -(-walk.k_groups // parts)
        if tile_k > most_k or tile_k * pieces > geometry.a_half_pieces or taps * tile_k > _COUNT_MAX:
            continue
        most_m = min(walk.m_subtiles, channels, geometry.a_half_pieces // (tile_k * pieces))
        yield from (
            (tile_m, tile_k)
            for tile_m in {-(-walk.m_subtiles // n) for n in range(1, walk.m_subtiles + 1)}
            if tile_m <= most_m
        )
        if parts > 1:
            return  # the fewest parts that fit


def _job(  # noqa: PLR0917 - everything that a candidate is made of
    layer: Convolution,
    geometry: Geometry,
    walk: _Walk,
    columns: int,
    tile_columns: int,
    tile_rows: int,
    tile_m: int,
    tile_k: int,
    pitch: int,
    plane: int,
    positions: int,
) -> Job:
    word = geometry.word_bytes
    taps = walk.kernel_rows * walk.kernel_columns
    steps = taps * (walk.share_k if walk.grouped else tile_k)
    return Job(
        m_subtiles=walk.m_subtiles,
        tile_m=tile_m,
        out_rows=layer.out_rows,
        out_columns=columns,
        tile_rows=tile_rows,
        tile_columns=tile_columns,
        k_groups=walk.k_groups,
        tile_k=tile_k,
        kernel_rows=walk.kernel_rows,
        kernel_columns=walk.kernel_columns,
        dilation=layer.dilation,
        stride=layer.stride,
        row_step=walk.row_step,
        row_stride=walk.row_stride,
        row_phases=walk.row_phases,
        column_phases=walk.column_phases,
        span_rows=walk.span_rows,
        span_columns=walk.span_columns,
        pad_top=layer.padding[0],
        pad_left=layer.padding[1],
        in_rows=layer.rows,
        in_columns=layer.columns,
        in_pitch=layer.columns,
        in_plane=geometry.plane_words(layer.rows * layer.columns),
        out_plane=geometry.plane_words(layer.out_rows * columns),
        grouped=int(walk.grouped),
        share_m=walk.share_m if walk.grouped else _COUNT_MAX,
        share_k=walk.share_k,
        window=int(walk.window),
        pitch=pitch,
        plane=plane,
        step_positions=positions,
        a_address=0,
        a_tile_words=ceil(tile_m * steps * geometry.step.m * geometry.step.k / word),
        p_address=0,
        p_tile_words=ceil(tile_m * geometry.step.m * PARAMETER_BYTES / word),
        b_address=0,
        c_address=0,
        padding=0,
        zero_point=0,
        low=-128,
        high=127,
        group=1,
    )


def estimate(job: Job, geometry: Geometry, traffic: Traffic) -> float:
    """Return about how many cycles a job takes, from whole tiles; for the choice of tiles only."""
    sn, word = geometry.step.n, geometry.word_bytes
    pixels = job.tile_rows * job.tile_columns
    groups_n = -(-pixels // sn)
    steps = job.taps * (job.share_k if job.grouped else job.tile_k)
    cycles = max(steps * geometry.step_cycles, geometry.c_pieces) * groups_n
    x_share = job.out_rows * job.out_columns / pixels / job.n_tiles
    window_rows = (job.tile_rows - 1) * job.row_stride + job.span_rows
    window_columns = (job.tile_columns - 1) * job.stride + job.span_columns
    row_words = window_columns / geometry.word_pixels + (
        1 if job.tile_columns < job.out_columns or job.kernel_rows > 1 else 0
    )
    a_bytes = steps * geometry.step.m * geometry.step.k
    b_words = job.tile_k * geometry.group_blocks * min(window_rows, job.in_rows) * row_words
    c_bytes = pixels * geometry.step.m
    turn_m = job.m_subtiles / job.m_tiles
    load_a, load_b = turn_m * a_bytes / traffic.bytes_per_cycle, b_words * word / traffic.bytes_per_cycle
    load_b = max(load_b, b_words * job.column_phases)
    store = turn_m * max(c_bytes / traffic.bytes_per_cycle, c_bytes / geometry.results)
    compute = turn_m * cycles
    m, n, k = job.m_tiles, job.n_tiles, job.k_tiles
    group = job.group if geometry.reuse != "output" else 1
    if geometry.reuse == "second":
        a_loads = 1 if m * k == 1 else n * m * k
        b_loads = n * k * (ceil(m / group) if k > 1 else 1) * (m if job.grouped else 1)
    else:
        a_loads = m * k * (ceil(n / group) if k > 1 else 1)
        b_loads = 1 if n * k == 1 and not job.grouped else m * n * k
    a_loads = min(a_loads, m * n * k)
    b_loads = min(b_loads, m * n * k)
    turns = m * n * k
    both = min(a_loads, b_loads)
    only_a, only_b = a_loads - both, b_loads - both
    idle = turns - both - only_a - only_b
    drain = store / k
    total = (
        both * max(compute, load_a + load_b + drain)
        + only_a * max(compute, load_a + drain)
        + only_b * max(compute, load_b + drain)
        + idle * max(compute, drain)
    )
    return total * x_share + turns * TURN_CYCLES + load_a + load_b + store + JOB_CYCLES + 2 * traffic.latency_cycles
