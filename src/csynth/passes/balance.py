"""Reorder sums: trees instead of chains, and what comes from the iteration before is added last.

LLVM writes a sum as a chain in an order of its own. In a pipelined loop an accumulator at the head of the chain makes
the recurrence as long as the chain; added last it takes one addition. Sums of sign-extended numbers are formed in as
many bits as they need. All of this is exact: addition modulo 2**w is associative, and narrow sums cannot overflow.
"""

from __future__ import annotations

import heapq
from collections import Counter
from dataclasses import replace

from csynth.ir.model import Block, Branch, Function, Op, Operand, Ref

_WIRING = frozenset({"zext", "sext", "trunc", "extract", "concat"})


def balance(function: Function) -> Function:
    """Return an equal function whose sums of three or more terms are balanced."""
    if function.is_dataflow:
        return function
    uses = _uses(function)
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


def _uses(function: Function) -> Counter[str]:
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
        self.block, self.uses, self.taken, self.next_id = block, uses, taken, next_id
        self.defined = {op.result.name: op for op in block.ops if op.result is not None}
        self.recurrence = _recurrences(block)
        self.levels: dict[str, int] = {}
        self.made: list[Op] = []

    def run(self) -> Block:
        inner = {
            operand.name
            for op in self.block.ops
            if _is_sum(op)
            for operand in op.operands
            if isinstance(operand, Ref) and self._continues(operand, op)
        }
        ops: list[Op] = []
        for op in self.block.ops:
            if op.result is not None:
                self.levels[op.result.name] = max((self._level(o) for o in op.operands), default=0) + (
                    op.opcode not in _WIRING
                )
            if op.result is not None and op.result.name in inner:
                continue  # made anew, where the sum it belongs to is complete
            ops += self._rebuilt(op) if _is_sum(op) else [op]
        return replace(self.block, ops=tuple(ops))

    def _continues(self, operand: Ref, parent: Op) -> bool:
        op = self.defined.get(operand.name)
        return (
            op is not None
            and _is_sum(op)
            and self.uses[operand.name] == 1
            and operand.width_bits == parent.result.width_bits  # type: ignore[union-attr]
        )

    def _terms(self, op: Op) -> list[Operand]:
        found: list[Operand] = []
        waiting = list(reversed(op.operands))
        while waiting:
            operand = waiting.pop()
            if isinstance(operand, Ref) and self._continues(operand, op):
                waiting += reversed(self.defined[operand.name].operands)
            else:
                found.append(operand)
        return found

    def _level(self, operand: Operand) -> int:
        return self.levels.get(operand.name, 0) if isinstance(operand, Ref) else 0

    def _rebuilt(self, op: Op) -> list[Op]:
        """The ops of the sum that ends in `op`; `op` itself when it has only two terms."""
        assert op.result is not None
        terms = self._terms(op)
        if len(terms) < 3:
            return [op]
        ring = self.recurrence.get(op.result.name)
        late = [t for t in terms if ring is not None and isinstance(t, Ref) and self.recurrence.get(t.name) == ring]
        self.made = []
        queue = [
            (self._level(t), i, self._narrow(t)) for i, t in enumerate(terms) if not any(t is other for other in late)
        ]
        heapq.heapify(queue)
        order = len(terms)
        last_two = 0 if late else 2
        while len(queue) > max(last_two, 1):
            (level_a, _, a), (level_b, _, b) = heapq.heappop(queue), heapq.heappop(queue)
            width = min(op.result.width_bits, max(a.width_bits, b.width_bits) + 1)
            order += 1
            heapq.heappush(queue, (max(level_a, level_b) + 1, order, self._add(op, a, b, width)))
        rest = [self._extended(op, value, op.result.width_bits) for _, _, value in queue] + late
        total = rest[0]
        for term in rest[1:-1]:
            total = self._add(op, total, term, op.result.width_bits)
        made = [*self.made, replace(op, operands=(total, rest[-1]))]
        self.levels[op.result.name] = max(self._level(total), self._level(rest[-1])) + 1
        return made

    def _narrow(self, operand: Operand) -> Operand:
        op = self.defined.get(operand.name) if isinstance(operand, Ref) else None
        return op.operands[0] if op is not None and op.opcode == "sext" else operand

    def _extended(self, root: Op, value: Operand, width: int) -> Operand:
        if value.width_bits == width:
            return value
        return self._make(root, "sext", (value,), width)

    def _add(self, root: Op, a: Operand, b: Operand, width: int) -> Operand:
        return self._make(root, "add", (self._extended(root, a, width), self._extended(root, b, width)), width)

    def _make(self, root: Op, opcode: str, operands: tuple[Operand, ...], width: int) -> Ref:
        assert root.result is not None
        number = 1
        while f"{root.result.name}.sum{number}" in self.taken:
            number += 1
        result = Ref(f"{root.result.name}.sum{number}", width)
        self.taken.add(result.name)
        self.levels[result.name] = max(self._level(o) for o in operands) + (opcode not in _WIRING)
        self.made.append(Op(id=self.next_id, opcode=opcode, result=result, operands=operands, location=root.location))
        self.next_id += 1
        return result


def _is_sum(op: Op) -> bool:
    return op.opcode == "add" and op.impl == "auto" and op.latency is None and op.result is not None


def _recurrences(block: Block) -> dict[str, int]:
    """Number the rings of values that depend on each other across iterations of a block that loops on itself."""
    arrows: dict[str, list[str]] = {}
    for op in block.ops:
        if op.result is not None:
            arrows[op.result.name] = [o.name for o in op.operands if isinstance(o, Ref)]
    for phi in block.phis:
        arrows[phi.result.name] = [o.name for source, o in phi.incoming if source == block.name and isinstance(o, Ref)]
    rings: dict[str, int] = {}
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    on_stack: set[str] = set()
    for start, first in arrows.items():
        if start in index:
            continue
        walk = [(start, iter(first))]
        index[start] = low[start] = len(index)
        stack.append(start)
        on_stack.add(start)
        while walk:
            name, following = walk[-1]
            for after in following:
                if after not in arrows:
                    continue
                if after not in index:
                    index[after] = low[after] = len(index)
                    stack.append(after)
                    on_stack.add(after)
                    walk.append((after, iter(arrows[after])))
                    break
                if after in on_stack:
                    low[name] = min(low[name], index[after])
            else:
                walk.pop()
                if walk:
                    low[walk[-1][0]] = min(low[walk[-1][0]], low[name])
                if low[name] == index[name]:
                    members = stack[stack.index(name) :]
                    del stack[-len(members) :]
                    on_stack.difference_update(members)
                    if len(members) > 1:
                        rings.update(dict.fromkeys(members, index[name]))
    return rings
