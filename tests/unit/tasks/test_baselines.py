"""`compare` without a design: who is compared, that a search goes on where it was, and that RTL stands in for an estimate."""

import csv
from dataclasses import replace

import pytest

from aigchip.core.errors import AigchipError
from aigchip.core.figures import Figure
from aigchip.tasks import baselines, bench, comparing, evaluation, session
from aigchip.tasks.arguments import parse
from aigchip.tasks.flow import Flow
from aigchip.tasks.main import check_fit

GIVEN = ["network=resnet50", "resolution=224", "trials=12"]


@pytest.fixture
def build(tmp_path, monkeypatch):
    monkeypatch.setenv("AIGCHIP_BUILD_DIR", str(tmp_path))
    return tmp_path


def compared(build):
    given = parse(GIVEN)
    check_fit(["compare"], given)
    assert comparing.run(given) == 0
    return list(csv.DictReader((build / "compare" / "compare.csv").read_text().splitlines()))


def test_everybody_is_held_against_one_roofline(build, capsys):
    rows = compared(build)
    assert [row["who"] for row in rows] == [
        "expert", "expert, one for all", "searched", "random, best", "random, median", "CHaiDNN", "DPU",
    ]  # fmt: skip
    assert len({row["roofline ms"] for row in rows if row["layers"] == "all"}) == 1
    assert {row["origin"] for row in rows[:5]} == {"estimated"}
    assert {row["origin"] for row in rows[5:]} == {"published"}
    times = {row["who"]: float(row["ms"]) for row in rows}
    assert times["expert"] <= times["expert, one for all"] <= times["random, best"] <= times["random, median"]
    assert all(float(row["by roofline"]) >= 1 for row in rows)
    for name in ("accelerators.svg", "searches.svg", "compare.json"):
        assert (build / "compare" / name).stat().st_size
    assert "searches of 12 designs each, seed 1" in capsys.readouterr().out


def test_a_comparison_that_is_done_judges_no_design_again(build, monkeypatch):
    first = compared(build)
    monkeypatch.setattr(evaluation.Evaluator, "__call__", lambda *_: pytest.fail("a design was judged again"))
    assert compared(build) == first


def test_what_ran_in_rtl_stands_in_for_its_estimate(build, monkeypatch):
    (folder := build / "linked" / "rtl").mkdir(parents=True)
    (folder / "top.v").write_text("module top; endmodule\n")
    (folder.parent / "network.json").write_text("{}")
    ran = "expert-resnet50"
    expert = baselines.load_design(ran)

    def result(flow, name):
        return folder.parent if flow.design == expert else None

    def read(step, folder):
        points = bench.estimated(step.design, step.board, step.workload)
        slower = [
            replace(layer, cycles=Figure(value=2 * layer.cycles.value, unit="cycles", kind="simulated", tool="made up"))
            for layer in points.layers
        ]
        return replace(points, layers=tuple(slower))

    monkeypatch.setattr(Flow, "result", result)
    monkeypatch.setattr(type(session.store()), "has", lambda store, step: True)
    monkeypatch.setattr(bench, "read", read)
    rows = {row["design"]: row for row in compared(build)}
    assert (rows[ran]["origin"], rows[ran]["tool"]) == ("simulated", "made up")
    assert rows["expert1024"]["origin"] == "estimated"
    assert float(rows[ran]["ms"]) > 1.9 * float(rows["expert1024"]["ms"])


def test_a_project_without_the_general_design_is_told(build, monkeypatch):
    monkeypatch.setattr(baselines.paths, "designs_dir", lambda: build / "designs")
    with pytest.raises(AigchipError) as caught:
        comparing.run(parse(GIVEN))
    assert str(caught.value) == (
        "designs/expert1024: the design is not there. Copy it from the project, or compare within the project's folder."
    )
