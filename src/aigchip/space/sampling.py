"""Draw, mutate and cross designs; every result is valid and canonical.

Genes that a person has fixed are given as pairs of a gene's name and its value: no design departs from them.
"""

import itertools
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from random import Random
from typing import Any, NamedTuple

from aigchip.space.choices import ArraySet, Choice, Fixed, Rest, array_sets
from aigchip.space.constraints import (
    ACCUMULATOR_BYTES,
    LUTRAM_KIB_MAX,
    MEMORY_WORD_BITS_MAX,
    STEP_MAX,
    WORD_BITS_MAX,
    canonical,
    check,
)
from aigchip.space.design import FIELD_NAMES, Design, DesignError
from aigchip.space.families import (
    FAMILIES,
    GENES,
    HEIGHT,
    LEVELS,
    LUTRAM,
    NO_WINDOW,
    OPERANDS,
    REUSE_OUTPUT,
    WIDTH,
    WINDOW,
)
from aigchip.space.spans import allowed_styles, array_step, level_styles, level_units

__all__ = ["Fixed", "count", "cross", "fewest_multipliers", "most_products", "mutate", "sample"]

#: Chance that an array is drawn from those whose lanes can take windows of pixels.
WINDOW_CHANCE = 0.25

_ATTEMPTS_MAX = 1000


class _Arrays(NamedTuple):
    """Sets of arrays, what fits each, and how many arrays there are up to it."""

    sets: Sequence[tuple[ArraySet, Rest]]
    numbers: Sequence[int]


def sample(rng: Random, fixed: Fixed = ()) -> Design:
    """Draw a valid canonical design: an array uniformly, then uniformly what fits it.

    One array in four is drawn from those whose lanes can take windows of pixels, which are one in 270; else hardly any
    design would have `depthwise: window`.

    Raises:
        DesignError: No design has the fixed values.
    """
    every, windowed = _arrays(fixed)
    drawn = windowed if windowed.sets and rng.random() < WINDOW_CHANCE else every
    arrays, rest = rng.choices(drawn.sets, cum_weights=drawn.numbers)[0]
    memory, ways = rng.choice(rest.memories)
    way = rng.choice(ways)
    reuse, c_sizes = rng.choice(rest.reuses)
    accumulator, c_cuts = rng.choice(rest.accumulators)
    drawn_from = (arrays.lanes, arrays.joins, rest.a_cuts, rest.a_sizes, *rest.b[way], c_cuts, c_sizes, rest.clocks)
    return _design((memory, (("depthwise", way),), reuse, accumulator, *map(rng.choice, drawn_from)))


def _design(choices: Sequence[Choice]) -> Design:
    genome: dict[str, Any] = dict(itertools.chain.from_iterable(choices))
    return Design(**genome)


@lru_cache(maxsize=64)
def _arrays(fixed: Fixed) -> tuple[_Arrays, _Arrays]:
    """Return the arrays that a design with the fixed values can have: all, and those that can take windows.

    Raises:
        DesignError: There is none.
    """
    sets = array_sets(fixed)
    if not sets:
        raise _impossible(fixed)
    windowed = [pair for pair in sets if pair[1].windows]
    return _counted(sets), _counted(windowed)


def _counted(sets: Sequence[tuple[ArraySet, Rest]]) -> _Arrays:
    return _Arrays(sets, list(itertools.accumulate(arrays.number for arrays, _ in sets)))


def count(fixed: Fixed = ()) -> int:
    """Return how many designs have the fixed values.

    Raises:
        DesignError: None has them.
    """
    return sum(arrays.number * rest.number for arrays, rest in _arrays(fixed)[0].sets)


def most_products(fixed: Fixed = ()) -> tuple[int, int]:
    """Return the most products that a design with the fixed values forms in a cycle, and the most that a multiplier does.

    Raises:
        DesignError: No design has them.
    """
    sets = _arrays(fixed)[0].sets
    packs = (int(dict(lane)["pack"]) for arrays, _ in sets for lane in arrays.lanes)
    return max(arrays.step.units for arrays, _ in sets), max(packs)


def fewest_multipliers(fixed: Fixed = ()) -> int:
    """Return the multipliers of the smallest array that has the fixed values; raises as `most_products`."""
    sets = _arrays(fixed)[0].sets
    return min(arrays.step.units // int(dict(lane)["pack"]) for arrays, _ in sets for lane in arrays.lanes)


def _impossible(fixed: Fixed) -> DesignError:
    """Explain why no design has the fixed values: by as few of them as exclude each other, and the rule that they break."""
    core = list(fixed)
    for pair in fixed:
        without = tuple(other for other in core if other != pair)
        if not array_sets(without):
            core = list(without)
    words = ", ".join(f"{name} {value}" for name, value in core)
    for at, (name, value) in reversed(list(enumerate(core))):
        near = replace(_first((*core[:at], *core[at + 1 :])), **{name: value})  # type: ignore[arg-type]
        broken = check(near)
        if not broken:
            what = f"{name} has no effect there and counts as {getattr(canonical(near), name)}"
            return DesignError("fixed parameters", f"no design has {words}: {what}", f"Leave out {name}.")
        if len(broken) == 1 or at == 0:
            return DesignError("fixed parameters", f"no design has {words}: {broken[0].explanation}", broken[0].remedy)
    raise AssertionError("no value is fixed")


def _first(fixed: Fixed) -> Design:
    """Return the first design that has the fixed values, which is small."""
    arrays, rest = array_sets(fixed)[0]
    return _design((arrays.lanes[0], arrays.joins[0], rest.first()))


def mutate(design: Design, rng: Random, fixed: Fixed = ()) -> Design:
    """Change one gene of a valid design, and repair what depends on it.

    The gene and its new value are drawn until the repaired design is valid and is other hardware than `design`. Where
    the fixed values leave no such neighbour, any design that has them is drawn.
    """
    kept = dict(fixed)
    free = [name for name in FIELD_NAMES if name not in kept]
    for _ in range(_ATTEMPTS_MAX if free else 0):
        name = rng.choice(free)
        value = rng.choice([value for value in GENES[name].values if value != getattr(design, name)])
        child = _repair(replace(design, **{name: value}), name, rng)
        if child != design and getattr(child, name) == value and _has(child, fixed) and not check(child):
            return child
    return sample(rng, fixed)


def cross(first: Design, second: Design, rng: Random, fixed: Fixed = ()) -> Design:
    """Return a valid design that takes each family of genes from one of two valid designs.

    The families array and NoC travel together, because styles have a meaning only for their unit counts. What does not
    fit together is repaired.
    """
    for _ in range(_ATTEMPTS_MAX):
        parent_of = {family.name: rng.choice((first, second)) for family in FAMILIES}
        parent_of["noc"] = parent_of["mac_array"]
        genome = {gene.name: getattr(parent_of[family.name], gene.name) for family in FAMILIES for gene in family.genes}
        child = _repair(Design(**genome), "", rng)
        if _has(child, fixed) and not check(child):
            return child
    raise AssertionError("the choice of one parent for all families is valid")


def _has(design: Design, fixed: Fixed) -> bool:
    return all(getattr(design, name) == value for name, value in fixed)


def _repair(design: Design, changed: str, rng: Random) -> Design:
    """Adapt the genes that have no meaning beside the changed one; the changed gene is kept where that is possible."""
    changes: dict[str, int | str] = {}
    for level in LEVELS:
        styles = level_styles(design, level)
        allowed = allowed_styles(level, level_units(design, level))
        if styles in allowed:
            continue
        for position, operand in enumerate(OPERANDS):
            if changed == f"noc_{operand}_{level}":
                allowed = tuple(triple for triple in allowed if triple[position] == styles[position])
        if allowed:
            chosen = rng.choice(allowed)
            changes |= {f"noc_{o}_{level}": style for o, style in zip(OPERANDS, chosen, strict=True)}
    design = replace(design, **changes)  # type: ignore[arg-type]
    if any(r.constraint in ("array_size", "styles", "step_size") for r in check(design)):
        return canonical(design)
    step = array_step(design)
    changes = {}
    if changed == "slots" and design.reuse == REUSE_OUTPUT:
        changes["reuse"] = rng.choice([r for r in map(str, GENES["reuse"].values) if r != REUSE_OUTPUT])
    if changed == "port_bits" and design.port_bits * design.ports > MEMORY_WORD_BITS_MAX:
        changes["ports"] = MEMORY_WORD_BITS_MAX // design.port_bits
    elif design.port_bits * design.ports > MEMORY_WORD_BITS_MAX:
        changes["port_bits"] = MEMORY_WORD_BITS_MAX // design.ports
    if design.depthwise == WINDOW:
        window = {"buffer_b_dimension": WIDTH, "buffer_b_factor": min(STEP_MAX, 2 * step.n)}
        broken = {rejection.constraint for rejection in check(replace(design, **changes, **window))}  # type: ignore[arg-type]
        if changed in window or (changed != "depthwise" and broken & {"window", "word_bits"}):
            changes["depthwise"] = NO_WINDOW
        else:
            changes |= window
    design = replace(design, **changes)  # type: ignore[arg-type]
    changes = {}
    for buffer, (height, width) in {"a": (step.m, step.k), "b": (step.k, step.n), "c": (step.m, step.n)}.items():
        if buffer == "b" and design.depthwise == WINDOW:
            continue
        limit = height if getattr(design, f"buffer_{buffer}_dimension") == HEIGHT else width
        if buffer == "c" and design.buffer_c_dimension == WIDTH:
            limit = min(limit, 1 << (WORD_BITS_MAX // (design.accumulator_bits * step.m)).bit_length() - 1)
        changes[f"buffer_{buffer}_factor"] = min(getattr(design, f"buffer_{buffer}_factor"), limit)
    design = canonical(replace(design, **changes))  # type: ignore[arg-type]
    changes = {}
    pixels = max(step.n, design.buffer_b_factor if design.buffer_b_dimension == WIDTH else 1)
    needs = {
        "a": 2 * step.m * step.k,
        "b": 4 * pixels * step.k,
        "c": design.slots * ACCUMULATOR_BYTES * step.m * step.n,
    }
    for buffer, needed in needs.items():
        kib = getattr(design, f"buffer_{buffer}_kib")
        fits = next(int(value) for value in GENES["buffer_a_kib"].values if int(value) * 1024 >= needed)
        changes[f"buffer_{buffer}_kib"] = max(kib, fits)
        if max(kib, fits) > LUTRAM_KIB_MAX and getattr(design, f"buffer_{buffer}_storage") == LUTRAM:
            if changed == f"buffer_{buffer}_storage":
                changes[f"buffer_{buffer}_kib"] = LUTRAM_KIB_MAX
            else:
                changes[f"buffer_{buffer}_storage"] = "bram"
    return canonical(replace(design, **changes))  # type: ignore[arg-type]
