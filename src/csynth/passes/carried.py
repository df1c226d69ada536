"""Give a value that a flattened nest carries one register again.

Flattening makes two phis of a value that outlives its inner loop: one for what an outer iteration begins with, one for what the inner
loop carries, and a choice between them by the flag that an outer iteration begins. Where each of them only ever hands the newest value
on, the choice is that value of the iteration before, so that one phi does.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

from csynth.ir.model import Block, Branch, Const, Function, Op, Operand, Phi, Ref


@dataclass(frozen=True, slots=True)
class _Merged:
    choice: Op
    phi: Phi


def merge_carried(function: Function) -> Function:
    """Return an equal function; the phis that it no longer needs are left for `drop_unused`."""
    headers = {loop.header for loop in function.loops if len(loop.flattened) > 1}
    if not headers:
        return function
    uses = _uses(function)
    blocks = tuple(_merge(block, uses) if block.name in headers else block for block in function.blocks)
    return replace(function, blocks=blocks)


def _uses(function: Function) -> Counter[str]:
    """How often each value is used."""
    found: list[Operand] = []
    for block in function.blocks:
        found += [operand for phi in block.phis for _, operand in phi.incoming]
        for op in block.ops:
            found += [*op.operands, *([op.predicate] if op.predicate is not None else [])]
        if isinstance(block.terminator, Branch):
            found.append(block.terminator.condition)
    return Counter(operand.name for operand in found if isinstance(operand, Ref))


def _merge(block: Block, uses: Counter[str]) -> Block:
    phis = {phi.result.name: dict(phi.incoming) for phi in block.phis}
    ops = {op.result.name: op for op in block.ops if op.result is not None}
    while (
        found := next((m for op in block.ops if (m := _match(op, block, phis, ops, uses)) is not None), None)
    ) is not None:
        block = replace(
            block,
            phis=(*block.phis, found.phi),
            ops=tuple(op for op in block.ops if op is not found.choice),
        )
        for operand in found.choice.operands:
            if isinstance(operand, Ref):
                uses[operand.name] -= 1
        phis[found.phi.result.name] = dict(found.phi.incoming)
        del ops[found.phi.result.name]
    return block


def _match(
    op: Op, block: Block, phis: dict[str, dict[str, Operand]], ops: dict[str, Op], uses: Counter[str]
) -> _Merged | None:
    """`op` as the choice between the two phis of one value."""
    if op.opcode != "select" or op.result is None:
        return None
    names = [operand.name for operand in op.operands if isinstance(operand, Ref) and operand.name in phis]
    if len(names) != len(op.operands):
        return None
    begins, outer, inner = (phis[name] for name in names)
    entry = next(source for source in begins if source != block.name)
    flag = begins[block.name]
    if not isinstance(flag, Ref) or begins[entry] != Const(1, 1):
        return None
    kept, passed = (_select(phi[block.name], ops) for phi in (outer, inner))
    if kept is None or passed is None or kept.operands[0] != flag or passed.operands[0] != flag:
        return None
    newest = kept.operands[1]
    hands_on = kept.operands[2] == Ref(names[1], op.result.width_bits) and passed.operands[2] == newest
    # beside the choice, the outer phi keeps itself and the inner one is used nowhere
    if not hands_on or uses[names[1]] != 2 or uses[names[2]] != 1:
        return None
    return _Merged(op, Phi(result=op.result, incoming=((entry, outer[entry]), (block.name, newest))))


def _select(operand: Operand, ops: dict[str, Op]) -> Op | None:
    op = ops.get(operand.name) if isinstance(operand, Ref) else None
    return op if op is not None and op.opcode == "select" else None
