"""Numpy model of buffer_b: convolutions of random maps.

Windows go in as load_b reads them from planes of memory; what comes out is gathered from the padded map itself. Only where
a piece goes on beyond the pixels of the tile does the place in the buffer decide.
"""

from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True, kw_only=True)
class Layer:
    """A map of `blocks` x cb channels, and a convolution of it; the map's rows are `wide` pixels apart in memory."""

    rows: int
    columns: int
    blocks: int
    kernel: tuple = (1, 1)
    stride: int = 1
    dilation: int = 1
    padding: tuple = (0, 0, 0, 0)  # top, left, bottom, right
    value: int = 0
    wide: int = 0

    @property
    def span(self):
        return tuple((taps - 1) * self.dilation + 1 for taps in self.kernel)

    @property
    def out(self):
        top, left, bottom, right = self.padding
        sizes = (self.rows + top + bottom, self.columns + left + right)
        return tuple((size - span) // self.stride + 1 for size, span in zip(sizes, self.span, strict=True))


@dataclass(frozen=True, kw_only=True)
class Tile:
    """A window of a layer: output pixels from `first` on, and how its pixels lie in the buffer.

    A command has one layout for the window that is filled and the one that is read: that of a tile of `most` output pixels.
    """

    layer: Layer
    first: tuple
    out: tuple
    most: tuple
    groups: int  # k-groups in the window
    aligned: int  # the pitch is congruent to the columns of `most` modulo this
    windowed: bool = False

    @property
    def row_step(self):
        return self.layer.stride if self.layer.kernel[0] == 1 else 1

    @property
    def strides(self):
        return self.layer.stride // self.row_step, self.layer.stride

    @property
    def phases(self):
        return tuple(min(stride, span) for stride, span in zip(self.strides, self.layer.span, strict=True))

    @property
    def pitch(self):
        extra = (self.layer.span[1] - 1) // self.layer.stride + self.windowed
        return self.most[1] + -(-extra // self.aligned) * self.aligned

    @property
    def plane(self):
        return (self.most[0] + (self.layer.span[0] - 1) // self.strides[0]) * self.pitch

    @property
    def step_positions(self):
        return self.phases[0] * self.phases[1] * self.plane

    @property
    def window(self):
        """Rows and columns of the window."""
        return tuple(
            (out - 1) * stride + span for out, stride, span in zip(self.out, self.strides, self.layer.span, strict=True)
        )

    @property
    def corner(self):
        """Row and column of the map where the window begins; negative inside the padding."""
        return tuple(
            first * self.layer.stride - pad for first, pad in zip(self.first, self.layer.padding[:2], strict=True)
        )

    @property
    def taps(self):
        """Row and column of each tap in the window, for windowed reading one tap for each column phase."""
        rows, columns = self.layer.kernel
        columns = range(self.phases[1]) if self.windowed else np.arange(columns) * self.layer.dilation
        return [(row * self.layer.dilation, int(column)) for row in range(rows) for column in columns]

    def position(self, row, column):
        """Position in the buffer of pixels of the window's first block; -1: dropped."""
        phase = row % self.strides[0], column % self.strides[1]
        place = (phase[0] * self.phases[1] + phase[1]) * self.plane
        place = place + row // self.strides[0] * self.pitch + column // self.strides[1]
        return np.where((phase[0] < self.phases[0]) & (phase[1] < self.phases[1]), place, -1)


@dataclass(frozen=True, kw_only=True)
class Task:
    """A command: a tile to fill or None, and how the tile before is read: sub-tiles of m, and k-groups and sub-tiles that share them."""

    fill: Tile | None = None
    subtiles: int = 0
    k_groups: int = 0
    share: int = 65535


@dataclass(kw_only=True)
class _Half:
    tile: Tile | None = None
    picture: np.ndarray | None = None
    memory: np.ndarray = field(default_factory=lambda: np.zeros(0))
    known: np.ndarray = field(default_factory=lambda: np.zeros(0, bool))


class _Bench:
    """Streams of one vector under construction."""

    def __init__(self, parameters, rng):
        self.p, self.rng = parameters, rng
        half = parameters["half_positions"]
        self.halves = [
            _Half(memory=np.zeros((half, parameters["step_k"]), np.int8), known=np.zeros(half, bool)) for _ in range(2)
        ]
        self.front = 0
        self.commands, self.pieces_in, self.pieces_out = [], [], []
        self.table = None
        self.guessed = 0  # positions that were read and never written, one more than the greatest

    def do(self, task, draw):
        """Add one command."""
        front = self.halves[self.front]
        if task.subtiles:
            taps = [int(front.tile.position(*np.array(tap))) for tap in front.tile.taps]
            if taps != self.table:
                self.commands += [2 | index << 206 | offset << 302 for index, offset in enumerate(taps)]
                self.table = taps
            self._read(front, task)
        self.commands.append(self._command(front.tile, task))
        if task.fill:
            self.front = 1 - self.front
            self._fill(self.halves[self.front], task.fill, draw)

    def _command(self, front, task):
        fill, p = task.fill, self.p
        fields = {}
        if fill:
            layer, (top, left) = fill.layer, fill.corner
            wide = layer.wide or layer.columns
            inside = [
                max(0, -(top // fill.row_step)),
                min(fill.window[0], max(0, -(-(layer.rows - top) // fill.row_step))),
                max(0, -left),
                min(fill.window[1], max(0, layer.columns - left)),
            ]
            fields |= {2: layer.blocks, 18: fill.window[0], 34: fill.window[1]}
            fields |= dict(zip((50, 66, 82, 98), inside, strict=True))
            fields |= {
                114: (top * wide + left) % p["pixels_word"],
                122: fill.row_step * wide % p["pixels_word"],
                130: fill.phases[0],
                133: fill.phases[1],
                136: fill.strides[0],
                139: fill.strides[1],
                326: layer.value % 256,
            }
        if task.subtiles:
            groups = -(-front.out[0] * front.out[1] // p["step_n"])
            fields |= {206: task.subtiles, 222: groups, 238: front.out[1], 254: len(front.taps), 270: task.k_groups}
            fields[286] = task.share
        layouts = {(t.pitch, t.plane, t.step_positions) for t in (front if task.subtiles else None, fill) if t}
        assert len(layouts) < 2
        for layout in layouts:
            fields |= dict(zip((142, 158, 182), layout, strict=True))
        return sum(value << bit for bit, value in fields.items())

    def _fill(self, half, tile, draw):
        """Send the window as it lies in memory, and note what it is."""
        p, layer = self.p, tile.layer
        block, word, wide = p["channel_block"], p["pixels_word"], layer.wide or layer.columns
        memory = draw((layer.blocks, layer.rows * wide, block)).astype(np.int8)
        picture = memory.reshape(layer.blocks, layer.rows, wide, block)[:, :, : layer.columns]
        half.tile, half.picture = tile, picture.transpose(0, 3, 1, 2).reshape(-1, layer.rows, layer.columns)
        (top, left), (rows, columns) = tile.corner, tile.window
        for plane in memory:
            for row in range(rows):
                y = top + row * tile.row_step
                index = y * wide + left
                lead = index % word
                pixels = np.zeros((-(-(lead + columns) // word) * word, block), np.int8)
                if 0 <= y < layer.rows:
                    at = index - lead + np.arange(len(pixels))
                    column = at - index + left
                    within = (column >= 0) & (column < layer.columns) & (column < left + columns) & (column >= left)
                    needed = np.repeat(within.reshape(-1, word).any(axis=1), word)
                    stored = (at >= 0) & (at < len(plane)) & needed
                    pixels[stored] = plane[at[stored]]
                pieces = pixels.reshape(-1, p["fill_bits"] // 8)
                self.pieces_in += [int.from_bytes(piece.tobytes(), "little") for piece in pieces]
        row, column = np.indices((rows, columns))
        place = tile.position(row, column)
        kept = place >= 0
        seen = self._pixels(half, top + row * tile.row_step, left + column)  # (channels, rows, columns)
        for group in range(tile.groups):
            channels = slice(group * p["step_k"], (group + 1) * p["step_k"])
            at = place[kept] + group * tile.step_positions
            half.memory[at] = seen[channels][:, kept].T
            half.known[at] = True

    def _pixels(self, half, y, x):
        """Return the pixels (channels, ...) of the padded map."""
        layer = half.tile.layer
        inside = (y >= 0) & (y < layer.rows) & (x >= 0) & (x < layer.columns)
        found = half.picture[:, np.where(inside, y, 0), np.where(inside, x, 0)]
        return np.where(inside, found, layer.value)

    def _read(self, half, task):
        p, tile, layer = self.p, half.tile, half.tile.layer
        sn, sk = p["step_n"], p["step_k"]
        rows, columns = tile.out
        taps = tile.taps
        count = 2 * sn if p["window"] else sn
        for subtile in range(task.subtiles):
            for first in range(0, rows * columns, sn):
                for tap in taps:
                    pixel = first + np.arange(sn)
                    beyond = pixel >= rows * columns
                    place = tile.position(*np.array(tap)) + pixel // columns * tile.pitch + pixel % columns
                    y = (tile.first[0] + pixel // columns) * layer.stride + tap[0] - layer.padding[0]
                    x = (tile.first[1] + pixel % columns) * layer.stride + tap[1] - layer.padding[1]
                    if count > sn:  # on to the right of the last pixel
                        on = np.arange(1, count - sn + 1)
                        place = np.concatenate([place, place[-1] + on])
                        y, x = (
                            np.concatenate([y, np.full(on.size, y[-1])]),
                            np.concatenate([x, x[-1] + on * layer.stride]),
                        )
                        column = (pixel[-1] % columns + on) * layer.stride + tap[1]
                        beyond = np.concatenate([beyond, beyond[-1] | (column >= tile.window[1])])
                    for k in range(task.k_groups):
                        group = k + subtile // task.share * task.k_groups
                        at = (place + group * tile.step_positions) % p["half_positions"]
                        step = self._pixels(half, y, x)[group * sk : (group + 1) * sk].T.astype(np.int8)
                        stored = half.memory[at]
                        assert (stored == step)[~beyond].all(), "the layout does not give the convolution's pixels"
                        if not half.known[at].all():
                            self.guessed = max(self.guessed, int(at[~half.known[at]].max()) + 1)
                        step = np.where(beyond[:, None], stored, step)
                        pieces = step.reshape(-1, p["piece_bits"] // 8)
                        self.pieces_out += [int.from_bytes(piece.tobytes(), "little") for piece in pieces]


def vectors(parameters, rng):
    """Return the test vectors for the module's parameters and derived constants."""
    p = parameters
    sn, banks, half = p["step_n"], (1 if p["dimension"] == "height" else p["factor"]), p["half_positions"]

    def noise(shape):
        return rng.integers(-128, 128, shape)

    def counted(shape):
        return 1 + np.arange(np.prod(shape)).reshape(shape) % 127

    def extremes(shape):
        return rng.choice([-128, 127, -1, 0], shape)

    def layer(rows, columns, groups, **more):
        return Layer(rows=rows, columns=columns, blocks=groups * p["parts"], **more)

    def tile(of, first=(0, 0), out=None, *, most=None, aligned=0, windowed=False):
        """The largest tile of at most `out` pixels from `first` on that a half holds; None when it holds no pixel."""
        out = out or (of.out[0] - first[0], of.out[1] - first[1])
        groups = of.blocks // p["parts"]
        while True:
            found = Tile(
                layer=of,
                first=first,
                out=out,
                most=most or out,
                groups=groups,
                aligned=aligned or banks,
                windowed=windowed,
            )
            if groups * found.step_positions <= half:
                return found
            if most or out[0] == 1:
                return None
            out = (out[0] - 1, out[1])

    def run(name, tasks, draw=noise):
        """Give the commands; when a piece goes on into places never written, these are filled before."""
        if any(task is None for task in tasks):
            return []
        bench = _Bench(p, rng)
        for task in tasks:
            bench.do(task, draw)
        if bench.guessed:
            size = bench.guessed
            bench = _Bench(p, rng)
            whole = tile(layer(1, size, 1))
            for task in (Task(fill=whole), Task(fill=whole), *tasks):
                bench.do(task, draw)
            assert not bench.guessed
        streams = {"commands": [*bench.commands, 1], "pieces_in": bench.pieces_in}
        return [{"name": name, "streams_in": streams, "streams_out": {"pieces_out": bench.pieces_out}}]

    def once(name, of, first=(0, 0), out=None, *, subtiles=1, draw=noise, **how):
        """Fill one tile, then read it."""
        found = tile(of, first, out, **how)
        if found is None:
            return []
        return run(name, [Task(fill=found), Task(subtiles=subtiles, k_groups=found.groups)], draw)

    same = {"kernel": (3, 3), "padding": (1, 1, 1, 1)}
    few = min(sn, 8)
    found = run("end at once", [])
    found += once("one pixel", layer(1, 1, 1), draw=counted)
    found += once("one row", layer(1, 2 * sn + 1, 2), subtiles=2, draw=extremes)
    found += once("padding on every side", layer(3, sn + 2, 1, value=-7, **same))
    found += once("almost only padding", layer(1, 1, 2, value=100, **same))
    found += once("rows of two", layer(4, 2, 1, value=3, **same))
    found += once("rows of one", layer(2 * few + 1, 3, 1, kernel=(2, 3), wide=5))
    found += once("stride 2", layer(5, 2 * few + 3, 1, stride=2, value=-1, **same))
    found += once("stride 4", layer(7, 4 * few + 2, 1, stride=4, kernel=(3, 5), padding=(1, 2, 0, 3)))
    found += once("stride 4, three columns", layer(6, 4 * few - 1, 1, stride=4, kernel=(5, 3), padding=(0, 1, 1, 0)))
    found += once("dilation 2", layer(4, few + 3, 1, kernel=(3, 3), dilation=2, padding=(2, 2, 2, 2), value=-128))
    found += once("1 x 1 with stride 2", layer(3, 2 * few + 3, 2, stride=2))
    found += once("inside of a map", layer(7, 3 * sn + 7, 1, wide=3 * sn + 10, **same), (3, sn), (2, sn))
    found += once("no row is cut", layer(3, 2 * sn + 2, 1, kernel=(2, 3)), aligned=1)
    if 256 * p["step_pieces"] <= 2048:
        found += once("256 taps", layer(16, sn + 15, 1, kernel=(16, 16)))

    deep = tile(layer(2, sn + 1, 3))
    if deep:
        share = [Task(fill=deep), Task(subtiles=1, k_groups=3), Task(subtiles=2, k_groups=2)]
        found += run(
            "read several times", [*share, Task(subtiles=6, k_groups=1, share=2), Task(subtiles=1, k_groups=1)]
        )
    large = layer(6, 2 * sn + 3, 1, value=9, **same)
    most = tile(large, (0, 0), (2, 2 * sn))
    if most:
        parts = [
            tile(large, first, out, most=most.most)
            for first, out in (((0, 0), (2, 2 * sn)), ((2, 0), (2, 2 * sn)), ((4, sn), (2, sn)), ((1, sn + 3), (1, sn)))
        ]
        found += run(
            "fill beside reading",
            [
                Task(fill=parts[0]),
                Task(fill=parts[1], subtiles=1, k_groups=1),
                Task(fill=parts[2], subtiles=2, k_groups=1),
                Task(fill=parts[3]),
                Task(fill=parts[0], subtiles=1, k_groups=1),
                Task(subtiles=1, k_groups=1),
            ],
        )
    if p["window"]:
        found += once("by windows", layer(3, 2 * sn, 2, value=5, **same), subtiles=2, windowed=True)
        found += once("by windows with stride 2", layer(5, 4 * sn, 1, stride=2, **same), windowed=True)
    return found
