"""What a search says at its end, as whole texts."""

from dataclasses import replace
from pathlib import Path

import pytest
from unit.search.fake import evaluate

from aigchip.search import StudySettings
from aigchip.search.study import StudyResult, run
from aigchip.tasks.study_report import closing_lines, origin, print_courses, print_study

SETTINGS = StudySettings(study="s", trials=6, seed=5, population=4, context={"generator": "expert"})
PASSED = {
    "layers": [{"cycles": {"value": 18014}, "name": "3 x 3, 16 x 14 x 14 to 16"}],
    "model_error_percent": -0.42,
}


@pytest.fixture
def result(tmp_path: Path) -> StudyResult:
    return run(SETTINGS, evaluate, folder=tmp_path / "s")


def test_the_closing_lines_say_origin_checks_counts_and_the_next_command(result: StudyResult) -> None:
    best = result.best[:2]
    infeasible = sum(record.status == "infeasible" for record in result.records)
    lines = closing_lines(result, {best[1]: {"error": "ctrl: hangs"}, best[0]: PASSED})
    assert lines[:2] == [
        f"Design {best[0]} in RTL: 1 layers bit-exact; 3 x 3, 16 x 14 x 14 to 16 took 18,014 cycles "
        "(simulated); the model estimates -0.4 %.",
        f"Co-simulation of design {best[1]} failed: ctrl: hangs",
    ]
    assert lines[2].startswith(
        "Modules by the expert generator; latency, DSPs and all resources are estimated (made up for a test); "
        "co-simulated cycles are simulated (Verilator "
    )
    assert lines[3:] == [
        f"C simulation of the modules and co-simulation ran for design {best[0]} only; the others are scored from "
        "synthesis and the model. ./doit build checks any of them.",
        f"6 designs ({infeasible} infeasible, 0 rejected); {result.distinct_modules} distinct modules synthesised for 84 used. "
        f"Seed 5. Everything is in {result.folder}.",
        f"Next: ./doit build design={best[0]} study=s",
    ]


def test_a_generator_that_checks_its_modules_is_not_said_to_have_skipped_it(result: StudyResult) -> None:
    checked = replace(result, settings=replace(SETTINGS, context={"generator": "llm"}))
    assert f"Co-simulation ran for design {result.best[0]} only" in closing_lines(checked, {result.best[0]: PASSED})[2]


def test_tables_fit_80_columns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(number, design):
        evaluation = evaluate(number, design)
        figures = dict(evaluation.figures)
        for name, value in (("latency", 1527.25), ("lut", 126_079), ("bram18", 624)):
            figures[name] = replace(figures["dsp"], value=value, unit="ms" if name == "latency" else name.upper())
        return replace(evaluation, figures=figures)

    monkeypatch.setenv("COLUMNS", "80")
    result = run(SETTINGS, full, folder=tmp_path / "s")
    print_study(result, {result.best[0]: PASSED})
    table, _, rest = capsys.readouterr().out.partition("Design ")
    assert "Pareto front: latency against DSPs" in table
    assert "bit-exact" in table
    assert max(map(len, table.splitlines())) <= 80
    assert all("…" not in line for line in table.splitlines())
    assert rest.count("\n") == 5  # whole lines where a program reads them


def test_the_table_of_courses_counts_each_different_module_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    print_courses(
        {"mac-1": "first", "mac-2": "repaired", "mac-3": "never", "post-1": "auto-corrected", "post-2": "regenerated"}
    )
    assert [" ".join(line.split()) for line in capsys.readouterr().out.splitlines() if "─" not in line] == [
        "When the model's modules came out right",
        "",
        "module asked for at first corrected repaired anew never",
        "mac 3 1 0 1 0 1",
        "post 2 0 1 0 1 0",
        "all 5 1 1 1 1 1",
        "",
    ]


def test_without_a_model_no_table_of_courses_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    print_courses({})
    assert capsys.readouterr().out == ""


def test_the_origin_names_the_model(result: StudyResult) -> None:
    replayed = replace(result, settings=replace(SETTINGS, context={"generator": "recorded", "model": "mine"}))
    assert origin(replayed).startswith("Modules by the recorded generator (mine); latency, DSPs")
