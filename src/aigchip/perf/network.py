"""Latency of a whole network: its GEMMs one after another at the board's clock."""

from collections.abc import Callable
from dataclasses import dataclass

from aigchip.core.figures import Figure
from aigchip.perf.memory import MemoryTiming
from aigchip.perf.model import CycleModel
from aigchip.perf.timing import DesignTiming, assumed_timing
from aigchip.space.design import Design
from aigchip.workload import Gemm, Workload

TOOL = "aigchip performance model"


@dataclass(frozen=True, slots=True, kw_only=True)
class GemmCycles:
    """One of a network's GEMMs with the cycles of a single run."""

    gemm: Gemm
    cycles: int

    @property
    def total_cycles(self) -> int:
        """Cycles of all `gemm.count` runs."""
        return self.cycles * self.gemm.count


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkLatency:
    """What the model says of a network on a design.

    Attributes:
        gemms: each distinct GEMM.
        cycles: of one inference; GEMMs run one after another.
        latency: of one inference [ms].
        utilisation: products per multiplier and cycle, 0 to 1.
    """

    gemms: tuple[GemmCycles, ...]
    cycles: Figure
    latency: Figure
    utilisation: Figure


def estimate(workload: Workload, memory: MemoryTiming, clock_period_ps: int) -> Callable[[Design], tuple[float, float]]:
    """Return a function that estimates (latency [ms], multipliers) of a design before anything is synthesised.

    Modules are taken to reach II = 1 at usual depths. Searches screen designs by it.
    """
    timing = assumed_timing()

    def of(design: Design) -> tuple[float, float]:
        latency = network_latency(workload, design, timing, memory, clock_period_ps).latency.value
        return float(latency or 0.0), float(design.multipliers)

    return of


def network_latency(
    workload: Workload, design: Design, timing: DesignTiming, memory: MemoryTiming, clock_period_ps: int
) -> NetworkLatency:
    """Estimate the latency of a network on a design.

    Args:
        workload: its GEMMs.
        design: a valid design.
        timing: of the design's modules.
        memory: of the board.
        clock_period_ps: period of the accelerator's clock [ps].
    """
    model = CycleModel(design, timing, memory)
    gemms = tuple(GemmCycles(gemm=gemm, cycles=model.cycles(gemm)) for gemm in workload.gemms)
    total = sum(entry.total_cycles for entry in gemms)

    def estimated(value: float, unit: str) -> Figure:
        return Figure(value=value, unit=unit, kind="estimated", tool=TOOL)

    return NetworkLatency(
        gemms=gemms,
        cycles=estimated(total, "cycles"),
        latency=estimated(total * clock_period_ps / 1e9, "ms"),
        utilisation=estimated(workload.macs / (design.multipliers * total), "of the multipliers"),
    )
