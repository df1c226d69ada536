"""Emit memories: registers, ROMs and simple dual-port RAMs (read before write) that yosys and Vivado infer."""

from __future__ import annotations

from csynth.ir.model import Memory
from csynth.rtl.context import Context, MemoryUse
from csynth.rtl.dsp import emit_accumulator
from csynth.rtl.streams import any_of, choose
from csynth.rtl.text import address_bits, literal, range_of

_STYLES = {"bram": "block", "lutram": "distributed", "uram": "ultra", "register": "registers"}


def _when(use: MemoryUse, signal: str) -> str:
    return signal if use.predicate is None else f"{signal} && {use.predicate}"


def emit_memory(ctx: Context, memory: Memory) -> None:
    """Emit `memory` and the ports that its users share."""
    base = ctx.names.get(f"memory {memory.name}", memory.name)
    if memory.storage == "dsp":
        emit_accumulator(ctx, memory, base)
        return
    loads, stores = ctx.loads.get(memory.name, []), ctx.stores.get(memory.name, [])
    comment = f"  // {memory.array}" + (f", {ctx.comment(memory.location)[5:]}" if ctx.comment(memory.location) else "")
    if memory.depth == 1:
        ctx.text.declarations.append(f"reg {range_of(memory.width_bits)}{base};{comment}")
        for use in stores:
            ctx.on(_when(use, use.step.fire), f"{base} <= {use.data};")
        # without an initial value it starts as the FPGA does, and as the interpreter does: at 0
        first = memory.init[0] if memory.init else 0
        ctx.text.memories.append(f"initial {base} = {literal(first, memory.width_bits)};")
        return
    style = f'(* ram_style = "{_STYLES[memory.storage]}" *) ' if memory.storage in _STYLES else ""
    ctx.text.declarations.append(f"{style}reg {range_of(memory.width_bits)}{base} [0:{memory.depth - 1}];{comment}")
    if memory.init:
        ctx.text.memories.append("initial begin")
        ctx.text.memories += [
            f"  {base}[{index}] = {literal(value, memory.width_bits)};" for index, value in enumerate(memory.init)
        ]
        ctx.text.memories.append("end")
    bits = address_bits(memory.depth)
    if loads:
        output = ctx.text.register(ctx.names.get(f"memory {memory.name} output", f"{base}_q"), memory.width_bits)
        if len(loads) == 1:
            enable, index = loads[0].step.advance, loads[0].index
        else:
            enable = any_of([use.step.fire for use in loads])
            index = ctx.text.wire(
                ctx.names.get(f"memory {memory.name} read", f"{base}_read_index"),
                bits,
                choose([(use.step.active, use.index) for use in loads]),
            )
        ctx.on(enable, f"{output} <= {base}[{index}];")
    if stores:
        if len(stores) == 1:
            use = stores[0]
            ctx.on(_when(use, use.step.fire), f"{base}[{use.index}] <= {use.data};")
            return
        enable = ctx.text.wire(
            ctx.names.get(f"memory {memory.name} we", f"{base}_write"),
            1,
            any_of([_when(use, use.step.fire) for use in stores]),
        )
        index = ctx.text.wire(
            ctx.names.get(f"memory {memory.name} wi", f"{base}_write_index"),
            bits,
            choose([(_when(use, use.step.active), use.index) for use in stores]),
        )
        data = ctx.text.wire(
            ctx.names.get(f"memory {memory.name} wd", f"{base}_write_data"),
            memory.width_bits,
            choose([(_when(use, use.step.active), use.data or "") for use in stores]),
        )
        ctx.on(enable, f"{base}[{index}] <= {data};")
