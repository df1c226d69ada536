"""Simulate layers on an accelerator's RTL with the fast harness: one list of jobs in memory, one start, every byte compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from aigchip.board import Board
from aigchip.core.figures import Figure
from aigchip.mapping import Geometry, LayerRun, Operands, Traffic
from aigchip.toolchain import fastsim
from aigchip.toolchain.cosim import CosimError
from aigchip.toolchain.jobs import Space

#: Bytes around each output map that must not change.
_GUARD_BYTES = 4096
#: What every byte of a guard holds.
UNTOUCHED = 0xA5


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedLayer:
    """A layer that came out bit-exact.

    Attributes:
        run: what was computed.
        result: its cycles and what ports and FIFOs did.
    """

    run: LayerRun
    result: fastsim.JobResult

    @property
    def cycles(self) -> Figure:
        """Cycles from start to end, as the shell counts them."""
        return self.result.figure


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedLayers:
    """Layers that ran one after another with one start.

    Attributes:
        layers: in order.
        cycles: of the whole, jobs read and registers written too.
        cycles_per_second: speed of the simulation [cycles/s of processor time].
        build_seconds: to build the simulation [s], near 0 when it was there.
    """

    layers: tuple[SimulatedLayer, ...]
    cycles: Figure
    cycles_per_second: float
    build_seconds: float


def on_board(board: Board, ports: int) -> dict[str, str]:
    """Return on which of a board's ports each master is: stripe i of every operand shares port i."""
    if ports == 1:
        masters = {f"gmem_{operand}": f"HP{index % board.memory.ports}" for index, operand in enumerate("abc")}
    else:
        masters = {
            f"gmem_{operand}_{part}": f"HP{part % board.memory.ports}" for operand in "abc" for part in range(ports)
        }
    return masters | {"gmem_j": f"HP{board.memory.ports - 1}"}


def simulate(  # noqa: PLR0917 - what a run is made of
    model: fastsim.Model,
    geometry: Geometry,
    ports: int,
    memory: fastsim.MemorySystem,
    runs: Sequence[LayerRun],
    traffic: Traffic | None = None,
    *,
    where: str = "accelerator",
    timeout_seconds: float = 3600.0,
) -> SimulatedLayers:
    """Run layers from a list of jobs in memory and compare every output with numpy.

    Args:
        model: the simulation of the accelerator, with a shell that walks programs and stripes over `ports`.
        geometry: the design's sizes.
        ports: masters that each operand lies on.
        memory: behind the masters.
        runs: what to compute.
        traffic: the memory as tiling sees it.
        where: the design's name for error texts.
        timeout_seconds: limit on the simulation [s].

    Raises:
        MappingError: the design cannot do a layer.
        CosimError: a byte is wrong.
        FastsimError: the accelerator hangs, or breaks a rule of AXI.
    """
    operands = [run.operands(geometry, traffic) for run in runs]
    space = Space(ports, geometry.word_bytes)
    jobs: list[dict[str, int]] = []
    outputs: list[tuple[int, int]] = []
    for data in operands:
        places = {
            "gmem_a": space.put("a", data.image_a),
            "gmem_b": space.put("b", data.image_b),
            "gmem_c": space.put("c", bytes([UNTOUCHED]) * (data.bytes_c + 2 * _GUARD_BYTES)) + _GUARD_BYTES,
        }
        outputs.append((places["gmem_c"] - _GUARD_BYTES, data.bytes_c + 2 * _GUARD_BYTES))
        jobs.append(data.job.to_dict() | places)
    result, written = space.run(model, memory, jobs, wanted="c", where=where, timeout_seconds=timeout_seconds)
    for number, (run, data, (start, length)) in enumerate(zip(runs, operands, outputs, strict=True), start=1):
        judge(
            f"{where}: layer {number} ({run.name})", run, data, geometry, written[start - space.first("c") :][:length]
        )
    return SimulatedLayers(
        layers=tuple(SimulatedLayer(run=run, result=job) for run, job in zip(runs, result.jobs, strict=True)),
        cycles=result.runs[0].figure,
        cycles_per_second=result.cycles_per_second,
        build_seconds=model.build_seconds,
    )


def judge(  # noqa: PLR0917 - what a layer left behind
    where: str, run: LayerRun, data: Operands, geometry: Geometry, memory: bytes, guard_bytes: int = _GUARD_BYTES
) -> None:
    """Compare what a layer left in memory with numpy, byte by byte.

    Args:
        where: for error texts.
        run: what was computed.
        data: its operands.
        geometry: the design's sizes.
        memory: the map of C with `guard_bytes` bytes UNTOUCHED before and after it.
        guard_bytes: how many.

    Raises:
        CosimError: a byte is wrong, or one of the guard was written.
    """
    for place, part in (("before", memory[:guard_bytes]), ("after", memory[-guard_bytes:])):
        if part.count(UNTOUCHED) != guard_bytes:
            raise CosimError(
                where, f"memory {place} C was overwritten", "Correct store_c's addresses.", code="wrong-result"
            )
    found = run.found(geometry, data.job, memory[guard_bytes:-guard_bytes])
    expected = run.reference()
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
