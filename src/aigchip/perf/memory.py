"""The memory as the accelerator's ports see it, and how streams of words share it.

What is assumed of a board's memory: a port delivers the first word of a burst `read_latency_ns` after the request, bursts
that were requested in time without a gap, a word a cycle at most, and all ports together the effective bandwidth, in fair
shares. Refresh, bank conflicts and other masters are inside the effective bandwidth.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, inf
from typing import TYPE_CHECKING

import numpy as np

from aigchip.mapping import Traffic
from aigchip.space.derive import BURST_WORDS

if TYPE_CHECKING:
    from aigchip.board import Board
    from aigchip.mapping.layer_arrays import Floats, Numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """Words a cycle that the streams of an accelerator get.

    Attributes:
        one: one stream, at most.
        reads: the streams that read, together.
        all: all together.
    """

    one: float
    reads: float
    all: float


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

    def rates(self, word_bytes: int, ports: int) -> Rates:
        """Return what streams of words of `word_bytes` over `ports` get."""
        one = min(1.0, self.port_bytes_per_cycle * ports / word_bytes)
        # With one port each operand has its own; stripes of all operands share the ports.
        reads = 2 * one if ports == 1 else self.port_bytes_per_cycle * ports / word_bytes
        return Rates(one=one, reads=reads, all=self.bytes_per_cycle / word_bytes)

    def traffic(self, word_bytes: int, ports: int) -> Traffic:
        """Return the memory as the choice of tiles sees it."""
        most = 3 * word_bytes * self.rates(word_bytes, ports).one
        return Traffic(bytes_per_cycle=min(self.bytes_per_cycle, most), latency_cycles=self.read_latency_cycles)


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


def shared(a: Numbers, b: Numbers, c: Numbers, rates: Rates) -> tuple[Floats, Floats, Floats]:
    """Return when streams of words end that begin together and share a memory fairly: two that read, one that writes.

    Args:
        a: words of the first that reads.
        b: of the second.
        c: of the one that writes.
        rates: of the memory.

    Returns:
        The end of each [cycles]; 0 where it has no words.
    """
    if rates.all >= 3 * rates.one and rates.reads >= 2 * rates.one:
        return a / rates.one, b / rates.one, c / rates.one
    least, most = np.minimum(np.minimum(a, b), c), np.maximum(np.maximum(a, b), c)
    middle = a + b + c - least - most
    three, two, one = (min(rates.one, rates.all / number) for number in (3, 2, 1))

    def end(words: Numbers) -> Floats:
        first, second = np.minimum(words, least), np.minimum(words, middle)
        return first / three + (second - first) / two + (words - second) / one

    return end(a), end(b), end(c)


def by_bursts(a: Numbers, b: Numbers, b_burst: Floats, rates: Rates) -> tuple[Floats, Floats, Floats]:
    """Return how long two streams share ports that they saturate, and how many words each has left then.

    A port has a few bursts under way and takes requests in turn, so it gives words in proportion to the lengths of bursts.

    Args:
        a: words of the first, in bursts of `BURST_WORDS`.
        b: words of the second.
        b_burst: words of its bursts, at least 1.
        rates: of the memory.

    Returns:
        Cycles until one of them ends, and what is left of either [words].
    """
    share = b_burst / (BURST_WORDS + b_burst)
    # What one stream cannot take, the other gets.
    b_rate = np.clip(rates.reads * share, rates.reads - rates.one, rates.one)
    a_rate = rates.reads - b_rate
    both: Floats = np.minimum(a / a_rate, b / b_rate)
    return both, a - both * a_rate, b - both * b_rate
