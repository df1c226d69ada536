"""Draw, mutate and cross designs; every result is valid and canonical.

Genes that a person has fixed are given as pairs of a gene's name and its value: no design departs from them.
"""

import itertools
import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from random import Random
from typing import Any

from aigchip.space.constraints import (
    ACCUMULATOR_BYTES,
    LUTRAM_KIB_MAX,
    MACS_MAX,
    MACS_MIN,
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
from aigchip.space.spans import Span, allowed_styles, array_step, level_styles, level_units, span_of

_ATTEMPTS_MAX = 1000

Choice = tuple[tuple[str, int | str], ...]
"""One way to set the genes that go together, as pairs."""

Fixed = tuple[tuple[str, int | str], ...]
"""Genes that may not vary, with their values."""


def sample(rng: Random, fixed: Fixed = ()) -> Design:
    """Draw a valid canonical design: an array uniformly, then uniformly what fits it.

    Raises:
        DesignError: No design has the fixed values.
    """
    for _ in range(_ATTEMPTS_MAX):
        array = rng.choice(_arrays(fixed))
        try:
            genome: dict[str, Any] = dict(array)
            for choices in _parts(_step(array), _window_possible(array), genome, fixed):
                genome |= dict(rng.choice(choices))
        except DesignError:
            continue
        design = Design(**genome)
        if canonical(design) == design and not check(design):
            return design
    raise _impossible(fixed)


def _parts(step: Span, window: bool, genome: Mapping[str, Any], fixed: Fixed) -> Iterator[tuple[Choice, ...]]:
    """Yield the choices of each part of a design, in an order in which later ones depend on earlier ones only."""
    yield _agreeing(_memories(), fixed)
    yield _agreeing(_reuses(), fixed)
    yield _agreeing(_plain("accumulator_bits"), fixed)
    yield _agreeing(_plain("clock_mhz"), fixed)
    word_bytes = int(genome["port_bits"]) * int(genome["ports"]) // 8
    yield _agreeing(_depthwise(step, window, word_bytes), fixed)
    yield _agreeing(_buffer_a(step), fixed)
    yield _agreeing(_buffer_b(step, genome["depthwise"] == WINDOW), fixed)
    yield _agreeing(_buffer_c(step, int(genome["slots"]), int(genome["accumulator_bits"])), fixed)


def mutate(design: Design, rng: Random, fixed: Fixed = ()) -> Design:
    """Change one gene of a valid design, and repair what depends on it.

    The gene and its new value are drawn until the repaired design is valid and is other hardware than `design`. Where
    the fixed values leave no such neighbour, any design that has them is drawn.
    """
    for _ in range(_ATTEMPTS_MAX):
        gene = GENES[rng.choice(FIELD_NAMES)]
        value = rng.choice([value for value in gene.values if value != getattr(design, gene.name)])
        child = _repair(replace(design, **{gene.name: value}), gene.name, rng)
        if (
            child != design
            and getattr(child, gene.name) == value
            and not check(child)
            and all(getattr(child, name) == kept for name, kept in fixed)
        ):
            return child
    return sample(rng, fixed)


@cache
def count(fixed: Fixed = ()) -> int:
    """Return how many designs have the fixed values.

    Raises:
        DesignError: None has them.
    """
    total = 0
    kinds: dict[tuple[Span, bool], int] = {}
    for array in _agreeing(arrays(), fixed):
        kind = _step_and_window(array)
        kinds[kind] = kinds.get(kind, 0) + 1
    clocks = _number(_plain("clock_mhz"), fixed)
    by_word: dict[int, int] = {}
    for pairs in _agreeing(_memories(), fixed):
        memory = dict(pairs)
        word = int(memory["port_bits"]) * int(memory["ports"]) // 8
        by_word[word] = by_word.get(word, 0) + 1
    for (step, window), number in kinds.items():
        a = _number(_buffer_a(step), fixed)
        c = 0
        for reuse in _reuses():
            for bits in GENES["accumulator_bits"].values:
                agreeing = _number((reuse,), fixed) * _number(((("accumulator_bits", bits),),), fixed)
                c += agreeing and _number(_buffer_c(step, int(dict(reuse)["slots"]), int(bits)), fixed)
        for word, memories_of_word in by_word.items():
            for depthwise in _depthwise(step, window, word):
                if _number((depthwise,), fixed):
                    b = _number(_buffer_b(step, dict(depthwise)["depthwise"] == WINDOW), fixed)
                    total += number * memories_of_word * clocks * a * b * c
    if not total:
        raise _impossible(fixed)
    return total


def most_multipliers(fixed: Fixed = ()) -> int:
    """Return the multipliers of the largest array that has the fixed values.

    Raises:
        DesignError: No array has them.
    """
    return max(_multipliers(array) for array in _arrays(fixed))


def fewest_multipliers(fixed: Fixed = ()) -> int:
    """Return the multipliers of the smallest array that has the fixed values; raises as `most_multipliers`."""
    return min(_multipliers(array) for array in _arrays(fixed))


def _multipliers(array: Mapping[str, int | str]) -> int:
    return math.prod(int(array[name]) for name in ("mac_width", "lane_macs", "array_lanes"))


@cache
def _arrays(fixed: Fixed) -> tuple[Mapping[str, int | str], ...]:
    return tuple(map(dict, _agreeing(arrays(), fixed)))


@cache
def _step_and_window(array: Choice) -> tuple[Span, bool]:
    return _step(dict(array)), _window_possible(dict(array))


def _agreeing(choices: tuple[Choice, ...], fixed: Fixed) -> tuple[Choice, ...]:
    """Return the choices that differ in no fixed gene.

    Raises:
        DesignError: There is none.
    """
    if not fixed:
        return choices
    wanted = dict(fixed)
    found = tuple(choice for choice in choices if all(wanted.get(name, value) == value for name, value in choice))
    if not found:
        names = dict(choices[0]) if choices else {}
        raise _impossible(tuple((name, value) for name, value in fixed if name in names) or fixed)
    return found


def _number(choices: tuple[Choice, ...], fixed: Fixed) -> int:
    wanted = dict(fixed)
    return sum(all(wanted.get(name, value) == value for name, value in choice) for choice in choices)


def _impossible(fixed: Fixed) -> DesignError:
    """Explain why no design has the fixed values by the rule that the nearest one breaks."""
    broken = check(replace(_smallest(), **dict(fixed)))  # type: ignore[arg-type]
    words = ", ".join(f"{name} {value}" for name, value in fixed)
    if not broken:
        return DesignError("fixed parameters", f"no design has {words} together", "Fix fewer parameters.")
    return DesignError("fixed parameters", f"no design has {words}: {broken[0].explanation}", broken[0].remedy)


def _smallest() -> Design:
    """Return a small valid design: 4 x 4, rows in lanes and columns in a lane."""
    genome: dict[str, Any] = {gene.name: gene.values[0] for gene in GENES.values()}
    lanes = {"noc_b_array": "broadcast", "array_lanes": 4, "lane_macs": 4, "noc_a_lane": "broadcast"}
    return Design(**{**genome, **lanes, "reuse": REUSE_OUTPUT})


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
        if not check(child) and all(getattr(child, name) == kept for name, kept in fixed):
            return child
    raise AssertionError("the choice of one parent for all families is valid")


@cache
def arrays() -> tuple[Choice, ...]:
    """Every combination of unit counts, products a multiplier and styles that forms an array."""
    found: list[Choice] = []
    levels = [
        [
            (units, styles, span_of(units, *styles))
            for units in map(int, GENES[name].values)
            for styles in allowed_styles(level, units)
        ]
        for level, name in (("mac", "mac_width"), ("lane", "lane_macs"), ("array", "array_lanes"))
    ]
    for mac, lane in itertools.product(levels[0], levels[1]):
        inner = mac[2] * lane[2]
        for pack in map(int, GENES["pack"].values):
            for array in levels[2]:
                step = inner * array[2] * Span(m=pack)
                if (
                    MACS_MIN <= step.units <= MACS_MAX
                    and max(step.m, step.n, step.k) <= STEP_MAX
                    and 8 * step.k * max(step.m, step.n) <= WORD_BITS_MAX
                ):
                    styles = {
                        f"noc_{operand}_{level}": style
                        for level, (_, chosen, _) in zip(LEVELS, (mac, lane, array), strict=True)
                        for operand, style in zip(OPERANDS, chosen, strict=True)
                    }
                    sizes = {"mac_width": mac[0], "lane_macs": lane[0], "array_lanes": array[0], "pack": pack}
                    found.append(tuple({**sizes, **styles}.items()))
    return tuple(found)


def _span(array: Mapping[str, int | str], level: str, units: str) -> Span:
    styles = (str(array[f"noc_{operand}_{level}"]) for operand in OPERANDS)
    return span_of(int(array[units]), *styles)


def _step(array: Mapping[str, int | str]) -> Span:
    spans = (_span(array, level, units) for level, units in zip(LEVELS, ("mac_width", "lane_macs", "array_lanes")))  # noqa: B905 - of one length
    step = Span(m=int(array["pack"]))
    for span in spans:
        step = step * span
    return step


def _window_possible(array: Mapping[str, int | str]) -> bool:
    lanes, step = _span(array, "array", "array_lanes"), _step(array)
    return lanes == Span(m=step.m) and step.n < step.k <= step.m


@cache
def partitions() -> tuple[tuple[str, int], ...]:
    """Every (dimension, factor) of a buffer, the undivided buffer once."""
    dimensions, factors = GENES["buffer_a_dimension"].values, GENES["buffer_a_factor"].values
    divided = [(str(dimension), int(factor)) for factor in factors if factor != 1 for dimension in dimensions]
    return ((HEIGHT, 1), *divided)


@cache
def _plain(name: str) -> tuple[Choice, ...]:
    return tuple(((name, value),) for value in GENES[name].values)


@cache
def _memories() -> tuple[Choice, ...]:
    pairs = itertools.product(map(int, GENES["port_bits"].values), map(int, GENES["ports"].values))
    return tuple((("port_bits", b), ("ports", n)) for b, n in pairs if b * n <= MEMORY_WORD_BITS_MAX)


@cache
def _reuses() -> tuple[Choice, ...]:
    pairs = itertools.product(map(str, GENES["reuse"].values), map(int, GENES["slots"].values))
    return tuple((("reuse", r), ("slots", s)) for r, s in pairs if r != REUSE_OUTPUT or s == GENES["slots"].values[0])


@cache
def _depthwise(step: Span, possible: bool, word_bytes: int) -> tuple[Choice, ...]:
    fits = possible and step.k <= word_bytes and 2 * step.n <= STEP_MAX and 16 * step.k * step.n <= WORD_BITS_MAX
    values = (NO_WINDOW, WINDOW) if fits else (NO_WINDOW,)
    return tuple((("depthwise", value),) for value in values)


def _sizes(buffer: str, needed_bytes: int) -> Iterator[Choice]:
    for kib, storage in itertools.product(GENES[f"buffer_{buffer}_kib"].values, GENES["buffer_a_storage"].values):
        if int(kib) * 1024 >= needed_bytes and (storage != LUTRAM or int(kib) <= LUTRAM_KIB_MAX):
            yield ((f"buffer_{buffer}_kib", kib), (f"buffer_{buffer}_storage", storage))


def _divided(buffer: str, dimension: str, factor: int) -> Choice:
    return ((f"buffer_{buffer}_dimension", dimension), (f"buffer_{buffer}_factor", factor))


@cache
def _buffer_a(step: Span) -> tuple[Choice, ...]:
    sizes = list(_sizes("a", 2 * step.m * step.k))
    cut = [(d, f) for d, f in partitions() if f <= (step.m if d == HEIGHT else step.k)]
    return tuple((*_divided("a", d, f), *size) for d, f in cut for size in sizes)


@cache
def _buffer_b(step: Span, window: bool) -> tuple[Choice, ...]:
    cut = [(d, f) for d, f in partitions() if f <= (step.k if d == HEIGHT else step.n)]
    cut = [(WIDTH, 2 * step.n)] if window else cut
    found: list[Choice] = []
    for d, f in cut:
        pixels = max(step.n, f if d == WIDTH else 1)
        found += [(*_divided("b", d, f), *size) for size in _sizes("b", 4 * pixels * step.k)]
    return tuple(found)


@cache
def _buffer_c(step: Span, slots: int, accumulator_bits: int) -> tuple[Choice, ...]:
    sizes = list(_sizes("c", slots * ACCUMULATOR_BYTES * step.m * step.n))
    cut = [
        (d, f)
        for d, f in partitions()
        if f <= (step.m if d == HEIGHT else step.n)
        and accumulator_bits * f * (step.m if d == WIDTH else 1) <= WORD_BITS_MAX
    ]
    return tuple((*_divided("c", d, f), *size) for d, f in cut for size in sizes)


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
        changes |= {"buffer_b_dimension": WIDTH, "buffer_b_factor": min(STEP_MAX, 2 * step.n)}
        trial = replace(design, **changes)  # type: ignore[arg-type]
        if changed != "depthwise" and any(r.constraint in ("window", "word_bits") for r in check(trial)):
            changes["depthwise"] = NO_WINDOW
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
