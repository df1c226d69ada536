"""From 32-bit sums back to 8-bit values with integers alone.

The exact result is `clamp(round(sum x ratio))`, the ratio a real number. Here it is a multiplier of 16 bits and a shift:

    y = clamp((sum x multiplier + 2 ** (shift - 1)) >> shift, low, high)

`>>` rounds down, so that y is rounded to the nearest integer and a tie goes up. The ratio that is used differs from the
exact one by at most 2 ** -(shift + 1): for ratios from 2 ** -16 the multiplier has its highest bit set, and the error is
at most 2 ** -16 of the ratio; smaller ratios have shift 31 and an error of at most 2 ** -32. So y before rounding is off
by at most 2 ** -16 |y|, which is 2 ** -9 where the clamp leaves it, in the first case; in the second by at most
|sum| x 2 ** -32, a half for the largest sum of 32 bits.

Reference: Jacob et al. 2018, "Quantization and training of neural networks for efficient integer-arithmetic-only
inference", equation 6, with 16 bits in place of 32.
"""

import math

import numpy as np
from numpy.typing import NDArray

from aigchip.workload.errors import WorkloadError

MULTIPLIER_BITS = 16
SHIFT_MAX = 31
_MULTIPLIER_MAX = (1 << MULTIPLIER_BITS) - 1


def multiplier_and_shift(ratio: float, where: str) -> tuple[int, int]:
    """Return the multiplier (1 to 65535) and the shift (1 to 31) for which multiplier / 2 ** shift is nearest to a ratio.

    Args:
        ratio: scale of the sums over scale of the result; positive.
        where: whose ratio this is, for the error.

    Raises:
        WorkloadError: the ratio is not from 2 ** -32 to 32767.5.
    """
    least, most = 2.0 ** -(SHIFT_MAX + 1), _MULTIPLIER_MAX / 2
    if not least <= ratio <= most:
        raise WorkloadError(
            where,
            f"the ratio of the scales is {ratio:g}; must be from {least:g} to {most:g}",
            "Choose a larger output scale." if ratio > most else "Choose a smaller output scale.",
        )
    _, exponent = math.frexp(ratio)
    shift = min(SHIFT_MAX, MULTIPLIER_BITS - exponent)
    multiplier = _nearest(ratio, shift)
    if multiplier > _MULTIPLIER_MAX:  # rounded up to a power of two
        shift -= 1
        multiplier = _nearest(ratio, shift)
    return multiplier, shift


def _nearest(ratio: float, shift: int) -> int:
    return math.floor(math.ldexp(ratio, shift) + 0.5)


def requantise(
    sums: NDArray[np.int64],
    multiplier: NDArray[np.integer] | int,
    shift: NDArray[np.integer] | int,
    low: int,
    high: int,
) -> NDArray[np.int8]:
    """Return clamp((sums x multiplier + 2 ** (shift - 1)) >> shift, low, high).

    Args:
        sums: at most 46 bits, so that no product leaves 64.
        multiplier: of all sums, or an array that broadcasts against them; 0 to 65535.
        shift: likewise; 1 to 31.
        low: the smallest result; at least -128.
        high: the largest result; at most 127.
    """
    shifts = np.asarray(shift, dtype=np.int64)
    products = sums * np.asarray(multiplier, dtype=np.int64) + (np.int64(1) << (shifts - 1))
    return np.clip(products >> shifts, low, high).astype(np.int8)
