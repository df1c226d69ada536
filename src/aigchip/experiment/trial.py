"""One attempt at one task under one setting, as steps of the store: what was judged once is not judged again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from aigchip.core.atomic import write_json
from aigchip.core.hashing import digest_text
from aigchip.generate.errors import ModuleFailedError, UnusableReplyError
from aigchip.generate.llm import LlmGenerator
from aigchip.generate.produce import produce
from aigchip.generate.recorded import RecordedGenerator
from aigchip.generate.request import ModuleRequest
from aigchip.generate.validate import Validator
from aigchip.llm.errors import LlmError

RESULT = "result.json"
_FAILED_REPLIES = frozenset({"truncated-reply", "refused", "empty-reply"})
"""Codes of replies that are there, but are no use: the attempt failed. Every other fault is none of the model."""


class Judge(Validator, Protocol):
    """A validator that can also synthesise what does not compute what it should."""

    def synthesises(self, code: str, request: ModuleRequest, callees: Mapping[str, str]) -> bool:
        """Say whether C synthesis takes the code, right or wrong."""
        ...


def _inputs(
    generator: LlmGenerator | RecordedGenerator, request: ModuleRequest, judge: Judge, callees: Mapping[str, str]
) -> dict[str, Any]:
    return {
        **generator.inputs(request),
        "validation": judge.inputs(request),
        "callees": {name: digest_text(source) for name, source in callees.items()},
    }


@dataclass(frozen=True, kw_only=True)
class FirstAttempt:
    """Ask once, and judge the reply as it came.

    Args:
        generator: Who is asked; its sample is the attempt's number.
        request: What for.
        judge: Who judges.
        callees: The source of each function that it calls, by the function's name.
    """

    generator: LlmGenerator | RecordedGenerator
    request: ModuleRequest
    judge: Judge
    callees: Mapping[str, str] = field(default_factory=dict)
    kind: str = field(default="attempt", init=False)

    def inputs(self) -> dict[str, Any]:
        """Return what determines the verdict."""
        return _inputs(self.generator, self.request, self.judge, self.callees)

    def run(self, out: Path) -> None:
        """Write the verdict.

        Raises:
            LlmError: There is no reply, by no fault of the model.
        """
        name = self.generator.ask(self.request).name
        verdict = {"compiles": False, "synthesises": False, "correct": False, "error": "", "requests": [name]}
        try:
            module = self.generator.generate(self.request)
        except UnusableReplyError as error:
            write_json(out / RESULT, verdict | {"error": error.code})
            return
        except LlmError as error:
            if error.code not in _FAILED_REPLIES:
                raise
            write_json(out / RESULT, verdict | {"error": error.code})
            return
        code = module.code
        judged = self.judge(code, self.request, self.callees)
        self.generator.judged(module.provenance, judged.words(), str(judged.errors[0]) if judged.errors else "")
        stage = judged.errors[0].stage if judged.errors else ""
        compiles = stage not in {"contract", "compile"}
        verdict |= {
            "compiles": compiles,
            "synthesises": judged.ok or (compiles and self.judge.synthesises(code, self.request, self.callees)),
            "correct": judged.ok,
            "error": f"{stage}: {judged.errors[0].error_class}" if judged.errors else "",
        }
        write_json(out / RESULT, verdict)


@dataclass(frozen=True, kw_only=True)
class RepairedAttempt:
    """The same attempt with what follows a refusal: automatic correction, and the error sent back once.

    Args: as those of `FirstAttempt`.
    """

    generator: LlmGenerator | RecordedGenerator
    request: ModuleRequest
    judge: Judge
    callees: Mapping[str, str] = field(default_factory=dict)
    kind: str = field(default="repaired-attempt", init=False)

    def inputs(self) -> dict[str, Any]:
        """Return what determines the outcome."""
        return _inputs(self.generator, self.request, self.judge, self.callees)

    def run(self, out: Path) -> None:
        """Write whether the module came out right, and how.

        Raises:
            LlmError: There is no reply, by no fault of the model.
        """
        verdict: dict[str, Any] = {"correct": False, "how": "", "requests": [self.generator.ask(self.request).name]}
        try:
            made = produce(self.generator, self.request, validator=self.judge, callees=self.callees)
        except ModuleFailedError as error:
            answered = [
                self.generator.ask(self.request, error.rejected[:turn]).name for turn in range(len(error.rejected))
            ]
            write_json(out / RESULT, verdict | {"requests": answered})
            return
        except LlmError as error:
            if error.code not in _FAILED_REPLIES:
                raise
            write_json(out / RESULT, verdict)
            return
        answered = [
            self.generator.ask(self.request, made.rejected[:turn]).name for turn in range(len(made.rejected) + 1)
        ]
        write_json(out / RESULT, {"correct": True, "how": made.module.provenance.how, "requests": answered})
