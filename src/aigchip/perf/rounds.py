"""The turns of jobs as arrays: of each loop of ctrl the first, one of the middle and the last two, with how often they stand.

A job has up to thousands of turns, of which those in the middle of a loop are alike. So each loop is represented by at most
four of its values, the second of which stands for all between; a turn of the smaller nest stands for the product of what its
values stand for, and its neighbours are those that the turns it stands for have.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from aigchip.mapping import Geometry
from aigchip.mapping.choice import Tiles
from aigchip.mapping.geometry import PARAMETER_BYTES
from aigchip.mapping.layer_arrays import Bools, Ints

#: Values that stand for a loop.
_SHOWN = 4
#: Steps that the FIFOs before the array hold; a test compares it with the template's graph.
STEPS_DEPTH = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Turns:
    """Turns of jobs, job after job, each in ctrl's order; what is asked of the modules in each.

    Attributes:
        job: which job it is of.
        start: the first turn of each job.
        times: how many turns of the job it stands for.
        repeats: how many of them follow each other.
        last: whether it completes its tile of C.
        same: whether its slot in buffer C has the parity of that of the turn before.
        a_words, a_fill: words of the tile of A that is loaded, and cycles in which buffer A takes it; 0 where it is there.
        b_words, b_read, b_rows: words of the window of B that pass load_b, those of them that are in the map, and the rows
            that are; 0 where it is there.
        b_fill: cycles in which buffer B takes the window.
        b_turn_rows: rows of the window, which ctrl counts words of; 0 where it is there.
        walks: whether the rows of its output pixels have another length than those of the turn before.
        compute, subtile_cycles: cycles in which the array takes the turn, and a sub-tile of it.
        late: cycles between the last step of a sub-tile and its results, which the next sub-tile need not wait for.
        p_words, c_words, c_bursts: words of the tile's parameters and of its results, and bursts of these.
    """

    job: Ints
    start: Ints
    times: Ints
    repeats: Ints
    last: Bools
    same: Bools
    a_words: Ints
    a_fill: Ints
    b_words: Ints
    b_read: Ints
    b_rows: Ints
    b_fill: Ints
    b_turn_rows: Ints
    walks: Bools
    compute: Ints
    subtile_cycles: Ints
    late: Ints
    p_words: Ints
    c_words: Ints
    c_bursts: Ints


def turns_of(tiles: Tiles, geometry: Geometry) -> Turns:
    """Return the turns of jobs."""
    t, g = tiles, geometry
    m_tiles = -(-t.m_subtiles // t.tile_m)
    x_tiles, y_tiles = -(-t.out_columns // t.tile_columns), -(-t.out_rows // t.tile_rows)
    k_tiles = np.where(t.grouped, 1, -(-t.k_groups // t.tile_k))
    one = np.ones_like(m_tiles)
    group = np.where((k_tiles == 1) | (g.reuse == "output"), one, t.group)
    # The loops, outermost first; the fourth is k, and the last one the tiles of a group.
    if g.reuse == "second":
        inner = m_tiles
        outer = [y_tiles, x_tiles, -(-m_tiles // group)]
    else:
        inner = y_tiles * x_tiles
        plain = group == 1
        outer = [m_tiles, np.where(plain, y_tiles, 1), np.where(plain, x_tiles, -(-inner // group))]
    loops = np.stack([*outer, k_tiles, np.minimum(group, inner)])
    nests = [_nest(*shown) for shown in np.minimum(loops, _SHOWN).T.tolist()]
    sizes = np.array([nest.shape[1] for nest in nests])
    job = np.repeat(np.arange(sizes.size), sizes)
    value = np.concatenate(nests, axis=1)
    extent = loops.repeat(sizes, axis=1)
    grouped = bool((group > 1).any())
    if grouped:  # the last group may have fewer tiles
        third = np.where((value[2] > 1) & (extent[2] > _SHOWN), value[2] + extent[2] - _SHOWN, value[2])
        extent[4] = np.minimum(extent[4], inner[job] - third * group[job])
        kept = value[4] < extent[4]
        if not kept.all():
            shown = np.flatnonzero(kept)
            job, value, extent = job[shown], value.take(shown, axis=1), extent.take(shown, axis=1)
            sizes = np.bincount(job, minlength=sizes.size)
    start = np.cumsum(sizes) - sizes
    long = extent > _SHOWN
    stands = np.where(long & (value == 1), extent - (_SHOWN - 1), 1)
    times = stands[0] * stands[1] * stands[2] * stands[3] * stands[4]
    innermost = 4 - np.argmax(extent[::-1] > 1, axis=0)
    repeats = stands[innermost, np.arange(innermost.size)]
    first, second, third, k, member = np.where(long & (value > 1), value + extent - _SHOWN, value)
    if g.reuse == "second":
        m, y, x = (third * group[job] + member if grouped else third), first, second
    elif grouped:
        n, of = third * group[job] + member, x_tiles[job]
        grows = group[job] > 1
        m, y, x = first, np.where(grows, n // of, second), np.where(grows, n % of, third)
    else:
        m, y, x = first, second, third
    # Which turns stand for several rows of tiles.
    by_rows = stands[0] if g.reuse == "second" else np.where(group[job] > 1, stands[2], stands[1])
    # With one tile in a group the slots alternate.
    odd = np.cumsum(k == 0) & 1
    if grouped:
        odd = np.where(group[job] > 1, member & 1, odd)
    # Neighbours in a group differ; what follows the representative of several does not lie beside it.
    same = (odd == np.roll(odd, 1)) & (member == 0)
    return _sized(t, g, job, sizes, start, times, repeats, by_rows > 1, m, y, x, k, same, k_tiles)


@lru_cache(maxsize=2048)
def _nest(*extents: int) -> Ints:
    """Return the values of all loops of a nest, turn after turn: (loops, turns)."""
    return np.indices(extents).reshape(len(extents), -1)


def _sized(  # noqa: PLR0917 - the places of the turns
    t: Tiles,
    g: Geometry,
    job: Ints,
    sizes: Ints,
    start: Ints,
    times: Ints,
    repeats: Ints,
    by_rows: Bools,
    m: Ints,
    y: Ints,
    x: Ints,
    k: Ints,
    same: Bools,
    k_tiles: Ints,
) -> Turns:
    """Return what turns at these places ask for."""
    word, pw, step = g.word_bytes, g.word_pixels, g.step
    # fmt: off
    (
        tile_m, tile_rows, tile_columns, tile_k, m_subtiles, out_rows, out_columns, all_k, taps, share_k, is_grouped,
        stride, row_step, row_stride, span_rows, span_columns, pad_top, pad_left, in_rows, in_columns, in_pitch, unit,
        column_phases, last_k,
    ) = np.stack([
        t.tile_m, t.tile_rows, t.tile_columns, t.tile_k, t.m_subtiles, t.out_rows, t.out_columns, t.k_groups,
        t.kernel_rows * t.kernel_columns, t.share_k, t.grouped, t.stride, t.row_step, t.row_stride, t.span_rows,
        t.span_columns, t.pad_top, t.pad_left, t.in_rows, t.in_columns, t.in_pitch, np.gcd(t.row_step * t.in_pitch, pw),
        t.column_phases, k_tiles - 1,
    ]).repeat(sizes, axis=1)
    # fmt: on
    grouped = is_grouped > 0
    subtiles = np.minimum(tile_m, m_subtiles - m * tile_m)
    rows = np.minimum(tile_rows, out_rows - y * tile_rows)
    columns = np.minimum(tile_columns, out_columns - x * tile_columns)
    key = np.where(grouped, m, k)
    k_groups = np.minimum(tile_k, all_k - key * tile_k)
    places = np.stack([m, k, y, x, key, columns])
    moves = np.ones(places.shape, np.bool_)
    np.not_equal(places[:, 1:], places[:, :-1], out=moves[:, 1:])
    moves[:, start] = True
    loads_a = moves[0] | moves[1]
    loads_b = moves[2] | moves[3] | moves[4]
    steps = taps * np.where(grouped, share_k, k_groups)

    # The window: what of it lies in the map, and words on the average of its rows' places in words.
    window_rows = (rows - 1) * row_stride + span_rows
    window_columns = (columns - 1) * stride + span_columns
    top = y * tile_rows * stride - pad_top
    left = x * tile_columns * stride - pad_left
    first_row = np.maximum(0, -top)
    inside_rows = np.minimum(window_rows, -((top - in_rows) // row_step)) - first_row
    first_column = np.maximum(0, -left)
    inside_columns = np.minimum(window_columns, in_columns - left) - first_column
    blocks = k_groups * g.group_blocks
    row_pixels = row_step * in_pitch
    lead = top * in_pitch + left
    inside_rows = np.where(loads_b & (inside_columns > 0), np.maximum(inside_rows, 0), 0)
    lead_inside = lead + first_row * row_pixels + first_column
    loaded_rows = np.where(loads_b, window_rows, 0)
    leads, spans = np.stack([lead, lead_inside]), np.stack([window_columns, inside_columns])
    loaded = np.stack([loaded_rows, inside_rows])
    b_words, b_read = blocks * _words(leads, spans, loaded, row_pixels, unit, pw)
    # The window of the next row of tiles begins elsewhere in a word: a turn that stands for several has their average.
    moved = tile_rows * stride * in_pitch
    if (several := np.flatnonzero(by_rows & (moved % pw > 0))).size:
        places = np.arange(pw)[:, None] * moved[several]
        shape = (2, pw, several.size)
        found = _words(
            (leads[:, None, several] + places).reshape(2, -1),
            np.broadcast_to(spans[:, None, several], shape).reshape(2, -1),
            np.broadcast_to(loaded[:, None, several], shape).reshape(2, -1),
            np.tile(row_pixels[several], pw),
            np.tile(unit[several], pw),
            pw,
        )
        totals = blocks[several] * found.reshape(shape).sum(axis=1)
        b_words[several], b_read[several] = (totals + pw // 2) // pw
    pixels = rows * columns
    whole = columns == out_columns
    subtile_cycles = subtile_cycles_of(steps, g.step_cycles, g.c_pieces)
    a_bytes = np.where(loads_a, subtiles * steps * (step.m * step.k), 0)
    c_blocks = subtiles * g.subtile_blocks
    words = -(-pixels // pw)
    segment = np.where(whole, words, columns // pw)
    return Turns(
        job=job,
        start=start,
        times=times,
        repeats=repeats,
        last=k == last_k,
        same=same,
        a_words=-(-a_bytes // word),
        a_fill=-(-a_bytes // g.a_piece_bytes),
        b_words=b_words,
        b_read=b_read,
        b_rows=blocks * inside_rows,
        b_fill=b_words * (g.fill_cycles * (1 if g.b_by_height else column_phases)),
        b_turn_rows=loaded_rows,
        walks=moves[5],
        compute=subtiles * -(-pixels // step.n) * subtile_cycles,
        subtile_cycles=subtile_cycles,
        late=steps * g.step_cycles + np.maximum(g.c_pieces - steps, 0) - subtile_cycles,
        p_words=-(-subtiles * (step.m * PARAMETER_BYTES) // word),
        c_words=c_blocks * words,
        c_bursts=c_blocks * np.where(whole, 1, rows) * -(-segment // 16),
    )


def subtile_cycles_of(steps: Ints, step_cycles: int, pieces: int) -> Ints:
    """Return the cycles that the array takes for each of many sub-tiles of so many steps.

    It counts the cycles in which it has the operands that it waits for, as many as the sub-tile has steps or pieces of results.
    In those beyond its steps it takes none: the FIFO before it fills, and one more step is gathered but for its last piece.
    Where buffers need several cycles for a step, they stand still from then on.

    Args:
        steps: of a sub-tile.
        step_cycles: in which the buffers deliver a step.
        pieces: of its results.
    """
    fed = steps * step_cycles
    if step_cycles > 1:
        gathered = (STEPS_DEPTH + 1) * step_cycles - 2
        fed += np.maximum(pieces - steps - gathered, 0)
    found: Ints = np.maximum(fed, pieces)
    return found


def _words(  # noqa: PLR0917 - rows of pixels
    lead: Ints, columns: Ints, rows: Ints, row_pixels: Ints, unit: Ints, word_pixels: int
) -> Ints:
    """Return how many memory words rows of pixels touch, each word counted for every row that it is touched by.

    `lead`, `columns` and `rows` are (windows, turns), `row_pixels` and `unit` (turns).
    `unit` is the greatest common divisor of `row_pixels` and `word_pixels`, powers of two like that: where rows begin in a
    word repeats after so many rows as it goes into a word, over which the floors add up in a closed form (Hermite's
    identity); those that are left, fewer than a word has pixels, are looked up.
    """
    shift, inside = word_pixels.bit_length() - 1, word_pixels - 1
    period = word_pixels // unit
    rest = rows & (period - 1)
    found = (rows - rest) // period * (((lead & (unit - 1)) + columns + inside) // unit)
    few = rest.nonzero()
    number, span = rest[few], columns[few] + inside
    key = (number << shift) + (row_pixels[few[1]] & inside)
    key = (((key << shift) + (lead[few] & inside)) << shift) + (span & inside)
    found[few] += number * (span >> shift) + _crossings(word_pixels).take(key)
    return found


@lru_cache(maxsize=8)
def _crossings(word_pixels: int) -> NDArray[np.uint8]:
    """Return how many of rows of pixels reach over the end of a word.

    Returns:
        For every number of rows, distance of rows, place of the first row in a word, and pixels that a row has in its last
        word, all below the pixels of a word; in this order, as one list.
    """
    numbers = np.arange(word_pixels, dtype=np.uint8)
    found = np.zeros((word_pixels,) * 4, np.uint8)
    for rows in range(1, word_pixels):
        place = (numbers * np.uint8(rows - 1))[:, None] + numbers & np.uint8(word_pixels - 1)
        np.add(found[rows - 1], place[:, :, None] >= word_pixels - numbers, out=found[rows])
    return found.ravel()
