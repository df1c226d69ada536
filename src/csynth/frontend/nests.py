"""Nests of loops that become one pipelined loop, and how far apart two accesses in them are."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from itertools import product
from math import prod

from csynth.frontend.affine import Affine
from csynth.frontend.llvm_text import Instruction

_MAX_COMBINATIONS = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """One loop of a flattened nest.

    Attributes:
        steps: its induction variables (LLVM names of phis) and what an iteration adds to them.
        trip_count: its iterations; None = unknown.
        blocks: its blocks, those of inner levels included.
    """

    steps: dict[str, int]
    trip_count: int | None
    blocks: frozenset[str]


Nest = tuple[Level, ...]  # outermost first


def level_of(nest: Nest, block: str) -> int:
    """The innermost level that contains `block`."""
    return max((at for at, level in enumerate(nest) if block in level.blocks), default=0)


def nest_distance(
    nest: Nest,
    definitions: dict[str, Instruction],
    inside: Collection[str],
    source: tuple[Affine, int],
    sink: tuple[Affine, int],
) -> int | None:
    """Least number of iterations of the flattened loop after which `sink` may meet what `source` touched; None = never.

    Args:
        nest: the levels.
        definitions: instructions by the value they define.
        inside: names of the values that the nest defines.
        source: address of the earlier access, and the level that executes it.
        sink: the same of the later one.
    """
    one, two = (_coefficients(nest, definitions, inside, affine) for affine, _ in (source, sink))
    if one is None or two is None or one[:2] != two[:2]:
        return 1
    steps, _, start = one
    level = min(source[1], sink[1])
    if any(steps[level + 1 :]) and source[1] != sink[1]:
        return 1
    outer, trips = nest[: level + 1], [item.trip_count for item in nest]
    if any(step and item.trip_count is None for step, item in zip(steps[1:], nest[1:], strict=True)):
        return 1
    inner_trips = trips[level + 1 :]
    inner = prod(count or 1 for count in inner_trips)
    ranges = [range(-(count - 1), count) if count else range(1) for count in trips[1 : level + 1]]
    if prod(len(r) for r in ranges) > _MAX_COMBINATIONS:
        return 1
    spans = [inner * prod(count or 1 for count in trips[at + 1 : level + 1]) for at in range(len(outer))]
    best: int | None = None
    gap = start - two[2]
    for rest in product(*ranges):
        first = _outermost(steps[0], gap - sum(s * d for s, d in zip(steps[1 : level + 1], rest, strict=True)), rest)
        if first is None or (trips[0] is not None and first >= trips[0]):
            continue
        moved = sum(span * d for span, d in zip(spans, (first, *rest), strict=True))
        if moved == 0 and source[1] == sink[1]:
            continue
        # an access outside the inner levels happens in their first or in their last iteration
        distance = max(1, moved - (inner - 1)) if None not in trips[1:] else 1
        best = distance if best is None else min(best, distance)
    return best


def _outermost(step: int, needed: int, rest: tuple[int, ...]) -> int | None:
    """Least distance >= 0 in the outermost level that solves step * d = needed and does not go back in time."""
    ahead = rest >= (0,) * len(rest)
    if step == 0:
        return None if needed else 0 if ahead else 1
    if needed % step or needed // step < 0:
        return None
    distance = needed // step
    return distance if distance or ahead else None


def _coefficients(
    nest: Nest, definitions: dict[str, Instruction], inside: Collection[str], affine: Affine
) -> tuple[tuple[int, ...], dict[str, int], int] | None:
    """What an iteration of each level adds to an address, its fixed terms and its constant; None = it varies otherwise."""
    steps, fixed, constant = [0] * len(nest), dict[str, int](), affine.constant
    for term, coefficient in affine.terms:
        name, ahead = _phi(definitions, term.value)
        at = next((at for at, level in enumerate(nest) if name in level.steps), None)
        if at is not None:
            steps[at] += coefficient * nest[at].steps[name]
            constant += coefficient * ahead
        elif term.value in inside:
            return None
        name = name if at is not None else term.value
        fixed[name] = fixed.get(name, 0) + coefficient
    return tuple(steps), fixed, constant


def _phi(definitions: dict[str, Instruction], name: str) -> tuple[str, int]:
    """Resolve `phi + constant`."""
    i = definitions.get(name)
    if i is not None and i.opcode == "add" and i.operands[1].lstrip("-").isdigit():
        return i.operands[0], int(i.operands[1])
    return name, 0
