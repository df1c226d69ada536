"""What `report` tells of boards: of a study's designs and of one design; the estimate is the performance model's own."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest

from aigchip.board import load as load_board
from aigchip.core import paths
from aigchip.core.errors import AigchipError, InputError
from aigchip.core.figures import Figure
from aigchip.mapping import Convolution
from aigchip.perf import CycleModel, assumed_timing
from aigchip.perf.memory import memory_timing
from aigchip.space import files
from aigchip.tasks import board_report, board_rows, reports
from aigchip.tasks.arguments import parse

TIMING = assumed_timing()
DESIGN = files.load(paths.designs_dir() / "example" / "design.yaml")
LAYERS = {
    "one": (Convolution.of_product(8, 16, 24), 1),
    "two": (Convolution(channels=16, rows=9, columns=9, outputs=8, kernel=(3, 3), padding=(1, 1, 1, 1)), 3),
}
MODEL = CycleModel(DESIGN, TIMING, memory_timing(load_board("zcu104"), 5000))
CYCLES = {name: MODEL.cycles(layer) for name, (layer, _) in LAYERS.items()}
TOTAL = CYCLES["one"] + 3 * CYCLES["two"]


def document(kind, tool, *, factor, covers="network", board="zcu104"):
    def median(value, unit):
        return {"median": Figure(value=value, unit=unit, kind=kind, tool=tool).to_dict()}

    return {
        "schema": "aigchip-measured-3", "board": board, "kind": kind, "tool": tool,
        "clock_mhz": {"read_back": 200.0},
        "layers": [
            {
                "name": name, "layer": layer.name, "macs": layer.macs, "count": count, "arguments": MODEL.place(layer).to_dict(),
                "cycles": median(round(CYCLES[name] * factor), "cycles"),
            }
            for name, (layer, count) in LAYERS.items()
        ],
        "network": {
            "covers": covers,
            "cycles": median(round(TOTAL * factor), "cycles"),
            "latency_ms": median(TOTAL * factor / 200e3, "ms"),
        },
    }  # fmt: skip


@pytest.fixture
def study(tmp_path, monkeypatch):
    """A study of zcu104 whose design 7 ran simulated as estimated, a tenth slower on hardware, and on another board."""
    folder = tmp_path / "s"
    (folder / "designs").mkdir(parents=True)
    for name, told in {
        "7.json": {},
        "7.measured-sim-zcu104": document("simulated", "simulated zcu104, verilator 5", factor=1.0),
        "7.measured-sim-kv260": document("simulated", "simulated kv260, verilator 5", factor=3.0, board="kv260"),
        "7.measured-zcu104": document("measured", "zcu104, pynq 4", factor=1.1),
        "3.measured-sim-zcu104": document("simulated", "simulated zcu104, verilator 5", factor=1.0, covers="samples"),
    }.items():
        (folder / "designs" / f"{name.removesuffix('.json')}.json").write_text(json.dumps(told))
    context = SimpleNamespace(
        flow=SimpleNamespace(design=DESIGN), chosen=SimpleNamespace(folder=folder / "build"), given=parse([])
    )
    monkeypatch.setattr(board_report, "DesignContext", lambda given: context)
    monkeypatch.setattr(board_rows, "read_reports", lambda flow: {})
    monkeypatch.setattr(board_rows, "module_timing", lambda reports: TIMING)
    return folder


def test_a_study_shows_both_boards_with_kind_tool_and_the_flag(study, monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "140")
    board_report.print_study(board_rows.of_study(study), study)
    out = capsys.readouterr().out
    assert "Simulated by simulated zcu104, verilator 5." in out
    assert "Measured by zcu104, pynq 4." in out
    page = (study / "on-boards.md").read_text()
    slower = round(TOTAL * 1.1)
    assert f"| network on zcu104 | cycles | {TOTAL:,} |  | {slower:,} | -9.1 % ! |" in page.splitlines()
    assert f"| network on the simulated zcu104 | cycles | {TOTAL:,} | {TOTAL:,} |  | +0.0 % |" in page.splitlines()
    assert f"| these layers on the simulated zcu104 | cycles | {TOTAL:,} | {TOTAL:,} |  | +0.0 % |" in page.splitlines()
    assert page.index("## Design 3") < page.index("## Design 7")
    elsewhere = "Design 7 ran on kv260 too, with other RTL, of which this study has no estimate."
    assert elsewhere in page.splitlines() and elsewhere in out.splitlines()
    assert "on the simulated kv260" not in page


def test_only_whole_networks_on_the_board_of_the_study_are_in_the_picture(study):
    assert [(point.number, point.kind) for point in board_report.points(board_rows.of_study(study), "s")] == [
        (7, "simulated"),
        (7, "measured"),
    ]


def test_a_study_that_ran_on_no_board_says_nothing(tmp_path, capsys):
    board_report.print_study(board_rows.of_study(tmp_path), tmp_path)
    assert (capsys.readouterr().out, list(tmp_path.iterdir())) == ("", [])


def test_a_design_without_an_estimate_is_named_and_the_rest_is_shown(study, monkeypatch, capsys):
    def missing(flow):
        raise AigchipError("csynth:ctrl", "the module is not synthesised", "Run the same command again.")

    monkeypatch.setattr(board_rows, "read_reports", missing)
    board_report.print_study(board_rows.of_study(study), study)
    assert capsys.readouterr().out.splitlines() == [
        f"Design {number} ran on a board, but cannot be held against the estimate: csynth:ctrl: the module is not "
        "synthesised. Run the same command again."
        for number in (3, 7)
    ]


def test_the_page_of_a_design_has_the_same_rows_and_none_without_a_board(study):
    context = board_report.DesignContext(None)
    assert board_report.section(context) == []
    context.chosen.folder.mkdir()
    told = document("measured", "zcu104, pynq 4", factor=1.1)
    (context.chosen.folder / "measured-zcu104.json").write_text(json.dumps(told))
    other = document("simulated", "simulated kv260, verilator 5", factor=3.0, board="kv260")
    (context.chosen.folder / "measured-sim-kv260.json").write_text(json.dumps(other))
    lines = board_report.section(context)
    assert lines[1] == "## On boards: estimated, simulated, measured"
    assert f"| network on zcu104 | cycles | {TOTAL:,} |  | {round(TOTAL * 1.1):,} | -9.1 % ! |" in lines
    assert "Measured by zcu104, pynq 4." in lines
    assert not [line for line in lines if "kv260" in line]


def test_a_run_of_the_other_tool_chains_rtl_and_a_leftover_do_not_count(study):
    context = board_report.DesignContext(None)
    context.chosen.folder.mkdir()
    for name, factor in (("sim-zcu104", 1.0), ("sim-zcu104-vitis", 2.0), ("sim", 3.0)):
        told = document("simulated", "simulated zcu104, verilator 5", factor=factor)
        (context.chosen.folder / f"measured-{name}.json").write_text(json.dumps(told))
    networks = {}
    for toolchain in ("csynth", "vitis"):
        context.given = parse([f"toolchain={toolchain}"])
        networks[toolchain] = [found["network"]["cycles"]["median"]["value"] for found in board_rows.of_design(context)]
    assert networks == {"csynth": [TOTAL], "vitis": [2 * TOTAL]}


def test_a_study_shows_the_runs_of_its_own_tool_chain(study):
    told = document("simulated", "simulated zcu104, verilator 5", factor=2.0)
    (study / "designs" / "9.measured-sim-zcu104-vitis.json").write_text(json.dumps(told))
    assert sorted(board_rows.of_study(study)) == [3, 7]


def test_a_build_with_vitis_has_no_page(study, monkeypatch):
    """Its report has other fields: printing it as a page of csynth's ended in a traceback."""
    folder = study / "build"
    folder.mkdir()
    (folder / "report.md").write_text("what csynth's build left\n")
    context = SimpleNamespace(
        uses_vitis=True,
        report_file="report-vitis.json",
        nothing_changed=True,
        built_report=lambda: {"design": "example", "toolchain": "Vitis HLS 2025.1"},
        chosen=SimpleNamespace(name="example", folder=folder),
    )
    monkeypatch.setattr(reports, "DesignContext", lambda given: context)
    with pytest.raises(InputError) as error:
        reports.print_report(parse(["design=example", "toolchain=vitis"]))
    assert str(error.value) == (
        f"toolchain=vitis: a page is written of a build with csynth only. Read {folder / 'report-vitis.json'}, or leave it out."
    )
    assert (folder / "report.md").read_text() == "what csynth's build left\n"
