"""Numpy model of pe_array: a matrix product for each output sub-tile, its operands cut into blocks for the lanes."""

import numpy as np


def pack(values, bits):
    """Pack numbers as two's complement of so many bits, the first lowest."""
    return sum((int(value) & ((1 << bits) - 1)) << (bits * index) for index, value in enumerate(np.ravel(values)))


def blocks(matrix, rows, columns):
    """Order a matrix block by block, blocks and elements row by row."""
    down, across = matrix.shape[0] // rows, matrix.shape[1] // columns
    return matrix.reshape(down, rows, across, columns).transpose(0, 2, 1, 3)


def pieces(p, result):
    """Cut a sub-tile of results into pieces: pixels of all rows, or rows of one pixel."""
    return [pack(piece, p["accumulator_bits"]) for piece in result.T.reshape(p["pieces"], -1)]


def vectors(parameters, rng):
    """Return the test vectors for the module's parameters and derived constants."""
    p = parameters
    step_m, step_n, step_k, window = p["step_m"], p["step_n"], p["step_k"], p["window"]

    def whole(taken):
        """Cut the B words of plain steps: blocks, or with a window positions of which the first step_n count."""
        if not window:
            return pack(blocks(taken, p["lane_k"], p["lane_n"]), 8)
        spare = rng.integers(-128, 128, (window - step_n, step_k))
        return pack(np.concatenate([taken.T, spare]), 8)

    def plain(steps_k, draw):
        a, b = draw((step_m, steps_k * step_k)), draw((steps_k * step_k, step_n))
        cuts = [slice(step * step_k, (step + 1) * step_k) for step in range(steps_k)]
        return (
            [pack(blocks(a[:, cut], p["lane_m"], p["lane_k"]), 8) for cut in cuts],
            [whole(b[cut]) for cut in cuts],
            a @ b,
        )

    def windows(steps_k, draw):
        """Let each row take its own channel of the positions n, n + 1, ... as its products."""
        taps = window - step_n + 1
        result = np.zeros((step_m, step_n), dtype=np.int64)
        a_words, b_words = [], []
        for _ in range(steps_k):
            a, positions = draw((step_m, step_k)), draw((window, step_k))
            for k in range(min(step_k, taps)):
                seen = positions[k : k + step_n, np.arange(step_m) % step_k]  # (n, m)
                result += a[:, k, None] * seen.T
            a_words.append(pack(blocks(a, p["lane_m"], p["lane_k"]), 8))
            b_words.append(pack(positions, 8))
        return a_words, b_words, result

    def run(name, tasks, draw):
        commands, a_words, b_words, results = [], [], [], []
        for subtiles, steps_k, *windowed in tasks:
            commands.append(bool(windowed) << 1 | steps_k << 2 | subtiles << 18)
            for _ in range(subtiles):
                a, b, result = (windows if windowed else plain)(steps_k, draw)
                a_words += a
                b_words += b
                results += pieces(p, result)
        return {
            "name": name,
            "streams_in": {"commands": [*commands, 1], "a_words": a_words, "b_words": b_words},
            "streams_out": {"results": results},
        }

    def random(shape):
        return rng.integers(-128, 128, shape)

    def ends(shape):
        return rng.choice([-128, -1, 0, 1, 127], shape)

    many = p["pieces"]  # a sub-tile of as many steps takes no longer than its results take to leave
    found = [
        run("end at once", [], random),
        run("one step a sub-tile", [(3, 1)], random),
        run("all -128", [(2, 4)], lambda shape: np.full(shape, -128)),
        run("all 127", [(1, 5)], lambda shape: np.full(shape, 127)),
        run("extremes", [(2, 3)], ends),
        run("several commands", [(2, 7), (1, 1), (3, 2), (1, 16)], random),
        run("as many steps as pieces, one fewer, one more", [(2, many), (2, max(many - 1, 1)), (2, many + 1)], random),
        run("commands of one step", [(1, 1)] * 4, random),
    ]
    # the accumulators wrap around: steps of equal extremes until a sum leaves their range
    steps = (1 << (p["accumulator_bits"] - 1)) // (step_k << 14) + 1
    if steps <= 40:
        found.append(run("beyond the range of the accumulators", [(1, steps)], lambda shape: np.full(shape, -128)))
    if window:
        found += [
            run("window, one step", [(2, 1, True)], random),
            run("window", [(2, 3, True), (1, 5, True)], random),
            run("window, extremes", [(2, 3, True)], ends),
            run("windows and whole steps in turn", [(1, 3, True), (2, 2), (1, 1, True), (1, 1)], random),
        ]
    return found
