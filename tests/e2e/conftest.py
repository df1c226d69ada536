"""A project of its own for each test: inputs copied, outputs in a temporary folder, the same sources."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Done:
    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Project:
    root: Path

    def doit(self, *words, timeout=600, **variables):
        done = subprocess.run(self.command(*words), env=self.environment() | variables, cwd=self.root, capture_output=True,
                              text=True, timeout=timeout, check=False)  # fmt: skip
        return Done(code=done.returncode, out=done.stdout, err=done.stderr)

    def command(self, *words):
        return [sys.executable, "-P", "-m", "aigchip.tasks", *words]

    def environment(self):
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AIGCHIP_")}
        return {**kept, "AIGCHIP_ROOT": str(self.root), "PYTHONPATH": str(ROOT / "src")}


@pytest.fixture
def project(tmp_path):
    root = tmp_path / "project"
    root.mkdir()
    for name in ("template", "boards", "testbench", "demos"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "designs" / "example", root / "designs" / "example")
    for name in ("dodo.py", "requirements.lock"):
        shutil.copy(ROOT / name, root / name)
    (root / "src").symlink_to(ROOT / "src")
    return Project(root)
