"""Emit the handshakes of the streams that a module reads and writes.

A read is combinational from the port. A written word goes to one output register per stream: TVALID comes from a register and never
depends on any TREADY.
"""

from __future__ import annotations

from csynth.rtl.context import Context, StreamUse
from csynth.rtl.text import range_of


def any_of(terms: list[str]) -> str:
    """Or of `terms`."""
    if not terms:
        return "1'd0"
    return terms[0] if len(terms) == 1 else " || ".join(f"({term})" if "&&" in term else term for term in terms)


def choose(choices: list[tuple[str, str]]) -> str:
    """The value of the first choice whose condition holds; the last one needs none."""
    *first, (_, last) = choices
    return "".join(f"({condition}) ? {value} : " for condition, value in first) + last


def emit_read(ctx: Context, side: str, uses: list[StreamUse], callees: list[str]) -> None:
    """Drive `<side>_TREADY`."""
    ready = [use.when(use.step.fire) for use in uses] + [f"{callee}_TREADY" for callee in callees]
    ctx.text.assigns.append(f"assign {side}_TREADY = {any_of(ready)};")


def emit_write(ctx: Context, side: str, width_bits: int, uses: list[StreamUse], callees: list[str]) -> str | None:
    """Drive `<side>_TVALID` and `<side>_TDATA`.

    Returns:
        Name of the register that says a word is waiting, or None when only callees write.
    """
    text = ctx.text
    valids, datas = [f"{callee}_TVALID" for callee in callees], [f"{callee}_TDATA" for callee in callees]
    before: list[str] = []
    pending = None
    if uses:
        pending = text.register(ctx.names.get(f"{side} pending", f"{side}_pending"), 1)
        data = text.register(ctx.names.get(f"{side} data", f"{side}_data"), width_bits)
        text.wire(ctx.names.reserve(f"{side}_space"), 1, f"!{pending} || {side}_TREADY")
        push = text.wire(
            ctx.names.get(f"{side} push", f"{side}_push"), 1, any_of([use.when(use.step.fire) for use in uses])
        )
        word = choose([(use.when(use.step.active), use.data or "") for use in uses])
        ctx.on(push, f"{data} <= {word};")
        text.clocked.append(f"if ({push}) {pending} <= 1'd1;")
        text.clocked.append(f"else if ({side}_TREADY) {pending} <= 1'd0;")
        valids.insert(0, pending)
        datas.insert(0, data)
        before.append(pending)
    text.assigns.append(f"assign {side}_TVALID = {any_of(valids)};")
    text.assigns.append(f"assign {side}_TDATA = {choose(list(zip(valids, datas, strict=True)))};")
    for callee in callees:
        free = "".join(f" && !{name}" for name in before)
        text.assigns.append(f"assign {callee}_TREADY = {side}_TREADY{free};")
        before.append(f"{callee}_TVALID")
    return pending


def declare_link(ctx: Context, prefix: str, width_bits: int) -> None:
    """Declare the three wires of an internal stream end."""
    ctx.text.declarations.append(f"wire {range_of(width_bits)}{prefix}_TDATA;")
    ctx.text.declarations.append(f"wire {prefix}_TVALID, {prefix}_TREADY;")
    for suffix in ("TDATA", "TVALID", "TREADY"):
        ctx.names.reserve(f"{prefix}_{suffix}")
