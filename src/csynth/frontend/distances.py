"""Distances of dependences: in how many iterations of a loop one access can mean the element that another one meant.

Two accesses meet when their subscripts are equal in every dimension. Subscripts are sums of terms with constant coefficients; of the
terms, the loop's own counters advance by a constant in each iteration, what is computed outside of the loop (the counters of outer
loops too) is the same number in both, and anything else may be any number within its interval. The answer is the least distance that
cannot be excluded: never too large, so that no dependence is missed.

Reference: Allen and Kennedy, "Optimizing Compilers for Modern Architectures" (2001), chapter 3, for the GCD and bounds tests.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import gcd

from csynth.frontend.affine import Affine, Term
from csynth.frontend.llvm_loops import NaturalLoop
from csynth.frontend.values import Interval, ValueFacts

_ENDLESS = 1 << 64
_FAR = 64  # iterations that are tried one by one; further apart than this no pipeline cares


@dataclass(frozen=True, slots=True)
class Access:
    """The byte offset of an access, and its subscripts where they can be told apart."""

    offset: Affine
    subscripts: tuple[Affine, ...] = ()

    def beside(self, other: Access) -> list[tuple[Affine, Affine]]:
        """The pairs of expressions that are equal when both mean one element."""
        if self.subscripts and other.subscripts:
            return list(zip(self.subscripts, other.subscripts, strict=True))
        return [(self.offset, other.offset)]


@dataclass(frozen=True, slots=True)
class Distance:
    """The least distance that cannot be excluded; `exact`: the accesses do meet at it. `why` it is not exact, in words."""

    iterations: int
    exact: bool
    why: str = ""


@dataclass(slots=True)
class _Form:
    """A subscript in iteration k: constant + slope * k + the sum of its parts."""

    constant: int = 0
    slope: int = 0
    fixed: dict[tuple[str, str], tuple[int, Interval]] = field(default_factory=dict)  # the same in all iterations
    loose: dict[Term, tuple[int, Interval]] = field(default_factory=dict)  # another in each iteration
    around: int = 0  # multiples of this may be added: a counter that wraps round

    def add_fixed(self, key: tuple[str, str], c: int, bounds: Interval) -> None:
        """Add c times an unknown that all iterations share."""
        total = self.fixed.get(key, (0, bounds))[0] + c
        self.fixed[key] = (total, bounds)


@dataclass(frozen=True, slots=True)
class _Equation:
    """constant + head * k + the sum of unknowns = 0, for 0 <= k < trips - distance."""

    constant: int
    head: int
    unknowns: tuple[tuple[int, Interval], ...]
    around: int

    def holds_never(self, last: int | None) -> bool:
        """Whether the GCD or the bounds test excludes every solution with 0 <= k <= last (None: no bound)."""
        divisor = gcd(self.head if last != 0 else 0, self.around, *(c for c, _ in self.unknowns))
        if self.constant % divisor if divisor else self.constant:
            return True
        if self.around or (self.head and last is None):
            return self._half_open(last)
        low = high = self.constant
        for c, bounds in (*self.unknowns, (self.head, Interval(0, last or 0, True))):
            low, high = low + min(c * bounds.low, c * bounds.high), high + max(c * bounds.low, c * bounds.high)
        return not low <= 0 <= high

    def _half_open(self, last: int | None) -> bool:
        """The bounds test when k has no upper bound: one end of the sum is still known."""
        if self.around or last is not None:
            return False
        low = high = self.constant
        for c, bounds in self.unknowns:
            low, high = low + min(c * bounds.low, c * bounds.high), high + max(c * bounds.low, c * bounds.high)
        return low > 0 if self.head > 0 else high < 0

    @property
    def is_plain(self) -> bool:
        """Whether nothing but k is unknown."""
        return not self.unknowns and not self.around


class Distances:
    """Distances between accesses of one loop."""

    def __init__(self, known: ValueFacts, loop: NaturalLoop) -> None:
        self.known, self.loop = known, loop
        self.trips = known.trips(loop)
        self._forms: dict[Affine, _Form] = {}
        self._between: dict[tuple[Access, Access], Distance | None] = {}

    def _form(self, affine: Affine) -> _Form:
        if affine not in self._forms:
            self._forms[affine] = self._new_form(affine)
        return self._forms[affine]

    def _new_form(self, affine: Affine) -> _Form:
        form = _Form(constant=affine.constant)
        for term, c in affine.terms:
            iv = self.known.induction(term)
            if iv is not None and iv.loop.header == self.loop.header:
                form.constant += c * iv.ahead
                form.slope += c * iv.step
                if iv.wraps:
                    form.around = gcd(form.around, c << term.width_bits)
                if iv.start.lstrip("-").isdigit():
                    form.constant += c * int(iv.start)
                    if term.extension == "z" and int(iv.start) < 0:
                        form.constant += c << term.width_bits
                else:
                    start = Term(iv.start, term.width_bits, term.extension)
                    form.add_fixed((f"start {iv.start}", term.extension), c, self.known.interval(start))
                continue
            grain, rest = self.known.grain(term)
            bounds = self.known.interval(term)
            steps = Interval(
                (bounds.low - rest) // grain, (bounds.high - rest) // grain, False
            )  # term = rest + grain * step
            form.constant += c * rest
            if self.known.varies_in(term, self.loop):
                form.loose[term] = (c * grain, steps)
            else:
                form.add_fixed((term.value, term.extension), c * grain, steps)
        return form

    def may_meet(self, a: Access, b: Access) -> bool:
        """Whether two accesses may mean one element in the same iteration."""
        return not any(
            self._same_iteration(one, two).holds_never(None if self.trips is None else self.trips - 1)
            for one, two in a.beside(b)
        )

    def _same_iteration(self, a: Affine, b: Affine) -> _Equation:
        form = self._form(a.plus(b.scaled(-1)))
        unknowns = [(c, i) for c, i in (*form.fixed.values(), *form.loose.values()) if c]
        return _Equation(form.constant, form.slope, tuple(unknowns), form.around)

    def _apart(self, a: _Form, b: _Form, distance: int) -> _Equation:
        """`a` in iteration k and `b` in iteration k + distance are equal."""
        fixed = dict(a.fixed)
        for key, (c, bounds) in b.fixed.items():
            fixed[key] = (fixed.get(key, (0, bounds))[0] - c, bounds)
        unknowns = [*fixed.values(), *a.loose.values(), *((-c, bounds) for c, bounds in b.loose.values())]
        return _Equation(
            a.constant - b.constant - b.slope * distance,
            a.slope - b.slope,
            tuple((c, bounds) for c, bounds in unknowns if c),
            gcd(a.around, b.around),
        )

    def between(self, source: Access, sink: Access) -> Distance | None:
        """Distance from `source` to the next iteration in which `sink` may mean its element; None = there is none."""
        if (source, sink) not in self._between:
            self._between[source, sink] = self._new_distance(source, sink)
        return self._between[source, sink]

    def _new_distance(self, source: Access, sink: Access) -> Distance | None:
        if self.trips is not None and self.trips <= 1:
            return None
        pairs = [(self._form(a), self._form(b)) for a, b in source.beside(sink)]
        uniform = self._uniform(pairs)
        if uniform is not None:
            iterations = uniform
            if iterations < 1 or (self.trips is not None and iterations >= self.trips):
                return None
            if self._excluded(pairs, iterations):
                return None
            return Distance(iterations, self._is_exact(pairs, iterations), self._why(source, sink))
        longest = _FAR if self.trips is None else min(_FAR, self.trips - 1)
        for iterations in range(1, longest + 1):
            if not self._excluded(pairs, iterations):
                return Distance(iterations, self._is_exact(pairs, iterations), self._why(source, sink))
        if self.trips is not None and longest == self.trips - 1:
            return None
        return None if self._excluded_beyond(pairs, longest) else Distance(longest + 1, False, self._why(source, sink))

    def _uniform(self, pairs: list[tuple[_Form, _Form]]) -> int | None:
        """The one distance that a dimension allows; 0 when it allows none; None when no dimension tells."""
        for a, b in pairs:
            equation = self._apart(a, b, 0)
            if not equation.is_plain or equation.head or not b.slope:
                continue
            iterations, rest = divmod(equation.constant, b.slope)
            return 0 if rest or iterations < 1 else iterations
        return None

    def _excluded(self, pairs: list[tuple[_Form, _Form]], distance: int) -> bool:
        last = None if self.trips is None else self.trips - 1 - distance
        return any(self._apart(a, b, distance).holds_never(last) for a, b in pairs)

    def _excluded_beyond(self, pairs: list[tuple[_Form, _Form]], distance: int) -> bool:
        """Whether no distance above `distance` is possible, the distance taken as an unknown."""
        last = None if self.trips is None else self.trips - 1 - distance
        for a, b in pairs:
            equation = self._apart(a, b, distance)
            if not b.slope:
                if equation.holds_never(last):
                    return True
            else:
                most = _ENDLESS if self.trips is None else self.trips - 1 - distance
                further = (-b.slope, Interval(1, most, False))
                wide = _Equation(equation.constant, equation.head, (*equation.unknowns, further), equation.around)
                if wide.holds_never(last):
                    return True
        return False

    def _is_exact(self, pairs: list[tuple[_Form, _Form]], distance: int) -> bool:
        """Whether the accesses certainly meet at `distance` in some iteration."""
        first: int | None = None  # the one iteration in which all dimensions meet
        for a, b in pairs:
            equation = self._apart(a, b, distance)
            if not equation.is_plain:
                return False
            if not equation.head:
                continue
            here, rest = divmod(-equation.constant, equation.head)
            if rest or here < 0 or (first is not None and here != first):
                return False
            first = here
        return first is None or self.trips is None or first + distance < self.trips

    def _why(self, source: Access, sink: Access) -> str:
        """Which term of which subscript keeps the distance from being exact."""
        pairs = source.beside(sink)
        for at, (a, b) in enumerate(pairs):
            forms = self._form(a), self._form(b)
            where = f"subscript {at + 1}" if len(pairs) > 1 else "the subscript"
            for affine, form in zip((a, b), forms, strict=True):
                for term, _ in affine.terms:
                    if term in form.loose:
                        return f"{where} holds {self.known.name(term)}, which may be any number in each iteration"
            equation = self._apart(*forms, 0)
            if equation.around:
                return f"a counter in {where} may wrap round"
            if equation.unknowns:
                return f"{where} holds values from outside of the loop that do not cancel"
        return "the subscripts move at different rates"
