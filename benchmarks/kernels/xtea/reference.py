"""The block cipher XTEA."""

BOUNDS = {"MAIN": (1, "one block an iteration")}


def inputs(rng):
    blocks = [0x4142434445464748, *(int.from_bytes(rng.bytes(8), "big") for _ in range(9))]
    return {"in": blocks, "key": 0x000102030405060708090A0B0C0D0E0F, "n": 10}


def reference(x):
    key = [x["key"] >> 96 - 32 * k & 0xFFFFFFFF for k in range(4)]
    out = []
    for block in x["in"]:
        a, b, total = block >> 32, block & 0xFFFFFFFF, 0
        for _ in range(32):
            a = a + ((b << 4 & 0xFFFFFFFF ^ b >> 5) + b ^ total + key[total & 3]) & 0xFFFFFFFF
            total = total + 0x9E3779B9 & 0xFFFFFFFF
            b = b + ((a << 4 & 0xFFFFFFFF ^ a >> 5) + a ^ total + key[total >> 11 & 3]) & 0xFFFFFFFF
        out.append(a << 32 | b)
    return {"out": out}
