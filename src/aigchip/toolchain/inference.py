"""Simulate a whole quantised network: layers on the RTL with the fast harness, the operators between them on the host."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from aigchip.core.figures import Figure
from aigchip.mapping.plan import Host, Jobs, NetworkPlan
from aigchip.toolchain import fastsim, program, registers
from aigchip.toolchain.cosim import CosimError
from aigchip.toolchain.layers import Space, start_program
from aigchip.workload import reference

#: A map, or what the host computes in real numbers at the end.
Values = NDArray[np.int8] | NDArray[np.float64]
_UNTOUCHED = b"\xa5"
_SHARED = {"a": "a", "b": "maps", "c": "maps"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of an inference.

    Attributes:
        names: the layers that ran with one start, or the operator.
        cycles: of the accelerator, from the start to the end of the list of jobs; None where the host worked.
        host_seconds: of the host, here in numpy [s]; None where the accelerator worked.
    """

    names: tuple[str, ...]
    cycles: Figure | None = None
    host_seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Inference:
    """An inference whose every map came out as the integer reference says.

    Attributes:
        parts: in the order of execution.
        outputs: the network's outputs.
    """

    parts: tuple[Part, ...]
    outputs: dict[str, Values]

    @property
    def cycles(self) -> Figure:
        """Cycles of the accelerator in all."""
        told = [part.cycles for part in self.parts if part.cycles is not None]
        return Figure(
            value=sum(int(figure.value or 0) for figure in told), unit="cycles", kind="simulated", tool=told[0].tool
        )

    @property
    def host_seconds(self) -> float:
        """Time of the host in all [s]."""
        return sum(part.host_seconds or 0.0 for part in self.parts)


def infer(
    model: fastsim.Model,
    laid_out: NetworkPlan,
    ports: int,
    memory: fastsim.MemorySystem,
    picture: NDArray[np.int8],
    *,
    timeout_seconds: float = 3600.0,
) -> Inference:
    """Run a network on one picture and compare the map of every node with the integer reference.

    Args:
        model: the simulation of the accelerator, with a shell that walks programs and stripes over `ports`.
        laid_out: the network for the design.
        ports: masters that each operand lies on.
        memory: behind the masters.
        picture: the input (channels, rows, columns).
        timeout_seconds: limit on the simulation of one start [s].

    Raises:
        CosimError: a map is wrong.
        FastsimError: the accelerator hangs, or breaks a rule of AXI.
    """
    graph, geometry = laid_out.graph, laid_out.geometry
    wanted = reference.run(graph, picture)
    maps = bytearray(_UNTOUCHED * laid_out.maps_bytes)
    laid_out.put_picture(maps, picture)
    values: dict[str, Values] = {}
    parts: list[Part] = []
    for step in laid_out.steps:
        if isinstance(step, Host):
            begun = time.perf_counter()
            values[step.node.name] = reference.run_node(graph, step.node, values)
            parts.append(Part(names=(step.node.name,), host_seconds=time.perf_counter() - begun))
            if step.node.name in laid_out.places:
                laid_out.places[step.node.name].write(geometry, maps, values[step.node.name].astype(np.int8))
            continue
        maps, cycles = _run_jobs(model, laid_out, ports, memory, step, maps, timeout_seconds)
        parts.append(Part(names=tuple(layer.name for layer in step.layers), cycles=cycles))
        for layer in step.layers:
            values[layer.name] = laid_out.places[layer.name].read(geometry, maps)
            _compare(graph.name, layer.name, values[layer.name], wanted[layer.name])
    return Inference(parts=tuple(parts), outputs={name: values[name] for name in graph.outputs})


def _run_jobs(  # noqa: PLR0917 - what a start is made of
    model: fastsim.Model,
    laid_out: NetworkPlan,
    ports: int,
    memory: fastsim.MemorySystem,
    step: Jobs,
    maps: bytearray,
    timeout_seconds: float,
) -> tuple[bytearray, Figure]:
    description = json.loads(model.network.read_text(encoding="utf-8"))
    space = Space(ports, laid_out.geometry.word_bytes, _SHARED)
    weights, at = space.put("a", laid_out.image_a), space.put("maps", bytes(maps))
    places = {"gmem_a": weights, "gmem_b": at, "gmem_c": at}
    listed = program.assemble([registers.writes(description, layer.job.to_dict() | places) for layer in step.layers])
    actions, program_at = space.actions(description, listed.image)
    names = ", ".join(layer.name for layer in step.layers)
    result = fastsim.run(
        model,
        memory,
        [*actions, *start_program(program_at), *space.dumps("maps")],
        where=f"{laid_out.graph.name}: {names}",
        timeout_seconds=timeout_seconds,
    )
    return bytearray(space.joined("maps", result.dumps)[: len(maps)]), result.runs[0].figure


def _compare(network: str, name: str, found: Values, wanted: Values) -> None:
    if not np.array_equal(found, wanted):
        wrong = np.nonzero(found != wanted)
        at = tuple(int(axis[0]) for axis in wrong)
        raise CosimError(
            f"{network}: layer {name}",
            f"element {', '.join(map(str, at))} of its map is {found[at]}; must be {wanted[at]} "
            f"({len(wrong[0])} of {found.size} elements are wrong)",
            "Compare the modules' RTL with their vectors to find the one that differs.",
            code="wrong-result",
        )
