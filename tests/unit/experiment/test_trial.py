"""What a first attempt leaves: a verdict for the tables, and an outcome in the records of its reply."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from aigchip.experiment.trial import RESULT, FirstAttempt
from aigchip.generate.request import GeneratedModule, Provenance
from aigchip.generate.validate import Verdict
from aigchip.toolchain.errors import ValidationError

WRONG = ValidationError(
    stage="csim", error_class="wrong-result", message="it is 1", location="x.cpp:3", remedy="Make it 2."
)


class Generator:
    def __init__(self) -> None:
        self.seen: list[tuple[str, dict[str, str], str]] = []

    def ask(self, request: Any) -> Any:
        return SimpleNamespace(name="mac-1")

    def generate(self, request: Any) -> GeneratedModule:
        return GeneratedModule(code="int x;", provenance=Provenance(generator="llm", request_hash="r1"))

    def judged(self, provenance: Provenance, verdicts: dict[str, str], detail: str) -> None:
        self.seen.append((provenance.request_hash, dict(verdicts), detail))


class Judge:
    def __init__(self, verdict: Verdict) -> None:
        self.verdict = verdict

    def __call__(self, code: str, request: Any, callees: Any) -> Verdict:
        return self.verdict

    def synthesises(self, code: str, request: Any, callees: Any) -> bool:
        return True


def attempt(verdict: Verdict, out: Path) -> tuple[dict[str, Any], list[tuple[str, dict[str, str], str]]]:
    generator = Generator()
    FirstAttempt(generator=generator, request=None, judge=Judge(verdict)).run(out)  # type: ignore[arg-type]
    return json.loads((out / RESULT).read_text()), generator.seen


def test_a_wrong_result_is_in_the_table_and_in_the_records(tmp_path: Path) -> None:
    result, seen = attempt(Verdict(errors=(WRONG,), passed=("contract",)), tmp_path)
    assert result == {
        "compiles": True,
        "synthesises": True,
        "correct": False,
        "error": "csim: wrong-result",
        "requests": ["mac-1"],
    }
    assert seen == [("r1", {"contract": "passed", "csim": "wrong-result"}, "x.cpp:3: it is 1. Make it 2.")]


def test_a_right_result_too(tmp_path: Path) -> None:
    result, seen = attempt(Verdict(errors=(), passed=("contract", "csim", "csynth")), tmp_path)
    assert result["correct"]
    assert seen == [("r1", {"contract": "passed", "csim": "passed", "csynth": "passed"}, "")]
