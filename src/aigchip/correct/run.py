"""Apply the passes to code that was refused, one change at a time; each counts only if the judge confirms it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from aigchip.correct.bounds import Bounds
from aigchip.correct.includes import Includes
from aigchip.correct.model import Context, Correction, Pass
from aigchip.correct.names import Names
from aigchip.correct.pragmas import Pragmas
from aigchip.correct.signature import Signature
from aigchip.toolchain.errors import ValidationError

PASSES: tuple[Pass, ...] = (Signature(), Includes(), Pragmas(), Names(), Bounds())
LONGEST_CHAIN = 12
"""Changes of one module before a model or a person looks at it."""
_STAGES = ("contract", "compile", "csim", "csynth", "cosim")

Judge = Callable[[str], tuple[ValidationError, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrected:
    """What became of refused code.

    Attributes:
        code: the code after all changes that counted.
        errors: what is still wrong; empty if the judge accepts it.
        corrections: the changes, in order.
        log: one line for each change tried or declined.
    """

    code: str
    errors: tuple[ValidationError, ...]
    corrections: tuple[Correction, ...] = ()
    log: tuple[str, ...] = field(default=())

    @property
    def ok(self) -> bool:
        """Whether the judge accepts the code."""
        return not self.errors


def correct(
    code: str, errors: tuple[ValidationError, ...], context: Context, judge: Judge, passes: tuple[Pass, ...] = PASSES
) -> Corrected:
    """Correct refused code as far as the passes can.

    Args:
        code: the code as it was refused.
        errors: why; with none, the code comes back as it is.
        context: what the passes may know.
        judge: gives the errors of code, as the one that refused it did.
        passes: the passes, in the order of preference.
    """
    made: list[Correction] = []
    log: list[str] = []
    seen = {code}
    while errors and len(made) < LONGEST_CHAIN:
        for target, correction in _proposals(code, errors, context, passes, log):
            if correction.after in seen:
                continue
            seen.add(correction.after)
            left = judge(correction.after)
            if _better(errors, left, target):
                log.append(f"{correction.by}: {correction.what}")
                made.append(correction)
                code, errors = correction.after, left
                break
            log.append(f"{correction.by}: taken back: {correction.what}")
        else:
            break
    return Corrected(code=code, errors=errors, corrections=tuple(made), log=tuple(log))


def _proposals(
    code: str, errors: tuple[ValidationError, ...], context: Context, passes: tuple[Pass, ...], log: list[str]
) -> Iterator[tuple[ValidationError, Correction]]:
    """Give what the passes propose, error by error; what they decline goes to the log."""
    for error in errors:
        for one in passes:
            proposal = one(code, error, context)
            line = f"{one.name}: left alone: {proposal.declined}"
            if proposal.declined and line not in log:
                log.append(line)
            for correction in proposal.corrections:
                yield error, correction


def _better(before: tuple[ValidationError, ...], after: tuple[ValidationError, ...], target: ValidationError) -> bool:
    """Say whether a change got further: to a later stage, or past the error it was made for with no more than before."""
    if not after:
        return True
    if _stage(after) != _stage(before):
        return _stage(after) > _stage(before)
    adds_lines = target.error_class in {"include", "signature"}  # what follows moves, and hidden errors appear
    gone = all(
        error.message != target.message or (not adds_lines and error.location != target.location) for error in after
    )
    return gone and (adds_lines or len(after) <= len(before))


def _stage(errors: tuple[ValidationError, ...]) -> int:
    stage = _STAGES.index(errors[0].stage)
    return max(stage, 1)  # contract and compile are one step: the compiler finds both
