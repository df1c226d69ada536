"""Every value of the manifests of real reports and logs; they are other people's, and no part of this project."""

import json
import os
from pathlib import Path

import pytest

from aigchip.core import paths
from aigchip.vendor import compile_rpt, cosim_rpt, csynth_xml, tool_log
from csynth.report.model import Range, SynthesisReport

CORPUS = Path(os.environ.get("AIGCHIP_VITIS_CORPUS", paths.root().parent / "shared" / "reference" / "vitis"))
pytestmark = [
    pytest.mark.skipif(not CORPUS.is_dir(), reason="no corpus: set AIGCHIP_VITIS_CORPUS to the folder of real reports"),
    pytest.mark.verifies("read-vendor"),
]


def manifest(kind):
    path = CORPUS / kind / "manifest.json"
    return json.loads(path.read_text()) if path.is_file() else []


def count(value):
    """Write a count as the manifests do."""
    if value is None:
        return None
    if value.minimum is None and value.maximum is None:
        return "undef"
    return value.minimum if value.minimum == value.maximum else {"min": value.minimum, "max": value.maximum}


def loop_row(loop):
    row = {
        "TripCount": "inf" if loop.endless else count(loop.trip_count),
        "Latency": count(loop.latency),
        "IterationLatency": count(loop.iteration_latency),
        "PipelineII": loop.ii,
        "PipelineDepth": loop.pipeline_depth,
        "AbsoluteTimeLatency": count(loop.absolute_latency_ns),
        "Slack": loop.slack_ns,
    }
    return {
        "name": loop.name,
        "path": loop.path,
        "depth": loop.depth,
        **{k: v for k, v in row.items() if v is not None},
    }


def violation_row(found):
    loop = {"loop": found.loop} if found.loop else {}
    return {
        "scope": found.scope,
        **loop,
        "IssueType": found.issue,
        "ViolationType": found.kind,
        "SourceLocation": found.location,
    }


@pytest.mark.parametrize("entry", manifest("csynth"), ids=lambda entry: entry["file"][:60])
def test_every_value_of_a_csynth_report(entry):
    report = csynth_xml.read(CORPUS / "csynth" / entry["file"])
    own = report.summary
    assert {
        "part": report.part,
        "family": report.family,
        "top": report.top,
        "flow_target": report.flow_target,
        "clock_target_ns": own.clock_target_ns,
        "clock_uncertainty_ns": own.clock_uncertainty_ns,
        "clock_estimated_ns": own.clock_estimated_ns,
        "pipeline_type": own.pipeline_type,
        "latency_best": count(own.latency_best),
        "latency_avg": count(own.latency_average),
        "latency_worst": count(own.latency_worst),
        "interval_min": count(own.interval_min),
        "interval_max": count(own.interval_max),
        "dataflow_throughput": count(own.dataflow_throughput),
        "pipeline_ii": own.pipeline_ii,
        "pipeline_depth": own.pipeline_depth,
        "latency_best_realtime": own.latency_real_time.get("best"),
        "latency_worst_realtime": own.latency_real_time.get("worst"),
        "used": dict(own.used),
        "available": dict(own.available),
        "dsp_tag": report.dsp_tag,
        "loops": [loop_row(loop) for loop in own.loops],
        "violations": [violation_row(found) for found in own.violations],
        "modules": [module.name for module in report.modules],
        "n_rtl_ports": len(report.ports),
    } == {name: value.strip() if name == "family" else value for name, value in entry["expected"].items()}
    assert (report.version, report.tool) == (entry["tool_version_xml"] or "", entry["tool"])


@pytest.mark.parametrize("entry", manifest("csynth"), ids=lambda entry: entry["file"][:60])
def test_a_csynth_report_in_the_form_of_csynths_own(entry):
    vendor = csynth_xml.read(CORPUS / "csynth" / entry["file"])
    report = vendor.to_report()
    assert SynthesisReport.from_json(report.to_json()) == report
    assert report.clock_period_ps == round(1000 * entry["expected"]["clock_target_ns"])
    assert len(report.loops) == len(entry["expected"]["loops"])
    if entry["expected"]["latency_worst"] == "undef":
        assert report.latency_cycles.maximum is None
    for resource in ("URAM", "LUT"):
        vendor.summary.utilisation(resource)  # nothing is available on some devices


@pytest.mark.parametrize("entry", manifest("cosim"), ids=lambda entry: entry["file"][:60])
def test_every_value_of_a_cosimulation_report(entry):
    report = cosim_rpt.read(CORPUS / "cosim" / entry["file"])
    assert set(report.languages) == set(entry["expected"])
    for language, expected in entry["expected"].items():
        row = report.languages[language]
        names = {"latency_avg": "latency_average", "interval_avg": "interval_average"}
        found = {name: getattr(row, names.get(name, name)) for name in expected}
        assert {name: "NA" if value is None else value for name, value in found.items()} == expected
    assert report.solution == (entry["solution"] or "")
    assert report.simulator == (entry["simulator"] or "")
    assert report.date == entry["report_time"]


@pytest.mark.parametrize("entry", manifest("logs"), ids=lambda entry: entry["file"][:60])
def test_every_value_of_a_log(entry):
    log = tool_log.read(CORPUS / "logs" / entry["file"])
    assert [(line.number, line.text) for line in log.errors][: len(entry["error_lines"])] == [
        (line["line"], line["text"].rstrip()) for line in entry["error_lines"]
    ]
    assert len(log.errors) == entry["n_error_lines"]
    assert (log.warnings, log.critical_warnings) == (entry["n_warning"], entry["n_critical_warning"])
    assert sorted(log.finished) == sorted(set(entry["finished_commands"]))
    assert {name.lower() for name, value in entry["markers"].items() if value} == set(log.marks)
    if entry["banner_tool"]:
        assert log.tool == entry["banner_tool"]
    if entry["tool_version"]:
        assert log.version == entry["tool_version"]


@pytest.mark.parametrize("path", sorted((CORPUS / "hls_compile").glob("*.rpt")), ids=lambda path: path.name[:60])
def test_the_table_of_a_compile_report_holds_every_row(path):
    report = compile_rpt.read(path)
    text = path.read_text(errors="replace")
    table = text[text.index("& Loops") :].partition("\n\n")[0]
    drawn = [line for line in table.splitlines()[2:] if line.lstrip().startswith("|")]
    assert len(report.rows) == len(drawn)
    for row, line in zip(report.rows, drawn, strict=True):
        assert row.name in line.split("|")[1]
        assert row.path.rsplit("/", 1)[-1] == row.name
    assert "/" not in report.rows[0].path
    assert report.rows[0].latency == Range() or report.rows[0].latency.maximum is not None
