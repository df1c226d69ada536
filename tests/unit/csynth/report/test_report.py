import pytest
from cosim.csynth.programs import PROGRAMS

from csynth.driver import make_hardware, summary
from csynth.ir.text import parse
from csynth.report.build import build_report
from csynth.report.model import Range, Resources, SynthesisReport


def report_of(name, **more):
    program = parse(PROGRAMS[name][0])
    schedules = make_hardware(program, clock_period_ps=3333).schedules
    return build_report(program, schedules, part="xczu7ev-ffvc1156-2-e", clock_period_ps=3333, tool="csynth 0", **more)


def test_json_round_trip():
    counts = Resources(lut=1, ff=2, dsp=3, bram18=4, uram=5, tool="yosys")
    report = report_of("histogram", resources=counts, module_resources={"histogram": counts})
    assert SynthesisReport.from_json(report.to_json()) == report


def test_what_is_not_a_report_is_refused():
    with pytest.raises(
        ValueError,
        match=r"^report: text is not readable \(schema is None\); must be csynth-report-1\. Run csynth again\.$",
    ):
        SynthesisReport.from_json("{}")


def test_a_recurrence_through_memory_is_named():
    loop = next(loop for loop in report_of("histogram").loops if loop.name == "count")
    assert (loop.ii_target, loop.ii, loop.pipelined) == (1, 2, True)
    assert loop.ii_limited_by is not None
    assert "load bins" in loop.ii_limited_by
    assert "store bins" in loop.ii_limited_by
    assert loop.ii_limited_by.endswith("needs II >= 2")


def test_a_shared_port_is_named():
    loop = next(loop for loop in report_of("shared_port").loops if loop.name == "main")
    assert loop.ii_limited_by == "the read port of table is used 2 times in an iteration and needs II >= 2"
    assert loop.ii is not None
    assert loop.ii == 2


def test_latencies():
    report = report_of("histogram")
    clear = next(loop for loop in report.loops if loop.name == "clear")
    assert clear.latency_cycles == Range(minimum=8, maximum=8)
    show = next(loop for loop in report.loops if loop.name == "show")
    assert show.latency_cycles == Range(minimum=7 + show.depth + 1, maximum=7 + show.depth + 1)
    assert report.latency_cycles.maximum is not None


def test_summary_names_loops_and_reasons():
    assert "loop main (?): II=4" in summary(report_of("shared_port")) or "loop main (?): II=" in summary(
        report_of("shared_port")
    )
