"""What the vendor's reports say, whichever version wrote them.

A count that the report lacks is None; one that it holds but does not know (`undef`, `?`, `NA`, `inf`) has unknown bounds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from aigchip.core.errors import AigchipError
from csynth.report.model import LoopReport, ModuleReport, Range, Resources, SynthesisReport


class VendorReportError(AigchipError):
    """Report a file of the vendor's tools that cannot be read."""


RESOURCES = ("LUT", "FF", "DSP", "BRAM_18K", "URAM")
"""Names of resources; the DSP48E of older versions is DSP here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorLoop:
    """One loop of a csynth report.

    Args:
        name: Its label, or a name that the tool gave.
        path: Names from the outermost loop to it, with slashes.
        depth: Loops around it.
        trip_count: Iterations.
        endless: Whether the tool says that the loop never ends.
        latency: Of the whole loop. [cycles]
        iteration_latency: Of one iteration; None for a pipelined loop. [cycles]
        ii: Achieved initiation interval; None for a loop that is not pipelined. [cycles]
        pipeline_depth: Cycles of one iteration; None for a loop that is not pipelined.
        absolute_latency_ns: Of the whole loop, from 2020 on. [ns]
        slack_ns: From 2022.2 on. [ns]
    """

    name: str
    path: str
    depth: int
    trip_count: Range | None
    latency: Range | None
    endless: bool = False
    iteration_latency: Range | None = None
    ii: int | None = None
    pipeline_depth: int | None = None
    absolute_latency_ns: Range | None = None
    slack_ns: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """A goal that the tool says it missed.

    Args:
        scope: `module` or `loop`.
        issue: For example `II Violation`.
        kind: For example `Memory Dependency`; `-` where the tool gives none.
        location: File and line.
        loop: The loop's name; empty for a module.
    """

    scope: str
    issue: str
    kind: str
    location: str
    loop: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Port:
    """One port of the generated RTL."""

    name: str
    owner: str
    protocol: str
    direction: str
    width_bits: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorModule:
    """One module of an aggregate report, or what a report says of its own module.

    Args:
        name: The module.
        clock_target_ns: Wanted clock period. [ns]
        clock_uncertainty_ns: What is kept back of it; None where the report has none. [ns]
        clock_estimated_ns: Estimated period; None where the report has none. [ns]
        pipeline_type: none, function, loop, dataflow, yes, ...; None in 2013.
        latency_best, latency_average, latency_worst: [cycles]
        latency_real_time: `best`, `average` and `worst` as the tool writes them, with their unit.
        interval_min, interval_max: Cycles between two starts.
        dataflow_throughput: Cycles between two starts of a dataflow region.
        pipeline_ii: Of a pipelined function. [cycles]
        pipeline_depth: Of a pipelined function. [cycles]
        used: Resource to the number used; None where the report does not name it.
        available: Resource to the number there is; None where the report does not name it.
        loops: Every loop, outer ones before inner ones.
        violations: What the tool says it missed, from 2023.2 on.
    """

    name: str
    clock_target_ns: float
    clock_uncertainty_ns: float | None
    clock_estimated_ns: float | None
    pipeline_type: str | None
    latency_best: Range | None
    latency_average: Range | None
    latency_worst: Range | None
    latency_real_time: Mapping[str, str]
    interval_min: Range | None
    interval_max: Range | None
    dataflow_throughput: Range | None
    pipeline_ii: int | None
    pipeline_depth: int | None
    used: Mapping[str, int | None]
    available: Mapping[str, int | None]
    loops: tuple[VendorLoop, ...] = ()
    violations: tuple[Violation, ...] = ()

    @property
    def meets_clock(self) -> bool | None:
        """Whether the estimate fits into the target less the uncertainty; None where a figure is missing."""
        if self.clock_estimated_ns is None:
            return None
        return self.clock_estimated_ns <= self.clock_target_ns - (self.clock_uncertainty_ns or 0.0) + 1e-9

    def utilisation(self, resource: str) -> float | None:
        """Return used / available; above 1 where a design does not fit, None where there is none or it is not said."""
        used, available = self.used.get(resource), self.available.get(resource)
        return None if used is None or not available else used / available


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorSynthesis:
    """A csynth.xml.

    Args:
        tool: `Vivado HLS` or `Vitis HLS`.
        version: As the report has it, for example `2017.4_AR70530_AR70530`; empty where it is empty.
        part: The device.
        family: The device's family.
        top: The report's module.
        flow_target: `vivado` or `vitis`, from Vitis HLS on.
        dsp_tag: How the version names DSP blocks.
        summary: What it says of its own module.
        modules: Every module of an aggregate report, in its order.
        ports: Ports of the RTL.
    """

    tool: str
    version: str
    part: str
    family: str
    top: str
    flow_target: str | None
    dsp_tag: str
    summary: VendorModule
    modules: tuple[VendorModule, ...] = ()
    ports: tuple[Port, ...] = ()

    @property
    def tool_name(self) -> str:
        """The tool with its version, for figures."""
        return f"{self.tool} {self.version}".strip()

    def to_report(self) -> SynthesisReport:
        """Return it in the form that csynth shares; what the vendor does not say is unknown there."""
        summary = self.summary
        loops = tuple(
            LoopReport(
                function=self.top,
                name=loop.path,
                file="",
                line=0,
                trip_count=loop.trip_count or Range(),
                ii_target=None,
                ii=loop.ii,
                depth=loop.pipeline_depth or (loop.iteration_latency.maximum if loop.iteration_latency else 0) or 0,
                latency_cycles=loop.latency or Range(),
                pipelined=loop.ii is not None,
                ii_limited_by=_limit(summary, loop),
            )
            for loop in summary.loops
        )
        return SynthesisReport(
            top=self.top,
            part=self.part,
            clock_period_ps=round(summary.clock_target_ns * 1000),
            estimated_clock_ps=round((summary.clock_estimated_ns or 0.0) * 1000),
            latency_cycles=_latency(summary),
            loops=loops,
            operators=(),
            memories=(),
            resources=_resources(summary, self.tool_name),
            modules=tuple(
                ModuleReport(
                    name=module.name,
                    file=f"{module.name}.v",
                    latency_cycles=_latency(module),
                    resources=_resources(module, self.tool_name),
                )
                for module in self.modules
            ),
            tool=self.tool_name,
        )


def _limit(summary: VendorModule, loop: VendorLoop) -> str | None:
    found = [f"{v.issue} ({v.kind}) at {v.location}" for v in summary.violations if v.loop == loop.name]
    return "; ".join(found) or None


def _latency(module: VendorModule) -> Range:
    return Range(
        minimum=module.latency_best.minimum if module.latency_best else None,
        maximum=module.latency_worst.maximum if module.latency_worst else None,
    )


def _resources(module: VendorModule, tool: str) -> Resources | None:
    if any(module.used.get(name) is None for name in ("LUT", "FF", "DSP", "BRAM_18K")):
        return None
    count = {name: module.used.get(name) or 0 for name in RESOURCES}
    return Resources(
        lut=count["LUT"], ff=count["FF"], dsp=count["DSP"], bram18=count["BRAM_18K"], uram=count["URAM"], tool=tool
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CosimLanguage:
    """One row of a co-simulation report.

    Args:
        status: Pass, Fail or NA; says nothing about the numbers, which may be left from an older run.
        latency_min, latency_average, latency_max: [cycles]; None where it says NA.
        interval_min, interval_average, interval_max: [cycles]; None where it says NA, as it does after one transaction.
        total_execution_time: [cycles]; None in Vivado HLS, which has no such column.
    """

    status: str
    latency_min: int | None
    latency_average: int | None
    latency_max: int | None
    interval_min: int | None
    interval_average: int | None
    interval_max: int | None
    total_execution_time: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CosimReport:
    """A `<top>_cosim.rpt`.

    Args:
        top: The simulated function, which the file's name says; empty after some failures.
        solution: The solution's name; empty where the line is missing.
        simulator: For example `xsim`; empty where the line is missing.
        date: As it stands in the report.
        languages: VHDL, Verilog and (until 2015) SystemC to their rows.
    """

    top: str
    solution: str
    simulator: str
    date: str
    languages: Mapping[str, CosimLanguage] = field(default_factory=dict)

    @property
    def passed(self) -> bool:
        """Whether a language passed and none failed."""
        found = {row.status for row in self.languages.values()}
        return "Pass" in found and "Fail" not in found
