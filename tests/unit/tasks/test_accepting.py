"""`accept` says what held, what failed and what is not there, and its bundle holds nothing private."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path

import pytest

from aigchip.tasks import accepting
from aigchip.tasks.accepting import Trial
from aigchip.tasks.arguments import parse


@pytest.fixture
def build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("AIGCHIP_BUILD_DIR", str(tmp_path / "build"))
    monkeypatch.setenv("AIGCHIP_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("SOME_API_KEY", "very-private-value")
    return tmp_path / "build"


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
    assert "1 held, 1 failed, 1 not there." in out
    (bundle,) = (build / "accept").glob("*.tar.gz")
    with tarfile.open(bundle) as archive:
        texts = {
            member.name.split("/", 1)[1]: archive.extractfile(member).read().decode()  # type: ignore[union-attr]
            for member in archive.getmembers()
        }
    assert sorted(texts) == ["accept.json", "logs/bad.log", "logs/doctor.txt", "logs/good.log"]
    paths = json.loads(texts["accept.json"])["paths"]
    assert [(p["path"], p["outcome"]) for p in paths] == [("good", "held"), ("bad", "failed"), ("absent", "not there")]
    assert paths[1]["detail"] == "help <SOME_API_KEY>: '<SOME_API_KEY>' is not a task. See ./doit list."
    assert paths[2] == {
        "path": "absent",
        "title": "Absent",
        "command": "",
        "outcome": "not there",
        "detail": "no such tool",
        "seconds": 0.0,
    }
    assert "very-private-value" not in "".join(texts.values())
    assert "Tools" in texts["logs/doctor.txt"]


def test_what_is_not_there_is_no_failure(build: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accepting, "trials", lambda given: (trial("absent", "never", missing="no such tool"),))
    assert accepting.run(parse([])) == 0


def test_every_path_is_one_that_the_page_of_verified_paths_knows() -> None:
    from aigchip.report.verified import PATHS

    assert {trial.path for trial in accepting.trials(parse([]))} <= {path.id for path in PATHS}
