"""Numpy model of load_a: rows cut out of a memory image and padded with zero words."""

import numpy as np


def vectors(parameters, rng):
    """Return the test vectors for the module's parameters and derived constants."""
    ahead = parameters["outstanding_bursts"]

    def run(name, tasks, size, draw=None):
        """Each task: (address, stride, rows valid, rows, words valid, words, bias)."""
        memory = rng.integers(0, 2**64, size, dtype=np.uint64) if draw is None else draw(size)
        commands, sent = [], {0: [], 1: []}
        for address, stride, rows_valid, rows, words_valid, words, bias in tasks:
            tile = np.zeros((rows, words), dtype=np.uint64)
            for row in range(rows_valid):
                tile[row, :words_valid] = memory[address + row * stride :][:words_valid]
            commands.append(
                bias << 1
                | rows_valid << 8
                | rows << 16
                | words_valid << 24
                | words << 32
                | address << 40
                | stride << 72
            )
            sent[bias] += tile.ravel().tolist()
        return {
            "name": name,
            "streams_in": {"commands": [*commands, 1]},
            "memories_in": {"gmem_a": memory.tolist()},
            "streams_out": {"words": sent[0], "bias_words": sent[1]},
            "memories_out": {"gmem_a": memory.tolist()},
        }

    def extremes(size):
        return rng.choice(np.array([0x8080808080808080, 0x7F7F7F7F7F7F7F7F, 0, 2**64 - 1], dtype=np.uint64), size)

    tile = 0
    many = 2 * ahead + 3
    return [
        run("end at once", [], 1),
        run("one word", [(0, 1, 1, 1, 1, 1, tile)], 1),
        run("extremes", [(1, 3, 4, 4, 2, 2, tile)], 12, extremes),
        run("rows ahead", [(5, 9, many, many, 4, 4, tile)], 5 + 9 * many),
        run(
            "padded rows and words",
            [(2, 3, 5, 8, 1, 2, tile), (0, 3, 1, 4, 3, 8, tile), (0, 2, ahead, ahead, 2, 4, tile)],
            64,
        ),
        run("whole tile, to the last word", [(0, 8, 128, 128, 8, 8, tile)], 1024),
        run(
            "tile and bias in turn",
            [(0, 4, 9, 12, 2, 2, tile), (50, 0, 1, 1, 8, 8, 1), (2, 4, 9, 9, 2, 2, tile), (58, 0, 1, 1, 32, 32, 1)],
            90,
        ),
    ]
