"""How an expert finds a design for a network by hand: one thing after another, each with all else kept, until nothing gains.

The paper compares with accelerators that were optimised by hand. This is the written procedure for ours, so that anybody can
repeat it: an expert gives every shape of the array the banks that it needs, and goes on from each of the best: asks for the
ports, the reuse with buffer C, buffers A and B, and the banks again. A change is kept if it is faster, or as fast with fewer
memory blocks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import product
from typing import Any

from aigchip.space.choices import ArraySet, Choice, Rest, array_sets, rest_of, takes_windows
from aigchip.space.constraints import canonical, check
from aigchip.space.design import Design
from aigchip.space.families import BROADCAST, LUTRAM, UNICAST
from aigchip.space.spans import Span, array_step, level_span

#: A gain that counts, as a share of the time.
GAIN = 1e-4
#: Rounds through all stages.
ROUNDS = 6
#: Shapes of the array from which the expert goes on.
SHAPES = 8
#: What an expert joins the units of a level by: a tree of sums in a MAC unit, pixels in a lane, rows over the lanes.
_LANE_STYLES = {
    "noc_a_mac": UNICAST, "noc_b_mac": UNICAST, "noc_c_mac": BROADCAST,
    "noc_a_lane": BROADCAST, "noc_b_lane": UNICAST, "noc_c_lane": UNICAST,
}  # fmt: skip
_ARRAY_STYLES = {"noc_a_array": UNICAST, "noc_b_array": BROADCAST, "noc_c_array": UNICAST}


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """What a design is judged by.

    Attributes:
        time: of the networks; designs are compared by ratios of it.
        blocks: memory blocks, in 18 Kbit.
    """

    time: float
    blocks: int

    def better(self, other: Score) -> bool:
        """Whether it is faster, or as fast with fewer blocks."""
        if self.time < other.time * (1 - GAIN):
            return True
        return self.time <= other.time and self.blocks < other.blocks


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What a stage came to.

    Attributes:
        stage: name of the stage.
        tried: designs that it judged.
        design, score: the best after it.
    """

    stage: str
    tried: int
    design: Design
    score: Score


Judge = Callable[[Design], Score | None]


def find(start: Design, judge: Judge) -> Iterator[list[Step]]:
    """Yield a descent from each of the best shapes: `shapes`, then `improve`. The last step of one of them is the design.

    Args:
        start: as for `shapes`.
        judge: scores a design; None for one that does not fit, or cannot do a layer.

    Raises:
        ValueError: no shape can be judged.
    """
    known = cache(judge)
    for first in shapes(start, known)[:SHAPES]:
        yield [first, *improve(first.design, known)]


def shapes(start: Design, judge: Judge) -> list[Step]:
    """Return every shape of the array with the way for depthwise layers and the banks that suit it best, the fastest first.

    Args:
        start: its products a cycle, packing, clock, accumulators, ports, buffers and reuse are kept.
        judge: scores a design.

    Raises:
        ValueError: no shape can be judged.
    """
    found: dict[Span, Step] = {}
    for shape in _arrays(canonical(start)):
        best = _better("shape", [shape, *_banks(shape)], judge, found.get(array_step(shape)))
        if best is not None:
            found[array_step(shape)] = best
    if not found:
        raise ValueError("no shape of the array can be judged; one must fit the board and do every layer")
    return sorted(found.values(), key=_rank)


def best_of(steps: Iterable[Step]) -> Step:
    """Return the fastest; of equal ones that with the fewest blocks."""
    return min(steps, key=_rank)


def _rank(step: Step) -> tuple[float, int]:
    return step.score.time, step.score.blocks


def improve(start: Design, judge: Judge) -> Iterator[Step]:
    """Yield what each stage comes to, round after round, until a whole round changes nothing.

    Args:
        start: a design that can be judged; its array, packing, clock and accumulators are kept.
        judge: scores a design; None for one that does not fit, or cannot do a layer.

    Raises:
        ValueError: the first design cannot be judged.
    """
    best = _better("start", [canonical(start)], judge)
    if best is None:
        raise ValueError("start cannot be judged; must fit the board and do every layer")
    yield best
    for _ in range(ROUNDS):
        before = best.design
        for stage, candidates in STAGES.items():
            best = _better(stage, candidates(best.design), judge, best) or best
            yield best
        if best.design == before:
            return


def _better(stage: str, candidates: Iterable[Design], judge: Judge, known: Step | None = None) -> Step | None:
    """Return the first of the best of what is known and some candidates; None if none of them can be judged."""
    best, tried = known, 0
    for candidate in candidates:
        if check(candidate):
            continue
        score = judge(candidate)
        tried += 1
        if score is not None and (best is None or score.better(best.score)):
            best = Step(stage=stage, tried=tried, design=candidate, score=score)
    return best and replace(best, stage=stage, tried=tried)


def _set(design: Design, *choices: Choice) -> Design:
    genes: dict[str, Any] = dict(pair for choice in choices for pair in choice)
    return canonical(replace(design, **genes))


def _arrays(design: Design) -> Iterator[Design]:
    """Yield every step of as many products, with and without windows of pixels; what does not fit it is made to."""
    fixed = (("pack", design.pack), ("clock_mhz", design.clock_mhz), ("accumulator_bits", design.accumulator_bits))
    usual: dict[tuple[Span, bool], tuple[int, ArraySet, Rest]] = {}
    for arrays, rest in array_sets(fixed):
        if arrays.step.units == design.macs:
            lane, join = _usual(arrays)
            strange = _unlike(_LANE_STYLES)(lane) + _unlike(_ARRAY_STYLES)(join)
            known = usual.get((arrays.step, arrays.window))
            if known is None or strange < known[0]:
                usual[arrays.step, arrays.window] = strange, arrays, rest
    for _, arrays, rest in usual.values():
        for way in rest.b:
            yield _with_array(design, arrays, rest, way)


def _usual(arrays: ArraySet) -> tuple[Choice, Choice]:
    return min(arrays.lanes, key=_unlike(_LANE_STYLES)), min(arrays.joins, key=_unlike(_ARRAY_STYLES))


def _with_array(design: Design, arrays: ArraySet, rest: Rest, way: str) -> Design:
    lane, join = _usual(arrays)
    b_cuts, b_sizes = rest.b[way]
    c_sizes = next(sizes for reuse, sizes in rest.reuses if dict(reuse)["slots"] == design.slots)
    return _set(
        design,
        lane,
        join,
        (("depthwise", way),),
        *(
            _nearest(design, buffer, choices)
            for buffer, cuts, sizes in (
                ("a", rest.a_cuts, rest.a_sizes),
                ("b", b_cuts, b_sizes),
                ("c", rest.accumulators[0][1], c_sizes),
            )
            for choices in (cuts, sizes)
        ),
    )


def _unlike(styles: dict[str, str]) -> Callable[[Choice], int]:
    return lambda choice: sum(styles.get(name, value) != value for name, value in choice)


def _nearest(design: Design, buffer: str, choices: tuple[Choice, ...]) -> Choice:
    """Return the choice for a buffer's partition or size that is most like the design's."""

    def distance(choice: Choice) -> tuple[int, int]:
        of = dict(choice)
        differ = sum(isinstance(value, str) and getattr(design, name) != value for name, value in of.items())
        numbers = [(int(value), int(getattr(design, name))) for name, value in of.items() if isinstance(value, int)]
        return differ, sum(abs(value.bit_length() - own.bit_length()) for value, own in numbers)

    return min(choices, key=distance)


def _rest(design: Design) -> Rest:
    step = array_step(design)
    fixed = (("accumulator_bits", design.accumulator_bits), ("clock_mhz", design.clock_mhz))
    return rest_of(step, takes_windows(step, level_span(design, "array")), fixed)


def _of_blocks(sizes: tuple[Choice, ...]) -> Iterator[Choice]:
    """Leave out memories of LUTs, which the array needs."""
    return (choice for choice in sizes if LUTRAM not in dict(choice).values())


def _ports(design: Design) -> Iterator[Design]:
    for memory, ways in _rest(design).memories:
        if design.depthwise in ways:
            yield _set(design, memory)


def _reuse(design: Design) -> Iterator[Design]:
    for reuse, sizes in _rest(design).reuses:
        for size in _of_blocks(sizes):
            yield _set(design, reuse, size)


def _buffer_a(design: Design) -> Iterator[Design]:
    for size in _of_blocks(_rest(design).a_sizes):
        yield _set(design, size)


def _buffer_b(design: Design) -> Iterator[Design]:
    for size in _of_blocks(_rest(design).b[design.depthwise][1]):
        yield _set(design, size)


def _banks(design: Design) -> Iterator[Design]:
    rest = _rest(design)
    b_cuts = rest.b[design.depthwise][0]
    c_cuts = rest.accumulators[0][1]
    yield from (_set(design, a, b) for a, b in product(rest.a_cuts, b_cuts))
    yield from (_set(design, c) for c in c_cuts)


#: The stages in the order in which an expert asks, for a shape of the array: name to the designs that a stage tries.
STAGES: dict[str, Callable[[Design], Iterator[Design]]] = {
    "ports": _ports,
    "reuse and buffer C": _reuse,
    "buffer A": _buffer_a,
    "buffer B": _buffer_b,
    "banks": _banks,
}
