"""Co-simulation reports, compile reports and logs, invented for these tests."""

import pytest

from aigchip.vendor import compile_rpt, cosim_rpt, tool_log
from aigchip.vendor.model import VendorReportError
from csynth.report.model import Range

OLD = """Report time       : Mon Jan 26 18:46:01 MST 2015.

|   RTL    |  Status  |      min      |      avg      |      max      |      min      |      avg      |      max      |
|      VHDL|        NA|             NA|             NA|             NA|             NA|             NA|             NA|
|   Verilog|      Fail|              3|              3|              3|             NA|             NA|             NA|
|   SystemC|        NA|             NA|             NA|             NA|             NA|             NA|             NA|
"""


def test_a_failed_run_may_have_numbers_and_an_old_report_has_neither_solution_nor_simulator():
    report = cosim_rpt.parse(OLD, "r", top="f")
    assert (report.top, report.solution, report.simulator, report.date) == ("f", "", "", "Mon Jan 26 18:46:01 MST 2015")
    row = report.languages["Verilog"]
    assert (row.status, row.latency_max, row.interval_max, row.total_execution_time) == ("Fail", 3, None, None)
    assert not report.passed


def test_a_newer_report_has_the_total_time():
    text = "|   Verilog|      Pass|     57906819|     57906819|     57906819|     NA|     NA|     NA|   57906819|\r\n"
    row = cosim_rpt.parse(text, "r").languages["Verilog"]
    assert (row.total_execution_time, cosim_rpt.parse(text, "r").passed) == (57906819, True)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "r: it holds no row of VHDL, Verilog or SystemC. Give a <top>_cosim.rpt."),
        ("| VHDL | NA | NA |", "r: the row of VHDL has 2 columns; must be 7 or 8. Run the co-simulation again."),
        (
            "| VHDL | NA | x | NA | NA | NA | NA | NA |",
            "r: the row of VHDL holds 'x'; must be a number or NA. Run the co-simulation again.",
        ),
    ],
)
def test_what_is_no_cosimulation_report_is_one_line(text, said):
    with pytest.raises(VendorReportError) as error:
        cosim_rpt.parse(text, "r")
    assert str(error.value) == said


TABLE = """+ General Information:
    * Version:        2024.1 (Build 1 on May 21 2024)
    * Target device:  xczu7ev-ffvc1156-2-e

    |   Modules  | Issue|      |  Latency |  Latency |  Iteration |         |  Trip  |          |        |        |         |        |     |
    |   & Loops  | Type | Slack| (cycles) |   (ns)   |   Latency  | Interval|  Count | Pipelined|  BRAM  |   DSP  |    FF   |   LUT  | URAM|
    +------------+------+------+----------+----------+------------+---------+--------+----------+--------+--------+---------+--------+-----+
    |+ top*      |Timing| -0.81|   12 ~ 40| 1.5e+07  |           -|       40|       -|  dataflow| 2 (~0%)| 5 (2%) | 9 (1%)  | 7 (1%) |    -|
    | + one      |     -|  0.10|        12|   39.960 |           -|       12|       -|        no|       -|       -| 4 (~0%) | 3 (~0%)|    -|
    |  o L       |    II|  2.43|        10|   33.300 |           3|        2| 4 ~ 5  |       yes|       -|       -|       - |      - |    -|
    | + two      |     -|  0.10|         ?|        - |           -|        -|       -|        no|       -|       -| 4 (~0%) | 3 (~0%)|    -|
    +------------+------+------+----------+----------+------------+---------+--------+----------+--------+--------+---------+--------+-----+
"""


def test_the_table_of_modules_and_loops_is_a_tree():
    report = compile_rpt.parse(TABLE, "r")
    assert (report.version, report.build, report.part) == ("2024.1", "Build 1 on May 21 2024", "xczu7ev-ffvc1156-2-e")
    assert [row.path for row in report.rows] == ["top", "top/one", "top/one/L", "top/two"]
    top, _, loop, two = report.rows
    assert (top.dataflow, top.issue, top.slack_ns, top.latency) == (
        True,
        "Timing",
        -0.81,
        Range(minimum=12, maximum=40),
    )
    assert dict(top.used) == {"LUT": 7, "FF": 9, "DSP": 5, "BRAM_18K": 2, "URAM": None}
    assert (loop.is_loop, loop.interval.maximum, loop.trip_count) == (True, 2, Range(minimum=4, maximum=5))
    assert (two.latency, two.pipelined) == (Range(), "no")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nothing", "r: it has no table of modules and loops. Give hls_compile.rpt or csynth.rpt."),
        ("| & Loops | Type |", "r:1: the table has no column for cycles, interval, pipelined, BRAM_18K, DSP, FF, LUT. Report this version's headings."),
        (TABLE.replace("|+ top*", "|  top*"), "r:8: the first cell is no module (+) and no loop (o). Run the synthesis again."),
        (TABLE.replace("12 ~ 40", "12 to 40"), "r:8: '12 to 40' is no count of cycles. Run the synthesis again."),
    ],
)  # fmt: skip
def test_what_is_no_compile_report_is_one_line(text, said):
    with pytest.raises(VendorReportError) as error:
        compile_rpt.parse(text, "r")
    assert str(error.value) == said


def test_a_log_names_its_maker_its_errors_and_what_it_mentions():
    log = tool_log.parse(
        "****** Vitis HLS - High-Level Synthesis from C, C++ and OpenCL v2023.1 (64-bit)\n"
        "INFO: [HLS 200-10] ERROR: [is not one] in an information\n"
        "WARNING: [HLS 200-805] An internal stream with default size can result in deadlock.\r\n"
        "DataflowWARNING: [HLS 214-113] Either use an argument\n"
        "CRITICAL WARNING: [IMPL 213-28] x\n"
        "ERROR: [HLS 207-3776] use of undeclared identifier 'N' (a.cpp:4:2) \n"
        "@E Simulation failed.\n"
        "INFO: [HLS 200-111] Finished Command csynth_design CPU user time: 1 seconds.\n"
        "ERROR: [HLS 200-70] Pre-synthesis failed.\n"
    )
    assert (log.tool, log.version) == ("Vitis HLS", "2023.1")
    assert [line.number for line in log.errors] == [6, 7, 9]
    assert log.errors[0].text == "ERROR: [HLS 207-3776] use of undeclared identifier 'N' (a.cpp:4:2)"
    assert (log.warnings, log.critical_warnings, log.finished) == (2, 1, ("csynth_design",))
    assert log.marks == {"presynth_fail"}
    assert "undeclared identifier" in {message.error_class for message in log.messages}


def test_a_log_without_a_banner_is_known_by_its_paths():
    assert tool_log.parse("source /tools/Xilinx/Vitis_HLS/2022.2/scripts/x.tcl").version == "2022.2"
    assert tool_log.parse("in /home/x/2025.2/Vitis/bin/vitis-run").version == "2025.2"
    assert tool_log.parse("nothing").version == ""
