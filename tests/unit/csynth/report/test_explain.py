"""`csynth explain` on typical loops, whole texts."""

import pytest

from csynth import driver
from csynth.report.build import build_report
from csynth.report.explain import explain
from csynth.report.model import SynthesisReport

HEAD = '#include "ap_int.h"\n#include "hls_stream.h"\ntypedef hls::stream<ap_uint<16> > Words;\n'

LOOPS = {
    "reached": """
  SEND: for (int i = 0; i < 64; i++) {
#pragma HLS pipeline II=1
    out.write(in.read() + 1);
  }""",
    "histogram": """
  ap_uint<16> bins[256];
  for (int i = 0; i < 256; i++) bins[i] = 0;
  COUNT: for (int i = 0; i < 64; i++) {
#pragma HLS pipeline II=1
    ap_uint<8> x = in.read();
    bins[x]++;
  }
  for (int i = 0; i < 256; i++) out.write(bins[i]);""",
    "memory_port": """
  ap_uint<16> a[64];
  for (int i = 0; i < 64; i++) a[i] = in.read();
  PAIRS: for (int i = 0; i < 16; i++) {
#pragma HLS pipeline II=1
    out.write(a[4 * i] + a[4 * i + 1] + a[4 * i + 2] + a[4 * i + 3]);
  }""",
    "stream_port": """
  PAIRS: for (int i = 0; i < 32; i++) {
#pragma HLS pipeline II=1
    ap_uint<16> x = in.read();
    out.write(x ^ in.read());
  }""",
    "wide_sum": """
  ap_uint<160> sum = 1;
  SUM: for (int i = 0; i < 64; i++) {
#pragma HLS pipeline II=1
    ap_uint<16> x = in.read();
    if (x & 1) sum += x;
    if (x & 2) sum += 77;
  }
  out.write(sum(159, 144));""",
    "product": """
  ap_uint<16> power = 1;
  POWER: for (int i = 0; i < 64; i++) {
#pragma HLS pipeline II=1
    power *= in.read();
  }
  out.write(power);""",
    "horner": """
  ap_uint<32> value = 0;
  HORNER: for (int i = 0; i < 64; i++) {
#pragma HLS pipeline II=1
    value = value * 12345 + in.read();
  }
  out.write(value(31, 16));""",
    "late_exit": """
  ap_uint<16> next[64];
  for (int i = 0; i < 64; i++) next[i] = in.read();
  ap_uint<16> at = 0;
  WALK: while (at < 60) {
#pragma HLS pipeline II=1
    out.write(at);
    at = next[at];
  }""",
    "exit_by_memory": """
  ap_uint<16> limit[64];
  for (int i = 0; i < 64; i++) limit[i] = in.read();
  SCAN: for (int i = 0; i < 64; i++) {
#pragma HLS pipeline II=1
    if (limit[i] == 7) break;
    out.write(i);
  }""",
    "nest_with_a_shared_port": """
  ROWS: for (int i = 0; i < 8; i++) {
    ap_uint<16> scale = in.read();
    ROW: for (int j = 0; j < 8; j++) {
#pragma HLS pipeline II=1
      out.write(in.read() * scale);
    }
  }""",
    "styles": """
  SEND: for (int i = 0; i < 64; i++) {
#pragma HLS pipeline II=2 style=stp rewind
    out.write(in.read() + 1);
  }""",
}


def report_of(name: str) -> SynthesisReport:
    source = f"{HEAD}void f(Words& in, Words& out) {{{LOOPS[name]}\n}}\n"
    program, hardware = driver.choose_nests((f"{name}.cpp", source), top="f", clock_period_ps=3333)
    return build_report(program, hardware.schedules, part="xczu7ev-ffvc1156-2-e", clock_period_ps=3333, tool="csynth")


@pytest.fixture(scope="module")
def reports():
    return {name: report_of(name) for name in LOOPS}


def test_texts(reports, golden):
    golden("csynth_report/explain.txt", "".join(f"== {name}\n{explain(report)}\n" for name, report in reports.items()))


def test_the_report_is_read_back(reports):
    for report in reports.values():
        assert SynthesisReport.from_json(report.to_json()) == report


@pytest.mark.parametrize(
    "name", [name for name in LOOPS if name not in ("reached", "styles", "nest_with_a_shared_port")]
)
def test_the_named_bound_is_the_interval(reports, name):
    loop = next(loop for loop in reports[name].loops if loop.pipelined and loop.bounds.remedy)
    assert loop.ii == max(loop.bounds.recurrence_ii, loop.bounds.resource_ii, loop.bounds.exit_ii) > loop.ii_target


def test_the_command(reports, tmp_path, capsys):
    (tmp_path / "report.json").write_text(reports["histogram"].to_json())
    assert driver.main(["explain", str(tmp_path), "COUNT"]) == 0
    assert capsys.readouterr().out == explain(reports["histogram"], "COUNT") + "\n"
    assert driver.main(["explain", str(tmp_path / "report.json"), "SUM"]) == 1
    assert capsys.readouterr().err == "f: loop is 'SUM'; must be one of COUNT. Name a pipelined loop.\n"
    assert driver.main(["explain", str(tmp_path / "none.json")]) == 1
    assert capsys.readouterr().err == f"{tmp_path}/none.json: No such file or directory. Run csynth first\n"
