"""Read `<top>_cosim.rpt`: what the co-simulation of Vivado HLS and Vitis HLS says, with and without execution time.

The file holds no version. A status says nothing about the numbers beside it: they may be left from an older run.
"""

from __future__ import annotations

import re
from pathlib import Path

from aigchip.core import paths
from aigchip.vendor.model import CosimLanguage, CosimReport, VendorReportError

_HEAD = re.compile(r"^(Report time|Solution|Simulation tool)\s*:\s*(.*?)\.?\s*$", re.MULTILINE)
_ROW = re.compile(r"^\|\s*(VHDL|Verilog|SystemC)\s*\|(.+)\|\s*$", re.MULTILINE)
_COLUMNS = (7, 8)
"""Columns behind the language: status, latency and interval as min, avg, max, and from Vitis HLS on the total time."""


def read(path: Path) -> CosimReport:
    """Read a co-simulation report.

    Raises:
        VendorReportError: The file cannot be read, or is no such report.
    """
    where = paths.relative(path)
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise VendorReportError(where, f"the file cannot be read ({error.strerror})", "Give a readable file.") from None
    return parse(text, where, top=re.sub(r"_?cosim\.rpt$", "", path.name))


def parse(text: str, where: str, *, top: str = "") -> CosimReport:
    """Read the text of a co-simulation report; see `read`."""
    head = dict(_HEAD.findall(text))
    languages: dict[str, CosimLanguage] = {}
    for language, cells in _ROW.findall(text.replace("\r\n", "\n")):
        values = [cell.strip() for cell in cells.split("|")]
        if len(values) not in _COLUMNS:
            raise VendorReportError(
                where,
                f"the row of {language} has {len(values)} columns; must be 7 or 8",
                "Run the co-simulation again.",
            )
        numbers = [_number(value, where, language) for value in values[1:]]
        languages[language] = CosimLanguage(
            status=values[0],
            latency_min=numbers[0],
            latency_average=numbers[1],
            latency_max=numbers[2],
            interval_min=numbers[3],
            interval_average=numbers[4],
            interval_max=numbers[5],
            total_execution_time=numbers[6] if len(numbers) == 7 else None,
        )
    if not languages:
        raise VendorReportError(where, "it holds no row of VHDL, Verilog or SystemC", "Give a <top>_cosim.rpt.")
    return CosimReport(
        top=top,
        solution=head.get("Solution", ""),
        simulator=head.get("Simulation tool", ""),
        date=head.get("Report time", ""),
        languages=languages,
    )


def _number(text: str, where: str, language: str) -> int | None:
    if text in {"NA", "", "?", "-"}:
        return None
    if not re.fullmatch(r"\d+", text):
        raise VendorReportError(
            where, f"the row of {language} holds {text!r}; must be a number or NA", "Run the co-simulation again."
        )
    return int(text)
