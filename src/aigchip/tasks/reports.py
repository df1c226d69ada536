"""Reports of designs and studies, every figure with its origin."""

from __future__ import annotations

import json
from typing import Any

from aigchip.core import paths
from aigchip.core.atomic import write_json, write_text
from aigchip.core.errors import InputError
from aigchip.core.figures import Figure
from aigchip.tasks.arguments import Arguments
from aigchip.tasks.context import DesignContext


def collect(context: DesignContext) -> dict[str, Any]:
    """Gather everything that a finished build says, every figure with value, unit, kind and tool."""
    from aigchip.board import load as load_board
    from aigchip.mapping import place
    from aigchip.perf.memory import bench_memory
    from aigchip.perf.model import CycleModel
    from aigchip.perf.network import TOOL
    from aigchip.perf.timing import design_timing
    from aigchip.tasks import steps
    from aigchip.tasks.evaluation import read_reports, read_resources, score

    flow, given = context.flow, context.given
    board = load_board(given.text("board"))
    evaluation = score(context.workload, board, flow, flow.generator.name)
    reports = read_reports(flow)
    counted = read_resources(flow)["modules"]
    loops = {name: [loop for loop in item.loops if loop.function == item.top] for name, item in reports.items()}
    model = CycleModel(flow.design, design_timing(loops), bench_memory(steps.READ_LATENCY_CYCLES))
    cosim = _verdict(context, "cosim")
    layers = []
    for run, entry in zip(steps.cosim_runs(flow.design), cosim["layers"], strict=True):
        row: dict[str, Any] = {
            "name": entry["name"],
            "macs": entry["macs"],
            "back_pressure": run.stall,
            "cycles": entry["cycles"],
            "bit_exact": entry["bit_exact"],
        }
        if not run.stall:
            cycles = model.cycles_of(place(run.run.layer, model.geometry))
            row["model"] = Figure(value=cycles, unit="cycles", kind="estimated", tool=TOOL).to_dict()
            row["model_error_percent"] = round(100 * (cycles / entry["cycles"]["value"] - 1), 2)
        layers.append(row)
    return {
        "design": context.chosen.name,
        "parameters": flow.design.to_dict(),
        "network": {"name": given.text("network"), "resolution": context.workload.resolution},
        "board": board.name,
        "part": board.part,
        "generator": flow.generator.name,
        "figures": {name: figure.to_dict() for name, figure in evaluation.figures.items()},
        "modules": {name: _module(context, name, reports.get(name), counted) for name in flow.parameters},
        "cosimulation": {"layers": layers, "fifos": cosim["fifos"], "tool": cosim["tool"]},
        "rtl": str(_result(context, "link") / "rtl"),
    }


def _result(context: DesignContext, name: str) -> Any:
    folder = context.flow.result(name)
    assert folder is not None, name  # noqa: S101 - the build is finished
    return folder


def _verdict(context: DesignContext, name: str) -> dict[str, Any]:
    return json.loads((_result(context, name) / "result.json").read_text())


def _module(context: DesignContext, name: str, synthesis: Any, counted: dict[str, Any]) -> dict[str, Any]:
    audit, csim, rtlsim = (_verdict(context, f"{stage}:{name}") for stage in ("audit", "csim", "rtlsim"))
    versions = audit["verdicts"]
    module: dict[str, Any] = {
        "code": str(_result(context, f"modules:{name}") / "code.cpp"),
        "provenance": json.loads((_result(context, f"modules:{name}") / "provenance.json").read_text()),
        "audit": {
            "kinds": len({version["family"] for version in versions}),
            "wrong_versions": len(versions),
            "caught": sum(version["caught"] for version in versions),
            "tool": audit["tool"],
        },
        "csim": {"vectors": csim["vectors"], "tool": csim["tool"]},
        "rtlsim": {"calls": len(rtlsim["calls"]), "cycles_at_full_rate": rtlsim["cycles"], "tool": rtlsim["tool"]},
        "instruction": "changed by a person" if name in context.chosen.overrides else "template",
    }
    if synthesis is not None:
        resources = counted[context.flow.function(name)]
        module["csynth"] = {
            "tool": synthesis.tool,
            "estimated_clock_ps": synthesis.estimated_clock_ps,
            "ii": [loop.ii for loop in synthesis.loops if loop.pipelined],
            "lut": resources["lut"],
            "ff": resources["ff"],
            "dsp": resources["dsp"],
            "bram18": resources["bram18"],
            "resources_tool": resources["tool"],
        }
    return module


def write_design_report(context: DesignContext) -> None:
    """Write report.json and report.md of a finished build, and its modules' C++ with headers into cpp/."""
    from aigchip.tasks.exporting import write_sources

    report = collect(context)
    write_sources(context, report, context.chosen.folder / "cpp")
    write_json(context.chosen.folder / "report.json", report)
    _write_page(context, report)


def _write_page(context: DesignContext, report: dict[str, Any]) -> None:
    from aigchip.tasks import board_report

    text = "\n".join([_markdown(report).rstrip("\n"), *board_report.section(context)])
    write_text(context.chosen.folder / "report.md", text.rstrip("\n") + "\n")


def _markdown(report: dict[str, Any]) -> str:
    network = report["network"]
    at = f" at {network['resolution']}" if network["resolution"] else ""
    lines = [
        f"# Design {report['design']}",
        "",
        f"{network['name']}{at} on {report['board']} ({report['part']}); modules by the {report['generator']} generator.",
        "",
        "| figure | value | obtained by |",
        "|---|---|---|",
    ]
    for name, data in report["figures"].items():
        figure = Figure.from_dict(data)
        lines.append(f"| {name} | {figure.number()} {figure.unit} | {figure.kind}, {figure.tool} |")
    lines += [
        "",
        f"Co-simulation of the RTL ({report['cosimulation']['tool']}), every byte compared with numpy:",
        "",
        "| layer | MACs | back-pressure | cycles (simulated) | cycles (estimated) | model error |",
        "|---|---|---|---|---|---|",
    ]
    for layer in report["cosimulation"]["layers"]:
        estimated = (
            f"{layer['model']['value']:,} | {layer['model_error_percent']:+.1f} %" if "model" in layer else "- | -"
        )
        lines.append(
            f"| {layer['name']} | {layer['macs']:,} | {layer['back_pressure']:.0%} "
            f"| {layer['cycles']['value']:,} | {estimated} |"
        )
    lines += [
        "",
        "Modules (resources are estimated):",
        "",
        "| module | made by | instruction | II | LUT | FF | DSP | BRAM18 |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, module in report["modules"].items():
        csynth = module.get("csynth")
        shown = "inlined | | | | "
        if csynth:
            cells = [", ".join(map(str, csynth["ii"])), *(str(csynth[key]) for key in ("lut", "ff", "dsp", "bram18"))]
            shown = " | ".join(cells)
        lines.append(f"| {name} | {_maker(module['provenance'])} | {module['instruction']} | {shown} |")
    lines += [
        "",
        "How each module was judged. A wrong version is the expert's code with one fault; the vectors have to refuse every "
        "one before they judge. RTL runs on the same vectors at full rate, with random stalls and with slow outputs; every "
        "word is compared.",
        "",
        "| module | wrong versions refused | vectors in C simulation | calls in RTL | cycles in RTL at full rate |",
        "|---|---|---|---|---|",
    ]
    for name, module in report["modules"].items():
        audit, rtlsim = module["audit"], module["rtlsim"]
        lines.append(
            f"| {name} | {audit['caught']} of {audit['wrong_versions']}, of {audit['kinds']} kinds "
            f"| {module['csim']['vectors']} | {rtlsim['calls']} | {Figure.from_dict(rtlsim['cycles_at_full_rate']).number()} |"
        )
    tools = {stage: next(iter(report["modules"].values()))[stage]["tool"] for stage in ("csim", "rtlsim")}
    lines += ["", f"C simulation and wrong versions by {tools['csim']}; RTL simulated by {tools['rtlsim']}."]
    parameters = ", ".join(f"{name} {value}" for name, value in report["parameters"].items())
    lines += ["", f"Parameters: {parameters}.", "", f"RTL: {report['rtl']}", ""]
    return "\n".join(lines)


def _maker(provenance: dict[str, Any]) -> str:
    who = provenance["model"] or provenance["generator"]
    return f"{who}, {provenance['how']}" if provenance.get("how") and provenance["model"] else who


def print_design_report(context: DesignContext) -> None:
    """Print the main figures of a finished build."""
    report = json.loads((context.chosen.folder / "report.json").read_text())
    modules = report["modules"].values()
    print(
        f"design={report['design']}: every module passed C simulation and RTL simulation, whose vectors refused all "
        f"{sum(module['audit']['caught'] for module in modules)} wrong versions; the RTL of all is bit-exact in co-simulation."
    )
    for name, data in report["figures"].items():
        print(f"  {name:<12} {Figure.from_dict(data)}")
    for layer in report["cosimulation"]["layers"]:
        cycles = Figure.from_dict(layer["cycles"])
        error = f"; the model is off by {layer['model_error_percent']:+.1f} %" if "model" in layer else ""
        print(f"  {layer['name']}: {cycles}{error}")
    print(f"The report is {paths.relative(context.chosen.folder / 'report.md')}.")


def print_report(given: Arguments) -> int:
    """Print the report of a design, or of a study.

    Raises:
        InputError: It was never made, or Vitis HLS made the RTL.
    """
    if "design" in given.given:
        context = DesignContext(given)
        if context.uses_vitis:
            file = paths.relative(context.chosen.folder / context.report_file)
            raise InputError(
                "toolchain=vitis", "a page is written of a build with csynth only", f"Read {file}, or leave it out."
            )
        path = context.chosen.folder / "report.md"
        if not path.is_file():
            name = context.chosen.name
            raise InputError(
                f"design={name}", "the design was never built to the end", f"Run ./doit build design={name}."
            )
        if context.nothing_changed:  # what ran on a board since the build is told too
            _write_page(context, context.built_report())
        print(path.read_text(), end="")
        if not context.nothing_changed:
            print("Something changed since this build; ./doit why tells what.")
        return 0
    from aigchip.tasks import board_report, board_rows, studies

    study = given.text("study")
    folder = paths.studies_dir() / study
    ran = board_rows.of_study(folder)
    code = studies.print_finished(study, board_report.points(ran, study))
    board_report.print_study(ran, folder)
    return code
