"""Numpy model of interconnect: steps of A and B regrouped from the buffers' order to the lanes' blocks."""

import numpy as np


def words(elements, size):
    """Group int8 elements into words of `size`, the first in the lowest bits."""
    flat = np.ascontiguousarray(elements).astype(np.uint8).reshape(-1, size)
    return [int.from_bytes(row.tobytes(), "little") for row in flat]


def blocks(matrix, rows, columns):
    """Order a matrix block by block, blocks and elements row by row."""
    down, across = matrix.shape[0] // rows, matrix.shape[1] // columns
    return matrix.reshape(down, rows, across, columns).transpose(0, 2, 1, 3)


def vectors(parameters, rng):
    """Return the test vectors for the module's parameters and derived constants."""
    p = parameters
    step_m, step_n, step_k = p["step_m"], p["step_n"], p["step_k"]

    def run(name, counts, draw):
        found = {"a_pieces": [], "b_pieces": [], "a_words": [], "b_words": []}
        for _ in range(sum(counts)):
            a, b = draw((step_m, step_k)), draw((step_k, step_n))
            found["a_pieces"] += words(a.T if p["a_order"] == "columns" else a, p["a_piece"])
            found["b_pieces"] += words(b if p["b_order"] == "rows" else b.T, p["b_piece"])
            found["a_words"] += words(blocks(a, p["lane_m"], p["lane_k"]), step_m * step_k)
            found["b_words"] += words(blocks(b, p["lane_k"], p["lane_n"]), step_k * step_n)
        commands = [*(count << 16 | 1 << 8 for count in counts), 1]
        return {
            "name": name,
            "streams_in": {"commands": commands, "a_pieces": found["a_pieces"], "b_pieces": found["b_pieces"]},
            "streams_out": {"a_words": found["a_words"], "b_words": found["b_words"]},
        }

    def random(shape):
        return rng.integers(-128, 128, shape)

    return [
        run("end at once", [], random),
        run("numbered elements", [1], lambda shape: np.arange(1, np.prod(shape) + 1).reshape(shape)),
        run("extremes", [3], lambda shape: rng.choice([-128, 127, -1, 0], shape)),
        run("several commands", [5, 1, 12], random),
    ]
