"""Blocks that are never reached: branches that would lead there go where else they can."""

from __future__ import annotations

from csynth.frontend.llvm_text import Instruction, LlvmFunction


def without_unreachable(function: LlvmFunction) -> None:
    """Take blocks that hold nothing but LLVM's `unreachable` out of a function, in place.

    The optimiser has shown that no run comes there: that the cases of a switch are all values that there are, for example. The last
    case of such a switch becomes its default. Kept, the block would be a way out, after which nothing surely follows.
    """
    never = {
        name
        for name, block in function.blocks.items()
        if len(block.instructions) == 1 and block.terminator.opcode == "unreachable"
    }
    never.discard(next(iter(function.blocks)))
    for block in function.blocks.values():
        last = block.terminator
        if last.opcode == "br" and len(last.targets) > 1:
            _branch(last, never)
        elif last.opcode == "switch":
            _switch(last, never)
    reached = {target for block in function.blocks.values() for target in block.successors}
    for name in never - reached:
        del function.blocks[name]


def _branch(last: Instruction, never: set[str]) -> None:
    left = [target for target in last.targets if target not in never]
    if len(left) == 1:
        last.targets, last.operands = left, []


def _switch(last: Instruction, never: set[str]) -> None:
    default = last.targets[0]
    kept = [(case, to) for case, to in zip(last.cases, last.targets[1:], strict=True) if to not in never]
    if default in never:
        if not kept:
            return
        default = kept.pop()[1]
    last.cases, last.targets = [case for case, _ in kept], [default, *(to for _, to in kept)]
    if not kept:
        last.opcode, last.operands = "br", []
