"""What a fast RTL simulation takes and gives: designs, jobs, outcomes. All words are unsigned bit patterns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from aigchip.core.errors import AigchipError


class RequestError(AigchipError):
    """Report a job that does not fit its design."""


class PortKind(StrEnum):
    """What a port is: a scalar, or a ready/valid stream `<name>_TDATA`, `_TVALID`, `_TREADY`."""

    SCALAR_IN = "scalar_in"
    SCALAR_OUT = "scalar_out"
    STREAM_IN = "stream_in"
    STREAM_OUT = "stream_out"


@dataclass(frozen=True, slots=True, kw_only=True)
class Port:
    """One port of the top module."""

    name: str
    kind: PortKind
    width_bits: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """A module with ap_clk, ap_rst, ap_start, ap_done and the ports below.

    Attributes:
        name: For messages.
        sources: Its Verilog files, with those that it instantiates.
        top: The top module.
        ports: All ports beside the control.
        memories: Names of burst memories; memory `g` serves the streams `g_AR`, `g_R`, `g_AW`, `g_W`, `g_B` among the ports.
    """

    name: str
    sources: tuple[Path, ...]
    top: str
    ports: tuple[Port, ...]
    memories: tuple[str, ...] = ()

    def served(self, port: Port) -> bool:
        """Whether a memory answers this stream."""
        return any(port.name == f"{memory}_{role}" for memory in self.memories for role in ("AR", "R", "AW", "W", "B"))

    def memory_width_bits(self, memory: str) -> int:
        """Width of a memory's words [bits]."""
        return next(port.width_bits for port in self.ports if port.name in (f"{memory}_R", f"{memory}_W"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """The inputs of one call: a value for each scalar input, words for each stream input and memory."""

    scalars: Mapping[str, int] = field(default_factory=dict[str, int])
    streams: Mapping[str, tuple[int, ...]] = field(default_factory=dict[str, tuple[int, ...]])
    memories: Mapping[str, tuple[int, ...]] = field(default_factory=dict[str, tuple[int, ...]])


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A reset, then calls one after another.

    Attributes:
        design: Index of the design.
        calls: What is called.
        stall_in, stall_out: Mean probability that an input offers nothing, and an output takes nothing, in a cycle.
        seed: Of the stalls and of the registers' first values.
        watchdog_cycles: A call without a moved word for so long is stuck.
        response_delay_cycles: From a memory's request to its first word, and from the last word written to the response.
    """

    design: int
    calls: tuple[Call, ...]
    stall_in: float = 0.0
    stall_out: float = 0.0
    seed: int = 1
    watchdog_cycles: int = 20_000
    response_delay_cycles: int = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a call did.

    Attributes:
        cycles: Clock edges from the first with ap_start to the one with ap_done.
        waiting: None when it ended; else why each port did not move, possibly nothing.
        faults: What the memories were asked that they do not have, or what was left over.
        streams: Words of each stream output.
        left: Words of each stream input that were not taken.
        scalars: Last value of each scalar output that was set.
        memories: Contents afterwards.
    """

    cycles: int
    waiting: tuple[str, ...] | None
    faults: tuple[str, ...]
    streams: dict[str, list[int]]
    left: dict[str, int]
    scalars: dict[str, int]
    memories: dict[str, list[int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class JobResult:
    """The outcomes of a job's calls (a stuck call is the last), and how long its simulation took."""

    outcomes: tuple[Outcome, ...]
    simulated_cycles: int
    seconds: float
