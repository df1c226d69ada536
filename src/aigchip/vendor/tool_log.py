"""Read a log of Vivado HLS, Vitis HLS, vitis-run or v++: who wrote it, what was run, and what went wrong.

No line of a log proves a success: `Finished Command csynth_design` is printed after a failure too. Whoever drives the tool
asks for its artefacts; this reader says why they are missing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from aigchip.core import paths
from aigchip.diagnose.message import ToolMessage
from aigchip.diagnose.parse import parse_log
from aigchip.vendor.model import VendorReportError

_ERROR = re.compile(r"(?:^|[^\w@])(?:ERROR: ?\[|@E (?:\[|(?=\w)))|^ERROR\b|^@E\b")
_INFO = re.compile(r"^\s*(?:INFO|@I)\b")
_CRITICAL = re.compile(r"CRITICAL WARNING: ?\[")
_WARNING = re.compile(r"(?<!CRITICAL )WARNING: ?\[|^WARNING: |^@W \[")
_BANNERS = (
    re.compile(
        r"^\*{6} (?P<tool>Vivado\(TM\) HLS|Vitis HLS|Vivado|vitis-run|v\+\+).*?v(?P<version>\d{4}\.\d\S*)", re.MULTILINE
    ),
    re.compile(
        r"(?P<tool>Vivado\(TM\) HLS|Vitis HLS|Vivado HLS) - High-Level Synthesis.*?Version (?P<version>\d{4}\.\d\S*)",
        re.DOTALL,
    ),
)
_PLACES = (
    re.compile(r"[/\\](?P<tool>Vivado_HLS|Vitis_HLS|Vivado|Vitis)[/\\](?P<version>\d{4}\.\d[\w.]*)[/\\]"),
    re.compile(r"[/\\](?P<version>\d{4}\.\d[\w.]*)[/\\](?P<tool>Vivado|Vitis)[/\\]"),
    re.compile(r"^\s*\*+ (?P<tool>HLS) Build v(?P<version>\d{4}\.\d\S*)", re.MULTILINE),
)
_FINISHED = re.compile(r"Finished Command (\w+)")
_MARKS: Mapping[str, re.Pattern[str]] = {
    "csim_pass": re.compile(r"CSim done with 0 errors"),
    "csim_fail": re.compile(r"CSim failed with errors"),
    "synth_rtl": re.compile(
        r"Finished (?:Creating RTL model|Generating all RTL models)|Generating (?:Verilog|VHDL) RTL"
    ),
    "cosim_pass": re.compile(r"co-simulation finished: PASS"),
    "cosim_fail": re.compile(r"co-simulation finished: FAIL"),
    "presynth_fail": re.compile(r"Pre-synthesis failed|Synthesizability check failed|Compilation errors found"),
    "ii_violation": re.compile(r"II Violation|Unable to (?:schedule|enforce)"),
    "timing": re.compile(r"exceeds the target|Cannot meet target clock"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine:
    """A line of a log, counted from 1."""

    number: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolLog:
    """What a log says.

    Args:
        tool: As its banner names it, else as its paths do; empty where neither does.
        version: The same.
        errors: Every line with an error.
        critical_warnings: How many lines have one.
        warnings: How many lines have one.
        finished: Commands that the log says were finished, well or not, in the order of their first mention.
        marks: What the log mentions: `csim_pass`, `csim_fail`, `synth_rtl`, `cosim_pass`, `cosim_fail`, `presynth_fail`,
            `ii_violation`, `timing`. Mentions are no proof.
        messages: Its warnings and errors as the error parser reads them.
    """

    tool: str
    version: str
    errors: tuple[LogLine, ...]
    critical_warnings: int
    warnings: int
    finished: tuple[str, ...]
    marks: frozenset[str]
    messages: tuple[ToolMessage, ...]


def read(path: Path) -> ToolLog:
    """Read a log.

    Raises:
        VendorReportError: The file cannot be read.
    """
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        where = paths.relative(path)
        raise VendorReportError(where, f"the file cannot be read ({error.strerror})", "Give a readable file.") from None
    return parse(text)


def parse(text: str) -> ToolLog:
    """Read the text of a log."""
    text = text.replace("\r\n", "\n")
    tool, version = _maker(text)
    return ToolLog(
        tool=tool,
        version=version,
        errors=tuple(_errors(text)),
        critical_warnings=sum(bool(_CRITICAL.search(line)) for line in text.split("\n")),
        warnings=sum(bool(_WARNING.search(line)) for line in text.split("\n")),
        finished=tuple(dict.fromkeys(_FINISHED.findall(text))),
        marks=frozenset(name for name, pattern in _MARKS.items() if pattern.search(text)),
        messages=tuple(parse_log(text)),
    )


def _errors(text: str) -> Iterator[LogLine]:
    for number, line in enumerate(text.split("\n"), 1):
        if _ERROR.search(line) and not _INFO.match(line):
            yield LogLine(number=number, text=line.rstrip())


def _maker(text: str) -> tuple[str, str]:
    for pattern in (*_BANNERS, *_PLACES):
        found = pattern.search(text)
        if found:
            return found["tool"].replace("_", " "), found["version"].rstrip(".,)")
    return "", ""
