"""A design with Vitis' RTL and its bitstream, through the command line. Vitis HLS and Vivado are stand-ins here.

The stand-in for Vitis HLS gives the RTL that csynth made of the same design, with the register comments of Vitis' AXI-Lite
slave, so that the way from its folder to the co-simulation and to the bitstream is a real one.
"""

import json
import shutil

import pytest
from support.vendor_tools import install, needs_tcl

from aigchip.deploy.overlay import read

pytestmark = needs_tcl


def comments(network):
    """Write the comments from which the registers are read."""
    lines = ["// ------------------------Address Info-------------------", "// 0x00 : Control signals"]
    for register in network["registers"]:
        for word in range(register["width_bits"] // 32):
            lines.append(f"// 0x{register['offset'] + 4 * word:02x} : Data signal of {register['name']}")
    return "\n".join(lines) + "\n"


@pytest.mark.slow
@pytest.mark.verifies("vitis")
@pytest.mark.verifies("vivado")
def test_vitis_makes_the_rtl_of_a_design_and_vivado_its_bitstream(project, tmp_path):
    none = project.doit("link", "design=example", "toolchain=vitis", PATH="/usr/bin:/bin")
    assert none.code == 1
    assert "toolchain=vitis: no Vitis HLS is installed on this machine" in none.err
    assert "Traceback" not in none.err

    made = project.doit("link", "design=example")
    assert made.code == 0, made.out + made.err
    link = next(path for path in (project.root / "build" / "store" / "link").iterdir())
    rtl = tmp_path / "rtl"
    shutil.copytree(link / "rtl", rtl)
    (rtl / "accelerator_shell.v").unlink()
    network = json.loads((link / "network.json").read_text())
    (rtl / "accelerator_control_s_axi.v").write_text(comments(network))
    for program in ("vitis-run", "v++"):
        install(tmp_path / "Vitis" / "2025.1" / "bin", program, "2025.1", rtl=str(rtl))
    (project.root / "aigchip.yaml").write_text(f"vendor:\n  vitis: {tmp_path}/Vitis/2025.1\n")

    built = project.doit("build", "design=example", "toolchain=vitis")
    assert built.code == 0, built.out + built.err
    assert "design=example: Vitis HLS 2025.1 made the RTL; it is bit-exact in co-simulation." in built.out
    report = json.loads((project.root / "build" / "designs" / "example" / "report-vitis.json").read_text())
    assert {entry["kind"] for entry in report["cosimulation"]} == {"simulated"}
    assert {entry["kind"] for entry in report["figures"].values()} == {"estimated"}
    assert report["figures"]["dsp"] == {"value": 4, "unit": "DSP", "kind": "estimated", "tool": "Vitis HLS 2025.1"}
    linked = next(path for path in (project.root / "build" / "store" / "link-vitis").iterdir())
    assert json.loads((linked / "network.json").read_text())["registers"] == network["registers"]
    assert (linked / "rtl" / "accelerator_shell.v").is_file()
    assert list((project.root / "build" / "logs").rglob("csynth.log"))

    why = project.doit("why", "design=example", "toolchain=vitis")
    assert (why.code, why.err) == (0, "")
    assert "rtlsim" not in why.out
    again = project.doit("cosim", "design=example", "toolchain=vitis")
    assert again.code == 0, again.out + again.err
    assert len(list((project.root / "build" / "store" / "link-vitis").iterdir())) == 1

    refused = project.doit("rtlsim", "design=example", "toolchain=vitis")
    assert refused.code == 1
    assert "Vitis HLS gives single modules other ports than the test benches have" in refused.out + refused.err

    without = project.doit("bitstream", "design=example", PATH="/usr/bin:/bin")
    assert without.code == 1
    assert "no Vivado is installed on this machine: vivado is not on PATH" in without.out + without.err
    install(tmp_path / "Vivado" / "2024.1" / "bin", "vivado", "2024.1")
    (project.root / "aigchip.yaml").write_text(
        f"vendor:\n  vitis: {tmp_path}/Vitis/2025.1\n  vivado: {tmp_path}/Vivado/2024.1\n"
    )
    for toolchain in ("csynth", "vitis"):
        done = project.doit("bitstream", "design=example", f"toolchain={toolchain}")
        assert done.code == 0, done.out + done.err
        assert "300" in done.out
        assert "MHz (estimated, Vivado 2024.1)" in done.out
    folders = list((project.root / "build" / "store" / "bitstream").iterdir())
    stems = {json.loads((folder / "overlay.json").read_text())["bit"] for folder in folders}
    assert len(stems) == 2
    for folder in folders:
        overlay = json.loads((folder / "overlay.json").read_text())
        assert (folder / overlay["bit"]).with_suffix(".hwh") == folder / overlay["hwh"]
        assert (folder / overlay["bit"]).is_file()
        taken = read(folder)  # as deploy takes it to a board
        assert (taken.bit.name, taken.made_by.kind, taken.made_by.tool) == (
            overlay["bit"],
            "estimated",
            "Vivado 2024.1",
        )

    install(tmp_path / "Vivado" / "2024.2" / "bin", "vivado", "2024.2", vivado={"wns": -0.1})
    (project.root / "aigchip.yaml").write_text(f"vendor:\n  vivado: {tmp_path}/Vivado/2024.2\n")
    late = project.doit("bitstream", "design=example")
    assert late.code == 1
    assert "the clock is not met: the worst slack of setup is -0.100 ns at 300.03 MHz; must be at least 0." in (
        late.out + late.err
    )


def test_what_csynth_cannot_estimate_and_what_a_search_cannot_use(project):
    part = project.doit("csynth", "design=example", "board=pynq-z2")
    assert part.code == 1
    assert (
        "doit: board: part is 'xc7z020clg400-1', of the 7-series family, whose resources csynth does not count; "
        "must be an UltraScale+ part. Use toolchain=vitis for the stages of a design, or another board.\n"
    ) in part.err
    search = project.doit("search", "toolchain=vitis")
    assert search.code == 1
    assert (
        "toolchain=vitis: a search scores designs with csynth only. Leave it out, and build the designs that it finds with "
        "toolchain=vitis."
    ) in search.out + search.err
