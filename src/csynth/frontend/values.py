"""What is known of the numbers that LLVM values take: induction variables, intervals, residues."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import gcd
from typing import TYPE_CHECKING

from csynth.frontend.affine import Affine, Term
from csynth.frontend.induction import trip_count
from csynth.frontend.llvm_loops import NaturalLoop, natural_loops
from csynth.frontend.llvm_text import Instruction

if TYPE_CHECKING:
    from csynth.frontend.convert import FunctionConverter

_NUMBER = re.compile(r"-?\d+")
_MAX_DEPTH = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Induction:
    """`start + ahead + step * k` in iteration k of `loop`, cut to the value's width.

    Attributes:
        phi: LLVM name of the phi in the loop's header.
        start: LLVM operand that enters the loop.
        wraps: whether the sum may leave the range of the term's type.
    """

    loop: NaturalLoop
    phi: str
    start: str
    step: int
    ahead: int
    wraps: bool


@dataclass(frozen=True, slots=True)
class Interval:
    """low <= value <= high. `exact`: both ends are taken. `loops`: headers of the loops whose counters decide the value."""

    low: int
    high: int
    exact: bool
    loops: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Counter:
    """`start + ahead + step * k`, k < trips, of a loop that was flattened into another one: it starts again and again."""

    start: int
    step: int
    ahead: int
    trips: int
    level: str


class ValueFacts:
    """Facts of the values of one function; every answer is computed once."""

    def __init__(self, owner: FunctionConverter) -> None:
        self.owner = owner
        self.home = {i.name: name for name, block in owner.llvm.blocks.items() for i in block.instructions if i.name}
        self.loops = {loop.header: loop for loop in natural_loops(owner.llvm)}
        self._trips: dict[str, int | None] = {}
        self._intervals: dict[Term, Interval] = {}

    def trips(self, loop: NaturalLoop) -> int | None:
        """The exact number of iterations, when it is a constant."""
        if loop.header not in self._trips:
            self._trips[loop.header] = trip_count(self.owner, loop)
        return self._trips[loop.header]

    def varies_in(self, term: Term, loop: NaturalLoop) -> bool:
        """Whether the value is computed anew in each iteration of `loop`."""
        return self.home.get(term.value) in loop.blocks

    def _without_constant(self, term: Term) -> tuple[Instruction | None, int]:
        """What defines the term, or the value that it is plus a constant, and that constant."""
        define = self.owner.reader.definitions
        i = define.get(term.value)
        if i is not None and i.opcode == "add" and _NUMBER.fullmatch(i.operands[1]):
            return define.get(i.operands[0]), int(i.operands[1])
        return i, 0

    def induction(self, term: Term) -> Induction | None:
        """The induction variable that `term` is, perhaps plus a constant."""
        define = self.owner.reader.definitions
        i, ahead = self._without_constant(term)
        wraps = i is not None and i.name != term.value
        if i is None or i.opcode != "phi":
            return None
        loop = self.loops.get(self.home[i.name])
        if loop is None:
            return None
        starts = [text for source, text in zip(i.targets, i.operands, strict=True) if source not in loop.blocks]
        carried = [text for source, text in zip(i.targets, i.operands, strict=True) if source in loop.blocks]
        following = define.get(carried[0]) if len(set(carried)) == 1 else None
        if len(starts) != 1 or following is None or following.opcode != "add":
            return None
        if following.operands[0] != i.name or not _NUMBER.fullmatch(following.operands[1]):
            return None
        step = int(following.operands[1])
        made = Induction(loop=loop, phi=i.name, start=starts[0], step=step, ahead=ahead, wraps=False)
        flag = "nuw" if term.extension == "z" else "nsw"
        if (wraps or flag not in following.flags) and self._span(made, term) is None:
            return Induction(loop=loop, phi=i.name, start=starts[0], step=step, ahead=ahead, wraps=True)
        return made

    def _counter(self, term: Term) -> _Counter | None:
        """The counter of a level of a flattened nest that `term` is, perhaps plus a constant."""
        i, ahead = self._without_constant(term)
        loop = self.loops.get(self.home[i.name]) if i is not None and i.opcode == "phi" else None
        if i is None or loop is None:
            return None
        for at, level in enumerate(self.owner.nest(loop)):
            if i.name in level.steps and level.trip_count is not None:
                starts = [text for source, text in zip(i.targets, i.operands, strict=True) if source not in loop.blocks]
                if len(starts) == 1 and _NUMBER.fullmatch(starts[0]):
                    made = _Counter(
                        start=int(starts[0]) % (1 << term.width_bits) if term.extension == "z" else int(starts[0]),
                        step=level.steps[i.name],
                        ahead=ahead,
                        trips=level.trip_count,
                        level=f"{loop.header} level {at}",
                    )
                    return made if _within(_reach(made), _type_interval(term)) else None
        return None

    def _span(self, iv: Induction, term: Term) -> Interval | None:
        """The interval of an induction variable whose start and trip count are known, if it stays within its type."""
        trips = self.trips(iv.loop)
        if trips is None:
            return None
        start = self._start(iv, term)
        if start is None:
            return None
        way = iv.step * (trips - 1)
        low, high = start.low + iv.ahead + min(0, way), start.high + iv.ahead + max(0, way)
        whole = _type_interval(term)
        if low < whole.low or high > whole.high:
            return None
        return Interval(low, high, start.exact, start.loops | {iv.loop.header})

    def _start(self, iv: Induction, term: Term) -> Interval | None:
        if _NUMBER.fullmatch(iv.start):
            value = int(iv.start)
            value = value % (1 << term.width_bits) if term.extension == "z" else value
            return Interval(value, value, True)
        outer = Term(iv.start, term.width_bits, term.extension)
        return self.interval(outer) if self.home.get(iv.start) not in iv.loop.blocks else None

    def interval(self, term: Term, depth: int = 0) -> Interval:
        """Bounds of the number that `term` stands for."""
        if term not in self._intervals:
            self._intervals[term] = _type_interval(term)  # for values that depend on themselves
            self._intervals[term] = self._interval(term, depth)
        return self._intervals[term]

    def _interval(self, term: Term, depth: int) -> Interval:
        whole = _type_interval(term)
        i = self.owner.reader.definitions.get(term.value)
        if i is None or depth > _MAX_DEPTH:
            return whole
        iv = self.induction(term)
        if iv is not None:
            span = self._span(iv, term)
            if span is not None:
                return span
            start = None if iv.wraps else self._start(iv, term)
            if start is not None:
                low, high = start.low + iv.ahead, start.high + iv.ahead
                return Interval(low, whole.high, False) if iv.step > 0 else Interval(whole.low, high, False)
            return whole
        counter = self._counter(term)
        return _reach(counter) if counter is not None else self._by_opcode(i, term, whole, depth)

    def _by_opcode(self, i: Instruction, term: Term, whole: Interval, depth: int) -> Interval:
        constant = int(i.operands[1]) if len(i.operands) > 1 and _NUMBER.fullmatch(i.operands[1]) else None
        positive = constant is not None and constant >= 0
        if i.opcode == "and" and constant is not None and positive:
            return Interval(0, min(constant, whole.high), False)
        if i.opcode == "urem" and constant:
            return Interval(0, min(abs(constant) - 1, whole.high), False)
        if i.opcode == "lshr" and positive and constant:
            return Interval(0, min((1 << max(term.width_bits - constant, 0)) - 1, whole.high), False)
        if i.opcode == "select" and len(i.operands) == 3:
            parts = []
            for text in i.operands[1:]:
                if _NUMBER.fullmatch(text):
                    value = int(text) % (1 << term.width_bits) if term.extension == "z" else int(text)
                    parts.append(Interval(value, value, False))
                else:
                    parts.append(self.interval(Term(text, term.width_bits, term.extension), depth + 1))
            return Interval(min(p.low for p in parts), max(p.high for p in parts), False)
        return whole

    def interval_of(self, affine: Affine) -> Interval:
        """Bounds of an affine expression; exact when its terms are independent of each other and each exact."""
        low = high = affine.constant
        exact, loops = True, frozenset[str]()
        for term, c in affine.terms:
            one = self.interval(term)
            low, high = low + min(c * one.low, c * one.high), high + max(c * one.low, c * one.high)
            exact = exact and one.exact and not (loops & one.loops)
            loops |= one.loops
        return Interval(low, high, exact, loops)

    def residue(self, term: Term, modulus: int, depth: int = 0) -> int | None:
        """The term modulo `modulus`, when it is always the same."""
        if modulus == 1:
            return 0
        i = self.owner.reader.definitions.get(term.value)
        if i is None or depth > _MAX_DEPTH:
            return None
        iv = self.induction(term)
        if iv is not None:
            if iv.step % modulus or (iv.wraps and (1 << term.width_bits) % modulus):
                return None
            if _NUMBER.fullmatch(iv.start):
                return (
                    (int(iv.start) + iv.ahead) % modulus
                    if (1 << term.width_bits) % modulus == 0
                    else self._plain(iv, term, modulus)
                )
            outer = self.residue(Term(iv.start, term.width_bits, term.extension), modulus, depth + 1)
            return None if outer is None else (outer + iv.ahead) % modulus
        counter = self._counter(term)
        if counter is not None:
            return (counter.start + counter.ahead) % modulus if counter.step % modulus == 0 else None
        constant = int(i.operands[1]) if len(i.operands) > 1 and _NUMBER.fullmatch(i.operands[1]) else None
        if constant is None or modulus & (modulus - 1):
            return None
        if i.opcode == "shl" and (1 << max(constant, 0)) % modulus == 0:
            return 0
        if i.opcode in {"and", "mul"} and constant % modulus == 0:
            return 0
        return None

    def _plain(self, iv: Induction, term: Term, modulus: int) -> int:
        start = self._start(iv, term)
        assert start is not None
        return (start.low + iv.ahead) % modulus

    def grain(self, term: Term) -> tuple[int, int]:
        """The largest power of two (up to 64) modulo which the term is known, and its residue."""
        for modulus in (64, 32, 16, 8, 4, 2):
            rest = self.residue(term, modulus)
            if rest is not None:
                return modulus, rest
        return 1, 0

    def residue_of(self, affine: Affine, modulus: int) -> int | None:
        """An affine expression modulo `modulus`, when it is always the same."""
        total = affine.constant
        for term, c in affine.terms:
            one = self.residue(term, modulus // gcd(c, modulus))
            if one is None:
                return None
            total += c * one
        return total % modulus

    def blame(self, affine: Affine, modulus: int) -> tuple[Term, int] | None:
        """The first term, with its coefficient, that keeps the residue from being known."""
        for term, c in affine.terms:
            if self.residue(term, modulus // gcd(c, modulus)) is None:
                return term, c
        return None

    def name(self, term: Term) -> str:
        """How a message calls a term: a loop's counter, or the value's name in the source."""
        iv = self.induction(term)
        if iv is not None:
            facts = self.owner.loop_of(iv.loop)
            return f"the counter of loop {facts.name!r}" if facts else "a loop's counter"
        plain = re.sub(r"[^\w].*$|\d+$", "", term.value[1:].strip('"'))
        i = self.owner.reader.definitions.get(term.value)
        if i is not None and i.opcode == "load":
            return "a value that is read from memory"
        return f"{plain!r}" if plain and i is None else "a computed value"


def _reach(counter: _Counter) -> Interval:
    first = counter.start + counter.ahead
    way = counter.step * (counter.trips - 1)
    return Interval(first + min(0, way), first + max(0, way), True, frozenset({counter.level}))


def _within(one: Interval, other: Interval) -> bool:
    return other.low <= one.low and one.high <= other.high


def _type_interval(term: Term) -> Interval:
    if term.extension == "z":
        return Interval(0, (1 << term.width_bits) - 1, False)
    return Interval(-(1 << (term.width_bits - 1)), (1 << (term.width_bits - 1)) - 1, False)
