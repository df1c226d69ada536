"""Co-simulate an assembled accelerator: its RTL against numpy, bit by bit, with cycles and the FIFOs' marks."""

from __future__ import annotations

import base64
import json
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import jinja2
import numpy as np

from aigchip.core import atomic, paths
from aigchip.core.errors import AigchipError
from aigchip.core.figures import Figure
from aigchip.mapping import Geometry, LayerRun, Operands
from aigchip.toolchain import deadlock, registers, shell, verilator, verilator_tools

BENCH = "cosim_accelerator"
_WATCHDOG_CYCLES = 20_000
_LIMIT_CYCLES = 2_000_000
_GUARD_BYTES = 64
_READ = "gmem_a", "gmem_b"


class CosimError(AigchipError):
    """Report an accelerator that fails co-simulation. `code` is wrong-result, deadlock, protocol or counter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fifo:
    """The most words that a FIFO held, of how many it can hold."""

    name: str
    depth: int
    high_water: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CosimRun:
    """A layer with its data, and how the memory behaves while it runs.

    Attributes:
        run: What is computed.
        stall: Mean probability that a memory channel rests in a cycle, 0 to 0.9.
        latency_cycles: From a read request to its first word [cycles].
    """

    run: LayerRun
    stall: float = 0.0
    latency_cycles: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.stall <= 0.9:
            raise ValueError(f"stall is {self.stall}; must be 0 to 0.9")


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerResult:
    """One layer that came out bit-exact.

    Attributes:
        run: What was computed.
        cycles: From the write of ap_start to ap_done, by the shell's counter.
        bench_cycles: The same as the bench's clock saw it, a few cycles more for the control bus.
    """

    run: CosimRun
    cycles: int
    bench_cycles: int

    @property
    def macs_per_cycle(self) -> float:
        """Multiplications of the layer in a cycle."""
        return self.run.run.layer.macs / self.cycles


@dataclass(frozen=True, slots=True, kw_only=True)
class CosimResult:
    """Hold what the co-simulation of a design showed; that it exists means that every byte was right.

    Attributes:
        layers: The layers, in the order of the run.
        fifos: High-water marks over the whole run.
        tool: The simulator with its version.
        build_seconds: Wall time of the model's build [s], near 0 when it was there.
        run_seconds: Wall time of the run without the start of Python [s].
        simulated_cycles: Clock cycles of the whole run.
    """

    layers: tuple[LayerResult, ...]
    fifos: tuple[Fifo, ...]
    tool: str
    build_seconds: float
    run_seconds: float
    simulated_cycles: int

    @property
    def cycles_per_second(self) -> float:
        """Simulation speed [cycles/s]."""
        return self.simulated_cycles / max(self.run_seconds, 1e-9)

    def figures(self) -> tuple[Figure, ...]:
        """Cycles of each layer."""
        return tuple(Figure(value=r.cycles, unit="cycles", kind="simulated", tool=self.tool) for r in self.layers)

    def to_dict(self) -> dict[str, Any]:
        """Give the JSON form."""
        return {
            "layers": [
                {"run": asdict(r.run), "bit_exact": True, "cycles": figure.to_dict(), "bench_cycles": r.bench_cycles}
                for r, figure in zip(self.layers, self.figures(), strict=True)
            ],
            "fifos": [asdict(fifo) for fifo in self.fifos],
            "tool": self.tool,
            "build_seconds": self.build_seconds,
            "run_seconds": self.run_seconds,
            "simulated_cycles": self.simulated_cycles,
        }


def wrap(rtl_dir: Path, network: Mapping[str, Any], out: Path) -> tuple[Path, ...]:
    """Write the bench's top, and the shell where there is none, and return all Verilog files of the simulation.

    Args:
        rtl_dir: The kernel's Verilog files.
        network: The contents of network.json.
        out: The folder for the two files.

    Raises:
        KernelPortError: the kernel does not fit the shell.
    """
    sources = sorted(rtl_dir.glob("*.v"))
    kernel = str(network["top"])
    memories = [shell.MemoryPort(name=m["name"], width_bits=m["width_bits"]) for m in network["maxi"]]
    text = next((t for path in sources if f"module {kernel} " in (t := path.read_text())), "")
    if not any(path.stem == f"{kernel}_shell" for path in sources):
        sources.append(out / f"{kernel}_shell.v")
        atomic.write_text(sources[-1], shell.render(text, kernel=kernel, memories=memories))
    ports = shell.outer_ports(memories)
    checks = _axi_checks(memories)
    environment = jinja2.Environment(  # noqa: S701 (Verilog, never HTML)
        undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True
    )
    template = environment.from_string((paths.testbench_dir() / "cosim_top.v.j2").read_text())
    rendered = template.render(
        shell_module=f"{kernel}_shell",
        axi_ports=[{"direction": way, "name": name, "width_bits": bits} for way, name, bits in ports],
        control_ports=[name for names in shell.CONTROL.values() for name in names],
        axi_checks=checks,
        processes=_told(description=network, kernel_text=text),
        fifos=[{"instance": fifo["path"].split(".", 1)[1]} for fifo in network["fifos"]],
    )
    atomic.write_text(out / "cosim_top.v", rendered)
    return (*sources, out / "cosim_top.v")


def _told(*, description: Mapping[str, Any], kernel_text: str) -> list[str]:
    """Return the processes of which the kernel says whether they have ended (csynth's tops do)."""
    names = [process["name"] for process in description.get("processes", ())]
    return [name for name in names if f"reg {name}_finished" in kernel_text]


def _axi_checks(memories: Sequence[shell.MemoryPort]) -> list[dict[str, Any]]:
    """Describe what the bench's top watches: each channel that the accelerator drives, and the two that it receives."""
    found = []
    for memory in memories:
        for channel in ("AW", "AR", "W", "R", "B"):
            prefix = f"m_axi_{memory.name}_{channel}"
            signals = {"W": ("DATA", "STRB", "LAST"), "R": ("DATA", "LAST"), "B": ("RESP",)}.get(
                channel, ("ADDR", "LEN", "SIZE", "BURST")
            )
            widths = {"DATA": memory.width_bits, "STRB": memory.width_bits // 8, "LAST": 1, "RESP": 2}
            widths |= {"ADDR": 64, "LEN": 8, "SIZE": 3, "BURST": 2}
            request = channel in ("AW", "AR")
            found.append(
                {
                    "name": f"{memory.name}_{channel}",
                    "valid": f"{prefix}VALID",
                    "ready": f"{prefix}READY",
                    "payload": [f"{prefix}{signal}" for signal in signals],
                    "width_bits": sum(widths[signal] for signal in signals),
                    "address": f"{prefix}ADDR" if request else "",
                    "length": f"{prefix}LEN" if request else "",
                    "word_bytes": memory.width_bits // 8,
                }
            )
    return found


def cosimulate(
    rtl_dir: Path,
    *,
    network: Path,
    geometry: Geometry,
    runs: Sequence[CosimRun],
    cache: Path,
    work: Path,
    where: str = "accelerator",
    timeout_seconds: float = 600.0,
) -> CosimResult:
    """Run layers on an accelerator's RTL, one after another without a reset, and compare every byte with numpy.

    Args:
        rtl_dir: The kernel's Verilog files: top, modules, cells, control registers.
        network: The network.json that describes its FIFOs and registers.
        geometry: The design's sizes, by which operands lie in memory.
        runs: What to compute, each with its own data, addresses, back-pressure and memory latency.
        cache: The folder of simulation models.
        work: The folder for this run's files.
        where: The design's name for error texts.
        timeout_seconds: Limit on the build's tool calls and on the run [s].

    Raises:
        MappingError: the design cannot do a layer.
        CosimError: a wrong byte, a deadlock, a broken AXI rule, or a counter that does not fit.
        RtlBuildError: Verilator refuses the RTL.
        SimulationError: the simulation itself failed.
    """
    description = json.loads(network.read_text())
    with atomic.storage_errors(work):
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(parents=True)
    started = time.monotonic()
    sources = wrap(rtl_dir, description, work)
    model = verilator.build(sources, top="cosim_top", cache=cache, timeout_seconds=timeout_seconds)
    build_seconds = time.monotonic() - started
    memories = [memory["name"] for memory in description["maxi"]]
    operands = [run.run.operands(geometry) for run in runs]
    request = {
        "memories": memories,
        "fifos": len(description["fifos"]),
        "processes": len(description.get("processes", ())),
        "axi_channels": [f"{name}_{channel}" for name in memories for channel in ("AW", "AR", "W", "R", "B")],
        "jobs": [
            _job(run, data, index, description) for index, (run, data) in enumerate(zip(runs, operands, strict=True))
        ],
        "limit_cycles": _LIMIT_CYCLES,
    }
    result = verilator.run(
        model,
        bench=BENCH,
        bench_dir=paths.testbench_dir(),
        work=work,
        request=request,
        seed=runs[0].run.seed,
        timeout_seconds=timeout_seconds,
    )
    if result["id"] != shell.ID:
        raise CosimError(where, f"the shell's id is 0x{result['id']:08x}; must be 0x{shell.ID:08x}", code="counter")
    done = tuple(
        _judge(f"{where}: layer {index + 1} ({run.run.name})", run, data, geometry, index, job, description)
        for index, (run, data, job) in enumerate(zip(runs, operands, result["jobs"], strict=False))
    )
    return CosimResult(
        layers=done,
        fifos=tuple(
            Fifo(name=fifo["name"], depth=fifo["depth"], high_water=high)
            for fifo, high in zip(description["fifos"], result["jobs"][-1]["high"], strict=True)
        ),
        tool=verilator_tools.tool(),
        build_seconds=build_seconds,
        run_seconds=result["seconds"],
        simulated_cycles=result["cycles"],
    )


def _addresses(index: int, word_bytes: int) -> tuple[int, int, int]:
    """Return byte addresses of A, B and C: word-aligned, near the end of a 4 KiB page, every other job above 4 GiB."""
    high, near = (index % 2) << 33, 4096 - word_bytes
    return tuple(high + (part + 1 << 28) + (index << 24) + near for part in range(3))  # type: ignore[return-value]


def _job(run: CosimRun, operands: Operands, index: int, description: Mapping[str, Any]) -> dict[str, Any]:
    address_a, address_b, address_c = _addresses(index, description["maxi"][0]["width_bits"] // 8)
    places = {"gmem_a": address_a, "gmem_b": address_b, "gmem_c": address_c}
    values = operands.job.to_dict() | places
    length = operands.bytes_c + 2 * _GUARD_BYTES
    return {
        "images": {
            "gmem_a": {"address": address_a, "data": base64.b64encode(operands.image_a).decode()},
            "gmem_b": {"address": address_b, "data": base64.b64encode(operands.image_b).decode()},
            "gmem_c": {
                "address": address_c - _GUARD_BYTES,
                "data": base64.b64encode(_untouched(length)).decode(),
            },
        },
        "readback": {"gmem_c": {"address": address_c - _GUARD_BYTES, "length": length}},
        "registers": registers.writes(description, values),
        "stall": run.stall,
        "latency_cycles": run.latency_cycles,
        "seed": run.run.seed,
    }


def _untouched(length: int) -> bytes:
    return bytes((0xA5 ^ (index * 29)) & 0xFF for index in range(length))


def _judge(  # noqa: PLR0917 - all that a verdict rests on
    where: str,
    run: CosimRun,
    operands: Operands,
    geometry: Geometry,
    index: int,
    job: Mapping[str, Any],
    description: Mapping[str, Any],
) -> LayerResult:
    if job["stuck"]:
        raise CosimError(
            where,
            deadlock.describe(description, _waiting(job)),
            "Deepen the FIFO that is full or correct its two ends.",
            code="deadlock",
        )
    if job["axi_faults"]:
        raise CosimError(
            where,
            f"{job['axi_faults']} times an AXI rule is broken on the memory ports "
            "(an offer that changes or is withdrawn, or a burst across 4 KiB)",
            "Report the design.",
            code="protocol",
        )
    memory = base64.b64decode(job["memories"]["gmem_c"])
    before = _untouched(len(memory))
    for place, part in (("before", slice(0, _GUARD_BYTES)), ("after", slice(len(memory) - _GUARD_BYTES, None))):
        if memory[part] != before[part]:
            raise CosimError(
                where, f"memory {place} C was overwritten", "Correct store_c's addresses.", code="wrong-result"
            )
    found = run.run.found(geometry, operands.job, memory[_GUARD_BYTES : len(memory) - _GUARD_BYTES])
    expected = run.run.reference()
    if not np.array_equal(found, expected):
        channel, row, column = (int(axis[0]) for axis in np.nonzero(found != expected))
        raise CosimError(
            where,
            f"C[{channel}, {row}, {column}] is {found[channel, row, column]}; "
            f"must be {expected[channel, row, column]} "
            f"({int((found != expected).sum())} of {found.size} elements are wrong)",
            "Compare the modules' RTL with their vectors to find the one that differs.",
            code="wrong-result",
        )
    if job["runs"] != index + 1 or abs(job["bench_cycles"] - job["shell_cycles"]) > 64:
        raise CosimError(
            where,
            f"the shell counted {job['shell_cycles']} cycles and {job['runs']} runs; the bench saw "
            f"{job['bench_cycles']} cycles and {index + 1} runs",
            "Report the design.",
            code="counter",
        )
    return LayerResult(run=run, cycles=job["shell_cycles"], bench_cycles=job["bench_cycles"])


def _waiting(job: Mapping[str, Any]) -> deadlock.Waiting:
    quiet = job["stuck"] == "quiet"
    return deadlock.Waiting(
        quiet=quiet,
        cycles=_WATCHDOG_CYCLES if quiet else _LIMIT_CYCLES,
        count=job["count"],
        producer_waits=job["producer_waits"],
        consumer_waits=job["consumer_waits"],
        finished=job["finished"],
        axi_waits=job["axi_waits"],
    )
