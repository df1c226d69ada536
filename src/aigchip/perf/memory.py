"""Cycles that the bursts of a load or store module take at a memory port."""

from dataclasses import dataclass
from math import ceil

from aigchip.board import Board

#: Bytes of a word of the accelerator's memory ports.
WORD_BYTES = 8
#: Memory ports of the accelerator.
PORTS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryTiming:
    """The memory as one port sees it.

    Attributes:
        read_latency_cycles: from a request to its first word.
        write_latency_cycles: from the last word to the answer.
        cycles_per_word: at least 1; more where the ports together ask for more than the memory gives.
    """

    read_latency_cycles: int
    write_latency_cycles: int
    cycles_per_word: float = 1.0


def memory_timing(board: Board, clock_period_ps: int) -> MemoryTiming:
    """Return the memory of a board in cycles of a clock.

    Args:
        board: the board.
        clock_period_ps: period of the accelerator's clock [ps].
    """
    memory = board.memory
    port_bytes_per_second = min(
        WORD_BYTES * 1e12 / clock_period_ps, memory.fastest_port_hz * memory.port_width_bits / 8
    )
    fair_share = memory.effective_bytes_per_second / PORTS
    bytes_per_second = min(port_bytes_per_second, fair_share)
    return MemoryTiming(
        read_latency_cycles=ceil(memory.read_latency_ns * 1000 / clock_period_ps),
        write_latency_cycles=ceil(memory.write_latency_ns * 1000 / clock_period_ps),
        cycles_per_word=max(1.0, WORD_BYTES * 1e12 / clock_period_ps / bytes_per_second),
    )


def read_cycles(
    timing: MemoryTiming, *, rows: int, rows_valid: int, words: int, words_valid: int, outstanding: int
) -> tuple[int, int]:
    """Return when the first and the last word of a tile arrive, in cycles after its load began.

    A row is one burst. `outstanding` rows are requested at first, one a cycle, and one more at the end of each row.

    Args:
        timing: the memory.
        rows: rows that are sent.
        rows_valid: rows that are in memory; the others are zero.
        words: words of a row that are sent.
        words_valid: words of a row that are in memory.
        outstanding: bursts under way at once.
    """
    lead = min(rows_valid, outstanding)
    busy, first = float(lead), float(lead)
    ends: list[float] = []
    bus_free = 0.0
    for row in range(rows_valid):
        requested = row if row < lead else ends[row - lead]
        arrival = max(requested + timing.read_latency_cycles, bus_free)
        if row == 0:
            first = max(busy, arrival)
        bus_free = arrival + words_valid * timing.cycles_per_word
        busy = max(busy + words, bus_free + (words - words_valid))
        ends.append(busy)
    return ceil(first), ceil(busy + (rows - rows_valid) * words)


def write_cycles(timing: MemoryTiming, *, rows: int, row_cycles: int, words: int, outstanding: int) -> int:
    """Return when the last word of a tile has left, in cycles after its first could.

    A row is one burst; a new one waits for the answer to the row `outstanding` before it.

    Args:
        timing: the memory.
        rows: rows of the tile.
        row_cycles: cycles in which the words of a row are made.
        words: words of a row.
        outstanding: bursts that may be unanswered.
    """
    row_cycles = max(row_cycles, ceil(words * timing.cycles_per_word))
    busy = 0
    answers: list[int] = []
    for row in range(rows):
        start = busy if row < outstanding else max(busy, answers[row - outstanding])
        busy = start + row_cycles
        answers.append(busy + timing.write_latency_cycles)
    return busy
