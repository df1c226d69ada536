import json
import os
import subprocess
import sys

import pytest

from csynth.driver import main, synthesize
from csynth.errors import CsynthError
from csynth.part import family_of
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
            "csynth: part is 'ecp5'; must be an UltraScale+, 7-series or ECP5 part. "
            "Use --part xczu7ev-ffvc1156-2-e (the ZCU104). [part]\n",
        ),
        (
            ["--top", "twice", "--clock", "0"],
            "csynth: clock period is 0 ps; must be positive. Use --clock 3.333. [clock]\n",
        ),
        (
            ["--top", "thrice"],
            "twice.cpp: there is no single function 'thrice' in twice.cpp. Give the name of a function that is not a template. [top]\n",
        ),
    ],
)
def test_what_is_refused_ends_with_one_line(source, tmp_path, capsys, arguments, line):
    assert main([str(source), "-o", str(tmp_path / "o"), "--no-resources", *arguments]) == 1
    assert capsys.readouterr().err == line
    assert not (tmp_path / "o").exists()


def test_a_part_of_a_slower_family_gives_a_slower_clock(source, tmp_path):
    clocks = []
    for part in ("xczu7ev-ffvc1156-2-e", "xc7z020clg400-1", "LFE5U-85F-6BG381C"):
        words = [
            str(source),
            "-o",
            str(tmp_path / "o"),
            "--top",
            "twice",
            "--part",
            part,
            "--clock",
            "10",
            "--no-resources",
        ]
        assert main(["synth", *words]) == 0
        clocks.append(json.loads((tmp_path / "o" / "report.json").read_text())["estimated_clock_ps"])
    assert clocks == sorted(set(clocks))


def test_ultraram_is_refused_where_there_is_none(tmp_path, capsys):
    (tmp_path / "stored.cpp").write_text(
        "int f(int a[64]) {\n  static int x[4096];\n#pragma HLS bind_storage variable=x type=ram_s2p impl=uram\n"
        "  for (int i = 0; i < 64; i++) x[i] = a[i];\n  return x[7];\n}\n"
    )
    words = [str(tmp_path / "stored.cpp"), "--top", "f", "-o", str(tmp_path / "o"), "--no-resources"]
    assert main([*words, "--part", "LFE5U-85F-6BG381C"]) == 1
    assert capsys.readouterr().err == (
        "stored.cpp:1: impl is 'uram' for 'x'; must be 'bram' or 'lutram', ECP5 has no UltraRAM. "
        "Use impl=bram, or an UltraScale+ part. [storage]\n"
    )
    assert main(words) == 0


def test_a_missing_source_is_refused(tmp_path, capsys):
    assert main([str(tmp_path / "none.cpp"), "--top", "f", "-o", str(tmp_path)]) == 1
    assert (
        capsys.readouterr().err
        == f"csynth: source is '{tmp_path}/none.cpp'; must be a readable file. Check the path. [source]\n"
    )


def test_parts():
    for part in ("xczu7ev-ffvc1156-2-e", "xcvu9p-flga2104-2-i", "xcku5p-ffvb676-2-e", "xck26-sfvc784-2lv-c"):
        assert family_of(part).name == "UltraScale+"
    with pytest.raises(CsynthError) as refused:
        family_of("ecp5")
    assert refused.value.message == "part is 'ecp5'; must be an UltraScale+, 7-series or ECP5 part"


def _files(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and ".cache" not in path.parts
    }


def _run(source, folder, cache, *more):
    words = [str(source), "--top", "twice", "-o", str(folder), "--no-resources", "--cache", str(cache), *more]
    assert main(words) == 0
    return _files(folder)


def test_an_unchanged_input_is_taken_from_the_cache(source, tmp_path, monkeypatch, capsys):
    headers = tmp_path / "include"
    headers.mkdir()
    (headers / "factor.h").write_text("#define FACTOR 2\n")
    source.write_text('#include "factor.h"\n' + SOURCE.replace("* 2", "* FACTOR"))
    first = _run(source, tmp_path / "a", tmp_path / "cache", "-I", str(headers))
    told = capsys.readouterr().out

    def refuse(*_, **__):
        raise AssertionError("it is compiled again")

    with monkeypatch.context() as patch:
        patch.setattr("csynth.driver.choose_nests", refuse)
        assert _run(source, tmp_path / "b", tmp_path / "cache", "-I", str(headers)) == first
        assert capsys.readouterr().out == told
        for changed in (["--clock", "4"], ["-D", "X"], ["--pack-int8"], ["--again"]):
            with pytest.raises(AssertionError, match="compiled again"):
                _run(source, tmp_path / "c", tmp_path / "cache", "-I", str(headers), *changed)
    (headers / "factor.h").write_text("#define FACTOR 3\n")
    assert _run(source, tmp_path / "d", tmp_path / "cache", "-I", str(headers)) != first


def test_a_damaged_result_is_made_anew(source, tmp_path):
    first = _run(source, tmp_path / "a", tmp_path / "cache")
    (entry,) = (tmp_path / "cache" / "results").iterdir()
    entry.write_text(entry.read_text().replace("twice", "thrice"))
    assert _run(source, tmp_path / "b", tmp_path / "cache") == first
    entry.write_text(entry.read_text()[:100])
    assert _run(source, tmp_path / "c", tmp_path / "cache") == first


def test_two_processes_write_the_same_bytes(source, tmp_path):
    found = []
    for seed in ("1", "2"):
        command = [sys.executable, "-m", "csynth.driver", str(source), "--top", "twice", "-o", str(tmp_path / seed)]
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        subprocess.run([*command, "--no-resources"], check=True, env=environment, capture_output=True)
        found.append(_files(tmp_path / seed))
    assert found[0] == found[1]
    assert found[0].keys() == {"ir.txt", "report.json", "rtl/twice.v"}
