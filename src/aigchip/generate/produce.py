"""Make a module's code and have it judged; correct it, send the error back, start anew, and at last leave it for a person."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from aigchip.core import paths
from aigchip.core.atomic import write_json, write_text
from aigchip.core.hashing import digest_text
from aigchip.correct.model import Correction
from aigchip.generate import by_hand
from aigchip.generate.autocorrect import corrected
from aigchip.generate.errors import ModuleFailedError, UnusableReplyError
from aigchip.generate.reason import reason_of
from aigchip.generate.request import GeneratedModule, Generator, ModuleRequest, Provenance, Rejected
from aigchip.generate.validate import Validator
from aigchip.toolchain.errors import ValidationError

CODE_FILE = "code.cpp"
PROVENANCE_FILE = "provenance.json"
_EXTRA = frozenset({"passed", "rejected", "corrections", "log"})
_REMEDY = "Change the instruction, use another model, or generator=expert."


@dataclass(frozen=True, slots=True, kw_only=True)
class Produced:
    """A module's code that passed.

    Args:
        module: The code with its provenance.
        passed: The stages of validation that it passed; empty if nobody judged it.
        rejected: The attempts before it.
        corrections: What was corrected automatically in the reply that it came from.
        log: One line for each step on the way.
    """

    module: GeneratedModule
    passed: tuple[str, ...]
    rejected: tuple[Rejected, ...]
    corrections: tuple[Correction, ...] = ()
    log: tuple[str, ...] = ()


@dataclass(slots=True)
class _Course:
    """What has happened to one module so far."""

    by: str
    last: str = "nothing was tried"
    code: str = ""
    rejected: tuple[Rejected, ...] = ()
    shown: tuple[str, ...] = ()
    log: tuple[str, ...] = ()


def produce(
    generator: Generator,
    request: ModuleRequest,
    *,
    validator: Validator | None,
    callees: Mapping[str, str] | None = None,
) -> Produced:
    """Make a module's code, judge it, correct it, let the generator try again with the error, then start anew.

    Args:
        generator: Who makes it.
        request: What is asked for.
        validator: Who judges it; None takes the first code as it is.
        callees: The source of each function of another module that it calls, by the function's name.

    Raises:
        ModuleFailedError: No attempt passed.
        AigchipError: The generator or a tool failed.
    """
    course = _Course(by=generator.name)
    for number in range(generator.conversations):
        shown = course.shown
        done = _converse(generator, request, validator, callees or {}, course)
        if done is not None:
            return done
        if number + 1 < generator.conversations:
            if course.shown == shown:
                course.log += ("no other demonstration is left",)
                break
            course.log += (f"starts anew without {', '.join(course.shown)}",)
    times = {1: "", 2: " twice"}.get(len(course.rejected), f" {len(course.rejected)} times")
    own = {"expert": "Report it: the template is at fault.", by_hand.NAME: "Edit the file once more."}
    raise ModuleFailedError(
        request.instance,
        f"the code of {course.by} was rejected{times}, last because {course.last}",
        own.get(generator.name, _REMEDY),
        rejected=course.rejected,
        draft=course.code,
    )


def _converse(
    generator: Generator,
    request: ModuleRequest,
    validator: Validator | None,
    callees: Mapping[str, str],
    course: _Course,
) -> Produced | None:
    """Have one conversation: a reply, its correction, and as many repairs as the generator allows."""
    rejected: tuple[Rejected, ...] = ()
    without = course.shown
    for attempt in range(generator.attempts):
        try:
            module = generator.generate(request, rejected, without)
        except UnusableReplyError as error:
            course.last, course.by = error.what, error.model or course.by
            course.log += (f"attempt {len(course.rejected) + 1}: {error.what}",)
            refused = Rejected(reply=error.reply, reason=error.reason, code=error.code)
        else:
            provenance = replace(module.provenance, attempt=len(course.rejected) + 1)
            module = replace(module, provenance=provenance)
            course.by = provenance.model or provenance.generator
            course.shown += tuple(title for title in provenance.demonstrations if title not in course.shown)
            if validator is None:
                generator.judged(provenance, {}, "")
                return Produced(module=module, passed=(), rejected=course.rejected, log=course.log)
            how = "first" if not course.rejected else "repaired" if attempt else "regenerated"
            done = _judged(generator, request, validator, callees, course, module, how)
            if isinstance(done, Produced):
                return done
            refused = done
        rejected += (refused,)
        course.rejected += (refused,)
    return None


def _judged(  # noqa: PLR0917 - the steps of one attempt
    generator: Generator,
    request: ModuleRequest,
    validator: Validator,
    callees: Mapping[str, str],
    course: _Course,
    module: GeneratedModule,
    how: str,
) -> Produced | Rejected:
    """Judge one piece of code, and correct it if it is refused."""
    number = module.provenance.attempt
    verdict = validator(module.code, request, callees)
    words, detail = verdict.words(), str(verdict.errors[0]) if verdict.errors else ""
    if generator.name == by_hand.NAME:
        how = by_hand.NAME
    if verdict.ok:
        generator.judged(module.provenance, words, "")
        course.log += (f"attempt {number}: passed",)
        made = replace(module, provenance=replace(module.provenance, how=how))
        return Produced(module=made, passed=verdict.passed, rejected=course.rejected, log=course.log)
    course.log += (f"attempt {number}: {_line(verdict.errors[0])}",)
    code, corrections = module.code, ()
    if generator.name not in {"expert", by_hand.NAME}:
        found, verdict = corrected(code, verdict, request, validator, callees)
        code, corrections = found.code, found.corrections
        course.log += found.log
    if verdict.ok:
        generator.judged(module.provenance, {**words, "corrected": "passed"}, detail)
        course.log += (f"attempt {number}: passed after {len(corrections)} automatic correction(s)",)
        made = replace(module, code=code, provenance=replace(module.provenance, how="auto-corrected"))
        return Produced(
            module=made, passed=verdict.passed, rejected=course.rejected, corrections=corrections, log=course.log
        )
    generator.judged(module.provenance, words, detail)
    first = verdict.errors[0]
    course.last, course.code = _line(first), code
    reason = reason_of(verdict, code, request, [correction.what for correction in corrections])
    return Rejected(reply=module.reply or module.code, reason=reason, code=f"{first.stage}-{first.error_class}")


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

    def _generator(self) -> Generator:
        """Return who makes the module: a person who edited its draft comes before every generator."""
        code = by_hand.edited(self.request)
        return self.generator if code is None else by_hand.ByHand(code=code)

    def inputs(self) -> dict[str, Any]:
        """Return everything that determines the code."""
        inputs = dict(self._generator().inputs(self.request))
        if self.validator is not None:
            inputs["validation"] = self.validator.inputs(self.request)
            inputs["callees"] = {name: digest_text(source) for name, source in self.callees.items()}
        return inputs

    def run(self, out: Path) -> None:
        """Make the module.

        Raises:
            AigchipError: It cannot be made, or no attempt passed.
        """
        generator = self._generator()
        try:
            done = produce(generator, self.request, validator=self.validator, callees=self.callees)
        except ModuleFailedError as error:
            if generator.name == "expert":
                raise
            path = by_hand.leave(self.request, error.rejected, error.draft)
            if path is None:
                raise
            remedy = f"Finish {paths.relative(path)} by hand, or {error.remedy[:1].lower()}{error.remedy[1:]}"
            raise ModuleFailedError(
                error.where, error.what, remedy, rejected=error.rejected, draft=error.draft
            ) from error
        write_text(out / CODE_FILE, done.module.code)
        write_json(
            out / PROVENANCE_FILE,
            {
                **done.module.provenance.to_dict(),
                "passed": list(done.passed),
                "rejected": [{"code": attempt.code, "reason": attempt.reason} for attempt in done.rejected],
                "corrections": [{"by": c.by, "what": c.what, "diff": c.diff} for c in done.corrections],
                "log": list(done.log),
            },
        )


def read_code(folder: Path) -> str:
    """Return the code that a ModuleStep left in its folder."""
    return (folder / CODE_FILE).read_text(encoding="utf-8")


def read_provenance(folder: Path) -> Provenance:
    """Return the provenance that a ModuleStep left in its folder."""
    data = json.loads((folder / PROVENANCE_FILE).read_text(encoding="utf-8"))
    return Provenance.from_dict({name: data[name] for name in data if name not in _EXTRA})
