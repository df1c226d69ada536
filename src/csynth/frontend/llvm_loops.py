"""Orders, dominators and natural loops of a function in LLVM form."""

from __future__ import annotations

from dataclasses import dataclass, field

from csynth.frontend.llvm_text import LlvmFunction


@dataclass(slots=True, eq=False)
class NaturalLoop:
    """A natural loop; `blocks` includes those of inner loops."""

    header: str
    blocks: set[str]
    latches: list[str]
    parent: NaturalLoop | None = None
    children: list[NaturalLoop] = field(default_factory=list)


def predecessors(function: LlvmFunction) -> dict[str, list[str]]:
    """Predecessors of each block in block order, without repeats."""
    before: dict[str, list[str]] = {name: [] for name in function.blocks}
    for name, block in function.blocks.items():
        for target in block.successors:
            before[target].append(name)
    return before


def reverse_postorder(function: LlvmFunction) -> list[str]:
    """Reachable blocks, each before its successors except along back edges."""
    entry = next(iter(function.blocks))
    seen, order = {entry}, []
    stack = [(entry, iter(function.blocks[entry].successors))]
    while stack:
        name, rest = stack[-1]
        for target in rest:
            if target not in seen:
                seen.add(target)
                stack.append((target, iter(function.blocks[target].successors)))
                break
        else:
            order.append(name)
            stack.pop()
    return order[::-1]


def immediate_dominators(order: list[str], before: dict[str, list[str]]) -> dict[str, str]:
    """Immediate dominator of each block of `order` (a reverse postorder); the first block is its own."""
    index = {name: at for at, name in enumerate(order)}
    found = {order[0]: order[0]}
    changed = True
    while changed:
        changed = False
        for name in order[1:]:
            known = [p for p in before[name] if p in found]
            new = known[0]
            for other in known[1:]:
                while new != other:
                    while index[new] > index[other]:
                        new = found[new]
                    while index[other] > index[new]:
                        other = found[other]
            if found.get(name) != new:
                found[name] = new
                changed = True
    return found


def dominates(above: str, below: str, idom: dict[str, str]) -> bool:
    """Whether every path to `below` passes `above`."""
    while True:
        if above == below:
            return True
        if idom[below] == below:
            return False
        below = idom[below]


def natural_loops(function: LlvmFunction) -> list[NaturalLoop]:
    """All natural loops, inner ones first."""
    before = predecessors(function)
    order = reverse_postorder(function)
    idom = immediate_dominators(order, before)
    loops: dict[str, NaturalLoop] = {}
    for name in order:
        for target in function.blocks[name].successors:
            if dominates(target, name, idom):
                loop = loops.setdefault(target, NaturalLoop(target, {target}, []))
                loop.latches.append(name)
                work = [name]
                while work:
                    at = work.pop()
                    if at not in loop.blocks:
                        loop.blocks.add(at)
                        work += [p for p in before[at] if p in idom]
    found = sorted(loops.values(), key=lambda x: len(x.blocks))
    for at, loop in enumerate(found):
        loop.parent = next((o for o in found[at + 1 :] if loop.header in o.blocks), None)
        if loop.parent:
            loop.parent.children.append(loop)
    return found


def innermost(loops: list[NaturalLoop], block: str) -> NaturalLoop | None:
    """The smallest loop that holds `block`; `loops` inner ones first."""
    return next((loop for loop in loops if block in loop.blocks), None)
