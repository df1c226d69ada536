"""Explicit constraints between genes; each explains a rejection in a sentence that names the remedy."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from aigchip.space.design import Design
from aigchip.space.families import (
    BROADCAST,
    HEIGHT,
    LEVELS,
    MULTICAST,
    REUSE_OUTPUT,
    UNICAST,
)
from aigchip.space.spans import MULTICAST_UNITS, allowed_styles, array_step, level_styles, level_units

#: The largest array that the template builds: MACs in a lane by lanes.
LANE_MULTIPLIERS_MAX = 8
ARRAY_LANES_MAX = 8

_UNITS_NAME = {"mac": "mac_width", "lane": "lane_macs", "array": "array_lanes"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """Why a design cannot be built.

    Attributes:
        constraint: name of the constraint that it breaks.
        explanation: one sentence with the values and the rule.
        remedy: the smallest change that satisfies the constraint.
    """

    constraint: str
    explanation: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.explanation}. {self.remedy}"


def _array_size(design: Design) -> Iterator[Rejection]:
    lane = design.mac_width * design.lane_macs
    if lane > LANE_MULTIPLIERS_MAX:
        yield Rejection(
            constraint="array_size",
            explanation=f"mac_width * lane_macs is {design.mac_width} * {design.lane_macs} = {lane}; "
            f"must be at most {LANE_MULTIPLIERS_MAX}, arrays up to 8 x 8 are built",
            remedy=f"Set lane_macs: {LANE_MULTIPLIERS_MAX // design.mac_width}.",
        )


def _one_unit(design: Design) -> Iterator[Rejection]:
    for level in LEVELS:
        styles = level_styles(design, level)
        if level_units(design, level) == 1 and styles != (UNICAST, UNICAST):
            yield Rejection(
                constraint="one_unit",
                explanation=f"noc_a_{level}, noc_b_{level} is {', '.join(styles)} while {_UNITS_NAME[level]} is 1; "
                "must be unicast, unicast, one unit has nothing to share",
                remedy=f"Set noc_a_{level}: unicast and noc_b_{level}: unicast.",
            )


def _multicast_units(design: Design) -> Iterator[Rejection]:
    for level in LEVELS:
        units = level_units(design, level)
        if 1 < units < MULTICAST_UNITS and MULTICAST in level_styles(design, level):
            yield Rejection(
                constraint="multicast_units",
                explanation=f"{_UNITS_NAME[level]} is {units} with multicast at level {level}; "
                f"must be at least {MULTICAST_UNITS}, groups that share need two units along each of two axes",
                remedy=f"Set {_UNITS_NAME[level]}: {MULTICAST_UNITS} or use unicast or broadcast.",
            )


def _distinct_products(design: Design) -> Iterator[Rejection]:
    for level in LEVELS:
        units, styles = level_units(design, level), level_styles(design, level)
        if units == 1 or (units < MULTICAST_UNITS and MULTICAST in styles):
            continue  # told by one_unit and multicast_units
        if styles not in allowed_styles(units):
            remedy = (
                f"Set noc_a_{level}: unicast or noc_b_{level}: unicast."
                if styles == (BROADCAST, BROADCAST)
                else f"Set both to multicast, or the {MULTICAST} one to {UNICAST}."
            )
            yield Rejection(
                constraint="distinct_products",
                explanation=f"noc_a_{level}, noc_b_{level} is {styles[0]}, {styles[1]}; must give each of the {units} "
                "units of the level its own product, these compute the same product twice",
                remedy=remedy,
            )


def _tile_holds_step(design: Design) -> Iterator[Rejection]:
    if any(True for rule in (_array_size, _one_unit, _multicast_units, _distinct_products) for _ in rule(design)):
        return  # the step is not defined
    step = array_step(design)
    for axis in ("m", "n", "k"):
        tile, taken = getattr(design, f"tile_{axis}"), getattr(step, axis)
        if tile < taken:
            yield Rejection(
                constraint="tile_holds_step",
                explanation=f"tile_{axis} is {tile}; must be at least {taken}, the array takes {step} a cycle",
                remedy=f"Set tile_{axis}: {taken} or let fewer units span {axis}.",
            )


def _group_of_reuse(design: Design) -> Iterator[Rejection]:
    if design.reuse == REUSE_OUTPUT and design.group != 1:
        yield Rejection(
            constraint="group_of_reuse",
            explanation=f"group is {design.group}; must be 1 when reuse is output, "
            "one output tile is computed at a time",
            remedy="Set group: 1 or reuse: first.",
        )
    if design.reuse != REUSE_OUTPUT and design.group == 1:
        yield Rejection(
            constraint="group_of_reuse",
            explanation=f"group is 1; must be 2 or 4 when reuse is {design.reuse}, a kept operand serves several tiles",
            remedy="Set group: 2 or reuse: output.",
        )


#: Every constraint, by name, in the order in which rejections are told.
CONSTRAINTS: dict[str, Callable[[Design], Iterator[Rejection]]] = {
    "array_size": _array_size,
    "one_unit": _one_unit,
    "multicast_units": _multicast_units,
    "distinct_products": _distinct_products,
    "tile_holds_step": _tile_holds_step,
    "group_of_reuse": _group_of_reuse,
}


def check(design: Design) -> list[Rejection]:
    """Return every reason why `design` cannot be built; an empty list means that it can."""
    return [rejection for constraint in CONSTRAINTS.values() for rejection in constraint(design)]


def canonical(design: Design) -> Design:
    """Return the one genome that stands for the same hardware: genes without effect get their first value.

    Idempotent, and keeps a valid design valid. A buffer of one bank has no partition dimension; a level of one unit has
    no NoC style; a single output tile has no group.
    """
    changes: dict[str, int | str] = {}
    for level in LEVELS:
        if level_units(design, level) == 1:
            changes[f"noc_a_{level}"] = changes[f"noc_b_{level}"] = UNICAST
    for buffer in ("a", "b", "c"):
        if getattr(design, f"buffer_{buffer}_factor") == 1:
            changes[f"buffer_{buffer}_dimension"] = HEIGHT
    if design.reuse == REUSE_OUTPUT:
        changes["group"] = 1
    return replace(design, **changes)  # type: ignore[arg-type]
