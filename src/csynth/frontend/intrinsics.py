"""LLVM's own functions (minimum, absolute value, saturating sums, ...) as operations of the IR."""

from __future__ import annotations

from typing import TYPE_CHECKING

from csynth.frontend.llvm_text import Instruction, bits_of
from csynth.ir.model import Const, Operand

if TYPE_CHECKING:
    from csynth.frontend.convert import FunctionConverter

_CHOICES = {"llvm.smax": "sgt", "llvm.smin": "slt", "llvm.umax": "ugt", "llvm.umin": "ult"}
#: Those that turn a word round, and the bits that stay together.
_REVERSALS = {"llvm.bitreverse": 1, "llvm.bswap": 8}


def convert_intrinsic(owner: FunctionConverter, i: Instruction) -> bool:
    """Convert a call of an LLVM intrinsic; False when it is none that is known here."""
    callee, build = i.callee, owner.build
    width = bits_of(i.type) or 0
    stem = callee.rsplit(".", 1)[0]
    if stem in _CHOICES:
        a, b = (owner.operand(o, width) for o in i.operands[:2])
        condition = build.emit(_CHOICES[stem], a, b, width=1, wish="cmp")
        owner.result(i, "select", condition, a, b, width=width)
    elif stem == "llvm.abs":
        a = owner.operand(i.operands[0], width)
        minus = build.emit("sub", Const(0, width), a, width=width, wish="neg")
        condition = build.emit("slt", a, Const(0, width), width=1, wish="lt")
        owner.result(i, "select", condition, minus, a, width=width)
    elif stem in {"llvm.fshl", "llvm.fshr"} and not i.operands[2].startswith("%"):
        _funnel(owner, i, width, left=stem == "llvm.fshl")
    elif stem in _REVERSALS:
        a, part = owner.operand(i.operands[0], width), _REVERSALS[stem]
        parts = [build.bits(a, low, part) for low in range(0, width, part)]
        owner.result(i, "concat", *parts, width=width)
    elif stem == "llvm.ctpop":
        _count(owner, i, width)
    elif stem in {"llvm.uadd.sat", "llvm.usub.sat", "llvm.sadd.sat", "llvm.ssub.sat"}:
        _saturate(owner, i, stem, width)
    elif callee.startswith(("llvm.scmp", "llvm.ucmp")):
        source = bits_of(i.types[0]) or 32
        a, b = (owner.operand(o, source) for o in i.operands[:2])
        kind = "s" if callee.startswith("llvm.scmp") else "u"
        above = build.emit(kind + "gt", a, b, width=1, wish="gt")
        below = build.emit(kind + "lt", a, b, width=1, wish="lt")
        low = build.select(below, Const((1 << width) - 1, width), Const(0, width))
        owner.result(i, "select", above, Const(1, width), low, width=width)
    else:
        return False
    return True


def _funnel(owner: FunctionConverter, i: Instruction, width: int, *, left: bool) -> None:
    a, b = (owner.operand(o, width) for o in i.operands[:2])
    amount = int(i.operands[2]) % width
    amount = amount if left else width - amount
    high = owner.build.emit("shl", a, Const(amount, width), width=width, wish="fsh")
    low = owner.build.emit("lshr", b, Const(width - amount, width), width=width, wish="fsl")
    owner.result(i, "or", high, low, width=width)


def _count(owner: FunctionConverter, i: Instruction, width: int) -> None:
    a = owner.operand(i.operands[0], width)
    parts: list[Operand] = [owner.build.resized(owner.build.bits(a, at, 1), width) for at in range(width)]
    while len(parts) > 1:
        parts = [
            owner.build.emit("add", *parts[k : k + 2], width=width, wish="pop") if k + 1 < len(parts) else parts[k]
            for k in range(0, len(parts), 2)
        ]
    owner.define(i, parts[0])


def _saturate(owner: FunctionConverter, i: Instruction, stem: str, width: int) -> None:
    signed, opcode = stem[5] == "s", stem[6:9]
    a, b = (owner.build.resized(owner.operand(o, width), width + 1, "s" if signed else "z") for o in i.operands[:2])
    total = owner.build.emit(opcode, a, b, width=width + 1, wish="sat")
    low = owner.build.resized(total, width)
    top = owner.build.bits(total, width, 1)
    if signed:
        wrong = owner.build.emit("xor", top, owner.build.bits(total, width - 1, 1), width=1, wish="ovf")
        bound = owner.build.select(top, Const(1 << (width - 1), width), Const((1 << (width - 1)) - 1, width))
    else:
        wrong, bound = top, Const((1 << width) - 1 if opcode == "add" else 0, width)
    owner.result(i, "select", wrong, bound, low, width=width)
