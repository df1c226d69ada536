"""Simulate a whole quantised network: layers on the RTL with the fast harness, the operators between them on the host."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from aigchip.core.figures import Figure
from aigchip.mapping.plan import Host, Jobs, NetworkPlan
from aigchip.toolchain import fastsim
from aigchip.toolchain.cosim import CosimError
from aigchip.toolchain.jobs import Space
from aigchip.workload import reference
from aigchip.workload.graph import LayerNode

#: A map, or what the host computes in real numbers at the end.
Values = NDArray[np.int8] | NDArray[np.float64]
_Result = TypeVar("_Result")
_UNTOUCHED = b"\xa5"
_SHARED = {"a": "a", "b": "maps", "c": "maps"}
#: The host does each operator so often; the least time counts, which the machine's other work disturbs least.
_TRIALS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerCycles:
    """A layer and its cycles, from the start to the end of its job, or of its jobs in all."""

    name: str
    cycles: Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """Layers that the accelerator did with one start.

    Attributes:
        layers: in order.
        cycles: from the start to the end of the list of jobs; the jobs are read and registers written in them too.
    """

    layers: tuple[LayerCycles, ...]
    cycles: Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class Hosted:
    """An operator that the host did, here in numpy.

    Attributes:
        name, kind: of the operator.
        seconds: of the operator itself [s].
        layout_seconds: to take its inputs out of the accelerator's order of memory, and to put its output into it where a layer
            reads it [s].
    """

    name: str
    kind: str
    seconds: float
    layout_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Inference:
    """An inference whose every map came out as the integer reference says.

    Attributes:
        parts: in the order of execution.
        outputs: the network's outputs.
    """

    parts: tuple[Started | Hosted, ...]
    outputs: dict[str, Values]

    @property
    def started(self) -> tuple[Started, ...]:
        """What the accelerator did."""
        return tuple(part for part in self.parts if isinstance(part, Started))

    @property
    def hosted(self) -> tuple[Hosted, ...]:
        """What the host did."""
        return tuple(part for part in self.parts if isinstance(part, Hosted))

    @property
    def cycles(self) -> Figure:
        """Cycles of the accelerator in all."""
        return _in_all([part.cycles for part in self.started])


def _in_all(told: Sequence[Figure]) -> Figure:
    return Figure(
        value=sum(int(figure.value or 0) for figure in told), unit="cycles", kind="simulated", tool=told[0].tool
    )


def infer(
    model: fastsim.Model,
    laid_out: NetworkPlan,
    ports: int,
    memory: fastsim.MemorySystem,
    picture: NDArray[np.int8],
    *,
    timeout_seconds: float = 3600.0,
) -> Inference:
    """Run a network on one picture and compare the map of every layer with the integer reference.

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
    values: dict[str, Values] = {graph.input_name: picture}
    parts: list[Started | Hosted] = []
    for step in laid_out.steps:
        if isinstance(step, Host):
            parts.append(_on_host(laid_out, step, maps, values))
            continue
        maps, started = _on_accelerator(model, laid_out, ports, memory, step, maps, timeout_seconds)
        parts.append(started)
        for layer in step.layers:
            values[layer.name] = laid_out.places[layer.name].read(geometry, maps)
            _compare(graph.name, layer.name, values[layer.name], wanted[layer.name])
    return Inference(parts=tuple(parts), outputs={name: values[name] for name in graph.outputs})


def _on_host(laid_out: NetworkPlan, step: Host, maps: bytearray, values: dict[str, Values]) -> Hosted:
    graph, geometry, node = laid_out.graph, laid_out.geometry, step.node
    layout_seconds = 0.0
    for name in node.inputs:
        if name != graph.input_name and isinstance(graph.node(name), LayerNode):
            values[name], seconds = _timed(lambda name=name: laid_out.places[name].read(geometry, maps))
            layout_seconds += seconds
    found, seconds = _timed(lambda: reference.run_node(graph, node, values))
    values[node.name] = found
    if node.name in laid_out.places:
        place = laid_out.places[node.name]
        layout_seconds += _timed(lambda: place.write(geometry, maps, found.astype(np.int8, copy=False)))[1]
    return Hosted(name=node.name, kind=node.kind, seconds=seconds, layout_seconds=layout_seconds)


def _timed(action: Callable[[], _Result]) -> tuple[_Result, float]:
    least = float("inf")
    for _ in range(_TRIALS - 1):
        begun = time.perf_counter()
        action()
        least = min(least, time.perf_counter() - begun)
    begun = time.perf_counter()
    found = action()
    return found, min(least, time.perf_counter() - begun)


def _on_accelerator(  # noqa: PLR0917 - what a start is made of
    model: fastsim.Model,
    laid_out: NetworkPlan,
    ports: int,
    memory: fastsim.MemorySystem,
    step: Jobs,
    maps: bytearray,
    timeout_seconds: float,
) -> tuple[bytearray, Started]:
    space = Space(ports, laid_out.geometry.word_bytes, _SHARED)
    weights, at = space.put("a", laid_out.image_a), space.put("maps", bytes(maps))
    places = {"gmem_a": weights, "gmem_b": at, "gmem_c": at}
    names = [layer.name for layer in step.layers]
    result, found = space.run(
        model,
        memory,
        [job.to_dict() | places for layer in step.layers for job in layer.jobs],
        wanted="maps",
        where=f"{laid_out.graph.name}: {', '.join(names)}",
        timeout_seconds=timeout_seconds,
    )
    done = iter(result.jobs)
    layers = tuple(
        LayerCycles(name=layer.name, cycles=_in_all([next(done).figure for _ in layer.jobs])) for layer in step.layers
    )
    return bytearray(found[: len(maps)]), Started(layers=layers, cycles=result.runs[0].figure)


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
