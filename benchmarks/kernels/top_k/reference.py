"""The four largest values with their places; of equal ones the earlier is larger."""

BOUNDS = {"MAIN": (1, "one word an iteration"), "SHOW": (1, "one word an iteration")}


def inputs(rng):
    return {"in": rng.integers(-60, 60, 70).tolist(), "n": 70}


def reference(x):
    order = sorted(range(x["n"]), key=lambda i: (-x["in"][i], i))[:4]
    return {"out": [i << 16 | x["in"][i] & 0xFFFF for i in order]}
