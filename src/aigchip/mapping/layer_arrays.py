"""Layers as arrays, one element a layer: what a choice of tiles for all layers of a network at once computes with."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from aigchip.mapping.convolution import Convolution

#: Strides that ctrl and buffer B do.
STRIDES = (1, 2, 4)
#: Greatest kernel that the table of taps holds.
TAPS_MAX = 256

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Numbers = Ints | Floats
Bools = NDArray[np.bool_]


class Layers:
    """Layers of a network, and what was once listed for them.

    Attributes:
        layers: themselves.
        channels, rows, columns, outputs, kernel_rows, kernel_columns, stride, pad_top, pad_left, dilation, groups,
            out_rows, out_columns: their sizes, as `Convolution` has them.
        longest: products that a result sums.
        depthwise: whether every channel is a group of its own.
        plain: whether every layer is one that designs with large buffers do.
    """

    def __init__(self, layers: Sequence[Convolution]) -> None:
        self.layers = tuple(layers)

        def ints(of: Callable[[Convolution], int]) -> Ints:
            return np.array([of(layer) for layer in self.layers], np.int64)

        self.channels = ints(lambda layer: layer.channels)
        self.rows = ints(lambda layer: layer.rows)
        self.columns = ints(lambda layer: layer.columns)
        self.outputs = ints(lambda layer: layer.outputs)
        self.kernel_rows = ints(lambda layer: layer.kernel[0])
        self.kernel_columns = ints(lambda layer: layer.kernel[1])
        self.stride = ints(lambda layer: layer.stride)
        self.pad_top = ints(lambda layer: layer.padding[0])
        self.pad_left = ints(lambda layer: layer.padding[1])
        self.dilation = ints(lambda layer: layer.dilation)
        self.groups = ints(lambda layer: layer.groups)
        self.out_rows = ints(lambda layer: layer.out_rows)
        self.out_columns = ints(lambda layer: layer.out_columns)
        self.longest = ints(lambda layer: layer.group_channels * layer.kernel[0] * layer.kernel[1])
        self.depthwise: Bools = np.array([layer.depthwise for layer in self.layers], np.bool_)
        one_row = self.kernel_rows == 1
        padded = np.array([any(layer.padding) for layer in self.layers], np.bool_)
        self.plain = not (
            ~np.isin(self.stride, STRIDES)
            | (self.kernel_rows * self.kernel_columns > TAPS_MAX)
            | (np.minimum(self.out_rows, self.out_columns) < 1)
            | (one_row & padded & (self.stride > 1))
        ).any()
        self._pixel_tiles: dict[Hashable, PixelTiles] = {}
        self._lists: dict[Hashable, Ragged] = {}

    def __len__(self) -> int:
        return len(self.layers)

    def pixel_tiles(self, word_pixels: int, step_n: int, window: Bools) -> PixelTiles:
        """List for each layer what tiles of output pixels may be."""
        key = (word_pixels, step_n, window.tobytes())
        if key not in self._pixel_tiles:
            self._pixel_tiles[key] = self._list_pixel_tiles(word_pixels, step_n, window)
        return self._pixel_tiles[key]

    def _list_pixel_tiles(self, word_pixels: int, step_n: int, window: Bools) -> PixelTiles:
        sizes = zip(self.out_rows.tolist(), self.out_columns.tolist(), window.tolist(), strict=True)
        lists = [_pixel_tiles(*size, word_pixels, step_n) for size in sizes]
        of = np.repeat(np.arange(len(lists)), [one.shape[1] for one in lists])
        width, columns, rows = np.concatenate(lists, axis=1)
        pixels = rows * columns
        tiles = -(-self.out_rows[of] // rows) * -(-width // columns)
        window_columns = (columns - 1) * self.stride[of] + ((self.kernel_columns - 1) * self.dilation + 1)[of]
        return PixelTiles(
            layer=of,
            width=width,
            columns=columns,
            rows=rows,
            pixels=pixels,
            groups_n=-(-pixels // step_n),
            steps_n=mean_steps(self.out_rows[of], width, rows, columns, step_n),
            tiles=tiles,
            share=self.out_rows[of] * width / (pixels * tiles),
            row_words=window_columns / word_pixels + ((columns < width) | (self.kernel_rows > 1)[of]),
        )

    def parts(self, whole: Ints, powers: Bools) -> Ragged:
        """List for each layer the sizes, ascending, of tiles that cut so many units about evenly; or the powers of two."""
        key = (whole.tobytes(), powers.tobytes())
        if key not in self._lists:
            sizes = zip(whole.tolist(), powers.tolist(), strict=True)
            self._lists[key] = Ragged([_powers_as_row(size) if power else _even(size) for size, power in sizes])
        return self._lists[key]


@dataclass(frozen=True, slots=True, kw_only=True)
class PixelTiles:
    """What tiles of output pixels may be, layer after layer.

    Attributes:
        layer: whose tile it is.
        width: columns of the output that are computed.
        columns, rows, pixels: of a tile.
        groups_n: steps along n of a whole tile.
        steps_n: as `mean_steps` says.
        tiles: that the output is cut into.
        share: part of the whole tiles' pixels that there are.
        row_words: about the memory words of a row of the window.
    """

    layer: Ints
    width: Ints
    columns: Ints
    rows: Ints
    pixels: Ints
    groups_n: Ints
    steps_n: Floats
    tiles: Ints
    share: Floats
    row_words: Floats


def mean_steps(out_rows: Ints, width: Ints, rows: Ints, columns: Ints, step_n: int) -> Floats:
    """Return the steps along n that tiles take for as many pixels as a whole tile has, the last tiles' unfilled steps included.

    Args:
        out_rows: of the output.
        width: columns of the output.
        rows: of a whole tile.
        columns: of a whole tile.
        step_n: pixels of a step.
    """
    (whole_rows, last_rows), (whole_columns, last_columns) = np.divmod(out_rows, rows), np.divmod(width, columns)
    steps = whole_rows * (whole_columns * -(-rows * columns // step_n) - (-rows * last_columns // step_n))
    steps += whole_columns * -(-last_rows * columns // step_n) - (-last_rows * last_columns // step_n)
    return steps * (rows * columns / (out_rows * width))


class Ragged:
    """Lists of different lengths, one after another.

    Attributes:
        values: (rows, entries of all lists).
        owner: the list of each entry.
        start, length: of each list.
    """

    def __init__(self, lists: Sequence[Ints]) -> None:
        self.values: Ints = np.concatenate(lists, axis=1)
        self.length: Ints = np.array([one.shape[1] for one in lists], np.int64)
        self.start: Ints = np.cumsum(self.length) - self.length
        self.owner: Ints = np.repeat(np.arange(len(lists)), self.length)
        self._keys: Ints = (self.owner << 32) + self.values[0]

    def up_to(self, owner: Ints, most: Ints) -> Ints:
        """Return how many entries of ascending lists are at most `most`."""
        return np.searchsorted(self._keys, (owner << 32) + most, side="right") - self.start[owner]


@lru_cache(maxsize=4096)
def _pixel_tiles(rows: int, columns: int, window: bool, word_pixels: int, step_n: int) -> Ints:
    """Return (computed columns of the output; columns of a tile; rows of a tile), each of which may be as well as not.

    Tiles are whole rows, at a whole number of words; or parts of rows that are whole words and groups of the array.
    """
    unit = max(word_pixels, step_n)
    found: list[tuple[int, int, int]] = []
    plain = _ceil(columns, step_n) * step_n if window else columns
    wide = _ceil(columns, unit) * unit
    for width in dict.fromkeys((plain, wide)):
        align = word_pixels // int(np.gcd(width, word_pixels))
        found += [(width, width, count) for count in _row_counts(rows, align)]
    for part in _even_parts(wide, unit):
        found += [(wide, part, count) for count in _powers(rows)]
    return np.array(found, np.int64).T


def _row_counts(rows: int, align: int) -> list[int]:
    """Return numbers of rows of a tile: all of them, and those that cut them about evenly into multiples of `align`."""
    counts = (_ceil(_ceil(rows, parts), align) * align for parts in range(2, rows + 1))
    return list(dict.fromkeys((rows, *(count for count in counts if count < rows))))


def _even_parts(size: int, unit: int) -> list[int]:
    """Return multiples of `unit` that cut a size about evenly: into 2, 3, 4, 6, 8, ... parts, the last of a unit."""
    found: list[int] = []
    parts, part = 2, size
    while part != unit:
        part = _ceil(_ceil(size, parts), unit) * unit
        found.append(part)
        parts += 1 if parts < 8 else parts // 4
    return [part for part in dict.fromkeys(found) if part != size]


def _powers(most: int) -> list[int]:
    return [1 << exponent for exponent in range((most - 1).bit_length())] + [most]


@lru_cache(maxsize=4096)
def _powers_as_row(most: int) -> Ints:
    return np.array([_powers(most)], np.int64)


@lru_cache(maxsize=4096)
def _even(whole: int) -> Ints:
    return np.array([sorted({_ceil(whole, parts) for parts in range(1, whole + 1)})], np.int64)


def _ceil(value: int, unit: int) -> int:
    return -(-value // unit)
