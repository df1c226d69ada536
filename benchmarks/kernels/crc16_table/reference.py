"""CRC-16/CCITT with start value 0xffff, by Python's binascii."""

import binascii

BOUNDS = {
    "MAKE": (1, "one write an iteration"),
    "MAIN": (
        1,
        "recurrence crc -> RAM address -> word one cycle later -> crc at the address without a register between",
    ),
}


def inputs(rng):
    return {"in": rng.integers(0, 256, 70).tolist(), "n": 70}


def reference(x):
    return {"out": [binascii.crc_hqx(bytes(x["in"]), 0xFFFF)]}
