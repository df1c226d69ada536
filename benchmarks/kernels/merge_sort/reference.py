"""Sort 32 words."""

BOUNDS = {
    "LOAD": (1, "one word an iteration"),
    "MERGE": (
        3,
        "recurrence: two reads through one port take two cycles and the answer one; compare and step fit in the last",
    ),
    "COPY": (1, "one word an iteration"),
    "STORE": (1, "one word an iteration"),
}


def inputs(rng):
    return {"in": rng.integers(0, 65536, 32).tolist()}


def reference(x):
    return {"out": sorted(x["in"])}
