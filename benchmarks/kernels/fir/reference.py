"""A 16-tap FIR filter."""

import numpy as np

COEFFICIENTS = [-3, 7, -12, 20, -33, 61, -120, 480, 480, -120, 61, -33, 20, -12, 7, -3]
BOUNDS = {"MAIN": (1, "one word of each stream an iteration")}


def inputs(rng):
    n = 100
    return {"in": rng.integers(-2048, 2048, n).tolist(), "n": n}


def reference(x):
    return {"out": np.convolve(x["in"], COEFFICIENTS)[: x["n"]].tolist()}
