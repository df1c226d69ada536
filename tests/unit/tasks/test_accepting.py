"""`accept` says what held, what failed and what is not there, and its bundle holds nothing private."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from aigchip.core.errors import AigchipError
from aigchip.tasks import accepting
from aigchip.tasks.accepting import Trial
from aigchip.tasks.arguments import parse


@pytest.fixture
def build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("AIGCHIP_BUILD_DIR", str(tmp_path / "build"))
    monkeypatch.setenv("AIGCHIP_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("SOME_API_KEY", "very-private-value")
    monkeypatch.setattr(accepting.vendor_steps, "find_vitis", no_vitis)
    return tmp_path / "build"


def no_vitis() -> None:
    raise AigchipError("toolchain=vitis", "no Vitis HLS is here", "Install it.")


def paths_of(build: Path) -> list[dict[str, Any]]:
    (bundle,) = (build / "accept").glob("*.tar.gz")
    with tarfile.open(bundle) as archive:
        (name,) = [name for name in archive.getnames() if name.endswith("accept.json")]
        return json.loads(archive.extractfile(name).read())["paths"]


def trial(path: str, *words: str, missing: str = "") -> Trial:
    return Trial(path=path, title=path.capitalize(), words=words, missing=lambda: missing)


def test_each_path_has_its_outcome_and_the_bundle_is_redacted(
    build: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tried = (
        trial("good", "help", "search"),
        trial("bad", "help", "very-private-value"),
        trial("absent", "never", missing="no such tool"),
    )
    monkeypatch.setattr(accepting, "trials", lambda given: tried)
    assert accepting.run(parse([])) == 1
    out = capsys.readouterr().out
    assert "1 held, 1 failed, 5 not there." in out
    (bundle,) = (build / "accept").glob("*.tar.gz")
    with tarfile.open(bundle) as archive:
        texts = {
            member.name.split("/", 1)[1]: archive.extractfile(member).read().decode() for member in archive.getmembers()
        }
    assert sorted(texts) == ["accept.json", "logs/bad.log", "logs/doctor.txt", "logs/good.log"]
    paths = json.loads(texts["accept.json"])["paths"]
    assert [(p["path"], p["outcome"]) for p in paths[:3]] == [
        ("good", "held"),
        ("bad", "failed"),
        ("absent", "not there"),
    ]
    assert paths[1]["detail"] == "help <SOME_API_KEY>: '<SOME_API_KEY>' is not a task. See ./doit list."
    assert paths[2] == {
        "path": "absent",
        "title": "Absent",
        "command": "",
        "outcome": "not there",
        "detail": "no such tool",
        "seconds": 0.0,
    }
    assert [(p["path"], p["outcome"], p["detail"]) for p in paths[3:]] == [
        ("vitis", "not there", "no Vitis HLS is here")
    ] * 4
    assert "very-private-value" not in "".join(texts.values())
    assert "Tools" in texts["logs/doctor.txt"]


def test_what_is_not_there_is_no_failure(build: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accepting, "trials", lambda given: (trial("absent", "never", missing="no such tool"),))
    assert accepting.run(parse([])) == 0


def test_each_stage_of_vitis_has_a_line_and_its_log_is_in_the_bundle(
    build: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = [
        {"stage": "csim", "outcome": "held", "detail": "Vitis HLS 2025.1: 0 errors", "seconds": 1.0},
        {"stage": "csynth", "outcome": "failed", "detail": "csynth: csynth.xml was not written", "seconds": 2.0},
        {"stage": "cosim", "outcome": "not there", "detail": "cosim needs csynth", "seconds": 0.0},
        {"stage": "export", "outcome": "not there", "detail": "export needs csynth", "seconds": 0.0},
    ]

    def run(words: Sequence[str], build: Path, *, program: str = "") -> tuple[int, str]:
        if program:
            file = Path(words[0])
            file.parent.mkdir(parents=True)
            file.write_text(json.dumps(found))
            (file.parent / "csim.log").write_text("whole log")
        return 0, "said"

    monkeypatch.setattr(accepting, "trials", lambda given: ())
    monkeypatch.setattr(accepting.vendor_steps, "find_vitis", lambda: None)
    monkeypatch.setattr(accepting, "_run", run)
    assert accepting.run(parse([])) == 1
    paths = paths_of(build)
    assert [(p["outcome"], p["detail"], p["seconds"]) for p in paths] == [
        (entry["outcome"], entry["detail"], entry["seconds"]) for entry in found
    ]
    assert paths[1]["command"] == "Vitis HLS, csynth of the exported design=example"
    assert paths[2]["command"] == ""
    out = capsys.readouterr().out
    assert out.count("with Vitis HLS") == 4
    assert "1 held, 1 failed, 2 not there." in out
    (bundle,) = (build / "accept").glob("*.tar.gz")
    with tarfile.open(bundle) as archive:
        assert any(name.endswith("logs/vitis/csim.log") for name in archive.getnames())


def test_a_design_that_is_not_built_fails_every_stage_and_says_why(
    build: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accepting, "trials", lambda given: ())
    monkeypatch.setattr(accepting.vendor_steps, "find_vitis", lambda: None)
    assert accepting.run(parse([])) == 1
    assert [p["detail"] for p in paths_of(build)] == [
        f"{stage} was not started: design=example: the design is not built from what is there now. "
        "Run ./doit build design=example."
        for stage in ("csim", "csynth", "cosim", "export")
    ]


def test_every_path_is_one_that_the_page_of_verified_paths_knows() -> None:
    from aigchip.report.verified import PATHS

    assert {trial.path for trial in accepting.trials(parse([]))} <= {path.id for path in PATHS}
