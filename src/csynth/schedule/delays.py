"""Delays of operators on UltraScale+ (speed grade -2), in picoseconds. Estimated.

No open tool has timing arcs for UltraScale+ carry chains, DSPs and registers, so these figures are composed from public sources: the
switching characteristics of DS925 (DSP48E2 410 MHz without registers and 544 MHz with input and output registers at -2; block RAM
clock to output without the output register), UG574 (CARRY8 spans eight bits, a LUT6 holds a 4:1 multiplexer), and a constant of
about 0.2 ns of routing for each LUT level.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, log2

from csynth.dsp.products import is_constant_product_cheap
from csynth.ir.model import Const, Memory, Op, Operand

CLOCK_TO_Q_PS = 100
SETUP_PS = 60
UNCERTAINTY_FRACTION = 0.10  # of the clock period, kept for routing that the table does not see
LUT_LEVEL_PS = 300
STREAM_READ_PS = 350
STREAM_WRITE_PS = 350
DSP_THROUGH_PS = 2440  # operands to product without registers, one DSP48E2
DSP_TO_REGISTER_PS = 1850  # operand registers to the product register, one DSP48E2
BRAM_OUTPUT_PS = 1000
LUTRAM_OUTPUT_PS = 200
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
        output_ps: from the clock edge to its result when latency_cycles > 0.
    """

    delay_ps: int
    latency_cycles: int = 0
    output_ps: int = CLOCK_TO_Q_PS


def budget_ps(clock_period_ps: int) -> int:
    """Time that logic may take between two registers, from the clock edge, in ps."""
    return int(clock_period_ps * (1 - UNCERTAINTY_FRACTION)) - SETUP_PS


def _width(operand: Operand) -> int:
    return operand.width_bits


def _constant_operand(op: Op) -> Const | None:
    return next((operand for operand in op.operands if isinstance(operand, Const)), None)


def product_timing(op: Op, width_a: int, width_b: int) -> Timing:
    """Timing of a product of `width_a` x `width_b` bits."""
    small, large = sorted((width_a, width_b))
    constant = _constant_operand(op)
    result = op.result.width_bits if op.result else large
    if op.impl != "dsp" and (
        small <= 2 or (constant is not None and is_constant_product_cheap(constant.value, constant.width_bits))
    ):
        timing = Timing(600 + 12 * min(result, small + large))
    elif op.impl == "fabric":
        timing = Timing(500 + 350 * ceil(log2(small)) + 10 * large, 1)
    else:
        tiles = min(ceil(small / 17) * ceil(large / 26), ceil(small / 26) * ceil(large / 17))
        latency = 1 if tiles == 1 else 2 if tiles == 2 else 3 if tiles <= 6 else 4
        wanted = latency if op.latency is None else op.latency
        delay = DSP_TO_REGISTER_PS * ceil(latency / wanted) if wanted else DSP_THROUGH_PS * latency
        return Timing(delay, wanted)
    return timing if op.latency is None else Timing(timing.delay_ps, op.latency)  # all before the first register


def memory_output_ps(memory: Memory) -> int:
    """Clock to data of a synchronous read of `memory`, in ps."""
    if memory.depth == 1 or memory.latency_cycles > 1:
        return CLOCK_TO_Q_PS
    small = memory.width_bits * memory.depth <= LUTRAM_MAX_BITS or memory.depth <= 64
    return LUTRAM_OUTPUT_PS if memory.storage in ("lutram", "register") or small else BRAM_OUTPUT_PS


def timing_of(op: Op, memory: Memory | None = None) -> Timing:
    """Timing of `op`; `memory` is its target when it is a load or a store."""
    code = op.opcode
    width = max((_width(operand) for operand in op.operands), default=op.result.width_bits if op.result else 1)
    if code in WIRES:
        return Timing(0)
    if code in PRODUCTS:
        return product_timing(op, _width(op.operands[0]), _width(op.operands[1]))
    if code in CELLS:
        return Timing(DSP_TO_REGISTER_PS, 1)
    if code in DIVISIONS:
        return Timing(500 + 12 * width + LUT_LEVEL_PS, width + 2)
    if code == "load" and memory is not None:
        if memory.storage == "dsp":
            return Timing(0)
        return (
            Timing(LUT_LEVEL_PS, 0)
            if memory.depth == 1
            else Timing(400, memory.latency_cycles, memory_output_ps(memory))
        )
    if code == "call":
        return Timing(LUT_LEVEL_PS, 1)
    if code in ("shl", "lshr", "ashr"):
        return Timing(0 if isinstance(op.operands[1], Const) else ceil(log2(max(width, 2)) / 2) * LUT_LEVEL_PS)
    combinational = {
        "add": 450 + 10 * width,
        "sub": 450 + 10 * width,
        "and": LUT_LEVEL_PS // 2,
        "or": LUT_LEVEL_PS // 2,
        "xor": LUT_LEVEL_PS // 2,
        "select": 200,
        "store": LUT_LEVEL_PS,
        "set": 100,
        "read": STREAM_READ_PS,
        "read_nb": STREAM_READ_PS,
        "write": STREAM_WRITE_PS,
        "write_nb": STREAM_WRITE_PS,
        "empty": STREAM_READ_PS,
        "full": STREAM_WRITE_PS,
    }
    if code in combinational:
        return Timing(combinational[code], op.latency or 0)
    if code in COMPARES:
        equality = code in ("eq", "ne")
        return Timing(250 + 5 * width if equality else 350 + 8 * width)
    raise ValueError(f"opcode {code!r} has no delay")
