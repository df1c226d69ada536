"""Drive memories that lie outside the module: ap_memory arguments of the top, and buffers between processes."""

from __future__ import annotations

from csynth.ir.model import Memory, Port
from csynth.rtl.context import Context, MemoryUse
from csynth.rtl.streams import any_of, choose
from csynth.rtl.text import address_bits, literal


def output_name(ctx: Context, memory: Memory, port: int) -> str:
    """Name of the register in which a port's read ends."""
    base = ctx.names.get(f"memory {memory.name}", memory.name)
    number = "" if memory.ports in {"auto", "s2p", "1p"} else str(port + 1)
    return ctx.names.get(f"memory {memory.name} output {port}", f"{base}_q{number}")


def when(use: MemoryUse, signal: str) -> str:
    """`signal`, when the access has an effect."""
    return signal if use.predicate is None else f"{signal} && {use.predicate}"


def memory_pins(*, depth: int, width_bits: int, reads: bool, writes: bool) -> list[tuple[str, str, int]]:
    """(direction seen from the function, name after the port's name and `_`, bits) of a memory port's signals.

    Port 0 reads when the function reads at all; it has the timing of a synchronous read that keeps its word while `ce` is 0. The
    writing side is port 1 when there is a reading one, else port 0. A memory of one word has no address and is read in the same cycle.
    """
    pins: list[tuple[str, str, int]] = []
    address = [("output", "address", address_bits(depth)), ("output", "ce", 1)] if depth > 1 else []
    if reads:
        pins += [(direction, f"{name}0", bits) for direction, name, bits in [*address, ("input", "q", width_bits)]]
    if writes:
        side = [*address, ("output", "we", 1), ("output", "d", width_bits)]
        pins += [(direction, f"{name}{1 if reads else 0}", bits) for direction, name, bits in side]
    return pins


def emit_memory_port(ctx: Context, port: Port) -> None:
    """Drive the signals of a memory port from the function's loads and stores."""
    loads, stores = ctx.loads.get(port.name, []), ctx.stores.get(port.name, [])
    assign = ctx.text.assigns.append
    bits = address_bits(port.depth)
    if port.reads and port.depth > 1:
        single = len(loads) == 1
        enable = loads[0].step.advance if single else any_of([use.step.fire for use in loads])
        index = choose([(use.step.active, use.index) for use in loads]) if loads else literal(0, bits)
        assign(f"assign {port.name}_address0 = {index};")
        assign(f"assign {port.name}_ce0 = {enable};")
    if port.writes:
        number = 1 if port.reads else 0
        enable = any_of([when(use, use.step.fire) for use in stores])
        data = (
            choose([(when(use, use.step.active), use.data or "") for use in stores])
            if stores
            else literal(0, port.width_bits)
        )
        if port.depth > 1:
            index = choose([(when(use, use.step.active), use.index) for use in stores]) if stores else literal(0, bits)
            assign(f"assign {port.name}_address{number} = {index};")
            assign(f"assign {port.name}_ce{number} = {port.name}_we{number};")
        assign(f"assign {port.name}_we{number} = {enable};")
        assign(f"assign {port.name}_d{number} = {data};")


def emit_outside(ctx: Context, memory: Memory) -> None:
    """Drive the ports of a memory outside; its word comes a cycle after ce and stays until the next ce."""
    name = memory.name
    loads, stores = ctx.loads.get(name, []), ctx.stores.get(name, [])
    assigns = ctx.text.assigns
    write = any_of([when(use, use.step.fire) for use in stores])
    write_index = choose([(when(use, use.step.active), use.index) for use in stores]) if stores else ""
    if stores:
        assigns.append(f"assign {name}_we0 = {write};")
        assigns.append(
            f"assign {name}_d0 = {choose([(when(use, use.step.active), use.data or '') for use in stores])};"
        )
    if not loads:
        assigns += [f"assign {name}_ce0 = {write};", f"assign {name}_address0 = {write_index};"] if stores else []
        return
    read = loads[0].step.advance if len(loads) == 1 else any_of([use.step.fire for use in loads])
    read_index = choose([(use.step.active, use.index) for use in loads])
    shared = bool(stores) and memory.interface == "ap_memory_1p"
    number = "1" if stores and not shared else "0"
    output = output_name(ctx, memory, 0)
    ctx.text.wire(output, memory.width_bits, f"{name}_q{number}")
    if shared:
        assigns.append(f"assign {name}_ce0 = ({write}) || ({read});")
        assigns.append(f"assign {name}_address0 = ({write}) ? ({write_index}) : ({read_index});")
        return
    assigns += [f"assign {name}_ce{number} = {read};", f"assign {name}_address{number} = {read_index};"]
    if stores:
        assigns += [f"assign {name}_ce0 = {write};", f"assign {name}_address0 = {write_index};"]
