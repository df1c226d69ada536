"""The project of Vitis HLS: its script in a real Tcl interpreter, its C++ compiled with our headers instead of the vendor's."""

import configparser
import importlib
from pathlib import Path

import pytest
from support import exported
from support.exported import compiled

from aigchip.export import hls_project

tkinter = pytest.importorskip("tkinter", reason="no Tcl interpreter: apt-get install python3-tk")
tcl = importlib.import_module("support.tcl")
pytestmark = pytest.mark.verifies("export-hls")


class Hls:
    """The state that the stand-ins check and change."""

    def __init__(self):
        self.log = []
        self.sources = []
        self.part = self.period = self.top = ""

    def commands(self):
        return {
            name[1:]: getattr(self, name) for name in dir(self) if name.startswith("_") and not name.startswith("__")
        }

    def _open_project(self, words):
        tcl.options(words, ("-reset",))
        self.log.append("project")
        return ""

    def _set_top(self, words):
        (self.top,) = words
        return ""

    def _add_files(self, words):
        found, rest = tcl.options(words, ("-tb",), ("-cflags",))
        flags = found["-cflags"].split()
        if flags[0] != "-std=c++14" or not Path(flags[1].removeprefix("-I")).is_dir() or not Path(rest[0]).is_file():
            raise tcl.Refused(f"add_files {words}")
        self.sources.append(("tb " if "-tb" in found else "") + rest[0])
        return ""

    def _open_solution(self, words):
        found, _ = tcl.options(words, ("-reset",), ("-flow_target",))
        if found["-flow_target"] != "vivado" or "project" not in self.log:
            raise tcl.Refused("open_solution")
        self.log.append("solution")
        return ""

    def _set_part(self, words):
        if len(words) != 1 or not tcl.is_part(words[0]):
            raise tcl.Refused(f"[HLS 200-1023] Part '{words}' is not installed.")
        self.part = words[0]
        return ""

    def _create_clock(self, words):
        self.period = tcl.options(words, (), ("-period", "-name"))[0]["-period"]
        return ""

    def run_step(self, name, words):
        if not (self.part and self.period and self.top and "solution" in self.log) or words:
            raise tcl.Refused(name)
        self.log.append(name)
        return ""

    def _csim_design(self, words):
        return self.run_step("csim", words)

    def _csynth_design(self, words):
        return self.run_step("csynth", words)

    def _cosim_design(self, words):
        return self.run_step("cosim", tcl.options(words, (), ("-rtl",))[1])

    def _export_design(self, words):
        found, rest = tcl.options(words, (), ("-format", "-rtl"))
        if found["-format"] not in {"ip_catalog", "xo", "syn_dcp"}:
            raise tcl.Refused("[IMPL 213-30] format")
        return self.run_step("export", rest)


@pytest.fixture
def folder(description, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return exported.write(hls_project.files(description), tmp_path / "out")


def test_the_script_runs_every_step_on_every_source(folder, description):
    hls = Hls()
    tcl.run(folder / "run_hls.tcl", hls.commands())
    assert hls.log == ["project", "solution", "csim", "csynth", "cosim", "export"]
    assert hls.sources == [
        *(f"src/{file.name}" for file in description.units),
        "src/accelerator.cpp",
        "tb tb/bench.cpp",
    ]
    assert (hls.part, hls.period, hls.top) == ("xczu7ev-ffvc1156-2-e", "3.333", "accelerator")


def test_steps_are_chosen_in_the_environment_and_unknown_ones_refused(folder):
    hls = Hls()
    tcl.run(folder / "run_hls.tcl", hls.commands(), {"AIGCHIP_HLS_STEPS": "csynth export"})
    assert hls.log == ["project", "solution", "csynth", "export"]
    with pytest.raises(tkinter.TclError, match="AIGCHIP_HLS_STEPS: synth is no step; use csim, csynth, cosim, export"):
        tcl.run(folder / "run_hls.tcl", Hls().commands(), {"AIGCHIP_HLS_STEPS": "synth"})


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("xczu7ev-ffvc1156-2-e", "XCZU7EV-2FFVC1156"),
        ("-format ip_catalog", "-format verilog"),
        ("src/post.cpp", "src/posts.cpp"),
        ("create_clock", "create_clocks"),
        ("$folder/include", "$folder/includes"),
    ],
)
def test_a_wrong_script_fails(folder, old, new):
    script = folder / "run_hls.tcl"
    assert old in script.read_text()
    tcl.run(script, Hls().commands())
    script.write_text(script.read_text().replace(old, new))
    with pytest.raises((tkinter.TclError, tcl.Refused)):
        tcl.run(script, Hls().commands())


def config(text):
    """Read an hls_config.cfg: keys before the first section, then [hls]; a key may stand several times."""
    section, found = "", {}
    for line in text.splitlines():
        if line.startswith("[") and line.endswith("]"):
            section = line[1:-1]
        elif line and not line.startswith("#"):
            key, equals, value = line.partition("=")
            if not equals:
                raise configparser.ParsingError(line)
            found.setdefault((section, key), []).append(value)
    return found


def test_the_configuration_names_the_same(folder):
    found = config((folder / "hls_config.cfg").read_text())
    assert found["", "part"] == ["xczu7ev-ffvc1156-2-e"]
    assert found["hls", "clock"] == ["3.333ns"]
    assert found["hls", "syn.top"] == ["accelerator"]
    assert found["hls", "package.output.format"] == ["ip_catalog"]
    named = [*found["hls", "syn.file"], *found["hls", "tb.file"]]
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*.cpp")}
    assert set(named) == there
    assert {key for section, key in found if section == "hls"} <= {
        *("flow_target", "clock", "syn.file", "syn.cflags", "syn.top", "tb.file", "tb.cflags"),
        *("package.output.format", "package.output.syn"),
    }


def test_the_top_says_how_deep_the_memories_of_the_bench_are(folder, description):
    top, bench = (folder / "src" / "accelerator.cpp").read_text(), (folder / "tb" / "bench.cpp").read_text()
    for memory in description.memories:
        depth = top.partition(f"bundle={memory.name} offset=slave depth=")[2].split()[0]
        assert f"static ap_uint<{memory.width_bits}> {memory.name}[{depth}];" in bench


@pytest.mark.slow
def test_its_bench_passes_and_fails_a_wrong_module(folder):
    done = compiled(folder)
    assert (done.returncode, done.stdout) == (0, "PASS: 3 x 3, 7 x 13 x 11 to 5 is bit-exact\n")
    bench = folder / "tb" / "bench.cpp"
    text = bench.read_text()
    begin = text.index("expected[715] = {") + len("expected[715] = {")
    first = text[begin : text.index(",", begin)].strip()
    bench.write_text(f"{text[:begin]}{int(first) ^ 1}{text[text.index(',', begin) :]}")
    done = compiled(folder)
    assert done.returncode == 1
    assert done.stdout.startswith("FAIL: ")
