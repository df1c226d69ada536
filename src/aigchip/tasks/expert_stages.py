"""Vitis HLS' own four stages on the exported expert design, for `accept`.

C simulation and co-simulation of Vitis HLS run C++ natively, which no generated code may. So they run here only, and only
on a project whose every source is the template's own: that is compared text by text, whoever is said to have written it.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from aigchip.core.atomic import write_json
from aigchip.core.errors import AigchipError, InputError
from aigchip.export import Description, hls_project
from aigchip.space import Design
from aigchip.tasks import exporting, vendor_steps
from aigchip.tasks.arguments import parse
from aigchip.tasks.context import DesignContext
from aigchip.template import module, top
from aigchip.vendor import vitis as driver
from aigchip.vendor.project import STAGES, HlsProject

if TYPE_CHECKING:
    from aigchip.tasks.vendor_steps import Vitis

TITLES = {
    "csim": "Simulate the exported C++ with Vitis HLS",
    "csynth": "Synthesise the export with Vitis HLS",
    "cosim": "Co-simulate the export with Vitis HLS",
    "export": "Package the export as an IP with Vitis HLS",
}
_NEEDS = {"csim": (), "csynth": (), "cosim": ("csynth",), "export": ("csynth",)}


@dataclass(frozen=True, slots=True, kw_only=True)
class StageResult:
    """What became of a stage.

    Attributes:
        stage: csim, csynth, cosim or export.
        outcome: As in `aigchip.report.acceptance`.
        detail: What it left, or why it did not.
        seconds: Wall time, with the stage that it needs [s].
    """

    stage: str
    outcome: Literal["held", "failed", "not there"]
    detail: str
    seconds: float


def check_is_template(design: Design, description: Description) -> None:
    """Refuse a description whose C++ is not, line by line, what the template gives for the design.

    Only whole-line comments, which tell the provenance, and empty lines may differ.

    Raises:
        InputError: A source is another, is missing, or is one too many.
    """
    graph = top.process_graph(design)
    codes = top.expert_codes(design)
    wanted = {f"{process.instance}.cpp": top.unit(process.instance, codes) for process in graph.processes}
    wanted[f"{graph.name}.cpp"] = top.top_code(graph)
    wanted |= {path.name: path.read_text(encoding="utf-8") for path in module.include_dir().glob("*.h")}
    given = [*description.units, description.top, *description.includes]
    names = [file.name for file in given]
    foreign = [description.kernel] if description.kernel != graph.name else []
    foreign += sorted(set(names) ^ set(wanted)) + sorted({name for name in names if names.count(name) > 1})
    foreign += [file.name for file in given if file.name in wanted and _code(file.text) != _code(wanted[file.name])]
    if foreign:
        raise InputError(
            "accept",
            f"{foreign[0]} is not the template's own code, and Vitis HLS would run it natively; must be the expert's",
            "Build the design with generator=expert.",
            code="not-expert",
        )


def _code(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip() and not line.startswith("//")]


def trusted_project(design: Design, description: Description) -> HlsProject:
    """Return the exported project of Vitis HLS with its bench, in one folder.

    Raises:
        InputError: Its C++ is not the template's.
    """
    check_is_template(design, description)
    files = hls_project.files(description)
    texts = {place: _in(files, f"{place}/") for place in ("src", "include", "tb")}
    return HlsProject(
        top=description.kernel,
        sources={**texts["src"], **texts["include"]},
        testbench=texts["tb"],
        part=description.part,
        clock_period_ps=description.clock_period_ps,
    )


def _in(files: Mapping[str, str | bytes], place: str) -> dict[str, str]:
    return {name.removeprefix(place): str(text) for name, text in files.items() if name.startswith(place)}


def drive(vitis: Vitis, design: Design, description: Description, *, out: Path, logs: Path) -> tuple[StageResult, ...]:
    """Run each stage by itself, after the one that it needs, so that what becomes of one says nothing of another.

    Args:
        vitis: The tool.
        design: The design, from which the template gives the code that is trusted.
        description: The design as its export describes it.
        out: Folder for what the stages leave.
        logs: Folder for whole logs.

    Raises:
        InputError: The C++ is not the template's; nothing ran.
    """
    project = trusted_project(design, description)
    done: dict[str, StageResult] = {}
    for stage in STAGES:
        unmet = next((need for need in _NEEDS[stage] if done[need].outcome != "held"), None)
        if unmet is not None:
            what = f"{stage} needs the RTL of {unmet}, which did not hold"
            done[stage] = StageResult(stage=stage, outcome="not there", detail=what, seconds=0.0)
            continue
        started = time.monotonic()
        try:
            result = driver.run(
                project,
                (*_NEEDS[stage], stage),
                tools=vitis.tools,
                host=vitis.settings.machine(),
                folder=vitis.settings.work_folder(f"accept-{stage}"),
                out=out / stage,
                logs=logs / stage,
                limits=vitis.settings.stage_limits,
            )
            outcome, detail = "held", f"{result.tool}: {_left(stage, result)}"
        except AigchipError as error:
            outcome, detail = "failed", f"{stage}: {error}"
        seconds = round(time.monotonic() - started, 1)
        done[stage] = StageResult(stage=stage, outcome=outcome, detail=detail, seconds=seconds)
    return tuple(done.values())


def _left(stage: str, result: driver.HlsResult) -> str:
    """Say what a stage left, from its artefacts."""
    if stage == "csynth" and result.synthesis is not None and result.rtl is not None:
        clock = result.synthesis.summary.clock_estimated_ns
        return f"{len(list(result.rtl.glob('*.v')))} Verilog files, clock {clock} ns (estimated)"
    if stage == "cosim" and result.cosim is not None:
        return ", ".join(f"{name} {row.status}" for name, row in result.cosim.languages.items())
    if stage == "export" and result.archive is not None:
        return f"{result.archive.name} with a component.xml"
    return "0 errors"


def main(file: Path) -> None:
    """Drive the stages on the pinned example, built by the expert in the build folder at hand; write what held as JSON.

    Raises:
        AigchipError: The design is not built, is not the template's, or there is no Vitis HLS.
    """
    context = DesignContext(parse(["design=example", "generator=expert"]))
    description = exporting.describe(context, context.built_report())
    found = drive(
        vendor_steps.find_vitis(), context.chosen.design, description, out=file.parent / "out", logs=file.parent
    )
    write_json(file, [asdict(result) for result in found])


def read(file: Path) -> tuple[StageResult, ...]:
    """Read what `main` wrote."""
    return tuple(StageResult(**entry) for entry in json.loads(file.read_text(encoding="utf-8")))


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]))
    except AigchipError as error:
        sys.exit(f"doit: {error}")
