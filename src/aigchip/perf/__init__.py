"""Performance: cycles of layers and networks on a design, from synthesis reports and the turns of ctrl."""

from aigchip.perf.memory import MemoryTiming, bench_memory, memory_timing
from aigchip.perf.model import CycleModel
from aigchip.perf.network import NetworkLatency, estimate, network_latency
from aigchip.perf.timing import DesignTiming, PerfError, assumed_timing, design_timing

__all__ = [
    "CycleModel",
    "DesignTiming",
    "MemoryTiming",
    "NetworkLatency",
    "PerfError",
    "assumed_timing",
    "bench_memory",
    "design_timing",
    "estimate",
    "memory_timing",
    "network_latency",
]
