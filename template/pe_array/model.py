"""Numpy model of pe_array: a matrix product for each output sub-tile, its operands cut into blocks for the lanes."""

import numpy as np


def pack(values, bits):
    """Pack numbers as two's complement of so many bits, the first lowest."""
    return sum((int(value) & ((1 << bits) - 1)) << (bits * index) for index, value in enumerate(np.ravel(values)))


def blocks(matrix, rows, columns):
    """Order a matrix block by block, blocks and elements row by row."""
    down, across = matrix.shape[0] // rows, matrix.shape[1] // columns
    return matrix.reshape(down, rows, across, columns).transpose(0, 2, 1, 3)


def vectors(parameters, rng):
    """Return the test vectors for the module's parameters and derived constants."""
    p = parameters
    step_m, step_n, step_k = p["step_m"], p["step_n"], p["step_k"]

    def run(name, tasks, draw):
        commands, a_words, b_words, results = [], [], [], []
        for subtiles, steps_k in tasks:
            commands.append((steps_k << 8) | (subtiles * steps_k << 16))
            for _ in range(subtiles):
                a, b = draw((step_m, steps_k * step_k)), draw((steps_k * step_k, step_n))
                for step in range(steps_k):
                    taken = slice(step * step_k, (step + 1) * step_k)
                    a_words.append(pack(blocks(a[:, taken], p["lane_m"], p["lane_k"]), 8))
                    b_words.append(pack(blocks(b[taken], p["lane_k"], p["lane_n"]), 8))
                results.append(pack(a @ b, 32))
        return {
            "name": name,
            "streams_in": {"commands": [*commands, 1], "a_words": a_words, "b_words": b_words},
            "streams_out": {"results": results},
        }

    def random(shape):
        return rng.integers(-128, 128, shape)

    return [
        run("end at once", [], random),
        run("one step a sub-tile", [(3, 1)], random),
        run("all -128", [(2, 4)], lambda shape: np.full(shape, -128)),
        run("all 127", [(1, 5)], lambda shape: np.full(shape, 127)),
        run("extremes", [(2, 3)], lambda shape: rng.choice([-128, -1, 0, 1, 127], shape)),
        run("several commands", [(2, 7), (1, 1), (3, 2), (1, 16)], random),
    ]
