"""Numpy model of buffer_c: a few output matrices to which products are added."""

import numpy as np


def pack(values, bits):
    """Pack numbers as two's complement of so many bits, the first lowest."""
    return sum((int(value) & ((1 << bits) - 1)) << (bits * index) for index, value in enumerate(np.ravel(values)))


def vectors(parameters, rng):
    """Return the test vectors for the module's parameters and derived constants."""
    p = parameters
    step_m, step_n, drained = p["step_m"], p["step_n"], p["drained"]
    most_m, most_n = p["tile_m"] // step_m, p["tile_n"] // step_n

    def run(name, tasks, draw):
        """Each task: (slot, first, sub-tiles m, sub-tiles n, (rows, columns) to drain or None)."""
        tiles = np.zeros((p["group"], p["tile_m"], p["tile_n"]), dtype=np.int64)
        commands, results, sums = [], [], []
        for slot, first, subtiles_m, subtiles_n, drain in tasks:
            rows, columns = subtiles_m * step_m, subtiles_n * step_n
            added = draw((rows, columns))
            blocks = added.reshape(subtiles_m, step_m, subtiles_n, step_n).transpose(0, 2, 1, 3)
            results += [pack(block, 32) for line in blocks for block in line]
            tiles[slot, :rows, :columns] = added if first else tiles[slot, :rows, :columns] + added
            command = first << 1 | slot << 4 | subtiles_m << 8 | subtiles_n << 16 | (subtiles_m * subtiles_n) << 24
            if drain:
                rows, columns = drain
                row_words = -(-columns // 8)
                sent = np.zeros((rows, row_words * 8), dtype=np.int64)
                sent[:, :columns] = tiles[slot, :rows, :columns]
                sums += [pack(word, 32) for word in sent.reshape(-1, drained)]
                command |= 1 << 2 | rows << 40 | columns << 48 | row_words << 56 | (rows * row_words) << 64
            commands.append(command)
        return {
            "name": name,
            "streams_in": {"commands": [*commands, 1], "results": results},
            "streams_out": {"sums": sums},
        }

    def random(shape):
        return rng.integers(-(2**31), 2**31, shape)

    def numbered(shape):
        return np.arange(1, np.prod(shape) + 1).reshape(shape)

    m, n = max(1, most_m // 2), max(1, most_n - 1)
    last = p["group"] - 1
    return [
        run("end at once", [], random),
        run("one sub-tile, stored and drained", [(0, 1, 1, 1, (step_m, step_n))], numbered),
        run("one element drained", [(last, 1, 1, 1, (1, 1))], random),
        run(
            "extremes",
            [(0, 1, 1, 1, None), (0, 0, 1, 1, (1, step_n))],
            lambda shape: rng.choice([-(2**31), 2**31 - 1], shape),
        ),
        run(
            "three sums",
            [(last, 1, m, n, None), (last, 0, m, n, None), (last, 0, m, n, (m * step_m, n * step_n))],
            random,
        ),
        run(
            "slots in turn",
            [
                (slot, first, m, 1, drain)
                for first, drain in ((1, None), (0, (m * step_m, step_n)))
                for slot in range(last + 1)
            ],
            random,
        ),
        run(
            "whole tile, ragged",
            [(0, 1, most_m, most_n, (p["tile_m"] - 1, p["tile_n"] - 3)), (0, 1, 1, 1, (1, 1))],
            random,
        ),
    ]
