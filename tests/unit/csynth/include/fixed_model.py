"""Fixed-point numbers in exact arithmetic, by the rule of each mode (UG1399, "Quantization Modes" and "Overflow Modes")."""

from __future__ import annotations

from fractions import Fraction
from math import floor


def quantise(value: Fraction, mode: str) -> int:
    """`value`, in units of the target's last place, as a whole number."""
    down, up = floor(value), -floor(-value)
    if down == up:
        return down
    if mode == "AP_TRN":
        return down
    if mode == "AP_TRN_ZERO":
        return down if value > 0 else up
    if value - down != Fraction(1, 2):
        return down if value - down < Fraction(1, 2) else up
    return {
        "AP_RND": up,
        "AP_RND_MIN_INF": down,
        "AP_RND_ZERO": down if value > 0 else up,
        "AP_RND_INF": up if value > 0 else down,
        "AP_RND_CONV": down if down % 2 == 0 else up,
    }[mode]


def pattern(number: int, width: int) -> int:
    """Two's complement."""
    return number % 2**width


def fit(number: int, truncated: int, width: int, signed: bool, mode: str, saturated: int) -> int:  # noqa: PLR0917 - as in C++
    """The pattern of `number` in `width` bits; `truncated` is what it was before it was rounded (AP_WRAP_SM alone asks)."""
    low, high = (-(2 ** (width - 1)), 2 ** (width - 1) - 1) if signed else (0, 2**width - 1)
    lowest = -high if mode == "AP_SAT_SYM" and signed and width > 1 else low
    if lowest <= number <= high:
        return pattern(number, width)
    if mode == "AP_SAT_ZERO":
        return 0
    if mode in {"AP_SAT", "AP_SAT_SYM"}:
        return pattern(high if number > high else lowest, width)
    bits = [pattern(number, width) >> k & 1 for k in range(width)]  # lowest first
    negative = int(number < 0)
    if mode == "AP_WRAP_SM" and saturated == 0:
        sign = truncated >> width & 1
        flip = sign != bits[-1]
        bits = [b ^ flip for b in bits[:-1]] + [sign]
    elif saturated:
        if mode == "AP_WRAP_SM":
            flip = bits[-1] != negative if saturated == 1 else bits[width - saturated] == negative
            bits = [b ^ flip for b in bits]
        filling = 1 if not signed else 1 - negative
        bits[width - saturated :] = [filling] * saturated
        if signed:
            bits[-1] = negative
    return sum(b << k for k, b in enumerate(bits))


def cast(  # noqa: PLR0917 - the order of the C++ type
    value: Fraction, width: int, integer: int, signed: bool, quantisation: str, overflow: str, saturated: int
) -> int:
    """The pattern of `value` as an ap_fixed (or, not `signed`, ap_ufixed)."""
    places = value * Fraction(2) ** (width - integer)
    return fit(quantise(places, quantisation), floor(places), width, signed, overflow, saturated)


def value_of(bits: int, width: int, integer: int, signed: bool) -> Fraction:
    """The number that a pattern stands for."""
    number = bits - 2**width if signed and bits >> (width - 1) else bits
    return number * Fraction(2) ** (integer - width)
