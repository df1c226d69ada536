"""Which designs can be put together from given modules, and which designs show every value of every parameter."""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import chain, cycle, islice, product
from random import Random

from aigchip.space.choices import Choice, Rest, rest_of, step_allowed, takes_windows
from aigchip.space.constraints import check
from aigchip.space.derive import INSTANCES, local_parameters, module_of
from aigchip.space.design import Design, DesignError
from aigchip.space.families import GENES, NO_WINDOW, OPERANDS, WINDOW
from aigchip.space.sampling import sample
from aigchip.space.spans import Span, allowed_styles, array_step, level_span, span_of

Variant = tuple[tuple[str, int | str], ...]
"""A module's local parameters, as something that can lie in a set."""

Known = Mapping[str, Collection[Variant]]
"""Module to the variants that there are of it."""

_CANDIDATES = 3000
#: Parameters of a buffer that its size and what it is made of change.
_OF_SIZE = frozenset({"half_pieces", "half_positions", "slot_lines", "storage"})
#: Designs whose buffers `extend` changes.
_EXTENDED = 4


def variant(parameters: Mapping[str, int | str]) -> Variant:
    """Return the parameters as a variant."""
    return tuple(sorted(parameters.items()))


@lru_cache(maxsize=4096)
def variants(design: Design) -> Mapping[str, Variant]:
    """Return the variant of every instance of a design."""
    return {instance: variant(parameters) for instance, parameters in local_parameters(design).items()}


def compose(known: Known) -> Iterator[Design]:
    """Yield every valid canonical design of which each module is known, in a fixed order.

    Designs of the same modules, which differ in the clock or in the ports for a memory word, follow each other.
    """
    for design in assemblies(known):
        rest = _rest(design)
        words = [memory for memory, _ in rest.memories if _with(design, memory).word_bytes == design.word_bytes]
        for memory, clock in product(words, rest.clocks):
            yield _with(design, memory, clock)


def assemblies(known: Known) -> Iterator[Design]:
    """Yield one design for every combination of modules from which designs can be put together."""
    if all(known.get(module_of(instance)) for instance in INSTANCES):
        sets = {module: frozenset(found) for module, found in known.items()}
        for base in _bases(sets):
            yield from _with_buffers(base, sets)


def _bases(known: Known) -> Iterator[Design]:
    """Yield a design for each array and memory word that these modules allow; only buffers and reuse may not fit."""
    for mac, mac_span in _levels(known, "mac", "", Span()):
        for lane, lane_span in _levels(known, "pe_lane", "mac", mac_span * Span(m=int(mac["pack"]))):
            for array, step in _levels(known, "pe_array", "lane", lane_span):
                if step_allowed(step):
                    yield from _with_words((mac, lane, array), step, known)


def _levels(known: Known, module: str, below: str, taken: Span) -> Iterator[tuple[Mapping[str, int | str], Span]]:
    """Yield the known variants of a level of the array whose units take so much, and what the level takes."""
    level, units = {"mac": ("mac", "mac_width"), "pe_lane": ("lane", "lane_macs")}.get(module, ("array", "array_lanes"))
    for made in map(dict, sorted(known[module])):
        styles = (str(made[f"noc_a_{level}"]), str(made[f"noc_b_{level}"]), str(made[f"noc_c_{level}"]))
        fitting = not below or all(made[f"{below}_{axis}"] == getattr(taken, axis) for axis in "mnk")
        if fitting and styles in allowed_styles(level, int(made[units])):
            yield made, taken * span_of(int(made[units]), *styles)


def _with_words(made: Sequence[Mapping[str, int | str]], step: Span, known: Known) -> Iterator[Design]:
    """Yield a design with this mac, pe_lane and pe_array for each memory word that the modules allow."""
    genes = {name: value for module in made for name, value in module.items() if name in GENES}
    array = made[-1]
    genes |= {"buffer_c_dimension": array["c_dimension"], "buffer_c_factor": array["c_factor"]}
    way = WINDOW if array["window"] else NO_WINDOW
    lanes = span_of(int(array["array_lanes"]), *(str(array[f"noc_{operand}_array"]) for operand in OPERANDS))
    rest = rest_of(step, takes_windows(step, lanes), ())
    words: set[int] = set()
    for memory, ways in rest.memories:
        if way not in ways:
            continue
        depthwise = (("depthwise", way), *rest.b[way][0][0], *rest.b[way][1][0])
        try:
            design = Design(**{**dict(chain(rest.first(), memory, depthwise)), **genes})  # type: ignore[arg-type]
        except DesignError:  # a module was made for a value that no design has
            return
        if design.word_bytes in words or check(design):
            continue
        exactly = [variants(design)[name] for name in ("mac", "pe_lane", "pe_array")] == [*map(variant, made)]
        if exactly and _fits(design, known, "load_a", "load_b", "post", "store_c"):
            words.add(design.word_bytes)
            yield design


def _with_buffers(base: Design, known: Known) -> Iterator[Design]:
    """Yield the design with every choice of buffers and reuse that these modules allow."""
    rest = _rest(base)
    of_a = _buffers(base, known, "a", (rest.a_cuts, rest.a_sizes))
    of_b = of_a and _buffers(base, known, "b", rest.b[base.depthwise])
    of_c = of_b and {
        reuse: _sizes(_with(base, reuse), "buffer_c", sizes, _alike(_with(base, reuse), "buffer_c", known))
        for reuse, sizes in rest.reuses
    }
    for a, b in product(of_a, of_b):
        if not _fits(_with(base, a, b), known, "interconnect"):
            continue
        for reuse, c_sizes in of_c.items():
            if _fits(_with(base, a, reuse), known, "ctrl"):
                for chosen in product(of_a[a], of_b[b], c_sizes):
                    yield _with(base, a, b, reuse, *chosen)


def _buffers(
    base: Design, known: Known, operand: str, choices: tuple[tuple[Choice, ...], tuple[Choice, ...]]
) -> dict[Choice, tuple[Choice, ...]]:
    """Return, of the partitions and sizes of an operand's buffer, those partitions that these modules allow with their sizes."""
    cuts, sizes = choices
    found: dict[Choice, tuple[Choice, ...]] = {}
    for cut in cuts:
        design = _with(base, cut)
        alike = _alike(design, f"buffer_{operand}", known)
        if alike and _fits(design, known, f"arbiter_{operand}"):
            found[cut] = _sizes(design, f"buffer_{operand}", sizes, alike)
    return {cut: fitting for cut, fitting in found.items() if fitting}


def _alike(design: Design, buffer: str, known: Known) -> frozenset[Variant]:
    """Return the known variants of a buffer that differ from a design's in nothing that its size cannot change."""
    own = {(name, value) for name, value in variants(design)[buffer] if name not in _OF_SIZE}
    return frozenset(made for made in known[module_of(buffer)] if own.issubset(made))


@lru_cache(maxsize=65536)  # while `extend` adds modules for one design, those for others stay
def _sizes(design: Design, buffer: str, sizes: tuple[Choice, ...], known: frozenset[Variant]) -> tuple[Choice, ...]:
    storages = {dict(made)["storage"] for made in known}
    likely = [size for size in sizes if dict(size)[f"{buffer}_storage"] in storages]
    return tuple(size for size in likely if variants(_with(design, size))[buffer] in known)


def _rest(design: Design) -> Rest:
    step = array_step(design)
    return rest_of(step, takes_windows(step, level_span(design, "array")), ())


def _fits(design: Design, known: Known, *instances: str) -> bool:
    found = variants(design)
    return all(found[instance] in known[module_of(instance)] for instance in instances)


def _with(design: Design, *choices: Choice) -> Design:
    return replace(design, **dict(chain.from_iterable(choices)))  # type: ignore[arg-type]


def cover(times: int, *, seed: int = 1) -> list[Design]:
    """Choose few designs that between them show every value of every local parameter, as far as drawn designs do.

    Args:
        times: In how many modules each value has to stand at least, where there are so many.
        seed: Seed of the designs that are drawn to choose from.

    Returns:
        The designs, that which adds most first.
    """
    rng = Random(seed)  # noqa: S311 - no secret
    drawn = list(dict.fromkeys(sample(rng) for _ in range(_CANDIDATES)))
    offered = [set(_units(design)) for design in drawn]
    shown: dict[tuple[str, str, int | str], set[Variant]] = {}

    def gain(index: int) -> int:
        wanted = 0
        for module, name, value, made in offered[index]:
            there = shown.get((module, name, value), ())
            wanted += len(there) < times and made not in there
        return wanted

    chosen: list[Design] = []
    queue = [(-gain(index), index) for index in range(len(drawn))]  # a gain never grows, so most need no second look
    heapq.heapify(queue)
    while queue[0][0] < 0:
        index = queue[0][1]
        if (now := gain(index)) < -queue[0][0]:
            heapq.heapreplace(queue, (-now, index))
            continue
        chosen.append(drawn[index])
        for module, name, value, made in offered[index]:
            shown.setdefault((module, name, value), set()).add(made)
    return chosen


def _units(design: Design) -> Iterator[tuple[str, str, int | str, Variant]]:
    for instance, made in variants(design).items():
        for name, value in made:
            yield module_of(instance), name, value, made


def extend(designs: list[Design], wanted: int, *, seed: int = 1) -> list[Design]:
    """Add designs until so many that differ in a module can be put together from the modules of them all.

    Each added design is one of a few of `designs` with another partition, or another size, of one buffer, which costs one
    to five modules; for the choices of the three buffers combine.

    Args:
        designs: Designs to begin with; at least one.
        wanted: How many designs shall be possible.
        seed: Seed of the choices.

    Returns:
        The designs and those added, in order.
    """
    rng = Random(seed)  # noqa: S311 - no secret
    chosen, known = list(designs), known_of(designs)
    bases = rng.sample(designs, min(len(designs), _EXTENDED))
    for what, buffer, base in cycle(product(("cuts", "sizes"), "abc", bases)):
        if count(known, wanted) >= wanted:
            break
        others = [_with(base, choice) for choice in _choices(_rest(base), base, what, buffer)]
        cost = {design: len(list(_new(design, known))) for design in others}
        cheap = min((number for number in cost.values() if number), default=0)
        if cheap:
            chosen.append(rng.choice([design for design in others if cost[design] == cheap]))
            known = known_of(chosen[-1:], known)
    return chosen


def _choices(rest: Rest, design: Design, what: str, buffer: str) -> tuple[Choice, ...]:
    """Return the partitions ("cuts") or the sizes of a buffer that fit the rest of a design."""
    if buffer == "a":
        return rest.a_cuts if what == "cuts" else rest.a_sizes
    if buffer == "b":
        return rest.b[design.depthwise][what != "cuts"]
    if what == "cuts":
        return next(cuts for bits, cuts in rest.accumulators if bits[0][1] == design.accumulator_bits)
    return next(sizes for reuse, sizes in rest.reuses if dict(reuse)["slots"] == design.slots)


def known_of(designs: Collection[Design], more: Known | None = None) -> dict[str, set[Variant]]:
    """Return module to the variants that the designs need, and more."""
    known = {module: set(found) for module, found in (more or {}).items()}
    for design in designs:
        for instance, made in variants(design).items():
            known.setdefault(module_of(instance), set()).add(made)
    return known


def count(known: Known, most: int) -> int:
    """Count the designs that differ in a module and can be put together, up to `most`."""
    return sum(1 for _ in islice(assemblies(known), most))


def _new(design: Design, known: Known) -> Iterator[str]:
    for instance, made in variants(design).items():
        if made not in known.get(module_of(instance), ()):
            yield instance
