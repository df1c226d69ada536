"""What all tests share: golden files, and the record of the paths that really ran."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
GOLDEN = ROOT / "tests" / "golden"
_passed: dict[str, set[str]] = {}
_failed: set[str] = set()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write the golden files anew instead of comparing")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "verifies(path): the test runs this path of docs/reference/verified.md")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Compare a whole text with tests/golden/<name>; --update-golden writes it."""

    def check(name: str, text: str) -> None:
        path = GOLDEN / name
        if request.config.getoption("--update-golden"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        assert path.is_file(), f"{path} is missing; run pytest --update-golden and read what it wrote"
        assert text == path.read_text(encoding="utf-8")

    return check


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker in item.iter_markers("verifies"):
        item.user_properties.append(("verifies", marker.args[0]))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.failed:
        _failed.add(report.nodeid)
    if report.when == "call" and report.passed:
        for name, value in report.user_properties:
            if name == "verifies":
                _passed.setdefault(str(value), set()).add(report.nodeid)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """On the controlling process only: keep which paths the passed tests exercised, for `./doit verified`."""
    if hasattr(session.config, "workerinput") or not (_passed or _failed):
        return
    path = ROOT / "build" / "tests" / "verified.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    earlier = json.loads(path.read_text()) if path.is_file() else {}
    merged = {name: sorted({*earlier.get(name, ()), *_passed.get(name, ())} - _failed) for name in {*earlier, *_passed}}
    path.write_text(json.dumps(merged, indent=2, sort_keys=True) + "\n")
