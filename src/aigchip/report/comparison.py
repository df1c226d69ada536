"""Estimated, simulated and measured figures of one design side by side, and where they diverge."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from aigchip.core.figures import Figure

TOLERANCE_PERCENT = 5.0
"""Divergence from the estimate above which a row is flagged. [%]"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One quantity, as the tools see it.

    Attributes:
        what: A layer's name or its sizes.
        estimated: What the performance model says.
        simulated: What RTL took, in co-simulation or on the simulated board; None where it did not run.
        measured: What hardware took; None where it did not run.
    """

    what: str
    estimated: Figure
    simulated: Figure | None = None
    measured: Figure | None = None

    @property
    def divergence_percent(self) -> float | None:
        """Divergence of the estimate from the figure nearest to hardware [%]; None where there is no other figure."""
        other = self.measured or self.simulated
        if other is None or not other.value or self.estimated.value is None:
            return None
        return 100 * (self.estimated.value / other.value - 1)

    @property
    def diverges(self) -> bool:
        """Whether that is more than `TOLERANCE_PERCENT`."""
        found = self.divergence_percent
        return found is not None and abs(found) > TOLERANCE_PERCENT

    def to_dict(self) -> dict[str, Any]:
        """Return the row, JSON-able."""
        figures = {"estimated": self.estimated, "simulated": self.simulated, "measured": self.measured}
        return {
            "what": self.what,
            **{name: None if figure is None else figure.to_dict() for name, figure in figures.items()},
            "divergence_percent": None if self.divergence_percent is None else round(self.divergence_percent, 2),
            "diverges": self.diverges,
        }


HEADINGS = ("what", "unit", "estimated", "simulated", "measured", "divergence")


def cells(row: Row) -> list[str]:
    """Return a row of the table, in the order of `HEADINGS`."""

    def number(figure: Figure | None) -> str:
        return "" if figure is None else figure.number()

    found = row.divergence_percent
    flag = "" if found is None else f"{found:+.1f} %" + (" !" if row.diverges else "")
    return [row.what, row.estimated.unit, number(row.estimated), number(row.simulated), number(row.measured), flag]


def origins(rows: Sequence[Row]) -> list[str]:
    """Say which tools each column comes from."""
    columns = {
        name: sorted({figure.tool for row in rows if (figure := getattr(row, name)) is not None})
        for name in ("estimated", "simulated", "measured")
    }
    return [f"{name.capitalize()} by {'; '.join(tools)}." for name, tools in columns.items() if tools]


def verdict(rows: Sequence[Row]) -> str:
    """Say in one line how well the estimates hold."""
    compared = [row for row in rows if row.divergence_percent is not None]
    if not compared:
        return "Nothing but estimates is there yet."
    worst = max(compared, key=lambda row: abs(row.divergence_percent or 0.0))
    far = [row for row in compared if row.diverges]
    said = f"The estimate of {worst.what} is off by {worst.divergence_percent:+.1f} %, the most of {len(compared)}"
    if not far:
        return f"{said}; none is off by more than {TOLERANCE_PERCENT:g} %."
    return f"{said}; {len(far)} of them by more than {TOLERANCE_PERCENT:g} % (marked !)."


def markdown(rows: Sequence[Row]) -> list[str]:
    """Return the rows as lines of a page: the table, where each column comes from, and how well the estimates hold."""
    table = [f"| {' | '.join(HEADINGS)} |", f"|{'---|' * len(HEADINGS)}"]
    table += [f"| {' | '.join(cells(row))} |" for row in rows]
    return [*table, "", *origins(rows), verdict(rows)]
