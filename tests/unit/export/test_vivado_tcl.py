"""The Vivado script in a real Tcl interpreter; Vivado's commands are stand-ins that know its objects."""

import importlib
from pathlib import Path

import pytest
from support import exported

from aigchip.export import vivado_tcl

tkinter = pytest.importorskip("tkinter", reason="no Tcl interpreter: apt-get install python3-tk")
tcl = importlib.import_module("support.tcl")
pytestmark = pytest.mark.verifies("export-vivado")


class Vivado:
    """The state that the stand-ins check and change."""

    def __init__(self, progress="100%"):
        self.part = ""
        self.files = []
        self.properties = {}
        self.progress = progress
        self.launched = False
        self.open = False

    def commands(self):
        return {
            name[1:]: getattr(self, name) for name in dir(self) if name.startswith("_") and not name.startswith("__")
        }

    def _create_project(self, words):
        found, rest = tcl.options(words, ("-force",), ("-part",))
        if not tcl.is_part(found.get("-part", "")) or len(rest) != 2:
            raise tcl.Refused(f"create_project {words}")
        self.part = found["-part"]
        return rest[0]

    def _add_files(self, words):
        found, rest = tcl.options(words, ("-norecurse",), ("-fileset",))
        if not self.part or found.get("-fileset") not in {"sources_1", "constrs_1"}:
            raise tcl.Refused("add_files without a project or into no file set")
        names = [name for word in rest for name in word.split()]
        for name in names:
            if not Path(name).is_file():
                raise tcl.Refused(f"add_files: {name} does not exist")
        self.files += names
        return " ".join(names)

    def _get_filesets(self, words):
        if words not in (["sources_1"], ["constrs_1"]):
            raise tcl.Refused(f"no file set {words}")
        return words[0]

    def _get_files(self, words):
        found, rest = tcl.options(words, (), ("-of_objects",))
        if "-of_objects" in found:
            return " ".join(name for name in self.files if name.endswith(".v"))
        if any(name not in self.files for name in rest):
            raise tcl.Refused(f"no file {rest}")
        return " ".join(rest)

    def _get_runs(self, words):
        if words != ["synth_1"]:
            raise tcl.Refused(f"no run {words}")
        return "synth_1"

    def _set_property(self, words):
        if words[0] == "-name":  # a value may begin with a dash
            if len(words) != 6 or (words[2], words[4]) != ("-value", "-objects"):
                raise tcl.Refused(f"set_property {words}")
            name, value, target = words[1::2]
        else:
            name, value, target = words
        known = {"file_type", "used_in", "top", "STEPS.SYNTH_DESIGN.ARGS.MORE OPTIONS"}
        if name not in known or not target:
            raise tcl.Refused(f"no property {name} of {target}")
        self.properties[name] = value
        return ""

    def _update_compile_order(self, words):
        tcl.options(words, (), ("-fileset",))
        return ""

    def _launch_runs(self, words):
        _, rest = tcl.options(words, (), ("-jobs",))
        if rest != ["synth_1"] or "top" not in self.properties:
            raise tcl.Refused("launch_runs of no run or without a top")
        self.launched = True
        return ""

    def _wait_on_run(self, words):
        if words != ["synth_1"] or not self.launched:
            raise tcl.Refused("wait_on_run of a run that was not launched")
        return ""

    def _get_property(self, words):
        return {"PROGRESS": self.progress, "STATUS": "synth_design ERROR"}[words[0]]

    def _open_run(self, words):
        _, rest = tcl.options(words, (), ("-name",))
        self.open = rest == ["synth_1"]
        return ""

    def _report_utilization(self, words):
        tcl.options(words, ("-hierarchical",), ("-file",))
        if not self.open:
            raise tcl.Refused("no design is open")
        return ""

    def _report_timing_summary(self, words):
        tcl.options(words, (), ("-file",))
        if not self.open:
            raise tcl.Refused("no design is open")
        return ""


@pytest.fixture
def folder(description, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # the script changes the folder of the process
    return exported.write(vivado_tcl.files(description), tmp_path / "out")


def test_the_script_makes_a_project_of_all_files_and_reads_reports(folder, description):
    vivado = Vivado()
    calls = tcl.run(folder / "project.tcl", vivado.commands())
    assert vivado.part == "xczu7ev-ffvc1156-2-e"
    assert sorted(vivado.files) == sorted([*(f"rtl/{file.name}" for file in description.rtl), "clock.xdc"])
    assert vivado.properties == {
        "file_type": "Verilog",
        "used_in": "synthesis implementation out_of_context",
        "top": "accelerator_shell",
        "STEPS.SYNTH_DESIGN.ARGS.MORE OPTIONS": "-mode out_of_context",
    }
    assert [call[0] for call in calls][-3:] == ["open_run", "report_utilization", "report_timing_summary"]
    assert Path.cwd() == folder


def test_the_constraint_names_the_clock_and_its_period(folder):
    def create_clock(words):
        found, rest = tcl.options(words, (), ("-name", "-period"))
        assert (found, rest) == ({"-name": "ap_clk", "-period": "3.333"}, ["ap_clk"])
        return ""

    calls = tcl.run(folder / "clock.xdc", {"create_clock": create_clock, "get_ports": lambda words: words[0]})
    assert [call[0] for call in calls] == ["get_ports", "create_clock"]


def test_a_synthesis_that_does_not_end_is_an_error(folder):
    with pytest.raises(tkinter.TclError, match="synthesis did not end: synth_design ERROR"):
        tcl.run(folder / "project.tcl", Vivado(progress="43%").commands())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("xczu7ev-ffvc1156-2-e", "XCZU7EV-2FFVC1156"),
        ("get_runs synth_1", "get_runs synth_2"),
        ("add_files -norecurse -fileset", "add_files -recurse -fileset"),
        ("set_property top", "set_property topmodule"),
        ("wait_on_run", "wait_on_runs"),
        ("launch_runs synth_1 -jobs 2", ""),
    ],
)
def test_a_wrong_script_fails(folder, old, new):
    script = folder / "project.tcl"
    assert old in script.read_text()
    tcl.run(script, Vivado().commands())
    script.write_text(script.read_text().replace(old, new))
    with pytest.raises((tkinter.TclError, tcl.Refused)):
        tcl.run(script, Vivado().commands())


def test_a_missing_file_is_named(folder):
    (folder / "rtl" / "post.v").unlink()
    with pytest.raises(tkinter.TclError, match=r"rtl/post\.v is missing; export the design again"):
        tcl.run(folder / "project.tcl", Vivado().commands())
