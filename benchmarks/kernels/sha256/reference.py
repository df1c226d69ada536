"""SHA-256, by Python's hashlib."""

import hashlib
import struct

BOUNDS = {
    "ROUNDS": (
        2,
        "recurrence e -> choice and sums -> t1 -> e: two chained 32-bit adders do not leave a cycle less than 3.333 ns twice",
    ),
    "WRITE": (1, "one word an iteration"),
}


def _padded(message):
    zeros = -(len(message) + 9) % 64
    return message + b"\x80" + bytes(zeros) + struct.pack(">Q", 8 * len(message))


def inputs(rng):
    padded = _padded(rng.bytes(100))
    return {"in": list(struct.unpack(f">{len(padded) // 4}I", padded)), "blocks": len(padded) // 64}


def reference(x):
    data = struct.pack(f">{len(x['in'])}I", *x["in"])
    bits = struct.unpack(">Q", data[-8:])[0]
    return {"out": list(struct.unpack(">8I", hashlib.sha256(data[: bits // 8]).digest()))}
