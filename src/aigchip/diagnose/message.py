"""One model for what every tool says: csynth, clang, the simulation, Vivado HLS and Vitis HLS."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

CLASSES: dict[str, str] = {
    "undeclared identifier": "a name, type or template that is not declared here",
    "type mismatch": "types, overloads or numbers of arguments that do not fit",
    "pragma misuse": "a pragma or directive that is unknown, misplaced, contradictory or not obeyed",
    "array partition": "an array that cannot be partitioned, reshaped or packed as asked",
    "array out of bounds": "an index outside its array",
    "memory port": "too few ports of a memory for the initiation interval",
    "II violation": "an initiation interval that cannot be reached",
    "timing": "a clock period that cannot be met",
    "dataflow violation": "a dataflow region outside the canonical form",
    "interface error": "ports or arguments of the top function that cannot become an interface",
    "unsynthesizable construct": "C++ that cannot become hardware",
    "cosim deadlock": "a simulation that stands still, or a design at risk of it",
    "cosim mismatch": "an RTL simulation that failed or differs from the C++",
    "wrong result": "a C simulation that differs from the reference",
    "timeout": "work that exceeds its limit of time or size",
    "license": "a licence that is missing",
    "tool crash": "a tool that ended by a fault of its own",
    "other": "anything else: syntax, missing files, scripts, settings",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """A place in a source file.

    Attributes:
        file: the file as the tool names it.
        line: 1-based; 0 = unknown.
        column: 1-based; 0 = unknown.
    """

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        """Give `file:line:column`, with as much of it as is known."""
        numbers = (self.line, self.column) if self.column else (self.line,) if self.line else ()
        return ":".join([self.file, *map(str, numbers)])


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolMessage:
    """One warning or error of a tool.

    Attributes:
        error_class: a key of `CLASSES`.
        message: the tool's sentence, one line, without severity, identifier and place.
        remedy: the smallest step that helps.
        severity: "error" or "warning".
        tool: "vitis_hls", "vivado_hls", "v++", "vivado", "clang", "csynth", "csim", or "" if the line does not tell.
        identifier: the tool's own, without brackets, such as `HLS 207-3776`; "" if there is none.
        location: the place that the tool names last, which is where a person has to look; None if it names none.
    """

    error_class: str
    message: str
    remedy: str
    severity: str
    tool: str = ""
    identifier: str = ""
    location: Location | None = None

    def __str__(self) -> str:
        """Give the one line that a person or a model reads."""
        place = f"{self.location}: " if self.location else ""
        return f"{place}{self.message.rstrip('.')}. {self.remedy}"

    def to_dict(self) -> dict[str, Any]:
        """Return the fields for a JSON report."""
        return asdict(self)
