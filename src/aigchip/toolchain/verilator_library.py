"""Build a Verilator model as a shared library with a C interface, for programs that are not cocotb benches."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from aigchip.core import paths
from aigchip.core.once import made_once
from aigchip.toolchain import verilator_tools
from aigchip.toolchain.verilator_tools import RtlBuildError

_RUNTIME = ("verilated", "verilated_threads")
_DEFINES = ("-DVERILATOR=1", "-DVM_COVERAGE=0", "-DVM_SC=0", "-DVM_TIMING=0", "-DVM_TRACE=0")
_COMPILE = ("-std=c++20", "-O2", "-w", "-fPIC", "-fvisibility=hidden")
_EXPORTED = "-fvisibility=default"
_JOBS = 2


def tool() -> str:
    """Name the simulator with its version, as figures carry it."""
    return verilator_tools.tool().split(" + ")[0]


def identity() -> dict[str, object]:
    """Return what determines the library beside the sources, JSON-able."""
    return {
        "tool": tool(),
        "compiler": verilator_tools.compiler_identity(),
        "flags": [*verilator_tools.TRANSLATE, *_COMPILE, *_DEFINES],
    }


def build(
    sources: Sequence[Path], *, top: str, main: Path, headers: Path, out: Path, timeout_seconds: float = 600.0
) -> None:
    """Translate Verilog, compile it together with a C++ main, and link both as a shared library.

    Args:
        sources: Verilog files, in any order.
        top: The top module; the main sees it as the class `Vtop`.
        main: The C++ file that clocks the model; its `extern "C"` functions are the library's interface.
        headers: A folder of headers that the main includes.
        out: The library; its folder holds the build's files until the call returns.
        timeout_seconds: Limit on each tool call [s].

    Raises:
        RtlBuildError: Verilator or the compiler refuses.
        ToolMissingError: there is no C++ compiler.
        SimulationError: a tool exceeded its time.
    """
    folder = Path(tempfile.mkdtemp(prefix=".library-", dir=out.parent))
    try:
        _translate(sources, top=top, folder=folder, timeout_seconds=timeout_seconds)
        generated = sorted((folder / "obj").glob("*.cpp"))
        includes = (f"-I{folder / 'obj'}", f"-I{headers}")
        with ThreadPoolExecutor(_JOBS) as pool:
            jobs = [
                pool.submit(
                    _compile,
                    source,
                    folder / f"{source.stem}.o",
                    flags=(*includes, *((_EXPORTED,) if source == main else ())),
                    timeout_seconds=timeout_seconds,
                )
                for source in (*generated, main)
            ]
            runtime = _runtime(timeout_seconds)
            for job in jobs:
                job.result()
        objects = [folder / f"{source.stem}.o" for source in (*generated, main)]
        command = [verilator_tools.compiler(), "-shared", "-o", str(out), *map(str, (*objects, *runtime)), "-pthread"]
        verilator_tools.run_checked(command, folder, "the linker", timeout_seconds)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _translate(sources: Sequence[Path], *, top: str, folder: Path, timeout_seconds: float) -> None:
    root = verilator_tools.verilator_root()
    command = [
        "env", f"VERILATOR_ROOT={root}", str(root / "bin" / "verilator_bin"),
        *verilator_tools.TRANSLATE, "-O3", "--default-language", "1364-2005",
        "--prefix", "Vtop", "--Mdir", "obj", "--top-module", top,
        "--x-assign", "fast", "--x-initial", "unique",
        *(str(path.resolve()) for path in sources),
    ]  # fmt: skip
    code, output = verilator_tools.run_tool(
        command, cwd=folder, timeout_seconds=timeout_seconds, what="verilator", where=top
    )
    complaint = verilator_tools.complaint(output, sources)
    if code or complaint:
        raise RtlBuildError(
            top,
            f"verilator refuses the RTL: {complaint or verilator_tools.first_error(output)}",
            "Correct the module that it names.",
            code="verilator",
        )


def _compile(source: Path, target: Path, *, flags: Sequence[str], timeout_seconds: float) -> None:
    command = [
        verilator_tools.compiler(), *_COMPILE, *flags, *verilator_tools.include_flags(), *_DEFINES,
        "-c", str(source), "-o", str(target),
    ]  # fmt: skip
    verilator_tools.run_checked(command, target.parent, "the C++ compiler", timeout_seconds)


def _runtime(timeout_seconds: float) -> list[Path]:
    """Return the objects of Verilator's run-time library for shared libraries, compiled once into the person's cache."""
    key = hashlib.sha256(repr(sorted(identity().items())).encode()).hexdigest()[:16]
    folder = paths.cache_dir() / "verilator-library" / key

    def make(scratch: Path) -> None:
        for name in _RUNTIME:
            source = verilator_tools.verilator_root() / "include" / f"{name}.cpp"
            _compile(source, scratch / f"{name}.o", flags=(), timeout_seconds=timeout_seconds)

    return made_once(folder, [f"{name}.o" for name in _RUNTIME], make)
