"""`compare`: a design's estimated, simulated and measured figures side by side; without a design, the baselines."""

from __future__ import annotations

from typing import Any

from aigchip.core import paths
from aigchip.core.atomic import write_json
from aigchip.core.console import print_table
from aigchip.core.errors import InputError
from aigchip.core.figures import Figure
from aigchip.report.comparison import HEADINGS, Row, cells, origins, verdict
from aigchip.tasks import baselines, board_rows
from aigchip.tasks.arguments import Arguments
from aigchip.tasks.context import DesignContext


def run(given: Arguments) -> int:
    """Print the table of a built design, and write it beside the design's report; without a design see `baselines`.

    Raises:
        InputError: The design was not built from what is there now.
    """
    if "design" not in given.given:
        return baselines.run(given)
    context = DesignContext(given)
    name = context.chosen.name
    if context.uses_vitis:
        raise InputError("toolchain=vitis", "the performance model estimates csynth's RTL only", "Leave it out.")
    report = context.built_report()
    documents = board_rows.of_design(context)
    rows = _cosimulated(report) + board_rows.rows(context, documents)
    print_table(
        f"Design {name}: estimated, simulated, measured", HEADINGS, [cells(row) for row in rows], right=(2, 3, 4, 5)
    )
    for line in [*origins(rows), verdict(rows)]:
        print(line)
    if not any(document["kind"] == "measured" for document in documents):
        print(f"Nothing was measured on hardware. ./doit deploy design={name} host=<user>@<board> does it.")
    file = context.chosen.folder / "compare.json"
    write_json(file, {"design": name, "rows": [row.to_dict() for row in rows]})
    print(f"Written to {paths.relative(file)}.")
    return 0


def _cosimulated(report: dict[str, Any]) -> list[Row]:
    """Return a row for each layer that was co-simulated at full rate."""
    return [
        Row(what=layer["name"], estimated=Figure.from_dict(layer["model"]), simulated=Figure.from_dict(layer["cycles"]))
        for layer in report["cosimulation"]["layers"]
        if "model" in layer
    ]
