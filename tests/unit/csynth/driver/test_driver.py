import json

import pytest

from csynth.driver import main, synthesize
from csynth.errors import CsynthError
from csynth.part import check_part
from csynth.report.model import SynthesisReport

SOURCE = """#include "hls_stream.h"
#include "ap_int.h"
void twice(hls::stream<ap_uint<8> >& in, hls::stream<ap_uint<9> >& out) {
  for (int i = 0; i < 16; i++) {
#pragma HLS pipeline II=1
    out.write(in.read() * 2);
  }
}
"""


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "twice.cpp"
    path.write_text(SOURCE)
    return path


def test_synthesize_writes_verilog_ir_and_report(source, tmp_path):
    report = synthesize(
        source, top="twice", part="xczu7ev-ffvc1156-2-e", clock_period_ps=3333, out_dir=tmp_path / "o", resources=False
    )
    assert sorted(path.relative_to(tmp_path / "o").as_posix() for path in (tmp_path / "o").rglob("*.*")) == [
        "ir.txt",
        "report.json",
        "rtl/twice.v",
    ]
    assert SynthesisReport.from_json((tmp_path / "o" / "report.json").read_text()) == report
    assert [(loop.ii, loop.trip_count.maximum) for loop in report.loops] == [(1, 16)]


def test_the_command(source, tmp_path, capsys):
    assert main([str(source), "--top", "twice", "-o", str(tmp_path / "o"), "--no-resources"]) == 0
    assert capsys.readouterr().out.startswith("twice: latency ")
    assert json.loads((tmp_path / "o" / "report.json").read_text())["schema"] == "csynth-report-1"


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (
            ["--top", "twice", "--part", "ecp5", "--no-resources"],
            "csynth: part is 'ecp5'; must be an UltraScale+ part. Use --part xczu7ev-ffvc1156-2-e (the ZCU104).\n",
        ),
        (["--top", "twice", "--clock", "0"], "csynth: clock period is 0 ps; must be positive. Use --clock 3.333.\n"),
        (
            ["--top", "thrice"],
            "twice.cpp: there is no single function 'thrice' in twice.cpp. Give the name of a function that is not a template.\n",
        ),
    ],
)
def test_what_is_refused_ends_with_one_line(source, tmp_path, capsys, arguments, line):
    assert main([str(source), "-o", str(tmp_path / "o"), "--no-resources", *arguments]) == 1
    assert capsys.readouterr().err == line
    assert not (tmp_path / "o").exists()


def test_a_family_with_delays_but_no_resources(source, tmp_path, capsys):
    arguments = [str(source), "-o", str(tmp_path / "o"), "--top", "twice", "--part", "xc7z020clg400-1"]
    assert main(arguments) == 1
    assert capsys.readouterr().err == (
        "csynth: part is 'xc7z020clg400-1', of the 7-series family, whose resources csynth does not count; must be an UltraScale+ "
        "part. Use --no-resources, or the vendor's tool.\n"
    )
    assert main(["synth", *arguments, "--clock", "10", "--no-resources"]) == 0
    slow = json.loads((tmp_path / "o" / "report.json").read_text())["estimated_clock_ps"]
    assert main([*arguments, "--part", "xczu7ev-ffvc1156-2-e", "--clock", "10", "--no-resources"]) == 0
    assert json.loads((tmp_path / "o" / "report.json").read_text())["estimated_clock_ps"] < slow


def test_a_missing_source_is_refused(tmp_path, capsys):
    assert main([str(tmp_path / "none.cpp"), "--top", "f", "-o", str(tmp_path)]) == 1
    assert (
        capsys.readouterr().err
        == f"csynth: source is '{tmp_path}/none.cpp'; must be a readable file. Check the path.\n"
    )


def test_parts():
    for part in ("xczu7ev-ffvc1156-2-e", "xcvu9p-flga2104-2-i", "xcku5p-ffvb676-2-e", "xck26-sfvc784-2lv-c"):
        check_part(part)
    with pytest.raises(CsynthError) as refused:
        check_part("ecp5")
    assert refused.value.message == "part is 'ecp5'; must be an UltraScale+ part"
