"""A run-length encoder."""

from itertools import groupby

import numpy as np

BOUNDS = {"MAIN": (1, "one byte an iteration")}


def inputs(rng):
    data = np.repeat(rng.integers(0, 4, 30), rng.integers(1, 9, 30)).tolist() + [9] * 300
    return {"in": data, "n": len(data)}


def reference(x):
    out = []
    for value, run in groupby(x["in"]):
        left = len(list(run))
        while left:
            out.append(min(left, 255) << 8 | value)
            left -= min(left, 255)
    return {"out": out}
