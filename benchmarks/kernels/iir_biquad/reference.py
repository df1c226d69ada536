"""A second-order IIR section with saturation."""

BOUNDS = {
    "MAIN": (2, "recurrence y -> y1: multiply and subtract in one cell, add, round, saturate; at 3.333 ns two cycles")
}


def inputs(rng):
    return {"in": rng.integers(-32768, 32768, 80).tolist(), "n": 80}


def reference(x):
    x1 = x2 = y1 = y2 = 0
    out = []
    for v in x["in"]:
        y = (1106 * v + 2212 * x1 + 1106 * x2 + 18727 * y1 - 6767 * y2 + 8192) >> 14
        y = max(-32768, min(32767, y))
        out.append(y)
        x1, x2, y1, y2 = v, x1, y, y1
    return {"out": out}
