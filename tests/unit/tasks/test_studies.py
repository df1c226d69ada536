"""What the search makes of errors and of being stopped."""

import time
from dataclasses import replace

import pytest

from aigchip.board import load
from aigchip.core import paths
from aigchip.core.errors import AigchipError
from aigchip.generate.expert import ExpertGenerator
from aigchip.search import StudySettings
from aigchip.space import check, files
from aigchip.tasks import arguments, evaluation, session, studies
from aigchip.workload.networks import built_in


@pytest.mark.parametrize(
    ("code", "about"),
    [
        ("csynth-unsupported", True),
        ("module-failed", True),
        ("csynth-yosys", False),
        ("csynth-yosys-missing", False),
        ("csynth-yosys-timeout", False),
        ("csynth-write", False),
        ("worker-died", False),
    ],
)
def test_a_missing_or_ended_tool_never_counts_against_a_design(code: str, about: bool) -> None:
    assert evaluation.is_about_the_design(AigchipError("x", "y", "z", code=code)) is about


def test_a_design_that_cannot_do_a_layer_is_rejected_before_anything_is_synthesised(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(studies.execute, "make", lambda flow, name: pytest.fail(f"{name} was made"))
    board, workload = load("zcu104"), built_in("resnet18")
    small = replace(files.load(paths.examples_dir() / "expert1024" / "design.yaml"), buffer_a_kib=4)
    assert check(small) == []
    assert studies.screen_of(workload, board)(small) == (float("inf"), 1024.0)
    found = evaluation.Evaluator(workload=workload, board=board, generator=ExpertGenerator())(0, small)
    assert found.rejected is not None
    assert "\n" not in found.rejected
    assert not found.figures


def test_children_are_screened_at_their_own_clock_and_the_boards_where_that_is_slower() -> None:
    workload = built_in("alexnet")
    design = files.load(paths.examples_dir() / "square8" / "design.yaml")
    zcu104 = studies.screen_of(workload, load("zcu104"))
    slow, fast = zcu104(replace(design, clock_mhz=100))[0], zcu104(design)[0]
    assert 2 < slow / fast <= 3.01
    pynq = studies.screen_of(workload, load("pynq-z2"))  # at 100 MHz
    assert pynq(design) == pynq(replace(design, clock_mhz=100))


def test_a_stopped_search_ends_its_workers_before_it_waits_for_evaluations(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    class Workers:
        count = 2

        def close(self) -> None:
            seen.append("closed")

    def stopped(settings: StudySettings, evaluate: object, report: object, *, executor, **_: object) -> None:
        executor.submit(wait_for_close)
        raise KeyboardInterrupt

    def wait_for_close() -> None:
        for _ in range(200):
            if "closed" in seen:
                seen.append("ended")
                return
            time.sleep(0.01)

    workers = Workers()
    monkeypatch.setattr(session, "workers", lambda: workers)
    monkeypatch.setattr(studies, "run_study", stopped)
    with pytest.raises(KeyboardInterrupt):
        studies.run(arguments.parse([]))
    assert "ended" in seen
