"""What a person sees of a build with Vitis HLS, and of a bitstream."""

from __future__ import annotations

import json
from typing import Any

from aigchip.board import Board
from aigchip.core import paths
from aigchip.core.atomic import write_json
from aigchip.core.errors import AigchipError
from aigchip.core.figures import Figure
from aigchip.tasks import execute, session, vendor_steps
from aigchip.tasks.context import DesignContext, make_in_worker


def write_and_print(context: DesignContext) -> None:
    """Write report-vitis.json beside the design's other reports and print its main lines."""
    from csynth.report.model import SynthesisReport

    flow = context.flow
    folders = {name: flow.result(name) for name in ("link", "resources", "cosim")}
    if flow.vitis is None or any(folder is None for folder in folders.values()):
        raise AigchipError("build", "what it needs is not made", f"Run ./doit build design={context.chosen.name}.")
    read = {
        name: json.loads((folder / "result.json").read_text())
        for name, folder in folders.items()
        if folder and name != "link"
    }
    tool = flow.vitis.tools.title
    report = SynthesisReport.from_json((folders["link"] / "report.json").read_text()) if folders["link"] else None
    assert report is not None  # noqa: S101 - its folder was asked for above
    total = read["resources"]["total"]
    rows: dict[str, tuple[Any, str]] = {"clock": (report.estimated_clock_ps, "ps")}
    rows |= {name: (total[name], name.upper()) for name in ("dsp", "lut", "ff", "bram18")}
    figures = {
        name: Figure(value=value, unit=unit, kind="estimated", tool=tool) for name, (value, unit) in rows.items()
    }
    layers = [(entry["name"], Figure.from_dict(entry["cycles"])) for entry in read["cosim"]["layers"]]
    path = context.chosen.folder / context.report_file
    write_json(
        path,
        {
            "design": context.chosen.name,
            "toolchain": tool,
            "generator": flow.generator.name,
            "figures": {name: figure.to_dict() for name, figure in figures.items()},
            "modules": {name: _module(context, name, tool) for name in flow.parameters},
            "cosimulation": read["cosim"],
            "rtl": str(folders["link"]),
        },
    )
    print(f"design={context.chosen.name}: {tool} made the RTL; it is bit-exact in co-simulation.")
    for name, figure in figures.items():
        print(f"  {name:<12} {figure}")
    for layer, figure in layers:
        print(f"  {layer}: {figure}")
    print(f"The report is {paths.relative(path)}.")


def _module(context: DesignContext, name: str, tool: str) -> dict[str, Any]:
    """Return what a module passed; Vitis' RTL of a single module is not simulated."""
    folder = context.flow.result(f"csim:{name}")
    assert folder is not None  # noqa: S101 - the build is finished
    csim = json.loads((folder / "result.json").read_text())
    return {"csim": {"vectors": csim["vectors"], "tool": csim["tool"]}, "csynth": {"tool": tool}}


def make_bitstream(context: DesignContext, board: Board) -> None:
    """Make a design's bitstream and say where it is.

    Raises:
        ToolMissingError: There is no Vivado.
        VendorRunError: The clock is not met, or a file is missing.
    """
    vendor_steps.find_vivado()  # said before the RTL is made
    flow = context.flow
    execute.make_all(flow, ["link"])
    step = vendor_steps.bitstream_step(flow, board)
    assert step is not None  # noqa: S101 - link is made
    folder = session.workers().run(make_in_worker, session.store().root, step)
    overlay = json.loads((folder / "overlay.json").read_text())
    print(f"design={context.chosen.name}: {paths.relative(folder / overlay['bit'])} and the .hwh of the same name.")
    for name, data in overlay["figures"].items():
        print(f"  {name:<12} {Figure.from_dict(data)}")
