"""csynth.xml with the oddities of each version, invented for these tests."""

import pytest

from aigchip.vendor.csynth_xml import parse, read
from aigchip.vendor.model import VendorReportError
from csynth.report.model import Range


def report(*, latency="", loops="", resources="<LUT>7</LUT><FF>8</FF><DSP48E>2</DSP48E><BRAM_18K>1</BRAM_18K>", available="",
           version="2019.1", assigned="", violations=""):  # fmt: skip
    return f"""<profile><ReportVersion><Version>{version}</Version></ReportVersion>
<UserAssignments><unit>ns</unit><ProductFamily>zynq zynq_fpv6 </ProductFamily><Part>xc7z020clg484-1</Part>
<TopModelName>top</TopModelName><TargetClockPeriod>10.00</TargetClockPeriod><ClockUncertainty>1.25</ClockUncertainty>{assigned}
</UserAssignments><PerformanceEstimates><PipelineType>none</PipelineType><SummaryOfTimingAnalysis>
<EstimatedClockPeriod>8.800</EstimatedClockPeriod></SummaryOfTimingAnalysis><SummaryOfOverallLatency>{latency}
</SummaryOfOverallLatency>{f"<SummaryOfLoopLatency>{loops}</SummaryOfLoopLatency>" if loops else ""}{violations}</PerformanceEstimates>
<AreaEstimates><Resources>{resources}</Resources>
<AvailableResources><LUT>0</LUT>{available}</AvailableResources></AreaEstimates></profile>""".encode()


def test_undef_a_missing_field_and_a_number_are_three_things():
    own = parse(
        report(latency="<Best-caseLatency>72</Best-caseLatency><Average-caseLatency>undef</Average-caseLatency>"), "r"
    ).summary
    assert own.latency_best == Range(minimum=72, maximum=72)
    assert own.latency_average == Range()
    assert own.latency_worst is None
    assert own.interval_min is None


def test_loops_nest_have_ranges_and_pass_2_to_the_31():
    loops = """<Loop1><TripCount><range><min>0</min><max>99</max></range></TripCount><Latency>46170898397</Latency>
    <IterationLatency>undef</IterationLatency><Loop1.1><TripCount>inf</TripCount><Latency>?</Latency><PipelineII>2</PipelineII>
    <PipelineDepth>5</PipelineDepth></Loop1.1></Loop1><L2><Name>named</Name><TripCount>3</TripCount><Latency>6</Latency></L2>"""
    outer, inner, other = parse(report(loops=loops), "r").summary.loops
    assert (outer.trip_count, outer.latency) == (
        Range(minimum=0, maximum=99),
        Range(minimum=46170898397, maximum=46170898397),
    )
    assert outer.iteration_latency == Range()
    assert (inner.path, inner.depth, inner.endless, inner.ii, inner.pipeline_depth) == ("Loop1/Loop1.1", 1, True, 2, 5)
    assert inner.latency == Range()
    assert other.name == "named"
    shared = parse(report(loops=loops), "r").to_report()
    assert [(loop.name, loop.pipelined, loop.ii, loop.depth) for loop in shared.loops] == [
        ("Loop1", False, None, 0),
        ("Loop1/Loop1.1", True, 2, 5),
        ("named", False, None, 0),
    ]


def test_old_and_new_names_of_dsps_and_a_device_without_uram():
    old = parse(report(), "r")
    assert (old.tool, old.dsp_tag, old.summary.used["DSP"], old.summary.used["URAM"]) == (
        "Vivado HLS",
        "DSP48E",
        2,
        None,
    )
    assert old.summary.utilisation("LUT") is None  # none available: no division
    new = parse(report(resources="<DSP>3</DSP><LUT>9</LUT><FF>1</FF><BRAM_18K>0</BRAM_18K><URAM>0</URAM>",
                       available="<URAM>0</URAM><FF>1</FF>", assigned="<FlowTarget>vitis</FlowTarget>", version=""), "r")  # fmt: skip
    assert (new.tool_name, new.dsp_tag, new.flow_target) == ("Vitis HLS", "DSP", "vitis")
    assert (new.summary.utilisation("URAM"), new.summary.utilisation("FF")) == (None, 1.0)
    assert parse(report(resources="<LUT>7</LUT>"), "r").to_report().resources is None


def test_an_estimate_below_the_target_need_not_meet_the_clock():
    own = parse(report(), "r").summary
    assert (own.clock_estimated_ns, own.clock_target_ns, own.meets_clock) == (8.8, 10.0, False)


def test_violations_of_loops_stand_beside_those_of_the_module():
    text = """<SummaryOfViolations><IssueType>-</IssueType><ViolationType>-</ViolationType><SummaryOfLoopViolations><L>
    <IssueType>II Violation</IssueType><ViolationType>Memory Dependency</ViolationType><SourceLocation>a.cpp:3</SourceLocation></L>
    </SummaryOfLoopViolations></SummaryOfViolations>"""
    loops = (
        "<L><TripCount>3</TripCount><Latency>6</Latency><PipelineII>2</PipelineII><PipelineDepth>2</PipelineDepth></L>"
    )
    found = parse(report(violations=text, loops=loops), "r")
    (violation,) = found.summary.violations
    assert (violation.scope, violation.loop, violation.location) == ("loop", "L", "a.cpp:3")
    assert found.to_report().loops[0].ii_limited_by == "II Violation (Memory Dependency) at a.cpp:3"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"<profile>", "r:1:10: this is no XML (no element found). Run the synthesis again."),
        (b"", "r:1:1: this is no XML (no element found). Run the synthesis again."),
        (b"<html/>", "r: the first element is html; must be profile, as in a csynth.xml. Give another file."),
        (b"<profile/>", "r: UserAssignments is missing; every version's csynth.xml has it. Run the synthesis again."),
        (
            b'<!DOCTYPE p [<!ENTITY a "b">]><profile/>',
            "r: the file defines entities, which no report does. Give the tool's own file.",
        ),
        (
            report(latency="<Best-caseLatency>soon</Best-caseLatency>"),
            "r: Best-caseLatency is 'soon'; must be a whole number. Run the synthesis again.",
        ),
    ],
)
def test_what_is_no_report_is_one_line(data, said):
    with pytest.raises(VendorReportError) as error:
        parse(data, "r")
    assert str(error.value) == said


def test_a_file_that_is_not_there_is_one_line(tmp_path):
    with pytest.raises(VendorReportError, match=r"the file cannot be read \(No such file or directory\)"):
        read(tmp_path / "csynth.xml")
