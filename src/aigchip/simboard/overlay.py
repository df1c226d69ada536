"""The overlay of a simulated design: a .bit whose payload names a model, and the .hwh that tells pynq what is in it."""

from __future__ import annotations

import json
import re
import struct
import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aigchip.core.atomic import write_bytes, write_text
from aigchip.core.errors import InputError
from aigchip.core.figures import Figure
from aigchip.core.hashing import canonical_json, digest_text
from aigchip.simboard.model import Fabric
from aigchip.toolchain import shell

IP = "accelerator_0"
BASE, SPAN = 0xA000_0000, 0x1_0000
PLL_MHZ = 33.333 * 45
"""The source of the logic's clocks on a ZCU104 with pynq: what a divisor divides [MHz]."""

_FAMILY = ("xczu", "xck")  # Zynq UltraScale+ devices, and modules (Kria) with one
_PS = "zynq_ultra_ps_e_0"
_MAGIC = b"AIGCHIP-SIMULATED-BITSTREAM\0"
_DIVISORS = sorted({(first * second, first, second) for first in range(1, 64) for second in range(1, first + 1)})


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedOverlay:
    """Name an overlay.

    Attributes:
        bit: The bitstream; unlike that of any other design.
        hwh: The hardware handoff of the same stem.
        part: The part that the bitstream's header names.
        closed_mhz: The clock that the design may not exceed [MHz]: C synthesis aimed at it by estimated delays.
        made_by: That clock as a figure, with the tool.
    """

    bit: Path
    hwh: Path
    part: str
    closed_mhz: float
    made_by: Figure


def write(
    fabric: Fabric,
    *,
    design: str,
    part: str,
    clock_period_ps: int,
    network: Mapping[str, Any],
    synthesis_tool: str,
    out: Path,
) -> SimulatedOverlay:
    """Write the two files of an overlay.

    Args:
        fabric: The design's model.
        design: The design's name; the files' names begin with it.
        part: The part as the vendor writes it; a Zynq UltraScale+ device.
        clock_period_ps: The clock period that C synthesis aimed at [ps].
        network: The contents of the design's network.json.
        synthesis_tool: The C synthesis tool with its version.
        out: The folder for the files.

    Raises:
        InputError: The part is of another family, or the clock is slower than pynq can divide.
    """
    if not part.startswith(_FAMILY):
        raise InputError(
            f"part={part}",
            "the simulated board has the processing system of Zynq UltraScale+ only",
            "Use a board with an xczu or xck part, for example board=zcu104.",
        )
    closed_mhz = 1e6 / clock_period_ps
    payload = {
        "fabric": fabric.key,
        "design": design,
        "part": part,
        "base": BASE,
        "span": SPAN,
        "period_ps": clock_period_ps,
    }
    name = re.sub(r"[^A-Za-z0-9_]", "_", design)
    stem = f"{name}-{digest_text(canonical_json(payload))[:12]}"
    bit, hwh = out / f"{stem}.bit", out / f"{stem}.hwh"
    write_bytes(bit, bitstream(design=name, part=part, payload=_MAGIC + canonical_json(payload).encode()))
    write_text(
        hwh, handoff(part=part, divisors=divisors(closed_mhz), registers=network["registers"], memories=network["maxi"])
    )
    return SimulatedOverlay(
        bit=bit,
        hwh=hwh,
        part=part,
        closed_mhz=closed_mhz,
        made_by=Figure(value=closed_mhz, unit="MHz", kind="estimated", tool=synthesis_tool),
    )


def divisors(closed_mhz: float) -> tuple[int, int]:
    """Return the two divisors, of 6 bits each, that give the fastest clock that is not above `closed_mhz`.

    Raises:
        InputError: The slowest clock is above it.
    """
    for product, first, second in _DIVISORS:
        if PLL_MHZ / product <= closed_mhz:
            return first, second
    raise InputError(
        "clock",
        f"the clock is {closed_mhz:.3f} MHz; must be at least {PLL_MHZ / _DIVISORS[-1][0]:.3f} MHz",
        "Use a faster clock.",
    )


def bitstream(*, design: str, part: str, payload: bytes) -> bytes:
    """Return a .bit file: the vendor's header (fields a to e), then the payload, padded to whole words.

    The header carries no date, so equal inputs give equal files.
    """

    def field(letter: bytes, text: str) -> bytes:
        data = text.encode("ascii") + b"\0"
        return letter + struct.pack(">H", len(data)) + data

    padded = payload + bytes(-len(payload) % 4)
    return b"".join(
        (
            struct.pack(">H9sH", 9, bytes.fromhex("0ff00ff00ff00ff000"), 1),
            field(b"a", f"{design};UserID=0XFFFFFFFF;Version=simulated"),
            field(b"b", part),
            field(b"c", "2000/01/01"),
            field(b"d", "00:00:00"),
            b"e" + struct.pack(">I", len(padded)) + padded,
        )
    )


def payload_of(bit: bytes) -> dict[str, Any]:
    """Return what a simulated bitstream names.

    Raises:
        InputError: It is none.
    """
    _, found, rest = bit.partition(_MAGIC)
    if not found:
        raise InputError("bitstream", "this is no bitstream of the simulated board", "Make it with the task deploy.")
    return dict(json.loads(rest.rstrip(b"\0")))


def handoff(
    *,
    part: str,
    divisors: tuple[int, int],
    registers: Sequence[Mapping[str, Any]],
    memories: Sequence[Mapping[str, Any]],
) -> str:
    """Return the .hwh: the processing system, its clocks, and the accelerator with its registers.

    Args:
        part: The part as the vendor writes it.
        divisors: What divides PLL_MHZ to the logic's clock.
        registers: The accelerator's arguments, as in network.json.
        memories: Its memory ports, as in network.json.
    """
    device, package, speed, *_ = (*part.split("-"), "", "")
    root = ET.Element("EDKSYSTEM", {"EDWVERSION": "1.2", "VERSION": "1.0"})
    ET.SubElement(
        root,
        "SYSTEMINFO",
        {
            "ARCH": "zynquplus",
            "DEVICE": device,
            "NAME": "aigchip_simulated",
            "PACKAGE": package,
            "SPEEDGRADE": f"-{speed}",
        },
    )
    ET.SubElement(root, "EXTERNALPORTS")
    modules = ET.SubElement(root, "MODULES")
    _processing_system(modules, divisors=divisors, memories=memories)
    _accelerator(modules, registers=registers, memories=memories)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8" standalone="no"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _module(parent: ET.Element, *, instance: str, kind: str, vlnv: str, is_logic: bool) -> ET.Element:
    return ET.SubElement(
        parent,
        "MODULE",
        {
            "FULLNAME": f"/{instance}",
            "HWVERSION": vlnv.rpartition(":")[2],
            "INSTANCE": instance,
            "IPTYPE": "PERIPHERAL",
            "IS_PL": "TRUE" if is_logic else "FALSE",
            "MODCLASS": "PERIPHERAL",
            "MODTYPE": kind,
            "VLNV": vlnv,
        },
    )


def _parameters(module: ET.Element, values: Mapping[str, object]) -> None:
    parameters = ET.SubElement(module, "PARAMETERS")
    for name, value in values.items():
        ET.SubElement(parameters, "PARAMETER", {"NAME": name, "VALUE": str(value)})


def _bus(parent: ET.Element, name: str, way: str, width_bits: int) -> None:
    bus = ET.SubElement(
        parent,
        "BUSINTERFACE",
        {
            "BUSNAME": name,
            "DATAWIDTH": str(width_bits),
            "NAME": name,
            "TYPE": way,
            "VLNV": "xilinx.com:interface:aximm:1.0",
        },
    )
    ET.SubElement(bus, "PARAMETER", {"NAME": "DATA_WIDTH", "VALUE": str(width_bits)})


def _port(parent: ET.Element, name: str, *, way: str, kind: str, to: tuple[str, str]) -> None:
    port = ET.SubElement(parent, "PORT", {"DIR": way, "NAME": name, "SIGIS": kind, "SIGNAME": f"{_PS}_{kind}"})
    connections = ET.SubElement(port, "CONNECTIONS")
    ET.SubElement(connections, "CONNECTION", {"INSTANCE": to[0], "PORT": to[1]})


def _processing_system(
    modules: ET.Element, *, divisors: tuple[int, int], memories: Sequence[Mapping[str, Any]]
) -> None:
    module = _module(
        modules, instance=_PS, kind="zynq_ultra_ps_e", vlnv="xilinx.com:ip:zynq_ultra_ps_e:3.4", is_logic=False
    )
    values: dict[str, object] = {"C_MAXIGP0_DATA_WIDTH": 32}
    for index, memory in enumerate(memories):
        values[f"C_SAXIGP{index + 2}_DATA_WIDTH"] = memory["width_bits"]
    for index in range(4):
        first, second = divisors if index == 0 else (15, 1)
        prefix = f"PSU__CRL_APB__PL{index}_REF_CTRL__"
        values |= {
            f"PSU__FPGA_PL{index}_ENABLE": int(index == 0),
            f"{prefix}DIVISOR0": first,
            f"{prefix}DIVISOR1": second,
            f"{prefix}SRCSEL": "IOPLL",
            f"{prefix}ACT_FREQMHZ": f"{PLL_MHZ / (first * second):.6f}",
        }
    _parameters(module, values)
    ports = ET.SubElement(module, "PORTS")
    _port(ports, "pl_clk0", way="O", kind="clk", to=(IP, "ap_clk"))
    _port(ports, "pl_resetn0", way="O", kind="rst", to=(IP, "ap_rst_n"))
    buses = ET.SubElement(module, "BUSINTERFACES")
    _bus(buses, "M_AXI_HPM0_FPD", "MASTER", 32)
    for index, memory in enumerate(memories):
        _bus(buses, f"S_AXI_HP{index}_FPD", "SLAVE", memory["width_bits"])
    memory_map = ET.SubElement(module, "MEMORYMAP")
    ET.SubElement(
        memory_map,
        "MEMRANGE",
        {
            "ADDRESSBLOCK": "Reg",
            "BASENAME": "C_BASEADDR",
            "BASEVALUE": f"0x{BASE:08X}",
            "HIGHNAME": "C_HIGHADDR",
            "HIGHVALUE": f"0x{BASE + SPAN - 1:08X}",
            "INSTANCE": IP,
            "IS_DATA": "TRUE",
            "IS_INSTRUCTION": "TRUE",
            "MASTERBUSINTERFACE": "M_AXI_HPM0_FPD",
            "MEMTYPE": "REGISTER",
            "SLAVEBUSINTERFACE": "s_axi_control",
        },
    )


_CONTROL_FIELDS = (
    ("AP_START", 0, "read-write"),
    ("AP_DONE", 1, "read-only"),
    ("AP_IDLE", 2, "read-only"),
    ("AP_READY", 3, "read-only"),
    ("AUTO_RESTART", 7, "read-write"),
)


def _accelerator(
    modules: ET.Element, *, registers: Sequence[Mapping[str, Any]], memories: Sequence[Mapping[str, Any]]
) -> None:
    module = _module(modules, instance=IP, kind="accelerator", vlnv="aigchip:user:accelerator:1.0", is_logic=True)
    blocks = ET.SubElement(module, "ADDRESSBLOCKS")
    block = ET.SubElement(
        blocks,
        "ADDRESSBLOCK",
        {"ACCESS": "", "INTERFACE": "s_axi_control", "NAME": "Reg", "RANGE": str(SPAN), "USAGE": "register"},
    )
    rows = ET.SubElement(block, "REGISTERS")
    control = _register(rows, "CTRL", 0x00, "Control of a run")
    fields = ET.SubElement(control, "FIELDS")
    for name, bit, access in _CONTROL_FIELDS:
        field = ET.SubElement(fields, "FIELD", {"NAME": name})
        _properties(field, {"BIT_OFFSET": bit, "BIT_WIDTH": 1, "ACCESS": access, "DESCRIPTION": name})
    for name, offset in (("GIER", 0x04), ("IP_IER", 0x08), ("IP_ISR", 0x0C)):
        _register(rows, name, offset, "Interrupt register")
    for register in registers:
        words = (register["width_bits"] + 31) // 32
        for word in range(words):
            name = register["name"] if words == 1 else f"{register['name']}_{word + 1}"
            _register(rows, name, register["offset"] + 4 * word, f"Argument {register['name']}")
    for name, offset in (
        ("SHELL_ID", shell.REGISTER_ID),
        ("SHELL_VERSION", shell.REGISTER_VERSION),
        ("CYCLES_LOW", shell.REGISTER_CYCLES_LOW),
        ("CYCLES_HIGH", shell.REGISTER_CYCLES_HIGH),
        ("RUNS", shell.REGISTER_RUNS),
    ):
        _register(rows, name, offset, "Register of the shell", access="read-only")
    _parameters(module, {"C_S_AXI_CONTROL_ADDR_WIDTH": 13, "C_S_AXI_CONTROL_DATA_WIDTH": 32})
    ports = ET.SubElement(module, "PORTS")
    _port(ports, "ap_clk", way="I", kind="clk", to=(_PS, "pl_clk0"))
    _port(ports, "ap_rst_n", way="I", kind="rst", to=(_PS, "pl_resetn0"))
    buses = ET.SubElement(module, "BUSINTERFACES")
    _bus(buses, "s_axi_control", "SLAVE", 32)
    for memory in memories:
        _bus(buses, f"m_axi_{memory['name']}", "MASTER", memory["width_bits"])


def _register(parent: ET.Element, name: str, offset: int, text: str, *, access: str = "read-write") -> ET.Element:
    register = ET.SubElement(parent, "REGISTER", {"NAME": name})
    values = {
        "DESCRIPTION": text,
        "ADDRESS_OFFSET": f"0x{offset:X}",
        "SIZE": 32,
        "ACCESS": access,
        "IS_ENABLED": "true",
        "RESET_VALUE": 0,
    }
    _properties(register, values)
    return register


def _properties(parent: ET.Element, values: Mapping[str, object]) -> None:
    for name, value in values.items():
        ET.SubElement(parent, "PROPERTY", {"NAME": name, "VALUE": str(value)})
