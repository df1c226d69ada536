"""Read the table of hls_compile.rpt, which is also the text of the aggregate csynth.rpt: modules and loops as a tree."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from aigchip.core import paths
from aigchip.vendor.model import VendorReportError
from csynth.report.model import Range

_FACT = re.compile(r"^\s*\* (Date|Version|Project|Solution|Product family|Target device):\s*(.*?)\s*$", re.MULTILINE)
_NAME = re.compile(r"^( *)([+o]) (.*?)(\*?)\s*$")
_COLUMNS = {
    "& loops": "name",
    "type": "issue",
    "violation type": "violation",
    "slack": "slack",
    "(cycles)": "cycles",
    "(ns)": "ns",
    "latency": "iteration",
    "interval": "interval",
    "count": "trips",
    "pipelined": "pipelined",
    "bram": "BRAM_18K",
    "dsp": "DSP",
    "ff": "FF",
    "lut": "LUT",
    "uram": "URAM",
}
"""The second line of the headings to what the column holds; the order of the columns differs by version."""
_NEEDED = ("name", "cycles", "interval", "pipelined", "BRAM_18K", "DSP", "FF", "LUT")


@dataclass(frozen=True, slots=True, kw_only=True)
class CompileRow:
    """A module or a loop.

    Args:
        name: Its name, without the marks of the table.
        path: Names from the top to it, with slashes.
        is_loop: Whether it is a loop; else a module.
        dataflow: Whether it is a dataflow region.
        issue: `Timing`, `II`, ...; empty where it has none.
        violation: The kind of the violation, from 2025.2 on; empty else.
        slack_ns: [ns]; None where the table has none.
        latency: [cycles]
        latency_ns: As it stands there, with four digits. [ns]
        iteration_latency: Of a loop. [cycles]
        interval: [cycles]
        trip_count: Of a loop.
        pipelined: yes, no, dataflow, rewind, ...
        used: Resource to the number used; None where the table has a dash.
    """

    name: str
    path: str
    is_loop: bool
    dataflow: bool
    issue: str
    violation: str
    slack_ns: float | None
    latency: Range
    latency_ns: str
    iteration_latency: Range
    interval: Range
    trip_count: Range
    pipelined: str
    used: Mapping[str, int | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class CompileReport:
    """The table with what stands above it.

    Args:
        version: Without the build; empty where the report has none.
        build: What stands in parentheses behind the version.
        project: The project.
        solution: The solution with its target flow.
        family: The device's family.
        part: The device.
        date: As it stands there.
        rows: In their order, the top first.
    """

    version: str
    build: str
    project: str
    solution: str
    family: str
    part: str
    date: str
    rows: tuple[CompileRow, ...]


def read(path: Path) -> CompileReport:
    """Read the report.

    Raises:
        VendorReportError: The file cannot be read, or has no table of modules and loops.
    """
    where = paths.relative(path)
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise VendorReportError(where, f"the file cannot be read ({error.strerror})", "Give a readable file.") from None
    return parse(text, where)


def parse(text: str, where: str) -> CompileReport:
    """Read the report's text; see `read`."""
    lines = text.replace("\r\n", "\n").split("\n")
    start = next((n for n, line in enumerate(lines) if "& Loops" in line), None)
    if start is None:
        raise VendorReportError(where, "it has no table of modules and loops", "Give hls_compile.rpt or csynth.rpt.")
    headings = [cell.strip().lower() for cell in _cells(lines[start])]
    columns = {_COLUMNS[name]: n for n, name in enumerate(headings) if name in _COLUMNS}
    missing = [name for name in _NEEDED if name not in columns]
    if missing:
        raise VendorReportError(
            f"{where}:{start + 1}",
            f"the table has no column for {', '.join(missing)}",
            "Report this version's headings.",
        )
    rows: list[CompileRow] = []
    around: list[tuple[int, str]] = []
    for number, line in enumerate(lines[start + 2 :], start + 3):
        if not line.lstrip().startswith("|"):
            break
        cells = _cells(line)
        if len(cells) != len(headings):
            raise VendorReportError(
                f"{where}:{number}", f"the row has {len(cells)} cells; must have {len(headings)}", "Run it again."
            )
        row, indent = _row(cells, columns, f"{where}:{number}")
        while around and around[-1][0] >= indent:
            around.pop()
        around.append((indent, row.name))
        rows.append(_at(row, [name for _, name in around]))
    facts = dict(_FACT.findall(text[: text.index("& Loops")]))
    version, _, build = facts.get("Version", "").partition("(")
    return CompileReport(
        version=version.strip(),
        build=build.rstrip(")").strip(),
        project=facts.get("Project", ""),
        solution=facts.get("Solution", ""),
        family=facts.get("Product family", ""),
        part=facts.get("Target device", ""),
        date=facts.get("Date", ""),
        rows=tuple(rows),
    )


def _cells(line: str) -> list[str]:
    return line.strip().strip("|").split("|") if line.strip().startswith("|") else []


def _row(cells: list[str], columns: Mapping[str, int], where: str) -> tuple[CompileRow, int]:
    def cell(name: str) -> str:
        text = cells[columns[name]].strip() if name in columns else ""
        return "" if text == "-" else text

    found = _NAME.match(cells[columns["name"]])
    if found is None:
        raise VendorReportError(where, "the first cell is no module (+) and no loop (o)", "Run the synthesis again.")
    slack = cell("slack")
    row = CompileRow(
        name=found[3],
        path="",
        is_loop=found[2] == "o",
        dataflow=bool(found[4]),
        issue=cell("issue"),
        violation=cell("violation"),
        slack_ns=float(slack) if re.fullmatch(r"-?\d+(\.\d+)?", slack) else None,
        latency=_range(cell("cycles"), where),
        latency_ns=cell("ns"),
        iteration_latency=_range(cell("iteration"), where),
        interval=_range(cell("interval"), where),
        trip_count=_range(cell("trips"), where),
        pipelined=cell("pipelined"),
        used={name: _used(cell(name)) for name in ("LUT", "FF", "DSP", "BRAM_18K", "URAM")},
    )
    return row, len(found[1])


def _at(row: CompileRow, names: list[str]) -> CompileRow:

    return replace(row, path="/".join(names))


def _range(text: str, where: str) -> Range:
    if not text or text in {"?", "undef", "inf"}:
        return Range()
    low, _, high = text.partition("~")
    try:
        first = int(low)
        return Range(minimum=first, maximum=int(high) if high.strip() else first)
    except ValueError:
        raise VendorReportError(where, f"{text!r} is no count of cycles", "Run the synthesis again.") from None


def _used(text: str) -> int | None:
    found = re.match(r"\d+", text)
    return int(found[0]) if found else None
