"""Numpy model of arbiter: the bytes of each command, regrouped."""

import numpy as np


def vectors(parameters, rng):
    """Return the test vectors for the module's parameters and derived constants."""
    word, piece = parameters["word_bytes"], parameters["piece_bytes"]
    gathered = parameters["gathered"]

    def packed(data, size):
        padded = np.zeros(-(-data.size // size) * size, dtype=np.uint8)
        padded[: data.size] = data.ravel()
        return [int.from_bytes(row.tobytes(), "little") for row in padded.reshape(-1, size)]

    def run(name, counts, draw):
        commands, words, pieces = [], [], []
        for count in counts:
            data = draw((count, word)).astype(np.uint8)
            commands.append(count << 1)
            words += packed(data, word)
            pieces += packed(data, piece)
        return {
            "name": name,
            "streams_in": {"commands": [*commands, 1], "words": words},
            "streams_out": {"pieces": pieces},
        }

    def noise(shape):
        return rng.integers(0, 256, shape)

    return [
        run("end at once", [], noise),
        run("one word", [1], lambda shape: 1 + np.arange(np.prod(shape)).reshape(shape) % 255),
        run(
            "extremes",
            [4 * gathered],
            lambda shape: np.resize([0x80, 0x7F, 0x00, 0xFF], shape[0])[:, None] * np.ones(shape, int),
        ),
        run("a tile", [4 * gathered + 8], noise),
        run("several tiles", [2, 8, 1, gathered, gathered + 1, 24], noise),
    ]
