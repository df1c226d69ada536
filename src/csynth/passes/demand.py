"""Compute no more low bits of a value than its users look at, and than its range has."""

from __future__ import annotations

import re
from dataclasses import replace

from csynth.ir.model import Block, Branch, Const, Function, Op, Operand, Phi, Ref
from csynth.passes.ranges import value_ranges

_SUFFIX = re.compile(r"(\.\d+)+$")
_LOW = frozenset(
    ["add", "sub", "mul", "umul", "smul", "and", "or", "xor"]
)  # bit k of the result depends on bits 0..k of the operands


def demanded_bits(function: Function) -> dict[str, int]:
    """For each value the number of its low bits that matter."""
    demand: dict[str, int] = {}
    definitions: dict[str, Op | Phi] = {}
    work: list[str] = []

    def want(operand: Operand | None, bits: int) -> None:
        if isinstance(operand, Ref):
            bits = min(bits, operand.width_bits)
            if bits > demand.get(operand.name, 0):
                demand[operand.name] = bits
                work.append(operand.name)

    for block in function.blocks:
        for phi in block.phis:
            definitions[phi.result.name] = phi
        for op in block.ops:
            if op.result is not None:
                definitions[op.result.name] = op
            want(op.predicate, 1)
            if op.result is None or op.opcode in {"load", "write_nb", "call"}:
                for o in op.operands:
                    want(o, o.width_bits)
        if isinstance(block.terminator, Branch):
            want(block.terminator.condition, 1)
    while work:
        name = work.pop()
        bits, item = demand[name], definitions[name]
        if isinstance(item, Phi):
            for _, o in item.incoming:
                want(o, bits)
            continue
        code, a = item.opcode, item.operands
        if code in _LOW or code in {"zext", "sext", "trunc"}:
            for o in a:
                want(o, bits)
        elif code == "select":
            want(a[0], 1)
            want(a[1], bits)
            want(a[2], bits)
        elif code == "extract":
            want(a[0], item.low_bit + bits)
        elif code == "concat":
            left = bits
            for o in reversed(a):
                want(o, left)
                left -= o.width_bits
        elif code == "shl":
            want(a[0], bits)
            want(a[1], a[1].width_bits)
        else:
            for o in a:
                want(o, o.width_bits)
    return demand


def shrink(function: Function) -> Function:
    """Return the function with phis and arithmetic cut to the bits that users look at and that are not always 0.

    `trunc` and `zext` are left behind for `simplify`.
    """
    if function.is_dataflow:
        return function
    demand = demanded_bits(function)
    for name, (_, most) in value_ranges(function).items():
        if name in demand:
            demand[name] = min(demand[name], max(1, most.bit_length()))
    return _Shrinker(function, demand).run()


class _Shrinker:
    def __init__(self, function: Function, demand: dict[str, int]) -> None:
        self.function, self.demand = function, demand
        self.next_id = max((o.id for b in function.blocks for o in b.ops), default=0)
        self.taken = {
            r.name for b in function.blocks for r in [p.result for p in b.phis] + [o.result for o in b.ops if o.result]
        }

    def name(self, wish: str) -> str:
        wish = _SUFFIX.sub("", wish)
        name, count = wish, 1
        while name in self.taken:
            count += 1
            name = f"{wish}.{count}"
        self.taken.add(name)
        return name

    def cut(self, operand: Operand, bits: int, ops: list[Op], like: Op | None = None) -> Operand:
        if operand.width_bits <= bits:
            return operand
        if isinstance(operand, Const):
            return Const(operand.value & ((1 << bits) - 1), bits)
        self.next_id += 1
        ref = Ref(self.name(operand.name), bits)
        ops.append(
            Op(
                id=self.next_id,
                opcode="trunc",
                result=ref,
                operands=(operand,),
                location=like.location if like else None,
            )
        )
        return ref

    def widen(self, narrow: Ref, full: Ref, ops: list[Op]) -> None:
        self.next_id += 1
        ops.append(Op(id=self.next_id, opcode="zext", result=full, operands=(narrow,)))

    def run(self) -> Function:
        tails: dict[str, list[Op]] = {b.name: [] for b in self.function.blocks}
        made: list[Block] = []
        for block in self.function.blocks:
            phis, ops = [], []
            for phi in block.phis:
                bits = self.demand.get(phi.result.name, 0)
                if not 0 < bits < phi.result.width_bits:
                    phis.append(phi)
                    continue
                narrow = Ref(self.name(phi.result.name), bits)
                phis.append(
                    Phi(result=narrow, incoming=tuple((n, self.cut(o, bits, tails[n])) for n, o in phi.incoming))
                )
                self.widen(narrow, phi.result, ops)
            for op in block.ops:
                bits = self.demand.get(op.result.name, 0) if op.result else 0
                if op.result is None or not 0 < bits < op.result.width_bits or op.opcode not in _LOW | {"select"}:
                    ops.append(op)
                    continue
                narrow = Ref(self.name(op.result.name), bits)
                if op.opcode in {"umul", "smul"}:
                    operands = op.operands
                elif op.opcode == "select":
                    operands = (op.operands[0], *(self.cut(o, bits, ops, op) for o in op.operands[1:]))
                else:
                    operands = tuple(self.cut(o, bits, ops, op) for o in op.operands)
                ops.append(replace(op, result=narrow, operands=operands))
                self.widen(narrow, op.result, ops)
            made.append(replace(block, phis=tuple(phis), ops=tuple(ops)))
        return replace(self.function, blocks=tuple(replace(b, ops=(*b.ops, *tails[b.name])) for b in made))
