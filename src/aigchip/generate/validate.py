"""What judges a module's code, and what it says: contract, C simulation, C synthesis, in this order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from aigchip.generate.request import ModuleRequest
from aigchip.toolchain.errors import ValidationError
from csynth.errors import CsynthError


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What validation says about one piece of code.

    Args:
        errors: Why the code was refused, the first to repair first; empty if it passed.
        passed: The stages that it passed, in order.
    """

    errors: tuple[ValidationError, ...]
    passed: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Whether the code passed every stage."""
        return not self.errors

    def words(self) -> dict[str, str]:
        """Return stage to `passed`, or to the class of the first error."""
        failed = {self.errors[0].stage: self.errors[0].error_class} if self.errors else {}
        return {**dict.fromkeys(self.passed, "passed"), **failed}


class Validator(Protocol):
    """Judge code; equal arguments and inputs give an equal verdict."""

    def inputs(self, request: ModuleRequest) -> dict[str, Any]:
        """Return what determines the verdict on a request's code beside that code, JSON-able."""
        ...

    def __call__(self, code: str, request: ModuleRequest, callees: Mapping[str, str]) -> Verdict:
        """Judge the code of a module.

        Args:
            code: The C++ text, untrusted.
            request: What it should do.
            callees: The source of each function of another module that it calls, directly or not, by the function's
                name, callees of callees first.
        """
        ...


def translation_unit(code: str, file: str, callees: Mapping[str, str]) -> str:
    """Put the functions that a module calls before its code, each under its own name for messages."""
    parts = [f'#line 1 "{name}.cpp"\n{source}' for name, source in callees.items()]
    return "\n".join([*parts, f'#line 1 "{file}"\n{code}'])


def synthesis_error(error: CsynthError, file: str) -> ValidationError:
    """Classify what csynth refuses: `error_class` is its code, for example `recursion` or `compile`."""
    place = error.location
    location = file
    if place is not None and place.file:
        location = Path(place.file).name + (f":{place.line}" if place.line else "")
    return ValidationError(
        stage="csynth",
        error_class=error.code,
        message=error.message.rstrip("."),
        location=location,
        remedy=error.remedy,
    )
