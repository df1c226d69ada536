"""Emit memories: registers, ROMs and simple dual-port RAMs (read before write) that yosys and Vivado infer."""

from __future__ import annotations

from csynth.ir.model import Memory
from csynth.rtl.context import Context, MemoryUse
from csynth.rtl.streams import any_of, choose
from csynth.rtl.text import address_bits, literal, range_of

_STYLES = {"bram": "block", "lutram": "distributed", "uram": "ultra", "register": "registers"}


def _when(use: MemoryUse, signal: str) -> str:
    return signal if use.predicate is None else f"{signal} && {use.predicate}"


def emit_memory(ctx: Context, memory: Memory) -> None:
    """Emit `memory` and the ports that its users share."""
    base = ctx.names.get(f"memory {memory.name}", memory.name)
    if memory.interface:
        _emit_outside(ctx, memory)
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


def _emit_outside(ctx: Context, memory: Memory) -> None:
    """Drive the ports of a memory outside; its word comes a cycle after ce and stays until the next ce."""
    name = memory.name
    loads, stores = ctx.loads.get(name, []), ctx.stores.get(name, [])
    assigns = ctx.text.assigns
    write = any_of([_when(use, use.step.fire) for use in stores])
    write_index = choose([(_when(use, use.step.active), use.index) for use in stores]) if stores else ""
    if stores:
        assigns.append(f"assign {name}_we0 = {write};")
        assigns.append(
            f"assign {name}_d0 = {choose([(_when(use, use.step.active), use.data or '') for use in stores])};"
        )
    if not loads:
        assigns += [f"assign {name}_ce0 = {write};", f"assign {name}_address0 = {write_index};"] if stores else []
        return
    read = loads[0].step.advance if len(loads) == 1 else any_of([use.step.fire for use in loads])
    read_index = choose([(use.step.active, use.index) for use in loads])
    shared = bool(stores) and memory.interface == "ap_memory_1p"
    number = "1" if stores and not shared else "0"
    output = ctx.names.get(f"memory {name} output", f"{name}_q")
    ctx.text.wire(output, memory.width_bits, f"{name}_q{number}")
    if shared:
        assigns.append(f"assign {name}_ce0 = ({write}) || ({read});")
        assigns.append(f"assign {name}_address0 = ({write}) ? ({write_index}) : ({read_index});")
        return
    assigns += [f"assign {name}_ce{number} = {read};", f"assign {name}_address{number} = {read_index};"]
    if stores:
        assigns += [f"assign {name}_ce0 = {write};", f"assign {name}_address0 = {write_index};"]
