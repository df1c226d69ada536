"""The memory as the accelerator's ports see it, and how streams of words share it.

What is assumed of a board's memory: a port delivers the first word of a burst `read_latency_ns` after the request, bursts
that were requested in time without a gap, a word a cycle at most, and all ports together the effective bandwidth, in fair
shares. Refresh, bank conflicts and other masters are inside the effective bandwidth.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, inf

from aigchip.board import Board


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryTiming:
    """The memory in cycles of the accelerator's clock.

    Attributes:
        read_latency_cycles: from a request to its first word.
        write_latency_cycles: from the last word to the answer.
        bytes_per_cycle: of all ports together; infinite where they do not share anything.
        port_bytes_per_cycle: of one physical port, in each direction.
    """

    read_latency_cycles: int
    write_latency_cycles: int
    bytes_per_cycle: float = inf
    port_bytes_per_cycle: float = inf

    def words_per_cycle(self, word_bytes: int, ports: int) -> tuple[float, float]:
        """Return what one stream of words gets at most, and all together, in words of `word_bytes` over `ports`."""
        return (
            min(1.0, self.port_bytes_per_cycle * ports / word_bytes),
            self.bytes_per_cycle / word_bytes,
        )


def memory_timing(board: Board, clock_period_ps: int) -> MemoryTiming:
    """Return the memory of a board in cycles of a clock.

    Args:
        board: the board.
        clock_period_ps: period of the accelerator's clock [ps].
    """
    memory = board.memory
    port_hz = min(1e12 / clock_period_ps, memory.fastest_port_hz)
    return MemoryTiming(
        read_latency_cycles=ceil(memory.read_latency_ns * 1000 / clock_period_ps),
        write_latency_cycles=ceil(memory.write_latency_ns * 1000 / clock_period_ps),
        bytes_per_cycle=memory.effective_bytes_per_second * clock_period_ps / 1e12,
        port_bytes_per_cycle=memory.port_width_bits / 8 * port_hz * clock_period_ps / 1e12,
    )


def bench_memory(latency_cycles: int) -> MemoryTiming:
    """Return the memory of the co-simulation's bench: each port alone, a word a cycle.

    Args:
        latency_cycles: the bench's own setting; a port sees one cycle more, and two from the last word to the answer.
    """
    return MemoryTiming(read_latency_cycles=latency_cycles + 1, write_latency_cycles=2)


def shared(streams: Sequence[tuple[float, float]], most: float, together: float) -> list[float]:
    """Return when streams of words end that share a memory fairly.

    Args:
        streams: start [cycle] and words of each.
        most: words a cycle that one stream gets at most.
        together: words a cycle that all get together.

    Returns:
        The end of each [cycle]; its start where it has no words.
    """
    left = [words for _, words in streams]
    ends = [start for start, _ in streams]
    waiting = [index for index, words in enumerate(left) if words > 0]
    now = min((streams[index][0] for index in waiting), default=0.0)
    while waiting:
        active = [index for index in waiting if streams[index][0] <= now]
        later = [streams[index][0] for index in waiting if streams[index][0] > now]
        if not active:
            now = min(later)
            continue
        rate = min(most, together / len(active))
        step = min(left[index] for index in active) / rate
        if later:
            step = min(step, min(later) - now)
        now += step
        for index in active:
            left[index] -= rate * step
            if left[index] <= 1e-9:
                ends[index] = now
        waiting = [index for index in waiting if left[index] > 1e-9]
    return ends
