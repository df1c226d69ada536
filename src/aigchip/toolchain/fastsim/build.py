"""Build the fast harness of a design: Verilator's C++ of shell and kernel, compiled for speed, around it a main in C++.

Reference: Verilator User's Guide 5.048, "Simulation Runtime Performance".
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from aigchip.core import atomic, paths
from aigchip.core.lock import file_lock
from aigchip.core.once import made_once
from aigchip.toolchain import shell, verilator_tools
from aigchip.toolchain.fastsim.top import TOP, Probes, harness_dir, wrap
from aigchip.toolchain.verilator_tools import RtlBuildError

_RUNTIME = ("verilated", "verilated_threads")
_HARNESS = ("ddr", "main")
_DEFINES = (
    "-DVERILATOR=1",
    *(f"-DVM_{name}=0" for name in ["COVERAGE", "SC", "TIMING", "TRACE", "TRACE_FST", "TRACE_VCD", "TRACE_SAIF"]),
)
_TRANSLATE = (
    *verilator_tools.TRANSLATE, "-O3", "--default-language", "1364-2005", "--x-assign", "fast", "--x-initial", "fast",
    "--output-split-cfuncs", verilator_tools.STATEMENTS,
)  # fmt: skip
_COMPILE = ("-std=c++20", "-w")
_HOT, _COLD = "-O2", "-O0"  # of what runs every cycle, and of what runs once
_JOBS = 2
_LARGE_BYTES = 300_000  # of C++; below it one more unit would cost more, in reading headers again, than it saves


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A built program that simulates one accelerator.

    Attributes:
        executable: The program.
        network: The network.json of the accelerator.
        masters: The AXI masters that the memory has to be attached to.
        tool: The simulator with its version, as figures carry it.
        build_seconds: Wall time of this call [s]; near 0 when the program was there already.
    """

    executable: Path
    network: Path
    masters: tuple[str, ...]
    tool: str
    build_seconds: float


def tool() -> str:
    """Name the simulator with its version, as figures carry it."""
    return verilator_tools.tool().split(" + ")[0]


def build(
    rtl_dir: Path,
    *,
    network: Path,
    cache: Path,
    probes: Probes | None = None,
    options: shell.Options | None = None,
    lean: bool = True,
    timeout_seconds: float = 900.0,
) -> Model:
    """Build the program of an accelerator, or find it under `cache` by the hash of everything that determines it.

    Args:
        rtl_dir: The kernel's Verilog files.
        network: The network.json that describes its FIFOs and registers.
        cache: The folder of the programs; each lies in a folder named by its key.
        probes: What is counted inside; nothing by default.
        options: Of the shell that is put around the kernel; None takes the one in `rtl_dir`.
        lean: Simulate lean equivalents of csynth's DSP cells instead of the model of DSP48E2.
        timeout_seconds: Limit on each tool call [s].

    Raises:
        KernelPortError: The kernel does not fit the shell.
        RtlBuildError: Verilator reported an error or a warning.
        ToolMissingError: There is no C++ compiler.
        SimulationError: A tool exceeded its time.
    """
    started = time.monotonic()
    with atomic.storage_errors(cache):
        cache.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(prefix=".building-", dir=cache))
    try:
        wrapped = wrap(
            rtl_dir, json.loads(network.read_text()), scratch, probes=probes or Probes(), options=options, lean=lean
        )
        folder = cache / _key(wrapped.sources, wrapped.glue)
        executable = folder / "program"
        if not executable.exists():
            with file_lock(cache / f".{folder.name}.lock"):
                if not executable.exists():
                    with atomic.storage_errors(cache):
                        _build_in(scratch, wrapped.sources, wrapped.glue, timeout_seconds=timeout_seconds)
                        shutil.rmtree(folder, ignore_errors=True)
                        folder.mkdir()
                        (scratch / "program").rename(executable)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return Model(
        executable=executable,
        network=network,
        masters=wrapped.masters,
        tool=tool(),
        build_seconds=time.monotonic() - started,
    )


def _key(sources: Sequence[Path], glue: str) -> str:
    texts = [(harness_dir() / name).read_text() for name in ("model.h", "ddr.h", "ddr.cpp", "main.cpp")]
    flags = [_TRANSLATE, _COMPILE, _HOT, _COLD, _DEFINES]
    digest = hashlib.sha256(json.dumps([verilator_tools.compiler_identity(), tool(), flags, glue, *texts]).encode())
    for path in sources:
        content = path.read_bytes()
        digest.update(f"\0{path.name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()[:24]


def _build_in(folder: Path, sources: Sequence[Path], glue: str, *, timeout_seconds: float) -> None:
    _translate(folder, sources, timeout_seconds=timeout_seconds)
    with ThreadPoolExecutor(_JOBS) as pool:
        jobs = [
            pool.submit(_compile, unit, (level, f"-I{harness_dir()}", "-Iobj"), timeout_seconds)
            for unit, level in _units(folder, glue)
        ]
        shared = _shared_objects(timeout_seconds)
        objects = [job.result() for job in jobs]
    command = [verilator_tools.compiler(), "-o", str(folder / "program"), *map(str, (*objects, *shared)), "-pthread"]
    verilator_tools.run_checked(command, folder, "the linker", timeout_seconds)


def _translate(folder: Path, sources: Sequence[Path], *, timeout_seconds: float) -> None:
    root = verilator_tools.verilator_root()
    command = [
        "env", f"VERILATOR_ROOT={root}", str(root / "bin" / "verilator_bin"), *_TRANSLATE,
        "--prefix", "Vtop", "--Mdir", "obj", "--top-module", TOP, *(str(path.resolve()) for path in sources),
    ]  # fmt: skip
    code, output = verilator_tools.run_tool(
        command, cwd=folder, timeout_seconds=timeout_seconds, what="verilator", where=TOP
    )
    complaint = verilator_tools.complaint(output, sources)
    if code or complaint:
        raise RtlBuildError(
            TOP,
            f"verilator refuses the RTL: {complaint or verilator_tools.first_error(output)}",
            "Correct the module that it names.",
            code="verilator",
        )


def _units(folder: Path, glue: str) -> list[tuple[Path, str]]:
    """Write the translation units: what runs every cycle in as many as there are jobs, what runs once in one; each with its level.

    A small design is one unit.
    """
    generated = sorted((folder / "obj").glob("*.cpp"), key=lambda path: (-path.stat().st_size, path.name))
    large = sum(path.stat().st_size for path in generated) > _LARGE_BYTES
    hot: list[list[str]] = [[] for _ in range(_JOBS if large else 1)]
    cold: list[str] = []
    loads = [0] * len(hot)
    for path in generated:
        line = f'#include "{path.name}"'
        if large and path.name.endswith("__Slow.cpp"):  # Verilator's name for what runs once
            cold.append(line)
            continue
        lightest = loads.index(min(loads))
        hot[lightest].append(line)
        loads[lightest] += path.stat().st_size
    hot[loads.index(min(loads))].append(glue)
    units: list[tuple[Path, str]] = []
    for index, group in enumerate((*hot, cold)):
        if group:
            units.append((folder / f"unit{index}.cpp", _COLD if group is cold else _HOT))
            units[-1][0].write_text("\n".join([*group, ""]))
    return units


def _compile(source: Path, flags: Sequence[str], timeout_seconds: float) -> Path:
    target = source.with_suffix(".o")
    command = [
        *(*verilator_tools.compiler_command(), *_COMPILE, *flags, *verilator_tools.include_flags(), *_DEFINES),
        *("-c", source.name, "-o", target.name),
    ]
    verilator_tools.run_checked(command, source.parent, "the C++ compiler", timeout_seconds)
    return target


def _shared_objects(timeout_seconds: float) -> list[Path]:
    """Return the harness and Verilator's run-time library, compiled once into the person's cache."""
    texts = [(harness_dir() / name).read_text() for name in ("model.h", "ddr.h", *(f"{name}.cpp" for name in _HARNESS))]
    identity = json.dumps([verilator_tools.compiler_identity(), tool(), _COMPILE, _HOT, _DEFINES, *texts])
    folder = paths.cache_dir() / "fastsim-runtime" / hashlib.sha256(identity.encode()).hexdigest()[:16]
    names = [*_RUNTIME, *_HARNESS]

    def make(scratch: Path) -> None:
        for name in names:
            origin = harness_dir() if name in _HARNESS else verilator_tools.verilator_root() / "include"
            copy = scratch / f"{name}.cpp"
            copy.write_text(f'#include "{origin / f"{name}.cpp"}"\n')
            _compile(copy, (_HOT, f"-I{harness_dir()}"), timeout_seconds)
            copy.unlink()

    return made_once(folder, [f"{name}.o" for name in names], make)
