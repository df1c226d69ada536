"""factor * left + right, from memory to memory."""

import numpy as np

BOUNDS = dict.fromkeys(("READ", "COMBINE", "WRITE"), (1, "one word an iteration"))


def inputs(rng):
    n = 75
    return {
        "left": rng.integers(-(2**31), 2**31, 80).tolist(),
        "right": rng.integers(-(2**31), 2**31, 80).tolist(),
        "out": [0] * 80,
        "factor": int(rng.integers(-300, 300)),
        "n": n,
    }


def reference(x):
    left, right = (np.array(x[name], dtype=object)[: x["n"]] for name in ("left", "right"))
    return {"out": [*(left * x["factor"] + right), *[0] * (80 - x["n"])]}
