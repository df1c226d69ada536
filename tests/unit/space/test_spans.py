"""What the units of a level span follows from the products that they form."""

import itertools

import pytest

from aigchip.space.families import BROADCAST, LEVELS, MULTICAST, NOC_STYLES, UNICAST
from aigchip.space.spans import FORWARDED_OF_STYLES, ONE_UNIT, Span, allowed_styles, forwarded, illegal, span_of

U, M, B = UNICAST, MULTICAST, BROADCAST
TRIPLES = set(itertools.product(NOC_STYLES, repeat=3))


@pytest.mark.parametrize(
    ("units", "styles", "span"),
    [
        (1, (U, U, U), Span()),
        (4, (U, B, U), Span(m=4)),
        (4, (B, U, U), Span(n=4)),
        (8, (U, U, B), Span(k=8)),
        (4, (M, M, U), Span(m=2, n=2)),
        (8, (M, M, U), Span(m=4, n=2)),
        (8, (M, U, M), Span(k=4, n=2)),
        (8, (U, M, M), Span(m=4, k=2)),
        (8, (M, M, M), Span(m=2, n=2, k=2)),
        (16, (M, M, M), Span(m=4, n=2, k=2)),
        (32, (M, M, M), Span(m=4, n=4, k=2)),
        (64, (M, M, M), Span(m=4, n=4, k=4)),
        (8, (U, U, U), Span(m=4, n=2)),
        (16, (U, M, U), Span(m=4, n=4)),
        (2, (U, B, U), Span(m=2)),
    ],
)
def test_the_span_of_a_level(units: int, styles: tuple[str, str, str], span: Span) -> None:
    assert span_of(units, *styles) == span


def distinct(units: int, values: int) -> str:
    """Name the style under which `units` units have `values` distinct values."""
    return UNICAST if values == units else BROADCAST if values == 1 else MULTICAST


def styles_of(span: Span) -> tuple[str, str, str]:
    counts = (span.m * span.k, span.k * span.n, span.m * span.n)
    return tuple(distinct(span.units, values) for values in counts)  # type: ignore[return-value]


@pytest.mark.parametrize("units", [2, 4, 8, 16, 32])
def test_the_allowed_styles_are_those_that_count_the_distinct_values_of_a_span(units: int) -> None:
    powers = [1 << e for e in range(units.bit_length())]
    spans = (Span(m=m, n=n, k=k) for m, n, k in itertools.product(powers, repeat=3))
    reachable = {styles_of(span) for span in spans if span.units == units}
    for level in ("mac", "lane"):
        assert set(allowed_styles(level, units)) == reachable
    registers = set(FORWARDED_OF_STYLES) if units >= 4 else set()
    assert set(allowed_styles("array", units)) == reachable | registers


@pytest.mark.parametrize("units", [1, 2, 4, 8, 16, 32, 64])
def test_the_units_of_a_level_span_as_many_products_as_they_are_and_share_as_the_styles_say(units: int) -> None:
    for level in LEVELS:
        for styles in allowed_styles(level, units):
            span = span_of(units, *styles)
            assert span.units == units
            if not forwarded(units, *styles):
                assert styles_of(span) == styles
            else:  # each unit has registers of its own for what is handed on
                assert (span.m >= 2, span.n >= 2, span.k) == (True, True, 1)


@pytest.mark.parametrize("units", [1, 2, 4, 8, 64])
def test_every_other_combination_is_illegal_for_a_reason(units: int) -> None:
    for level in LEVELS:
        allowed = set(allowed_styles(level, units))
        for styles in TRIPLES:
            reason = illegal(level, units, styles)
            assert (reason == "") == (styles in allowed)
            assert not reason or (reason[0].islower() and reason[-1] != ".")


def test_one_unit_shares_nothing() -> None:
    for level in LEVELS:
        assert allowed_styles(level, 1) == (ONE_UNIT,)
    assert forwarded(1, *ONE_UNIT) == ""


def test_what_lanes_hand_on() -> None:
    assert {styles: forwarded(8, *styles) for styles in allowed_styles("array", 8) if forwarded(8, *styles)} == {
        (U, U, U): "ab",
        (U, M, U): "a",
        (M, U, U): "b",
    }
