"""A multiplier of 16 bits and a shift stand for a ratio of scales within the error that the module states."""

from fractions import Fraction
from math import floor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aigchip.workload import WorkloadError
from aigchip.workload.requantise import multiplier_and_shift, requantise

RATIOS = st.floats(2.0**-32, 32767.5) | st.floats(2.0**-12, 2.0**-2)
SUMS = st.integers(-(2**31), 2**31 - 1)


@given(RATIOS)
def test_the_pair_is_nearest_to_the_ratio_and_has_its_highest_bit_set(ratio: float) -> None:
    multiplier, shift = multiplier_and_shift(ratio, "r")
    assert 1 <= multiplier < 2**16
    assert 1 <= shift <= 31
    error = abs(Fraction(multiplier, 2**shift) - Fraction(ratio))
    assert error <= Fraction(1, 2 ** (shift + 1))
    if shift < 31:
        assert multiplier >= 2**15
        assert error <= Fraction(ratio) / 2**16


@given(RATIOS, SUMS)
def test_the_result_is_off_by_what_is_stated(ratio: float, total: int) -> None:
    multiplier, shift = multiplier_and_shift(ratio, "r")
    result = int(requantise(np.array([total], dtype=np.int64), multiplier, shift, -128, 127)[0])
    exact = min(127, max(-128, Fraction(ratio) * total))
    before_rounding = Fraction(1, 2) if ratio < 2.0**-16 else Fraction(1, 2**9)
    assert abs(result - exact) <= Fraction(1, 2) + before_rounding


@given(st.lists(SUMS, min_size=1, max_size=20), st.integers(1, 2**16 - 1), st.integers(1, 31), st.integers(-128, 0))
def test_integers_are_those_of_python(sums: list[int], multiplier: int, shift: int, low: int) -> None:
    expected = [min(127, max(low, (total * multiplier + 2 ** (shift - 1)) // 2**shift)) for total in sums]
    found = requantise(np.array(sums, dtype=np.int64), multiplier, shift, low, 127)
    assert found.dtype == np.int8
    assert found.tolist() == expected


def test_a_tie_goes_up() -> None:
    multiplier, shift = multiplier_and_shift(0.5, "r")
    assert (multiplier, shift) == (2**15, 16)
    sums = np.array([-3, -1, 1, 3], dtype=np.int64)
    assert requantise(sums, multiplier, shift, -128, 127).tolist() == [
        floor(total / 2 + 0.5) for total in sums.tolist()
    ]


@pytest.mark.parametrize(
    ("ratio", "pair"),
    [(1.0, (2**15, 15)), (1 - 2.0**-20, (2**15, 15)), (2.0**-32, (1, 31)), (32767.5, (65535, 1)), (1 / 3, (43691, 17))],
)
def test_known_ratios(ratio: float, pair: tuple[int, int]) -> None:
    assert multiplier_and_shift(ratio, "r") == pair


@pytest.mark.parametrize(
    ("ratio", "text"),
    [
        (
            0.0,
            "conv1: the ratio of the scales is 0; must be from 2.32831e-10 to 32767.5. Choose a smaller output scale.",
        ),
        (
            1e5,
            "conv1: the ratio of the scales is 100000; must be from 2.32831e-10 to 32767.5. Choose a larger output scale.",
        ),
        (
            float("nan"),
            "conv1: the ratio of the scales is nan; must be from 2.32831e-10 to 32767.5. Choose a smaller output scale.",
        ),
    ],
)
def test_a_ratio_out_of_range_is_one_clear_line(ratio: float, text: str) -> None:
    with pytest.raises(WorkloadError) as error:
        multiplier_and_shift(ratio, "conv1")
    assert str(error.value) == text
