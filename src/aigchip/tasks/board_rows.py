"""What boards said of a design, held against the performance model: rows for `compare` and the reports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from aigchip.board import load as load_board
from aigchip.core import paths
from aigchip.core.figures import Figure
from aigchip.deploy.results import read_document
from aigchip.mapping import Job
from aigchip.perf.memory import memory_timing
from aigchip.perf.model import CycleModel
from aigchip.perf.network import TOOL
from aigchip.report.comparison import Row
from aigchip.tasks.arguments import SIMULATED_BOARD, Arguments, parse
from aigchip.tasks.context import DesignContext
from aigchip.tasks.designs import as_in_study
from aigchip.tasks.evaluation import module_timing, read_reports

_WITH_VITIS = "-vitis"


def file_key(given: Arguments, *, is_simulated: bool) -> str:
    """Return what tells a run's files from those of the same design elsewhere.

    A simulated board is another than the board that it simulates, and another tool chain makes other RTL.
    """
    place = f"{SIMULATED_BOARD}-{given.text('board')}" if is_simulated else given.text("board")
    return place + _ending(given)


def _ending(given: Arguments) -> str:
    return _WITH_VITIS if given.text("toolchain") == "vitis" else ""


def of_design(context: DesignContext) -> list[dict[str, Any]]:
    """Return what `deploy` and `measure` left beside a design of its board and tool chain, simulated or not.

    On another board it has other RTL, of another clock, and the estimate of this one says nothing of it.
    """
    keys = (file_key(context.given, is_simulated=is_simulated) for is_simulated in (True, False))
    files = (context.chosen.folder / f"measured-{key}.json" for key in keys)
    return _documents([file for file in files if file.is_file()])


def of_study(folder: Path) -> dict[int, list[dict[str, Any]]]:
    """Return what they left beside the designs of a study with its tool chain, by the design's number."""
    with_vitis = bool(_ending(as_in_study(parse(["design=0", f"study={folder.name}"]))))
    found: dict[int, list[Path]] = {}
    for path in sorted((folder / "designs").glob("*.measured-*.json")):
        number = path.name.partition(".")[0]
        if number.isdigit() and path.stem.endswith(_WITH_VITIS) == with_vitis:
            found.setdefault(int(number), []).append(path)
    return {number: _documents(found[number]) for number in sorted(found)}


def _documents(files: Sequence[Path]) -> list[dict[str, Any]]:
    return [read_document(path.read_text(encoding="utf-8"), where=paths.relative(path)) for path in files]


def rows(context: DesignContext, documents: Sequence[Mapping[str, Any]]) -> list[Row]:
    """Return a row for each layer that ran on a board, and one for all that ran there together.

    Raises:
        AigchipError: The design's modules are not synthesised, so that there is no estimate.
    """
    if not documents:
        return []
    timing = module_timing(read_reports(context.flow))
    found: list[Row] = []
    for document in documents:
        board = load_board(document["board"])
        period_ps = round(1e6 / document["clock_mhz"]["read_back"])
        model = CycleModel(context.flow.design, timing, memory_timing(board, period_ps))
        found += _of_board(model, document)
    return found


def _of_board(model: CycleModel, document: Mapping[str, Any]) -> list[Row]:
    kind = document["kind"]
    place = document["board"] if kind == "measured" else f"the simulated {document['board']}"
    found: list[Row] = []
    total = 0
    for layer in document["layers"]:
        cycles = model.cycles_of(Job(**layer["arguments"]))
        total += cycles * layer["count"]
        found.append(_row(f"{layer['name']} on {place}", cycles, layer["cycles"]["median"]))
    covers = "network" if document["network"]["covers"] == "network" else "these layers"
    found.append(_row(f"{covers} on {place}", total, document["network"]["cycles"]["median"]))
    return found


def _row(what: str, estimated: int, found: Mapping[str, Any]) -> Row:
    figure = Figure(value=estimated, unit="cycles", kind="estimated", tool=TOOL)
    other = Figure.from_dict(dict(found))
    if other.kind == "measured":
        return Row(what=what, estimated=figure, measured=other)
    return Row(what=what, estimated=figure, simulated=other)
