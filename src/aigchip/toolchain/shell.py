"""Render the RTL shell around a kernel from either C-synthesis engine, by the ports that the kernel has."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import jinja2

from aigchip.core import paths
from aigchip.core.errors import AigchipError

VERSION = 0x0001_0000

REGISTER_ID = 0x1000
REGISTER_VERSION = 0x1004
REGISTER_CYCLES_LOW = 0x1008
REGISTER_CYCLES_HIGH = 0x100C
REGISTER_RUNS = 0x1010
ID = 0x41494743  # "AIGC"

CONTROL = {
    "input": ("AWADDR", "AWVALID", "WDATA", "WSTRB", "WVALID", "BREADY", "ARADDR", "ARVALID", "RREADY"),
    "output": ("AWREADY", "WREADY", "BRESP", "BVALID", "ARREADY", "RDATA", "RRESP", "RVALID"),
}

# Signals of an AXI4 master: name, direction, width (0: data, -1: strobe), value when the kernel has no such port.
_MASTER: tuple[tuple[str, str, int, str], ...] = (
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


class KernelPortError(AigchipError):
    """Report a kernel that the shell cannot hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryPort:
    """A memory port `m_axi_<name>` of the kernel; widths in bits."""

    name: str
    width_bits: int


@dataclass(frozen=True, slots=True)
class _AxiPort:
    direction: str
    name: str
    width_bits: int
    constant: str | None


@dataclass(frozen=True, slots=True)
class _Tie:
    port: str
    value: str


def module_ports(verilog: str, module: str) -> dict[str, str]:
    """Read the ports of a Verilog module (either header style): direction by name, in order.

    Raises:
        KernelPortError: the text does not define the module.
    """
    text = re.sub(r"//[^\n]*|/\*.*?\*/", "", verilog, flags=re.DOTALL)
    found = re.search(rf"\bmodule\s+\\?{re.escape(module)}\b(.*?)\bendmodule\b", text, flags=re.DOTALL)
    if found is None:
        raise KernelPortError(
            module, "the RTL does not define this module", "Name the kernel's top module.", code="rtl"
        )
    declaration = re.compile(r"\b(input|output)\s+(?:wire\s+|reg\s+|signed\s+)*(?:\[[^\]]*\]\s*)?(\w+)")
    return {name: direction for direction, name in declaration.findall(found.group(1))}


def _control_bits(verilog: str, kernel: str) -> int:
    """Return the width of the address port of s_axi_control, written as a number or as a parameter with a default."""
    found = re.search(r"\binput\s+(?:wire\s+)?\[([^\]]+?)(?:\s*-\s*1)?\s*:\s*0\]\s*s_axi_control_AWADDR\b", verilog)
    high = found.group(1).strip() if found else ""
    if high.isdecimal():
        bits = int(high) + 1
    else:
        value = re.search(rf"\b{re.escape(high)}\s*=\s*(\d+)", verilog) if high else None
        bits = int(value.group(1)) if value else 0
    if not 6 <= bits <= 12:
        raise KernelPortError(
            kernel,
            f"s_axi_control has {bits or 'an unknown number of'} address bits; must have 6 to 12",
            "Use fewer arguments.",
            code="rtl",
        )
    return bits


def outer_ports(memories: Sequence[MemoryPort]) -> list[tuple[str, str, int]]:
    """Return the shell's AXI4 ports: direction, name, width [bits]."""
    return [
        (direction, f"m_axi_{memory.name}_{signal}", _width(width, memory))
        for memory in memories
        for signal, direction, width, _ in _MASTER
    ]


def _width(width: int, memory: MemoryPort) -> int:
    return {0: memory.width_bits, -1: memory.width_bits // 8}.get(width, width)


def render(kernel_verilog: str, *, kernel: str, memories: Sequence[MemoryPort], template: Path | None = None) -> str:
    """Return the Verilog of `<kernel>_shell`.

    Args:
        kernel_verilog: The text that defines the kernel's top module.
        kernel: Its name.
        memories: Its memory ports.
        template: The shell's template; the project's by default.

    Raises:
        KernelPortError: the kernel lacks a port that the shell needs or has one that the shell does not know.
    """
    found = module_ports(kernel_verilog, kernel)
    reset = "ap_rst" if "ap_rst" in found else "ap_rst_n"  # csynth: active high; Vitis HLS: active low
    needed = {"ap_clk": "input", reset: "input", "interrupt": "output"}
    needed |= {f"s_axi_control_{name}": way for way, names in CONTROL.items() for name in names}
    for name, direction in needed.items():
        if found.get(name) != direction:
            raise KernelPortError(
                kernel,
                f"the {direction} {name} is missing",
                "Synthesise the top with s_axilite control in bundle `control`.",
                code="rtl",
            )
    control_bits = _control_bits(kernel_verilog, kernel)
    axi_ports: list[_AxiPort] = []
    ties: list[_Tie] = []
    unused: list[str] = []
    rest = {name: direction for name, direction in found.items() if name not in needed}
    for memory in memories:
        prefix = f"m_axi_{memory.name}_"
        for signal, direction, width, constant in _MASTER:
            name = prefix + signal
            bits = _width(width, memory)
            if signal.endswith("LOCK"):
                pass  # 2 bits in Vitis HLS (AXI3), 1 in AXI4: never driven by either engine
            elif rest.pop(name, None) is not None:
                ties.append(_Tie(name, name))
                axi_ports.append(_AxiPort(direction, name, bits, None))
                continue
            value = f"{bits}'d0" if constant == "0" else constant
            axi_ports.append(_AxiPort(direction, name, bits, value or None))
            if direction == "input":
                unused.append(name)
        for name in [name for name in rest if name.startswith(prefix)]:
            direction = rest.pop(name)  # LOCK, USER, REGION and WID of Vitis HLS
            ties.append(_Tie(name, "" if direction == "output" else "1'b0"))
    if rest:
        raise KernelPortError(
            kernel, f"the port {next(iter(rest))} is unknown to the shell", "Tie it inside the kernel.", code="rtl"
        )
    source = template or paths.template_dir() / "shell" / "shell.v.j2"
    environment = jinja2.Environment(  # noqa: S701 (Verilog, never HTML)
        undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True
    )
    return environment.from_string(source.read_text()).render(
        name=f"{kernel}_shell",
        kernel=kernel,
        reset=reset,
        control_bits=control_bits,
        version=VERSION,
        axi_ports=axi_ports,
        ties=ties,
        unused_inputs=unused,
    )
