"""What Vivado says of routed designs: real reports where the corpus is, and the oddities of versions."""

import os
import re
from pathlib import Path

import pytest

from aigchip.core import paths
from aigchip.vendor import vivado_reports
from aigchip.vendor.model import VendorReportError

CORPUS = Path(os.environ.get("AIGCHIP_VITIS_CORPUS", paths.root().parent / "shared" / "reference" / "vitis")) / "vivado"
needs_corpus = pytest.mark.skipif(
    not CORPUS.is_dir(), reason="no corpus: set AIGCHIP_VITIS_CORPUS to the folder of real reports"
)
TIMING = sorted(CORPUS.glob("*timing_summary*.rpt"))
UTILISATION = sorted(CORPUS.glob("*utilization*.rpt"))


@needs_corpus
@pytest.mark.verifies("read-vendor")
@pytest.mark.parametrize("path", TIMING, ids=lambda path: path.name[:60])
def test_the_slacks_of_a_real_timing_report(path):
    text = path.read_text(errors="replace")
    timing = vivado_reports.timing(text, path.name)
    lines = text.splitlines()
    head = next(i for i, line in enumerate(lines) if line.split()[:2] == ["WNS(ns)", "TNS(ns)"])
    cells = lines[head + 2].split()
    assert [timing.wns_ns, timing.whs_ns, timing.wpws_ns] == [
        None if cell == "NA" else float(cell) for cell in (cells[0], cells[4], cells[8])
    ]
    assert re.fullmatch(r"20\d\d\.\d", timing.version)
    assert all(period > 0 for period in timing.periods_ns.values())
    met = "All user specified timing constraints are met." in text
    if timing.worst_ns is not None:
        assert (timing.worst_ns >= 0) == met


@needs_corpus
@pytest.mark.verifies("read-vendor")
@pytest.mark.parametrize("path", UTILISATION, ids=lambda path: path.name[:60])
def test_the_counts_of_a_real_utilisation_report(path):
    text = path.read_text(errors="replace")
    report = vivado_reports.utilisation(text, path.name)
    row = next(line for line in text.splitlines() if re.match(r"\| (CLB|Slice) LUTs\*? ", line))
    cells = [cell.strip() for cell in row.strip("| ").split("|")]
    assert (report.used["lut"], report.available["lut"]) == (int(cells[1]), int(cells[-2]))
    assert {"lut", "ff", "dsp", "bram18"} <= report.used.keys()
    assert all(report.used[name] <= report.available[name] for name in report.used)
    assert ("uram" in report.used) == ("| URAM " in text)


SUMMARY = """| Tool Version : Vivado v.2024.1 (lin64) Build 1
    WNS(ns)      TNS(ns)  TNS Failing Endpoints  TNS Total Endpoints      WHS(ns)      THS(ns)  THS Failing Endpoints  THS Total Endpoints     WPWS(ns)     TPWS(ns)  TPWS Failing Endpoints  TPWS Total Endpoints
    -------      -------  ---------------------  -------------------      -------      -------  ---------------------  -------------------     --------     --------  ----------------------  --------------------
{row}

Clock           Waveform(ns)       Period(ns)      Frequency(MHz)
-----           ------------       ----------      --------------
clk_pl_0        {{0.000 1.667}}      3.334           299.970
  derived       {{0.000 3.334}}      6.668           149.970

"""


def test_negative_slacks_and_clocks():
    row = "-0.412 -12.000 30 27271 0.010 0.000 0 27271 -0.100 0.000 1 9063"
    timing = vivado_reports.timing(SUMMARY.format(row=row).replace("\n", "\r\n"), "t.rpt")
    assert (timing.wns_ns, timing.worst_ns, timing.version) == (-0.412, -0.412, "2024.1")
    assert timing.periods_ns == {"clk_pl_0": 3.334, "derived": 6.668}


def test_a_design_without_constrained_paths():
    timing = vivado_reports.timing(SUMMARY.format(row="NA NA NA NA NA NA NA NA NA NA NA NA"), "t.rpt")
    assert (timing.wns_ns, timing.worst_ns) == (None, None)


def test_what_is_no_report_is_one_clear_line():
    with pytest.raises(VendorReportError) as caught:
        vivado_reports.timing("hello", "t.rpt")
    assert str(caught.value) == "t.rpt: it holds no Design Timing Summary. Give a report_timing_summary."
    with pytest.raises(VendorReportError) as caught:
        vivado_reports.utilisation("| LUT | 1 |", "u.rpt")
    assert str(caught.value) == "u.rpt: it holds no count of LUTs and registers. Give a report_utilization."


def test_half_block_rams_count_as_one_of_18_kbit():
    text = "| CLB LUTs* | 9 | 0 | 0 | 100 | 9.0 |\n| CLB Registers | 8 | 0 | 0 | 200 | 4.0 |\n| Block RAM Tile | 2.5 | 0 | 0 | 312 | 0.8 |\n"
    report = vivado_reports.utilisation(text, "u.rpt")
    assert report.used == {"lut": 9, "ff": 8, "bram18": 5}
    assert report.available["bram18"] == 624
