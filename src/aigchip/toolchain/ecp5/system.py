"""The whole logic of a board without a processing system: accelerator, memory on the chip, link to the host, pins and clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2

from aigchip.board import Board
from aigchip.core import paths
from aigchip.core.errors import AigchipError
from aigchip.toolchain.axi_master import MASTER, MemoryPort, width_of
from aigchip.toolchain.ecp5.pll import Pll

TOP = "aigchip_top"
SYSTEM = "aigchip_system"
_OPERANDS = ("gmem_a", "gmem_b", "gmem_c")
#: Signals of a master that boards/uart/memory.v answers: those of a and b, and those of c.
_READ = frozenset({"ARADDR", "ARLEN", "ARVALID", "ARREADY", "RDATA", "RRESP", "RLAST", "RVALID", "RREADY"})
_WRITTEN = frozenset(
    {"AWADDR", "AWVALID", "AWREADY", "WDATA", "WSTRB", "WLAST", "WVALID", "WREADY", "BRESP", "BVALID", "BREADY"}
)


class MisfitError(AigchipError):
    """Report an accelerator or a board that the system does not fit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """Everything that is synthesised.

    Attributes:
        verilog: texts by the name of their file.
        pins: the board's constraints (LPF); empty leaves them to nextpnr.
        pll: how the clock is made; None for a circuit that takes its clock from a pin.
    """

    verilog: Mapping[str, str]
    pins: str
    pll: Pll | None


def sources(board: Board) -> tuple[Path, ...]:
    """Return the files beside the accelerator that make the system, for keys."""
    folder = paths.boards_dir()
    return (*sorted((folder / "uart").iterdir()), *sorted((folder / board.name).iterdir()))


def render(
    board: Board,
    network: Mapping[str, Any],
    rtl: Mapping[str, str],
    *,
    design: str,
    pll: Pll,
    identity: int,
    clocks_per_bit: int | None = None,
) -> System:
    """Put an accelerator into the system of its board.

    Args:
        board: a board with a link.
        network: the contents of the design's network.json.
        rtl: its Verilog, the shell among it, by the name of the file.
        design: its name, for comments.
        pll: makes the clock.
        identity: 32 bits by which a host knows the design.
        clocks_per_bit: of the UART; what the board's rate takes by default. Simulations take fewer.

    Raises:
        MisfitError: The board has no link, or the accelerator other memory ports than three of one width.
    """
    link = board.link
    if link is None:
        raise MisfitError(
            f"board={board.name}", "it has a processing system and takes no such link", "Use board=ulx3s."
        )
    ports = {port["name"]: port["width_bits"] for port in network["maxi"]}
    widths = set(ports.values())
    if tuple(sorted(ports)) != _OPERANDS or len(widths) != 1:
        shown = ", ".join(f"{name} of {bits} bits" for name, bits in sorted(ports.items()))
        raise MisfitError(
            f"design={design}",
            f"its memory ports are {shown}; must be {', '.join(_OPERANDS)} of one width",
            "Set ports: 1 in its design.yaml.",
        )
    values = {
        "design": design,
        "kernel": network["top"],
        "width": widths.pop(),
        "memory_bytes": link.memory_bytes,
        "clock_hz": round(pll.output_hz),
        "clock_mhz": f"{pll.output_hz / 1e6:g}",
        "clocks_per_bit": round(pll.output_hz / link.baud) if clocks_per_bit is None else clocks_per_bit,
        "identity": f"{identity:08x}",
        "pll": pll,
        "connections": _connections(network),
    }
    folder = paths.boards_dir()
    parts = {path.name: path.read_text(encoding="utf-8") for path in sorted((folder / "uart").glob("*.v"))}
    parts["system.v"] = _rendered(folder / "uart" / "system.v.j2", values)
    parts["top.v"] = _rendered(folder / board.name / "top.v.j2", values)
    same = sorted(parts.keys() & rtl.keys())
    if same:
        raise MisfitError(
            f"design={design}", f"the file {same[0]} is the system's own", "Give the module another name."
        )
    pins = (folder / board.name / "pins.lpf").read_text(encoding="utf-8")
    return System(verilog={**rtl, **parts}, pins=pins, pll=pll)


def _connections(network: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return what each port of the shell's memory masters is connected to: the memory's wires, nothing, or zeros."""
    found: list[tuple[str, str]] = []
    for port in sorted(network["maxi"], key=lambda port: port["name"]):
        memory = MemoryPort(name=port["name"], width_bits=port["width_bits"])
        operand = memory.name.removeprefix("gmem_")
        for signal, direction, width, _ in MASTER:
            if signal in (_WRITTEN if operand == "c" else _READ):
                value = f"{operand}_{signal.lower()}"
            else:
                value = "" if direction == "output" else f"{width_of(width, memory)}'d0"
            found.append((f"m_axi_{memory.name}_{signal}", value))
    return found


def _rendered(template: Path, values: Mapping[str, Any]) -> str:
    environment = jinja2.Environment(  # noqa: S701 (Verilog, never HTML)
        loader=jinja2.FileSystemLoader(template.parent),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template(template.name).render(values)
