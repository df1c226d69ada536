"""What fits together: the ways to set genes that depend on each other, so that every combination of ways is a design.

An array is a lane and a way to join lanes. All that the rest of a design has to know of it is its step, and whether
its lanes can take windows of pixels; so arrays are kept in sets that are alike in both.
"""

import itertools
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache

from aigchip.space.constraints import (
    ACCUMULATOR_BYTES,
    LUTRAM_KIB_MAX,
    MACS_MAX,
    MACS_MIN,
    MEMORY_WORD_BITS_MAX,
    STEP_MAX,
    WORD_BITS_MAX,
)
from aigchip.space.families import GENES, HEIGHT, LUTRAM, NO_WINDOW, OPERANDS, REUSE_OUTPUT, WIDTH, WINDOW
from aigchip.space.spans import Span, allowed_styles, span_of, sums_bits

Choice = tuple[tuple[str, int | str], ...]
"""One way to set the genes that go together, as pairs of a gene's name and its value."""

Fixed = tuple[tuple[str, int | str], ...]
"""Genes that may not vary, with their values."""

_UNITS = {"mac": "mac_width", "lane": "lane_macs", "array": "array_lanes"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ArraySet:
    """Arrays of one step: every combination of a lane and of a way to join lanes.

    Attributes:
        step: what each of them takes in a cycle.
        window: whether their lanes can take windows of pixels, where the memory word is wide enough.
        lanes: choices for what is within a lane.
        joins: choices for the lanes of the array.
    """

    step: Span
    window: bool
    lanes: tuple[Choice, ...]
    joins: tuple[Choice, ...]

    @property
    def number(self) -> int:
        """Arrays in the set."""
        return len(self.lanes) * len(self.joins)


@dataclass(frozen=True, kw_only=True)  # no slots: a number is kept
class Rest:
    """What fits the arrays of a set: the genes besides those of the array; all tuples hold possible choices only.

    Attributes:
        memories: a choice for the ports, and the ways to do depthwise layers with it.
        a_cuts, a_sizes: partitions and sizes of buffer A.
        b: a way to do depthwise layers -> partitions and sizes of buffer B.
        reuses: a choice for reuse and slots, and the sizes of buffer C with it.
        accumulators: a choice for the accumulators, and the partitions of buffer C with it.
        clocks: choices for the clock.
    """

    memories: tuple[tuple[Choice, tuple[str, ...]], ...]
    a_cuts: tuple[Choice, ...]
    a_sizes: tuple[Choice, ...]
    b: dict[str, tuple[tuple[Choice, ...], tuple[Choice, ...]]]
    reuses: tuple[tuple[Choice, tuple[Choice, ...]], ...]
    accumulators: tuple[tuple[Choice, tuple[Choice, ...]], ...]
    clocks: tuple[Choice, ...]

    @cached_property
    def windows(self) -> bool:
        """Whether depthwise layers can be done by windows."""
        return any(WINDOW in ways for _, ways in self.memories)

    def first(self) -> Choice:
        """Return the first way to complete an array, which makes a small design."""
        memory, ways = self.memories[0]
        reuse, c_sizes = self.reuses[-1]
        accumulator, c_cuts = self.accumulators[0]
        firsts = (self.a_cuts, self.a_sizes, *self.b[ways[0]], c_cuts, c_sizes, self.clocks)
        depthwise = (("depthwise", ways[0]),)
        return tuple(
            itertools.chain(memory, depthwise, reuse, accumulator, *(choices[0] for choices in firsts)),
        )

    @cached_property
    def number(self) -> int:
        """How many ways there are to complete an array."""
        of_b = {way: len(cuts) * len(sizes) for way, (cuts, sizes) in self.b.items()}
        return (
            sum(of_b[way] for _, ways in self.memories for way in ways)
            * len(self.a_cuts)
            * len(self.a_sizes)
            * sum(len(sizes) for _, sizes in self.reuses)
            * sum(len(cuts) for _, cuts in self.accumulators)
            * len(self.clocks)
        )


@lru_cache(maxsize=64)
def array_sets(fixed: Fixed) -> tuple[tuple[ArraySet, Rest], ...]:
    """Return every array that a design with the fixed values can have, in sets that are alike, and what fits each set."""
    found: list[tuple[ArraySet, Rest]] = []
    inner: dict[Span, list[Choice]] = {}  # of a lane
    for (mac, of_mac), (lane, of_lane) in itertools.product(_level("mac", fixed), _level("lane", fixed)):
        for pack in _agreeing(_plain("pack"), fixed):
            span = mac * lane * Span(m=int(pack[0][1]))
            if sums_bits(span) <= WORD_BITS_MAX:
                inner.setdefault(span, []).append(of_mac + of_lane + pack)
    outer: dict[Span, list[Choice]] = {}
    for span, of_array in _level("array", fixed):
        outer.setdefault(span, []).append(of_array)
    for lane, array in itertools.product(inner, outer):
        step = lane * array
        if step_allowed(step):
            window = takes_windows(step, array)
            rest = rest_of(step, window, fixed)
            if rest.number:
                found.append(
                    (ArraySet(step=step, window=window, lanes=tuple(inner[lane]), joins=tuple(outer[array])), rest)
                )
    return tuple(found)


def step_allowed(step: Span) -> bool:
    """Return whether arrays of this step are built."""
    return (
        MACS_MIN <= step.units <= MACS_MAX
        and max(step.m, step.n, step.k) <= STEP_MAX
        and 8 * step.k * max(step.m, step.n) <= WORD_BITS_MAX
    )


def takes_windows(step: Span, lanes: Span) -> bool:
    """Return whether lanes that span so much of a step can take windows, where the memory word is wide enough."""
    return lanes == Span(m=step.m) and step.n < step.k <= step.m


@lru_cache(maxsize=4096)
def rest_of(step: Span, window: bool, fixed: Fixed) -> Rest:
    """Return what fits arrays of a step; see `ArraySet` for `window`."""
    ways = {NO_WINDOW: _b(step, 0, fixed)}
    if window and 2 * step.n <= STEP_MAX and 16 * step.k * step.n <= WORD_BITS_MAX:
        ways[WINDOW] = _b(step, 2 * step.n, fixed)
    ways = {way: (c, s) for way, (c, s) in ways.items() if c and s and _agreeing([(("depthwise", way),)], fixed)}
    memories: list[tuple[Choice, tuple[str, ...]]] = []
    for memory in _agreeing(_memories(), fixed):
        word_bytes = math.prod(int(value) for _, value in memory) // 8
        wide = tuple(way for way in ways if way == NO_WINDOW or step.k <= word_bytes)
        if wide:
            memories.append((memory, wide))
    reuses = ((reuse, _c_sizes(step, int(dict(reuse)["slots"]), fixed)) for reuse in _agreeing(_reuses(), fixed))
    bits = ((pair, _c_cuts(step, int(pair[0][1]), fixed)) for pair in _agreeing(_plain("accumulator_bits"), fixed))
    return Rest(
        memories=tuple(memories),
        a_cuts=_agreeing(_cuts("a", step.m, step.k), fixed),
        a_sizes=_agreeing(_sizes("a", 2 * step.m * step.k), fixed),
        b=ways,
        reuses=tuple((reuse, sizes) for reuse, sizes in reuses if sizes),
        accumulators=tuple((pair, cuts) for pair, cuts in bits if cuts),
        clocks=_agreeing(_plain("clock_mhz"), fixed),
    )


def partitions() -> tuple[tuple[str, int], ...]:
    """Every (dimension, factor) of a buffer, the undivided buffer once."""
    dimensions, factors = GENES["buffer_a_dimension"].values, GENES["buffer_a_factor"].values
    divided = [(str(dimension), int(factor)) for factor in factors if factor != 1 for dimension in dimensions]
    return ((HEIGHT, 1), *divided)


def _agreeing(choices: Iterable[Choice], fixed: Fixed) -> tuple[Choice, ...]:
    """Return the choices that differ in no fixed gene."""
    if not fixed:
        return tuple(choices)
    wanted = dict(fixed)
    return tuple(choice for choice in choices if all(wanted.get(name, value) == value for name, value in choice))


def _level(level: str, fixed: Fixed) -> Iterator[tuple[Span, Choice]]:
    """Yield what the units of a level span, and the choice for that level."""
    for units in map(int, GENES[_UNITS[level]].values):
        for styles in allowed_styles(level, units):
            named = ((f"noc_{operand}_{level}", style) for operand, style in zip(OPERANDS, styles, strict=True))
            for choice in _agreeing([((_UNITS[level], units), *named)], fixed):
                yield span_of(units, *styles), choice


def _plain(name: str) -> Iterator[Choice]:
    return (((name, value),) for value in GENES[name].values)


def _memories() -> Iterator[Choice]:
    for bits, ports in itertools.product(map(int, GENES["port_bits"].values), map(int, GENES["ports"].values)):
        if bits * ports <= MEMORY_WORD_BITS_MAX:
            yield ("port_bits", bits), ("ports", ports)


def _reuses() -> Iterator[Choice]:
    for reuse, slots in itertools.product(GENES["reuse"].values, GENES["slots"].values):
        if reuse != REUSE_OUTPUT or slots == GENES["slots"].values[0]:
            yield ("reuse", reuse), ("slots", slots)


@cache
def _sizes(buffer: str, needed_bytes: int) -> tuple[Choice, ...]:
    """Return the sizes and memories of a buffer that has to hold so much."""
    kib, storage = f"buffer_{buffer}_kib", f"buffer_{buffer}_storage"
    return tuple(
        ((kib, size), (storage, made_of))
        for size, made_of in itertools.product(GENES[kib].values, GENES[storage].values)
        if int(size) * 1024 >= needed_bytes and (made_of != LUTRAM or int(size) <= LUTRAM_KIB_MAX)
    )


@cache
def _cuts(buffer: str, height: int, width: int) -> tuple[Choice, ...]:
    """Return the partitions of a buffer into at most so many banks along its height and its width."""
    return tuple(
        ((f"buffer_{buffer}_dimension", dimension), (f"buffer_{buffer}_factor", factor))
        for dimension, factor in partitions()
        if factor <= (height if dimension == HEIGHT else width)
    )


def _b(step: Span, positions: int, fixed: Fixed) -> tuple[tuple[Choice, ...], tuple[Choice, ...]]:
    """Return partitions and sizes of buffer B, which gives `positions` pixels for a window (0 for none)."""
    cuts = _cuts("b", step.k, step.n)
    if positions:
        cuts = ((("buffer_b_dimension", WIDTH), ("buffer_b_factor", positions)),)
    sizes = _sizes("b", 4 * max(step.n, positions) * step.k)
    return _agreeing(cuts, fixed), _agreeing(sizes, fixed)


def _c_sizes(step: Span, slots: int, fixed: Fixed) -> tuple[Choice, ...]:
    return _agreeing(_sizes("c", slots * ACCUMULATOR_BYTES * step.m * step.n), fixed)


def _c_cuts(step: Span, accumulator_bits: int, fixed: Fixed) -> tuple[Choice, ...]:
    pixels = min(step.n, WORD_BITS_MAX // (accumulator_bits * step.m))
    return _agreeing(_cuts("c", step.m, pixels), fixed)
