"""The two files of a simulated overlay, read by code that shares nothing with their writer."""

import struct
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from simulated_board import payload

from aigchip.board import hosted_boards, load
from aigchip.core.errors import InputError
from aigchip.simboard import overlay
from aigchip.simboard.model import Fabric
from aigchip.simboard.processing_system import PROCESSING_SYSTEMS

NETWORK = {
    "registers": [
        {"name": "tile_m", "offset": 0x10, "width_bits": 32},
        {"name": "gmem_a", "offset": 0x48, "width_bits": 64},
    ],
    "maxi": [{"name": "gmem_a", "width_bits": 64}, {"name": "gmem_c", "width_bits": 512}],
}


def write(out, *, key="k" * 40, design="my design", board="zcu104", period_ps=3333):
    fabric = Fabric(library=Path("libfabric.so"), key=key, tool="verilator 5.48.0")
    return overlay.write(
        fabric,
        design=design,
        board=load(board),
        clock_period_ps=period_ps,
        network=NETWORK,
        synthesis_tool="csynth 1",
        out=out,
    )


def header(bit):
    """Read a .bit file as the vendor's header is described: fields of a letter, a length and a text."""
    (first,) = struct.unpack_from(">H", bit)
    at, fields = 2 + first + 2, {}
    while (letter := bit[at : at + 1]) != b"e":
        (length,) = struct.unpack_from(">H", bit, at + 1)
        fields[letter.decode()] = bit[at + 3 : at + 3 + length].rstrip(b"\0").decode()
        at += 3 + length
    (length,) = struct.unpack_from(">I", bit, at + 1)
    data = bit[at + 5 :]
    assert len(data) == length
    return fields, data


def test_the_header_is_the_vendors_and_the_payload_names_the_model(tmp_path):
    made = write(tmp_path)
    fields, data = header(made.bit.read_bytes())
    assert fields == {
        "a": "my_design;UserID=0XFFFFFFFF;Version=simulated",
        "b": "xczu7ev-ffvc1156-2-e",
        "c": "2000/01/01",
        "d": "00:00:00",
    }
    swapped = b"".join(data[i : i + 4][::-1] for i in range(0, len(data), 4))  # as the FPGA manager wants it
    told = payload.decode(swapped)
    assert told == overlay.payload_of(made.bit.read_bytes())
    assert (told["fabric"], told["part"], told["base"]) == ("k" * 40, "xczu7ev-ffvc1156-2-e", 0xA0000000)
    assert bytes.fromhex("aa995566") not in data  # no synchronisation word: hardware does not configure itself with it


def test_the_stem_differs_by_design_and_equal_inputs_give_equal_files(tmp_path):
    first, second, other = write(tmp_path / "a"), write(tmp_path / "b"), write(tmp_path / "c", key="j" * 40)
    assert first.bit.read_bytes() == second.bit.read_bytes()
    assert first.bit.stem == first.hwh.stem == second.bit.stem != other.bit.stem
    assert first.bit.read_bytes() != other.bit.read_bytes()


def test_the_clock_is_estimated_and_says_who_aimed_at_it(tmp_path):
    made = write(tmp_path)
    assert str(made.made_by) == "300 MHz (estimated, csynth 1)"
    assert made.closed_mhz == pytest.approx(300.03)


def test_the_handoff_holds_what_pynq_reads(tmp_path):
    root = ET.parse(write(tmp_path).hwh).getroot()
    assert root.find("EXTERNALPORTS") is not None
    system, accelerator = root.findall("./MODULES/MODULE")
    assert system.get("MODTYPE") == "zynq_ultra_ps_e"
    values = {p.get("NAME"): p.get("VALUE") for p in system.findall("./PARAMETERS/PARAMETER")}
    assert [values[f"PSU__FPGA_PL{i}_ENABLE"] for i in range(4)] == ["1", "0", "0", "0"]
    prefix = "PSU__CRL_APB__PL0_REF_CTRL__"
    assert {name.removeprefix(prefix): v for name, v in values.items() if name.startswith(prefix)} == {
        "DIVISOR0": "5",
        "DIVISOR1": "1",
        "SRCSEL": "IOPLL",
        "ACT_FREQMHZ": "299.997000",
    }
    assert (values["C_SAXIGP2_DATA_WIDTH"], values["C_SAXIGP3_DATA_WIDTH"]) == ("64", "128")
    widths = {bus.get("NAME"): bus.get("DATAWIDTH") for bus in root.iter("BUSINTERFACE")}
    assert (widths["m_axi_gmem_c"], widths["S_AXI_HP1_FPD"]) == ("512", "128")  # converted on the way
    (window,) = system.iter("MEMRANGE")
    assert (window.get("INSTANCE"), window.get("BASEVALUE"), window.get("HIGHVALUE"), window.get("MEMTYPE")) == (
        "accelerator_0", "0xA0000000", "0xA000FFFF", "REGISTER",
    )  # fmt: skip
    offsets = {
        register.get("NAME"): next(p.get("VALUE") for p in register if p.get("NAME") == "ADDRESS_OFFSET")
        for register in accelerator.iter("REGISTER")
    }
    assert offsets == {
        "CTRL": "0x0", "GIER": "0x4", "IP_IER": "0x8", "IP_ISR": "0xC", "tile_m": "0x10", "gmem_a_1": "0x48", "gmem_a_2": "0x4C",
        "SHELL_ID": "0x1000", "SHELL_VERSION": "0x1004", "CYCLES_LOW": "0x1008", "CYCLES_HIGH": "0x100C", "RUNS": "0x1010",
        "LIST_LOW": "0x1018", "LIST_HIGH": "0x101C", "LIST_COMMAND": "0x1020", "LIST_JOBS": "0x1024",
        "LIST_CYCLES_LOW": "0x1028", "LIST_CYCLES_HIGH": "0x102C", "LIST_ERROR": "0x1030", "LIST_TAKEN": "0x1034",
    }  # fmt: skip


def test_the_handoff_of_zynq_7000_has_the_names_that_vivado_gives_there(tmp_path):
    made = write(tmp_path, board="pynq-z2", period_ps=8000)
    assert header(made.bit.read_bytes())[0]["b"] == "7z020clg400"  # no xc and no speed grade in these headers
    assert made.part == overlay.payload_of(made.bit.read_bytes())["part"] == "xc7z020clg400-1"
    root = ET.parse(made.hwh).getroot()
    told = root.find("SYSTEMINFO")
    assert [told.get(name) for name in ("ARCH", "DEVICE", "PACKAGE", "SPEEDGRADE")] == ["zynq", "7z020", "clg400", "-1"]
    system, accelerator = root.findall("./MODULES/MODULE")
    assert (system.get("MODTYPE"), system.get("INSTANCE")) == ("processing_system7", "processing_system7_0")
    values = {p.get("NAME"): p.get("VALUE") for p in system.findall("./PARAMETERS/PARAMETER")}
    assert [values[f"PCW_FPGA_FCLK{i}_ENABLE"] for i in range(4)] == ["1", "0", "0", "0"]
    assert [values[f"PCW_FCLK0_PERIPHERAL_{name}"] for name in ("DIVISOR0", "DIVISOR1", "CLKSRC")] == [
        "4",
        "2",
        "IO PLL",
    ]
    assert not [name for name in values if name.startswith("PSU_")]
    assert (values["C_S_AXI_HP0_DATA_WIDTH"], values["C_S_AXI_HP1_DATA_WIDTH"]) == ("64", "64")
    (window,) = system.iter("MEMRANGE")
    assert (window.get("BASEVALUE"), window.get("HIGHVALUE"), window.get("MASTERBUSINTERFACE")) == (
        "0x43C00000", "0x43C0FFFF", "M_AXI_GP0",
    )  # fmt: skip
    ports = {port.get("NAME"): port.find(".//CONNECTION").get("PORT") for port in system.iter("PORT")}
    assert ports == {"FCLK_CLK0": "ap_clk", "FCLK_RESET0_N": "ap_rst_n"}
    assert {port.find(".//CONNECTION").get("INSTANCE") for port in accelerator.iter("PORT")} == {"processing_system7_0"}


@pytest.mark.parametrize("board", hosted_boards())
def test_there_is_an_overlay_for_every_board(tmp_path, board):
    made = write(tmp_path, board=board, period_ps=load(board).clock.default_period_ps)
    assert made.part == overlay.payload_of(made.bit.read_bytes())["part"] == load(board).part


@pytest.mark.parametrize("name", PROCESSING_SYSTEMS)
@pytest.mark.parametrize("closed_mhz", [1499.985, 1000.0, 700.0, 300.03, 250.0, 22.4, 1.0])
def test_the_divisors_never_overclock_and_are_as_fast_as_can_be(name, closed_mhz):
    pll_mhz = PROCESSING_SYSTEMS[name].pll_mhz
    first, second = overlay.divisors(closed_mhz, pll_mhz)
    assert 1 <= first <= 63 and 1 <= second <= 63
    reached = pll_mhz / (first * second)
    faster = [
        pll_mhz / (a * b) for a in range(1, 64) for b in range(1, 64) if reached < pll_mhz / (a * b) <= closed_mhz
    ]
    assert reached <= closed_mhz and not faster


def test_a_clock_that_no_divisor_reaches_is_refused(tmp_path):
    with pytest.raises(InputError) as refused:
        write(tmp_path, period_ps=10_000_000)
    assert str(refused.value) == "clock: the clock is 0.100 MHz; must be at least 0.378 MHz. Use a faster clock."


def test_a_bitstream_for_hardware_is_none_of_ours():
    with pytest.raises(OSError, match="this bitstream is for hardware, not for the simulated board"):
        payload.decode(bytes(range(64)))
    with pytest.raises(InputError, match="bitstream: this is no bitstream of the simulated board"):
        overlay.payload_of(bytes(range(64)))
