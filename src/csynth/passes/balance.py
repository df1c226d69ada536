"""Reorder sums: trees instead of chains, and what comes from the iteration before is added last.

LLVM writes a sum as a chain in an order of its own. In a pipelined loop an accumulator at the head of the chain makes
the recurrence as long as the chain; added last it takes one addition. Sums of extended numbers are formed in as
many bits as they need. All of this is exact: addition modulo 2**w is associative, and narrow sums cannot overflow.
"""

from __future__ import annotations

import heapq
from collections import Counter
from dataclasses import replace

from csynth.ir.model import Block, Branch, Const, Function, Op, Operand, Ref
from csynth.ir.rings import rings_of
from csynth.passes.sums import Sums, Term, extended, is_sum

_WIRING = frozenset({"zext", "sext", "trunc", "extract", "concat"})


def balance(function: Function) -> Function:
    """Return an equal function whose sums of three or more terms are balanced."""
    if function.is_dataflow:
        return function
    uses = uses_in(function)
    taken = {
        r.name for b in function.blocks for r in [*(p.result for p in b.phis), *(o.result for o in b.ops if o.result)]
    }
    next_id = 1 + max((op.id for block in function.blocks for op in block.ops), default=0)
    blocks = []
    for block in function.blocks:
        balancer = _BlockBalancer(block, uses, taken, next_id)
        blocks.append(balancer.run())
        next_id = balancer.next_id
    return replace(function, blocks=tuple(blocks))


def uses_in(function: Function) -> Counter[str]:
    """How often each value of `function` is used."""
    found: Counter[str] = Counter()
    for block in function.blocks:
        operands: list[Operand] = [value for phi in block.phis for _, value in phi.incoming]
        for op in block.ops:
            operands += [*op.operands, *([op.predicate] if op.predicate is not None else [])]
        if isinstance(block.terminator, Branch):
            operands.append(block.terminator.condition)
        found.update(operand.name for operand in operands if isinstance(operand, Ref))
    return found


class _BlockBalancer:
    def __init__(self, block: Block, uses: Counter[str], taken: set[str], next_id: int) -> None:
        self.block, self.taken, self.next_id = block, taken, next_id
        self.sums = Sums(block, uses)
        self.recurrence = recurrences(block)
        self.levels: dict[str, int] = {}
        self.made: list[Op] = []
        self.number = 1

    def run(self) -> Block:
        ops: list[Op] = []
        for op in self.block.ops:
            if op.result is not None:
                self.levels[op.result.name] = max((self._level(o) for o in op.operands), default=0) + (
                    op.opcode not in _WIRING
                )
            if op.result is not None and op.result.name in self.sums.inner:
                continue  # made anew, where the sum it belongs to is complete
            ops += self._rebuilt(op) if is_sum(op) else [op]
        return replace(self.block, ops=tuple(ops))

    def _level(self, operand: Operand) -> int:
        return self.levels.get(operand.name, 0) if isinstance(operand, Ref) else 0

    def _rebuilt(self, op: Op) -> list[Op]:
        """The ops of the sum that ends in `op`; `op` itself when it has only two terms."""
        assert op.result is not None
        terms = self.sums.terms(op)
        if len(terms) < 3:
            return [op]
        ring = self.recurrence.get(op.result.name)

        def is_late(term: Term) -> bool:
            operand = term.operand
            return ring is not None and isinstance(operand, Ref) and self.recurrence.get(operand.name) == ring

        width = op.result.width_bits
        self.made, self.number = [], 1
        late = [self._extended(op, term, width) for term in terms if is_late(term)]
        queue = [(self._level(term.operand), i, term) for i, term in enumerate(terms) if not is_late(term)]
        heapq.heapify(queue)
        order = len(terms)
        last_two = 0 if late else 2
        while len(queue) > max(last_two, 1):
            (level_a, _, a), (level_b, _, b) = heapq.heappop(queue), heapq.heappop(queue)
            bits, unsigned = a.plus(b, width)
            order += 1
            heapq.heappush(queue, (max(level_a, level_b) + 1, order, Term(self._add(op, a, b, bits), unsigned)))
        rest = [self._extended(op, term, width) for _, _, term in queue] + late
        total = rest[0]
        for operand in rest[1:-1]:
            total = self._add(op, Term(total), Term(operand), width)
        made = [*self.made, replace(op, operands=(total, rest[-1]))]
        self.levels[op.result.name] = max(self._level(total), self._level(rest[-1])) + 1
        return made

    def _extended(self, root: Op, term: Term, width: int) -> Operand:
        if term.operand.width_bits == width:
            return term.operand
        if isinstance(term.operand, Const):
            return extended(term.operand, width, unsigned=term.unsigned)
        return self._make(root, "zext" if term.unsigned else "sext", (term.operand,), width)

    def _add(self, root: Op, a: Term, b: Term, width: int) -> Operand:
        return self._make(root, "add", (self._extended(root, a, width), self._extended(root, b, width)), width)

    def _make(self, root: Op, opcode: str, operands: tuple[Operand, ...], width: int) -> Ref:
        assert root.result is not None
        while f"{root.result.name}.sum{self.number}" in self.taken:
            self.number += 1
        result = Ref(f"{root.result.name}.sum{self.number}", width)
        self.taken.add(result.name)
        self.levels[result.name] = max(self._level(o) for o in operands) + (opcode not in _WIRING)
        self.made.append(Op(id=self.next_id, opcode=opcode, result=result, operands=operands, location=root.location))
        self.next_id += 1
        return result


def recurrences(block: Block) -> dict[str, int]:
    """Number the rings of values that depend on each other across iterations of a block that loops on itself."""
    arrows: dict[str, list[str]] = {}
    for op in block.ops:
        if op.result is not None:
            arrows[op.result.name] = [o.name for o in op.operands if isinstance(o, Ref)]
    for phi in block.phis:
        arrows[phi.result.name] = [o.name for source, o in phi.incoming if source == block.name and isinstance(o, Ref)]
    return rings_of(arrows)
