"""Numpy model of post: bias, fixed-point scaling with rounding, ReLU or not, saturation."""

import numpy as np


def pack(values, bits):
    """Pack numbers as two's complement of so many bits, the first lowest."""
    return sum((int(value) & ((1 << bits) - 1)) << (bits * index) for index, value in enumerate(np.ravel(values)))


def vectors(parameters, rng):
    """Return the test vectors for the module's parameters and derived constants."""
    size = parameters["results"]

    def run(name, tasks):
        """Each task: (sums of shape (rows, words * 8), bias of shape (rows,), multiplier, shift, relu)."""
        commands, bias_words, words, outputs = [], [], [], []
        for sums, bias, multiplier, shift, relu in tasks:
            rows, row_words = sums.shape[0], sums.shape[1] // 8
            commands.append(
                relu << 1 | shift << 8 | multiplier << 16 | rows << 32 | row_words << 40 | (rows * row_words) << 48
            )
            padded = np.append(bias, 0)[: rows + rows % 2]
            bias_words += [pack(pair, 32) for pair in padded.reshape(-1, 2)]
            words += [pack(word, 32) for word in sums.reshape(-1, size)]
            scaled = (
                (sums.astype(np.int64) + bias[:, None].astype(np.int64)) * multiplier + (1 << (shift - 1))
            ) >> shift
            outputs += [pack(word, 8) for word in np.clip(scaled, 0 if relu else -128, 127).reshape(-1, size)]
        return {
            "name": name,
            "streams_in": {"commands": [*commands, 1], "bias_words": bias_words, "sums": words},
            "streams_out": {"outputs": outputs},
        }

    def random(rows, row_words, span=2**31):
        return rng.integers(-span, span, (rows, row_words * 8))

    def biases(rows, span=2**31):
        return rng.integers(-span, span, rows)

    most = parameters["tile_m"]
    ramp = np.arange(-256, 256).reshape(8, 64)
    return [
        run("end at once", []),
        run("identity", [(ramp, np.zeros(8, dtype=int), 2, 1, 0)]),
        run("identity with relu", [(ramp, np.zeros(8, dtype=int), 2, 1, 1)]),
        run("one row, rounding at halves", [(np.arange(-8, 8).reshape(1, 16), np.array([0]), 1, 1, 0)]),
        run("bias by row", [(np.zeros((7, 8), dtype=int), np.arange(-3, 4) * 20, 32768, 15, 0)]),
        run(
            "extremes",
            [
                (
                    rng.choice([-(2**31), 2**31 - 1], (4, 8)),
                    rng.choice([-(2**31), 2**31 - 1], 4),
                    multiplier,
                    shift,
                    relu,
                )
                for multiplier, shift, relu in ((65535, 31, 0), (65535, 1, 0), (1, 31, 1), (0, 7, 0), (65535, 31, 1))
            ],
        ),
        run("whole tile", [(random(most, 8), biases(most), 40000, 31, 0)]),
        run(
            "several tiles",
            [
                (random(rows, words, 2**17), biases(rows, 2**15), int(rng.integers(1, 65536)), shift, relu)
                for rows, words, shift, relu in ((5, 1, 24, 0), (1, 2, 25, 1), (most - 1, 3, 26, 0), (2, 8, 23, 1))
            ],
        ),
    ]
