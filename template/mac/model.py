"""Numpy model of mac: an outer or inner product added to the accumulators."""

import numpy as np


def pack(values, bits):
    """Pack numbers as two's complement of so many bits, the first lowest."""
    return sum((int(value) & ((1 << bits) - 1)) << (bits * index) for index, value in enumerate(np.ravel(values)))


def vectors(parameters, rng):
    """Return the test vectors for the module's parameters and derived constants."""
    rows, columns, products = parameters["rows"], parameters["columns"], parameters["products"]
    found = []

    def add(name, acc, a, b, clear):
        result = (0 if clear else acc.astype(np.int64)) + a.astype(np.int64) @ b.astype(np.int64)
        found.append(
            {
                "name": name,
                "scalars_in": {"acc": pack(acc, 32), "a": pack(a, 8), "b": pack(b, 8), "clear": int(clear)},
                "returns": pack(result, 32),
            }
        )

    def full(shape, value):
        return np.full(shape, value, dtype=np.int64)

    for left in (-128, 127, 1):
        for right in (-128, 127):
            for clear in (0, 1):
                acc, a, b = full((rows, columns), 1000), full((rows, products), left), full((products, columns), right)
                add(f"A all {left}, B all {right}, clear {clear}", acc, a, b, clear)
    a = np.arange(1, rows * products + 1).reshape(rows, products)
    b = np.arange(1, products * columns + 1).reshape(products, columns) * 16
    add("every element different", full((rows, columns), 0), a, b, 0)
    add(
        "accumulators near the largest",
        full((rows, columns), 2**31 - 1 - products * 16384),
        full((rows, products), -128),
        full((products, columns), -128),
        0,
    )
    for index in range(16):
        add(
            f"random {index}",
            rng.integers(-(2**31), 2**31, (rows, columns)),
            rng.integers(-128, 128, (rows, products)),
            rng.integers(-128, 128, (products, columns)),
            index % 4 == 0,
        )
    return found
