"""A histogram of 64 bins."""

import numpy as np

BOUNDS = {
    "CLEAR": (1, "one write an iteration"),
    "COUNT": (1, "the register forwards at distance 1; the RAM answers at distance 2"),
    "SHOW": (1, "one word an iteration"),
}


def inputs(rng):
    return {"in": np.repeat(rng.integers(0, 64, 60), 2).tolist() + rng.integers(0, 4, 60).tolist(), "n": 180}


def reference(x):
    return {"out": np.bincount(x["in"], minlength=64).tolist()}
