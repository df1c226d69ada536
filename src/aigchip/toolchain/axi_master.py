"""Signals of an AXI4 master, as the shell has them for each memory port."""

from __future__ import annotations

from dataclasses import dataclass

# Signals of an AXI4 master: name, direction, width (0: data, -1: strobe), value when the kernel has no such port.
MASTER: tuple[tuple[str, str, int, str], ...] = (
    *(
        signal
        for channel in ("AW", "AR")
        for signal in (
            (f"{channel}ID", "output", 1, "1'b0"),
            (f"{channel}ADDR", "output", 64, "64'd0"),
            (f"{channel}LEN", "output", 8, "8'd0"),
            (f"{channel}SIZE", "output", 3, "3'd3"),
            (f"{channel}BURST", "output", 2, "2'b01"),
            (f"{channel}LOCK", "output", 1, "1'b0"),
            (f"{channel}CACHE", "output", 4, "4'b0011"),
            (f"{channel}PROT", "output", 3, "3'b000"),
            (f"{channel}QOS", "output", 4, "4'd0"),
            (f"{channel}VALID", "output", 1, "1'b0"),
            (f"{channel}READY", "input", 1, ""),
        )
    ),
    ("WDATA", "output", 0, "0"),
    ("WSTRB", "output", -1, "0"),
    ("WLAST", "output", 1, "1'b0"),
    ("WVALID", "output", 1, "1'b0"),
    ("WREADY", "input", 1, ""),
    ("BID", "input", 1, ""),
    ("BRESP", "input", 2, ""),
    ("BVALID", "input", 1, ""),
    ("BREADY", "output", 1, "1'b1"),
    ("RID", "input", 1, ""),
    ("RDATA", "input", 0, ""),
    ("RRESP", "input", 2, ""),
    ("RLAST", "input", 1, ""),
    ("RVALID", "input", 1, ""),
    ("RREADY", "output", 1, "1'b1"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryPort:
    """A memory port `m_axi_<name>` of the kernel or the shell; widths in bits."""

    name: str
    width_bits: int


def width_of(width: int, memory: MemoryPort) -> int:
    """Return the bits of a signal of the table at a port."""
    return {0: memory.width_bits, -1: memory.width_bits // 8}.get(width, width)


def at_rest(signal: str, constant: str, memory: MemoryPort) -> str:
    """Return the constant of an output that nothing drives."""
    if signal.endswith("SIZE"):
        return f"3'd{(memory.width_bits // 8).bit_length() - 1}"
    return f"{width_of(0 if signal == 'WDATA' else -1, memory)}'d0" if constant == "0" else constant
