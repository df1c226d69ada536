"""The integer square root."""

import math

BOUNDS = {"MAIN": (1, "one word an iteration")}


def inputs(rng):
    return {"in": [0, 1, 2**32 - 1, 65535**2, 65535**2 - 1, *rng.integers(0, 2**32, 30).tolist()], "n": 35}


def reference(x):
    return {"out": [math.isqrt(v) for v in x["in"]]}
