"""Rows of `compare`: which figures are held against each other, and what is flagged."""

from __future__ import annotations

from aigchip.core.figures import Figure, Kind
from aigchip.report.comparison import HEADINGS, Row, cells, verdict


def figure(value: int, kind: Kind, tool: str = "a tool") -> Figure:
    return Figure(value=value, unit="cycles", kind=kind, tool=tool)


EXACT = Row(what="GEMM 8 x 8 x 8", estimated=figure(1000, "estimated"), simulated=figure(1000, "simulated"))
NEAR = Row(what="conv1", estimated=figure(1049, "estimated"), simulated=figure(1000, "simulated"))
FAR = Row(
    what="conv2",
    estimated=figure(900, "estimated"),
    simulated=figure(900, "simulated"),
    measured=figure(1000, "measured"),
)
ALONE = Row(what="fc", estimated=figure(7, "estimated"))


def test_hardware_goes_before_simulation() -> None:
    assert [row.to_dict()["divergence_percent"] for row in (EXACT, FAR, ALONE)] == [0.0, -10.0, None]


def test_more_than_five_percent_is_flagged_and_less_is_not() -> None:
    assert [row.diverges for row in (EXACT, NEAR, FAR, ALONE)] == [False, False, True, False]
    assert cells(NEAR) == ["conv1", "cycles", "1,049", "1,000", "", "+4.9 %"]
    assert cells(FAR) == ["conv2", "cycles", "900", "900", "1,000", "-10.0 % !"]
    assert cells(ALONE) == ["fc", "cycles", "7", "", "", ""]
    assert len(cells(ALONE)) == len(HEADINGS)


def test_the_verdict_names_the_worst() -> None:
    assert (
        verdict([EXACT, NEAR]) == "The estimate of conv1 is off by +4.9 %, the most of 2; none is off by more than 5 %."
    )
    assert verdict([EXACT, FAR]) == (
        "The estimate of conv2 is off by -10.0 %, the most of 2; 1 of them by more than 5 % (marked !)."
    )
    assert verdict([ALONE]) == "Nothing but estimates is there yet."


def test_a_row_keeps_where_every_figure_comes_from() -> None:
    data = FAR.to_dict()
    assert data["measured"] == {"value": 1000, "unit": "cycles", "kind": "measured", "tool": "a tool"}
    assert (data["divergence_percent"], data["diverges"]) == (-10.0, True)
