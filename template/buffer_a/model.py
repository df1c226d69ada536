"""Numpy model of buffer_a: tiles go in row by row of k and come out step by step, one command later."""

import numpy as np


def words(elements, size):
    """Group int8 elements into words of `size`, the first in the lowest bits."""
    flat = np.ascontiguousarray(elements).astype(np.uint8).reshape(-1, size)
    return [int.from_bytes(row.tobytes(), "little") for row in flat]


def vectors(parameters, rng):
    """Return the test vectors for the module's parameters and derived constants."""
    p = parameters
    step_m, step_k = p["step_m"], p["step_k"]

    def sent(tile, subtiles_m, subtiles_n, steps_k):
        used = tile[: subtiles_m * step_m, : steps_k * step_k].reshape(subtiles_m, step_m, steps_k, step_k)
        steps = used.transpose(0, 2, 3, 1) if p["dimension"] == "height" else used.transpose(0, 2, 1, 3)
        repeated = np.repeat(steps[:, None], subtiles_n, axis=1)
        return words(repeated, p["piece"])

    def run(name, tasks, draw):
        """Each task fills a tile of (row_words, rows_k) or None, and reads (sub m, sub n, steps k) or None."""
        commands, bank_words, pieces, front = [], [], [], None
        for fill, read in tasks:
            command = 0
            if read:
                subtiles_m, subtiles_n, steps_k = read
                command |= (
                    subtiles_m << 32 | subtiles_n << 40 | steps_k << 48 | (subtiles_m * subtiles_n * steps_k) << 56
                )
                pieces += sent(front, *read)
            if fill:
                row_words, rows_k = fill
                command |= row_words << 8 | (row_words * rows_k) << 16
                tile = draw((rows_k, row_words * 8))
                bank_words += words(tile, p["fill_elements"])
                front = tile.T
            commands.append(command)
        return {
            "name": name,
            "streams_in": {"commands": [*commands, 1], "bank_words": bank_words},
            "streams_out": {"pieces": pieces},
        }

    def random(shape):
        return rng.integers(-128, 128, shape)

    def fills(subtiles_m, steps_k):
        """The smallest tile (words, rows) that covers so many steps."""
        return -(-subtiles_m * step_m // 8), steps_k * step_k

    most_m, most_k = p["tile_m"] // step_m, p["tile_k"] // step_k
    whole, small = (most_m, most_k), (1, 1)
    middle = (max(1, most_m // 2), max(1, most_k - 1))
    some = (most_m, 1) if step_m * step_k < 8 else whole
    return [
        run("end at once", [], random),
        run(
            "smallest tile",
            [(fills(*small), None), (None, (1, 1, 1))],
            lambda shape: np.arange(np.prod(shape)).reshape(shape),
        ),
        run(
            "extremes", [(fills(*small), None), (None, (1, 2, 1))], lambda shape: rng.choice([-128, 127, -1, 0], shape)
        ),
        run("whole tile", [(fills(*whole), None), (None, (some[0], 1, some[1]))], random),
        run(
            "fill beside reading",
            [
                (fills(*middle), None),
                (fills(*whole), (middle[0], 1, min(2, middle[1]))),
                (fills(*small), (most_m, 1, min(3, most_k))),
                (fills(*middle), (1, 3, 1)),
                (None, (1, 1, middle[1])),
                (None, (middle[0], 2, 1)),
            ],
            random,
        ),
    ]
