"""`compare`: estimated, simulated and measured figures of a design side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aigchip.board import load as load_board
from aigchip.core import paths
from aigchip.core.atomic import write_json
from aigchip.core.console import print_table
from aigchip.core.errors import InputError
from aigchip.core.figures import Figure
from aigchip.deploy.results import read_document
from aigchip.perf.memory import memory_timing
from aigchip.perf.model import CycleModel
from aigchip.perf.network import TOOL
from aigchip.report.comparison import HEADINGS, Row, cells, verdict
from aigchip.tasks.arguments import Arguments
from aigchip.tasks.context import DesignContext
from aigchip.tasks.studies import module_timing, read_reports
from aigchip.workload.layers import Gemm


def run(given: Arguments) -> int:
    """Print the table of a built design, and write it beside the design's report.

    Raises:
        InputError: The design was not built from what is there now.
    """
    context = DesignContext(given)
    name = context.chosen.name
    if context.uses_vitis:
        raise InputError("toolchain=vitis", "the performance model estimates csynth's RTL only", "Leave it out.")
    report = context.built_report()
    documents = [
        read_document(path.read_text(encoding="utf-8"), where=paths.relative(path))
        for path in sorted(context.chosen.folder.glob("measured-*.json"))
    ]
    rows = _cosimulated(report)
    for document in documents:
        rows += _of_board(context, document)
    print_table(
        f"Design {name}: estimated, simulated, measured", HEADINGS, [cells(row) for row in rows], right=(2, 3, 4, 5)
    )
    for line in [*_origins(rows), verdict(rows)]:
        print(line)
    if not any(document["kind"] == "measured" for document in documents):
        print(f"Nothing was measured on hardware. ./doit deploy design={name} host=<user>@<board> does it.")
    file = context.chosen.folder / "compare.json"
    write_json(file, {"design": name, "rows": [row.to_dict() for row in rows]})
    print(f"Written to {paths.relative(file)}.")
    return 0


def _cosimulated(report: dict[str, Any]) -> list[Row]:
    """Return a row for each GEMM that was co-simulated at full rate."""
    rows: list[Row] = []
    for gemm in report["cosimulation"]["gemms"]:
        if "model" in gemm:
            rows.append(
                Row(
                    what=f"GEMM {gemm['m']} x {gemm['k']} x {gemm['n']}",
                    estimated=Figure.from_dict(gemm["model"]),
                    simulated=Figure.from_dict(gemm["cycles"]),
                )
            )
    return rows


def _of_board(context: DesignContext, document: dict[str, Any]) -> list[Row]:
    """Return a row for each layer that ran on a board, and one for the whole network if all of it ran."""
    board = load_board(document["board"])
    period_ps = round(1e6 / document["clock_mhz"]["read_back"])
    model = CycleModel(context.flow.design, module_timing(read_reports(context.flow)), memory_timing(board, period_ps))
    side = "measured" if document["kind"] == "measured" else "simulated"
    place = document["board"] if side == "measured" else f"the simulated {document['board']}"
    rows: list[Row] = []
    total = 0
    for layer in document["layers"]:
        cycles = model.cycles(Gemm(kind="gemm", m=layer["m"], k=layer["k"], n=layer["n"]))
        total += cycles
        rows.append(_row(f"{layer['name']} on {place}", cycles, layer["cycles"]["median"], side))
    covers = "network" if document["network"]["covers"] == "network" else "these layers"
    rows.append(_row(f"{covers} on {place}", total, document["network"]["cycles"]["median"], side))
    return rows


def _row(what: str, estimated: int, found: dict[str, Any], side: str) -> Row:
    figure = Figure(value=estimated, unit="cycles", kind="estimated", tool=TOOL)
    other = Figure.from_dict(found)
    return Row(what=what, estimated=figure, **{side: other})  # type: ignore[arg-type]


def _origins(rows: Sequence[Row]) -> list[str]:
    """Say which tool each column comes from."""
    columns = {
        name: sorted({figure.tool for row in rows if (figure := getattr(row, name)) is not None})
        for name in ("estimated", "simulated", "measured")
    }
    return [f"{name.capitalize()} by {'; '.join(tools)}." for name, tools in columns.items() if tools]
