"""What validation says about a module's code: data that a person, a repair loop and a report all read."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Literal

from aigchip.core.errors import AigchipError

Stage = Literal["contract", "compile", "csim", "csynth", "cosim"]

CLASSES: dict[str, str] = {
    "signature": "the function is missing or has other arguments",
    "redefinition": "the code redefines a name that belongs to the headers or to the harness",
    "constructor": "the code runs before the function is called",
    "undefined": "the code calls a function that does not exist",
    "forbidden": "the code uses what no hardware has, such as inline assembly",
    "compile": "the compiler refuses the code",
    "include": "the code lacks the #include of a name that it uses",
    "compile-limit": "the compiler needs more time, memory or output than allowed",
    "trap": "the run ended by a fault, such as an index out of bounds",
    "timeout": "the run does not end within its limit",
    "memory": "the run needs more memory than allowed",
    "burst": "a burst of a memory port is used against its rules",
    "underflow": "an input stream is read more often than it has words",
    "missing-output": "an output stream has too few words",
    "excess-output": "an output stream has too many words",
    "wrong-result": "an output differs from the expected one",
    "leftover": "an input stream still has words",
    "state": "a second call gives another result than the first",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidationError:
    """One classified reason why a module's code was refused.

    Attributes:
        stage: the check that refused it.
        error_class: a key of `CLASSES` for the stages contract, compile and csim.
        message: what is wrong, one sentence without a full stop.
        location: file and line, port, or function concerned.
        remedy: the smallest step that puts it right.
        vector: name of the failing test vector; empty where none is concerned.
    """

    stage: Stage
    error_class: str
    message: str
    location: str
    remedy: str
    vector: str = ""

    def __str__(self) -> str:
        """Give the one line that a person or a repair prompt reads."""
        return f"{self.location}: {self.message}. {self.remedy}"

    def to_dict(self) -> dict[str, str]:
        """Return the fields for a JSON report."""
        return asdict(self)


class ModuleRejectedError(AigchipError):
    """A module's code failed a check and somebody needed it to pass."""

    def __init__(self, errors: tuple[ValidationError, ...]) -> None:
        first = errors[0]
        super().__init__(first.location, first.message, first.remedy, code=first.error_class)
        self.errors = errors

    def __reduce__(self) -> tuple[object, ...]:
        """Survive the way back from a worker process."""
        return type(self), (self.errors,)
