"""Emit memories: registers, ROMs, and RAMs of one or two ports that yosys and Vivado infer.

A port that only reads or only writes is written into the module's one clocked block. A port that does both has a block of its own,
as the tools' templates have it, with one enable for both: a block RAM reads the old word as it writes (READ_FIRST, so that the other
port sees the old word too), an UltraRAM keeps its output (NO_CHANGE, the only mode it has).

Reference: UG901, "RAM HDL Coding Techniques"; UG573, "Block RAM Resources" and "UltraRAM Resources".
"""

from __future__ import annotations

from csynth.ir.model import Memory
from csynth.rtl.context import Context, MemoryUse
from csynth.rtl.dsp import emit_accumulator
from csynth.rtl.memory_ports import emit_outside, output_name, when
from csynth.rtl.streams import any_of, choose
from csynth.rtl.text import address_bits, is_name, literal, range_of
from csynth.schedule.ports import is_shared

_STYLES = {"bram": "block", "lutram": "distributed", "uram": "ultra", "register": "registers"}
_PORTS_OF_A_COPY = 2


def emit_memory(ctx: Context, memory: Memory) -> None:
    """Emit `memory` and the ports that its users share."""
    base = ctx.names.get(f"memory {memory.name}", memory.name)
    comment = f"  // {memory.array}" + (f", {ctx.comment(memory.location)[5:]}" if ctx.comment(memory.location) else "")
    if memory.storage == "dsp":
        emit_accumulator(ctx, memory, base)
        return
    if memory.interface:
        emit_outside(ctx, memory)
        return
    if memory.depth == 1:
        _emit_register(ctx, memory, base, comment)
        return
    loads, stores = ctx.loads.get(memory.name, []), ctx.stores.get(memory.name, [])
    read_ports = sorted({use.port for use in loads})
    copies = {port: _copy(ctx, memory, base, at) for at, port in enumerate(read_ports)}
    for name in dict.fromkeys([base, *copies.values()]):
        _declare(ctx, memory, name, comment)
    for port in sorted({use.port for use in (*loads, *stores)}):
        _Port(
            ctx,
            memory,
            copies.get(port, base),
            port,
            [u for u in loads if u.port == port],
            [u for u in stores if u.port == port],
        ).emit()


def _emit_register(ctx: Context, memory: Memory, base: str, comment: str) -> None:
    ctx.text.declarations.append(f"reg {range_of(memory.width_bits)}{base};{comment}")
    for use in ctx.stores.get(memory.name, []):
        ctx.on(when(use, use.step.fire), f"{base} <= {use.data};")
    # without an initial value it starts as the FPGA does, and as the interpreter does: at 0
    first = memory.init[0] if memory.init else 0
    ctx.text.memories.append(f"initial {base} = {literal(first, memory.width_bits)};")


def _copy(ctx: Context, memory: Memory, base: str, at: int) -> str:
    """The array that read port number `at` reads: a table with more ports than a block RAM has is copied."""
    number = at // _PORTS_OF_A_COPY if memory.ports == "np" and memory.storage == "bram" else 0
    return ctx.names.get(f"memory {memory.name} copy {number}", f"{base}_copy{number}") if number else base


def _declare(ctx: Context, memory: Memory, name: str, comment: str) -> None:
    style = f'(* ram_style = "{_STYLES[memory.storage]}" *) ' if memory.storage in _STYLES else ""
    if style and memory.read_only:
        style = style.replace("ram_style", "rom_style")
    ctx.text.declarations.append(f"{style}reg {range_of(memory.width_bits)}{name} [0:{memory.depth - 1}];{comment}")
    if memory.init and not any(memory.init):
        at = ctx.names.get(f"memory {name} at", f"{name}_at")
        ctx.text.declarations.append(f"integer {at};")
        zero = literal(0, memory.width_bits)
        ctx.text.memories.append(
            f"initial for ({at} = 0; {at} < {memory.depth}; {at} = {at} + 1) {name}[{at}] = {zero};"
        )
    elif memory.init:
        ctx.text.memories.append("initial begin")
        ctx.text.memories += [
            f"  {name}[{index}] = {literal(value, memory.width_bits)};" for index, value in enumerate(memory.init)
        ]
        ctx.text.memories.append("end")


class _Port:
    """One port and its users."""

    def __init__(
        self, ctx: Context, memory: Memory, array: str, port: int, loads: list[MemoryUse], stores: list[MemoryUse]
    ) -> None:
        self.ctx, self.memory, self.array, self.port = ctx, memory, array, port
        self.loads, self.stores = loads, stores
        self.base = ctx.names.get(f"memory {memory.name}", memory.name)
        self.suffix = str(port + 1) if memory.ports in {"2p", "t2p", "np"} else ""

    def emit(self) -> None:
        """Emit the port."""
        if is_shared(self.memory, self.port) and self.loads and self.stores:
            self._emit_shared()
            return
        if self.loads:
            output = self.ctx.text.register(output_name(self.ctx, self.memory, self.port), self.memory.width_bits)
            if len(self.loads) == 1:
                enable, index = self.loads[0].step.advance, self.loads[0].index
            else:
                enable = any_of([use.step.fire for use in self.loads])
                index = self._index("read_index", self.loads)
            self.ctx.on(enable, f"{output} <= {self.array}[{index}];")
        if self.stores:
            enable = self._enable()
            for condition, statement in self._writes(self._index("write_index", self.stores)):
                self.ctx.on(f"{enable} && {condition}" if condition else enable, statement)

    def _emit_shared(self) -> None:
        """Read and write through one index, in a clocked block of their own."""
        ctx, memory = self.ctx, self.memory
        output = ctx.text.register(output_name(ctx, memory, self.port), memory.width_bits)
        index = self._index("index", [*self.stores, *self.loads])
        write = self._wire("write", 1, self._enable())
        enable = self._wire("enable", 1, any_of([write, *(use.step.fire for use in self.loads)]))
        writes = [
            f"    if ({f'{write} && {condition}' if condition else write}) {statement}"
            for condition, statement in self._writes(index)
        ]
        keeps = memory.storage == "uram"
        read = (
            f"    if (!{write}) {output} <= {self.array}[{index}];"
            if keeps
            else f"    {output} <= {self.array}[{index}];"
        )
        ctx.text.memories += ["always @(posedge ap_clk) begin", f"  if ({enable}) begin", *writes, read, "  end", "end"]

    def _wire(self, what: str, width_bits: int, expression: str) -> str:
        key = f"memory {self.memory.name} {what} {self.port}"
        return self.ctx.text.wire(self.ctx.names.get(key, f"{self.base}_{what}{self.suffix}"), width_bits, expression)

    def _enable(self) -> str:
        """1 when a store happens."""
        enable = any_of([when(use, use.step.fire) for use in self.stores])
        return enable if len(self.stores) == 1 else self._wire("write", 1, enable) if not self._is_mixed() else enable

    def _is_mixed(self) -> bool:
        return is_shared(self.memory, self.port) and bool(self.loads and self.stores)

    def _index(self, what: str, uses: list[MemoryUse]) -> str:
        if len(uses) == 1:
            return uses[0].index
        choices = [(when(use, use.step.active) if use.data is not None else use.step.active, use.index) for use in uses]
        return self._wire(what, address_bits(self.memory.depth), choose(choices))

    def _chosen(self, what: str, width_bits: int, values: list[str]) -> str:
        if len(self.stores) == 1:
            return values[0]
        choices = [(when(use, use.step.active), value) for use, value in zip(self.stores, values, strict=True)]
        return self._wire(what, width_bits, choose(choices))

    def _writes(self, index: str) -> list[tuple[str, str]]:
        """(condition beside the enable, statement) for each part of the word that is written alone."""
        memory = self.memory
        data = self._chosen("write_data", memory.width_bits, [use.data or "" for use in self.stores])
        if memory.lanes == 1:
            return [("", f"{self.array}[{index}] <= {data};")]
        mask = self._chosen("write_lanes", memory.lanes, [use.mask or "" for use in self.stores])
        if not is_name(data):
            data = self._wire("write_word", memory.width_bits, data)
        if not is_name(mask):
            mask = self._wire("write_mask", memory.lanes, mask)
        width = memory.width_bits // memory.lanes
        parts = [f"[{(lane + 1) * width - 1}:{lane * width}]" for lane in range(memory.lanes)]
        return [(f"{mask}[{lane}]", f"{self.array}[{index}]{part} <= {data}{part};") for lane, part in enumerate(parts)]
