"""Delays of operators, in picoseconds, from the table of a family and speed grade. Estimated: nothing is placed or routed."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, log2

from csynth.dsp.products import is_constant_product_cheap
from csynth.ir.model import Const, Memory, Op, Operand
from csynth.schedule.delay_tables import DelayTable, default_table

UNCERTAINTY_FRACTION = 0.10  # of the clock period, kept for routing that the table does not see
LUTRAM_MAX_BITS = 64 * 64

WIRES = frozenset({"zext", "sext", "trunc", "extract", "concat", "scalar"})
COMPARES = frozenset({"eq", "ne", "ult", "ule", "ugt", "uge", "slt", "sle", "sgt", "sge"})
DIVISIONS = frozenset({"udiv", "sdiv", "urem", "srem"})
PRODUCTS = frozenset({"mul", "smul", "umul"})
CELLS = frozenset({"dsp_mul_add", "dsp_mul_sub", "dsp_mac", "dsp_mac_sub"})


@dataclass(frozen=True, slots=True)
class Timing:
    """Timing of one operator.

    Attributes:
        delay_ps: from its operands to its result (latency 0) or to its first register.
        latency_cycles: cycles from its operands to its result.
        output_ps: from the clock edge to its result when latency_cycles > 0; 0 = that of a register.
    """

    delay_ps: int
    latency_cycles: int = 0
    output_ps: int = 0


def budget_ps(clock_period_ps: int, table: DelayTable) -> int:
    """Time that logic may take between two registers, from the clock edge, in ps."""
    return int(clock_period_ps * (1 - UNCERTAINTY_FRACTION)) - table.setup


def _width(operand: Operand) -> int:
    return operand.width_bits


def _constant_operand(op: Op) -> Const | None:
    return next((operand for operand in op.operands if isinstance(operand, Const)), None)


def product_timing(op: Op, width_a: int, width_b: int, table: DelayTable) -> Timing:
    """Timing of a product of `width_a` x `width_b` bits."""
    small, large = sorted((width_a, width_b))
    constant = _constant_operand(op)
    result = op.result.width_bits if op.result else large
    if op.impl != "dsp" and (small <= 2 or (constant is not None and is_constant_product_cheap(constant, op.opcode))):
        timing = Timing(table.small_product_base + table.small_product_bit * min(result, small + large))
    elif op.impl == "fabric":
        timing = Timing(
            table.fabric_product_base
            + table.fabric_product_level * ceil(log2(small))
            + table.fabric_product_bit * large,
            1,
        )
    else:
        a, b = (
            table.multiplier.a_bits - 1,
            table.multiplier.b_bits - 1,
        )  # signed ports: one bit less of an unsigned number
        if op.opcode == "smul":
            small, large = small - 1, large - 1
        tiles = min(ceil(small / b) * ceil(large / a), ceil(small / a) * ceil(large / b))
        latency = 1 if tiles == 1 else 2 if tiles == 2 else 3 if tiles <= 6 else 4
        wanted = latency if op.latency is None else op.latency
        delay = table.dsp_to_register * ceil(latency / wanted) if wanted else table.dsp_through * latency
        return Timing(delay, wanted)
    return timing if op.latency is None else Timing(timing.delay_ps, op.latency)  # all before the first register


def memory_output_ps(memory: Memory, table: DelayTable) -> int:
    """Clock to data of a synchronous read of `memory`, in ps."""
    if memory.depth == 1 or memory.latency_cycles > 1:
        return table.clock_to_q
    small = memory.width_bits * memory.depth <= LUTRAM_MAX_BITS or memory.depth <= 64
    return table.lutram_output if memory.storage in ("lutram", "register") or small else table.bram_output


def timing_of(op: Op, memory: Memory | None = None, table: DelayTable | None = None) -> Timing:
    """Timing of `op`; `memory` is its target when it is a load or a store, `table` that of UltraScale+ -2 by default."""
    table = table or default_table()
    code = op.opcode
    width = max((_width(operand) for operand in op.operands), default=op.result.width_bits if op.result else 1)
    if code in WIRES:
        return Timing(0)
    if code in PRODUCTS:
        return product_timing(op, _width(op.operands[0]), _width(op.operands[1]), table)
    if code in CELLS:
        return Timing(table.dsp_to_register, 1)
    if code in ("dsp_pair", "dsp_preadd_mul_add"):  # through the pre-adder
        return Timing(table.dsp_through, 1)
    if code in DIVISIONS:
        return Timing(table.divide_base + table.divide_bit * width, width + 2)
    if code == "load" and memory is not None:
        if memory.storage == "dsp":
            return Timing(0)
        return (
            Timing(table.lut_level, 0)
            if memory.depth == 1
            else Timing(table.address, memory.latency_cycles, memory_output_ps(memory, table))
        )
    if code == "call":
        return Timing(table.lut_level, 1)
    if code in ("shl", "lshr", "ashr"):
        return Timing(0 if isinstance(op.operands[1], Const) else ceil(log2(max(width, 2)) / 2) * table.lut_level)
    combinational = {
        "add": table.add_base + table.add_bit * width,
        "sub": table.add_base + table.add_bit * width,
        "and": table.gate,
        "or": table.gate,
        "xor": table.gate,
        "select": table.select,
        "store": table.lut_level,
        "set": table.output,
        "read": table.stream_read,
        "read_nb": table.stream_read,
        "write": table.stream_write,
        "write_nb": table.stream_write,
        "empty": table.stream_read,
        "full": table.stream_write,
    }
    if code in combinational:
        return Timing(combinational[code], op.latency or 0)
    if code in COMPARES:
        equality = code in ("eq", "ne")
        return Timing(
            table.equal_base + table.equal_bit * width if equality else table.compare_base + table.compare_bit * width
        )
    raise ValueError(f"opcode {code!r} has no delay")
