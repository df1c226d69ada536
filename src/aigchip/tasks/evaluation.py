"""Score a design of a study: by the performance model, or by what synthesis says of its modules."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from aigchip.board import Board
from aigchip.core.errors import AigchipError
from aigchip.core.figures import Figure
from aigchip.core.hashing import digest
from aigchip.generate.errors import ModuleFailedError
from aigchip.generate.produce import read_provenance
from aigchip.generate.request import Generator
from aigchip.mapping import MappingError
from aigchip.perf.memory import memory_timing
from aigchip.perf.network import NetworkLatency, network_latency
from aigchip.perf.resources import estimated_resources
from aigchip.perf.timing import DesignTiming, assumed_timing, design_timing
from aigchip.search.records import Evaluation
from aigchip.space import Design
from aigchip.tasks import execute, session
from aigchip.tasks.flow import Flow, clock_period_ps
from aigchip.toolchain.errors import ModuleRejectedError
from aigchip.workload.layers import Workload
from csynth.report.model import SynthesisReport

#: Errors of csynth that a design is not to blame for: a tool is missing, was ended, or could not write.
_MACHINE_CODES = ("csynth-yosys", "csynth-write")


@dataclass(frozen=True, kw_only=True)
class Evaluator:
    """Score designs: the performance model for latency; for resources and timing the model too, or module synthesis.

    Attributes:
        workload: The network's layers.
        board: The board.
        generator: Who writes the modules.
        level: One of `aigchip.search.settings.LEVELS`.
        on_made: Called in the evaluation's thread with a design and a part of its flow that is made.
    """

    workload: Workload
    board: Board
    generator: Generator
    level: str = "csynth"
    on_made: Callable[[str], None] = lambda what: None

    def flow(self, design: Design) -> Flow:
        """Return the flow of a design."""
        return Flow(
            store=session.store(),
            design=design,
            generator=self.generator,
            part=self.board.part,
            clock_period_ps=clock_period_ps(design, self.board),
        )

    def __call__(self, number: int, design: Design) -> Evaluation:
        """Score a design; one that cannot do a layer, or that a tool refuses, is told as rejected.

        Raises:
            AigchipError: The machine or the settings are at fault, not the design.
        """
        period = clock_period_ps(design, self.board)
        try:  # asked before anything is synthesised
            latency = network_latency(
                self.workload, design, assumed_timing(), memory_timing(self.board, period), period
            )
        except MappingError as error:
            return Evaluation(generator=self.generator.name, level="model", rejected=str(error))
        if self.level == "model":
            figures = {**_figures_of(latency), **estimated_resources(design)}
            return Evaluation(generator=self.generator.name, level="model", figures=figures)
        flow = self.flow(design)
        try:
            for name in execute.with_needs(flow, ["resources"], without="csim"):
                execute.make(flow, name)
                self.on_made(f"design {number}: {name}")
        except AigchipError as error:
            if not is_about_the_design(error):
                raise
            never = error.where if isinstance(error, ModuleFailedError) else ""
            return Evaluation(generator=self.generator.name, rejected=str(error), courses=courses(flow, never))
        return score(self.workload, self.board, flow, self.generator.name)


def is_about_the_design(error: AigchipError) -> bool:
    """Say whether an error speaks about generated code, or about a reply that there is not, and not about the machine."""
    if isinstance(error, ModuleRejectedError):
        return True
    if error.code.startswith(_MACHINE_CODES):
        return False
    return error.code.startswith("csynth-") or error.code in {"module-failed", "no-record"}


def read_reports(flow: Flow) -> dict[str, SynthesisReport]:
    """Read the synthesis reports of the modules of the top.

    Raises:
        AigchipError: One is not made.
    """
    reports: dict[str, SynthesisReport] = {}
    for instance in flow.processes:
        folder = flow.result(f"csynth:{instance}")
        if folder is None:
            raise AigchipError(f"csynth:{instance}", "the module is not synthesised", "Run the same command again.")
        reports[instance] = SynthesisReport.from_json((folder / "report.json").read_text())
    return reports


def read_resources(flow: Flow) -> dict[str, Any]:
    """Read the counts of the assembled accelerator, FIFOs, control and shell included: `total` and `modules`.

    Raises:
        AigchipError: They are not made.
    """
    folder = flow.result("resources")
    if folder is None:
        raise AigchipError("resources", "the accelerator's resources are not counted", "Run the same command again.")
    return json.loads((folder / "result.json").read_text())


def score(workload: Workload, board: Board, flow: Flow, generator: str) -> Evaluation:
    """Compute a design's figures from its modules' reports."""
    reports = read_reports(flow)
    total = read_resources(flow)["total"]
    period = flow.clock_period_ps
    latency = network_latency(workload, flow.design, module_timing(reports), memory_timing(board, period), period)
    clock = max(report.estimated_clock_ps for report in reports.values())
    tool = next(iter(reports.values())).tool

    def count(name: str, unit: str) -> Figure:
        return Figure(value=total[name], unit=unit, kind="estimated", tool=total["tool"])

    return Evaluation(
        figures={
            **_figures_of(latency),
            "dsp": count("dsp", "DSP"),
            "lut": count("lut", "LUT"),
            "ff": count("ff", "FF"),
            "bram18": count("bram18", "BRAM18"),
            "uram": count("uram", "URAM"),
            "clock": Figure(value=clock, unit="ps", kind="estimated", tool=tool),
        },
        generator=generator,
        modules=tuple(_key(flow, instance) for instance in flow.processes),
        courses=courses(flow),
    )


def _figures_of(latency: NetworkLatency) -> dict[str, Figure]:
    return {"latency": latency.latency, "cycles": latency.cycles, "utilisation": latency.utilisation}


def courses(flow: Flow, never: str = "") -> dict[str, str]:
    """Return how each module that a model wrote came about, by the module's name and a hash of its settings.

    Args:
        flow: The design.
        never: The instance that no attempt got right; empty where all are.
    """
    found: dict[str, str] = {}
    for instance, parameters in flow.parameters.items():
        folder = flow.result(f"modules:{instance}")
        how = "never" if instance == never else read_provenance(folder).how if folder else ""
        if how:
            found[f"{flow.module(instance).name}-{digest(parameters)[:8]}"] = how
    return found


def _key(flow: Flow, instance: str) -> str:
    folder = flow.result(f"csynth:{instance}")
    assert folder is not None  # noqa: S101 - its report was read
    return folder.name


def module_timing(reports: Mapping[str, SynthesisReport]) -> DesignTiming:
    """Take what the performance model needs from the reports."""
    return design_timing(
        {name: [loop for loop in report.loops if loop.function == report.top] for name, report in reports.items()}
    )
