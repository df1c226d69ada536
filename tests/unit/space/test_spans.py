"""What the units of a level span follows from the products that they form."""

import pytest

from aigchip.space.families import BROADCAST, MULTICAST, NOC_STYLES, UNICAST
from aigchip.space.spans import Span, allowed_styles, span_of


@pytest.mark.parametrize(
    ("units", "style_a", "style_b", "span"),
    [
        (1, UNICAST, UNICAST, Span()),
        (4, UNICAST, BROADCAST, Span(m=4)),
        (4, BROADCAST, UNICAST, Span(n=4)),
        (8, UNICAST, UNICAST, Span(k=8)),
        (4, MULTICAST, MULTICAST, Span(m=2, n=2)),
        (8, MULTICAST, MULTICAST, Span(m=4, n=2)),
        (8, MULTICAST, UNICAST, Span(k=4, n=2)),
        (8, UNICAST, MULTICAST, Span(m=4, k=2)),
        (4, MULTICAST, UNICAST, Span(k=2, n=2)),
    ],
)
def test_the_span_of_a_level(units: int, style_a: str, style_b: str, span: Span) -> None:
    assert span_of(units, style_a, style_b) == span


def distinct(units: int, values: int) -> str:
    """Name the style under which `units` units receive `values` distinct values."""
    return UNICAST if values == units else BROADCAST if values == 1 else MULTICAST


@pytest.mark.parametrize("units", [2, 4, 8])
def test_the_allowed_styles_are_those_that_count_the_distinct_values_of_a_span(units: int) -> None:
    powers = [1 << e for e in range(units.bit_length())]
    reachable = {
        (distinct(units, m * k), distinct(units, k * n))
        for m in powers
        for n in powers
        for k in powers
        if m * n * k == units
    }
    assert set(allowed_styles(units)) == reachable
    assert {(a, b) for a in NOC_STYLES for b in NOC_STYLES} - reachable >= {
        (BROADCAST, BROADCAST),
        (BROADCAST, MULTICAST),
        (MULTICAST, BROADCAST),
    }
