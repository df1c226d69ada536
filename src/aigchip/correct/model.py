"""What a pass is given and what it answers."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from aigchip.toolchain.contract import Contract
from aigchip.toolchain.errors import ValidationError


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What a pass may know beside the code.

    Attributes:
        contract: the module's interface.
        headers: name to text of each header that the code may include.
        callees: declarations of the functions of other modules that the code may call.
    """

    contract: Contract
    headers: Mapping[str, str] = field(default_factory=dict)
    callees: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """One change that a pass proposes.

    Attributes:
        by: name of the pass.
        what: one sentence for the log, without a full stop.
        before: the code that was refused.
        after: the code with the change.
    """

    by: str
    what: str
    before: str
    after: str

    @property
    def diff(self) -> str:
        """Give the change as a unified diff without file names."""
        lines = difflib.unified_diff(
            self.before.splitlines(keepends=True), self.after.splitlines(keepends=True), n=1, lineterm="\n"
        )
        return "".join(line if line.endswith("\n") else line + "\n" for line in list(lines)[2:])


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What a pass makes of an error.

    Attributes:
        corrections: changes to try, the likeliest first; each is judged before it counts.
        declined: why nothing can be proposed although the error is of the pass's kind; empty otherwise.
    """

    corrections: tuple[Correction, ...] = ()
    declined: str = ""


NOTHING = Proposal()


class Pass(Protocol):
    """Propose changes for one error; a pure function of its arguments."""

    name: str

    def __call__(self, code: str, error: ValidationError, context: Context) -> Proposal:
        """Look at one error of the code.

        Args:
            code: the code as it was refused.
            error: one of its errors.
            context: what else is known.
        """
        ...


def line_of(error: ValidationError, context: Context) -> tuple[int, int]:
    """Return line and column of an error in the module's own file; 0 where unknown or elsewhere."""
    file, *numbers = error.location.split(":")
    if file != context.contract.file:
        return 0, 0
    line, column = (*(int(number) for number in numbers if number.isdigit()), 0, 0)[:2]
    return line, column
