"""The same jobs in Icarus Verilog, for small designs without memories: a second simulator that must agree on every word and cycle."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import jinja2

from aigchip.core import paths
from aigchip.core.errors import ToolMissingError
from aigchip.toolchain import verilator_tools
from aigchip.toolchain.rtlsim.model import Design, Job, JobResult, Outcome, PortKind, RequestError
from aigchip.toolchain.verilator_tools import RtlBuildError, SimulationError


def compiler() -> str:
    """Return the path of iverilog.

    Raises:
        ToolMissingError: it is not installed.
    """
    found = shutil.which("iverilog")
    if found is None or shutil.which("vvp") is None:
        raise ToolMissingError(
            "iverilog",
            "Icarus Verilog is not on PATH",
            "Run: sudo apt-get install iverilog",
            code="tool-missing",
        )
    return found


def tool() -> str:
    """Name the simulator with its version, as figures carry it."""
    out = subprocess.run([compiler(), "-V"], capture_output=True, text=True, check=False, timeout=60)
    return f"iverilog {out.stdout.split()[3]}"


def run(design: Design, job: Job, *, timeout_seconds: float = 300.0) -> JobResult:
    """Build a bench for one job and run it; `job.design` is not looked at.

    Raises:
        RequestError: the design has memories.
        RtlBuildError: Icarus refuses the RTL.
        SimulationError: the simulation crashed or took too long.
        ToolMissingError: Icarus is not installed.
    """
    if design.memories:
        raise RequestError(
            design.name,
            f"memories are {list(design.memories)}; must be none for Icarus",
            "Simulate it with Verilator.",
            code="memories",
        )
    started = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="rtlsim-") as scratch:
        folder = Path(scratch)
        (folder / "bench.v").write_text(_bench(design, job, folder))
        command = [
            *(compiler(), "-g2005", "-o", "program", "-s", "rtlsim_bench", "bench.v"),
            *(str(path.resolve()) for path in design.sources),
        ]
        code, output = verilator_tools.run_tool(
            command, cwd=folder, timeout_seconds=timeout_seconds, what="iverilog", where=design.name
        )
        if code:
            raise RtlBuildError(
                design.name,
                f"iverilog refuses the RTL: {verilator_tools.first_error(output)}",
                "Correct the module that it names.",
                code="iverilog",
            )
        settings = {
            "seed": job.seed & 0xFFFFFFFF,
            "stall_in": round(job.stall_in * 65536),
            "stall_out": round(job.stall_out * 65536),
            "watchdog": job.watchdog_cycles,
        }
        code, output = verilator_tools.run_tool(
            ["vvp", "program", *(f"+{name}={value}" for name, value in settings.items())],
            cwd=folder,
            timeout_seconds=timeout_seconds,
            what="the simulation",
            where=design.name,
        )
    try:
        if code:
            raise ValueError(f"exit code {code}")
        outcomes = _outcomes(design, output)
    except ValueError as error:
        raise SimulationError(
            design.name,
            f"Icarus gave no result: {error}",
            "Simulate it with Verilator to compare.",
            code="crash",
        ) from error
    return JobResult(
        outcomes=tuple(outcomes),
        simulated_cycles=sum(outcome.cycles for outcome in outcomes),
        seconds=time.perf_counter() - started,
    )


def _bench(design: Design, job: Job, folder: Path) -> str:
    ports: dict[PortKind, list[dict[str, Any]]] = {kind: [] for kind in PortKind}
    for number, port in enumerate(design.ports):
        ports[port.kind].append({"name": port.name, "width_bits": port.width_bits, "number": number, "words": []})
    calls = []
    for call in job.calls:
        streams = []
        for port in ports[PortKind.STREAM_IN]:
            first = len(port["words"])
            port["words"] += call.streams[port["name"]]
            streams.append((port["name"], first, len(port["words"])))
        scalars = [
            (port["name"], f"{port['width_bits']}'h{call.scalars[port['name']]:x}")
            for port in ports[PortKind.SCALAR_IN]
        ]
        calls.append({"scalars": scalars, "streams": streams})
    for port in ports[PortKind.STREAM_IN]:
        (folder / f"{port['name']}.hex").write_text("".join(f"{word:x}\n" for word in port["words"]))
    template = (paths.testbench_dir() / "rtlsim" / "bench.v.j2").read_text()
    environment = jinja2.Environment(trim_blocks=True, undefined=jinja2.StrictUndefined)  # noqa: S701 (Verilog)
    return environment.from_string(template).render(
        top=design.top,
        scalars_in=ports[PortKind.SCALAR_IN],
        scalars_out=ports[PortKind.SCALAR_OUT],
        sources=ports[PortKind.STREAM_IN],
        sinks=ports[PortKind.STREAM_OUT],
        calls=calls,
    )


def _outcomes(design: Design, text: str) -> list[Outcome]:
    outcomes: list[Outcome] = []
    streams, scalars, left, waiting = _fresh(design)
    for line in text.splitlines():
        what, _, rest = line.partition(" ")
        name, _, value = rest.partition(" ")
        if what == "word":
            streams[name].append(int(value, 16))
        elif what == "scalar":
            scalars[name] = int(value, 16)
        elif what == "left":
            left[name] = int(value)
        elif what == "stuck":
            waiting = ()
        elif what == "waiting":
            waiting = (*(waiting or ()), rest)
        elif what == "cycles":
            outcomes.append(
                Outcome(
                    cycles=int(name),
                    waiting=waiting,
                    faults=(),
                    streams=streams,
                    left=left,
                    scalars=scalars,
                    memories={},
                )
            )
            streams, scalars, left, waiting = _fresh(design)
    return outcomes


def _fresh(design: Design) -> tuple[dict[str, list[int]], dict[str, int], dict[str, int], tuple[str, ...] | None]:
    return {port.name: [] for port in design.ports if port.kind is PortKind.STREAM_OUT}, {}, {}, None
