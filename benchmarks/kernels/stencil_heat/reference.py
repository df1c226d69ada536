"""The one-dimensional heat equation, explicit steps."""

BOUNDS = dict.fromkeys(("LOAD", "STEP", "COPY", "STORE"), (1, "one word of each port an iteration"))


def inputs(rng):
    return {"in": rng.integers(-8000, 8000, 64).tolist(), "steps": 5}


def reference(x):
    now = list(x["in"])
    for _ in range(x["steps"]):
        inner = [now[i] + ((now[i - 1] - 2 * now[i] + now[i + 1]) >> 2) for i in range(1, 63)]
        now = [now[0], *inner, now[63]]
    return {"out": now}
