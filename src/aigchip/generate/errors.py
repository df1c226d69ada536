"""What can go wrong between an instruction and a module's code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aigchip.core.errors import AigchipError

if TYPE_CHECKING:
    from aigchip.generate.request import Rejected


class GenerateError(AigchipError):
    """Report a module that a generator cannot make."""


class UnusableReplyError(GenerateError):
    """Report a reply that holds no code which could be tried.

    Args:
        where: The module concerned.
        what: What the reply lacks.
        remedy: The smallest step that helps.
        code: A stable word for programs.
        reply: The whole reply.
        reason: What to tell the model that replied.
    """

    def __init__(
        self, where: str, what: str, remedy: str = "", *, code: str = "no-code", reply: str = "", reason: str = ""
    ) -> None:
        super().__init__(where, what, remedy, code=code)
        self.reply = reply
        self.reason = reason
        self.model = ""  # who replied, as the endpoint names it


class ModuleFailedError(GenerateError):
    """Report a module of which no attempt passed validation.

    Args:
        where: The module concerned.
        what: What the last attempt got wrong.
        remedy: The smallest step that helps.
        code: A stable word for programs.
        rejected: Every attempt with its error.
        draft: The last code that was tried, with its automatic corrections.
    """

    def __init__(
        self,
        where: str,
        what: str,
        remedy: str = "",
        *,
        code: str = "module-failed",
        rejected: tuple[Rejected, ...] = (),
        draft: str = "",
    ) -> None:
        super().__init__(where, what, remedy, code=code)
        self.rejected = rejected
        self.draft = draft
