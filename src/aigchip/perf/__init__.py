"""Performance: cycles of GEMMs and networks on a design, from synthesis reports and the schedule of tiles."""

from aigchip.perf.memory import MemoryTiming, bench_memory, memory_timing
from aigchip.perf.model import CycleModel
from aigchip.perf.network import NetworkLatency, estimate, network_latency
from aigchip.perf.timing import DesignTiming, ModuleTiming, PerfError, assumed_timing, design_timing

__all__ = [
    "CycleModel",
    "DesignTiming",
    "MemoryTiming",
    "ModuleTiming",
    "NetworkLatency",
    "PerfError",
    "assumed_timing",
    "bench_memory",
    "design_timing",
    "estimate",
    "memory_timing",
    "network_latency",
]
