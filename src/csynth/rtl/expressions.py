"""Verilog expressions of the combinational operators."""

from __future__ import annotations

from csynth.dsp.products import factor_value, is_constant_product_cheap, signed_digits
from csynth.ir.model import Const, Op
from csynth.rtl.text import is_name, literal

_BINARY = {"add": "+", "sub": "-", "and": "&", "or": "|", "xor": "^"}
_COMPARE = {
    "eq": "==", "ne": "!=", "ult": "<", "ule": "<=", "ugt": ">", "uge": ">=", "slt": "<", "sle": "<=", "sgt": ">", "sge": ">=",
}  # fmt: skip


def extend(text: str, from_bits: int, to_bits: int, *, signed: bool) -> str:
    """`text` widened to `to_bits`."""
    if to_bits == from_bits:
        return text
    if not signed:
        return f"{{{literal(0, to_bits - from_bits)}, {text}}}"
    sign = f"{text}[{from_bits - 1}]" if from_bits > 1 else text
    return f"{{{{{to_bits - from_bits}{{{sign}}}}}, {text}}}"


def slice_of(text: str, from_bits: int, low_bit: int, width_bits: int) -> str:
    """Bits low_bit .. low_bit + width_bits - 1 of the name `text`."""
    if width_bits == from_bits:
        return text
    return f"{text}[{low_bit}]" if width_bits == 1 else f"{text}[{low_bit + width_bits - 1}:{low_bit}]"


def resize(text: str, from_bits: int, to_bits: int) -> str:
    """`text` (a name or a literal) cut or zero-extended to `to_bits`."""
    if to_bits <= from_bits:
        if is_name(text):
            return slice_of(text, from_bits, 0, to_bits)
        value = text.split("'")[1]
        number = int(value[1:], 16 if value[0] == "h" else 10)
        return literal(number, to_bits)
    return extend(text, from_bits, to_bits, signed=False)


def _fabric_product(a: str, b: str, width_a: int, width_b: int, width: int, *, signed: bool) -> str:
    """Sum of shifted terms, which no synthesis tool maps to a DSP."""
    wide = extend(a, width_a, width, signed=signed) if width >= width_a else slice_of(a, width_a, 0, width)
    terms = []
    for bit in range(min(width_b, width)):
        select = f"{b}[{bit}]" if width_b > 1 else b
        term = f"({{{width}{{{select}}}}} & {f'({wide} << {bit})' if bit else wide})"
        negative = signed and bit == width_b - 1
        terms.append(f"- {term}" if negative else f"+ {term}" if terms else term)
    return " ".join(terms)


def _fabric_constant_product(a: str, width_a: int, value: int, width: int, *, signed: bool) -> str:
    """`a` times the constant `value` as a sum of shifted terms."""
    wide = extend(a, width_a, width, signed=signed) if width >= width_a else slice_of(a, width_a, 0, width)
    terms = [(digit, bit) for digit, bit in signed_digits(value) if bit < width]
    if not terms:
        return literal(0, width)
    terms.sort(key=lambda term: -term[0])  # one that is added first, where there is one
    texts = [("+" if digit > 0 else "-", f"({wide} << {bit})" if bit else wide) for digit, bit in terms]
    first = texts[0][1] if texts[0][0] == "+" else f"-{texts[0][1]}"
    return first + "".join(f" {sign} {text}" for sign, text in texts[1:])


def _product(op: Op, operands: list[str], width: int) -> str:
    width_a, width_b = (operand.width_bits for operand in op.operands)
    signed = op.opcode == "smul"
    a, b = operands
    constant = op.operands[1]
    if isinstance(constant, Const) and constant.value and is_name(a):
        cheap = op.impl == "auto" and is_constant_product_cheap(constant, op.opcode)
        if cheap or op.impl == "fabric":
            return _fabric_constant_product(a, width_a, factor_value(constant, op.opcode), width, signed=signed)
    if op.impl == "fabric" and is_name(a) and is_name(b):
        if width_b > width_a:
            a, b, width_a, width_b = b, a, width_b, width_a
        return _fabric_product(a, b, width_a, width_b, width, signed=signed)
    texts = []
    for text, bits in ((a, width_a), (b, width_b)):
        if not is_name(text):
            value = int(text.split("'")[1][1:], 16 if text.split("'")[1][0] == "h" else 10)
            texts.append(literal(value - (1 << bits) if signed and value >> (bits - 1) else value, width))
        elif bits > width:
            texts.append(slice_of(text, bits, 0, width))
        else:
            texts.append(extend(text, bits, width, signed=signed))
    if signed:
        return f"$signed({texts[0]}) * $signed({texts[1]})"
    return f"{texts[0]} * {texts[1]}"


def expression(op: Op, operands: list[str]) -> str:
    """The value of `op` from its operands' texts, each a name or a literal."""
    code = op.opcode
    width = op.result.width_bits if op.result else 0
    widths = [operand.width_bits for operand in op.operands]
    if code in _BINARY:
        return f"{operands[0]} {_BINARY[code]} {operands[1]}"
    if code in ("mul", "smul", "umul"):
        return _product(op, operands, width)
    if code in _COMPARE:
        if code[0] == "s":
            return f"$signed({operands[0]}) {_COMPARE[code]} $signed({operands[1]})"
        return f"{operands[0]} {_COMPARE[code]} {operands[1]}"
    if code == "select":
        return f"{operands[0]} ? {operands[1]} : {operands[2]}"
    if code in ("shl", "lshr"):
        return f"{operands[0]} {'<<' if code == 'shl' else '>>'} {operands[1]}"
    if code == "ashr":
        return f"$signed({operands[0]}) >>> {operands[1]}"
    if code in ("zext", "sext"):
        if not is_name(operands[0]):
            constant = op.operands[0]
            assert isinstance(constant, Const)
            negative = code == "sext" and constant.value >> (widths[0] - 1)
            return literal(constant.value - (1 << widths[0]) if negative else constant.value, width)
        return extend(operands[0], widths[0], width, signed=code == "sext")
    if code in ("trunc", "extract"):
        low = op.low_bit if code == "extract" else 0
        if not is_name(operands[0]):
            constant = op.operands[0]
            assert isinstance(constant, Const)
            return literal(constant.value >> low, width)
        return slice_of(operands[0], widths[0], low, width)
    if code == "concat":
        return "{" + ", ".join(operands) + "}"
    raise ValueError(f"opcode {code!r} has no Verilog expression")
