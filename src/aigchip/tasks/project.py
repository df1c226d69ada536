"""The tasks that check the project itself."""

from __future__ import annotations

import importlib.metadata
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from doit.exceptions import TaskFailed

from aigchip.core import paths
from aigchip.core.atomic import write_text
from aigchip.core.errors import AigchipError
from aigchip.report.verified import PATHS, render
from aigchip.tasks.creators import clear

_PYTHON_FILES = ("src", "tests", "template", "testbench", "boards", "benchmarks", "dodo.py")


def _run(words: Sequence[str], what: str) -> bool | TaskFailed:
    done = subprocess.run([str(Path(sys.executable).with_name(words[0])), *words[1:]], cwd=paths.root(), check=False)
    return True if done.returncode == 0 else TaskFailed(f"{what} (exit code {done.returncode}); see the lines above")


def _check(name: str, doc: str, words: Sequence[str], after: Sequence[str] = ()) -> dict[str, Any]:
    return {
        "basename": "test",
        "name": name,
        "doc": doc,
        "actions": [(_run, [list(words), f"{doc} failed"])],
        "task_dep": list(after),
        "io": {"capture": False},
        "verbosity": 2,
    }


def task_test() -> Iterator[dict[str, Any]]:
    """Check the project: format, lint, layers, types, spelling, tests."""
    python_files = [name for name in _PYTHON_FILES if (paths.root() / name).exists()]
    spelled = [
        *python_files,
        *(name for name in ("README.md", "ARCHITECTURE.md", "CHANGELOG.md", "docs") if (paths.root() / name).exists()),
    ]
    yield {"basename": "test", "name": None, "doc": "Check the project: format, lint, layers, types, spelling, tests."}
    yield _check("format", "the format check", ["ruff", "format", "--check", "--quiet", *python_files])
    yield _check("lint", "the lint check", ["ruff", "check", "--quiet", *python_files])
    yield _check("layers", "the check of the layers", ["lint-imports", "--no-logo"])
    yield _check("types", "the type check", ["pyright"])
    yield _check("spelling", "the spelling check", ["codespell", *spelled])
    yield _check(
        "tests", "the test run", ["python", "-m", "pytest", "-n", "2", "--dist", "loadgroup", "-m", "not slow"]
    )


def write_verified() -> None:
    """Write docs/reference/verified.md from what the last test runs kept.

    Raises:
        AigchipError: No test has run yet.
    """
    kept = paths.build_dir() / "tests" / "verified.json"
    if not kept.is_file():
        raise AigchipError(paths.relative(kept), "no test has run yet", "Run ./doit test first.")
    names = {name for path in PATHS for name in path.packages}
    versions = {name: importlib.metadata.version(name) for name in names}
    write_text(paths.root() / "docs" / "reference" / "verified.md", render(json.loads(kept.read_text()), versions))


def task_verified() -> dict[str, Any]:
    """Write docs/reference/verified.md from the tests that passed."""
    return {"basename": "verified", "actions": [clear(write_verified)], "verbosity": 2}


def task_test_slow() -> dict[str, Any]:
    """Run the tests that take minutes."""
    return {
        "basename": "test-slow",
        "actions": [
            (
                _run,
                [
                    ["python", "-m", "pytest", "-n", "2", "--dist", "loadgroup", "-m", "slow"],
                    "the slow test run failed",
                ],
            )
        ],
        "io": {"capture": False},
        "verbosity": 2,
    }
