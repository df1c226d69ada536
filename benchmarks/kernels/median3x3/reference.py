"""The median of each 3 x 3 window."""

import numpy as np

BOUNDS = {"MAIN": (1, "one pixel an iteration")}


def inputs(rng):
    return {"in": rng.integers(0, 256, 16 * 8).tolist(), "rows": 8}


def reference(x):
    p = np.array(x["in"]).reshape(-1, 16)
    w = np.lib.stride_tricks.sliding_window_view(p, (3, 3))
    return {"out": np.median(w, axis=(2, 3)).astype(int).ravel().tolist()}
