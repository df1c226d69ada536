"""Global averages of 8 interleaved channels; half a pixel count is added, the division truncates towards zero."""

BOUNDS = dict.fromkeys(("CLEAR", "MAIN", "DIVIDE"), (1, "one word an iteration"))


def inputs(rng):
    return {"in": rng.integers(-128, 128, 8 * 15).tolist(), "pixels": 15}


def reference(x):
    sums = [sum(x["in"][c::8]) + x["pixels"] // 2 for c in range(8)]
    return {"out": [abs(s) // x["pixels"] * (1 if s >= 0 else -1) for s in sums]}
