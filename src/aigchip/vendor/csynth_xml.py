"""Read csynth.xml: of one module, flat, or aggregate, as Vivado HLS 2013.2 to Vitis HLS 2025.2 write it.

Reference: UG902 and UG1399 name the fields; what each version really writes was found in reports of users.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

from aigchip.core import paths
from aigchip.vendor.model import (
    RESOURCES,
    Port,
    VendorLoop,
    VendorModule,
    VendorReportError,
    VendorSynthesis,
    Violation,
)
from csynth.report.model import Range

_LARGEST_BYTES = 256 * 1024 * 1024
_DSP_TAGS = ("DSP", "DSP48E")
_FIELDS_OF_LOOPS = frozenset({"Latency", "TripCount", "IterationLatency", "InstanceList", "AbsoluteTimeLatency"})
"""Children of a loop that may have children of their own and are no loops."""
_TIMES_NS = {"ns": 1.0, "us": 1e3, "ms": 1e6, "sec": 1e9, "s": 1e9}


def read(path: Path) -> VendorSynthesis:
    """Read a csynth.xml.

    Raises:
        VendorReportError: The file cannot be read, is no such report, or lacks what every version has.
    """
    where = paths.relative(path)
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            raise VendorReportError(where, "the file has more than 256 MiB; must be a csynth.xml", "Give the report.")
        data = path.read_bytes()
    except OSError as error:
        raise VendorReportError(where, f"the file cannot be read ({error.strerror})", "Give a readable file.") from None
    return parse(data, where)


def parse(data: bytes, where: str) -> VendorSynthesis:
    """Read the bytes of a csynth.xml; see `read`."""
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise VendorReportError(where, "the file defines entities, which no report does", "Give the tool's own file.")
    try:
        root = ElementTree.fromstring(data)  # noqa: S314 - without a document type there is nothing to expand
    except ElementTree.ParseError as error:
        line, column = error.position
        raise VendorReportError(
            f"{where}:{line}:{column + 1}",
            f"this is no XML ({str(error).partition(':')[0]})",
            "Run the synthesis again.",
        ) from None
    return _Reader(root, where).synthesis()


class _Reader:
    """One report."""

    def __init__(self, root: ElementTree.Element, where: str) -> None:
        self.root = root
        self.where = where

    def synthesis(self) -> VendorSynthesis:
        """Return the whole."""
        if self.root.tag != "profile":
            raise VendorReportError(
                self.where,
                f"the first element is {self.root.tag}; must be profile, as in a csynth.xml",
                "Give another file.",
            )
        version = _text(self.root, "ReportVersion/Version")
        assigned = self.root.find("UserAssignments")
        if assigned is None:
            raise self._missing("UserAssignments")
        top = self._required("UserAssignments/TopModelName")
        dsp_tag = next(
            (tag for tag in _DSP_TAGS if self.root.find(f"AreaEstimates/Resources/{tag}") is not None), "DSP"
        )
        flow_target = _text(assigned, "FlowTarget") or None
        estimates = self.root.find("PerformanceEstimates")
        if estimates is None:
            raise self._missing("PerformanceEstimates")
        modules = tuple(
            self._module(module, _text(module, "Name"), None)
            for module in self.root.findall("ModuleInformation/Module")
        )
        return VendorSynthesis(
            tool="Vitis HLS" if flow_target or dsp_tag == "DSP" else "Vivado HLS",
            version=version,
            part=_text(assigned, "Part"),
            family=_text(assigned, "ProductFamily"),
            top=top,
            flow_target=flow_target,
            dsp_tag=dsp_tag,
            summary=self._module(self.root, top, assigned),
            modules=modules,
            ports=tuple(_port(port) for port in self.root.findall("InterfaceSummary/RtlPorts")),
        )

    def _module(self, node: ElementTree.Element, name: str, assigned: ElementTree.Element | None) -> VendorModule:
        estimates = node.find("PerformanceEstimates")
        if estimates is None:
            estimates = ElementTree.Element("PerformanceEstimates")
        timing = estimates.find("SummaryOfTimingAnalysis")
        latency = estimates.find("SummaryOfOverallLatency")
        timing = ElementTree.Element("none") if timing is None else timing
        latency = ElementTree.Element("none") if latency is None else latency
        clock = timing if assigned is None else assigned
        loops = estimates.find("SummaryOfLoopLatency")
        used, available = _resources(node)
        return VendorModule(
            name=name,
            clock_target_ns=self._number(clock, "TargetClockPeriod") or 0.0,
            clock_uncertainty_ns=self._number(clock, "ClockUncertainty"),
            clock_estimated_ns=self._number(timing, "EstimatedClockPeriod"),
            pipeline_type=_text(estimates, "PipelineType") or _text(latency, "PipelineType") or None,
            latency_best=self._count(latency, "Best-caseLatency"),
            latency_average=self._count(latency, "Average-caseLatency"),
            latency_worst=self._count(latency, "Worst-caseLatency"),
            latency_real_time={
                word.lower(): text
                for word in ("Best", "Average", "Worst")
                if (text := _text(latency, f"{word}-caseRealTimeLatency"))
            },
            interval_min=self._count(latency, "Interval-min"),
            interval_max=self._count(latency, "Interval-max"),
            dataflow_throughput=self._count(latency, "DataflowPipelineThroughput"),
            pipeline_ii=self._whole(latency, "PipelineInitiationInterval"),
            pipeline_depth=self._whole(latency, "PipelineDepth"),
            used=used,
            available=available,
            loops=() if loops is None else tuple(self._loops(loops, (), 0)),
            violations=tuple(self._violations(estimates)),
        )

    def _loops(self, node: ElementTree.Element, around: tuple[str, ...], depth: int) -> Iterator[VendorLoop]:
        for child in node:
            if (depth and child.tag in _FIELDS_OF_LOOPS) or not _is_loop(child):
                continue
            name = _text(child, "Name") or child.tag
            path = (*around, name)
            yield VendorLoop(
                name=name,
                path="/".join(path),
                depth=depth,
                trip_count=self._count(child, "TripCount"),
                endless=_text(child, "TripCount") == "inf",
                latency=self._count(child, "Latency"),
                iteration_latency=self._count(child, "IterationLatency"),
                ii=self._whole(child, "PipelineII"),
                pipeline_depth=self._whole(child, "PipelineDepth"),
                absolute_latency_ns=self._count(child, "AbsoluteTimeLatency"),
                slack_ns=self._number(child, "Slack"),
            )
            yield from self._loops(child, path, depth + 1)

    def _violations(self, estimates: ElementTree.Element) -> Iterator[Violation]:
        for group in estimates.findall("SummaryOfViolations"):
            yield from _violation(group, "module", "")
        for loops in estimates.iter("SummaryOfLoopViolations"):
            for loop in loops:
                yield from _violation(loop, "loop", _text(loop, "Name") or loop.tag)

    def _required(self, path: str) -> str:
        text = _text(self.root, path)
        if not text:
            raise self._missing(path)
        return text

    def _missing(self, path: str) -> VendorReportError:
        return VendorReportError(
            self.where, f"{path} is missing; every version's csynth.xml has it", "Run the synthesis again."
        )

    def _number(self, node: ElementTree.Element, path: str) -> float | None:
        text = _text(node, path)
        try:
            return float(text) if text and text not in _UNKNOWN else None
        except ValueError:
            raise self._wrong(path, text, "a number") from None

    def _whole(self, node: ElementTree.Element, path: str) -> int | None:
        found = self._count(node, path)
        return None if found is None else found.maximum

    def _count(self, node: ElementTree.Element, path: str) -> Range | None:
        """Return a count: None where the element is missing, unknown bounds where the tool does not know it."""
        element = node.find(path)
        if element is None:
            return None
        bounds = element.find("range")
        if bounds is not None:
            return Range(
                minimum=self._bound(_text(bounds, "min"), path), maximum=self._bound(_text(bounds, "max"), path)
            )
        text = (element.text or "").strip()
        if not text:
            return None
        if "~" in text:
            low, _, high = text.partition("~")
            return Range(minimum=self._bound(low.strip(), path), maximum=self._bound(high.strip(), path))
        value = self._bound(text, path)
        return Range(minimum=value, maximum=value)

    def _bound(self, text: str, path: str) -> int | None:
        if not text or text in _UNKNOWN:
            return None
        timed = re.fullmatch(r"([\d.]+(?:e[+-]?\d+)?) *([a-z]+)", text)
        try:
            if timed and timed[2] in _TIMES_NS:
                return round(float(timed[1]) * _TIMES_NS[timed[2]])
            return int(text) if re.fullmatch(r"-?\d+", text) else round(float(text))
        except (ValueError, OverflowError):
            raise self._wrong(path, text, "a whole number") from None

    def _wrong(self, path: str, text: str, rule: str) -> VendorReportError:
        return VendorReportError(self.where, f"{path} is {text[:40]!r}; must be {rule}", "Run the synthesis again.")


_UNKNOWN = frozenset({"undef", "inf", "?", "-", "NA", "N/A"})


def _is_loop(node: ElementTree.Element) -> bool:
    return node.find("TripCount") is not None or node.find("Latency") is not None


def _violation(node: ElementTree.Element, scope: str, loop: str) -> Iterator[Violation]:
    issue = _text(node, "IssueType")
    if issue and issue != "-":
        yield Violation(
            scope=scope,
            issue=issue,
            kind=_text(node, "ViolationType") or "-",
            location=_text(node, "SourceLocation"),
            loop=loop,
        )


def _port(node: ElementTree.Element) -> Port:
    bits = _text(node, "Bits")
    return Port(
        name=_text(node, "name"),
        owner=_text(node, "Object"),
        protocol=_text(node, "IOProtocol"),
        direction=_text(node, "Dir"),
        width_bits=int(bits) if bits.isdigit() else 0,
    )


def _resources(node: ElementTree.Element) -> tuple[dict[str, int | None], dict[str, int | None]]:
    """Return used and available resources; both stand in one element in an aggregate report's modules."""
    own = node.find("AreaEstimates/Resources")
    whole = node.find("AreaEstimates/AvailableResources")
    used: dict[str, int | None] = {}
    available: dict[str, int | None] = {}
    for name in RESOURCES:
        tags = _DSP_TAGS if name == "DSP" else (name,)
        used[name] = _first(own, tags)
        short = "BRAM" if name == "BRAM_18K" else name
        available[name] = _first(whole, tags) if whole is not None else _first(own, (f"AVAIL_{short}",))
    return used, available


def _first(node: ElementTree.Element | None, tags: tuple[str, ...]) -> int | None:
    for tag in tags:
        text = _text(node, tag) if node is not None else ""
        if re.fullmatch(r"-?\d+", text):
            return int(text)
    return None


def _text(node: ElementTree.Element, path: str) -> str:
    found = node.find(path)
    return "" if found is None else (found.text or "").strip()
