"""Packets to three outputs; destination 3 is dropped."""

BOUNDS = {"MAIN": (1, "one word an iteration")}


def inputs(rng):
    words = []
    for destination in [0, 1, 2, 3, 2, 2, 0, 1, 3, 1]:
        length = int(rng.integers(0, 9))
        words += [destination << 8 | length, *rng.integers(0, 65536, length).tolist()]
    return {"in": words, "n": len(words)}


def reference(x):
    outputs = [[], [], [], []]
    at = 0
    while at < len(x["in"]):
        to, length = x["in"][at] >> 8 & 3, x["in"][at] & 255
        outputs[to] += x["in"][at + 1 : at + 1 + length]
        at += 1 + length
    return dict(zip("abc", outputs, strict=False))
