"""24-bit words packed into 64-bit words, lowest first."""

BOUNDS = {"MAIN": (1, "shift, or and compare of the held bits fit in a cycle")}


def inputs(rng):
    return {"in": rng.integers(0, 1 << 24, 61).tolist(), "n": 61}


def reference(x):
    joined = sum(word << 24 * k for k, word in enumerate(x["in"]))
    return {"out": [joined >> 64 * k & (1 << 64) - 1 for k in range(-(-24 * x["n"] // 64))]}
