"""Vitis HLS is driven as each version wants it, and believed only for what it leaves. Every tool here is a stand-in."""

import time
from pathlib import Path

import pytest
from support.vendor_tools import install, needs_tcl

from aigchip.core.errors import InputError, ToolMissingError
from aigchip.remote.host import LocalHost
from aigchip.vendor import probe, vitis
from aigchip.vendor.errors import VendorRunError
from aigchip.vendor.licence import Patience
from aigchip.vendor.project import HlsProject
from aigchip.vendor.run import Limits

pytestmark = [needs_tcl, pytest.mark.verifies("vitis")]
HOST = LocalHost()
SOURCE = {"mac.cpp": "int mac(int a, int b) { return a * b; }\n", "mac.h": "int mac(int, int);\n"}
BENCH = {"mac_tb.cpp": "int main() { return 0; }\n"}
PROJECT = HlsProject(
    top="mac", sources=SOURCE, testbench=BENCH, part="xczu7ev-ffvc1156-2-e", clock_period_ps=3333
)  # fmt: skip
ALL = ("csim", "csynth", "cosim", "export")
FORMS = {
    "2021.2": ("vitis_hls",),
    "2022.2": ("vitis_hls",),
    "2023.2": ("vitis_hls", "vitis-run", "v++"),
    "2024.1": ("vitis_hls", "vitis-run", "v++"),
    "2024.2": ("vitis_hls", "vitis-run", "v++"),
    "2025.1": ("vitis-run", "v++"),
    "2025.2": ("vitis-run",),
}


@pytest.fixture
def bench(tmp_path):
    """Install stand-ins of a version and run stages with them."""

    class Bench:
        logs = tmp_path / "logs"
        folder = tmp_path / "host" / "work"
        told: list[str] = []  # noqa: RUF012

        def tools(self, version, programs=None, **behaviour):
            place = tmp_path / "Vitis" / version / "bin"
            for program in programs or FORMS[version]:
                install(place, program, version, **behaviour)
            return probe.hls(probe.find(HOST, roots=[], install=[str(place.parent)]))

        def run(self, version, stages=ALL, *, limits=None, programs=None, project=PROJECT, **behaviour):
            tools = self.tools(version, programs, **behaviour)
            return vitis.run(
                project,
                stages,
                tools=tools,
                host=HOST,
                folder=str(self.folder),
                out=tmp_path / "out",
                logs=self.logs,
                limits=limits or Limits(stage_s=60),
                tell=self.told.append,
            )

    Bench.told = []
    return Bench()


@pytest.mark.parametrize("version", FORMS)
def test_every_version_is_driven_to_the_end(bench, version):
    result = bench.run(version)
    assert result.tool == f"Vitis HLS {version}"
    assert result.synthesis is not None
    assert (result.synthesis.version, result.synthesis.part) == (version, "xczu7ev-ffvc1156-2-e")
    report = result.synthesis.to_report()
    assert (report.clock_period_ps, report.latency_cycles.maximum, report.resources.dsp) == (3333, 20, 4)
    assert result.cosim is not None
    assert result.cosim.passed
    assert result.archive is not None
    assert [path.name for path in result.rtl.iterdir()] == ["mac.v"]


def test_the_commands_are_those_of_the_version(bench):
    found = {version: vitis.commands(bench.tools(version), ("csynth", "export")) for version in FORMS}
    words = {
        version: [[Path(w).name for w in command.words] for command in commands] for version, commands in found.items()
    }
    script = ["vitis_hls", "-f", "run_hls.tcl"]
    assert words["2021.2"] == words["2023.2"] == words["2024.1"] == [script]
    config = ["--mode", "hls", "--config", "hls_config.cfg", "--work_dir", "component"]
    compiled = [["v++", "-c", *config], ["vitis-run", "--package", *config]]
    assert words["2024.2"] == words["2025.1"] == compiled
    assert words["2025.2"] == [["vitis-run", "--mode", "hls", "--tcl", "run_hls.tcl"]]


def test_the_scripts(bench, golden):
    from aigchip.vendor import project

    golden("vendor/project.tcl", project.script(PROJECT, ALL, bench.tools("2022.2")))
    golden("vendor/component.tcl", project.script(PROJECT, ("csynth",), bench.tools("2025.2")))
    golden("vendor/hls_config.cfg", project.config(PROJECT))


@pytest.mark.parametrize("version", ["2022.2", "2025.1", "2025.2"])
@pytest.mark.parametrize(
    ("stage", "missing"),
    [
        ("csim", "mac_csim.log was not written"),
        ("csynth", "csynth.xml was not written"),
        ("cosim", "mac_cosim.rpt was not written"),
        ("export", "no archive of the IP was written"),
    ],
)
def test_exit_code_0_without_an_artefact_is_a_failure(bench, version, stage, missing):
    stages = tuple(s for s in ALL if s in {"csynth", stage})
    with pytest.raises(VendorRunError) as caught:
        bench.run(version, stages, silent=[stage])
    name = stage if version == "2025.1" else "-".join(stages)
    assert str(caught.value) == (
        f"mac (Vitis HLS {version}): {stage} failed: {missing}. The log is {bench.logs / name}.log."
    )
    assert caught.value.code == "no-artefact"
    assert "(exit code 0)" in (bench.logs / f"{name}.log").read_text()


@pytest.mark.parametrize("version", ["2023.2", "2025.1"])
def test_finished_command_after_a_failure_is_a_failure_that_names_the_cause(bench, version):
    with pytest.raises(VendorRunError) as caught:
        bench.run(version, ("csynth",), broken=["csynth"], exit_code=0)
    assert str(caught.value).startswith(
        f"mac (Vitis HLS {version}): csynth failed: csynth.xml was not written; the tool says: mac.cpp:3:9: "
        "use of undeclared identifier 'q'. "
    )
    assert (caught.value.code, caught.value.message.error_class) == ("failed", "undeclared identifier")
    assert "Finished Command csynth_design" in (bench.logs / "csynth.log").read_text()


def test_a_report_of_an_older_run_does_not_count(bench):
    old = bench.folder / "project" / "solution" / "syn" / "report" / "csynth.xml"
    bench.run("2022.2", ("csynth",))
    assert not bench.folder.exists()
    old.parent.mkdir(parents=True)
    old.write_text("<profile/>")
    with pytest.raises(VendorRunError, match=r"csynth\.xml was not written"):
        bench.run("2022.2", ("csynth",), silent=["csynth"])
    assert not old.exists()


def test_a_report_with_a_date_before_the_start_does_not_count(bench):
    with pytest.raises(VendorRunError, match=r"csynth\.xml was not written"):
        bench.run("2022.2", ("csynth",), old=True)
    assert (bench.folder / "project" / "solution" / "syn" / "report" / "csynth.xml").is_file()


@pytest.mark.parametrize("status", ["Fail", "NA"])
def test_a_cosimulation_counts_by_its_status(bench, status):
    with pytest.raises(VendorRunError) as caught:
        bench.run("2022.2", ("csynth", "cosim"), cosim_status=status)
    assert f"cosim failed: mac_cosim.rpt says VHDL NA, Verilog {status}. The log is " in str(caught.value)


def test_a_c_simulation_with_errors_and_a_torn_archive_are_failures(bench):
    with pytest.raises(VendorRunError, match=r"csim failed: mac_csim\.log does not say 0 errors"):
        bench.run("2022.2", ("csim",), csim_errors=1)
    with pytest.raises(VendorRunError, match=r"export failed: stand_in\.zip is no whole archive with a component\.xml"):
        bench.run("2022.2", ("csynth", "export"), torn_archive=True)


@pytest.mark.parametrize("version", ["2025.1", "2025.2"])
def test_a_component_may_have_its_reports_beside_the_solution(bench, version):
    result = bench.run(version, ALL, copies_only=True)
    assert result.cosim is not None
    assert result.cosim.passed
    with pytest.raises(VendorRunError, match=r"csim failed: hls_run_csim\.log does not say 0 errors"):
        bench.run(version, ("csim",), copies_only=True, csim_errors=2)


def test_a_licence_that_is_in_use_is_waited_for(bench):
    waits: list[float] = []
    patience = Patience(total_s=600, first_s=15, longest_s=120, sleep=waits.append)
    result = bench.run("2022.2", ("csynth",), licence_busy=2, limits=Limits(stage_s=60, patience=patience))
    assert result.synthesis is not None
    assert waits == [15, 30]
    assert bench.told[0] == (
        "mac (Vitis HLS 2022.2): all licences are in use (ERROR: [Common 17-345] A valid license was not found for "
        "feature 'HLS'.); the next try is in 15 s"
    )


def test_patience_for_a_licence_ends(bench):
    limits = Limits(stage_s=60, patience=Patience(total_s=0, sleep=lambda _: None))
    with pytest.raises(VendorRunError) as caught:
        bench.run("2022.2", ("csynth",), licence_busy=9, limits=limits)
    assert caught.value.code == "licence"
    assert str(caught.value).startswith(
        "mac (Vitis HLS 2022.2): no licence became free within 0 s (ERROR: [Common 17-345]"
    )


def test_a_licence_that_will_never_come_is_not_waited_for(bench):
    waits: list[float] = []
    limits = Limits(stage_s=60, patience=Patience(sleep=waits.append))
    text = "ERROR: Cannot find license file. License path: 27000@nowhere\\nFLEXnet Licensing error:-1,359. A valid license was not found for feature 'HLS'"
    with pytest.raises(VendorRunError):
        bench.run("2022.2", ("csynth",), licence_busy=9, licence_text=text, limits=limits)
    assert waits == []


def test_a_hang_is_ended_at_the_limit_and_the_log_is_kept(bench):
    started = time.monotonic()
    with pytest.raises(VendorRunError) as caught:
        bench.run("2025.2", ("csynth",), hangs=True, limits=Limits(stage_s=2))
    assert time.monotonic() - started < 20
    assert caught.value.code == "time-out"
    assert str(caught.value) == (
        "mac (Vitis HLS 2025.2): csynth did not end within 2 s and was stopped. Raise vendor: timeout_s: in aigchip.yaml, "
        f"or make the design smaller. The log is {bench.logs}/csynth.log."
    )
    assert (bench.logs / "csynth.log").is_file()


def test_what_cannot_be_asked_for(bench):
    with pytest.raises(InputError) as caught:
        bench.run("2022.2", ("cosim",))
    assert str(caught.value) == "vitis: mac: cosim needs csynth before it. Add csynth."
    with pytest.raises(InputError) as caught:
        bench.run("2022.2", ("csynth", "csim"))
    assert str(caught.value) == (
        "vitis: mac: the stages are csynth, csim; must be some of csim, csynth, cosim, export. Order them."
    )
    bare = HlsProject(top="mac", sources=SOURCE, part="xczu7ev-ffvc1156-2-e", clock_period_ps=3333)
    with pytest.raises(InputError) as caught:
        bench.run("2022.2", ("csim",), project=bare)
    assert str(caught.value) == "vitis: mac: csim and cosim need a test bench; there is none. Give one."
    with pytest.raises(InputError) as caught:
        HlsProject(top="mac; exit", sources=SOURCE, part="xczu7ev-ffvc1156-2-e", clock_period_ps=3333)
    assert str(caught.value) == (
        "vitis: a name is 'mac; exit'; must be letters, digits, dots, dashes and underscores. Rename it."
    )


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("set_top mac", "set_tip mac", 'invalid command name "set_tip"'),
        ("open_solution -reset", "open_solution -rest", "open_solution: unknown option -rest"),
        ("add_files mac.cpp", "add_files mca.cpp", "add_files: mca.cpp is not there"),
        (
            "set_part {xczu7ev-ffvc1156-2-e}",
            "set_part {xczu7ev-2FFVC1156}",
            "Part 'xczu7ev-2FFVC1156' is not installed.",
        ),
        ("csynth_design\n", "", "cosim_design before csynth_design"),
        ("set_top mac\n", "", "there is no top yet"),
        ("-format ip_catalog", "-format verilog", "export_design: unknown format"),
    ],
)
def test_the_stand_in_refuses_a_wrong_script(bench, tmp_path, right, wrong, said):
    """The stand-in commands are themselves tested: a mistake in a script must fail."""
    from support.vendor_tools import run_tcl

    from aigchip.vendor import project

    text = project.script(PROJECT, ALL, bench.tools("2022.2"))
    assert right in text
    for name in (*SOURCE, *BENCH):
        (tmp_path / name).write_text("")
    script = tmp_path / "run_hls.tcl"
    script.write_text(text)
    assert run_tcl("hls_commands.tcl", script, tmp_path, standin_components="0").returncode == 0
    script.write_text(text.replace(right, wrong))
    refused = run_tcl("hls_commands.tcl", script, tmp_path, standin_components="0")
    assert refused.returncode != 0
    assert said in refused.stderr


def test_nothing_is_installed(tmp_path):
    with pytest.raises(ToolMissingError) as caught:
        probe.hls(probe.find(HOST, roots=[str(tmp_path)], install=[]))
    assert str(caught.value) == (
        "toolchain=vitis: no Vitis HLS is installed on this machine: none of vitis-run, v++, vitis_hls, vivado_hls is on "
        "PATH or in a usual place. Install Vitis 2021.2 or later, or name its folder in aigchip.yaml (vendor: vitis:); "
        "toolchain=csynth needs none."
    )
