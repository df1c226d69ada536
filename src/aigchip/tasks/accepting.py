"""`accept`: run every path that needs an outside tool on a person's own installation, and bundle what held.

Each path runs as a command of its own, as a person would type it, in an output folder of its own.
"""

from __future__ import annotations

import datetime
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from aigchip.core import paths
from aigchip.core.atomic import write_text
from aigchip.core.console import print_table
from aigchip.core.errors import AigchipError
from aigchip.report.acceptance import Accepted, write_bundle
from aigchip.report.redaction import of_this_machine
from aigchip.tasks import expert_stages, vendor_steps
from aigchip.tasks.arguments import Arguments
from aigchip.tasks.expert_stages import StageResult
from aigchip.vendor.project import STAGES

_DESIGN = "example"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One path to try.

    Attributes:
        path: Its id, as in docs/reference/verified.md.
        title: What a person does on it.
        words: The command.
        missing: Says what is not there; nothing where it can be tried.
    """

    path: str
    title: str
    words: tuple[str, ...]
    missing: Callable[[], str]


def trials(given: Arguments) -> tuple[Trial, ...]:
    """Return every path, in the order in which one helps the next."""
    board = given.text("board")
    host = str(given.given.get("host", ""))
    design = f"design={_DESIGN}"
    return (
        Trial(
            path="cosim",
            title="Build a design with csynth and co-simulate it",
            words=("build", design, "generator=expert", f"board={board}"),
            missing=lambda: "",
        ),
        Trial(
            path="llm",
            title="Let a model write a module",
            words=("modules:mac", design, "generator=llm", "max_requests=4"),
            missing=_no_model,
        ),
        Trial(
            path="vitis",
            title="Build the design with Vitis HLS",
            words=("build", design, "generator=expert", "toolchain=vitis", f"board={board}"),
            missing=lambda: _no_vendor_tool(vendor_steps.find_vitis),
        ),
        Trial(
            path="vivado",
            title="Make its bitstream with Vivado",
            words=("bitstream", design, "generator=expert", f"board={board}"),
            missing=lambda: _no_vendor_tool(vendor_steps.find_vivado),
        ),
        Trial(
            path="board-sim",
            title=f"Run it on the simulated {board}",
            words=("deploy", design, "generator=expert", f"board={board}"),
            missing=lambda: "",
        ),
        Trial(
            path="board",
            title=f"Run it on a {board}",
            words=("deploy", design, "generator=expert", f"board={board}", f"host={host}"),
            missing=lambda: "" if host else "no board is named; add host=<user>@<address>",
        ),
    )


def run(given: Arguments) -> int:
    """Try every path that can be tried, print what held, and write the bundle.

    Returns:
        1 if a path failed; what is not there does not count.
    """
    stamp = datetime.datetime.now(datetime.UTC).strftime("%Y%m%dT%H%M%SZ")
    place = paths.build_dir() / "accept" / stamp
    results: list[Accepted] = []
    logs: dict[str, str] = {}
    for trial in trials(given):
        result, log = _try(trial, place / "build")
        results.append(result)
        if log:
            logs[f"{trial.path}.log"] = log
    results += _stages_of_vitis(place)
    logs |= {f"{path.relative_to(place).as_posix()}": _text(path) for path in sorted(place.rglob("*.log"))}
    logs["doctor.txt"] = _run(("doctor",), place / "build")[1]
    host = str(given.given.get("host", ""))
    bundle = place.parent / f"aigchip-accept-{stamp}.tar.gz"
    write_bundle(bundle, results, logs, of_this_machine([*host.replace(":", "@").split("@")] if host else []))
    rows = [[r.title, r.outcome, f"{r.seconds:.0f} s" if r.command else "", r.detail] for r in results]
    print_table("What held on this installation", ("path", "outcome", "time", "last word"), rows, right=(2,))
    count = {outcome: sum(r.outcome == outcome for r in results) for outcome in ("held", "failed", "not there")}
    print(", ".join(f"{number} {outcome}" for outcome, number in count.items()) + ".")
    print(
        f"The bundle {paths.relative(bundle)} holds the results and logs, without keys, names and addresses; read it before you send it."
    )
    return 1 if count["failed"] else 0


def _try(trial: Trial, build: Path) -> tuple[Accepted, str]:
    missing = trial.missing()
    if missing:
        return Accepted(
            path=trial.path, title=trial.title, command="", outcome="not there", detail=missing, seconds=0.0
        ), ""
    print(f"./doit {' '.join(trial.words)}", flush=True)
    started = time.monotonic()
    code, said = _run(trial.words, build)
    return Accepted(
        path=trial.path,
        title=trial.title,
        command=f"./doit {' '.join(trial.words)}",
        outcome="failed" if code else "held",
        detail=_telling(said).removeprefix("doit: ")[:300],
        seconds=round(time.monotonic() - started, 1),
    ), said


def _stages_of_vitis(place: Path) -> list[Accepted]:
    """Let Vitis HLS run its four stages on the export of the built design; give one result for each stage."""
    missing = _no_vendor_tool(vendor_steps.find_vitis)
    if missing:
        return [_stage(StageResult(stage=name, outcome="not there", detail=missing, seconds=0.0)) for name in STAGES]
    print(f"Vitis HLS on the export of design={_DESIGN}: {', '.join(STAGES)}", flush=True)
    file = place / "vitis" / "stages.json"
    code, said = _run((str(file),), place / "build", program="aigchip.tasks.expert_stages")
    write_text(place / "vitis" / "stages.log", said)
    if code == 0:
        return [_stage(result) for result in expert_stages.read(file)]
    why = _telling(said).removeprefix("doit: ")
    return [
        _stage(StageResult(stage=name, outcome="failed", detail=f"{name} was not started: {why}", seconds=0.0))
        for name in STAGES
    ]


def _stage(result: StageResult) -> Accepted:
    ran = result.seconds > 0
    return Accepted(
        path="vitis",
        title=expert_stages.TITLES[result.stage],
        command=f"Vitis HLS, {result.stage} of the exported design={_DESIGN}" if ran else "",
        outcome=result.outcome,
        detail=result.detail[:300],
        seconds=result.seconds,
    )


def _telling(said: str) -> str:
    """Return the line of an output that says most: its first error, else its last line."""
    lines = [line for line in said.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("doit: ")]
    return (errors or lines or ["it said nothing"])[0 if errors else -1]


def _run(words: Sequence[str], build: Path, *, program: str = "aigchip.tasks") -> tuple[int, str]:
    """Run a command of ours; return its exit code and what it said."""
    done = subprocess.run(
        [sys.executable, "-P", "-m", program, *words],
        cwd=paths.root(),
        env={**os.environ, "AIGCHIP_BUILD_DIR": str(build), "COLUMNS": "200"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
        errors="replace",
        check=False,
    )
    return done.returncode, done.stdout


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")


def _no_model() -> str:
    from aigchip.llm import settings
    from aigchip.llm.errors import LlmError

    try:
        settings.load()
    except LlmError as error:
        return error.what
    return ""


def _no_vendor_tool(find: Callable[[], object]) -> str:
    try:
        find()
    except AigchipError as error:
        return error.what
    return ""
