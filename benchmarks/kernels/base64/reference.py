"""Base64, by Python's library."""

import base64

BOUNDS = {"MAIN": (1, "one letter an iteration")}


def inputs(rng):
    return {"in": rng.integers(0, 256, 60).tolist(), "groups": 20}


def reference(x):
    return {"out": list(base64.b64encode(bytes(x["in"])))}
