"""The exceptions of csynth. Each carries a code, the reason, the place in the C++ source and the smallest remedy as fields."""

from __future__ import annotations

from pathlib import PurePath
from typing import Protocol


class SourcePlace(Protocol):
    """What an error needs of a location: `csynth.ir.model.Location` has it."""

    @property
    def file(self) -> str:
        """The file as the user named it."""
        ...

    @property
    def line(self) -> int:
        """1-based; 0 = unknown."""
        ...

    @property
    def column(self) -> int:
        """1-based; 0 = unknown."""
        ...


def place_text(location: SourcePlace | None) -> str:
    """`file.cpp:12:3`, with as much of it as is known."""
    if location is None or not location.file:
        return "csynth"
    text = PurePath(location.file).name
    if location.line:
        text += f":{location.line}"
        if location.column:
            text += f":{location.column}"
    return text


def _sentence(text: str) -> str:
    text = text.strip()
    return text if not text or text[-1] in ".!?" else text + "."


class CsynthError(Exception):
    """Something that csynth refuses or cannot do; `str()` is `<file>:<line>:<column>: <reason>. <remedy>`.

    Attributes:
        code: a short stable name of the reason, for example `recursion`.
        message: the reason.
        location: the place in the user's source, or None.
        remedy: the smallest change that helps; may be empty.
    """

    kind = "error"

    def __init__(self, code: str, message: str, location: SourcePlace | None = None, remedy: str = "") -> None:
        self.code = code
        self.message = message
        self.location = location
        self.remedy = remedy
        super().__init__(code, message, location, remedy)

    def __str__(self) -> str:
        return " ".join(
            t for t in (f"{place_text(self.location)}: {_sentence(self.message)}", _sentence(self.remedy)) if t
        )


class FrontendError(CsynthError):
    """The source cannot become hardware."""

    kind = "frontend"


class CompileError(FrontendError):
    """The source is not valid C++: clang's first diagnostic, scrubbed; all of them in `diagnostics`."""

    kind = "compile"

    def __init__(
        self,
        code: str,
        message: str,
        location: SourcePlace | None = None,
        remedy: str = "",
        diagnostics: tuple[str, ...] = (),
    ) -> None:
        super().__init__(code, message, location, remedy)
        self.diagnostics = diagnostics


class UnsupportedError(FrontendError):
    """Valid C++ with a construct that csynth does not turn into hardware."""

    kind = "unsupported"


class CannotKeepError(UnsupportedError):
    """A function cannot be a module of its own; it is inlined instead where nothing else needs the module.

    Attributes:
        symbol: its linker name where it may be inlined; else empty.
    """

    def __init__(
        self, code: str, message: str, location: SourcePlace | None = None, remedy: str = "", *, symbol: str
    ) -> None:
        super().__init__(code, message, location, remedy)
        self.symbol = symbol


class ScheduleError(CsynthError):
    """No schedule meets the constraints."""

    kind = "schedule"


class ToolError(CsynthError):
    """A tool that csynth calls is missing, failed or ran out of its limits."""

    kind = "tool"


class IrError(CsynthError):
    """IR that breaks a rule of `csynth.ir.model`: a bug of csynth, or text written by hand."""

    kind = "ir"


class InterpretError(CsynthError):
    """The interpreter cannot go on: a deadlock, an access outside a memory, or more steps than allowed."""

    kind = "interpret"
