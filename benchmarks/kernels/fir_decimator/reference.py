"""A symmetric 8-tap FIR filter, decimated by two."""

import numpy as np

BOUNDS = {"MAIN": (1, "one word of each stream an iteration")}


def inputs(rng):
    return {"in": rng.integers(-8192, 8192, 96).tolist(), "pairs": 48}


def reference(x):
    half = [-21, 64, -190, 659]
    return {"out": np.convolve(x["in"], half + half[::-1])[: len(x["in"])][1::2].tolist()}
