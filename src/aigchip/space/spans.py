"""What the units of a level span: the axes of a GEMM over which the two NoC styles spread them.

A is indexed by (m, k) and B by (k, n). How many distinct values of each operand the units of a level receive therefore
fixes which axes they cover: with A unicast and B broadcast they are different rows m, and so on. A pair of styles
outside the table would give two units the same product.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from aigchip.space.design import Design
from aigchip.space.families import BROADCAST, LEVELS, MULTICAST, UNICAST

#: (style of A, style of B) -> the axes that the units of the level span; of two axes the first gets the larger part.
AXES_OF_STYLES: Mapping[tuple[str, str], str] = {
    (UNICAST, BROADCAST): "m",
    (BROADCAST, UNICAST): "n",
    (UNICAST, UNICAST): "k",
    (MULTICAST, MULTICAST): "mn",
    (MULTICAST, UNICAST): "kn",
    (UNICAST, MULTICAST): "mk",
}

#: The fewest units that a level needs before two axes can share them.
MULTICAST_UNITS = 4


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


def level_units(design: Design, level: str) -> int:
    """Return how many units `level` ("mac", "lane", "array") has."""
    return {"mac": design.mac_width, "lane": design.lane_macs, "array": design.array_lanes}[level]


def level_styles(design: Design, level: str) -> tuple[str, str]:
    """Return the NoC styles of A and of B at `level`."""
    return getattr(design, f"noc_a_{level}"), getattr(design, f"noc_b_{level}")


def allowed_styles(units: int) -> tuple[tuple[str, str], ...]:
    """Return the pairs of styles (A, B) under which `units` units of a level form `units` different products."""
    if units == 1:
        return ((UNICAST, UNICAST),)
    return tuple(styles for styles in AXES_OF_STYLES if MULTICAST not in styles or units >= MULTICAST_UNITS)


def span_of(units: int, style_a: str, style_b: str) -> Span:
    """Return what the units of one level span.

    Args:
        units: units of the level, a power of two.
        style_a: NoC style of operand A.
        style_b: NoC style of operand B; the pair must be in `allowed_styles(units)`.
    """
    if units == 1:
        return Span()
    axes = AXES_OF_STYLES[style_a, style_b]
    if len(axes) == 1:
        return Span(**{axes: units})
    smaller = 1 << ((units.bit_length() - 1) // 2)
    return Span(**{axes[0]: units // smaller, axes[1]: smaller})


def level_span(design: Design, level: str) -> Span:
    """Return what the units of `level` span in a valid design."""
    return span_of(level_units(design, level), *level_styles(design, level))


def array_step(design: Design) -> Span:
    """Return the step pm x pn x pk that the whole array of a valid design takes in one cycle."""
    step = Span()
    for level in LEVELS:
        step = step * level_span(design, level)
    return step
