"""Compare a synthesised module with its test vectors in RTL, at full rate and with random stalls on every port."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from aigchip.core import atomic, paths
from aigchip.core.errors import AigchipError
from aigchip.core.figures import Figure
from aigchip.template.module import Port
from aigchip.template.vectors import Vector
from aigchip.toolchain import verilator, verilator_tools
from csynth.rtl.protocol import checks_for, faults_of

BENCH = "cosim_module"
FULL_RATE = "full rate"
STALLS = "random stalls"
SLOW_OUTPUTS = "slow outputs"
_RUNS = (  # name; mean probability that an input, and an output, stalls in a cycle
    (FULL_RATE, 0.0, 0.0),
    (STALLS, 0.4, 0.4),
    (SLOW_OUTPUTS, 0.0, 0.75),
)
_WATCHDOG_CYCLES = 20_000
_REMEDY = "The C++ and the RTL disagree: report the module's source and vectors."


class RtlMismatchError(AigchipError):
    """Report RTL that does not do what the module's vectors say. `code` is mismatch, deadlock, memory or protocol."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call of the module.

    Attributes:
        run: `full rate`, `random stalls` or `slow outputs`.
        vector: The vector's name.
        cycles: From ap_start to ap_done [cycles].
    """

    run: str
    vector: str
    cycles: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ModuleRtlResult:
    """Hold what the simulation of a module showed; that it exists means that every word was right.

    Attributes:
        function: The module.
        calls: Every call, in order.
        tool: The simulator with its version.
        build_seconds: Wall time of the build [s].
        simulation_seconds: Wall time of the run [s].
    """

    function: str
    calls: tuple[Call, ...]
    tool: str
    build_seconds: float
    simulation_seconds: float

    @property
    def cycles(self) -> Figure:
        """Sum of the calls' cycles at full rate."""
        total = sum(call.cycles for call in self.calls if call.run == FULL_RATE)
        return Figure(value=total, unit="cycles", kind="simulated", tool=self.tool)

    def to_dict(self) -> dict[str, Any]:
        """Give the JSON form."""
        return {**asdict(self), "calls": [asdict(call) for call in self.calls], "cycles": self.cycles.to_dict()}


def check_module(
    rtl: Sequence[Path],
    *,
    function: str,
    ports: Sequence[Port],
    vectors: Sequence[Vector],
    cache: Path,
    work: Path,
    seed: int = 1,
    timeout_seconds: float = 300.0,
    region: Mapping[str, Any] | None = None,
) -> ModuleRtlResult:
    """Simulate a module on its vectors and compare every word.

    Args:
        rtl: The module's Verilog files with those that it instantiates.
        function: The top module.
        ports: Its ports as the template declares them.
        vectors: What goes in and must come out; run one after another without a reset between.
        cache: The folder of simulation models.
        work: The folder for this run's files.
        seed: Seed of the stalls.
        timeout_seconds: Limit on the run [s].
        region: The function as a dataflow region (`csynth.link.link.describe`), so that a deadlock names processes and FIFOs.

    Raises:
        RtlMismatchError: a word is wrong, missing or too many, or the module does not end.
        RtlBuildError: Verilator refuses the RTL.
        SimulationError: the simulation itself failed.
    """
    with atomic.storage_errors(work):
        work.mkdir(parents=True, exist_ok=True)
    checks = work / "protocol_checks.sv"
    text = next((path.read_text() for path in rtl if path.stem == function), "")
    atomic.write_text(checks, checks_for(text, function) if f"module {function} " in text else "")
    model = verilator.build([*rtl, checks], top=function, cache=cache, timeout_seconds=timeout_seconds)
    request = {
        "ports": [{"name": port.name, "kind": port.kind, "width_bits": port.width_bits} for port in ports],
        "vectors": [asdict(vector) for vector in vectors],
        "runs": [
            {"name": name, "stall_in": stall_in, "stall_out": stall_out, "seed": seed}
            for name, stall_in, stall_out in _RUNS
        ],
        "watchdog_cycles": _WATCHDOG_CYCLES,
        "region": region and {"processes": region["processes"], "fifos": region["fifos"]},
    }
    started = time.monotonic()
    result = verilator.run(
        model,
        bench=BENCH,
        bench_dir=paths.testbench_dir(),
        work=work,
        request=request,
        seed=seed,
        timeout_seconds=timeout_seconds,
    )
    seconds = time.monotonic() - started
    stopped = any(outcome["deadlock"] is not None for run in result["runs"] for outcome in run["calls"])
    if not stopped and (faults := faults_of((work / "log.txt").read_text())):  # the bench breaks off what has stopped
        raise RtlMismatchError(
            f"{function} (RTL)", f"a port breaks its protocol: {'; '.join(faults)}", _REMEDY, code="protocol"
        )
    widths = {port.name: port.width_bits for port in ports}
    calls = []
    for run in result["runs"]:
        for vector, outcome in zip(vectors, run["calls"], strict=False):
            _compare(f"{function} (RTL, vector {vector.name!r}, {run['name']})", vector, outcome, widths)
            calls.append(Call(run=run["name"], vector=vector.name, cycles=outcome["cycles"]))
    return ModuleRtlResult(
        function=function,
        calls=tuple(calls),
        tool=verilator_tools.tool(),
        build_seconds=model.build_seconds,
        simulation_seconds=seconds,
    )


def _compare(where: str, vector: Vector, outcome: Mapping[str, Any], widths: Mapping[str, int]) -> None:
    if outcome["deadlock"] is not None:
        reasons = "; ".join(outcome["deadlock"]) or "no port is blocked"
        counts = ", ".join(
            f"{name}: {len(outcome['streams_out'].get(name, ()))} of {len(words)} words"
            for name, words in vector.streams_out.items()
        )
        raise RtlMismatchError(
            where,
            f"no progress for {_WATCHDOG_CYCLES} cycles; {reasons}" + (f"; out so far: {counts}" if counts else ""),
            _REMEDY,
            code="deadlock",
        )
    if outcome["faults"]:
        raise RtlMismatchError(where, outcome["faults"][0], _REMEDY, code="memory")
    for name, actual in outcome["streams_out"].items():
        _same_words(where, name, vector.streams_out.get(name, ()), actual, width_bits=widths[name])
    for name, left in outcome["left_in"].items():
        raise RtlMismatchError(where, f"{name}: {left} input words were not taken", _REMEDY, code="mismatch")
    for name, expected in vector.memories_out.items():
        _same_words(where, name, expected, outcome["memories_out"].get(name, ()), width_bits=widths[name])
    if vector.returns is not None and outcome["returns"] != vector.returns:
        width = widths["return"]
        raise RtlMismatchError(
            where,
            f"the returned value is {_word(outcome['returns'], width)}; must be {_word(vector.returns, width)}",
            _REMEDY,
            code="mismatch",
        )


def _same_words(where: str, name: str, expected: Sequence[int], actual: Sequence[int], *, width_bits: int) -> None:
    for index, (wanted, found) in enumerate(zip(expected, actual, strict=False)):
        if wanted != found:
            raise RtlMismatchError(
                where,
                f"{name}[{index}] is {_word(found, width_bits)}; must be {_word(wanted, width_bits)}",
                _REMEDY,
                code="mismatch",
            )
    if len(expected) != len(actual):
        raise RtlMismatchError(
            where, f"{name}: {len(actual)} words came out; must be {len(expected)}", _REMEDY, code="mismatch"
        )


def _word(value: int | None, width_bits: int) -> str:
    return "nothing" if value is None else f"0x{value:0{(width_bits + 3) // 4}x}"
