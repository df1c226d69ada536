"""Emit the operations that are one DSP cell, whose registers take a step each."""

from __future__ import annotations

from csynth.dsp.cells import A_BITS, B_BITS, C_BITS, PAIR_FACTOR_BITS
from csynth.dsp.products import fits_cell, signed_bits
from csynth.ir.model import Const, Memory, Op, Operand
from csynth.part import MULT18X18D
from csynth.rtl.context import CELLS, Context, MacUse, MemoryUse, Step
from csynth.rtl.expressions import extend, slice_of
from csynth.rtl.streams import any_of, choose
from csynth.rtl.text import literal, range_of

_MOST_REGISTERS = 2


def cell_registers(ctx: Context, op: Op) -> int:
    """Registers between the operands and the result of `op`."""
    assert op.result is not None
    life = ctx.lives[op.result.name]
    return life.ready_cycle - ctx.schedule.blocks[life.block].start_cycle[op.id]


def is_cell(ctx: Context, op: Op) -> bool:
    """Whether `op` becomes an instance of a cell: one that stands for a cell, or a product with registers that fits one."""
    if op.opcode in CELLS:
        return True
    multiplier = ctx.schedule.table.multiplier
    return multiplier.instantiated and fits_cell(op, multiplier) and 1 <= cell_registers(ctx, op) <= _MOST_REGISTERS


def _widened(operand: Operand, text: str, bits: int, *, signed: bool = True) -> str:
    width = operand.width_bits
    if isinstance(operand, Const):
        negative = signed and operand.value >> (width - 1)
        return literal(operand.value - (1 << width) if negative else operand.value, bits)
    return slice_of(text, width, 0, bits) if width > bits else extend(text, width, bits, signed=signed)


def _instance(ctx: Context, cell: str, parameters: dict[str, int], name: str, pins: dict[str, str]) -> None:
    given = ", ".join(f".{key}({value})" for key, value in parameters.items())
    lines = [f"  .{pin}({text})" for pin, text in {"clk": "ap_clk", **pins}.items()]
    ctx.text.instances += [f"{cell} #({given}) {name} (", *(f"{line}," for line in lines[:-1]), lines[-1], ");"]


def emit_cell(ctx: Context, op: Op, operands: list[str], steps: list[Step]) -> None:
    """Emit the cell of `op`; `steps` are those of its registers, from the operands on."""
    assert op.result is not None
    name, width = ctx.base(op.result.name), op.result.width_bits
    if op.opcode in ("dsp_mac", "dsp_mac_sub"):
        assert op.target is not None
        ctx.macs[op.target] = MacUse(op=op, operands=tuple(operands), steps=tuple(steps))
        ctx.text.wire(name, width, ctx.names.get(f"memory {op.target}", op.target), ctx.comment(op.location))
        return
    instance = ctx.names.get(f"{op.result.name}@cell", f"{name}_dsp")
    if op.opcode == "dsp_pair":
        factors = zip(("a1", "a0", "b"), op.operands, operands, strict=True)
        pins = {pin: _widened(operand, text, PAIR_FACTOR_BITS) for pin, operand, text in factors}
        ctx.text.declarations.append(f"wire {range_of(width)}{name};{ctx.comment(op.location)}")
        pins = {"ce_p": steps[-1].advance, **pins, "p": name}
        _instance(ctx, "csynth_dsp_pair", {"REGISTERS": len(steps)}, instance, pins)
        return
    output = ctx.names.get(f"{op.result.name}@p", f"{name}_p")
    signed = op.opcode != "umul"
    if ctx.schedule.table.multiplier is MULT18X18D:
        _emit_mult18(ctx, op, operands, steps, instance, output)
        return
    terms = list(zip(op.operands, operands, strict=True))
    pins = {"a": literal(0, A_BITS), "d": literal(0, A_BITS), "b": "", "c": literal(0, C_BITS)}
    if op.opcode not in CELLS and signed_bits(op)[0] < signed_bits(op)[1]:
        terms = [terms[1], terms[0]]
    preadd = op.opcode == "dsp_preadd_mul_add"
    if preadd:
        pins["d"] = _widened(*terms.pop(1), A_BITS)
    if len(terms) > 2 and op.operands[-1] == Const(0, width):
        terms.pop()
    pins["a"] = _widened(*terms[0], A_BITS, signed=signed)
    pins["b"] = _widened(*terms[1], B_BITS, signed=signed)
    cascade = ctx.cascades.get(op.result.name)
    if cascade is None and len(terms) > 2:
        pins["c"] = _widened(*terms[2], C_BITS)
    parameters = {
        "REGISTERS": len(steps),
        "PREADD": int(preadd),
        "ADDEND": 2 if cascade is not None else 1 if len(terms) > 2 else 0,
        "SUBTRACT": 1 if op.opcode == "dsp_mul_sub" else 0,
    }
    ctx.text.declarations.append(f"wire {range_of(C_BITS)}{output};")
    stages = ["ce_first", "ce_in", "ce_p"] if preadd and len(steps) == 2 else ["ce_first", "ce_in", "ce_m", "ce_p"]
    enables = {"ce_first": "1'd0", "ce_in": "1'd0", "ce_m": "1'd0"}
    enables |= dict(zip(stages[-len(steps) :], (step.advance for step in steps), strict=True))
    pcin = literal(0, C_BITS) if cascade is None else _pcout(ctx, cascade)
    pcout = ""
    if op.result.name in ctx.cascading:
        pcout = _pcout(ctx, op.result.name)
        ctx.text.declarations.append(f"wire {range_of(C_BITS)}{pcout};")
    outputs = {"pcin": pcin, "p": output, "pcout": pcout}
    _instance(ctx, "csynth_dsp_product", parameters, instance, {**enables, **pins, **outputs})
    ctx.text.wire(name, width, slice_of(output, C_BITS, 0, width), ctx.comment(op.location))


def _pcout(ctx: Context, value: str) -> str:
    return ctx.names.get(f"{value}@pcout", f"{ctx.base(value)}_pcout")


def _emit_mult18(ctx: Context, op: Op, operands: list[str], steps: list[Step], instance: str, output: str) -> None:
    assert op.result is not None
    signed = op.opcode != "umul"
    a, b = (
        _widened(operand, text, bits, signed=signed)
        for operand, text, bits in zip(op.operands, operands, (MULT18X18D.a_bits, MULT18X18D.b_bits), strict=True)
    )
    pins = {
        "ce_in": steps[0].advance if len(steps) > 1 else "1'd0",
        "ce_m": "1'd0",
        "ce_p": steps[-1].advance,
        "a": a,
        "b": b,
        "p": output,
    }
    bits = MULT18X18D.a_bits + MULT18X18D.b_bits
    ctx.text.declarations.append(f"wire {range_of(bits)}{output};")
    _instance(ctx, "csynth_mult18", {"REGISTERS": len(steps)}, instance, pins)
    width = op.result.width_bits
    text = slice_of(output, bits, 0, width) if width <= bits else extend(output, bits, width, signed=signed)
    ctx.text.wire(ctx.base(op.result.name), width, text, ctx.comment(op.location))


def _when(use: MemoryUse) -> str:
    return use.step.fire if use.predicate is None else f"({use.step.fire} && {use.predicate})"


def emit_accumulator(ctx: Context, memory: Memory, base: str) -> None:
    """Emit the cell whose P register is `memory`: its one accumulating operation, and the stores that start it."""
    mac, stores, width = ctx.macs[memory.name], ctx.stores.get(memory.name, []), memory.width_bits
    zero = literal(0, width)
    clears = [_when(use) for use in stores if use.data == zero]
    starts = [(_when(use), use.data or "") for use in stores if use.data != zero]
    a, b, first, init = mac.op.operands
    starting = any_of([condition for condition, _ in starts]) if starts else "1'd0"
    c = mac.operands[3]
    if starts:
        c = ctx.text.wire(
            ctx.names.get(f"memory {memory.name} start", f"{base}_start"), width, choose([*starts, ("1'd1", c)])
        )
    idle = ctx.names.get("state idle", "ST_IDLE")
    output = ctx.names.get(f"memory {memory.name} p", f"{base}_p")
    ctx.text.declarations.append(f"wire {range_of(C_BITS)}{output};")
    ctx.text.wire(base, width, slice_of(output, C_BITS, 0, width), f"  // {memory.array}")
    pins = {
        "ce_m": mac.steps[0].advance if len(mac.steps) > 1 else "1'd0",
        "ce_p": mac.steps[len(mac.steps) - 1].fire,
        "reset": " || ".join([f"state == {idle}", *clears]),
        "load": starting,
        "first": mac.operands[2] if not isinstance(first, Const) else f"1'd{first.value}",
        "a": _widened(a, mac.operands[0], A_BITS),
        "b": _widened(b, mac.operands[1], B_BITS),
        "c": _widened(init, c, C_BITS) if not starts else extend(c, width, C_BITS, signed=False),
        "p": output,
    }
    parameters = {"REGISTERS": len(mac.steps), "SUBTRACT": 1 if mac.op.opcode == "dsp_mac_sub" else 0}
    instance = ctx.names.get(f"memory {memory.name} cell", f"{base}_dsp")
    _instance(ctx, "csynth_dsp_mac", parameters, instance, pins)
