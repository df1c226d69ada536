"""Make a counterexample smaller: drop statements and blocks as long as the same kind of difference stays."""

from __future__ import annotations

import tempfile
import time
from dataclasses import replace
from pathlib import Path

from benchmarks.fuzz.check import Case, Verdict, check
from benchmarks.fuzz.generate import Program


def minimise(program: Program, case: Case, verdict: Verdict, *, seconds: float = 300.0) -> tuple[Case, Verdict]:
    """Return the smallest case found within the time, with its verdict.

    Candidates are tried in groups, as one build serves a group.
    """
    until = time.monotonic() + seconds
    progress = True
    while progress and time.monotonic() < until:
        progress = False
        candidates = list(program.smaller())
        for at in range(0, len(candidates), 8):
            group = candidates[at : at + 8]
            cases = [replace(case, name=f"{case.name}_{k}", source=smaller.source) for k, smaller in enumerate(group)]
            with tempfile.TemporaryDirectory(prefix="fuzz-") as scratch:
                verdicts = check(cases, Path(scratch))
            hit = next((k for k, found in enumerate(verdicts) if found.kind == verdict.kind), None)
            if hit is not None:
                program, verdict, progress = group[hit], verdicts[hit], True
                case = replace(case, source=program.source)
                break
            if time.monotonic() > until:
                break
    return case, verdict
