"""Many designs in one Verilator program, clocked by a C++ driver: no cocotb, one build, a fraction of a second a design.

Each design is translated on its own (so module names may repeat between designs); all generated C++ is compiled in a few
translation units, which read Verilator's headers once each, and linked with the driver. Of a large design, what runs only at
the start (half of the text) is a unit of its own, compiled without optimisation; docs/reference/benchmarks.md has the figures.
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
from aigchip.toolchain import verilator_tools
from aigchip.toolchain.rtlsim.model import Design, Job, JobResult, Port, PortKind
from aigchip.toolchain.rtlsim.request import decode, encode
from aigchip.toolchain.verilator_tools import RtlBuildError, SimulationError

_RUNTIME = ("verilated", "verilated_threads")
_DEFINES = (
    "-DVERILATOR=1",
    *(f"-DVM_{name}=0" for name in ["COVERAGE", "SC", "TIMING", "TRACE", "TRACE_FST", "TRACE_VCD", "TRACE_SAIF"]),
)
_JOBS = 2
_LARGE_BYTES = 1_000_000  # of C++; below it one more unit would cost more, in reading headers again, than it saves


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A built program that simulates `designs`."""

    executable: Path
    designs: tuple[Design, ...]
    build_seconds: float


def tool() -> str:
    """Name the simulator with its version, as figures carry it."""
    return verilator_tools.tool().split(" + ")[0]


def build(
    designs: Sequence[Design], *, cache: Path, optimisation: str = "-O1", timeout_seconds: float = 900.0
) -> Program:
    """Build one program for all designs, or find it under `cache` by the hash of all that determines it.

    Args:
        designs: What is simulated.
        cache: The folder of the programs.
        optimisation: Of the C++ compiler.
        timeout_seconds: Limit on each tool call [s].

    Raises:
        RtlBuildError: Verilator reported an error or a warning.
        ToolMissingError: no C++ compiler.
        SimulationError: a tool exceeded its time.
    """
    started = time.monotonic()
    flags = ("-std=c++20", optimisation, "-w")
    folder = cache / _key(designs, flags)
    executable = folder / "program"
    if not executable.exists():
        with atomic.storage_errors(cache):
            cache.mkdir(parents=True, exist_ok=True)
        with file_lock(cache / f".{folder.name}.lock"):
            if not executable.exists():
                with atomic.storage_errors(cache):
                    scratch = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=cache))
                    try:
                        _build_in(scratch, designs, flags=flags, timeout_seconds=timeout_seconds)
                        shutil.rmtree(folder, ignore_errors=True)
                        folder.mkdir()
                        (scratch / "program").rename(executable)
                    finally:
                        shutil.rmtree(scratch, ignore_errors=True)
    return Program(executable=executable, designs=tuple(designs), build_seconds=time.monotonic() - started)


def run(program: Program, jobs: Sequence[Job], *, timeout_seconds: float = 600.0) -> list[JobResult]:
    """Run jobs one after another in one process.

    Raises:
        RequestError: a job does not fit its design.
        SimulationError: the program crashed or took too long.
    """
    with tempfile.TemporaryDirectory(prefix="rtlsim-") as scratch:
        request = Path(scratch) / "request"
        request.write_bytes(encode(program.designs, jobs))
        code, output = verilator_tools.run_tool(
            [str(program.executable), str(request)],
            cwd=Path(scratch),
            timeout_seconds=timeout_seconds,
            what="the simulation",
            where=program.designs[0].name if len(program.designs) == 1 else f"{len(program.designs)} designs",
        )
    try:
        if code:
            raise ValueError(f"exit code {code}")
        return decode(output, jobs)
    except ValueError as error:
        raise SimulationError(
            str(program.executable),
            f"the simulation ended with exit code {code} and without a result: {error}",
            "Run it by hand.",
            code="crash",
        ) from error


def _key(designs: Sequence[Design], flags: Sequence[str]) -> str:
    driver = paths.testbench_dir() / "rtlsim"
    settings = [
        *(verilator_tools.compiler_identity(), tool(), list(flags), _DEFINES, verilator_tools.TRANSLATE),
        *([d.top, d.memories, [[p.name, p.kind, p.width_bits] for p in d.ports]] for d in designs),
        *((driver / name).read_text() for name in ("driver.h", "driver.cpp")),
    ]
    digest = hashlib.sha256(json.dumps(settings).encode())
    for design in designs:
        for path in design.sources:
            content = path.read_bytes()
            digest.update(f"\0{path.name}\0{len(content)}\0".encode())
            digest.update(content)
    return digest.hexdigest()[:24]


def _build_in(folder: Path, designs: Sequence[Design], *, flags: Sequence[str], timeout_seconds: float) -> None:
    with ThreadPoolExecutor(_JOBS) as pool:
        for job in [
            pool.submit(_translate, design, number, folder, timeout_seconds) for number, design in enumerate(designs)
        ]:
            job.result()
        objects = [
            pool.submit(_compile, unit, (*flags, *more, f"-I{paths.testbench_dir() / 'rtlsim'}"), timeout_seconds)
            for unit, more in _units(folder, designs)
        ]
        shared = shared_objects(flags, timeout_seconds)
        found = [job.result() for job in objects]
    command = [verilator_tools.compiler(), "-o", str(folder / "program"), *map(str, (*found, *shared)), "-pthread"]
    verilator_tools.run_checked(command, folder, "the linker", timeout_seconds)


def _translate(design: Design, number: int, folder: Path, timeout_seconds: float) -> None:
    root = verilator_tools.verilator_root()
    command = [
        "env", f"VERILATOR_ROOT={root}", str(root / "bin" / "verilator_bin"),
        *verilator_tools.TRANSLATE, "-O3", "--default-language", "1364-2005",
        "--prefix", f"V{number}", "--Mdir", f"obj{number}", "--top-module", design.top,
        "--x-assign", "unique", "--x-initial", "unique",
        "--output-split-cfuncs", verilator_tools.STATEMENTS,
        *(str(path.resolve()) for path in design.sources),
    ]  # fmt: skip
    code, output = verilator_tools.run_tool(
        command, cwd=folder, timeout_seconds=timeout_seconds, what="verilator", where=design.name
    )
    complaint = verilator_tools.complaint(output, design.sources)
    if code or complaint:
        raise RtlBuildError(
            design.name,
            f"verilator refuses the RTL: {complaint or verilator_tools.first_error(output)}",
            "Correct the module that it names.",
            code="verilator",
        )


def _units(folder: Path, designs: Sequence[Design]) -> list[tuple[Path, tuple[str, ...]]]:
    """Write the translation units, and give each with the flags that it adds.

    The generated C++ comes in as many groups as there are jobs, with the table of models; start-up code of large designs apart.
    """
    groups: list[list[str]] = [[] for _ in range(_JOBS)]
    cold: list[str] = []
    loads = [0] * _JOBS
    for number, design in enumerate(designs):
        generated = sorted((folder / f"obj{number}").glob("*.cpp"), key=lambda path: (-path.stat().st_size, path.name))
        large = sum(path.stat().st_size for path in generated) > _LARGE_BYTES
        lightest = loads.index(min(loads))
        for path in generated:
            lines = ["#undef VL_PCH_INCLUDED", f'#include "{path.relative_to(folder)}"']  # each model has its header
            if large and path.name.endswith("__Slow.cpp"):  # Verilator's name for what runs once
                cold += lines
                continue
            if large or len(designs) < _JOBS:
                lightest = loads.index(min(loads))
            groups[lightest] += lines
            loads[lightest] += path.stat().st_size
        groups[lightest].append(_glue(design, number))
    lines = [f"rtlsim::Model rtlsim_make_{number}(uint32_t seed);" for number in range(len(designs))]
    lines.append("rtlsim::Model rtlsim_make(unsigned index, uint32_t seed) {\n  switch (index) {")
    lines += [f"    case {number}: return rtlsim_make_{number}(seed);" for number in range(len(designs))]
    lines.append("  }\n  return {};\n}")
    groups[0] += lines
    units: list[tuple[Path, tuple[str, ...]]] = []
    for index, group in enumerate([*groups, cold]):
        if group:
            units.append((folder / f"unit{index}.cpp", ("-O0",) if group is cold else ()))
            units[-1][0].write_text("\n".join(['#include "driver.h"', *group, ""]))
    return units


def _glue(design: Design, number: int) -> str:
    rows = "\n".join(f"  r.ports.push_back({_row(port)});" for port in design.ports)
    memories = ", ".join(f'"{name}"' for name in design.memories)
    return f"""#include "obj{number}/V{number}.h"
rtlsim::Model rtlsim_make_{number}(uint32_t seed) {{
  auto* context = new VerilatedContext;
  context->randReset(2);
  context->randSeed(1 + seed % 0x7FFFFFFE);
  auto* m = new V{number}(context, "{design.top}");
  rtlsim::Model r{{"{design.top}", {{}}, {{{memories}}}, &m->ap_clk, &m->ap_rst, &m->ap_start, &m->ap_done, m,
                  [](void* self) {{ ((V{number}*)self)->eval(); }}}};
{rows}
  return r;
}}"""


def _row(port: Port) -> str:
    kind, name, width = port.kind.name, port.name, port.width_bits
    if port.kind is PortKind.SCALAR_IN:
        return f'{{"{name}", rtlsim::{kind}, {width}, &m->{name}, nullptr, nullptr, nullptr}}'
    if port.kind is PortKind.SCALAR_OUT:
        valid = "nullptr" if name == "ap_return" else f"&m->{name}_ap_vld"
        return f'{{"{name}", rtlsim::{kind}, {width}, &m->{name}, {valid}, nullptr, nullptr}}'
    ready = f"&m->{name}_TREADY"
    taken, ours = (ready, "nullptr") if port.kind is PortKind.STREAM_IN else ("nullptr", ready)
    return f'{{"{name}", rtlsim::{kind}, {width}, &m->{name}_TDATA, &m->{name}_TVALID, {taken}, {ours}}}'


def _compile(source: Path, flags: Sequence[str], timeout_seconds: float) -> Path:
    target = source.with_suffix(".o")
    command = [
        *(*verilator_tools.compiler_command(), *flags, *verilator_tools.include_flags(), *_DEFINES),
        *("-c", source.name, "-o", target.name),
    ]
    verilator_tools.run_checked(command, source.parent, "the C++ compiler", timeout_seconds)
    return target


def shared_objects(flags: Sequence[str], timeout_seconds: float) -> list[Path]:
    """Return the driver and Verilator's run-time library, compiled once into the person's cache."""
    driver = paths.testbench_dir() / "rtlsim"
    texts = [(driver / name).read_text() for name in ("driver.h", "driver.cpp")]
    identity = json.dumps([verilator_tools.compiler_identity(), tool(), list(flags), _DEFINES, *texts])
    folder = paths.cache_dir() / "rtlsim-runtime" / hashlib.sha256(identity.encode()).hexdigest()[:16]
    names = [*_RUNTIME, "driver"]

    def make(scratch: Path) -> None:
        for name in names:
            origin = driver if name == "driver" else verilator_tools.verilator_root() / "include"
            copy = scratch / f"{name}.cpp"
            copy.write_text(f'#include "{origin / f"{name}.cpp"}"\n')
            _compile(copy, (*flags, f"-I{driver}"), timeout_seconds)
            copy.unlink()

    return made_once(folder, [f"{name}.o" for name in names], make)
