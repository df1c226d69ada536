"""Find sums whose addend is the P register of another cell: it comes over the column's own wires, from PCOUT to PCIN."""

from __future__ import annotations

from collections.abc import Mapping

from csynth.dsp.products import PRODUCTS
from csynth.ir.model import Block, Const, Op, Ref
from csynth.rtl.context import Context
from csynth.rtl.dsp import cell_registers, is_cell

_SUMS = frozenset({"dsp_mul_add", "dsp_mul_sub", "dsp_preadd_mul_add"})
_LONGEST = 24  # cells: as many as a clock region has in one column (UG579)


def find_cascades(ctx: Context) -> dict[str, str]:
    """For each sum that can take it so, the value whose cell's PCOUT it adds; each PCOUT feeds one cell.

    The sum has P alone, and adds the value in the cycle in which it is in the other cell's P. P has 48 bits of which the sum
    looks at its own: the addend is their low end, or the exact product extended.
    """
    found: dict[str, str] = {}
    for block in ctx.function.blocks:
        definitions = {op.result.name: op for op in block.ops if op.result is not None}
        lengths: dict[str, int] = {}
        taken: set[str] = set()
        for op in block.ops:
            if op.result is None or op.opcode not in _SUMS or cell_registers(ctx, op) != 1:
                continue
            source = _source(ctx, op, block, definitions)
            if source is None or source in taken or lengths.get(source, 1) >= _LONGEST:
                continue
            found[op.result.name] = source
            lengths[op.result.name] = lengths.get(source, 1) + 1
            taken.add(source)
    return found


def _source(ctx: Context, total: Op, block: Block, definitions: Mapping[str, Op]) -> str | None:
    """The value in whose P the addend of `total` is when it is added."""
    operand = total.operands[-1]
    op = definitions.get(operand.name) if isinstance(operand, Ref) else None
    extension = ""
    if op is not None and op.opcode in ("sext", "zext"):
        extension, operand = op.opcode, op.operands[0]
        op = definitions.get(operand.name) if isinstance(operand, Ref) else None
    if op is None or op.result is None or op.opcode.startswith(("dsp_mac", "dsp_pair")) or not is_cell(ctx, op):
        return None
    if extension:
        if op.opcode == "dsp_preadd_mul_add" and op.operands[3] == Const(0, op.result.width_bits):
            factors, signed = (max(o.width_bits for o in op.operands[:2]) + 1, op.operands[2].width_bits), "sext"
        elif op.opcode in PRODUCTS:
            factors, signed = [o.width_bits for o in op.operands], "sext" if op.opcode == "smul" else "zext"
        else:
            return None
        if extension != signed or op.result.width_bits < sum(factors):
            return None
    at = ctx.schedule.blocks[block.name].start_cycle[total.id]
    return op.result.name if cell_registers(ctx, op) and ctx.lives[op.result.name].ready_cycle == at else None
