"""Numpy model of load_b: rows cut out of a memory image and padded with zero words."""

import numpy as np


def vectors(parameters, rng):
    """Return the test vectors for the module's parameters and derived constants."""
    ahead = parameters["outstanding_bursts"]

    def run(name, tasks, size, draw=None):
        """Each task: (address, stride, rows valid, rows, words valid, words)."""
        memory = rng.integers(0, 2**64, size, dtype=np.uint64) if draw is None else draw(size)
        commands, sent = [], []
        for address, stride, rows_valid, rows, words_valid, words in tasks:
            tile = np.zeros((rows, words), dtype=np.uint64)
            for row in range(rows_valid):
                tile[row, :words_valid] = memory[address + row * stride :][:words_valid]
            commands.append(
                rows_valid << 8 | rows << 16 | words_valid << 24 | words << 32 | address << 40 | stride << 72
            )
            sent += tile.ravel().tolist()
        return {
            "name": name,
            "streams_in": {"commands": [*commands, 1]},
            "memories_in": {"gmem_b": memory.tolist()},
            "streams_out": {"words": sent},
            "memories_out": {"gmem_b": memory.tolist()},
        }

    def extremes(size):
        return rng.choice(np.array([0x8080808080808080, 0x7F7F7F7F7F7F7F7F, 0, 2**64 - 1], dtype=np.uint64), size)

    many = 2 * ahead + 3
    return [
        run("end at once", [], 1),
        run("one word", [(0, 1, 1, 1, 1, 1)], 1),
        run("extremes", [(1, 3, 4, 4, 2, 2)], 12, extremes),
        run("rows ahead", [(5, 9, many, many, 4, 4)], 5 + 9 * many),
        run("padded rows and words", [(2, 3, 5, 8, 1, 2), (0, 3, 1, 4, 3, 8), (0, 2, ahead, ahead, 2, 4)], 64),
        run("whole tile, to the last word", [(0, 8, 128, 128, 8, 8)], 1024),
        run("several tiles", [(0, 4, 9, 12, 2, 2), (2, 4, 9, 9, 2, 2), (40, 4, 1, 1, 3, 4)], 90),
    ]
