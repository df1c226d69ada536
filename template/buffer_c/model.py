"""Numpy model of buffer_c: slots of pieces, to which results are added and from which blocks of channels are sent."""

import numpy as np


def pack(values, bits):
    """Pack numbers as two's complement of so many bits, the first lowest."""
    return sum((int(value) & ((1 << bits) - 1)) << (bits * index) for index, value in enumerate(np.ravel(values)))


def places(parameters, row_lines, blocks, pixels):
    """Give line and element of each accumulator that is sent, of shape (blocks, pixels, channels of a block)."""
    sm, cb, fc = parameters["step_m"], parameters["channel_block"], parameters["factor"]
    channel = np.arange(blocks * cb).reshape(blocks, 1, cb)
    pixel = np.arange(pixels).reshape(1, pixels, 1)
    m, first = channel % sm, channel // sm * row_lines
    if parameters["dimension"] == "width":
        line, element = first + pixel // fc, pixel % fc * sm + m
    else:
        line, element = first + pixel * (sm // fc) + m // fc, m % fc + 0 * pixel
    return line % parameters["kept_lines"], element


def vectors(parameters, rng):
    """Return the test vectors for the module's parameters and derived constants."""
    p = parameters
    sm, sn, cb, pw = p["step_m"], p["step_n"], p["channel_block"], p["pixels_word"]
    elements, lines, bits, slots = p["elements"], p["kept_lines"], p["accumulator_bits"], p["slots"]
    pieces, parts = sm * sn // elements, sm // cb
    low, high = -(1 << (bits - 1)), (1 << (bits - 1)) - 1

    def run(name, tasks, draw):
        """Each task: (slot, first, sub-tiles m, groups n) to fold or None, (slot, blocks, words) to send or None."""
        memory = np.zeros((slots, lines, elements), dtype=np.int64)
        row_lines = [0] * slots
        commands, results, sums = [], [], []
        for fold, drain in tasks:
            command = 0
            if drain:
                slot, blocks, words = drain
                line, element = places(p, row_lines[slot], blocks, words * pw)
                sums += [pack(word, bits) for word in memory[slot][line, element].reshape(-1, p["drained"])]
                command |= slot << 42 | blocks << 50 | words << 66
            if fold:
                slot, first, fold_m, fold_n = fold
                row_lines[slot] = fold_n * pieces
                added = draw((fold_m * fold_n * pieces, elements))
                results += [pack(piece, bits) for piece in added]
                memory[slot, : len(added)] = added if first else memory[slot, : len(added)] + added
                command |= first << 1 | slot << 2 | fold_m << 10 | fold_n << 26
            commands.append(command if fold else command | (slot ^ 1) << 2)
        return {
            "name": name,
            "streams_in": {"commands": [*commands, 1], "results": results},
            "streams_out": {"sums": sums},
        }

    def random(shape):
        return rng.integers(low, high + 1, shape)

    def numbered(shape):
        return np.arange(1, np.prod(shape) + 1).reshape(shape)

    def extremes(shape):
        return rng.choice([low, high], shape)

    unit = min(max(1, pw // sn), lines // pieces)  # groups that fill memory words, or a slot
    room = lines // (pieces * unit)
    many = unit * sm * sn > 200 * p["drained"]  # words to send even for the least tile
    tall, wide = min(room, 2 if many else 3), max(1, min(room // 3, 1 if many else 2)) * unit
    low_wide = max(1, min(room, 2 if many else 5)) * unit

    def sent(slot, m, n, whole=False):
        blocks = m * parts if whole or not many else parts + 1 if m > 1 else -(-parts // 4)
        return (slot, blocks, max(1, n * sn // pw))

    found = [
        run("end at once", [], random),
        run("one sub-tile", [((0, 1, 1, unit), None), (None, sent(0, 1, unit, whole=True))], numbered),
        run(
            "extremes",
            [
                ((0, 1, 1, unit), None),
                ((0, 0, 1, unit), None),
                ((1, 1, 1, unit), sent(0, 1, unit)),
                (None, sent(1, 1, unit)),
            ],
            extremes,
        ),
        run(
            "three sums, while another tile is sent",
            [
                ((0, 1, tall, wide), None),
                ((1, 1, tall, wide), sent(0, tall, wide)),
                ((1, 0, tall, wide), sent(0, tall, wide)),
                ((1, 0, tall, wide), None),
                ((0, 1, 1, low_wide), sent(1, tall, wide)),
                (None, sent(0, 1, low_wide)),
            ],
            random,
        ),
        run(
            "slots in turn",
            [
                *(((slot, 1, tall, wide) if slot % 2 else (slot, 1, 1, low_wide), None) for slot in range(slots)),
                *((None, sent(slot, tall, wide) if slot % 2 else sent(slot, 1, low_wide)) for slot in range(slots)),
            ],
            random,
        ),
        run(
            "fewer blocks and words than there are",
            [
                ((1, 1, tall, wide), None),
                (None, (1, max(1, tall * parts - 1), max(1, wide * sn // pw - 1))),
                (None, (1, 1, 1)),
            ],
            random,
        ),
        run(
            "tiles of one row of sub-tiles, each sent while the next is folded",
            [((t % slots, 1, 1, unit), sent((t - 1) % slots, 1, unit) if t else None) for t in range(2 * slots + 1)],
            random,
        ),
    ]
    ragged = unit - 1 or (1 if sn % pw else 0)
    if ragged and room >= 2:
        words = -(-ragged * sn // pw)
        task = [((0, 1, 2, unit), None), ((0, 1, 2, ragged), None), (None, (0, parts, words))]
        found.append(run("a last word beyond the tile", task, random))
    if lines <= 64:
        full = [
            ((0, 1, 1, lines // pieces), None),
            ((0, 1, 1, unit), None),
            (None, (0, 2 * parts, lines * elements // (sm * pw) or 1)),
        ]
        found.append(run("round a whole slot", full, random))
    if 257 * unit * pieces <= min(lines, 2048):
        found.append(
            run("more than 256 groups", [((0, 1, 1, 257 * unit), None), (None, sent(0, 1, 257 * unit))], random)
        )
    return found
