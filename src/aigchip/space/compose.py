"""Which designs can be put together from given modules, and which designs show every value of every parameter."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from itertools import product
from random import Random

from aigchip.space.constraints import check
from aigchip.space.derive import INSTANCES, local_parameters, module_of
from aigchip.space.design import Design
from aigchip.space.families import GENES
from aigchip.space.sampling import arrays, partitions, sample

Variant = tuple[tuple[str, int | str], ...]
"""A module's local parameters, as something that can lie in a set."""

_CANDIDATES = 3000


def variant(parameters: Mapping[str, int | str]) -> Variant:
    """Return the parameters as a variant."""
    return tuple(sorted(parameters.items()))


@lru_cache(maxsize=300_000)  # the same designs are looked at again and again while a choice grows
def variants(design: Design) -> Mapping[str, Variant]:
    """Return the variant of every instance of a design."""
    return {instance: variant(parameters) for instance, parameters in local_parameters(design).items()}


def compose(known: Mapping[str, Collection[Variant]]) -> Iterator[Design]:
    """Yield every valid canonical design of which each module is known, in a fixed order.

    Args:
        known: Module to the variants that there are.
    """

    def fits(design: Design, *instances: str) -> bool:
        found = variants(design)
        return all(found[instance] in known.get(module_of(instance), ()) for instance in instances)

    if not all(known.get(module_of(instance)) for instance in INSTANCES):
        return
    skeletons = _skeletons(*(frozenset(known[name]) for name in ("mac", "pe_lane", "pe_array", "ctrl")))
    for tiled in skeletons:
        if not fits(tiled, "load_a", "load_b"):
            continue
        options = {
            "a": [(d, f) for d, f in partitions() if fits(_part(tiled, "a", d, f), "buffer_a", "arbiter_a")],
            "b": [(d, f) for d, f in partitions() if fits(_part(tiled, "b", d, f), "buffer_b", "arbiter_b")],
            "c": [(d, f) for d, f in partitions() if fits(_part(tiled, "c", d, f), "buffer_c", "post", "store_c")],
        }
        for of_a, of_b in product(options["a"], options["b"]):
            joined = _part(_part(tiled, "a", *of_a), "b", *of_b)
            if fits(joined, "interconnect"):
                yield from (_part(joined, "c", *of_c) for of_c in options["c"])


@lru_cache(maxsize=64)  # the same while only buffers change
def _skeletons(
    macs: frozenset[Variant], lanes: frozenset[Variant], rows: frozenset[Variant], controls: frozenset[Variant]
) -> tuple[Design, ...]:
    """Return the designs with undivided buffers that these modules allow."""
    plain = {
        f"buffer_{buffer}_{part}": value for buffer in "abc" for part, value in (("dimension", "height"), ("factor", 1))
    }
    largest = {name: GENES[name].values[-1] for name in ("tile_m", "tile_n", "tile_k")}
    found: list[Design] = []
    for array in map(dict, arrays()):
        base = Design(**{**array, **largest, **plain, "reuse": "output", "group": 1})  # type: ignore[arg-type]
        made = variants(base)
        if check(base) or made["mac"] not in macs or made["pe_lane"] not in lanes or made["pe_array"] not in rows:
            continue
        for control in sorted(controls):
            genes = {name: value for name, value in control if not name.startswith("step_")}
            tiled = replace(base, **genes)  # type: ignore[arg-type]
            if not check(tiled) and variants(tiled)["ctrl"] == control:
                found.append(tiled)
    return tuple(found)


def _part(design: Design, buffer: str, dimension: str, factor: int) -> Design:
    return replace(design, **{f"buffer_{buffer}_dimension": dimension, f"buffer_{buffer}_factor": factor})  # type: ignore[arg-type]


def cover(times: int, *, seed: int = 1) -> list[Design]:
    """Choose few designs that between them show every value of every local parameter, as far as designs can.

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

    def gain(units: set[tuple[str, str, int | str, Variant]]) -> int:
        wanted = 0
        for module, name, value, made in units:
            there = shown.get((module, name, value), set())
            wanted += len(there) < times and made not in there
        return wanted

    chosen: list[Design] = []
    while True:
        best = max(range(len(drawn)), key=lambda index: gain(offered[index]))
        if gain(offered[best]) == 0:
            return chosen
        chosen.append(drawn[best])
        for module, name, value, made in offered[best]:
            shown.setdefault((module, name, value), set()).add(made)


def _units(design: Design) -> Iterator[tuple[str, str, int | str, Variant]]:
    for instance, made in variants(design).items():
        for name, value in made:
            yield module_of(instance), name, value, made


def extend(designs: list[Design], wanted: int, *, seed: int = 1) -> list[Design]:
    """Add designs until so many can be put together from the modules of them all, with few new modules.

    Args:
        designs: Designs to begin with.
        wanted: How many designs shall be possible.
        seed: Seed of the designs that are drawn to choose from.

    Returns:
        The designs and those added, in order; each added one differs from an earlier one in the partition of one
        buffer, which costs one to four modules.
    """
    chosen, known = list(designs), known_of(designs)
    rng = Random(seed)  # noqa: S311 - no secret
    while count(known, wanted) < wanted:
        candidates = [
            _part(design, buffer, *option)
            for design in rng.sample(chosen, min(len(chosen), 4))
            for buffer in "abc"
            for option in partitions()
        ]
        new = [design for design in candidates if any(_new(design, known))]
        if not new:
            new = [sample(rng)]
        best = max(
            new, key=lambda design: count(known_of([design], known), wanted) / (1 + len(list(_new(design, known))))
        )
        chosen.append(best)
        known = known_of([best], known)
    return chosen


def known_of(
    designs: Collection[Design], more: Mapping[str, Collection[Variant]] | None = None
) -> dict[str, set[Variant]]:
    """Return module to the variants that the designs need, and more."""
    known = {module: set(found) for module, found in (more or {}).items()}
    for design in designs:
        for instance, made in variants(design).items():
            known.setdefault(module_of(instance), set()).add(made)
    return known


def count(known: Mapping[str, Collection[Variant]], most: int) -> int:
    """Count the designs that can be put together, up to `most`."""
    return sum(1 for _, _ in zip(range(most), compose(known), strict=False))


def _new(design: Design, known: Mapping[str, Collection[Variant]]) -> Iterator[str]:
    for instance, made in variants(design).items():
        if made not in known.get(module_of(instance), ()):
            yield instance
