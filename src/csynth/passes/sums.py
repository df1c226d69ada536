"""Sums of several terms: the additions of a block that belong together, and what they add, each term in its own few bits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from csynth.ir.model import Block, Const, Op, Operand, Ref

_EXTENSIONS = frozenset({"sext", "zext"})


@dataclass(frozen=True, slots=True)
class Term:
    """A term of a sum: `operand`, which is extended to the sum's width with zeros when it is `unsigned`, else with its sign.

    `extension` is the value that is so extended in the function, if there is one.
    """

    operand: Operand
    unsigned: bool = False
    extension: str | None = field(default=None, compare=False)

    @property
    def signed_bits(self) -> int:
        """Bits of the term as a signed number."""
        return self.operand.width_bits + self.unsigned

    def plus(self, other: Term, most_bits: int) -> tuple[int, bool]:
        """Bits that hold the sum of two terms, at most `most_bits`, and whether it is then an unsigned number."""
        if self.unsigned and other.unsigned:
            return min(most_bits, max(self.operand.width_bits, other.operand.width_bits) + 1), True
        return min(most_bits, max(self.signed_bits, other.signed_bits) + 1), False


class Sums:
    """The sums of one block.

    Attributes:
        defined: the block's ops by result.
        inner: results of ops that are part of a larger sum: additions, and extensions of additions that cannot wrap.
    """

    def __init__(self, block: Block, uses: Mapping[str, int]) -> None:
        self.defined = {op.result.name: op for op in block.ops if op.result is not None}
        self._uses = uses
        self._bits: dict[tuple[str, bool], int] = {}
        self.inner: set[str] = set()
        for op in block.ops:
            if is_sum(op):
                for operand in op.operands:
                    self.inner |= {part.result.name for part in self._parts(operand) if part.result is not None}

    def terms(self, op: Op) -> list[Term]:
        """What the sum that ends in addition `op` adds, in order."""
        found: list[Term] = []
        waiting = [(operand, False) for operand in reversed(op.operands)]
        while waiting:
            operand, unsigned = waiting.pop()
            parts = self._parts(operand)
            if parts:
                unsigned = parts[0].opcode == "zext" if len(parts) > 1 else unsigned
                waiting += [(inside, unsigned) for inside in reversed(parts[-1].operands)]
            else:
                found.append(self._term(operand, unsigned=unsigned))
        return found

    def _term(self, operand: Operand, *, unsigned: bool) -> Term:
        """`operand` in as few bits as are known to hold it."""
        if isinstance(operand, Const):
            bits = max(1, self._needed(operand, unsigned=unsigned))
            return Term(Const(operand.value & ((1 << bits) - 1), bits), unsigned)
        op = self.defined.get(operand.name)
        if op is not None and op.opcode in _EXTENSIONS:
            return Term(op.operands[0], op.opcode == "zext", operand.name)
        return Term(operand, unsigned)

    def _parts(self, operand: Operand) -> list[Op]:
        """The ops between an operand of a sum and further terms of it: an addition, before it perhaps an extension."""
        op = self._used_once(operand)
        if op is None:
            return []
        if is_sum(op):
            return [op]
        inside = self._used_once(op.operands[0]) if op.opcode in _EXTENSIONS else None
        if inside is None or not is_sum(inside):
            return []
        unsigned = op.opcode == "zext"
        exact = max(self._needed(o, unsigned=unsigned) for o in inside.operands) < op.operands[0].width_bits
        return [op, inside] if exact else []

    def _used_once(self, operand: Operand) -> Op | None:
        return self.defined.get(operand.name) if isinstance(operand, Ref) and self._uses[operand.name] == 1 else None

    def _needed(self, operand: Operand, *, unsigned: bool) -> int:
        """Bits that hold every value of `operand`, as an unsigned or a signed number."""
        width = operand.width_bits
        if isinstance(operand, Const):
            value = operand.value if unsigned else min(operand.value, (1 << width) - 1 - operand.value)
            return value.bit_length() + (not unsigned)
        key = operand.name, unsigned
        if key not in self._bits:
            op = self.defined.get(operand.name)
            needed = width
            if op is not None and op.opcode == "zext":
                needed = op.operands[0].width_bits + (not unsigned)
            elif op is not None and op.opcode == "sext" and not unsigned:
                needed = op.operands[0].width_bits
            elif op is not None and is_sum(op):
                needed = min(width, max(self._needed(o, unsigned=unsigned) for o in op.operands) + 1)
            self._bits[key] = needed
        return self._bits[key]


def is_sum(op: Op) -> bool:
    """Whether `op` is an addition that may be done in another order."""
    return op.opcode == "add" and op.impl == "auto" and op.latency is None and op.result is not None


def extended(constant: Const, width_bits: int, *, unsigned: bool) -> Const:
    """`constant` as a wider number, or its low bits."""
    negative = not unsigned and constant.value >> (constant.width_bits - 1) & 1
    value = constant.value - (1 << constant.width_bits) if negative else constant.value
    return Const(value & ((1 << width_bits) - 1), width_bits)
