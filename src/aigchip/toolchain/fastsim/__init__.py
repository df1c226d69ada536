"""Fast co-simulation: an accelerator in its shell, a C++ main, and a DDR model; cycles and memory contents come out."""

from aigchip.toolchain.fastsim.build import Model, build
from aigchip.toolchain.fastsim.causes import CAUSES
from aigchip.toolchain.fastsim.memory import MemorySystem, PhysicalPort, board_memory, ideal_memory
from aigchip.toolchain.fastsim.run import (
    CLEAR_INTERRUPT,
    ENABLE_INTERRUPT,
    Action,
    Dump,
    FastResult,
    FastsimError,
    Idle,
    JobResult,
    Load,
    Protect,
    Read,
    Run,
    RunResult,
    Start,
    Wait,
    Write,
    read_cycles,
    run,
)
from aigchip.toolchain.fastsim.top import Probes

__all__ = [
    "CAUSES",
    "CLEAR_INTERRUPT",
    "ENABLE_INTERRUPT",
    "Action",
    "Dump",
    "FastResult",
    "FastsimError",
    "Idle",
    "JobResult",
    "Load",
    "MemorySystem",
    "Model",
    "PhysicalPort",
    "Probes",
    "Protect",
    "Read",
    "Run",
    "RunResult",
    "Start",
    "Wait",
    "Write",
    "board_memory",
    "build",
    "ideal_memory",
    "read_cycles",
    "run",
]
