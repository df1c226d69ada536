"""The RTL as an IP-XACT component, IEEE 1685-2014: bus interfaces, memory map with registers, ports, file sets."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Sequence

from aigchip.export import common, driver, registers
from aigchip.export.description import CORE_VERSION, LIBRARY, VENDOR, Description, Field, Files, Port, Register

NAMESPACE = "http://www.accellera.org/XMLSchema/IPXACT/1685-2014"
_SCHEMA = f"{NAMESPACE}/index.xsd"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_MAP = "s_axi_control"
_RANGE = 0x2000


def files(description: Description) -> Files:
    """Return component.xml and the RTL."""
    return {
        **common.told(description, registers.made_with(description)),
        **common.rtl(description),
        "component.xml": text(description),
        **registers.files(description),
        **driver.files(description),
    }


def text(description: Description) -> str:
    """Return the component."""
    ET.register_namespace("ipxact", NAMESPACE)
    ET.register_namespace("xsi", _XSI)
    component = ET.Element(_tag("component"), {f"{{{_XSI}}}schemaLocation": f"{NAMESPACE} {_SCHEMA}"})
    _add(component, "vendor", VENDOR)
    _add(component, "library", LIBRARY)
    _add(component, "name", description.identifier)
    _add(component, "version", CORE_VERSION)
    _bus_interfaces(_add(component, "busInterfaces"), description)
    spaces = _add(component, "addressSpaces")
    for memory in description.memories:
        space = _add(spaces, "addressSpace")
        _add(space, "name", f"m_axi_{memory.name}")
        _add(space, "range", f"2**{64}")
        _add(space, "width", str(memory.width_bits))
    _memory_map(_add(component, "memoryMaps"), description)
    _model(_add(component, "model"), description)
    _file_sets(_add(component, "fileSets"), description)
    _add(
        component,
        "description",
        f"int8 convolution accelerator, design {description.design}, written by aigchip {description.version}; "
        "provenance.json says who made what.",
    )
    ET.indent(component)
    head = common.header(description, "The accelerator as an IP-XACT component, IEEE 1685-2014", "")
    comment = "".join(f"<!--{line} -->\n" for line in head.splitlines())
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{comment}{ET.tostring(component, encoding="unicode")}\n'


def _tag(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


def _add(parent: ET.Element, tag: str, text: str | None = None, **attributes: str) -> ET.Element:
    element = ET.SubElement(parent, _tag(tag), attributes)
    element.text = text
    return element


def _bus_interfaces(parent: ET.Element, description: Description) -> None:
    control = _bus(parent, "s_axi_control", ("interface", "aximm"), _of("s_axi_control_", description.ports))
    _add(_add(control, "slave"), "memoryMapRef", memoryMapRef=_MAP)
    for memory in description.memories:
        name = f"m_axi_{memory.name}"
        master = _bus(parent, name, ("interface", "aximm"), _of(f"{name}_", description.ports))
        _add(_add(master, "master"), "addressSpaceRef", addressSpaceRef=name)
    names = [f"m_axi_{memory.name}" for memory in description.memories]
    clock = _bus(parent, "ap_clk", ("signal", "clock"), {"CLK": "ap_clk"})
    _add(clock, "slave")
    _parameters(
        clock,
        {
            "ASSOCIATED_BUSIF": ":".join([_MAP, *names]),
            "ASSOCIATED_RESET": "ap_rst_n",
            "FREQ_HZ": str(round(1e12 / description.clock_period_ps)),
        },
    )
    reset = _bus(parent, "ap_rst_n", ("signal", "reset"), {"RST": "ap_rst_n"})
    _add(reset, "slave")
    _parameters(reset, {"POLARITY": "ACTIVE_LOW"})
    _add(_bus(parent, "interrupt", ("signal", "interrupt"), {"INTERRUPT": "interrupt"}), "master")


def _of(prefix: str, ports: Sequence[Port]) -> dict[str, str]:
    return {port.name.removeprefix(prefix): port.name for port in ports if port.name.startswith(prefix)}


def _bus(parent: ET.Element, name: str, kind: tuple[str, str], ports: dict[str, str]) -> ET.Element:
    """Add a bus interface with its port maps; the caller adds its mode, which stands behind them."""
    library, bus = kind
    found = _add(parent, "busInterface")
    _add(found, "name", name)
    _add(found, "busType", vendor="xilinx.com", library=library, name=bus, version="1.0")
    abstraction = _add(_add(found, "abstractionTypes"), "abstractionType")
    _add(abstraction, "abstractionRef", vendor="xilinx.com", library=library, name=f"{bus}_rtl", version="1.0")
    maps = _add(abstraction, "portMaps")
    for logical, physical in ports.items():
        pair = _add(maps, "portMap")
        _add(_add(pair, "logicalPort"), "name", logical)
        _add(_add(pair, "physicalPort"), "name", physical)
    return found


def _parameters(parent: ET.Element, values: dict[str, str]) -> None:
    parameters = _add(parent, "parameters")
    for name, value in values.items():
        one = _add(parameters, "parameter", parameterId=f"{parent[0].text}_{name}")
        _add(one, "name", name)
        _add(one, "value", value if value.isdecimal() else f'"{value}"')


def _memory_map(parent: ET.Element, description: Description) -> None:
    found = _add(parent, "memoryMap")
    _add(found, "name", _MAP)
    block = _add(found, "addressBlock")
    _add(block, "name", "registers")
    _add(block, "baseAddress", "'h0")
    _add(block, "range", f"'h{_RANGE:x}")
    _add(block, "width", "32")
    _add(block, "usage", "register")
    for register in description.registers:
        _register(block, register)
    _add(found, "addressUnitBits", "8")


def _register(parent: ET.Element, register: Register) -> None:
    found = _add(parent, "register")
    _add(found, "name", register.name)
    _add(found, "description", register.meaning)
    _add(found, "addressOffset", f"'h{register.offset:x}")
    _add(found, "size", "32")
    kinds = {field.access for field in register.fields}
    _add(found, "access", "read-only" if kinds == {"r"} else "read-write")
    for field in register.fields:
        _field(found, field)


def _field(parent: ET.Element, field: Field) -> None:
    found = _add(parent, "field")
    _add(found, "name", field.name)
    _add(found, "description", field.meaning)
    _add(found, "bitOffset", str(field.low))
    _add(found, "bitWidth", str(field.width_bits))
    _add(found, "access", "read-only" if field.access == "r" else "read-write")
    if field.toggles:
        _add(found, "modifiedWriteValue", "oneToToggle")
    if field.clears_on_read:
        _add(found, "readAction", "clear")


def _model(parent: ET.Element, description: Description) -> None:
    view = _add(_add(parent, "views"), "view")
    _add(view, "name", "verilog")
    _add(view, "envIdentifier", "verilog::")
    _add(view, "componentInstantiationRef", "verilog")
    instantiation = _add(_add(parent, "instantiations"), "componentInstantiation")
    _add(instantiation, "name", "verilog")
    _add(instantiation, "language", "verilog")
    _add(instantiation, "moduleName", description.shell)
    _add(_add(instantiation, "fileSetRef"), "localName", "rtl")
    ports = _add(parent, "ports")
    for port in description.ports:
        found = _add(ports, "port")
        _add(found, "name", port.name)
        wire = _add(found, "wire")
        _add(wire, "direction", "in" if port.direction == "input" else "out")
        if port.width_bits > 1:
            vector = _add(_add(wire, "vectors"), "vector")
            _add(vector, "left", str(port.width_bits - 1))
            _add(vector, "right", "0")


def _file_sets(parent: ET.Element, description: Description) -> None:
    sets = {
        "rtl": [(f"rtl/{file.name}", "verilogSource") for file in description.rtl],
        "software": [(f"{registers.FOLDER}/{registers.header_name(description)}", "cSource")],
    }
    for name, listed in sets.items():
        found = _add(parent, "fileSet")
        _add(found, "name", name)
        for path, kind in listed:
            file = _add(found, "file")
            _add(file, "name", path)
            _add(file, "fileType", kind)
