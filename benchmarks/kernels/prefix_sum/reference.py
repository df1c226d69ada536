"""A segmented prefix sum: bit 16 starts a segment, the rest is a signed 16-bit value."""

BOUNDS = {"MAIN": (1, "the sum is one adder in a cycle")}


def inputs(rng):
    return {"in": [int(v) | (int(rng.integers(0, 5)) == 0) << 16 for v in rng.integers(0, 65536, 90)], "n": 90}


def reference(x):
    total, out = 0, []
    for word in x["in"]:
        value = (word & 0xFFFF) - ((word & 0x8000) << 1)
        total = value if word >> 16 else total + value
        out.append(total)
    return {"out": out}
