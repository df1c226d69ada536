"""Make operators that an allocation limits calls of a module, which then shares its instances as any function does."""

from __future__ import annotations

from dataclasses import dataclass, replace

from csynth.errors import UnsupportedError
from csynth.ir.model import (
    Block,
    Const,
    Function,
    Limit,
    Location,
    Op,
    Operand,
    Port,
    PortKind,
    Program,
    Ref,
    Return,
)

_PRODUCTS = frozenset({"mul", "smul", "umul"})


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorLimit:
    """`#pragma HLS allocation operation instances=<operation> limit=<count>` in `function`."""

    function: str
    operation: str
    count: int
    location: Location | None


def outline(program: Program, limits: list[OperatorLimit]) -> Program:
    """Let each limited function call a module in place of its operators, when it has more of them than allowed.

    Operators with a constant operand do not count: they cost no multiplier, or less than the multiplexers would.

    Raises:
        UnsupportedError: bind_op asks different things of operators that must share.
    """
    functions = list(program.functions)
    for limit in limits:
        at = next(k for k, f in enumerate(functions) if f.name == limit.function)
        changed, module = _outlined(functions[at], limit, {f.name for f in functions})
        if module is not None:
            functions[at] = changed
            functions.append(module)
    return replace(program, functions=tuple(functions))


def _outlined(function: Function, limit: OperatorLimit, taken: set[str]) -> tuple[Function, Function | None]:
    codes = _PRODUCTS if limit.operation == "mul" else {limit.operation}
    found = [
        op
        for block in function.blocks
        for op in block.ops
        if op.opcode in codes and not any(isinstance(operand, Const) for operand in op.operands)
    ]
    if len(found) <= limit.count:
        return function, None
    if len({(op.impl, op.latency) for op in found}) > 1:
        raise UnsupportedError(
            "allocation",
            f"pragma HLS allocation: the operators {limit.operation!r} of {function.name!r} share {limit.count}, and bind_op asks different"
            " things of them",
            limit.location,
            "Use one impl and latency for all of them",
        )
    first, second, result = _widths(found)
    name, number = f"{function.name}_{limit.operation}_{first}x{second}", 1
    while name in taken:
        number += 1
        name = f"{function.name}_{limit.operation}_{first}x{second}_{number}"
    module = _module(name, limit, found[0], first, second, result)
    wanted = {op.id for op in found}
    maker = _Maker(max(op.id for block in function.blocks for op in block.ops))
    blocks = tuple(
        replace(
            block, ops=tuple(new for op in block.ops for new in (maker.call(op, module) if op.id in wanted else (op,)))
        )
        for block in function.blocks
    )
    own = Limit(function=name, count=limit.count, location=limit.location)
    return replace(function, blocks=blocks, limits=(*function.limits, own)), module


def _ordered(op: Op) -> tuple[Operand, Operand]:
    """Operands of `op`, the wider one of a product first."""
    first, second = op.operands
    if op.opcode in _PRODUCTS and second.width_bits > first.width_bits:
        return second, first
    return first, second


def _widths(ops: list[Op]) -> tuple[int, int, int]:
    """Widths of the operands and the result of an operator that can stand for all `ops`."""
    spare = [int(op.opcode == "umul") for op in ops]
    first = max(_ordered(op)[0].width_bits + s for op, s in zip(ops, spare, strict=True))
    second = max(_ordered(op)[1].width_bits + s for op, s in zip(ops, spare, strict=True))
    result = max(op.result.width_bits for op in ops if op.result is not None)
    if ops[0].opcode not in _PRODUCTS:
        first = second = result = max(first, second, result)
    return first, second, result


def _module(name: str, limit: OperatorLimit, sample: Op, first: int, second: int, result: int) -> Function:
    a, b, c = Ref("a", first), Ref("b", second), Ref("c", result)
    opcode = "smul" if sample.opcode in _PRODUCTS else sample.opcode
    port = Port(name="a", kind=PortKind.SCALAR_IN, width_bits=first, location=limit.location)
    ops = (
        Op(id=1, opcode="scalar", result=a, target="a"),
        Op(id=2, opcode="scalar", result=b, target="b"),
        replace(sample, id=3, opcode=opcode, result=c, operands=(a, b), location=limit.location),
        Op(id=4, opcode="set", operands=(c,), target="ap_return", location=limit.location),
    )
    return Function(
        name=name,
        ports=(
            port,
            replace(port, name="b", width_bits=second),
            replace(port, name="ap_return", kind=PortKind.SCALAR_OUT, width_bits=result),
        ),
        blocks=(Block(name="body", ops=ops, terminator=Return()),),
        timing="static",
        location=limit.location,
    )


class _Maker:
    """Makes the ops of the calls, with ids above those that are there."""

    def __init__(self, last_id: int) -> None:
        self.last_id = last_id

    def call(self, op: Op, module: Function) -> tuple[Op, ...]:
        """The call that replaces `op`, with what fits its operands and its result."""
        assert op.result is not None
        made: list[Op] = []
        operands: list[Operand] = []
        signed = op.opcode in {"smul", "sdiv", "srem"}
        for number, (operand, port) in enumerate(zip(_ordered(op), module.ports[:2], strict=True)):
            if operand.width_bits != port.width_bits:
                wide = Ref(f"{op.result.name}.operand{number}", port.width_bits)
                self.last_id += 1
                made.append(
                    Op(
                        id=self.last_id,
                        opcode="sext" if signed else "zext",
                        result=wide,
                        operands=(operand,),
                        location=op.location,
                    )
                )
                operand = wide
            operands.append(operand)
        width = module.ports[2].width_bits
        whole = op.result if width == op.result.width_bits else Ref(f"{op.result.name}.whole", width)
        made.append(
            Op(
                id=op.id,
                opcode="call",
                result=whole,
                operands=tuple(operands),
                target=module.name,
                location=op.location,
            )
        )
        if whole is not op.result:
            self.last_id += 1
            made.append(Op(id=self.last_id, opcode="trunc", result=op.result, operands=(whole,), location=op.location))
        return tuple(made)
