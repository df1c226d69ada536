"""Numpy model of post: bias, exact fixed-point scaling with rounding, zero point and limits, by channel."""

import numpy as np


def pack(values, bits):
    """Pack numbers as two's complement of so many bits, the first lowest."""
    return sum((int(value) & ((1 << bits) - 1)) << (bits * index) for index, value in enumerate(np.ravel(values)))


def requantise(sums, bias, multiplier, shift, zero_point, low, high):
    """Compute it as it is defined; sums (blocks, pixels, channels), parameters (blocks, channels), in Python's integers."""
    bias, multiplier, shift = (np.asarray(v).astype(object)[:, None, :] for v in (bias, multiplier, shift))
    half = np.vectorize(lambda s: (1 << s) >> 1, otypes=[object])(shift)
    scaled = np.right_shift((sums.astype(object) + bias) * multiplier + half, shift)
    return np.clip(scaled + zero_point, low, high)


def vectors(parameters, rng):
    """Return the test vectors for the module's parameters and derived constants."""
    cb, results, size = parameters["channel_block"], parameters["results"], parameters["word_bytes"]
    bits, most = parameters["accumulator_bits"], parameters["tile_channels"] // cb
    pixels = size // cb  # in a memory word
    low, high = -(1 << (bits - 1)), (1 << (bits - 1)) - 1

    def run(name, tasks):
        """Each task: (sums (blocks, pixels, cb), bias (blocks, cb), multiplier, shift, zero point, low, high)."""
        commands, params, words, outputs = [], [], [], []
        for sums, bias, multiplier, shift, zero_point, least, greatest in tasks:
            blocks, count = sums.shape[0], sums.shape[1] // pixels
            fields = [
                pack([b], 32) | int(m) << 32 | int(s) << 48
                for b, m, s in zip(bias.flat, multiplier.flat, shift.flat, strict=True)
            ]
            fields += [(1 << 64) - 1] * (-len(fields) % (size // 8))
            params += [pack(group, 64) for group in np.array(fields, dtype=object).reshape(-1, size // 8)]
            words += [pack(word, bits) for word in sums.reshape(-1, results)]
            found = requantise(sums, bias, multiplier, shift, zero_point, least, greatest)
            outputs += [pack(word, 8) for word in found.reshape(-1, results)]
            limits = pack([zero_point], 8) << 1 | pack([least], 8) << 9 | pack([greatest], 8) << 17
            commands.append(limits | blocks * cb << 25 | blocks << 41 | count << 57)
        return {
            "name": name,
            "streams_in": {"commands": [*commands, 1], "param_words": params, "sums": words},
            "streams_out": {"outputs": outputs},
        }

    def same(blocks, value):
        return np.full((blocks, cb), value)

    def draw(blocks, words, span=None):
        return rng.integers(*((low, high + 1) if span is None else (-span, span)), (blocks, words * pixels, cb))

    def some(blocks, least, end):
        return rng.integers(least, end, (blocks, cb))

    def ramp(words):
        values = np.resize(np.arange(-300, 300), max(600, words * size))
        return values[: len(values) // size * size].reshape(1, -1, cb)

    def random(blocks, words, **fixed):
        shift = fixed.get("shift", some(blocks, 20, 40))
        around = (rng.integers(-400, 400, (blocks, words * pixels, cb)) << shift[:, None, :]) >> 15
        sums = np.clip(around + rng.integers(-9, 9, around.shape), low, high)
        least, greatest = sorted(int(value) for value in rng.integers(-128, 128, 2))
        limits = (-128, 127) if fixed.get("wide") else (least, greatest)
        bias, multiplier = some(blocks, -500, 500), some(blocks, 1, 1 << 16)
        return (sums, bias, multiplier, shift, int(rng.integers(-128, 128)), *limits)

    limits = [(0, -128, 127), (127, -128, 127), (-128, -128, 127), (5, 5, 127), (-3, -3, 90), (0, 7, 7)]
    corners = rng.choice([low, high, 0, -1], (1, pixels * 4, cb))
    biases = np.resize([-(1 << 31), (1 << 31) - 1, 0], (1, cb))
    exact = [(m, s) for m in (0, 1, 65535) for s in (0, 1, 16, 31, 32, 47, 48, 49, 50, 63, 64, 255)]
    sized = min(most, 3)
    return [
        run("end at once", []),
        run("identity", [(ramp(1), same(1, 0), same(1, 1), same(1, 0), 0, -128, 127)]),
        run("rounding at halves", [(ramp(1), same(1, 0), same(1, 1), same(1, 2), 0, -128, 127)]),
        run("zero points and limits", [(ramp(1), same(1, 0), same(1, 3), same(1, 1), *limit) for limit in limits]),
        run(
            "bias by channel",
            [
                (
                    np.zeros((sized, pixels, cb), dtype=int),
                    some(sized, -99, 99),
                    same(sized, 2),
                    same(sized, 1),
                    0,
                    -128,
                    127,
                )
            ],
        ),
        run(
            "extremes",
            [(rng.permuted(corners, axis=1), biases, same(1, m), same(1, s), 0, -128, 127) for m, s in exact],
        ),
        run("shifts by channel", [random(sized, 2, shift=some(sized, 15, 41), wide=True) for _ in range(3)]),
        run("all channels", [random(most, 1)]),
        run(
            "any sums",
            [(draw(sized, 3), some(sized, low, high), some(sized, 0, 1 << 16), some(sized, 30, 50), 1, -100, 100)],
        ),
        run("tiles in turn", [random(int(rng.integers(1, sized + 1)), words) for words in (1, 2, 5, 1, 1, 3)]),
        run("more than 256 words of a block", [random(1, 257)]),
    ]
