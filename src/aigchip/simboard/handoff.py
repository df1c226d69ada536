"""The .hwh of a simulated design: what tells pynq of the processing system, its clocks, and the accelerator's registers."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from typing import Any

from aigchip.simboard.processing_system import ProcessingSystem
from aigchip.toolchain import deployed_shell

IP = "accelerator_0"
SPAN = 0x1_0000
"""What the accelerator's registers take of the address space [bytes]."""


def handoff(
    system: ProcessingSystem,
    *,
    part: str,
    divisors: tuple[int, int],
    registers: Sequence[Mapping[str, Any]],
    memories: Sequence[Mapping[str, Any]],
) -> str:
    """Return the .hwh: the processing system, its clocks, and the accelerator with its registers.

    Args:
        system: The board's processing system.
        part: The part as the vendor writes it.
        divisors: What divides its PLL to the logic's clock.
        registers: The accelerator's arguments, as in network.json.
        memories: Its AXI masters: name and width_bits.
    """
    device = system.part(part)
    root = ET.Element("EDKSYSTEM", {"EDWVERSION": "1.2", "VERSION": "1.0"})
    ET.SubElement(
        root,
        "SYSTEMINFO",
        {
            "ARCH": system.architecture,
            "DEVICE": device.device,
            "NAME": "aigchip_simulated",
            "PACKAGE": device.package,
            "SPEEDGRADE": device.speed,
        },
    )
    ET.SubElement(root, "EXTERNALPORTS")
    modules = ET.SubElement(root, "MODULES")
    _processing_system(modules, system, divisors=divisors, memories=memories)
    _accelerator(modules, system, registers=registers, memories=memories)
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


def _port(parent: ET.Element, name: str, *, way: str, net: str, kind: str, to: tuple[str, str]) -> None:
    port = ET.SubElement(parent, "PORT", {"DIR": way, "NAME": name, "SIGIS": kind, "SIGNAME": net})
    connections = ET.SubElement(port, "CONNECTIONS")
    ET.SubElement(connections, "CONNECTION", {"INSTANCE": to[0], "PORT": to[1]})


def _processing_system(
    modules: ET.Element,
    system: ProcessingSystem,
    *,
    divisors: tuple[int, int],
    memories: Sequence[Mapping[str, Any]],
) -> None:
    module = _module(modules, instance=system.instance, kind=system.kind, vlnv=system.vlnv, is_logic=False)
    slaves = [{**memory, "width_bits": min(memory["width_bits"], system.port_bits)} for memory in memories]
    _parameters(module, system.parameters(divisors, system.pll_mhz, slaves))
    ports = ET.SubElement(module, "PORTS")
    _port(ports, system.clock, way="O", net=f"{system.instance}_clk", kind="clk", to=(IP, "ap_clk"))
    _port(ports, system.reset, way="O", net=f"{system.instance}_rst", kind="rst", to=(IP, "ap_rst_n"))
    buses = ET.SubElement(module, "BUSINTERFACES")
    _bus(buses, system.control, "MASTER", 32)
    for index, memory in enumerate(slaves):
        _bus(buses, system.memory.format(index), "SLAVE", memory["width_bits"])
    memory_map = ET.SubElement(module, "MEMORYMAP")
    ET.SubElement(
        memory_map,
        "MEMRANGE",
        {
            "ADDRESSBLOCK": "Reg",
            "BASENAME": "C_BASEADDR",
            "BASEVALUE": f"0x{system.window:08X}",
            "HIGHNAME": "C_HIGHADDR",
            "HIGHVALUE": f"0x{system.window + SPAN - 1:08X}",
            "INSTANCE": IP,
            "IS_DATA": "TRUE",
            "IS_INSTRUCTION": "TRUE",
            "MASTERBUSINTERFACE": system.control,
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
    modules: ET.Element,
    system: ProcessingSystem,
    *,
    registers: Sequence[Mapping[str, Any]],
    memories: Sequence[Mapping[str, Any]],
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
    for name, offset, is_written in deployed_shell.REGISTERS:
        access = "read-write" if is_written else "read-only"
        _register(rows, name, offset, "Register of the shell", access=access)
    _parameters(module, {"C_S_AXI_CONTROL_ADDR_WIDTH": 13, "C_S_AXI_CONTROL_DATA_WIDTH": 32})
    ports = ET.SubElement(module, "PORTS")
    _port(ports, "ap_clk", way="I", net=f"{system.instance}_clk", kind="clk", to=(system.instance, system.clock))
    _port(ports, "ap_rst_n", way="I", net=f"{system.instance}_rst", kind="rst", to=(system.instance, system.reset))
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
