"""Numpy model of pe_lane: an exact product of two matrices, however the MAC units share it."""

import numpy as np


def pack(values, bits):
    """Pack numbers as two's complement of so many bits, the first lowest."""
    return sum((int(value) & ((1 << bits) - 1)) << (bits * index) for index, value in enumerate(np.ravel(values)))


def vectors(parameters, rng):
    """Return the test vectors for the module's parameters and derived constants."""
    rows, columns, products = parameters["lane_m"], parameters["lane_n"], parameters["lane_k"]
    found = []

    def add(name, a, b):
        returns = pack(a.astype(np.int64) @ b.astype(np.int64), parameters["sum_bits"])
        found.append({"name": name, "scalars_in": {"a": pack(a, 8), "b": pack(b, 8)}, "returns": returns})

    def full(shape, value):
        return np.full(shape, value, dtype=np.int64)

    for left in (-128, 127, 1, 0):
        for right in (-128, 127, -1):
            add(f"A all {left}, B all {right}", full((rows, products), left), full((products, columns), right))
    a = np.arange(1, rows * products + 1).reshape(rows, products) % 128
    b = np.arange(products * columns, 0, -1).reshape(products, columns) % 128
    add("every element different", a, b)
    for row in range(min(rows, 4)):
        a = full((rows, products), 0)
        a[row::4] = -128
        add(f"A -128 in row {row} of each four", a, full((products, columns), 127))
    for index in range(4):
        ends = (-128, -1, 0, 1, 127)
        add(f"extremes {index}", rng.choice(ends, (rows, products)), rng.choice(ends, (products, columns)))
    for index in range(12):
        add(f"random {index}", rng.integers(-128, 128, (rows, products)), rng.integers(-128, 128, (products, columns)))
    return found
