"""A running mean of 5 pixels."""

BOUNDS = {"MAIN": (1, "one pixel an iteration")}


def inputs(rng):
    return {"in": rng.integers(0, 256, 90).tolist(), "n": 90}


def reference(x):
    padded = [0] * 4 + x["in"]
    return {"out": [sum(padded[i : i + 5]) // 5 for i in range(x["n"])]}
