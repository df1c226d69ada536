"""2 x 2 maximum pooling with stride 2."""

import numpy as np

BOUNDS = {"MAIN": (1, "one pixel an iteration")}


def inputs(rng):
    return {"in": rng.integers(-128, 128, 16 * 8).tolist(), "rows": 8}


def reference(x):
    return {"out": np.array(x["in"]).reshape(-1, 2, 8, 2).max(axis=(1, 3)).ravel().tolist()}
