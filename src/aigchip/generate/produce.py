"""Make a module's code and have it judged; send the error back as often as the generator allows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aigchip.core.atomic import write_json, write_text
from aigchip.core.hashing import digest_text
from aigchip.generate.errors import ModuleFailedError, UnusableReplyError
from aigchip.generate.request import GeneratedModule, Generator, ModuleRequest, Provenance, Rejected
from aigchip.generate.validate import Validator, Verdict
from aigchip.toolchain.errors import ValidationError

CODE_FILE = "code.cpp"
PROVENANCE_FILE = "provenance.json"
_ERRORS_SHOWN = 3
_REASON_LENGTH = 4000
_REMEDY = "Change the instruction, use another model, or generator=expert."


@dataclass(frozen=True, slots=True, kw_only=True)
class Produced:
    """A module's code that passed.

    Args:
        module: The code with its provenance.
        passed: The stages of validation that it passed; empty if nobody judged it.
        rejected: The attempts before it.
    """

    module: GeneratedModule
    passed: tuple[str, ...]
    rejected: tuple[Rejected, ...]


def produce(
    generator: Generator,
    request: ModuleRequest,
    *,
    validator: Validator | None,
    callees: Mapping[str, str] | None = None,
) -> Produced:
    """Make a module's code, judge it, and let the generator try again with the error.

    Args:
        generator: Who makes it.
        request: What is asked for.
        validator: Who judges it; None takes the first code as it is.
        callees: The source of each function of another module that it calls, by the function's name.

    Raises:
        ModuleFailedError: No attempt passed.
        AigchipError: The generator or a tool failed.
    """
    rejected: tuple[Rejected, ...] = ()
    by, last = generator.name, "nothing was tried"
    for _ in range(generator.attempts):
        try:
            module = generator.generate(request, rejected)
        except UnusableReplyError as error:
            last, reason, reply, code = error.what, error.reason, error.reply, error.code
            by = error.model or by
        else:
            by = module.provenance.model or module.provenance.generator
            verdict = validator(module.code, request, callees or {}) if validator else Verdict(errors=(), passed=())
            generator.judged(module.provenance, verdict.words(), str(verdict.errors[0]) if verdict.errors else "")
            if verdict.ok:
                return Produced(module=module, passed=verdict.passed, rejected=rejected)
            first = verdict.errors[0]
            last, reason, reply = _line(first), reason_of(verdict), module.reply or module.code
            code = f"{first.stage}-{first.error_class}"
        rejected += (Rejected(reply=reply, reason=reason, code=code),)
    times = {1: "", 2: " twice"}.get(len(rejected), f" {len(rejected)} times")
    own = generator.name == "expert"
    remedy = "Report it: the template is at fault." if own else _REMEDY
    raise ModuleFailedError(
        request.instance, f"the code of {by} was rejected{times}, last because {last}", remedy, rejected=rejected
    )


def reason_of(verdict: Verdict) -> str:
    """Write a verdict's errors as a model is told them: the stage, and one line for each of the first errors."""
    stage = {
        "contract": "It breaks the module's contract.",
        "compile": "It does not compile.",
        "csim": "It compiles, but C simulation against the reference fails.",
        "csynth": "It simulates correctly, but C synthesis refuses it.",
        "cosim": "It synthesises, but the RTL differs from the reference.",
    }[verdict.errors[0].stage]
    lines = [f"- {error}" for error in verdict.errors[:_ERRORS_SHOWN]]
    hidden = len(verdict.errors) - len(lines)
    more = [f"- and {hidden} more"] if hidden else []
    return "\n".join([stage, *lines, *more])[:_REASON_LENGTH]


def _line(error: ValidationError) -> str:
    text = f"{error.stage} ({error.error_class}) says {error.location}: {error.message}"
    return text if len(text) <= 300 else text[:297] + "..."


@dataclass(frozen=True, kw_only=True)
class ModuleStep:
    """The store step that makes one module: code.cpp and provenance.json.

    Designs with equal requests share its result. A module that fails leaves nothing; its completions stay cached, so
    trying again costs nothing until instruction, prompt, model or tools have changed.

    Args:
        generator: Who makes the module.
        request: What is asked for.
        validator: Who judges it; None where later steps of the build do.
        callees: The source of each function of another module that it calls, by the function's name.
    """

    generator: Generator
    request: ModuleRequest
    validator: Validator | None = None
    callees: Mapping[str, str] = field(default_factory=dict)
    kind: str = field(default="module", init=False)

    def inputs(self) -> dict[str, Any]:
        """Return everything that determines the code."""
        inputs = dict(self.generator.inputs(self.request))
        if self.validator is not None:
            inputs["validation"] = self.validator.inputs(self.request)
            inputs["callees"] = {name: digest_text(source) for name, source in self.callees.items()}
        return inputs

    def run(self, out: Path) -> None:
        """Make the module.

        Raises:
            AigchipError: It cannot be made, or no attempt passed.
        """
        done = produce(self.generator, self.request, validator=self.validator, callees=self.callees)
        write_text(out / CODE_FILE, done.module.code)
        write_json(
            out / PROVENANCE_FILE,
            {
                **done.module.provenance.to_dict(),
                "passed": list(done.passed),
                "rejected": [{"code": attempt.code, "reason": attempt.reason} for attempt in done.rejected],
            },
        )


def read_code(folder: Path) -> str:
    """Return the code that a ModuleStep left in its folder."""
    return (folder / CODE_FILE).read_text(encoding="utf-8")


def read_provenance(folder: Path) -> Provenance:
    """Return the provenance that a ModuleStep left in its folder."""
    data = json.loads((folder / PROVENANCE_FILE).read_text(encoding="utf-8"))
    return Provenance.from_dict({name: data[name] for name in data if name not in {"passed", "rejected"}})
