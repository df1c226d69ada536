"""Numbers that say how they were obtained."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_args

Kind = Literal["estimated", "simulated", "measured"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """Hold one result with its unit and its origin.

    Attributes:
        value: The number; None where the tool could not give one.
        unit: For example `cycles`, `ms`, `DSP`.
        kind: `estimated` (a model or a synthesis report), `simulated` (RTL ran), `measured` (hardware ran).
        tool: The tool with its version, for example `verilator 5.048`.
    """

    value: float | int | None
    unit: str
    kind: Kind
    tool: str

    def __post_init__(self) -> None:
        if self.kind not in get_args(Kind):
            raise ValueError(f"figure kind is {self.kind!r}; must be one of {', '.join(get_args(Kind))}")
        if not self.tool:
            raise ValueError("figure tool is empty; must name the tool and its version")

    def number(self) -> str:
        """Write the value alone, with thousands separated and at most four significant decimals."""
        if self.value is None:
            return "unknown"
        if isinstance(self.value, int):
            return f"{self.value:,}"
        return f"{self.value:,.4g}" if abs(self.value) < 1000 else f"{self.value:,.0f}"

    def __str__(self) -> str:
        return f"{self.number()} {self.unit} ({self.kind}, {self.tool})"

    def to_dict(self) -> dict[str, Any]:
        """Give the JSON form."""
        return {"value": self.value, "unit": self.unit, "kind": self.kind, "tool": self.tool}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Figure:
        """Read the JSON form back."""
        return cls(value=data["value"], unit=data["unit"], kind=data["kind"], tool=data["tool"])
