"""Sums of several products in another order: chains of as many products as cells add without a flip-flop between them, then a tree.

A cell adds its product to the P of the cell before. The k-th product of a chain is added k cycles after the first; up to three cycles its
factors wait in registers of the cell itself. In P every sum of the chain is exact, so all have the width of the last.
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Set
from dataclasses import dataclass, replace

from csynth.dsp.cells import C_BITS
from csynth.dsp.products import PRODUCTS, fits_cell
from csynth.ir.model import Block, Const, Function, Op, Operand, Ref
from csynth.part import DSP48E2
from csynth.passes.balance import recurrences, uses_in
from csynth.passes.simplify import drop_unused
from csynth.passes.sums import Sums, Term, extended, is_sum

LONGEST = 4  # products: 1 + the registers before P (csynth.schedule.cell_registers)


def with_chains(function: Function, kept: Set[int] = frozenset(), blocks: Set[str] | None = None) -> Function:
    """Return an equal function in which sums of several products are chains; sums in `kept`, by op id, stay.

    Args:
        function: any function.
        kept: ids of additions that must stay.
        blocks: names of the blocks that are looked at; None = all.
    """
    uses = uses_in(function)
    before = function
    names = {op.result.name for b in function.blocks for op in b.ops if op.result}
    names |= {phi.result.name for b in function.blocks for phi in b.phis}
    next_id = 1 + max((op.id for block in function.blocks for op in block.ops), default=0)
    changed: list[Block] = []
    for block in function.blocks:
        if blocks is None or block.name in blocks:
            chainer = _Chainer(block, uses, names, next_id)
            block = chainer.run(kept)
            next_id = chainer.next_id
        changed.append(block)
    function = replace(function, blocks=tuple(changed))
    return function if function == before else drop_unused(function)


@dataclass(frozen=True, slots=True)
class _Part:
    """Part of a sum: a number from `low` to `high`, and the level of the tree that gives it."""

    term: Term
    low: int
    high: int
    level: int = 0


def _bits(low: int, high: int) -> int:
    """Bits that hold the signed numbers from `low` to `high`."""
    return max(high.bit_length(), (-low - 1).bit_length() if low < 0 else 0) + 1


class _Chainer:
    def __init__(self, block: Block, uses: Mapping[str, int], names: set[str], next_id: int) -> None:
        self.block, self.uses, self.names, self.next_id = block, uses, names, next_id
        self.sums = Sums(block, uses)
        self.rings = recurrences(block)
        self.made: list[Op] = []

    def run(self, kept: Set[int]) -> Block:
        ops: list[Op] = []
        for op in self.block.ops:
            ends_here = is_sum(op) and op.result is not None and op.result.name not in self.sums.inner
            made = self._chained(op) if ends_here and op.id not in kept else []
            ops += made or [op]
        return replace(self.block, ops=tuple(ops))

    def _chained(self, op: Op) -> list[Op]:
        """The ops of the sum that ends in `op`, with chains; none when it has fewer than two products or is too wide."""
        assert op.result is not None
        width, terms = op.result.width_bits, self.sums.terms(op)
        products = [term for term in terms if self._is_product(term, width)]
        if len(products) < 2 or len(terms) < 3 or width > C_BITS:
            return []
        rest = [term for term in terms if term not in products]
        ring = self.rings.get(op.result.name)
        late = [
            t
            for t in rest
            if ring is not None and isinstance(t.operand, Ref) and self.rings.get(t.operand.name) == ring
        ]
        constant = next((term for term in rest if isinstance(term.operand, Const)), None)
        early = [term for term in rest if term not in late and term is not constant]
        self.made = []
        count = -(-len(products) // LONGEST)
        parts: list[_Part] = []
        for at in range(count):
            chain = products[at * len(products) // count : (at + 1) * len(products) // count]
            head = [constant] if constant is not None and at == 0 else []
            alone = count == 1 and not late and not early
            parts.append(self._chain(op, [*head, *chain], width if alone else None))
        total = self._tree(op, [*parts, *(self._part(term) for term in early)])
        for term in late[:-1]:
            total = self._plus(op, total, self._part(term))
        if late:
            operands = self._to(op, total.term, width), self._to(op, late[-1], width)
            return [*self.made, replace(op, operands=operands)]
        value = total.term.operand
        if value.width_bits < width:
            return [*self.made, replace(op, opcode="sext", operands=(value,))]
        last = self.made.pop()
        assert last.result == value
        return [*self.made, replace(op, operands=last.operands)]

    def _is_product(self, term: Term, width: int) -> bool:
        """Whether a cell can add `term`: an exact product that nothing else uses, or one cut to the sum's width."""
        operand = term.operand
        if not isinstance(operand, Ref):
            return False
        product = self.sums.defined.get(operand.name)
        if product is None or product.opcode not in PRODUCTS or product.latency is not None:
            return False
        if any(self.uses[name] != 1 for name in (operand.name, term.extension) if name) or not fits_cell(
            product, DSP48E2
        ):
            return False
        exact = operand.width_bits >= sum(o.width_bits for o in product.operands)
        return operand.width_bits == width or (exact and term.unsigned == (product.opcode == "umul"))

    def _chain(self, root: Op, terms: list[Term], width: int | None) -> _Part:
        """The sum of `terms`, one after the other; in as few bits as hold it, or in `width`."""
        assert root.result is not None
        parts = [self._part(term) if isinstance(term.operand, Const) else self._product(term) for term in terms]
        low, high = sum(part.low for part in parts), sum(part.high for part in parts)
        bits = width or min(root.result.width_bits, _bits(low, high))
        total = self._to(root, terms[0], bits)
        for term in terms[1:]:
            total = self._make(root, "add", (total, self._to(root, term, bits)), bits)
        return _Part(Term(total), low, high, 1)

    def _part(self, term: Term) -> _Part:
        """`term` with its range."""
        operand = term.operand
        if isinstance(operand, Const):
            value = extended(operand, C_BITS + 1, unsigned=term.unsigned).value
            value -= (value >> C_BITS) << (C_BITS + 1)
            return _Part(term, value, value)
        if term.unsigned:
            return _Part(term, 0, (1 << operand.width_bits) - 1)
        return _Part(term, -(1 << operand.width_bits - 1), (1 << operand.width_bits - 1) - 1)

    def _product(self, term: Term) -> _Part:
        """`term`, a product, with the range of the exact product."""
        assert isinstance(term.operand, Ref)
        product = self.sums.defined[term.operand.name]
        one, two = (1 << o.width_bits - (product.opcode == "smul") for o in product.operands)
        if product.opcode == "umul":
            return _Part(term, 0, (one - 1) * (two - 1))
        return _Part(term, min(one, two) - one * two, one * two)

    def _tree(self, root: Op, parts: list[_Part]) -> _Part:
        queue = [(part.level, at, part) for at, part in enumerate(parts)]
        heapq.heapify(queue)
        order = len(parts)
        while len(queue) > 1:
            (_, _, one), (_, _, two) = heapq.heappop(queue), heapq.heappop(queue)
            order += 1
            total = self._plus(root, one, two)
            heapq.heappush(queue, (total.level, order, total))
        return queue[0][2]

    def _plus(self, root: Op, one: _Part, two: _Part) -> _Part:
        assert root.result is not None
        low, high = one.low + two.low, one.high + two.high
        bits = min(root.result.width_bits, _bits(low, high))
        total = self._make(root, "add", (self._to(root, one.term, bits), self._to(root, two.term, bits)), bits)
        return _Part(Term(total), low, high, max(one.level, two.level) + 1)

    def _to(self, root: Op, term: Term, width: int) -> Operand:
        """`term` as a number of `width` bits."""
        operand = term.operand
        if isinstance(operand, Const):
            return extended(operand, width, unsigned=term.unsigned)
        if operand.width_bits == width:
            return operand
        if operand.width_bits > width:
            return self._make(root, "trunc", (operand,), width)
        return self._make(root, "zext" if term.unsigned else "sext", (operand,), width)

    def _make(self, root: Op, opcode: str, operands: tuple[Operand, ...], width: int) -> Ref:
        assert root.result is not None
        number = 1 + len(self.made)
        while (name := f"{root.result.name}.chain{number}") in self.names:
            number += 1
        self.names.add(name)
        result = Ref(name, width)
        self.made.append(Op(id=self.next_id, opcode=opcode, result=result, operands=operands, location=root.location))
        self.next_id += 1
        return result
