"""Simulate layers on an accelerator's RTL with the fast harness: one list of jobs in memory, one start, every byte compared."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from aigchip.board import Board
from aigchip.core.figures import Figure
from aigchip.mapping import Geometry, LayerRun, Operands, Traffic
from aigchip.toolchain import fastsim, program, registers, shell
from aigchip.toolchain.cosim import CosimError

#: Byte boundary of every image and map: a page.
_ALIGNED_BYTES = 4096
#: Bytes around each output map that must not change.
_GUARD_BYTES = 4096
_UNTOUCHED = 0xA5
#: Distance of the regions where there are no stripes: more than any of them takes.
_APART_BYTES = 1 << 30
_APART = {"a": "a", "b": "b", "c": "c"}


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
    network = json.loads(model.network.read_text())
    operands = [run.operands(geometry, traffic) for run in runs]
    space = Space(ports, geometry.word_bytes)
    jobs = []
    outputs: list[tuple[int, int]] = []
    for data in operands:
        places = {
            "gmem_a": space.put("a", data.image_a),
            "gmem_b": space.put("b", data.image_b),
            "gmem_c": space.put("c", bytes([_UNTOUCHED]) * (data.bytes_c + 2 * _GUARD_BYTES)) + _GUARD_BYTES,
        }
        outputs.append((places["gmem_c"] - _GUARD_BYTES, data.bytes_c + 2 * _GUARD_BYTES))
        jobs.append(registers.writes(network, data.job.to_dict() | places))
    listed = program.assemble(jobs)
    actions, program_at = space.actions(network, listed.image)
    actions += [*start_program(program_at), *space.dumps("c")]
    result = fastsim.run(model, memory, actions, where=where, timeout_seconds=timeout_seconds)
    written = space.joined("c", result.dumps)
    for number, (run, data, (start, length)) in enumerate(zip(runs, operands, outputs, strict=True), start=1):
        _judge(
            f"{where}: layer {number} ({run.name})", run, data, geometry, written[start - space.first("c") :][:length]
        )
    return SimulatedLayers(
        layers=tuple(SimulatedLayer(run=run, result=job) for run, job in zip(runs, result.jobs, strict=True)),
        cycles=result.runs[0].figure,
        cycles_per_second=result.cycles_per_second,
        build_seconds=model.build_seconds,
    )


def start_program(program_at: int) -> list[fastsim.Action]:
    """Return what runs a program in memory to its end."""
    return [
        *fastsim.ENABLE_INTERRUPT,
        fastsim.Write(shell.REGISTER_PROGRAM, program_at & 0xFFFFFFFF),
        fastsim.Write(shell.REGISTER_PROGRAM + 4, program_at >> 32),
        fastsim.Run(shell.REGISTER_COMMAND, 1),
    ]


class Space:
    """Regions of memory as the kernel's operands see them, and the stripes on which they lie.

    Args:
        ports: masters that each operand lies on.
        word_bytes: of a memory word, all masters of an operand together.
        regions: operand to its region; two operands may share one.
    """

    def __init__(self, ports: int, word_bytes: int, regions: Mapping[str, str] = _APART) -> None:
        self._ports = ports
        self._word_bytes = word_bytes
        self._region_of = dict(regions)
        self._regions = {region: bytearray() for region in dict.fromkeys(regions.values())}
        self._at: dict[str, list[int]] = {}

    def put(self, name: str, data: bytes) -> int:
        """Add bytes to a region, from a page of every stripe on, and return their address in it."""
        region = self._regions[name]
        start = len(region)
        page = _ALIGNED_BYTES * self._ports
        region += data
        region += bytes(-len(region) % page)
        return start + self.first(name)

    def first(self, name: str) -> int:
        """Return the kernel's address of a region: its place in memory where there are no stripes, else 0."""
        return _APART_BYTES * list(self._regions).index(name) if self._ports == 1 else 0

    def actions(self, network: Mapping[str, Any], image: bytes) -> tuple[list[fastsim.Action], int]:
        """Return what loads all regions and a program and says where they lie, and the program's address."""
        memories = [shell.MemoryPort(name=m["name"], width_bits=m["width_bits"]) for m in network["maxi"]]
        bases = {base.master: base.register for base in shell.bases(memories, shell.Options(ports=self._ports))}
        found: list[fastsim.Action] = []
        at = 0
        for name, region in self._regions.items():
            operands = [operand for operand, its in self._region_of.items() if its == name]
            self._at[name] = []
            for part, data in enumerate(self._split(bytes(region))):
                at = max(at, self.first(name))
                found.append(fastsim.Load(at, data))
                self._at[name].append(at)
                for operand in operands:
                    register = bases.get(f"gmem_{operand}_{part}")
                    if register is not None:
                        found += [fastsim.Write(register, at & 0xFFFFFFFF), fastsim.Write(register + 4, at >> 32)]
                at += len(data) + _ALIGNED_BYTES
        found.append(fastsim.Load(at, image))
        return found, at

    def _split(self, region: bytes) -> list[bytes]:
        words = np.frombuffer(region, np.uint8).reshape(-1, self._ports, self._word_bytes // self._ports)
        return [words[:, part].tobytes() for part in range(self._ports)]

    def dumps(self, name: str) -> list[fastsim.Action]:
        """Return what reads a region back."""
        size = len(self._regions[name]) // self._ports
        return [fastsim.Dump(f"{name}{part}", at, size) for part, at in enumerate(self._at[name])]

    def joined(self, name: str, dumps: Mapping[str, bytes]) -> bytes:
        """Return a region from what was read back."""
        part_bytes = self._word_bytes // self._ports
        parts = [
            np.frombuffer(dumps[f"{name}{part}"], np.uint8).reshape(-1, 1, part_bytes) for part in range(self._ports)
        ]
        return np.concatenate(parts, axis=1).tobytes()


def _judge(where: str, run: LayerRun, data: Operands, geometry: Geometry, memory: bytes) -> None:
    for place, part in (("before", memory[:_GUARD_BYTES]), ("after", memory[-_GUARD_BYTES:])):
        if part.count(_UNTOUCHED) != _GUARD_BYTES:
            raise CosimError(
                where, f"memory {place} C was overwritten", "Correct store_c's addresses.", code="wrong-result"
            )
    found = run.found(geometry, data.job, memory[_GUARD_BYTES:-_GUARD_BYTES])
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
