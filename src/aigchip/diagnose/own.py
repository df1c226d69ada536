"""Errors of the project's own tools as messages of the one model: csynth's and those of C simulation."""

from __future__ import annotations

from typing import Protocol

from aigchip.diagnose.message import Location, ToolMessage
from aigchip.diagnose.parse import classify

_CSYNTH = {
    "pragma": "pragma misuse",
    "partition": "array partition",
    "dataflow-users": "dataflow violation",
    "dataflow-argument": "dataflow violation",
    "dataflow-code": "dataflow violation",
    "dataflow-condition": "dataflow violation",
    "dataflow-consumers": "dataflow violation",
    "dataflow-direction": "dataflow violation",
    "dataflow-end": "dataflow violation",
    "dataflow-feedback": "dataflow violation",
    "dataflow-index": "dataflow violation",
    "dataflow-loop": "dataflow violation",
    "dataflow-loop-shared": "dataflow violation",
    "dataflow-loop-value": "dataflow violation",
    "dataflow-object": "dataflow violation",
    "dataflow-output": "dataflow violation",
    "dataflow-part": "dataflow violation",
    "dataflow-partition": "dataflow violation",
    "dataflow-producers": "dataflow violation",
    "dataflow-return": "dataflow violation",
    "dataflow-shape": "dataflow violation",
    "stream-array": "dataflow violation",
    "dataflow-deadlock": "cosim deadlock",
    "stream-type": "pragma misuse",
    "stream-depth": "pragma misuse",
    "interface": "interface error",
    "axilite-output": "interface error",
    "burst": "interface error",
    "top": "interface error",
    "recursion": "unsynthesizable construct",
    "heap": "unsynthesizable construct",
    "unsupported-op": "unsynthesizable construct",
    "xilinx": "unsynthesizable construct",
    "undef": "unsynthesizable construct",
    "limit": "timeout",
    "ii": "II violation",
    "clock": "timing",
    "deadlock": "cosim deadlock",
    "yosys-timeout": "timeout",
}
_VALIDATION = {
    "signature": "interface error",
    "undefined": "unsynthesizable construct",
    "constructor": "unsynthesizable construct",
    "forbidden": "unsynthesizable construct",
    "redefinition": "other",
    "compile-limit": "timeout",
    "timeout": "timeout",
    "memory": "timeout",
    "burst": "interface error",
    "underflow": "wrong result",
    "missing-output": "wrong result",
    "excess-output": "wrong result",
    "wrong-result": "wrong result",
    "leftover": "wrong result",
    "state": "wrong result",
}


class OwnError(Protocol):
    """What an error of validation offers; `aigchip.toolchain.errors.ValidationError` has it."""

    @property
    def stage(self) -> str:
        """The check that refused."""
        ...

    @property
    def error_class(self) -> str:
        """The class within its stage."""
        ...

    @property
    def message(self) -> str:
        """One sentence."""
        ...

    @property
    def location(self) -> str:
        """`file`, `file:line` or `file:line:column`."""
        ...

    @property
    def remedy(self) -> str:
        """The smallest step that helps."""
        ...


def of_validation(error: OwnError) -> ToolMessage:
    """Return an error of contract, compiler, C simulation or C synthesis as a message.

    What the tool's own class decides is not guessed from the text; compiler and run-time messages are.
    """
    table = _CSYNTH if error.stage == "csynth" else _VALIDATION
    error_class = table.get(error.error_class) or classify(error.message)[0]
    file, *numbers = error.location.split(":")
    line, column = (*(int(n) for n in numbers if n.isdigit()), 0, 0)[:2]
    tool = {"compile": "clang", "contract": "clang", "csynth": "csynth"}.get(error.stage, "csim")
    return ToolMessage(
        error_class=error_class,
        message=error.message,
        remedy=error.remedy,
        severity="error",
        tool=tool,
        identifier=f"{error.stage}-{error.error_class}",
        location=Location(file=file, line=line, column=column) if file else None,
    )
