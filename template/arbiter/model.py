"""Numpy model of arbiter: the same bytes, regrouped."""

import numpy as np


def vectors(parameters, rng):
    """Return the test vectors for the module's parameters and derived constants."""
    size = parameters["bank_word_bytes"]

    def run(name, counts, data=None):
        data = rng.integers(0, 256, (sum(counts), 8)) if data is None else data
        data = data.astype(np.uint8)
        return {
            "name": name,
            "streams_in": {
                "commands": [*(count << 16 for count in counts), 1],
                "words": [int(word) for word in np.ascontiguousarray(data).view("<u8").ravel()],
            },
            "streams_out": {
                "bank_words": [int.from_bytes(piece.tobytes(), "little") for piece in data.reshape(-1, size)]
            },
        }

    return [
        run("end at once", []),
        run("one word", [1], np.arange(1, 9).reshape(1, 8)),
        run("extremes", [4], np.repeat([[0x80], [0x7F], [0x00], [0xFF]], 8, axis=1)),
        run("a tile", [32]),
        run("several tiles", [2, 8, 1, 24]),
    ]
