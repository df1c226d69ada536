"""Successors, predecessors, orders and dominators of a function's blocks."""

from __future__ import annotations

from csynth.ir.model import Block, Branch, Function, Jump


def successors(block: Block) -> tuple[str, ...]:
    """Names of the blocks that `block` may go to, without repeats."""
    terminator = block.terminator
    if isinstance(terminator, Jump):
        return (terminator.target,)
    if isinstance(terminator, Branch):
        return tuple(dict.fromkeys((terminator.then_target, terminator.else_target)))
    return ()


def predecessors(function: Function) -> dict[str, list[str]]:
    """Names of the blocks that may go to each block, in block order."""
    before: dict[str, list[str]] = {b.name: [] for b in function.blocks}
    for block in function.blocks:
        for target in successors(block):
            before[target].append(block.name)
    return before


def reverse_postorder(function: Function) -> list[str]:
    """Names of the reachable blocks, each before its successors except along back edges."""
    blocks = {b.name: b for b in function.blocks}
    entry = function.blocks[0].name
    seen, order = {entry}, []
    stack = [(entry, iter(successors(blocks[entry])))]
    while stack:
        name, rest = stack[-1]
        for target in rest:
            if target not in seen:
                seen.add(target)
                stack.append((target, iter(successors(blocks[target]))))
                break
        else:
            order.append(name)
            stack.pop()
    return order[::-1]


def dominators(function: Function) -> dict[str, set[str]]:
    """For each reachable block the blocks on every path to it, itself included."""
    order = reverse_postorder(function)
    before = predecessors(function)
    found: dict[str, set[str]] = {order[0]: {order[0]}}
    changed = True
    while changed:
        changed = False
        for name in order[1:]:
            known = [found[p] for p in before[name] if p in found]
            new = set.intersection(*known) | {name}
            if found.get(name) != new:
                found[name] = new
                changed = True
    return found
