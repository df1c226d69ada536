"""A design with Vitis' RTL and its bitstream, through the command line. Vitis HLS and Vivado are stand-ins here.

The stand-in for Vitis HLS gives the RTL that csynth made of the same design, with the register comments of Vitis' AXI-Lite
slave, so that the way from its folder to the co-simulation and to the bitstream is a real one.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from support.vendor_tools import install, install_vitis_with_rtl, needs_tcl

from aigchip.deploy.overlay import read
from aigchip.export.formats import FORMATS

pytestmark = needs_tcl


def exports_of(project, report):
    """A build with Vitis keeps a record of its own, from which every format is exported; that of csynth is another one."""
    again = project.doit("build", "design=example", "toolchain=vitis")
    assert (again.code, again.err) == (0, "")
    assert "build design=example toolchain=vitis: nothing to do, nothing changed since the last build." in again.out
    other = project.doit("export", "design=example")
    assert other.code == 1
    assert (
        "design=example: the design is not built from what is there now. Run ./doit build design=example." in other.err
    )
    out = project.root / "out"
    for name in FORMATS:
        done = project.doit("export", "design=example", "toolchain=vitis", f"format={name}", f"into={out / name}")
        assert done.code == 0, done.out + done.err
        told = json.loads((out / name / "provenance.json").read_text())
        assert (told["generator"], len(told["modules"])) == ("expert", 14)
        rtl = {path.name for path in (out / name / "rtl").glob("*")} - {"filelist.txt"}
        assert rtl == (
            set() if name == "hls-project" else {path.name for path in (Path(report["rtl"]) / "rtl").iterdir()}
        )
    head = (out / "folder" / "rtl" / "mac.v").read_text() if (out / "folder" / "rtl" / "mac.v").is_file() else ""
    head += (out / "folder" / "rtl" / "ctrl.v").read_text()
    assert head.startswith("// ")
    assert "Vitis HLS 2025.1" in head
    assert "RTL simulation" not in head
    assert (out / "folder" / "report-vitis.json").is_file()
    assert "s_axi_control" in (out / "folder" / "rtl" / "accelerator_shell.v").read_text()
    assert "mac.cpp" in {path.name for path in (out / "folder" / "cpp").iterdir()}
    compared = project.doit("compare", "design=example", "toolchain=vitis")
    assert compared.code == 1
    assert "toolchain=vitis: the performance model estimates csynth's RTL only. Leave it out." in compared.err


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
    network = json.loads((link / "network.json").read_text())
    install_vitis_with_rtl(tmp_path / "Vitis" / "2025.1", link)
    (project.root / "aigchip.yaml").write_text(f"vendor:\n  vitis: {tmp_path}/Vitis/2025.1\n")

    built = project.doit("build", "design=example", "toolchain=vitis")
    assert built.code == 0, built.out + built.err
    assert "design=example: Vitis HLS 2025.1 made the RTL; it is bit-exact in co-simulation." in built.out
    report = json.loads((project.root / "build" / "designs" / "example" / "report-vitis.json").read_text())
    assert {entry["cycles"]["kind"] for entry in report["cosimulation"]["layers"]} == {"simulated"}
    assert {entry["kind"] for entry in report["figures"].values()} == {"estimated"}
    assert report["figures"]["dsp"] == {"value": 4, "unit": "DSP", "kind": "estimated", "tool": "Vitis HLS 2025.1"}
    linked = next(path for path in (project.root / "build" / "store" / "link-vitis").iterdir())
    assert json.loads((linked / "network.json").read_text())["registers"] == network["registers"]
    assert (linked / "rtl" / "accelerator_shell.v").is_file()
    assert list((project.root / "build" / "logs").rglob("csynth.log"))

    exports_of(project, report)
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


def test_what_a_search_cannot_use(project):
    search = project.doit("search", "toolchain=vitis")
    assert search.code == 1
    assert (
        "toolchain=vitis: a search scores designs with csynth only. Leave it out, and build the designs that it finds with "
        "toolchain=vitis."
    ) in search.out + search.err


@pytest.mark.slow
@pytest.mark.verifies("vitis")
def test_the_stages_of_accept_run_on_the_built_example_and_on_no_other_code(project, tmp_path):
    for program in ("vitis-run", "v++"):
        install(tmp_path / "Vitis" / "2025.1" / "bin", program, "2025.1", cosim_status="Fail")
    (project.root / "aigchip.yaml").write_text(f"vendor:\n  vitis: {tmp_path}/Vitis/2025.1\n")
    built = project.doit("build", "design=example", "generator=expert")
    assert built.code == 0, built.out + built.err

    def stages(name):
        words = [sys.executable, "-P", "-m", "aigchip.tasks.expert_stages", str(tmp_path / name / "stages.json")]
        return subprocess.run(
            words, env=project.environment(), cwd=project.root, capture_output=True, text=True, timeout=300, check=False
        )

    done = stages("first")
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads((tmp_path / "first" / "stages.json").read_text())
    assert [(one["stage"], one["outcome"]) for one in found] == [
        ("csim", "held"),
        ("csynth", "held"),
        ("cosim", "failed"),
        ("export", "held"),
    ]
    assert "accelerator_cosim.rpt says VHDL NA, Verilog Fail" in found[2]["detail"]

    expert = project.root / "template" / "post" / "expert.cpp.j2"  # what is built is no longer what the template gives
    expert.write_text(expert.read_text() + "\nstatic int planted = 1;\n")
    refused = stages("second")
    assert refused.returncode == 1
    assert "the design is not built from what is there now" in refused.stderr
    assert not (tmp_path / "second").exists()
