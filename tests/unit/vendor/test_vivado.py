"""The script for Vivado holds, and its bitstream is believed only with its reports. Every tool here is a stand-in."""

import dataclasses
from pathlib import Path

import pytest
from support.vendor_tools import install, needs_tcl, run_tcl

from aigchip.board import hosted_boards, load
from aigchip.core.errors import InputError, ToolMissingError
from aigchip.remote.host import LocalHost
from aigchip.vendor import probe, vivado
from aigchip.vendor.errors import VendorRunError
from aigchip.vendor.run import Limits

pytestmark = [needs_tcl, pytest.mark.verifies("vivado")]
HOST = LocalHost()
MEMORIES = ("gmem_a", "gmem_b", "gmem_c")
SHELL = (
    "module accelerator_shell (\n  input wire ap_clk,\n  input wire ap_rst_n,\n  input wire [12:0] s_axi_control_AWADDR,\n"
    + "".join(f"  output wire [63:0] m_axi_{name}_AWADDR,\n" for name in MEMORIES)
    + "  output wire interrupt\n);\nendmodule\n"
)


def request(board="zcu104", **changes):
    values = {
        "design": "42",
        "rtl": {"accelerator.v": "module accelerator ();\nendmodule\n", "accelerator_shell.v": SHELL},
        "top": "accelerator_shell",
        "memories": MEMORIES,
        "registers": (vivado.Register(name="CTRL", offset=0, bits=32), vivado.Register(name="m", offset=16, bits=32)),
        "board": load(board),
        "clock_period_ps": load(board).clock.default_period_ps,
    }
    return vivado.BitstreamRequest(**{**values, **changes})


@pytest.fixture
def make(tmp_path):
    def go(asked=None, *, version="2024.1", limits=None, **behaviour):
        install(tmp_path / "bin", "vivado", version, vivado=behaviour, **behaviour.pop("program", {}))
        tool = probe.vivado(probe.find(HOST, roots=[], install=[str(tmp_path)]))
        return vivado.make(
            asked or request(),
            tool=tool,
            host=HOST,
            folder=str(tmp_path / "work"),
            out=tmp_path / "out",
            logs=tmp_path / "logs",
            limits=limits or Limits(stage_s=60),
        )

    return go


def check(text: str, folder: Path):
    """Run a script with the stand-in commands; return what they say against it."""
    asked = request()
    for name, verilog in asked.rtl.items():
        (folder / "rtl").mkdir(exist_ok=True)
        (folder / "rtl" / name).write_text(verilog)
    (folder / vivado.CONSTRAINTS).write_text(vivado.constraints(asked))
    script = folder / vivado.SCRIPT
    script.write_text(text)
    return run_tcl("vivado_commands.tcl", script, folder)


@pytest.mark.parametrize("board", hosted_boards())
def test_a_bitstream_for_every_board(make, board):
    overlay = make(request(board))
    assert overlay.bit.stem == overlay.hwh.stem == request(board).stem
    assert overlay.bit.stem.startswith("42-")
    assert overlay.part == load(board).part
    assert overlay.closed_mhz == pytest.approx(1e6 / load(board).clock.default_period_ps, rel=1e-3)
    assert overlay.made_by == "Vivado 2024.1"
    assert overlay.utilisation.used == {"lut": 4423, "ff": 6991, "bram18": 21, "uram": 0, "dsp": 64}
    assert {figure.kind for figure in overlay.figures().values()} == {"estimated"}


def test_the_script(golden):
    golden("vendor/bitstream-zcu104.tcl", vivado.script(request()))
    golden("vendor/bitstream-pynq-z2.tcl", vivado.script(request("pynq-z2")))


def test_the_hwh_of_older_versions_is_found_too(make):
    assert make(version="2019.2", old_place=True).hwh.is_file()


def test_stem_and_bitstream_are_unique_for_a_design():
    one, other = request(), request(rtl={"accelerator_shell.v": SHELL + "// other\n"})
    assert one.stem != other.stem
    assert vivado.constraints(one) != vivado.constraints(other)
    assert f"BITSTREAM.CONFIG.USERID 0x{one.key} " in vivado.constraints(one)


def test_a_clock_that_is_not_met_is_refused_with_the_number(make, tmp_path):
    with pytest.raises(VendorRunError) as caught:
        make(wns=-0.412)
    assert caught.value.code == "timing"
    assert str(caught.value) == (
        "bitstream of 42 (Vivado 2024.1): the clock is not met: the worst slack of setup is -0.412 ns at 300.03 MHz; must "
        "be at least 0. Set clock: default_period_ps: to 3746 or more in boards/zcu104/board.yaml."
    )


def test_a_report_without_the_clock_of_the_logic_is_refused(make):
    with pytest.raises(VendorRunError) as caught:
        make(clock="clk_other")
    assert "the timing report constrains no path of the logic's clock (clocks: clk_other)" in str(caught.value)


@pytest.mark.parametrize(
    ("silent", "missing"),
    [
        ("system_wrapper.bit", "the bitstream was not written"),
        ("system.hwh", "the .hwh was not written"),
        ("timing.rpt", "timing.rpt was not written"),
        ("utilisation.rpt", "utilisation.rpt was not written"),
    ],
)
def test_exit_code_0_without_an_artefact_is_a_failure(make, tmp_path, silent, missing):
    with pytest.raises(VendorRunError) as caught:
        make(silent=[silent])
    assert str(caught.value) == (
        f"bitstream of 42 (Vivado 2024.1): {missing}. The log is {tmp_path / 'logs' / 'bitstream.log'}."
    )


def test_an_hwh_for_another_device_is_refused(make):
    with pytest.raises(VendorRunError, match=r"the \.hwh is for the device xczu9eg; must be of xczu7ev-ffvc1156-2-e"):
        make(device="xczu9eg")


def test_a_hang_is_ended_at_the_limit(make):
    with pytest.raises(VendorRunError) as caught:
        make(program={"hangs": True}, limits=Limits(stage_s=2))
    assert caught.value.code == "time-out"


def test_what_vivado_says_is_in_the_error(make):
    with pytest.raises(VendorRunError) as caught:
        make(request(rtl={"accelerator.v": "module accelerator ();\nendmodule\n"}))
    assert "the top accelerator_shell is in no file" in str(caught.value)


def test_the_cause_of_a_failed_run_is_found_in_its_own_log(make, tmp_path):
    says = "ERROR: [Place 30-640] Place Check : This design requires more LUT as Logic cells than are available in the target device."
    with pytest.raises(VendorRunError) as caught:
        make(run_says=says)
    assert "the tool says: Place Check : This design requires more LUT as Logic cells" in str(caught.value)
    assert says in (tmp_path / "logs" / "bitstream.log").read_text()
    assert (tmp_path / "work").is_dir()  # left for a person


def test_another_version_of_the_boards_files_will_do(make):
    assert make(boards="xilinx.com:zcu104:part0:1.0 xilinx.com:zcu102:part0:3.4").bit.is_file()


def test_a_board_that_vivado_does_not_know_is_said(make):
    with pytest.raises(VendorRunError) as caught:
        make(boards="xilinx.com:zcu102:part0:3.4")
    assert (
        "the tool says: this Vivado does not know the board xilinx.com:zcu104:part0:1.1: install its board files."
        in str(caught.value)
    )


def test_names_that_tcl_would_run_are_refused():
    with pytest.raises(InputError) as caught:
        request(design="42]; exit")
    assert str(caught.value) == (
        "bitstream: a name is '42]; exit'; must be letters, digits, dots, colons, dashes and underscores. Rename it."
    )


def test_a_board_with_too_few_ports_is_refused():
    board = load("zcu104")
    small = dataclasses.replace(board, memory=dataclasses.replace(board.memory, ports=2))
    with pytest.raises(VendorRunError) as caught:
        vivado.script(dataclasses.replace(request(), board=small))
    assert str(caught.value) == (
        "board=zcu104: the accelerator has 3 memory ports; the board has 2. Choose another board."
    )


def test_no_vivado(tmp_path):
    with pytest.raises(ToolMissingError) as caught:
        probe.vivado(probe.find(HOST, roots=[str(tmp_path)], install=[]))
    assert str(caught.value) == (
        "bitstream: no Vivado is installed on this machine: vivado is not on PATH or in a usual place. Install Vivado, or "
        "name its folder in aigchip.yaml (vendor: vivado:); the simulated board needs none."
    )


WRONG = [
    ("create_bd_design system", "create_bd_desing system", 'invalid command name "create_bd_desing"'),
    ("create_project -force project", "create_project -forse project", "unknown option -forse"),
    ("-part xczu7ev-ffvc1156-2-e", "-part XCZU7EV-2FFVC1156", "part XCZU7EV-2FFVC1156 is not found"),
    ("xilinx.com:ip:smartconnect", "xilinx.com:ip:smartconect", "no IP matches xilinx.com:ip:smartconect"),
    ("aigchip:user:accelerator:1.0", "aigchip:user:accelerator:2.0", "no IP matches aigchip:user:accelerator:2.0"),
    ("ps/pl_clk0", "ps/pl_clk1", "get_bd_pins: ps has no pl_clk1"),
    ("ps/M_AXI_HPM0_FPD", "ps/M_AXI_HPM0", "get_bd_intf_pins: ps has no M_AXI_HPM0"),
    ("accelerator_0/s_axi_control", "accelerator/s_axi_control", "there is no cell accelerator"),
    ("CONFIG.PSU__USE__S_AXI_GP4", "CONFIG.PSU__USE__S_AXI_GP9", "ps has no property CONFIG.PSU__USE__S_AXI_GP9"),
    ("CONFIG.PSU__USE__S_AXI_GP4 {1}", "CONFIG.PSU__USE__S_AXI_GP4 {0}", "ps has no saxihp2_fpd_aclk"),
    ("CONFIG.PSU__USE__M_AXI_GP2 {0}", "CONFIG.PSU__USE__M_AXI_GP2 {1}", "ps/maxihpm0_lpd_aclk is not driven"),
    ("{300.03}", "{fast}", "must be a number"),
    (" {128}", " {96}", "cannot be 96"),
    ("assign_bd_address\n", "", "validate_bd_design: there is no addressed yet"),
    ("validate_bd_design\n", "", "save_bd_design: there is no valid yet"),
    ("  lappend resets connect_$name/aresetn\n", "", "connect_control/aresetn is not driven"),
    ("connect_bd_net [get_bd_pins $ps_reset] [get_bd_pins reset/ext_reset_in]\n", "", "reset/ext_reset_in is not driven"),
    ("[get_bd_intf_pins connect_$name/M00_AXI] [get_bd_intf_pins $port]", "[get_bd_intf_pins $port] [get_bd_intf_pins connect_$name/M00_AXI]",
     "ps/S_AXI_HP0_FPD must be a master and connect_gmem_a/M00_AXI a slave"),
    ("wait_on_run impl_1\n", "", "open_run: there is no waited yet"),
    ("set_property top system_wrapper [current_fileset]\n", "", "launch_runs: the top is accelerator_shell"),
    ("-to_step write_bitstream", "-to_step write_bit", "unknown run or step"),
    ("set_property board_part [lindex $boards end] [current_project]\n", "", "there is no board"),
    ("set_property board_part [lindex $boards end]", "set_property board_part xilinx.com:zcu105:part0:1.1", "board_part xilinx.com:zcu105:part0:1.1 is not found"),
    ("get_board_parts -quiet xilinx.com:zcu104:part0:1.1", "get_board_parts -silent x", "get_board_parts: unknown option -silent"),
    ("update_ip_catalog\n", "", "create_bd_cell: there is no catalogue yet"),
    ("ipx::save_core $core\n", "", "holds no IP"),
    ("ipx::associate_bus_interfaces -busif $name -clock ap_clk $core", "", "the interface s_axi_control has no clock"),
    ("-reset ap_rst_n", "-reset ap_rst", "there is no reset"),
    ("ipx::get_address_blocks reg0", "ipx::get_address_blocks Reg", "there is no block"),
    ("m_axi_gmem_b", "m_axi_gmem_d", "the IP packager did not recognise the interface m_axi_gmem_d"),
    ("close_project\n", "", "create_project: a project is open"),
    ("./rtl/accelerator.v", "./rtl/missing.v", "add_files: ./rtl/missing.v is not there"),
]  # fmt: skip


def test_the_right_script_passes_the_stand_in(tmp_path):
    done = check(vivado.script(request()), tmp_path)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(("right", "wrong", "said"), WRONG, ids=[said[:40] for _, _, said in WRONG])
def test_the_stand_in_refuses_a_wrong_script(tmp_path, right, wrong, said):
    """The stand-in commands are themselves tested: every one of their checks fails a script with one mistake."""
    text = vivado.script(request())
    assert right in text
    done = check(text.replace(right, wrong), tmp_path)
    assert done.returncode != 0
    assert said in done.stderr + done.stdout
