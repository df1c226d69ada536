"""Positions where the luma of a row of pixels steps by more than a threshold; the length closes the list."""

import numpy as np

BOUNDS = dict.fromkeys(("LUMA", "SLOPE", "EDGES", "POSITIONS"), (1, "one pixel an iteration"))


def inputs(rng):
    return {"in": rng.integers(0, 1 << 24, 90).tolist(), "threshold": 60, "n": 90}


def reference(x):
    p = np.array(x["in"])
    y = ((p >> 16 & 255) * 77 + (p >> 8 & 255) * 150 + (p & 255) * 29 + 128) >> 8
    return {"out": [*np.nonzero(abs(np.diff(y, prepend=0)) > x["threshold"])[0].tolist(), x["n"]]}
