"""Turn a function of the IR into a Python generator function: the inner part of the interpreter."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from csynth.errors import InterpretError
from csynth.ir.model import Block, Branch, Const, Function, Jump, Op, Operand, PortKind, Program
from csynth.ir.waiting import Wait

_PLAIN = {"add": "+", "sub": "-", "mul": "*", "and": "&", "or": "|", "xor": "^"}
_COMPARE = {"eq": "==", "ne": "!=", "ult": "<", "ule": "<=", "ugt": ">", "uge": ">="}
_SIGNED = {"slt": "<", "sle": "<=", "sgt": ">", "sge": ">="}


def signed(value: int, width_bits: int) -> int:
    """The two's-complement number whose pattern is `value`."""
    return value - ((value >> (width_bits - 1)) << width_bits)


def _divide(a: int, b: int) -> int:
    quotient = abs(a) // abs(b) if b else 0
    return -quotient if (a < 0) != (b < 0) else quotient


def _lanes(old: int, new: int, mask: int, lane_bits: int) -> int:
    """`old` with the lanes that `mask` selects taken from `new`."""
    bits, lane = 0, (1 << lane_bits) - 1
    while mask:
        lowest = (mask & -mask).bit_length() - 1
        bits |= lane << (lowest * lane_bits)
        mask &= mask - 1
    return (old & ~bits) | (new & bits)


def _remainder(a: int, b: int) -> int:
    return a - _divide(a, b) * b if b else 0


def compile_function(program: Program, function: Function) -> Callable[..., Any]:
    """Return a generator function of (machine, frame) that executes `function` and yields a `Wait` whenever it must wait."""
    return _Compiler(program, function).compile()


class _Compiler:
    def __init__(self, program: Program, function: Function) -> None:
        self.program, self.function = program, function
        self.names: dict[str, str] = {}
        self.lines: list[str] = []
        self.index = {b.name: i for i, b in enumerate(function.blocks)}

    def compile(self) -> Callable[..., Any]:
        streams = [p.name for p in self.function.ports if p.kind in (PortKind.STREAM_IN, PortKind.STREAM_OUT)]
        streams += [c.name for c in self.function.channels]
        self.queue = {name: f"q{i}" for i, name in enumerate(streams)}
        self.memory = {m.name: (f"m{i}", m.depth) for i, m in enumerate(self.function.banks)}
        emit = self.lines.append
        emit("def run(machine, frame):")
        emit("  if 0: yield")
        for name, local in self.queue.items():
            emit(f"  {local} = frame.queues[{name!r}]; d_{local} = frame.depths[{name!r}]")
        for name, (local, _) in self.memory.items():
            emit(f"  {local} = frame.memories[{name!r}]")
        emit("  block = 0; budget = machine.budget")
        emit("  while True:")
        emit("    machine.budget -= 1")
        emit("    if machine.budget < 0: too_long()")
        self._dispatch(0, len(self.function.blocks), 4)

        def too_long() -> None:
            raise InterpretError(
                "steps", f"{self.function.name} does not end", self.function.location, "Check the loops' conditions"
            )

        def outside(array: str, index: int, depth: int) -> None:
            raise InterpretError(
                "index",
                f"{self.function.name}: index {index} of {array} must be below {depth}",
                self.function.location,
                "Check the subscript",
            )

        scope: dict[str, Any] = {
            "Wait": Wait,
            "s": signed,
            "lanes": _lanes,
            "div": _divide,
            "rem": _remainder,
            "too_long": too_long,
            "outside": outside,
        }
        exec(compile("\n".join(self.lines), f"<interpreter of {self.function.name}>", "exec"), scope)  # noqa: S102 - our own text
        return scope["run"]

    def _dispatch(self, low: int, high: int, indent: int) -> None:
        pad = " " * indent
        if high - low == 1:
            self._block(self.function.blocks[low], pad)
            return
        middle = (low + high) // 2
        self.lines.append(f"{pad}if block < {middle}:")
        self._dispatch(low, middle, indent + 1)
        self.lines.append(f"{pad}else:")
        self._dispatch(middle, high, indent + 1)

    def _value(self, operand: Operand) -> str:
        if isinstance(operand, Const):
            return str(operand.value)
        return self.names.setdefault(operand.name, f"v{len(self.names)}")

    def _signed(self, operand: Operand) -> str:
        if isinstance(operand, Const):
            return f"({signed(operand.value, operand.width_bits)})"
        v, w = self._value(operand), operand.width_bits
        return f"({v} - (({v} >> {w - 1}) << {w}))"

    def _block(self, block: Block, pad: str) -> None:
        self.lines.append(f"{pad}# {block.name}")
        for op in block.ops:
            self._op(op, pad)
        terminator = block.terminator
        if isinstance(terminator, Jump):
            self._go(block.name, terminator.target, pad)
        elif isinstance(terminator, Branch):
            self.lines.append(f"{pad}if {self._value(terminator.condition)}:")
            self._go(block.name, terminator.then_target, pad + " ")
            self.lines.append(f"{pad}else:")
            self._go(block.name, terminator.else_target, pad + " ")
        else:
            self.lines.append(f"{pad}return")

    def _go(self, source: str, target: str, pad: str) -> None:
        phis = next(b for b in self.function.blocks if b.name == target).phis
        if phis:
            left = ", ".join(self._value(p.result) for p in phis)
            right = ", ".join(self._value(dict(p.incoming)[source]) for p in phis)
            self.lines.append(f"{pad}{left} = {right}")
        self.lines.append(f"{pad}block = {self.index[target]}")

    def _op(self, op: Op, pad: str) -> None:
        emit = self.lines.append
        result = self._value(op.result) if op.result else "_"
        width = op.result.width_bits if op.result else 1
        body = pad
        if op.predicate is not None:
            if op.result:
                emit(f"{pad}{result} = 0")
            emit(f"{pad}if {self._value(op.predicate)}:")
            body += " "
        code = op.opcode
        a = [self._value(o) for o in op.operands]
        if code in {"load", "store"}:
            local, depth = self.memory[op.target or ""]
            index = a[0]
            if depth == 1:
                index = "0"
            elif not isinstance(op.operands[0], Const) and (1 << op.operands[0].width_bits) > depth:
                # An unused speculative load may go astray; what it returns is undefined, a store must not.
                if code == "load":
                    emit(f"{body}{result} = {local}[{index}] if {index} < {depth} else 0")
                    return
                emit(f"{body}if {index} >= {depth}: outside({op.target!r}, {index}, {depth})")
            if len(a) == 3:
                lane_bits = op.operands[1].width_bits // op.operands[2].width_bits
                a[1] = f"lanes({local}[{index}], {a[1]}, {a[2]}, {lane_bits})"
            emit(f"{body}{result} = {local}[{index}]" if code == "load" else f"{body}{local}[{index}] = {a[1]}")
        elif code in {"dsp_mac", "dsp_mac_sub"}:
            word = f"{self.memory[op.target or ''][0]}[0]"
            product = f"{self._signed(op.operands[0])} * {self._signed(op.operands[1])}"
            sign = "-" if code == "dsp_mac_sub" else "+"
            emit(f"{body}{result} = {word} = (({a[3]} if {a[2]} else {word}) {sign} {product}) & {(1 << width) - 1}")
        elif code in {"read", "write", "read_nb", "write_nb", "empty", "full"}:
            self._stream(op, body, result, a)
        elif code == "scalar":
            emit(f"{body}{result} = frame.scalars[{op.target!r}]")
        elif code == "set":
            emit(f"{body}frame.outputs[{op.target!r}] = {a[0]}")
        elif code == "call":
            links = {b.formal: b.actual for b in op.bindings}
            emit(f"{body}callee = machine.enter(frame, {op.target!r}, {op.target!r}, [{', '.join(a)}], {links!r})")
            emit(f"{body}yield from machine.start(machine.functions[{op.target!r}], callee)")
            if op.result:
                shift, parts = 0, []
                for port in self.program.function(op.target or "").outputs:
                    parts.append(f"(callee.outputs.get({port.name!r}, 0) << {shift})")
                    shift += port.width_bits
                emit(f"{body}{result} = {' | '.join(parts)}")
        else:
            emit(f"{body}{result} = {self._expression(op, width, a)}")

    def _stream(self, op: Op, pad: str, result: str, a: list[str]) -> None:
        emit = self.lines.append
        q = self.queue[op.target or ""]
        who = repr(self.function.name)
        if op.opcode == "read":
            emit(f"{pad}while not {q}: yield Wait({who}, {op.target!r}, {q})")
            emit(f"{pad}{result} = {q}.popleft()")
        elif op.opcode == "write":
            emit(f"{pad}if d_{q} is not None:")
            emit(f"{pad} while len({q}) >= d_{q}: yield Wait({who}, {op.target!r}, {q}, d_{q})")
            emit(f"{pad}{q}.append({a[0]})")
        elif op.opcode == "read_nb":
            data = op.result.width_bits - 1 if op.result else 0
            emit(f"{pad}{result} = {q}.popleft() | {1 << data} if {q} else 0")
        elif op.opcode == "write_nb":
            emit(f"{pad}{result} = int(d_{q} is None or len({q}) < d_{q})")
            emit(f"{pad}if {result}: {q}.append({a[0]})")
        elif op.opcode == "empty":
            emit(f"{pad}{result} = int(not {q})")
        else:
            emit(f"{pad}{result} = int(d_{q} is not None and len({q}) >= d_{q})")

    def _expression(self, op: Op, width: int, a: list[str]) -> str:
        code, mask = op.opcode, (1 << width) - 1
        if code in {"and", "or", "xor"}:
            return f"{a[0]} {_PLAIN[code]} {a[1]}"
        if code in _PLAIN:
            return f"({a[0]} {_PLAIN[code]} {a[1]}) & {mask}"
        if code in _COMPARE:
            return f"int({a[0]} {_COMPARE[code]} {a[1]})"
        if code in _SIGNED:
            return f"int({self._signed(op.operands[0])} {_SIGNED[code]} {self._signed(op.operands[1])})"
        if code == "smul":
            return f"({self._signed(op.operands[0])} * {self._signed(op.operands[1])}) & {mask}"
        if code == "umul":
            return f"({a[0]} * {a[1]}) & {mask}"
        if code in {"dsp_mul_add", "dsp_mul_sub"}:
            sign = "-" if code == "dsp_mul_sub" else "+"
            return f"({a[2]} {sign} {self._signed(op.operands[0])} * {self._signed(op.operands[1])}) & {mask}"
        if code == "dsp_preadd_mul_add":
            one, other, factor = (self._signed(operand) for operand in op.operands[:3])
            return f"({a[3]} + ({one} + {other}) * {factor}) & {mask}"
        if code == "dsp_pair":
            high, low, common = (self._signed(operand) for operand in op.operands)
            return f"({high} * {common} & 0x3FFFF) << 18 | {low} * {common} & 0x3FFFF"
        if code == "select":
            return f"{a[1]} if {a[0]} else {a[2]}"
        if code == "zext":
            return a[0]
        if code == "sext":
            return f"{self._signed(op.operands[0])} & {mask}"
        if code == "trunc":
            return f"{a[0]} & {mask}"
        if code == "extract":
            return f"({a[0]} >> {op.low_bit}) & {mask}"
        if code == "concat":
            shift, parts = 0, []
            for text, operand in zip(reversed(a), reversed(op.operands), strict=True):
                parts.append(f"({text} << {shift})" if shift else text)
                shift += operand.width_bits
            return " | ".join(parts)
        if code == "shl":
            return f"({a[0]} << {a[1]}) & {mask} if {a[1]} < {width} else 0"
        if code == "lshr":
            return f"{a[0]} >> {a[1]}"
        if code == "ashr":
            return f"({self._signed(op.operands[0])} >> min({a[1]}, {width})) & {mask}"
        if code in {"udiv", "urem"}:
            return f"{a[0]} {'//' if code == 'udiv' else '%'} {a[1]} if {a[1]} else 0"
        if code in {"sdiv", "srem"}:
            call = "div" if code == "sdiv" else "rem"
            return f"{call}({self._signed(op.operands[0])}, {self._signed(op.operands[1])}) & {mask}"
        raise InterpretError("opcode", f"{self.function.name}: opcode {code!r} is not one of the IR", op.location)
