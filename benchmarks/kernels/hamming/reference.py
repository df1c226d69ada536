"""A Hamming(12,8) code: bits 1, 2, 4 and 8 (from 1) are parities."""

BOUNDS = {"MAIN": (1, "one word an iteration")}
PLACES = [3, 5, 6, 7, 9, 10, 11, 12]


def _encode(byte):
    word = sum((byte >> k & 1) << place - 1 for k, place in enumerate(PLACES))
    for parity in (1, 2, 4, 8):
        odd = sum(word >> place - 1 & 1 for place in range(1, 13) if place & parity and place != parity) & 1
        word |= odd << parity - 1
    return word


def inputs(rng):
    bytes_ = rng.integers(0, 256, 60).tolist()
    flips = rng.integers(0, 24, 60).tolist()
    return {"in": [_encode(v) ^ (1 << f if f < 12 else 0) for v, f in zip(bytes_, flips, strict=True)], "n": 60}


def reference(x):
    nearest = {_encode(v) ^ flip: (v, flip != 0) for v in range(256) for flip in (0, *(1 << k for k in range(12)))}
    found = [nearest[word] for word in x["in"]]
    return {"out": [v for v, _ in found], "ap_return": sum(wrong for _, wrong in found)}
