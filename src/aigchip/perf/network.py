"""Latency of a whole network: its layers one after another at the design's clock."""

from collections.abc import Callable
from dataclasses import dataclass

from aigchip.core.figures import Figure
from aigchip.mapping import Convolution, MappingError, of_layer
from aigchip.mapping.by_group import divide
from aigchip.mapping.layer_arrays import Layers
from aigchip.perf.memory import MemoryTiming
from aigchip.perf.model import CycleModel
from aigchip.perf.timing import DesignTiming, assumed_timing
from aigchip.space.design import Design
from aigchip.workload import Workload

TOOL = "aigchip performance model"
#: Cycles from the end of a layer to the start of the next: the shell reads its job and writes the registers that change.
JOB_CYCLES = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerCycles:
    """One of a network's layers, or a group of one that runs group by group, with the cycles of a single run."""

    layer: Convolution
    count: int
    cycles: int

    @property
    def total_cycles(self) -> int:
        """Cycles of all `count` runs."""
        return self.cycles * self.count


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkLatency:
    """What the model says of a network on a design.

    Attributes:
        layers: each distinct layer.
        cycles: of one inference; layers run one after another.
        latency: of one inference [ms].
        utilisation: products of the network by those that the array can form in this time, 0 to 1.
    """

    layers: tuple[LayerCycles, ...]
    cycles: Figure
    latency: Figure
    utilisation: Figure


def estimate(workload: Workload, memory: MemoryTiming, clock_period_ps: int) -> Callable[[Design], tuple[float, float]]:
    """Return a function that estimates (latency [ms], multipliers) of a design before anything is synthesised.

    Modules are taken to have usual depths. A design that cannot do a layer has an infinite latency. Searches screen
    designs by it.
    """
    timing = assumed_timing()

    def of(design: Design) -> tuple[float, float]:
        try:
            latency = network_latency(workload, design, timing, memory, clock_period_ps).latency.value
        except MappingError:
            return float("inf"), float(design.multipliers)
        return float(latency or 0.0), float(design.multipliers)

    return of


def network_latency(
    workload: Workload, design: Design, timing: DesignTiming, memory: MemoryTiming, clock_period_ps: int
) -> NetworkLatency:
    """Estimate the latency of a network on a design.

    Args:
        workload: its layers.
        design: a valid design.
        timing: of the design's modules.
        memory: of the board.
        clock_period_ps: period of the accelerator's clock [ps].

    Raises:
        MappingError: the design cannot do a layer.
    """
    model = CycleModel(design, timing, memory)
    asked = _asked(workload)
    divided, jobs = divide(asked.layers, model.geometry, model.traffic)
    cycles = model.cycles_of_layers(divided)
    layers = tuple(
        LayerCycles(layer=layer, count=count * times, cycles=each + JOB_CYCLES)
        for layer, count, times, each in zip(divided.layers, asked.counts, jobs.tolist(), cycles, strict=True)
    )
    total = sum(entry.total_cycles for entry in layers)

    def estimated(value: float, unit: str) -> Figure:
        return Figure(value=value, unit=unit, kind="estimated", tool=TOOL)

    return NetworkLatency(
        layers=layers,
        cycles=estimated(total, "cycles"),
        latency=estimated(total * clock_period_ps / 1e9, "ms"),
        utilisation=estimated(asked.macs / (design.macs * total), "of the products that the array can form"),
    )


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a network asks of the accelerator: each distinct layer, and how often it is run; other layers are the host's."""

    workload: Workload
    layers: Layers
    counts: tuple[int, ...]
    macs: int


#: By the workload's identity: to compare or to hash one takes longer than to estimate it.
_KNOWN: dict[int, _Asked] = {}
_KNOWN_MAX = 64


def _asked(workload: Workload) -> _Asked:
    known = _KNOWN.get(id(workload))
    if known is None:
        found: dict[Convolution, int] = {}
        for layer in workload.layers:
            if layer.kind != "matmul":
                mapped = of_layer(layer)
                found[mapped.layer] = found.get(mapped.layer, 0) + mapped.count
        if len(_KNOWN) >= _KNOWN_MAX:
            _KNOWN.clear()
        known = _KNOWN[id(workload)] = _Asked(workload, Layers(list(found)), tuple(found.values()), workload.macs)
    return known
