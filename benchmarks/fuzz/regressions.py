"""Counterexamples as files: JSON with the source, the stimuli and what was wrong when it was found."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from benchmarks.fuzz.check import Case, Verdict

FOLDER = Path(__file__).parents[2] / "tests" / "cosim" / "csynth" / "regressions"


def write(case: Case, verdict: Verdict, folder: Path = FOLDER) -> Path:
    """Write one counterexample; the source as lines, so that a difference between versions can be read."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{case.name}.json"
    data = {**asdict(case), "source": case.source.splitlines(), "found": asdict(verdict)}
    path.write_text(json.dumps(data, indent=1) + "\n")
    return path


def read(path: Path) -> Case:
    """Read one counterexample."""
    data = json.loads(path.read_text())
    return Case(
        name=data["name"],
        source="\n".join(data["source"]) + "\n",
        top=data["top"],
        calls=data["calls"],
        seed=data["seed"],
    )


def files(folder: Path = FOLDER) -> list[Path]:
    """All counterexamples."""
    return sorted(folder.glob("*.json"))
