"""Vitis HLS' own stages run on the template's own code and on nothing else. Vitis HLS is a stand-in here."""

import ast
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from support.sshd import sshd
from support.vendor_tools import install, needs_tcl

from aigchip.core import paths
from aigchip.core.errors import InputError
from aigchip.export import Description, File
from aigchip.export.description import Argument
from aigchip.space.design import Design
from aigchip.tasks import expert_stages
from aigchip.tasks.vendor_steps import Vitis
from aigchip.template import module, top
from aigchip.toolchain.shell import MemoryPort
from aigchip.vendor import probe
from aigchip.vendor.settings import VendorSettings

pytestmark = [needs_tcl, pytest.mark.verifies("vitis"), pytest.mark.verifies("export-hls")]
DESIGN = Design(**yaml.safe_load((paths.root() / "designs" / "example" / "design.yaml").read_text()))
HEADER = "// mac: the expert code of aigchip's template (Apache-2.0).\n\n"
FORMS = {"2022.2": ("vitis_hls",), "2025.1": ("vitis-run", "v++"), "2025.2": ("vitis-run",)}


def description() -> Description:
    graph, codes = top.process_graph(DESIGN), top.expert_codes(DESIGN)
    names = [(one.name, one.width_bits) for one in graph.scalars] + [(one.name, 64) for one in graph.memories]
    units = {process.instance: top.unit(process.instance, codes) for process in graph.processes}
    return Description(
        design="example",
        version="0.1.0",
        modules=(),
        units=tuple(File(name=f"{name}.cpp", text=HEADER + text) for name, text in units.items()),
        top=File(name=f"{graph.name}.cpp", text=HEADER + top.top_code(graph)),
        includes=tuple(File(name=path.name, text=HEADER + path.read_text()) for path in module.include_dir().glob("*.h")),
        rtl=(File(name=f"{graph.name}_shell.v", text=""),),
        kernel=graph.name,
        arguments=tuple(Argument(name=name, offset=16 + 8 * at, width_bits=w) for at, (name, w) in enumerate(names)),
        memories=tuple(MemoryPort(name=one.name, width_bits=one.width_bits) for one in graph.memories),
        part="xczu7ev-ffvc1156-2-e",
        clock_period_ps=3333,
        licence="",
        reports=(),
        parameters=DESIGN.to_dict(),
        provenance={},
    )  # fmt: skip


def vitis(tmp_path: Path, version: str, *, host: dict[str, str] | None = None, **behaviour: object) -> Vitis:
    place = tmp_path / "Vitis" / version
    for program in FORMS[version]:
        install(place / "bin", program, version, **behaviour)
    settings = VendorSettings(vitis=str(place), folder=str(tmp_path / "there"), **(host or {}))
    found = probe.find(settings.machine(), roots=[], install=[str(place)])
    return Vitis(tools=probe.hls(found), settings=settings)


def drive(tmp_path: Path, tool: Vitis, what: Description | None = None) -> list[tuple[str, str, str]]:
    found = expert_stages.drive(tool, DESIGN, what or description(), out=tmp_path / "out", logs=tmp_path / "logs")
    return [(one.stage, one.outcome, one.detail) for one in found]


@pytest.mark.parametrize("version", FORMS)
def test_all_four_stages_hold_by_what_they_leave(tmp_path, version):
    tool = f"Vitis HLS {version}"
    assert drive(tmp_path, vitis(tmp_path, version)) == [
        ("csim", "held", f"{tool}: 0 errors"),
        ("csynth", "held", f"{tool}: 1 Verilog files, clock 2.1 ns (estimated)"),
        ("cosim", "held", f"{tool}: VHDL NA, Verilog Pass"),
        ("export", "held", f"{tool}: accelerator.zip with a component.xml"),
    ]
    assert {path.name for path in (tmp_path / "logs").iterdir()} == {"csim", "csynth", "cosim", "export"}
    assert list((tmp_path / "there").iterdir()) == []


@pytest.mark.parametrize("version", ["2022.2", "2025.1"])
@pytest.mark.parametrize(
    ("stage", "behaviour", "said"),
    [
        ("csim", {"csim_errors": 1}, "accelerator_csim.log does not say 0 errors"),
        ("csim", {"silent": ["csim"]}, "accelerator_csim.log was not written"),
        ("cosim", {"cosim_status": "Fail"}, "accelerator_cosim.rpt says VHDL NA, Verilog Fail"),
        ("export", {"silent": ["export"]}, "no archive of the IP was written"),
        ("export", {"torn_archive": True}, "stand_in.zip is no whole archive with a component.xml"),
    ],
)
def test_a_stage_that_fails_is_named_and_the_others_still_run(tmp_path, version, stage, behaviour, said):
    found = drive(tmp_path, vitis(tmp_path, version, **behaviour))
    assert {name for name, outcome, _ in found if outcome == "held"} == {"csim", "csynth", "cosim", "export"} - {stage}
    ((outcome, detail),) = [(outcome, detail) for name, outcome, detail in found if name == stage]
    assert outcome == "failed"
    log = stage if version == "2025.1" or stage == "csim" else f"csynth-{stage}"
    assert detail == (
        f"{stage}: accelerator (Vitis HLS {version}): {stage} failed: {said}. The log is {tmp_path}/logs/{stage}/{log}.log."
    )


def test_without_rtl_there_is_nothing_to_co_simulate_or_to_package(tmp_path):
    found = drive(tmp_path, vitis(tmp_path, "2022.2", silent=["csynth"]))
    assert [outcome for _, outcome, _ in found] == ["held", "failed", "not there", "not there"]
    assert [detail for _, _, detail in found[2:]] == [
        "cosim needs the RTL of csynth, which did not hold",
        "export needs the RTL of csynth, which did not hold",
    ]


def test_on_another_host(tmp_path):
    with sshd(tmp_path / "sshd") as server:
        target = server.target
        host = {
            "host": f"{target.user}@{target.address}:{target.port}",
            "key_file": str(target.key_file),
            "known_hosts": str(target.known_hosts),
        }
        found = drive(tmp_path, vitis(tmp_path, "2022.2", host=host, cosim_status="Fail"))
    assert [(stage, outcome) for stage, outcome, _ in found] == [
        ("csim", "held"),
        ("csynth", "held"),
        ("cosim", "failed"),
        ("export", "held"),
    ]
    assert "accelerator_cosim.rpt says VHDL NA, Verilog Fail" in found[2][2]


def changed(file: File, addition: str) -> File:
    return replace(file, text=file.text + addition)


GENERATED = 'static int planted = system("touch ran");\n'
FOREIGN = {
    "a module's code": lambda d: (replace(d, units=(changed(d.units[0], GENERATED), *d.units[1:])), d.units[0].name),
    "less than the code": lambda d: (replace(d, units=(replace(d.units[0], text=HEADER), *d.units[1:])), d.units[0].name),
    "the top": lambda d: (replace(d, top=changed(d.top, GENERATED)), "accelerator.cpp"),
    "a header": lambda d: (replace(d, includes=(changed(d.includes[0], GENERATED),)), d.includes[0].name),
    "one more source": lambda d: (replace(d, units=(*d.units, File(name="more.cpp", text=GENERATED))), "more.cpp"),
    "one source twice": lambda d: (replace(d, units=(*d.units, d.units[0])), d.units[0].name),
    "a header with the name of a source": lambda d: (
        replace(d, includes=(*d.includes, File(name=d.units[0].name, text=GENERATED))),
        d.units[0].name,
    ),
    "behind a comment": lambda d: (
        replace(d, units=(replace(d.units[0], text="/* */ " + GENERATED + d.units[0].text), *d.units[1:])),
        d.units[0].name,
    ),
    "another top": lambda d: (replace(d, kernel="other", rtl=(File(name="other_shell.v", text=""),)), "other"),
}  # fmt: skip


@pytest.mark.parametrize("where", FOREIGN)
def test_code_that_is_not_the_templates_is_refused_before_anything_runs(tmp_path, where):
    what, name = FOREIGN[where](description())
    with pytest.raises(InputError) as caught:
        drive(tmp_path, vitis(tmp_path, "2022.2"), what)
    assert str(caught.value) == (
        f"accept: {name} is not the template's own code, and Vitis HLS would run it natively; must be the expert's. "
        "Build the design with generator=expert."
    )
    assert caught.value.code == "not-expert"
    assert not (tmp_path / "there").exists()
    assert not (tmp_path / "logs").exists()


def test_the_claim_that_an_expert_wrote_it_counts_for_nothing(tmp_path):
    what = replace(description(), provenance={"generator": "expert"})
    with pytest.raises(InputError):
        drive(tmp_path, vitis(tmp_path, "2022.2"), replace(what, top=changed(what.top, GENERATED)))


def test_no_other_module_gives_vitis_a_bench_without_which_it_runs_nothing_natively():
    """The driver refuses csim and cosim without a bench; so who gives none can run no code."""
    givers = set()
    for path in (paths.source_dir() / "aigchip").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and any(keyword.arg == "testbench" for keyword in node.keywords):
                givers.add(path.relative_to(paths.source_dir()).as_posix())
    assert givers == {"aigchip/tasks/expert_stages.py"}
