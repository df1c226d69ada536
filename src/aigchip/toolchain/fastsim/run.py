"""Run a list of actions on the fast harness of an accelerator, and give what came of it."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aigchip.core.errors import AigchipError
from aigchip.core.figures import Figure
from aigchip.toolchain import deadlock, shell, verilator_tools
from aigchip.toolchain.fastsim.build import Model
from aigchip.toolchain.fastsim.memory import MemorySystem
from aigchip.toolchain.verilator_tools import SimulationError

WATCHDOG_CYCLES = 20_000
LIMIT_CYCLES = 100_000_000


class FastsimError(AigchipError):
    """Report an accelerator that gets stuck or breaks a rule of AXI. `code` is deadlock, protocol, decode or control."""


@dataclass(frozen=True, slots=True)
class Load:
    """Put bytes into memory, at no time."""

    address: int
    data: bytes | memoryview


@dataclass(frozen=True, slots=True)
class Write:
    """Write a register of the shell or the kernel, as a host does."""

    register: int
    value: int


@dataclass(frozen=True, slots=True)
class Read:
    """Read a register; the value is in the result's `reads`."""

    register: int


@dataclass(frozen=True, slots=True)
class Run:
    """Write a register that starts the accelerator (ap_start by default), and wait for its interrupt: Start and Wait."""

    register: int = 0
    value: int = 1


@dataclass(frozen=True, slots=True)
class Start:
    """Write a register that starts the accelerator (ap_start by default), and go on."""

    register: int = 0
    value: int = 1


@dataclass(frozen=True, slots=True)
class Wait:
    """Wait for the interrupt of what was started."""


@dataclass(frozen=True, slots=True)
class Protect:
    """Let the memory refuse writes to a range from now on, with SLVERR."""

    address: int
    length: int


@dataclass(frozen=True, slots=True)
class Dump:
    """Take bytes from memory; they are in the result's `dumps` by this name."""

    name: str
    address: int
    length: int


@dataclass(frozen=True, slots=True)
class Idle:
    """Let the clock run [cycles]."""

    cycles: int


Action = Load | Write | Read | Run | Start | Wait | Protect | Dump | Idle

#: Lets the interrupt through; clears it after a run.
ENABLE_INTERRUPT = (Write(0x04, 1), Write(0x08, 1))
CLEAR_INTERRUPT = Write(0x0C, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """What one channel of an AXI bus did while the kernel ran [cycles].

    Attributes:
        moved: A word or request went over.
        blocked: It was offered and not taken.
        starved: It would have been taken and was not there.
    """

    moved: int
    blocked: int
    starved: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MasterStatistics:
    """One AXI master while the kernel ran: its channels by name (AR, R, AW, W, B), bytes and bursts."""

    channels: Mapping[str, Channel]
    bytes_read: int
    bytes_written: int
    read_bursts: int
    write_bursts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FifoStatistics:
    """One FIFO while the kernel ran.

    Attributes:
        full_cycles: Cycles in which a word was offered to it and there was no place.
        words: Words that went through.
        high_water: The most words that it held since the reset.
    """

    full_cycles: int
    words: int
    high_water: int


@dataclass(frozen=True, slots=True, kw_only=True)
class JobResult:
    """One run of the kernel.

    Attributes:
        start_cycle: When it began, in cycles from the write that started the whole.
        cycles: From its start to its end, as the shell counts.
        masters: What the memory ports did, by master.
        fifos: What the FIFOs did, by name; empty unless the model counts it.
        waits: Cycles in which a port held its process up, by `process.port`; empty unless the model counts it.
        signals: Cycles in which each condition of the model's probes held.
        tool: The simulator with its version.
    """

    start_cycle: int
    cycles: int
    masters: Mapping[str, MasterStatistics]
    fifos: Mapping[str, FifoStatistics]
    waits: Mapping[str, int]
    signals: Mapping[str, int]
    tool: str

    @property
    def figure(self) -> Figure:
        """The cycles as a figure."""
        return Figure(value=self.cycles, unit="cycles", kind="simulated", tool=self.tool)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunResult:
    """One start by the host: a single run of the kernel, or a program of many.

    Attributes:
        cycles: From the host's write to the interrupt.
        jobs: The kernel's runs in it.
        tool: The simulator with its version.
    """

    cycles: int
    jobs: tuple[JobResult, ...]
    tool: str

    @property
    def figure(self) -> Figure:
        """The cycles as a figure."""
        return Figure(value=self.cycles, unit="cycles", kind="simulated", tool=self.tool)


@dataclass(frozen=True, slots=True, kw_only=True)
class FastResult:
    """What a simulation gave.

    Attributes:
        runs: One for each action Run or Wait.
        dumps: Bytes of memory, by the names of the actions Dump.
        reads: Values of the actions Read, in order.
        simulated_cycles: Clock cycles from the reset.
        seconds: Wall time of the runs [s].
        cpu_seconds: Processor time of the runs [s].
        run_cycles: Clock cycles in which a run was waited for.
        decode_errors: Words outside the memory, which were answered with DECERR.
        row_changes: Rows that bursts opened in the memory, where the memory counts them.
        most_open: For each physical port the most bursts that were under way: reads, writes.
        tool: The simulator with its version.
    """

    runs: tuple[RunResult, ...]
    dumps: Mapping[str, bytes]
    reads: tuple[int, ...]
    simulated_cycles: int
    seconds: float
    cpu_seconds: float
    run_cycles: int
    decode_errors: int
    row_changes: int
    most_open: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    tool: str

    @property
    def jobs(self) -> tuple[JobResult, ...]:
        """The kernel's runs of all starts."""
        return tuple(job for run in self.runs for job in run.jobs)

    @property
    def cycles_per_second(self) -> float:
        """Simulation speed [cycles/s of processor time]."""
        return self.run_cycles / max(self.cpu_seconds, 1e-9)


def run(
    model: Model,
    memory: MemorySystem,
    actions: Sequence[Action],
    *,
    where: str = "accelerator",
    watchdog_cycles: int = WATCHDOG_CYCLES,
    limit_cycles: int = LIMIT_CYCLES,
    timeout_seconds: float = 3600.0,
) -> FastResult:
    """Reset the accelerator and carry out the actions one after another.

    Args:
        model: The program.
        memory: The memory behind the masters.
        actions: What to do; the last ones are Dump where results are wanted.
        where: The design's name for error texts.
        watchdog_cycles: A run is stuck when neither a memory port nor a FIFO moves for so long.
        limit_cycles: A run is stuck when it takes longer.
        timeout_seconds: Limit on the whole [s].

    Raises:
        FastsimError: A run gets stuck, an AXI rule is broken, or an address lies outside the memory.
        SimulationError: The program crashed or took too long.
    """
    with tempfile.TemporaryDirectory(prefix="fastsim-") as scratch:
        folder = Path(scratch)
        limits = f"limits {watchdog_cycles} {limit_cycles}"
        with (folder / "images").open("wb") as images:
            lines = [*memory.commands(), limits, "reset"]
            for action in actions:
                lines.append(_command(action, images.tell()))
                if isinstance(action, Load):
                    images.write(action.data)
        (folder / "commands").write_text("\n".join([*lines, ""]))
        command = [str(model.executable), "commands", "images", "dumps", "result"]
        code, output = verilator_tools.run_tool(
            command, cwd=folder, timeout_seconds=timeout_seconds, what="the simulation", where=where
        )
        if code:
            told = output.strip().splitlines()
            raise SimulationError(
                where, f"the simulation ended with exit code {code}: {told[-1] if told else 'no output'}", code="crash"
            )
        found = json.loads((folder / "result").read_text())
        _judge(where, found, model, watchdog_cycles, limit_cycles)
        dumps = (folder / "dumps").read_bytes()
    return _result(model, found, _split(dumps, actions))


def _command(action: Action, offset: int) -> str:
    match action:
        case Load(address, data):
            return f"load {address} {offset} {len(data)}"
        case Write(register, value):
            return f"write {register} {value}"
        case Read(register):
            return f"read {register}"
        case Run(register, value):
            return f"start {register} {value}\nwait"
        case Start(register, value):
            return f"start {register} {value}"
        case Wait():
            return "wait"
        case Protect(address, length):
            return f"protect {address} {length}"
        case Dump(_, address, length):
            return f"dump {address} {length}"
        case Idle(cycles):
            return f"idle {cycles}"


def _split(dumps: bytes, actions: Sequence[Action]) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    at = 0
    for action in actions:
        if isinstance(action, Dump):
            found[action.name] = dumps[at : at + action.length]
            at += action.length
    return found


def _judge(where: str, found: Mapping[str, Any], model: Model, watchdog_cycles: int, limit_cycles: int) -> None:
    """Raise when the simulation is not to be believed: most telling fault first."""
    if found["fault_count"]:
        raise FastsimError(
            where,
            f"{found['fault_count']} times a rule is broken on the memory ports; first: {found['faults'][0]}",
            "Report the design.",
            code="protocol",
        )
    if found["stuck"]:
        network = json.loads(model.network.read_text())
        waiting = _waiting(network, found["stuck"], watchdog_cycles, limit_cycles)
        raise FastsimError(
            where,
            deadlock.describe(network, waiting),
            "Deepen the FIFO that is full or correct its two ends.",
            code="deadlock",
        )
    if found["control_stuck"]:
        raise FastsimError(where, "a register does not answer", "Report the design.", code="control")


def _waiting(
    network: Mapping[str, Any], stuck: Mapping[str, Any], watchdog_cycles: int, limit_cycles: int
) -> deadlock.Waiting:
    quiet, probes = stuck["why"] == "quiet", stuck["probes"]
    states = [probes[f"state/{fifo['name']}"] for fifo in network["fifos"]]
    names = [process["name"] for process in network.get("processes", ())]
    return deadlock.Waiting(
        quiet=quiet,
        cycles=watchdog_cycles if quiet else limit_cycles,
        count=[state & 0xFFFFFFFF for state in states],
        producer_waits=[bool(state >> 32 & 1) for state in states],
        consumer_waits=[bool(state >> 33 & 1) for state in states],
        finished=[bool(probes[f"finished/{name}"]) for name in names if f"finished/{name}" in probes],
        axi_waits=stuck["axi_waits"],
    )


def _result(model: Model, found: Mapping[str, Any], dumps: Mapping[str, bytes]) -> FastResult:
    runs: list[RunResult] = []
    before: Mapping[str, Any] | None = None
    for run_found in found["runs"]:
        jobs: list[JobResult] = []
        for job in run_found["jobs"]:
            jobs.append(_job(job, before, model.tool))
            before = job
        runs.append(RunResult(cycles=run_found["cycles"], jobs=tuple(jobs), tool=model.tool))
    return FastResult(
        runs=tuple(runs),
        dumps=dumps,
        reads=tuple(found["reads"]),
        simulated_cycles=found["cycles"],
        seconds=found["seconds"],
        cpu_seconds=found["cpu_seconds"],
        run_cycles=found["run_cycles"],
        decode_errors=found["decode_errors"],
        row_changes=found["row_changes"],
        most_open={name: (port["most_reads"], port["most_writes"]) for name, port in found["ports"].items()},
        tool=model.tool,
    )


def _job(job: Mapping[str, Any], before: Mapping[str, Any] | None, tool: str) -> JobResult:
    """Give a run with what was counted in it: the counts at its end less those at the end of the run before."""
    masters: dict[str, MasterStatistics] = {}
    for name, now in job["masters"].items():
        then = before["masters"][name] if before else {key: [0] * len(value) for key, value in now.items()}
        less = {key: [a - b for a, b in zip(value, then[key], strict=True)] for key, value in now.items()}
        masters[name] = MasterStatistics(
            channels={
                key: Channel(moved=less[key][0], blocked=less[key][1], starved=less[key][2])
                for key in ("AR", "R", "AW", "W", "B")
            },
            bytes_read=less["bytes"][0],
            bytes_written=less["bytes"][1],
            read_bursts=less["bursts"][0],
            write_bursts=less["bursts"][1],
        )
    probes = job["probes"]
    earlier = before["probes"] if before else dict.fromkeys(probes, 0)

    def counted(name: str) -> int:
        return probes[name] - earlier[name]

    def named(kind: str) -> list[str]:
        return [name.split("/", 1)[1] for name in probes if name.startswith(f"{kind}/")]

    return JobResult(
        start_cycle=job["start"],
        cycles=job["end"] - job["start"],
        masters=masters,
        fifos={
            name: FifoStatistics(
                full_cycles=counted(f"full/{name}"),
                words=counted(f"moved/{name}"),
                high_water=probes[f"high/{name}"],
            )
            for name in named("high")
        },
        waits={name: counted(f"wait/{name}") for name in named("wait")},
        signals={name: counted(f"signal/{name}") for name in named("signal")},
        tool=tool,
    )


def read_cycles() -> tuple[Read, Read]:
    """Return the actions that read the shell's counter of the last run: its low and its high half."""
    return Read(shell.REGISTER_CYCLES_LOW), Read(shell.REGISTER_CYCLES_HIGH)
