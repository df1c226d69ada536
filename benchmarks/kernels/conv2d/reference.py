"""A 3 x 3 convolution of one channel into four; each word holds four 20-bit sums."""

import numpy as np

BOUNDS = {"MAIN": (1, "one pixel an iteration")}


def inputs(rng):
    return {
        "weights": rng.integers(-128, 128, 36).tolist(),
        "in": rng.integers(-128, 128, 12 * 7).tolist(),
        "rows": 7,
    }


def reference(x):
    k = np.array(x["weights"]).reshape(4, 3, 3)
    w = np.lib.stride_tricks.sliding_window_view(np.array(x["in"]).reshape(-1, 12), (3, 3))
    sums = np.einsum("yxij,oij->yxo", w, k).reshape(-1, 4)
    return {"out": [sum((int(v) & 0xFFFFF) << 20 * o for o, v in enumerate(row)) for row in sums]}
