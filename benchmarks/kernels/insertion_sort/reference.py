"""Sort 16 words."""

BOUNDS = {"INSERT": (1, "one word an iteration"), "SHIFT": (1, "one word an iteration")}


def inputs(rng):
    return {"in": rng.integers(-32768, 32768, 16).tolist()}


def reference(x):
    return {"out": sorted(x["in"])}
