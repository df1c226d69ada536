"""The part of `report` that tells what ran on boards: of one design, and of the designs of a study."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from aigchip.core.atomic import write_text
from aigchip.core.console import print_table
from aigchip.core.errors import AigchipError
from aigchip.report.comparison import HEADINGS, Row, cells, markdown, origins, verdict
from aigchip.report.pareto import OnBoard
from aigchip.tasks import board_rows
from aigchip.tasks.arguments import parse
from aigchip.tasks.context import DesignContext
from aigchip.tasks.designs import as_in_study

_TITLE = "On boards: estimated, simulated, measured"


def section(context: DesignContext) -> list[str]:
    """Return the section of a design's page; nothing where it ran on no board."""
    found = board_rows.rows(context, board_rows.of_design(context))
    return ["", f"## {_TITLE}", "", *markdown(found), ""] if found else []


def points(ran: Mapping[int, Sequence[Mapping[str, Any]]], study: str) -> tuple[OnBoard, ...]:
    """Return the latencies of whole networks that ran on the study's board, for the picture of a study.

    Args:
        ran: What boards said, by the design's number (`board_rows.of_study`).
        study: The study's name; its board is the one that counts.
    """
    return tuple(
        OnBoard(
            number=number,
            latency_ms=float(document["network"]["latency_ms"]["median"]["value"]),
            kind=document["kind"],
            tool=document["tool"],
        )
        for number, documents in ran.items()
        for document in documents
        if document["network"]["covers"] == "network" and document["board"] == _board_of(number, study)
    )


def _board_of(number: int, study: str) -> str:
    return as_in_study(parse([f"design={number}", f"study={study}"])).text("board")


def print_study(ran: Mapping[int, Sequence[Mapping[str, Any]]], folder: Path) -> None:
    """Print what ran on boards of a study's designs, and write it as on-boards.md beside its picture.

    Args:
        ran: What boards said, by the design's number (`board_rows.of_study`).
        folder: The study's folder, which has its name.
    """
    if not ran:
        return
    study = folder.name
    rows, lost = _rows(ran, study)
    if rows:
        table = [(str(number), *cells(row)) for number, row in rows]
        print_table(_TITLE, ("design", *HEADINGS), table, right=(0, 3, 4, 5, 6))
    plain = [row for _, row in rows]
    for line in [*origins(plain), *([verdict(plain)] if rows else []), *lost]:
        print(line)
    page = [f"# Study {study}: designs on boards", ""]
    for number in ran:
        of_number = [row for owner, row in rows if owner == number]
        page += [f"## Design {number}", "", *markdown(of_number), ""] if of_number else []
    write_text(folder / "on-boards.md", "\n".join([*page, *lost]) + "\n")


def _rows(ran: Mapping[int, Sequence[Mapping[str, Any]]], study: str) -> tuple[list[tuple[int, Row]], list[str]]:
    """Return the rows with their designs' numbers, and a line for each design that cannot be estimated here."""
    rows: list[tuple[int, Row]] = []
    lost: list[str] = []
    for number, documents in ran.items():
        try:
            context = DesignContext(parse([f"design={number}", f"study={study}"]))
            board = _board_of(number, study)
            here = [document for document in documents if document["board"] == board]
            rows += [(number, row) for row in board_rows.rows(context, here)]
            lost += [
                f"Design {number} ran on {other} too, with other RTL, of which this study has no estimate."
                for other in sorted({document["board"] for document in documents} - {board})
            ]
        except AigchipError as error:
            lost.append(f"Design {number} ran on a board, but cannot be held against the estimate: {error}")
    return rows, lost
