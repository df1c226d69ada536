"""The memory of a fast simulation: a DDR's latencies and bandwidth, and the physical ports that the accelerator's masters are on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil

from aigchip.board.board import Board


@dataclass(frozen=True, slots=True, kw_only=True)
class PhysicalPort:
    """A port of the memory's side, for example HP0; the masters on it share its two directions.

    Attributes:
        name: Its name.
        read_bytes_per_cycle: What it reads in a cycle of the accelerator's clock [bytes], fractions allowed; 0 when it cannot read.
        write_bytes_per_cycle: The same of writes.
        reads: Read bursts under way at most.
        writes: Write bursts under way at most, until they are answered.
        buffer_bytes: Of a FIFO between memory and port, one for each master and direction [bytes]; 0 for none. Without one, a word
            that nobody takes holds the memory's share of its master up.
    """

    name: str
    read_bytes_per_cycle: float
    write_bytes_per_cycle: float
    reads: int = 16
    writes: int = 16
    buffer_bytes: int = 0

    def __post_init__(self) -> None:
        if self.read_bytes_per_cycle < 0 or self.write_bytes_per_cycle < 0:
            raise ValueError(f"port {self.name}: bytes per cycle are negative; must be 0 or more")
        if self.reads < 1 or self.writes < 1:
            raise ValueError(f"port {self.name}: bursts under way are below 1")


@dataclass(frozen=True, slots=True, kw_only=True)
class MemorySystem:
    """State what memory the accelerator sees; all times in cycles of its clock.

    Attributes:
        read_latency_cycles: From the cycle that takes a request to the first word.
        write_latency_cycles: From the last word to the answer.
        bytes_per_cycle: Bandwidth of the memory that all ports share fairly, both directions together [bytes], fractions allowed.
        ports: The physical ports.
        attached: For each AXI master (`gmem_a`) the port that it is on.
        base: First address.
        size: Bytes of it; only what is touched is used on the host.
        burst_cost_cycles: Bandwidth lost when a burst begins.
        row_change_cost_cycles: Bandwidth lost when a burst begins in a row that is not open in its bank.
        row_bytes: Bytes of a row.
        banks: Banks; consecutive rows lie in consecutive banks.
        stall: Probability that a channel rests in a cycle, to provoke faults; 0 for measurements.
        seed: Of the rests.
    """

    read_latency_cycles: int
    write_latency_cycles: int
    bytes_per_cycle: float
    ports: Sequence[PhysicalPort]
    attached: Mapping[str, str]
    base: int = 0
    size: int = 1 << 32
    burst_cost_cycles: float = 0.0
    row_change_cost_cycles: float = 0.0
    row_bytes: int = 8192
    banks: int = 16
    stall: float = 0.0
    seed: int = field(default=1)

    def __post_init__(self) -> None:
        names = [port.name for port in self.ports]
        for master, port in self.attached.items():
            if port not in names:
                raise ValueError(f"{master} is on port {port}; must be one of {', '.join(names)}")
        if self.read_latency_cycles < 1 or self.write_latency_cycles < 1:
            raise ValueError("a latency is below 1 cycle")
        if self.bytes_per_cycle <= 0:
            raise ValueError(f"bytes_per_cycle is {self.bytes_per_cycle}; must be above 0")
        if not 0 <= self.stall <= 0.9:
            raise ValueError(f"stall is {self.stall}; must be 0 to 0.9")

    def commands(self) -> list[str]:
        """Return the harness's commands that set this memory."""
        return [
            f"window {self.base} {self.size}",
            f"ddr {self.read_latency_cycles} {self.write_latency_cycles} {self.bytes_per_cycle!r} {self.burst_cost_cycles!r} "
            f"{self.row_change_cost_cycles!r} {self.row_bytes} {self.banks}",
            *(
                f"port {port.name} {port.read_bytes_per_cycle!r} {port.write_bytes_per_cycle!r} {port.reads} {port.writes} "
                f"{port.buffer_bytes}"
                for port in self.ports
            ),
            *(f"attach {master} {port}" for master, port in self.attached.items()),
            f"stall {self.stall!r} {self.seed}",
        ]


def ideal_memory(
    masters: Sequence[str], *, latency_cycles: int = 1, size: int = 1 << 32, **more: float
) -> MemorySystem:
    """Return a memory in which each master has a port of its own and always a word a cycle.

    Args:
        masters: Names of the AXI masters.
        latency_cycles: Of reads and writes.
        size: Bytes of memory.
        more: Further attributes of MemorySystem.
    """
    return MemorySystem(
        read_latency_cycles=latency_cycles,
        write_latency_cycles=latency_cycles,
        bytes_per_cycle=float(1 << 20),
        ports=[PhysicalPort(name=name, read_bytes_per_cycle=256, write_bytes_per_cycle=256) for name in masters],
        attached={name: name for name in masters},
        size=size,
        **more,  # type: ignore[arg-type]
    )


#: Of the FIFOs between the memory and a port of the processing system, for each master and direction [bytes]; assumed.
PORT_BUFFER_BYTES = 1024


def board_memory(
    board: Board, clock_period_ps: int, attached: Mapping[str, str], *, reads: int = 16, writes: int = 16, **more: float
) -> MemorySystem:
    """Return a board's memory in cycles of the accelerator's clock.

    A port that is slower than the accelerator's clock moves a part of its word in a cycle (an asynchronous bridge).

    Args:
        board: The board.
        clock_period_ps: Period of the accelerator's clock [ps].
        attached: For each AXI master the port that it is on, HP0 to HP<n-1>.
        reads: Read bursts under way at most, of each port.
        writes: Write bursts under way at most, of each port.
        more: Further attributes of MemorySystem.
    """
    memory = board.memory
    per_cycle = memory.port_width_bits / 8 * min(1.0, memory.fastest_port_hz * clock_period_ps * 1e-12)
    return MemorySystem(
        read_latency_cycles=ceil(memory.read_latency_ns * 1000 / clock_period_ps),
        write_latency_cycles=ceil(memory.write_latency_ns * 1000 / clock_period_ps),
        bytes_per_cycle=memory.effective_bytes_per_second * clock_period_ps * 1e-12,
        ports=[
            PhysicalPort(
                name=f"HP{index}",
                read_bytes_per_cycle=per_cycle,
                write_bytes_per_cycle=per_cycle,
                reads=reads,
                writes=writes,
                buffer_bytes=PORT_BUFFER_BYTES,
            )
            for index in range(memory.ports)
        ],
        attached=attached,
        **more,  # type: ignore[arg-type]
    )
