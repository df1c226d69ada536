"""CRC-32 of packets, by Python's zlib; bit 8 of a word ends a packet."""

import zlib

BOUNDS = {"MAIN": (1, "eight exclusive-or levels on the recurrence fit in a cycle")}


def inputs(rng):
    return {"in": [int(v) | (k % 17 == 16) << 8 for k, v in enumerate(rng.integers(0, 256, 85))], "n": 85}


def reference(x):
    packet, out = bytearray(), []
    for word in x["in"]:
        packet.append(word & 0xFF)
        if word >> 8:
            out.append(zlib.crc32(packet))
            packet = bytearray()
    return {"out": out}
