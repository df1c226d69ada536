"""Tie `#pragma HLS bind_op` to operations: each marked one becomes a call, which LLVM's passes move and copy but never take apart.

A mark names a variable; it means the operations whose results are stored there, apart from conversions and shifts by constants. The call
`hls.bind.<op>.<impl>.<latency>.i<width>` carries the wish until `convert` makes an op of it.

Reference: UG1399, "pragma HLS bind_op".
"""

from __future__ import annotations

import re

from csynth.errors import UnsupportedError
from csynth.frontend.affine import AddressReader
from csynth.frontend.llvm_text import Instruction, LlvmFunction, Module
from csynth.frontend.regions import VariableMark

MAX_LATENCY_CYCLES = 4
_THROUGH = frozenset({"zext", "sext", "trunc", "freeze"})
_THROUGH_WITH_CONSTANT = frozenset({"and", "shl", "lshr", "ashr"})  # how LLVM cuts, extends and scales a value
_EFFECTS = "nounwind willreturn speculatable memory(none)"
_LINE = re.compile(r"^( +)(%\S+) = (add|sub|mul) (?:nuw |nsw )*(i\d+) (\S+), ([^,\s]+)(.*)$")


def bind_operators(text: str, module: Module, function: LlvmFunction, marks: list[VariableMark]) -> str:
    """Return the IR text of `function` with every marked operation as a call.

    Args:
        text: the text that `function` was read from, with no other function of a body.
        module: the module that the function belongs to.
        function: the function, its marked variables still in memory.
        marks: its marks of kind bind_op.

    Raises:
        UnsupportedError: a mark's latency is out of range, or nothing that it could mean is stored to its variable.
    """
    wishes: dict[str, str] = {}
    for mark in marks:
        wish = _wish(mark)
        for name in _operations(module, function, mark):
            if wishes.setdefault(name, wish) != wish:
                raise UnsupportedError(
                    "bind_op",
                    f"pragma HLS bind_op: variable {mark.pragma.options['variable']!r} takes the result of an operation that another "
                    "bind_op asks something else of",
                    mark.pragma.location,
                    "Keep one of the two",
                )
    if not wishes:
        return text
    declared: set[str] = set()
    left_over = set(wishes)
    out = []
    for line in text.split("\n"):
        match = _LINE.match(line)
        if match is not None and match.group(2) in wishes:
            pad, name, opcode, kind, left, right, rest = match.groups()
            callee = f"hls.bind.{opcode}.{wishes[name]}.{kind}"
            left_over.discard(name)
            declared.add(f"declare {kind} @{callee}({kind}, {kind}) {_EFFECTS}")
            line = f"{pad}{name} = call {kind} @{callee}({kind} {left}, {kind} {right}){rest}"
        out.append(line)
    assert not left_over, left_over
    return "\n".join([*out, *sorted(declared), ""])


def refuse_operators(marks: list[VariableMark]) -> None:
    """Refuse marks in a function that has no operations of its own, a dataflow region.

    Raises:
        UnsupportedError: there is a mark.
    """
    for mark in marks:
        raise UnsupportedError(
            "bind_op_place",
            "pragma HLS bind_op stands in a dataflow region",
            mark.pragma.location,
            "Put it into the function that computes the value",
        )


def parsed(callee: str) -> tuple[str, str, int | None]:
    """Opcode, impl and latency [cycles] of a call that `bind_operators` made."""
    _, _, opcode, impl, latency, _ = callee.split(".")
    return opcode, impl, None if latency == "any" else int(latency)


def _wish(mark: VariableMark) -> str:
    """Impl and latency that a mark asks for, as a part of a callee's name."""
    if not -1 <= mark.first <= MAX_LATENCY_CYCLES:
        raise UnsupportedError(
            "pragma_value",
            f"pragma HLS bind_op: latency is {mark.first}; must be between 0 and {MAX_LATENCY_CYCLES}, or -1 for any",
            mark.pragma.location,
            f"Use latency={MAX_LATENCY_CYCLES if mark.first > 0 else 0}",
        )
    return f"{mark.pragma.options.get('impl', 'auto')}.{'any' if mark.first < 0 else mark.first}"


def _operations(module: Module, function: LlvmFunction, mark: VariableMark) -> list[str]:
    """Names of the operations that `mark` means."""
    reader = AddressReader(module, function)
    wanted = mark.pragma.options["op"]
    stored: dict[str, Instruction] = {}
    for block in function.blocks.values():
        for i in block.instructions:
            if i.opcode == "store" and reader.address(i.operands[1]).base == mark.base:
                stored.update(_sources(i.operands[0], reader.definitions))
    found = [name for name, i in stored.items() if _is(i, wanted)]
    if not found:
        others = sorted({i.opcode for i in stored.values() if i.opcode in {"add", "sub", "mul"}})
        reason = f"the last operation of its value is {' or '.join(others)}" if others else "none is left of its value"
        raise UnsupportedError(
            "bind_op",
            f"pragma HLS bind_op: variable {mark.pragma.options['variable']!r} is given no result of op={wanted}: {reason}",
            mark.pragma.location,
            f"Assign the result of one {wanted} of two values to the variable, or remove the pragma",
        )
    return found


def _is(i: Instruction, wanted: str) -> bool:
    """Whether `i` is the wanted operation; LLVM writes `x - 5` as the sum of x and -5, which it stays."""
    return i.opcode == wanted or (wanted == "sub" and i.opcode == "add" and i.operands[1].startswith("-"))


def _sources(value: str, definitions: dict[str, Instruction]) -> dict[str, Instruction]:
    """What computes `value`, seen through conversions and choices."""
    found: dict[str, Instruction] = {}
    seen: set[str] = set()
    work = [value]
    while work:
        name = work.pop()
        i = definitions.get(name)
        if i is None or name in seen:
            continue
        seen.add(name)
        if i.opcode in _THROUGH or (i.opcode in _THROUGH_WITH_CONSTANT and not i.operands[1].startswith("%")):
            work.append(i.operands[0])
        elif i.opcode == "phi":
            work += i.operands
        elif i.opcode == "select":
            work += i.operands[1:]
        else:
            found[name] = i
    return found
