"""Draw, mutate and cross designs; every result is valid and canonical.

Genes that a person has fixed are given as pairs of a gene's name and its value: no design departs from them.
"""

import itertools
import math
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from random import Random
from typing import Any

from aigchip.space.constraints import LANE_MULTIPLIERS_MAX, canonical, check
from aigchip.space.design import FIELD_NAMES, Design, DesignError
from aigchip.space.families import FAMILIES, GENES, HEIGHT, LEVELS, OPERANDS, REUSE_FIRST, REUSE_OUTPUT, REUSE_SECOND
from aigchip.space.spans import allowed_styles, level_styles, level_units

_ATTEMPTS_MAX = 1000

Choice = tuple[tuple[str, int | str], ...]
"""One way to set the genes that go together, as pairs."""
_REUSES: tuple[Choice, ...] = tuple(
    (("reuse", reuse), ("group", group))
    for reuse, group in ((REUSE_OUTPUT, 1), (REUSE_FIRST, 2), (REUSE_FIRST, 4), (REUSE_SECOND, 2), (REUSE_SECOND, 4))
)

Fixed = tuple[tuple[str, int | str], ...]
"""Genes that may not vary, with their values."""


def sample(rng: Random, fixed: Fixed = ()) -> Design:
    """Draw a design uniformly from all valid canonical designs.

    Raises:
        DesignError: No design has the fixed values.
    """
    for _ in range(_ATTEMPTS_MAX):
        genome: dict[str, Any] = dict(rng.choice(_agreeing(arrays(), fixed)))
        for name in ("tile_m", "tile_n", "tile_k"):
            genome[name] = rng.choice(_values(name, fixed))
        genome |= rng.choice(_agreeing(_REUSES, fixed))
        for buffer in ("a", "b", "c"):
            genome |= rng.choice(_agreeing(_partitions(buffer), fixed))
        design = Design(**genome)
        if not check(design):
            return design
    raise _impossible(fixed)


def mutate(design: Design, rng: Random, fixed: Fixed = ()) -> Design:
    """Change one gene of a valid design, and repair what depends on it.

    The gene and its new value are drawn until the repaired design is valid and is other hardware than `design`. Where
    the fixed values leave no such neighbour, any design that has them is drawn.
    """
    for _ in range(_ATTEMPTS_MAX):
        gene = GENES[rng.choice(FIELD_NAMES)]
        value = rng.choice([value for value in gene.values if value != getattr(design, gene.name)])
        child = _repair(replace(design, **{gene.name: value}), gene.name, rng)
        if child != design and not check(child) and all(getattr(child, name) == kept for name, kept in fixed):
            return child
    return sample(rng, fixed)


@cache
def count(fixed: Fixed = ()) -> int:
    """Return how many designs have the fixed values.

    Raises:
        DesignError: None has them.
    """
    arrays_and_tiles = 0
    other = {gene.name: gene.values[0] for gene in GENES.values()} | {"reuse": REUSE_OUTPUT, "group": 1}
    for array in _agreeing(arrays(), fixed):
        for tiles in itertools.product(*(_values(f"tile_{axis}", fixed) for axis in "mnk")):
            genome: dict[str, Any] = {**other, **array, **dict(zip(("tile_m", "tile_n", "tile_k"), tiles, strict=True))}
            arrays_and_tiles += not check(Design(**genome))
    if not arrays_and_tiles:
        raise _impossible(fixed)
    choices = [_agreeing(_REUSES, fixed), *(_agreeing(_partitions(buffer), fixed) for buffer in "abc")]
    return arrays_and_tiles * math.prod(map(len, choices))


def most_multipliers(fixed: Fixed = ()) -> int:
    """Return the multipliers of the largest array that has the fixed values.

    Raises:
        DesignError: No array has them.
    """
    return max(_multipliers(array) for array in _agreeing(arrays(), fixed))


def fewest_multipliers(fixed: Fixed = ()) -> int:
    """Return the multipliers of the smallest array that has the fixed values; raises as `most_multipliers`."""
    return min(_multipliers(array) for array in _agreeing(arrays(), fixed))


def _multipliers(array: Mapping[str, int | str]) -> int:
    return math.prod(int(array[gene.name]) for gene in FAMILIES[0].genes)


@cache
def _agreeing(choices: tuple[Choice, ...], fixed: Fixed) -> tuple[Mapping[str, int | str], ...]:
    """Return the choices that differ in no fixed gene."""
    wanted = dict(fixed)
    found = tuple(dict(choice) for choice in choices if all(wanted.get(name, value) == value for name, value in choice))
    if not found:
        raise _impossible(tuple((name, value) for name, value in fixed if name in dict(choices[0])))
    return found


def _values(name: str, fixed: Fixed) -> tuple[Any, ...]:
    return (dict(fixed)[name],) if name in dict(fixed) else GENES[name].values


def _impossible(fixed: Fixed) -> DesignError:
    """Explain why no design has the fixed values by the rule that the nearest one breaks."""
    pairs = dict(fixed)
    plain: dict[str, Any] = {gene.name: gene.values[0] for gene in GENES.values()}
    genome = {**plain, "reuse": REUSE_OUTPUT, **pairs}
    broken = check(Design(**genome))
    words = ", ".join(f"{name} {value}" for name, value in fixed)
    if not broken:
        return DesignError("fixed parameters", f"no design has {words} together", "Fix fewer parameters.")
    return DesignError("fixed parameters", f"no design has {words}: {broken[0].explanation}", broken[0].remedy)


def cross(first: Design, second: Design, rng: Random) -> Design:
    """Return a valid design that takes each family of genes from one of two valid designs.

    The families array and NoC travel together, because styles have a meaning only for their unit counts. Where tiles
    and array do not fit, both come from the same parent.
    """
    for _ in range(_ATTEMPTS_MAX):
        parent_of = {family.name: rng.choice((first, second)) for family in FAMILIES}
        parent_of["noc"] = parent_of["mac_array"]
        genome = {gene.name: getattr(parent_of[family.name], gene.name) for family in FAMILIES for gene in family.genes}
        genome["group"] = parent_of["reuse"].group
        child = canonical(Design(**genome))
        if not check(child):
            return child
    raise AssertionError("the choice of one parent for all families is valid")


@cache
def arrays() -> tuple[Choice, ...]:
    """Every combination of unit counts and styles that forms an array (1,120 of them)."""
    combinations: list[dict[str, int | str]] = [{}]
    for level, units_gene in zip(LEVELS, FAMILIES[0].genes, strict=True):
        combinations = [
            chosen | {units_gene.name: units, f"noc_a_{level}": style_a, f"noc_b_{level}": style_b}
            for chosen in combinations
            for units in units_gene.values
            for style_a, style_b in allowed_styles(int(units))
        ]
    built = [c for c in combinations if int(c["mac_width"]) * int(c["lane_macs"]) <= LANE_MULTIPLIERS_MAX]
    return tuple(tuple(c.items()) for c in built)


@cache
def partitions() -> tuple[tuple[str, int], ...]:
    """Every (dimension, factor) of a buffer, the undivided buffer once."""
    dimensions, factors = GENES["buffer_a_dimension"].values, GENES["buffer_a_factor"].values
    divided = [(str(dimension), int(factor)) for factor in factors if factor != 1 for dimension in dimensions]
    return ((HEIGHT, 1), *divided)


@cache
def _partitions(buffer: str) -> tuple[Choice, ...]:
    return tuple(
        ((f"buffer_{buffer}_dimension", dimension), (f"buffer_{buffer}_factor", factor))
        for dimension, factor in partitions()
    )


def _repair(design: Design, changed: str, rng: Random) -> Design:
    """Adapt the genes that have no meaning beside the changed one; the changed gene is kept."""
    changes: dict[str, int | str] = {}
    for level in LEVELS:
        styles = level_styles(design, level)
        allowed = allowed_styles(level_units(design, level))
        if styles in allowed:
            continue
        for position, operand in enumerate(OPERANDS):
            if changed == f"noc_{operand}_{level}":
                allowed = tuple(pair for pair in allowed if pair[position] == styles[position])
        if allowed:
            changes[f"noc_a_{level}"], changes[f"noc_b_{level}"] = rng.choice(allowed)
    if changed == "group" and design.group == 1:
        changes["reuse"] = REUSE_OUTPUT
    elif changed == "group" and design.reuse == REUSE_OUTPUT:
        changes["reuse"] = rng.choice((REUSE_FIRST, REUSE_SECOND))
    elif changed == "reuse" and design.reuse != REUSE_OUTPUT and design.group == 1:
        changes["group"] = rng.choice((2, 4))
    return canonical(replace(design, **changes))  # type: ignore[arg-type]
