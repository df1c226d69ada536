"""Makes ops with fresh ids and names."""

from __future__ import annotations

import re
from typing import Any

from csynth.ir.model import Const, Location, Op, Operand, Ref


class Builder:
    """Collects ops in the current list; folds what is trivial."""

    def __init__(self) -> None:
        self.ops: list[Op] = []
        self.location: Location | None = None
        self._next = 0
        self._names: dict[str, int] = {}  # name -> number of the last one that was made from it

    def name(self, wish: str) -> str:
        """A name like `wish` that no value has yet."""
        wish = re.sub(r"[^\w.]", "_", wish.lstrip("%")).strip("_") or "v"
        name, count = wish, self._names.get(wish, 0)
        while name in self._names:
            count += 1
            name = f"{wish}.{count + 1}"
        self._names[wish] = count
        self._names.setdefault(name, 0)
        return name

    def emit(self, opcode: str, *operands: Operand, width: int = 0, wish: str = "", **more: Any) -> Ref:
        """Append an op; returns its result (a Ref of width 0 when it has none)."""
        result = Ref(self.name(wish or opcode), width) if width else None
        self._next += 1
        self.ops.append(
            Op(id=self._next, opcode=opcode, result=result, operands=operands, location=self.location, **more)
        )
        return result or Ref("", 0)

    def both(self, a: Operand, b: Operand) -> Operand:
        """A and b, 1 bit."""
        for x, y in ((a, b), (b, a)):
            if isinstance(x, Const):
                return y if x.value else x
        return a if a == b else self.emit("and", a, b, width=1, wish="and")

    def either(self, a: Operand, b: Operand) -> Operand:
        """A or b, 1 bit."""
        for x, y in ((a, b), (b, a)):
            if isinstance(x, Const):
                return x if x.value else y
        return a if a == b else self.emit("or", a, b, width=1, wish="or")

    def negated(self, a: Operand) -> Operand:
        """Not a, 1 bit."""
        if isinstance(a, Const):
            return Const(1 - a.value, 1)
        return self.emit("xor", a, Const(1, 1), width=1, wish="not")

    def select(self, condition: Operand, a: Operand, b: Operand) -> Operand:
        """A when the condition holds, else b."""
        if isinstance(condition, Const):
            return a if condition.value else b
        if a == b:
            return a
        return self.emit("select", condition, a, b, width=a.width_bits, wish="sel")

    def resized(self, a: Operand, width: int, extension: str = "z") -> Operand:
        """A cut or extended (`z` or `s`) to a width."""
        have = a.width_bits
        if have == width:
            return a
        if isinstance(a, Const):
            value = a.value - ((a.value >> (have - 1)) << have) if extension == "s" else a.value
            return Const(value % (1 << width), width)
        if have > width:
            return self.emit("trunc", a, width=width, wish="t")
        return self.emit("sext" if extension == "s" else "zext", a, width=width, wish="x")

    def bits(self, a: Operand, low: int, width: int) -> Operand:
        """Bits low .. low + width - 1 of a."""
        if isinstance(a, Const):
            return Const((a.value >> low) % (1 << width), width)
        if low == 0:
            return self.resized(a, width)
        return self.emit("extract", a, width=width, low_bit=low, wish="b")

    def equals(self, a: Operand, value: int) -> Operand:
        """Whether a is a constant."""
        if isinstance(a, Const):
            return Const(int(a.value == value), 1)
        return self.emit("eq", a, Const(value, a.width_bits), width=1, wish="is")
