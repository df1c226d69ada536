"""AES-128 (FIPS 197), from the definition: the S-box is computed, not read."""

BOUNDS = {
    "COPY": (1, "one write of each copy an iteration"),
    "ROUNDS": (1, "recurrence state -> RAM, one cycle -> columns mixed at its output -> RAM address"),
}


def _times(a, b):
    result = 0
    while b:
        result ^= a if b & 1 else 0
        a = a << 1 ^ (0x11B if a & 0x80 else 0)
        b >>= 1
    return result


def _substitute(value):
    inverse = next((x for x in range(256) if _times(value, x) == 1), 0)
    result = 0x63
    for turn in range(5):
        result ^= inverse << turn & 0xFF | inverse >> (8 - turn)
    return result


SBOX = [_substitute(value) for value in range(256)]


def _encrypt(block, key):
    state = [a ^ b for a, b in zip(block, key, strict=True)]
    key = list(key)
    constant = 1
    for number in range(1, 11):
        turned = [SBOX[v] for v in (key[13], key[14], key[15], key[12])]
        turned[0] ^= constant
        constant = _times(constant, 2)
        for b in range(16):
            key[b] ^= turned[b] if b < 4 else key[b - 4]
        state = [SBOX[state[(b + 4 * (b % 4)) % 16]] for b in range(16)]
        if number < 10:
            state = [
                _times(2, state[c + r])
                ^ _times(3, state[c + (r + 1) % 4])
                ^ state[c + (r + 2) % 4]
                ^ state[c + (r + 3) % 4]
                for c in (0, 4, 8, 12)
                for r in range(4)
            ]
        state = [a ^ b for a, b in zip(state, key, strict=True)]
    return bytes(state)


def inputs(rng):
    blocks = [int.from_bytes(rng.bytes(16), "big") for _ in range(3)]
    return {
        "in": [0x00112233445566778899AABBCCDDEEFF, *blocks],  # FIPS 197, appendix C.1
        "key": 0x000102030405060708090A0B0C0D0E0F,
        "blocks": 4,
    }


def reference(x):
    key = x["key"].to_bytes(16, "big")
    return {"out": [int.from_bytes(_encrypt(block.to_bytes(16, "big"), key), "big") for block in x["in"]]}
