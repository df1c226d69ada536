"""What the units of a level span: the axes of a matrix product over which the three NoC styles spread them.

A is indexed by (m, k), B by (k, n) and C by (m, n). How many distinct values of A and of B the units of a level take, and
how many results they form, therefore fixes which axes they cover: with A unicast, B broadcast and C unicast they are
different rows m, and so on. At the array level three more combinations forward operands from lane to lane, in
registers. Every other combination is illegal, for a reason that `illegal` gives. docs/reference/networks-on-chip.md draws them all.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from aigchip.space.design import Design
from aigchip.space.families import BROADCAST, LEVELS, MULTICAST, UNICAST

Styles = tuple[str, str, str]

#: (style of A, of B, of C) -> the axes that the units of the level span; of several the first gets the largest part.
AXES_OF_STYLES: Mapping[Styles, str] = {
    (UNICAST, BROADCAST, UNICAST): "m",
    (BROADCAST, UNICAST, UNICAST): "n",
    (UNICAST, UNICAST, BROADCAST): "k",
    (MULTICAST, MULTICAST, UNICAST): "mn",
    (MULTICAST, UNICAST, MULTICAST): "kn",
    (UNICAST, MULTICAST, MULTICAST): "mk",
    (MULTICAST, MULTICAST, MULTICAST): "mnk",
}

#: Array level only, m x n units -> the operands that go from unit to unit in registers: a along n, b along m.
FORWARDED_OF_STYLES: Mapping[Styles, str] = {
    (UNICAST, UNICAST, UNICAST): "ab",
    (UNICAST, MULTICAST, UNICAST): "a",
    (MULTICAST, UNICAST, UNICAST): "b",
}

#: Of one unit nothing is shared; this combination stands for that.
ONE_UNIT: Styles = (UNICAST, UNICAST, UNICAST)

#: The fewest units that a level needs before two axes, and three, can share them.
MULTICAST_UNITS = 4
THREE_AXES_UNITS = 8

_ALL_THE_SAME = "all units would form the same product"
_TWICE = "units that share A and B would form the same product twice"
_ROWS = "the units that share B differ in their row, and a sum of products of different rows is no matrix product"
_COLUMNS = (
    "the units that share A differ in their column, and a sum of products of different columns is no matrix product"
)

#: Every combination that no level has -> why.
_ILLEGAL: Mapping[Styles, str] = {
    (UNICAST, UNICAST, MULTICAST): "the groups that sum would have rows and columns of their own, "
    "and their results would be the diagonal of a matrix product only",
    (UNICAST, MULTICAST, BROADCAST): _ROWS,
    (UNICAST, BROADCAST, MULTICAST): _ROWS,
    (UNICAST, BROADCAST, BROADCAST): _ROWS,
    (MULTICAST, UNICAST, BROADCAST): _COLUMNS,
    (BROADCAST, UNICAST, MULTICAST): _COLUMNS,
    (BROADCAST, UNICAST, BROADCAST): _COLUMNS,
    (MULTICAST, MULTICAST, BROADCAST): "one result has one row and one column, so the units that share A "
    "would share B too and form the same product twice",
    (MULTICAST, BROADCAST, UNICAST): _TWICE,
    (MULTICAST, BROADCAST, MULTICAST): _TWICE,
    (MULTICAST, BROADCAST, BROADCAST): _TWICE,
    (BROADCAST, MULTICAST, UNICAST): _TWICE,
    (BROADCAST, MULTICAST, MULTICAST): _TWICE,
    (BROADCAST, MULTICAST, BROADCAST): _TWICE,
    (BROADCAST, BROADCAST, UNICAST): _ALL_THE_SAME,
    (BROADCAST, BROADCAST, MULTICAST): _ALL_THE_SAME,
    (BROADCAST, BROADCAST, BROADCAST): _ALL_THE_SAME,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """How many rows m, columns n and products k something covers in one cycle."""

    m: int = 1
    n: int = 1
    k: int = 1

    def __mul__(self, other: "Span") -> "Span":
        return Span(m=self.m * other.m, n=self.n * other.n, k=self.k * other.k)

    @property
    def units(self) -> int:
        """Products formed in one cycle."""
        return self.m * self.n * self.k

    def __str__(self) -> str:
        return f"{self.m} x {self.n} x {self.k} (m x n x k)"


def sums_bits(span: Span) -> int:
    """Return the bits of all sums that units of this span form in a cycle, each exact."""
    return (15 + span.k.bit_length()) * span.m * span.n


def level_units(design: Design, level: str) -> int:
    """Return how many units `level` ("mac", "lane", "array") has."""
    return design.mac_width if level == "mac" else design.lane_macs if level == "lane" else design.array_lanes


def level_styles(design: Design, level: str) -> Styles:
    """Return the NoC styles of A, of B and of C at `level`."""
    if level == "mac":
        return design.noc_a_mac, design.noc_b_mac, design.noc_c_mac
    if level == "lane":
        return design.noc_a_lane, design.noc_b_lane, design.noc_c_lane
    return design.noc_a_array, design.noc_b_array, design.noc_c_array


def _axes(styles: Styles) -> str:
    return "mn" if styles in FORWARDED_OF_STYLES else AXES_OF_STYLES[styles]


@cache
def illegal(level: str, units: int, styles: Styles) -> str:
    """Return why `units` units of `level` cannot be joined by these styles, as a clause; empty when they can."""
    if units == 1:
        return "" if styles == ONE_UNIT else f"one unit has nothing to share; must be {', '.join(ONE_UNIT)}"
    if styles in _ILLEGAL:
        return _ILLEGAL[styles]
    if styles in FORWARDED_OF_STYLES and level != "array":
        return "operands that go from unit to unit need registers, and mac and pe_lane are pure functions"
    axes, fewest = _axes(styles), {1: 2, 2: MULTICAST_UNITS, 3: THREE_AXES_UNITS}
    if units < fewest[len(axes)]:
        return f"the units span {' x '.join(axes)}, two at least along each: must be {fewest[len(axes)]} units or more"
    return ""


@cache
def allowed_styles(level: str, units: int) -> tuple[Styles, ...]:
    """Return the styles (A, B, C) by which `units` units of `level` form `units` different products of a matrix product."""
    if units == 1:
        return (ONE_UNIT,)
    return tuple(styles for styles in (*AXES_OF_STYLES, *FORWARDED_OF_STYLES) if not illegal(level, units, styles))


@cache
def span_of(units: int, style_a: str, style_b: str, style_c: str) -> Span:
    """Return what the units of one level span.

    Args:
        units: units of the level, a power of two.
        style_a: NoC style of operand A.
        style_b: NoC style of operand B.
        style_c: NoC style of the results; the three must be in `allowed_styles` of some level.
    """
    if units == 1:
        return Span()
    axes, exponent = _axes((style_a, style_b, style_c)), units.bit_length() - 1
    shares = ((exponent + len(axes) - 1 - place) // len(axes) for place in range(len(axes)))
    return Span(**{axis: 1 << share for axis, share in zip(axes, shares, strict=True)})


def forwarded(units: int, style_a: str, style_b: str, style_c: str) -> str:
    """Return the operands ("a", "b", "ab" or "") that the units of the array hand on to each other in registers."""
    return "" if units == 1 else FORWARDED_OF_STYLES.get((style_a, style_b, style_c), "")


def level_span(design: Design, level: str) -> Span:
    """Return what the units of `level` span in a valid design; a packed mac has twice the rows."""
    return _level_span(level_units(design, level), level_styles(design, level), design.pack if level == "mac" else 1)


@cache
def _level_span(units: int, styles: Styles, pack: int) -> Span:
    return span_of(units, *styles) * Span(m=pack)


def array_step(design: Design) -> Span:
    """Return the step sm x sn x sk that the whole array of a valid design takes in one cycle."""
    mac, lane, array = (level_span(design, level) for level in LEVELS)
    return _product(mac, lane, array)


@cache
def _product(mac: Span, lane: Span, array: Span) -> Span:
    return mac * lane * array
