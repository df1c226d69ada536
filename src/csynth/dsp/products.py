"""Products as one cell sees them: signed factors that fit its ports."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from csynth.dsp.cells import A_BITS
from csynth.ir.model import Const, Op, Operand, Ref
from csynth.part import DSP48E2, Multiplier

PRODUCTS = frozenset({"smul", "umul"})
_SMALLEST_PRODUCT_BITS = 9  # yosys leaves smaller ones in LUTs


def signed_digits(value: int) -> tuple[tuple[int, int], ...]:
    """The fewest (digit, bit) with digits 1 and -1 whose sum of digit * 2^bit is `value` (the non-adjacent form)."""
    found, bit = [], 0
    while value:
        if value & 1:
            digit = 2 - (value & 3)
            found.append((digit, bit))
            value -= digit
        value >>= 1
        bit += 1
    return tuple(found)


def factor_value(constant: Const, opcode: str) -> int:
    """The number that `constant` is as a factor of a product: not negative in `umul`."""
    negative = opcode != "umul" and constant.value >> (constant.width_bits - 1)
    return constant.value - (1 << constant.width_bits) if negative else constant.value


def is_constant_product_cheap(constant: Const, opcode: str) -> bool:
    """Whether multiplying by `constant` takes at most three shifted terms."""
    return len(signed_digits(factor_value(constant, opcode))) <= 3


def signed_bits(op: Op) -> tuple[int, int]:
    """Widths of a product's factors as signed numbers."""
    extra = 1 if op.opcode == "umul" else 0
    return op.operands[0].width_bits + extra, op.operands[1].width_bits + extra


def fits_cell(op: Op, multiplier: Multiplier) -> bool:
    """Whether the product `op` belongs into one `multiplier`: its factors fit the ports, and LUTs would not do it as well."""
    if op.opcode not in PRODUCTS or op.impl == "fabric" or op.result is None:
        return False
    small, large = sorted(signed_bits(op))
    if small > multiplier.b_bits or large > multiplier.a_bits:
        return False
    widths = [operand.width_bits for operand in op.operands]
    if min(op.result.width_bits, sum(widths)) < _SMALLEST_PRODUCT_BITS:
        return False
    if op.impl == "dsp":
        return True
    constant = next((o for o in op.operands if isinstance(o, Const)), None)
    return min(widths) > 2 and not (constant and is_constant_product_cheap(constant, op.opcode))


def is_exact_sum(op: Op, definitions: Mapping[str, Op], *, unsigned: bool = False) -> bool:
    """Whether `op` is a sum that a cell's pre-adder can do: of extended numbers so narrow that it never wraps.

    With `unsigned`, its result is taken as an unsigned number: then its terms must be numbers that are not negative.
    """
    if op.opcode != "add" or op.result is None or op.latency is not None or op.impl != "auto":
        return False
    width = op.result.width_bits
    if width + unsigned > A_BITS:
        return False
    for operand in op.operands:
        if isinstance(operand, Const):
            negated = operand.value if unsigned else min(operand.value, (1 << width) - 1 - operand.value)
            needed = negated.bit_length() + (not unsigned)
        else:
            source = definitions.get(operand.name)
            if source is None or source.opcode not in (("zext",) if unsigned else ("sext", "zext")):
                return False
            needed = source.operands[0].width_bits + (source.opcode == "zext" and not unsigned)
        if needed >= width:
            return False
    return True


@dataclass(frozen=True, slots=True)
class Term:
    """A term of a sum that is a product: the ops that make it, the product last found."""

    product: Op
    ops: tuple[Op, ...]


def term_of(operand: Operand, definitions: Mapping[str, Op], uses: Mapping[str, int], width_bits: int) -> Term | None:
    """The product that `operand`, a term of a sum of `width_bits` bits, is, if the cell may add it itself.

    The sum is the same with the exact product in place of the term: the term is the product cut to the sum's width, or the exact
    product extended to it.
    """
    ops: list[Op] = []
    while isinstance(operand, Ref) and uses[operand.name] == 1:
        op = definitions.get(operand.name)
        if op is None:
            return None
        ops.append(op)
        if op.opcode in PRODUCTS:
            if op.latency is not None or not fits_cell(op, DSP48E2):
                return None
            exact = sum(o.width_bits for o in op.operands)
            kept = operand.width_bits
            extended = kept < width_bits
            unsigned_as_signed = op.opcode == "umul" and any(o.opcode == "sext" for o in ops) and kept <= exact
            signed_as_unsigned = op.opcode == "smul" and any(o.opcode == "zext" for o in ops)
            if extended and (kept < exact or unsigned_as_signed or signed_as_unsigned):
                return None
            return Term(op, tuple(ops))
        if op.opcode not in ("sext", "zext"):
            return None
        operand = op.operands[0]
    return None


def factors(op: Op, make: Callable[[str, tuple[Operand, ...], int], Operand]) -> tuple[Operand, Operand]:
    """Signed factors of the product `op`, the wider first; `make` adds an op (opcode, operands, width) and returns its result."""
    found: list[Operand] = []
    for operand in op.operands:
        width = operand.width_bits + (op.opcode == "umul")
        if isinstance(operand, Const):
            found.append(Const(operand.value, width))
        else:
            found.append(make("zext", (operand,), width) if op.opcode == "umul" else operand)
    one, two = found
    return (one, two) if one.width_bits >= two.width_bits else (two, one)
