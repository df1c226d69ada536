"""A histogram of 32 bins."""

import numpy as np

BOUNDS = {
    "CLEAR": (1, "one write an iteration"),
    "COUNT": (2, "recurrence through the RAM: a read takes a cycle, the add fits in the cycle of the write"),
    "SHOW": (1, "one word an iteration"),
}


def inputs(rng):
    return {"in": rng.integers(0, 32, 100).tolist() + [7] * 20, "n": 120}


def reference(x):
    return {"out": np.bincount(x["in"], minlength=32).tolist()}
