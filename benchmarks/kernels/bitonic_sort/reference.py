"""Sort the eight 12-bit fields of each word, the smallest lowest."""

BOUNDS = {"MAIN": (1, "one word an iteration")}


def inputs(rng):
    return {"in": [int.from_bytes(rng.bytes(12), "little") for _ in range(40)], "n": 40}


def reference(x):
    def one(word):
        keys = sorted(word >> 12 * k & 4095 for k in range(8))
        return sum(key << 12 * k for k, key in enumerate(keys))

    return {"out": [one(word) for word in x["in"]]}
