"""What the search makes of errors and of being stopped."""

import time

import pytest

from aigchip.core.errors import AigchipError
from aigchip.search import StudySettings
from aigchip.tasks import arguments, session, studies


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
    assert studies.is_about_the_design(AigchipError("x", "y", "z", code=code)) is about


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
