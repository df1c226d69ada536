"""The number of a loop's iterations as an expression that is known before the loop."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from csynth.frontend.affine import Term
from csynth.frontend.induction import induction_step, trip_count
from csynth.frontend.llvm_loops import NaturalLoop
from csynth.frontend.llvm_text import bits_of
from csynth.ir.model import Const, Operand

if TYPE_CHECKING:
    from csynth.frontend.convert import FunctionConverter


@dataclass(frozen=True, slots=True, kw_only=True)
class Trips:
    """`constant`, or bound - start + more (as numbers of `width_bits` bits, at least 1 when `compare` is the loop's own test)."""

    constant: int | None = None
    bound: str = ""
    start: str = ""
    more: int = 0
    width_bits: int = 32
    compare: str = ""

    def emit(self, owner: FunctionConverter) -> Operand:
        """The ops that compute it."""
        if self.constant is not None:
            return Const(self.constant, 32)
        build, width = owner.build, self.width_bits
        bound, start = owner.operand(self.bound, width), owner.operand(self.start, width)
        count: Operand = bound
        if start != Const(0, width):
            count = build.emit("sub", bound, start, width=width, wish="trips")
        if self.more:
            count = build.emit("add", count, Const(self.more, width), width=width, wish="trips")
        if self.compare:
            goes = build.emit(self.compare, start, bound, width=1, wish="more_than_one")
            count = build.select(goes, count, Const(1, width))
        return count


def trips_of(owner: FunctionConverter, loop: NaturalLoop) -> Trips | None:
    """Iterations of a loop that tests its counter at the end and counts up by one; None when they are not known before it."""
    known = trip_count(owner, loop)
    if known is not None:
        return Trips(constant=known)
    last = owner.llvm.blocks[loop.latches[0]].terminator
    define = owner.reader.definitions
    test = define.get(last.operands[0]) if last.opcode == "br" and last.operands else None
    if test is None or test.opcode != "icmp" or len(last.targets) != 2:
        return None
    width = bits_of(test.types[0])
    step = induction_step(owner, loop, Term(test.operands[0], width or 32, ""))
    if (
        width is None
        or step is None
        or step[0] != 1
        or step[1] not in {0, 1}
        or not _fixed(owner, loop, test.operands[1])
    ):
        return None
    value = define[test.operands[0]]
    phi = value if value.opcode == "phi" else define[value.operands[0]]
    start = next(t for s, t in zip(phi.targets, phi.operands, strict=True) if s not in loop.blocks)
    stays = test.predicate if last.targets[0] in loop.blocks else _inverse(test.predicate)
    more = 1 - step[1]  # the test sees the counter before its step
    if stays == "ne":
        return Trips(bound=test.operands[1], start=start, more=more, width_bits=width)
    if stays in {"ult", "slt"}:
        return Trips(bound=test.operands[1], start=start, more=more, width_bits=width, compare=stays)
    return None


def _inverse(predicate: str) -> str:
    return {"eq": "ne", "ne": "eq", "uge": "ult", "sge": "slt", "ult": "uge", "slt": "sge"}.get(predicate, "")


def _fixed(owner: FunctionConverter, loop: NaturalLoop, text: str) -> bool:
    if re.fullmatch(r"-?\d+", text):
        return True
    i = owner.reader.definitions.get(text)
    return i is None or not any(x is i for b in loop.blocks for x in owner.llvm.blocks[b].instructions)
