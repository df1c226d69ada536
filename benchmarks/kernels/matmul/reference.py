"""The product of two 8 x 8 matrices."""

import numpy as np

BOUNDS = {"LOAD": (1, "one word of each stream an iteration"), "MAIN": (1, "one word of each bank an iteration")}


def inputs(rng):
    return {"as": rng.integers(-128, 128, 64).tolist(), "bs": rng.integers(-128, 128, 64).tolist()}


def reference(x):
    a, b = (np.array(x[name]).reshape(8, 8) for name in ("as", "bs"))
    return {"cs": (a @ b).ravel().tolist()}
