"""Follow a function's control without its data: the order of its blocks, and the known operands of what it does to the outside.

Values that come from streams, scalar inputs or memories are unknown. A function whose branches need one of them has no trace.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from csynth.ir.interpret_code import signed
from csynth.ir.model import Block, Branch, Const, Function, Jump, Op, Operand, Ref

Value = int | None


class NoTraceError(Exception):
    """The order of a function's accesses depends on data, or is too long to follow."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One execution of one block: for each op of interest whether it acts, and its first operand if known."""

    block: str
    acts: tuple[tuple[Op, Value], ...]


def trace(function: Function, interest: Callable[[Op], bool], *, limit: int) -> Iterator[Visit]:
    """Yield every execution of a block, in order.

    Args:
        function: a function with blocks.
        interest: ops whose executions are wanted.
        limit: executions of blocks after which to give up.

    Raises:
        NoTraceError: a branch or a predicate needs data, or the limit is reached.
    """
    slices = _Slices(function, interest)
    blocks = {block.name: block for block in function.blocks}
    values: dict[str, Value] = {}
    block, source = function.blocks[0], ""
    for _ in range(limit):
        phis = {p.result.name: _read(dict(p.incoming)[source], values) for p in slices.phis[block.name]}
        values.update(phis)
        acts: list[tuple[Op, Value]] = []
        for op in slices.ops[block.name]:
            if op.result is not None and op.opcode not in ("read", "read_nb", "load", "call"):
                values[op.result.name] = evaluate(op, [_read(o, values) for o in op.operands])
            elif op.result is not None:
                values[op.result.name] = None
            if interest(op):
                acting = 1 if op.predicate is None else _read(op.predicate, values)
                if acting is None:
                    raise NoTraceError(f"{op.opcode} {op.target} depends on data")
                if acting:
                    acts.append((op, _read(op.operands[0], values) if op.operands else None))
        yield Visit(block.name, tuple(acts))
        following = _next(block, values)
        if following is None:
            return
        block, source = blocks[following], block.name
    raise NoTraceError("it is too long to follow")


def _next(block: Block, values: dict[str, Value]) -> str | None:
    terminator = block.terminator
    if isinstance(terminator, Jump):
        return terminator.target
    if not isinstance(terminator, Branch):
        return None
    condition = _read(terminator.condition, values)
    if condition is None:
        raise NoTraceError("a branch depends on data")
    return terminator.then_target if condition else terminator.else_target


def _read(operand: Operand, values: dict[str, Value]) -> Value:
    return operand.value if isinstance(operand, Const) else values.get(operand.name)


class _Slices:
    """What each block has to compute for its branches, predicates and interesting operands."""

    def __init__(self, function: Function, interest: Callable[[Op], bool]) -> None:
        sources: dict[str, list[Operand]] = {}
        wanted: list[Operand] = []
        for block in function.blocks:
            for phi in block.phis:
                sources[phi.result.name] = [o for _, o in phi.incoming]
            for op in block.ops:
                if op.result is not None:
                    sources[op.result.name] = list(op.operands)
                if interest(op):
                    wanted += [*op.operands[:1], *([op.predicate] if op.predicate is not None else [])]
            if isinstance(block.terminator, Branch):
                wanted.append(block.terminator.condition)
        alive: set[str] = set()
        while wanted:
            operand = wanted.pop()
            if isinstance(operand, Ref) and operand.name not in alive:
                alive.add(operand.name)
                wanted += sources.get(operand.name, [])
        self.phis = {b.name: [p for p in b.phis if p.result.name in alive] for b in function.blocks}
        self.ops = {
            b.name: [o for o in b.ops if interest(o) or (o.result is not None and o.result.name in alive)]
            for b in function.blocks
        }


_COMPARES: dict[str, Callable[[int, int], bool]] = {
    "eq": lambda a, b: a == b,
    "ne": lambda a, b: a != b,
    "ult": lambda a, b: a < b,
    "ule": lambda a, b: a <= b,
    "ugt": lambda a, b: a > b,
    "uge": lambda a, b: a >= b,
}
_ARITHMETIC: dict[str, Callable[[int, int], int]] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "umul": lambda a, b: a * b,
    "and": lambda a, b: a & b,
    "or": lambda a, b: a | b,
    "xor": lambda a, b: a ^ b,
    "udiv": lambda a, b: a // b if b else 0,
    "urem": lambda a, b: a % b if b else 0,
    "lshr": lambda a, b: a >> b,
}


def evaluate(op: Op, operands: list[Value]) -> Value:
    """The result of a pure operation, None when it is unknown."""
    assert op.result is not None
    width = op.result.width_bits
    mask = (1 << width) - 1
    if op.opcode == "select" and operands[0] is not None:
        return operands[1] if operands[0] else operands[2]
    if op.opcode == "and" and 0 in operands:
        return 0
    if op.opcode == "or" and width == 1 and 1 in operands:
        return 1
    known = [o for o in operands if o is not None]
    if len(known) != len(operands):
        return None
    numbers = [signed(v, o.width_bits) for v, o in zip(known, op.operands, strict=True)]
    if op.opcode in _COMPARES:
        return int(_COMPARES[op.opcode](known[0], known[1]))
    if op.opcode in ("slt", "sle", "sgt", "sge"):
        return int(_COMPARES["u" + op.opcode[1:]](numbers[0], numbers[1]))
    if op.opcode in _ARITHMETIC:
        return _ARITHMETIC[op.opcode](known[0], known[1]) & mask
    if op.opcode == "smul":
        return numbers[0] * numbers[1] & mask
    if op.opcode == "shl":
        return known[0] << known[1] & mask if known[1] < width else 0
    if op.opcode == "ashr":
        return numbers[0] >> min(known[1], width) & mask
    if op.opcode in ("zext", "trunc"):
        return known[0] & mask
    if op.opcode == "sext":
        return numbers[0] & mask
    if op.opcode == "extract":
        return known[0] >> op.low_bit & mask
    if op.opcode == "concat":
        total = 0
        for value, operand in zip(known, op.operands, strict=True):
            total = total << operand.width_bits | value
        return total
    return None
