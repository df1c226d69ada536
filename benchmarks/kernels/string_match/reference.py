"""Positions where a masked 8-byte pattern ends; 0xffff closes the list."""

BOUNDS = {"MAIN": (1, "one byte an iteration")}


def inputs(rng):
    text = rng.integers(97, 100, 120).tolist()
    pattern = int.from_bytes(bytes(text[40:48]), "big")
    return {"text": text, "pattern": pattern, "mask": 0b10110101, "n": 120}


def reference(x):
    pattern = x["pattern"].to_bytes(8, "big")
    hits = [
        i
        for i in range(7, x["n"])
        if all(x["text"][i - 7 + k] == pattern[k] for k in range(8) if x["mask"] >> (7 - k) & 1)
    ]
    return {"out": [*hits, 0xFFFF]}
