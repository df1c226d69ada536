"""Induction variables: the step of a subscript's term in a loop, and exact trip counts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from csynth.frontend.affine import Term
from csynth.frontend.llvm_loops import NaturalLoop
from csynth.frontend.llvm_text import bits_of

if TYPE_CHECKING:
    from csynth.frontend.convert import FunctionConverter


def induction_step(owner: FunctionConverter, loop: NaturalLoop, term: Term) -> tuple[int, int] | None:
    """(step an iteration, constant ahead of the phi) of an induction term; None when it varies otherwise; (0, 0) invariant."""
    i = owner.reader.definitions.get(term.value)
    if i is None:
        return (0, 0)
    home = next((n for n, b in owner.llvm.blocks.items() if any(x is i for x in b.instructions)), "")
    if home not in loop.blocks:
        return (0, 0)
    ahead = 0
    if i.opcode == "add" and re.fullmatch(r"-?\d+", i.operands[1]):
        ahead, base = int(i.operands[1]), owner.reader.definitions.get(i.operands[0])
        if base is None or base.opcode != "phi":
            return None
        i = base
    if i.opcode != "phi" or not any(x is i for x in owner.llvm.blocks[loop.header].instructions):
        return None
    for source, text in zip(i.targets, i.operands, strict=True):
        if source in loop.blocks:
            following = owner.reader.definitions.get(text)
            if following is None or following.opcode != "add" or following.operands[0] != i.name:
                return None
            if not re.fullmatch(r"-?\d+", following.operands[1]):
                return None
            return int(following.operands[1]), ahead
    return None


def trip_count(owner: FunctionConverter, loop: NaturalLoop) -> int | None:
    """The exact number of iterations when start, step and bound are constants and there is one exit."""
    exits = [(b, t) for b in loop.blocks for t in owner.llvm.blocks[b].successors if t not in loop.blocks]
    if len(exits) != 1 or exits[0][0] not in loop.latches:
        return None
    last = owner.llvm.blocks[exits[0][0]].terminator
    define = owner.reader.definitions
    test = define.get(last.operands[0]) if last.opcode == "br" and last.operands else None
    if test is None or test.opcode != "icmp" or not re.fullmatch(r"-?\d+", test.operands[1]):
        return None
    value = define.get(test.operands[0])
    width = bits_of(test.types[0]) or 32
    ahead = 0
    if value is not None and value.opcode == "add" and re.fullmatch(r"-?\d+", value.operands[1]):
        ahead, value = int(value.operands[1]), define.get(value.operands[0])
    if (
        value is None
        or value.opcode != "phi"
        or not any(x is value for x in owner.llvm.blocks[loop.header].instructions)
    ):
        return None
    found = induction_step(owner, loop, Term(value.name, width, ""))
    start = next((t for s, t in zip(value.targets, value.operands, strict=True) if s not in loop.blocks), "")
    if found is None or found[0] == 0 or not re.fullmatch(r"-?\d+", start):
        return None
    stays = last.targets[0] in loop.blocks
    bound, mask = int(test.operands[1]) % (1 << width), (1 << width) - 1
    at = int(start)

    def signed(v: int) -> int:
        v &= mask
        return v - ((v >> (width - 1)) << width)

    for count in range(1, 1 << 22):
        now = (at + ahead) & mask
        a, b = (signed(now), signed(bound)) if test.predicate[0] == "s" else (now, bound)
        holds = {"eq": a == b, "ne": a != b, "lt": a < b, "le": a <= b, "gt": a > b, "ge": a >= b}[
            test.predicate if test.predicate in {"eq", "ne"} else test.predicate[1:]
        ]
        if holds != stays:
            return count
        at += found[0]
    return None
