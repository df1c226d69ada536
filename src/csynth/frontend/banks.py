"""Which bank of an array a subscript means: known when the design is compiled where the subscripts allow, else chosen at run time."""

from __future__ import annotations

from dataclasses import dataclass
from math import gcd
from typing import TYPE_CHECKING

from csynth.frontend.affine import Affine
from csynth.frontend.layout import Array, Split
from csynth.ir.model import Const, Operand

if TYPE_CHECKING:
    from csynth.frontend.convert import FunctionConverter


@dataclass(frozen=True, slots=True)
class Place:
    """Where an access goes: the parts that it may mean, the number of the part among all, and the word in it."""

    parts: tuple[int, ...]
    part: Operand
    index: Operand


@dataclass(frozen=True, slots=True)
class _Cut:
    """One dimension of an access: the parts that it may mean, the part, and the element in the part."""

    parts: tuple[int, ...]
    part: Operand
    inner: Operand


class Banks:
    """Resolves the accesses of one function; notes those whose bank is chosen at run time."""

    def __init__(self, owner: FunctionConverter) -> None:
        self.owner = owner
        self.notes: dict[str, None] = {}

    def place(self, array: Array, offset: Affine) -> Place | None:
        """Where the byte offset of an access lies; None when it is not on an element."""
        if not array.on_element(offset):
            return None
        need = max(1, (array.depth - 1).bit_length())
        unit = array.element_bytes
        whole = Affine(tuple((t, c // unit) for t, c in offset.terms), offset.constant // unit)
        if array.banks == 1:
            return Place((0,), Const(0, 1), self.number(whole, need))
        subscripts = array.subscripts(offset, self.owner.known.interval_of)
        cuts = (
            [self._cut(array, at, s) for at, s in enumerate(subscripts)] if subscripts else self._digits(array, whole)
        )
        width = max(1, (array.banks - 1).bit_length())
        parts: tuple[int, ...] = (0,)
        part: Operand = Const(0, width)
        index: Operand = Const(0, need)
        for s, cut in zip(array.splits, cuts, strict=True):
            parts = tuple(p * s.banks + own for p in parts for own in cut.parts)
            part = self.sum_of(self._times(part, s.banks), self.owner.build.resized(cut.part, width))
            index = self.sum_of(self._times(index, s.size), self.owner.build.resized(cut.inner, need))
        return Place(parts, part, index)

    def _digits(self, array: Array, whole: Affine) -> list[_Cut]:
        """Subscripts that cannot be told apart are computed from their sum."""
        total = 1
        for s in array.splits:
            total *= s.extent
        value = self.number(whole, max(1, (total - 1).bit_length()))
        found: list[_Cut] = []
        for at in range(len(array.splits) - 1, -1, -1):
            s = array.splits[at]
            value, digit = self._divmod(value, s.extent) if at else (value, value)
            found.insert(0, self._at_run_time(s, self.owner.build.resized(digit, max(1, (s.extent - 1).bit_length()))))
        self._note(
            f"the subscripts of {array.name!r} are one sum here; must be told apart for a known bank",
            "Subscript each dimension by a variable of its own",
        )
        return found

    def _cut(self, array: Array, at: int, subscript: Affine) -> _Cut:
        s, known = array.splits[at], self.owner.known
        width = max(1, (s.extent - 1).bit_length())
        if s.banks == 1:
            return _Cut((0,), Const(0, 1), self.number(subscript, width))
        if not subscript.terms:
            own, inner = s.place(subscript.constant % s.extent)
            return _Cut((own,), self._part(s, own), Const(inner, width))
        if s.size == 1:
            bounds = known.interval_of(subscript)
            parts = tuple(range(max(0, bounds.low), min(s.extent - 1, bounds.high) + 1)) or tuple(range(s.extent))
            step = self._step(subscript, s.banks)
            parts = tuple(p for p in parts if step is None or p % step[0] == step[1]) or parts
            return _Cut(parts, self.number(subscript, width), Const(0, 1))
        return self._block(array, at, s, subscript) if s.block else self._cyclic(array, at, s, subscript)

    def _block(self, array: Array, at: int, s: Split, subscript: Affine) -> _Cut:
        bounds = self.owner.known.interval_of(subscript)
        first, last = max(0, bounds.low) // s.size, min(s.extent - 1, bounds.high) // s.size
        width = max(1, (s.extent - 1).bit_length())
        if first == last:
            inner = Affine(subscript.terms, subscript.constant - first * s.size)
            return _Cut((first,), self._part(s, first), self.number(inner, width))
        self._note(
            f"subscript {at + 1} of {array.name!r} may lie in {s.banks} blocks of {s.size} elements; must lie in one for a known bank",
            f"Let a loop with a constant bound of {s.size} run inside each block, or use type=cyclic",
        )
        cut = self._at_run_time(s, self.number(subscript, width))
        return _Cut(tuple(range(first, last + 1)) or cut.parts, cut.part, cut.inner)

    def _step(self, subscript: Affine, banks: int) -> tuple[int, int] | None:
        """The largest divisor of `banks` modulo which the subscript is known, and its residue."""
        for divisor in range(banks, 1, -1):
            if banks % divisor == 0 and (rest := self.owner.known.residue_of(subscript, divisor)) is not None:
                return divisor, rest
        return None

    def _cyclic(self, array: Array, at: int, s: Split, subscript: Affine) -> _Cut:
        known = self.owner.known
        width = max(1, (s.extent - 1).bit_length())
        step = self._step(subscript, s.banks)
        if step is not None and step[0] == s.banks:
            own = step[1]
            if all(c % s.banks == 0 for _, c in subscript.terms):
                inner = Affine(
                    tuple((t, c // s.banks) for t, c in subscript.terms), (subscript.constant - own) // s.banks
                )
                return _Cut((own,), self._part(s, own), self.number(inner, width))
            rest = self.number(Affine(subscript.terms, subscript.constant - own), width)
            return _Cut((own,), self._part(s, own), self._exact_quotient(rest, s.banks))
        culprit = known.blame(subscript, s.banks)
        assert culprit is not None
        term, coefficient = culprit
        iv = known.induction(term)
        moves = coefficient * iv.step if iv is not None else coefficient
        if iv is not None and (iv.step * coefficient) % s.banks:
            remedy = f"Unroll that loop by {s.banks // gcd(moves, s.banks)}, or give the array a factor that divides {abs(moves)}"
            rule = f"moves by {moves} in each iteration; must move by a multiple of {s.banks}, the factor, for a known bank"
        else:
            remedy = "Use loop counters in the subscript"
            rule = (
                f"has the coefficient {coefficient}; must be a loop's counter or have a multiple of {s.banks}, the factor,"
                " for a known bank"
            )
        self._note(f"in subscript {at + 1} of {array.name!r} {known.name(term)} {rule}", remedy)
        cut = self._at_run_time(s, self.number(subscript, width))
        parts = tuple(p for p in cut.parts if step is None or p % step[0] == step[1])
        return _Cut(parts, cut.part, cut.inner)

    def _note(self, what: str, remedy: str) -> None:
        place = self.owner.build.location or self.owner.location
        where = f"{place.file}:{place.line}: " if place is not None else ""
        self.notes[f"{where}{what}. {remedy}."] = None

    @staticmethod
    def _part(s: Split, own: int) -> Operand:
        return Const(own, max(1, (s.banks - 1).bit_length()))

    def _at_run_time(self, s: Split, value: Operand) -> _Cut:
        everything = tuple(range(s.banks))
        if s.banks == 1:
            return _Cut((0,), Const(0, 1), value)
        if s.size == 1:
            return _Cut(everything, value, Const(0, 1))
        quotient, rest = self._divmod(value, s.size if s.block else s.banks)
        return _Cut(everything, quotient, rest) if s.block else _Cut(everything, rest, quotient)

    # -- arithmetic ----------------------------------------------------------------------------------------------------------------------

    def _divmod(self, value: Operand, divisor: int) -> tuple[Operand, Operand]:
        """Quotient and remainder by a constant, by one product instead of a divider."""
        build, width = self.owner.build, value.width_bits
        if isinstance(value, Const):
            return Const(value.value // divisor, width), Const(value.value % divisor, width)
        if divisor >> width:
            return Const(0, width), value
        shift = (divisor - 1).bit_length()
        if divisor == 1 << shift:
            return self._high(value, shift), build.bits(value, 0, shift) if shift else Const(0, 1)
        # Granlund and Montgomery, "Division by invariant integers using multiplication" (PLDI 1994), theorem 4.2
        factor = (1 << (width + shift)) // divisor + 1
        constant = Const(factor, factor.bit_length())
        product = build.emit("umul", value, constant, width=width + constant.width_bits, wish="scaled")
        quotient = build.resized(build.bits(product, width + shift, product.width_bits - width - shift), width)
        back = self._times(quotient, divisor)
        return quotient, build.emit("sub", value, back, width=width, wish="rem")

    def _high(self, value: Operand, shift: int) -> Operand:
        if shift >= value.width_bits:
            return Const(0, 1)
        return self.owner.build.bits(value, shift, value.width_bits - shift)

    def _exact_quotient(self, value: Operand, divisor: int) -> Operand:
        """`value` / `divisor`, which divides it: a shift, and a product with the odd part's inverse."""
        shift = (divisor & -divisor).bit_length() - 1
        odd = divisor >> shift
        value = self._high(value, shift) if shift else value
        return value if odd == 1 else self._times(value, pow(odd, -1, 1 << value.width_bits))

    def number(self, affine: Affine, width: int) -> Operand:
        """The value of an affine expression, modulo 2**width."""
        total: Operand = Const(affine.constant % (1 << width), width)
        for term, c in affine.terms:
            value = self.owner.operand(term.value, term.width_bits)
            value = self.owner.build.resized(value, width, "s" if term.extension == "s" else "z")
            total = self.sum_of(total, self._times(value, c % (1 << width)))
        return total

    def _times(self, a: Operand, factor: int) -> Operand:
        width = a.width_bits
        if isinstance(a, Const):
            return Const(a.value * factor % (1 << width), width)
        if factor == 1:
            return a
        if factor % (1 << width) == 0:
            return Const(0, width)
        if factor & (factor - 1) == 0:
            return self.owner.build.emit("shl", a, Const(factor.bit_length() - 1, width), width=width, wish="scaled")
        return self.owner.build.emit("mul", a, Const(factor % (1 << width), width), width=width, wish="scaled")

    def sum_of(self, a: Operand, b: Operand) -> Operand:
        """The sum; nothing is emitted when one of them is 0 or both are constants."""
        if isinstance(a, Const) and isinstance(b, Const):
            return Const((a.value + b.value) % (1 << a.width_bits), a.width_bits)
        for x, y in ((a, b), (b, a)):
            if isinstance(x, Const) and x.value == 0:
                return y
        return self.owner.build.emit("add", a, b, width=a.width_bits, wish="index")
