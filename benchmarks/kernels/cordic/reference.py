"""Sine above cosine as Q14, by the same rotations; checked against the math library to 20 units."""

import math

BOUNDS = {"MAIN": (1, "one angle an iteration")}
ANGLES = [6434, 3798, 2007, 1019, 511, 256, 128, 64, 32, 16, 8, 4, 2, 1]


def inputs(rng):
    return {"in": [-12868, 0, 12867, *rng.integers(-12867, 12868, 40).tolist()], "n": 43}


def reference(x):
    out = []
    for angle in x["in"]:
        a, b, z = 9949, 0, angle
        for k, step in enumerate(ANGLES):
            sign = -1 if z < 0 else 1
            a, b, z = a - sign * (b >> k), b + sign * (a >> k), z - sign * step
        for found, exact in ((a, math.cos(angle / 8192)), (b, math.sin(angle / 8192))):
            if abs(found - 16384 * exact) > 20:
                raise AssertionError(f"{angle}: {found}, must be near {16384 * exact}")
        out.append((b & 0xFFFF) << 16 | a & 0xFFFF)
    return {"out": out}
