"""Draw, mutate and cross designs; every result is valid and canonical."""

from dataclasses import replace
from functools import cache
from random import Random
from typing import Any

from aigchip.space.constraints import LANE_MULTIPLIERS_MAX, canonical, check
from aigchip.space.design import FIELD_NAMES, Design
from aigchip.space.families import FAMILIES, GENES, HEIGHT, LEVELS, OPERANDS, REUSE_FIRST, REUSE_OUTPUT, REUSE_SECOND
from aigchip.space.spans import allowed_styles, level_styles, level_units

_ATTEMPTS_MAX = 1000


def sample(rng: Random) -> Design:
    """Draw a design uniformly from all valid canonical designs."""
    for _ in range(_ATTEMPTS_MAX):
        genome: dict[str, Any] = dict(rng.choice(arrays()))
        for name in ("tile_m", "tile_n", "tile_k"):
            genome[name] = rng.choice(GENES[name].values)
        genome["reuse"], genome["group"] = rng.choice(_REUSES)
        for buffer in ("a", "b", "c"):
            genome[f"buffer_{buffer}_dimension"], genome[f"buffer_{buffer}_factor"] = rng.choice(partitions())
        design = Design(**genome)
        if not check(design):
            return design
    raise AssertionError("a valid design is drawn in more than half of the attempts")


def mutate(design: Design, rng: Random) -> Design:
    """Change one gene of a valid design, and repair what depends on it.

    The gene and its new value are drawn until the repaired design is valid and is other hardware than `design`.
    """
    for _ in range(_ATTEMPTS_MAX):
        gene = GENES[rng.choice(FIELD_NAMES)]
        value = rng.choice([value for value in gene.values if value != getattr(design, gene.name)])
        child = _repair(replace(design, **{gene.name: value}), gene.name, rng)
        if child != design and not check(child):
            return child
    raise AssertionError("every valid design has a valid neighbour")


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


_REUSES = ((REUSE_OUTPUT, 1), (REUSE_FIRST, 2), (REUSE_FIRST, 4), (REUSE_SECOND, 2), (REUSE_SECOND, 4))


@cache
def arrays() -> tuple[dict[str, int | str], ...]:
    """Every combination of unit counts and styles that forms an array (1,120 of them)."""
    combinations: list[dict[str, int | str]] = [{}]
    for level, units_gene in zip(LEVELS, FAMILIES[0].genes, strict=True):
        combinations = [
            chosen | {units_gene.name: units, f"noc_a_{level}": style_a, f"noc_b_{level}": style_b}
            for chosen in combinations
            for units in units_gene.values
            for style_a, style_b in allowed_styles(int(units))
        ]
    return tuple(c for c in combinations if int(c["mac_width"]) * int(c["lane_macs"]) <= LANE_MULTIPLIERS_MAX)


@cache
def partitions() -> tuple[tuple[str, int], ...]:
    """Every (dimension, factor) of a buffer, the undivided buffer once."""
    dimensions, factors = GENES["buffer_a_dimension"].values, GENES["buffer_a_factor"].values
    divided = [(str(dimension), int(factor)) for factor in factors if factor != 1 for dimension in dimensions]
    return ((HEIGHT, 1), *divided)


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
