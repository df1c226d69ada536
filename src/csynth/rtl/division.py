"""Emit division and remainder: one quotient bit a cycle, by restoring subtraction; a division by zero gives 0."""

from __future__ import annotations

from collections.abc import Callable

from csynth.ir.model import Op
from csynth.rtl.context import Context, Step
from csynth.rtl.text import literal


def emit_division(ctx: Context, op: Op, operands: list[str], cycle: int, step_of: Callable[[int], Step]) -> None:
    """Emit `udiv`, `sdiv`, `urem` or `srem`, whose latency is its width + 2 cycles.

    Registers of step k: `_d<k>` the divisor, `_n<k>` the dividend's bits that are left above the quotient's bits so far, `_r<k>` the
    remainder so far, `_s<k>` for a signed division whether the quotient and the remainder are negative.
    """
    assert op.result is not None
    width, text = op.result.width_bits, ctx.text
    name = ctx.base(op.result.name)
    signed = op.opcode[0] == "s"

    def register(kind: str, step: int, bits: int) -> str:
        wish = f"{name}_{kind}{step}"
        return text.register(ctx.names.get(f"{op.result.name if op.result else ''}@{kind}{step}", wish), bits)

    def magnitude(operand: str) -> str:
        return f"$signed({operand}) < $signed({literal(0, width)}) ? {literal(0, width)} - {operand} : {operand}"

    first = step_of(cycle).advance
    divisor, left, rest = register("d", 0, width), register("n", 0, width), register("r", 0, width)
    sign = register("s", 0, 2) if signed else ""
    ctx.on(first, f"{left} <= {magnitude(operands[0]) if signed else operands[0]};{ctx.comment(op.location)}")
    ctx.on(first, f"{divisor} <= {magnitude(operands[1]) if signed else operands[1]};")
    ctx.on(first, f"{rest} <= {literal(0, width)};")
    if signed:
        one, two = (f"($signed({operand}) < $signed({literal(0, width)}))" for operand in operands)
        ctx.on(first, f"{sign} <= {{{one} != {two}, {one}}};")
    for step in range(1, width + 1):
        advance = step_of(cycle + step).advance
        top = f"{left}[{width - 1}]" if width > 1 else left
        shifted = text.wire(ctx.names.get(f"{name}@t{step}", f"{name}_t{step}"), width + 1, f"{{{rest}, {top}}}")
        fits = text.wire(ctx.names.get(f"{name}@g{step}", f"{name}_g{step}"), 1, f"{shifted} >= {{1'd0, {divisor}}}")
        new_divisor, new_left, new_rest = (
            register("d", step, width),
            register("n", step, width),
            register("r", step, width),
        )
        lower = f"{{{left}[{width - 2}:0], {fits}}}" if width > 1 else fits
        ctx.on(advance, f"{new_divisor} <= {divisor};")
        ctx.on(advance, f"{new_left} <= {lower};")
        ctx.on(advance, f"{new_rest} <= {fits} ? {shifted}[{width - 1}:0] - {divisor} : {shifted}[{width - 1}:0];")
        if signed:
            new_sign = register("s", step, 2)
            ctx.on(advance, f"{new_sign} <= {sign};")
            sign = new_sign
        divisor, left, rest = new_divisor, new_left, new_rest
    quotient = op.opcode.endswith("div")
    value = left if quotient else rest
    if signed:
        value = f"({sign}[{1 if quotient else 0}] ? {literal(0, width)} - {value} : {value})"
    text.register(name, width)
    ctx.on(
        step_of(cycle + width + 1).advance,
        f"{name} <= {divisor} == {literal(0, width)} ? {literal(0, width)} : {value};",
    )
