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
    step_m, step_k, positions = p["step_m"], p["step_k"], p["positions"]

    def run(name, tasks, draw):
        found = {"a_pieces": [], "b_pieces": [], "a_words": [], "b_words": []}
        for _ in range(sum(subtiles * steps_k for subtiles, steps_k, *_ in tasks)):
            a, b = draw((step_m, step_k)), draw((positions, step_k))
            found["a_pieces"] += words(a, p["a_piece"])
            found["b_pieces"] += words(b, p["b_piece"])
            found["a_words"] += words(blocks(a, p["lane_m"], p["lane_k"]), step_m * step_k)
            ordered = b if p["window"] else blocks(b.T, p["lane_k"], p["lane_n"])
            found["b_words"] += words(ordered, step_k * positions)
        commands = [bool(window) << 1 | steps_k << 2 | subtiles << 18 for subtiles, steps_k, *window in tasks]
        return {
            "name": name,
            "streams_in": {"commands": [*commands, 1], "a_pieces": found["a_pieces"], "b_pieces": found["b_pieces"]},
            "streams_out": {"a_words": found["a_words"], "b_words": found["b_words"]},
        }

    def random(shape):
        return rng.integers(-128, 128, shape)

    found = [
        run("end at once", [], random),
        run("numbered elements", [(1, 1)], lambda shape: np.arange(1, np.prod(shape) + 1).reshape(shape)),
        run("extremes", [(1, 3)], lambda shape: rng.choice([-128, 127, -1, 0], shape)),
        run("sub-tiles of one step", [(4, 1)], random),
        run("several commands", [(2, 5), (1, 1), (3, 4), (1, 1)], random),
    ]
    if p["window"]:
        found.append(run("commands with and without window", [(1, 3, True), (2, 1), (1, 2, True)], random))
    return found
