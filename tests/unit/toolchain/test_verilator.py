"""What the Verilator adapter decides without running a tool."""

import sys
from pathlib import Path

import find_libpython
import pytest

from aigchip.core.errors import StorageError, ToolMissingError
from aigchip.toolchain import verilator, verilator_tools


@pytest.fixture
def no_compiler(monkeypatch):
    monkeypatch.setattr(verilator_tools.shutil, "which", lambda name: None)
    verilator_tools.compiler.cache_clear()
    yield
    verilator_tools.compiler.cache_clear()


def test_a_missing_compiler_names_the_one_command(no_compiler):
    with pytest.raises(ToolMissingError) as caught:
        verilator_tools.compiler()
    assert str(caught.value) == (
        "g++: no C++ compiler is on PATH; RTL simulation needs one. Run: sudo apt-get install g++"
    )


@pytest.mark.parametrize("there", [False, True])
def test_ccache_is_used_where_it_is_and_keeps_its_files_in_our_cache(monkeypatch, tmp_path, there):
    monkeypatch.setattr(verilator_tools.paths, "cache_dir", lambda: tmp_path)
    monkeypatch.setattr(verilator_tools, "compiler", lambda: "/usr/bin/g++")
    monkeypatch.setattr(verilator_tools.shutil, "which", lambda name: f"/bin/{name}" if there else None)
    before = ["env", f"CCACHE_DIR={tmp_path / 'ccache'}", "/bin/ccache"] if there else []
    assert verilator_tools.compiler_command() == [*before, "/usr/bin/g++"]


def test_a_missing_python_library_names_the_one_command(monkeypatch):
    monkeypatch.setattr(find_libpython, "find_libpython", lambda: None)
    verilator._libpython.cache_clear()
    with pytest.raises(ToolMissingError) as caught:
        verilator._libpython()
    name = f"libpython{sys.version_info.major}.{sys.version_info.minor}"
    assert str(caught.value) == (
        f"{name}: the shared Python library is missing; RTL simulation runs Python inside the simulator. "
        f"Run: sudo apt-get install {name}"
    )
    verilator._libpython.cache_clear()


def test_the_key_follows_content_and_settings_not_place(tmp_path: Path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    for folder in "ab":
        (tmp_path / folder / "m.v").write_text("module m; endmodule\n")
    first = verilator._key([tmp_path / "a/m.v"], {"top": "m"})
    assert verilator._key([tmp_path / "b/m.v"], {"top": "m"}) == first
    assert verilator._key([tmp_path / "b/m.v"], {"top": "n"}) != first
    (tmp_path / "b/m.v").write_text("module m; wire w; endmodule\n")
    assert verilator._key([tmp_path / "b/m.v"], {"top": "m"}) != first


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<testsuites><testsuite><testcase name='t'/></testsuite></testsuites>", None),
        ("<testsuites><testsuite/></testsuites>", "cocotb found no test"),
        ("<testsuites><tests", "cocotb's results are incomplete"),
        (
            "<testsuites><testcase><failure error_msg='ValueError: no such signal'/></testcase></testsuites>",
            "ValueError: no such signal",
        ),
    ],
)
def test_the_xunit_file_is_read_strictly(tmp_path: Path, text: str, expected: str | None):
    file = tmp_path / "results.xml"
    file.write_text(text)
    assert verilator._xunit_failure(file) == expected


def test_no_xunit_file_is_a_failure(tmp_path: Path):
    assert verilator._xunit_failure(tmp_path / "results.xml") == "cocotb wrote no results"


def test_a_tool_that_finds_the_disk_full_is_one_clear_line(tmp_path: Path):
    script = "echo 'cannot write x.o: No space left on device'; exit 1"
    with pytest.raises(StorageError) as caught:
        verilator_tools.run_tool(
            ["sh", "-c", script], cwd=tmp_path, timeout_seconds=10, what="the compiler", where="x.cpp"
        )
    assert str(caught.value) == (
        f"{tmp_path}: the disk is full. Free some space and run the same command again; nothing is half written."
    )
