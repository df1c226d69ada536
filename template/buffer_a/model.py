"""Numpy model of buffer_a: a tile goes in piece by piece and comes out sub-tile by sub-tile, one command later."""

import numpy as np


def vectors(parameters, rng):
    """Return the test vectors for the module's parameters and derived constants."""
    size = parameters["piece_bits"] // 8
    half = parameters["half_pieces"]
    step = parameters["step_pieces"]

    def packed(tile):
        return [int.from_bytes(piece.tobytes(), "little") for piece in tile.reshape(-1, size)]

    def run(name, tasks, draw):
        """Each task fills a tile of so many pieces, and reads (sub-tiles, times, pieces of a sub-tile) or None."""
        commands, pieces_in, pieces_out, front = [], [], [], None
        for fill, read in tasks:
            subtiles, times, pieces = read or (0, 0, 0)
            commands.append(fill << 1 | subtiles << 25 | times << 41 | pieces << 57)
            if read:
                used = front[: subtiles * pieces].reshape(subtiles, 1, pieces * size)
                pieces_out += packed(np.repeat(used, times, axis=1))
            if fill:
                front = draw((fill, size)).astype(np.uint8)
                pieces_in += packed(front)
        return {
            "name": name,
            "streams_in": {"commands": [*commands, 1], "pieces_in": pieces_in},
            "streams_out": {"pieces_out": pieces_out},
        }

    def noise(shape):
        return rng.integers(0, 256, shape)

    def counted(shape):
        return 1 + np.arange(np.prod(shape)).reshape(shape) % 255

    def extremes(shape):
        return rng.choice([0x80, 0x7F, 0xFF, 0x00], shape)

    def most(limit):
        """A tile of whole array steps, as large as a half, or as `limit` pieces."""
        return max(1, min(half, limit) // step) * step if step <= half else half

    small = min(step, half)
    some, whole = most(24 * step), most(600)
    parts = max(1, some // small // 3)
    return [
        run("end at once", [], noise),
        run("one piece", [(1, None), (0, (1, 1, 1))], counted),
        run("extremes", [(some, None), (0, (1, 2, some))], extremes),
        run("a whole half", [(whole, None), (0, (1, 1, whole))], noise),
        run("filled twice, read once", [(small, None), (whole, None), (0, (1, 1, small))], noise),
        run("read several times", [(some, None), (0, (1, 3, small)), (0, (parts, 2, small)), (0, (1, 1, some))], noise),
        run(
            "fill beside reading",
            [
                (some, None),
                (whole, (parts, 2, small)),
                (small, (1, 1, whole)),
                (some, (1, 40, small)),
                (1, (some, 2, 1)),
                (small, (1, 5, 1)),
                (0, (small, 1, 1)),
            ],
            noise,
        ),
    ]
