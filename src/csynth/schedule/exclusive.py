"""Tell which predicated operations can never both happen in one iteration."""

from __future__ import annotations

from collections.abc import Mapping

from csynth.ir.model import Const, Op, Operand, Ref

_MAX_LITERALS = 64


def literals(predicate: Operand | None, definitions: Mapping[str, Op]) -> frozenset[tuple[str, int]]:
    """Facts that hold whenever `predicate` is 1, as (value name, 0 or 1) and, for comparisons, (`value == `, constant)."""
    found: set[tuple[str, int]] = set()
    pending: list[tuple[Operand | None, int]] = [(predicate, 1)]
    while pending and len(found) < _MAX_LITERALS:
        operand, truth = pending.pop()
        if not isinstance(operand, Ref) or operand.width_bits != 1 or (operand.name, truth) in found:
            continue
        found.add((operand.name, truth))
        op = definitions.get(operand.name)
        if op is None:
            continue
        first, *rest = op.operands or (None,)
        if op.opcode == ("and" if truth else "or"):
            pending.extend((item, truth) for item in op.operands)
        elif op.opcode == "xor" and rest and isinstance(rest[0], Const):
            pending.append((first, truth ^ rest[0].value))
        elif op.opcode == "xor" and isinstance(first, Const):
            pending.append((rest[0], truth ^ first.value))
        elif op.opcode == "select" and truth and rest[1] == Const(0, 1):
            pending.extend(((first, 1), (rest[0], 1)))  # c && a
        elif op.opcode == "select" and not truth and rest[0] == Const(1, 1):
            pending.extend(((first, 0), (rest[1], 0)))  # !(c || a)
        elif op.opcode in ("eq", "ne") and isinstance(first, Ref) and isinstance(rest[0], Const):
            equal = (op.opcode == "eq") == bool(truth)
            if equal:
                found.add((f"{first.name} == ", rest[0].value))
            elif first.width_bits == 1:
                pending.append((first, 1 - rest[0].value))
    return frozenset(found)


def are_exclusive(one: frozenset[tuple[str, int]], two: frozenset[tuple[str, int]]) -> bool:
    """Whether two sets of facts contradict each other."""
    values = dict(one)
    return any(name in values and values[name] != value for name, value in two)
