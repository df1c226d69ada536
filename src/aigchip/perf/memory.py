"""Cycles that the bursts of a load or store module take at a memory port.

What is assumed of a board's memory: a port delivers the first word of a burst `read_latency_ns` after the request, further
bursts that were requested in time without a gap, and at most its fair share of the effective bandwidth: a word a cycle
where the ports together do not exceed it. Refresh, bank conflicts and other masters are inside the effective bandwidth.
"""

from dataclasses import dataclass
from math import ceil

from aigchip.board import Board

#: Bytes of a word of the accelerator's memory ports.
WORD_BYTES = 8
#: Memory ports of the accelerator.
PORTS = 3
#: Cycles from the iteration that asks for a burst to the request at the port: the loop's stage, and two in the AXI master.
REQUEST_WAY_CYCLES = 3
#: Cycles between two requests of one AXI master.
REQUEST_CYCLES = 2


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


def bench_memory(latency_cycles: int) -> MemoryTiming:
    """Return the memory of the co-simulation's bench: each port alone, a word a cycle.

    Args:
        latency_cycles: the bench's own setting; a port sees one cycle more, and two from the last word to the answer.
    """
    return MemoryTiming(read_latency_cycles=latency_cycles + 1, write_latency_cycles=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class TileRead:
    """When the words of a tile come, in cycles after the first iteration of its load.

    Attributes:
        first: the first word.
        last: the last word.
        full: the word that finds the FIFOs full when nobody takes any.
        resumed: from the moment when words are taken again to the last one, all bursts under way being there by then.
    """

    first: int
    last: int
    full: int
    resumed: int


def read_tile(
    timing: MemoryTiming, *, rows: int, rows_valid: int, words: int, words_valid: int, outstanding: int, ahead: int
) -> TileRead:
    """Return when the words of a tile arrive.

    A row is one burst. `outstanding` rows are requested at first, and one more at the end of each row.

    Args:
        timing: the memory.
        rows: rows that are sent.
        rows_valid: rows that are in memory; the others are zero.
        words: words of a row that are sent.
        words_valid: words of a row that are in memory.
        outstanding: bursts under way at once.
        ahead: words that fit into the FIFOs behind the load.
    """
    lead = min(rows_valid, outstanding)
    zeros = (rows - rows_valid) * words
    first, ends = _row_ends(timing, rows=rows_valid, lead=lead, words=words, words_valid=words_valid)
    row, inside = divmod(min(ahead, rows_valid * words - 1), words)
    full = ends[row] - (words - inside)
    # The row under way when the FIFOs are full counts as a whole: a part of it is through.
    _, left = _row_ends(timing, rows=rows_valid - row, lead=lead, words=words, words_valid=words_valid, waiting=True)
    return TileRead(
        first=ceil(first),
        last=ceil(ends[-1] + zeros),
        full=ceil(full),
        resumed=ceil(max(0.0, left[-1] - inside) + zeros) if ahead < rows * words else 0,
    )


def _row_ends(
    timing: MemoryTiming, *, rows: int, lead: int, words: int, words_valid: int, waiting: bool = False
) -> tuple[float, list[float]]:
    """Return when the first word and the last word of each row have come; `waiting`: the first `lead` rows are there."""
    busy = 0.0 if waiting else float(REQUEST_CYCLES * (lead - 1))
    first, ends = busy, list[float]()
    bus_free, port_free = 0.0, 0.0
    for row in range(rows):
        arrival = bus_free
        if row >= lead or not waiting:
            issued = REQUEST_CYCLES * row if row < lead else ends[row - lead]
            requested = max(issued + REQUEST_WAY_CYCLES, port_free)
            port_free = requested + REQUEST_CYCLES
            arrival = max(requested + timing.read_latency_cycles, bus_free)
        if row == 0:
            first = max(busy, arrival)
        begun = max(busy, arrival)
        bus_free = begun + words_valid * timing.cycles_per_word
        busy = max(begun + words, bus_free + (words - words_valid))
        ends.append(busy)
    return first, ends


def write_cycles(timing: MemoryTiming, *, rows: int, words: int, pieces: int, outstanding: int) -> int:
    """Return when the last word of a tile has left, in cycles after its first could.

    A row is one burst; a new one waits for the answer to the row `outstanding` before it. The first word waits in a
    register until its burst has been announced, and the second, made a word's cycles later, behind it.

    Args:
        timing: the memory.
        rows: rows of the tile.
        words: words of a row.
        pieces: cycles in which a word is made.
        outstanding: bursts that may be unanswered.
    """
    row_cycles = words * pieces + max(0, REQUEST_WAY_CYCLES - (2 * pieces - 1))
    row_cycles = max(row_cycles, ceil(words * timing.cycles_per_word))
    busy = 0
    answers: list[int] = []
    for row in range(rows):
        start = busy if row < outstanding else max(busy, answers[row - outstanding])
        busy = start + row_cycles
        answers.append(busy + timing.write_latency_cycles)
    return busy
