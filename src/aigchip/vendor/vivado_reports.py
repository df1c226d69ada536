"""Read what Vivado says of a routed design: report_timing_summary and report_utilization, 7-series and UltraScale+."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from aigchip.vendor.model import VendorReportError

_TOOL = re.compile(r"^\| Tool Version\s*:\s*Vivado v\.?(\S+)", re.MULTILINE)
_HEAD = re.compile(r"^\s*WNS\(ns\)\s+TNS\(ns\).*\n[- ]+\n(?P<row>[^\n]+)", re.MULTILINE)
_CLOCKS = re.compile(
    r"^Clock\s+Waveform\(ns\)\s+Period\(ns\)\s+Frequency\(MHz\)[^\n]*\n[- ]+\n(?P<rows>.*?)\n\s*\n", re.M | re.S
)
_CLOCK = re.compile(r"^\s*(?P<name>\S+)\s+\{[^}]*\}\s+(?P<period>[\d.]+)\s+[\d.]+\s*$", re.MULTILINE)
_USED = re.compile(r"^\|\s*(?P<name>[A-Za-z0-9 /]+?)\*?\s*\|\s*(?P<cells>[^\n]*)\|\s*$", re.MULTILINE)
_RESOURCES: Mapping[str, tuple[tuple[str, ...], int]] = {
    "lut": (("CLB LUTs", "Slice LUTs"), 1),
    "ff": (("CLB Registers", "Slice Registers"), 1),
    "dsp": (("DSPs",), 1),
    "bram18": (("Block RAM Tile",), 2),
    "uram": (("URAM",), 1),
}
"""Resource to the names of its row, and how many of ours one of theirs is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """A timing summary.

    Attributes:
        version: Of the tool.
        wns_ns: Worst negative slack of setup [ns]; None where no path is constrained.
        whs_ns: Worst slack of hold [ns]; the same.
        wpws_ns: Worst slack of pulse widths [ns]; the same.
        periods_ns: Clock to its period [ns].
    """

    version: str
    wns_ns: float | None
    whs_ns: float | None
    wpws_ns: float | None
    periods_ns: Mapping[str, float]

    @property
    def worst_ns(self) -> float | None:
        """The least of all slacks [ns]."""
        known = [slack for slack in (self.wns_ns, self.whs_ns, self.wpws_ns) if slack is not None]
        return min(known, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Utilisation:
    """A utilisation report; names as in board.yaml (lut, ff, dsp, bram18, uram), absent where the device has none."""

    version: str
    used: Mapping[str, int]
    available: Mapping[str, int]


def timing(text: str, where: str) -> Timing:
    """Read report_timing_summary.

    Raises:
        VendorReportError: It holds no summary.
    """
    text = text.replace("\r\n", "\n")
    found = _HEAD.search(text)
    cells = found["row"].split() if found else []
    if len(cells) < 9:
        raise VendorReportError(where, "it holds no Design Timing Summary", "Give a report_timing_summary.")
    wpws = cells[8]
    clocks = _CLOCKS.search(text)
    rows = _CLOCK.finditer(clocks["rows"]) if clocks else ()
    return Timing(
        version=_version(text),
        wns_ns=_slack(cells[0]),
        whs_ns=_slack(cells[4]),
        wpws_ns=_slack(wpws),
        periods_ns={row["name"]: float(row["period"]) for row in rows},
    )


def utilisation(text: str, where: str) -> Utilisation:
    """Read report_utilization.

    Raises:
        VendorReportError: It holds no count of LUTs and registers.
    """
    text = text.replace("\r\n", "\n")
    rows: dict[str, tuple[str, str]] = {}
    for row in _USED.finditer(text):
        cells = [cell.strip() for cell in row["cells"].split("|")]
        if len(cells) >= 4:
            rows.setdefault(row["name"].strip(), (cells[0], cells[-2]))
    used: dict[str, int] = {}
    available: dict[str, int] = {}
    for name, (titles, factor) in _RESOURCES.items():
        found = next((rows[title] for title in titles if title in rows), None)
        if found is not None and all(re.fullmatch(r"[\d.]+", cell) for cell in found):
            used[name], available[name] = (round(factor * float(cell)) for cell in found)
    if not {"lut", "ff"} <= used.keys():
        raise VendorReportError(where, "it holds no count of LUTs and registers", "Give a report_utilization.")
    return Utilisation(version=_version(text), used=used, available=available)


def _version(text: str) -> str:
    found = _TOOL.search(text)
    return found[1] if found else ""


def _slack(cell: str) -> float | None:
    return float(cell) if re.fullmatch(r"-?\d+(\.\d+)?", cell) else None
