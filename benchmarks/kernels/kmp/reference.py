"""Every end of an 8-byte pattern in a text, overlaps included."""

BOUNDS = {"SEARCH": (1, "selection, compare and fall-back from registers fit in one cycle")}


def inputs(rng):
    pattern = [97, 98, 97, 97, 98, 97, 98, 97]
    text = rng.integers(97, 99, 60).tolist() + pattern + pattern[3:] + pattern
    return {"pattern": pattern, "text": text, "n": len(text)}


def reference(x):
    return {"out": [i for i in range(7, x["n"]) if x["text"][i - 7 : i + 1] == x["pattern"]] + [0xFFFF]}
