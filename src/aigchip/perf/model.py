"""Cycles of layers on a design, round after round of ctrl, for all layers of a network at once.

In a round the loads bring the tiles of one turn, the array computes the turn before, and post and store_c send what the turn
before that completed. Each buffer takes its next command when it has filled one half and read the other, so a round takes as
long as the slowest of computing, loading, sending, and ctrl's own work on a turn. Loads run ahead of the round as far as
FIFOs hold their words, and loads and stores share the memory.
"""

from __future__ import annotations

from math import ceil

import numpy as np

from aigchip.mapping import Convolution, Geometry, Job, place
from aigchip.mapping.choice import Floats, Tiles, Traffic
from aigchip.mapping.layer_arrays import Ints, Layers
from aigchip.mapping.tiling import place_all
from aigchip.perf.memory import MemoryTiming, shared
from aigchip.perf.rounds import turns_of
from aigchip.perf.timing import DesignTiming
from aigchip.space.derive import OUTSTANDING_BURSTS, OUTSTANDING_ROWS
from aigchip.space.design import Design

#: Cycles from the start of a run to ctrl's first tap: control register, start of ctrl.
START_CYCLES = 10
#: States of ctrl in each turn; more where it loads at all, a tile of A, a window of B (and one for each of its rows), where
#: it lets compute, and where it lets send.
TURN_CYCLES = 26
LOADING_CYCLES = 3
LOAD_A_CYCLES = 2
LOAD_B_CYCLES = 9
COMPUTE_CYCLES = 7
SEND_CYCLES = 8
#: States of ctrl from the beginning of a turn to the command of load_b, to those of the buffers (without those of loads), to
#: those that send, and to that of load_a for the parameters of what is sent.
LOAD_OFFSET_CYCLES = 16
READ_OFFSET_CYCLES = 12
SEND_OFFSET_CYCLES = 21
PARAMETERS_OFFSET_CYCLES = 8
#: Cycles of buffer C for a command beside the words that it sends.
DRAIN_CYCLES = 10
#: Cycles from the end of the last store to the end of the run: the end command, and the control register.
END_CYCLES = 9
#: Cycles in which the port takes the request of a burst, while store_c can only make the word's further pieces.
BURST_CYCLES = 3
#: Words that the FIFO behind a load holds, and pieces that the one behind the array does; a test compares them with the
#: template's graph.
WORDS_DEPTH = 64
RESULTS_DEPTH = 8
#: Pieces that lie between a buffer's memory and the interconnect: its queue and the FIFO.
QUEUE_PIECES = 40


class CycleModel:
    """Cycles of layers on one design."""

    def __init__(self, design: Design, timing: DesignTiming, memory: MemoryTiming) -> None:
        """Prepare a design.

        Args:
            design: a valid design.
            timing: of its modules.
            memory: what its ports see.
        """
        self.geometry = Geometry.of(design)
        self._timing = timing
        self._memory = memory
        self._rates = memory.rates(self.geometry.word_bytes, design.ports)
        self.traffic = Traffic(
            bytes_per_cycle=min(memory.bytes_per_cycle, self._rates.one * self.geometry.word_bytes * 3),
            latency_cycles=memory.read_latency_cycles,
        )

    def place(self, layer: Convolution) -> Job:
        """Return the job of a layer.

        Raises:
            MappingError: the design cannot do it.
        """
        return place(layer, self.geometry, self.traffic)

    def cycles(self, layer: Convolution) -> int:
        """Return the cycles of one run of a layer, from ap_start to ap_done.

        Raises:
            MappingError: the design cannot do it.
        """
        return self.cycles_of(self.place(layer))

    def cycles_of(self, job: Job) -> int:
        """Return the cycles of a job."""
        return ceil(self._cycles(Tiles.of(job))[0])

    def cycles_of_layers(self, layers: Layers) -> list[int]:
        """Return the cycles of each layer.

        Raises:
            MappingError: the design cannot do one of them.
        """
        found = self._cycles(place_all(layers, self.geometry, self.traffic))
        return [int(cycles) for cycles in np.ceil(found).tolist()]

    def _cycles(self, tiles: Tiles) -> Floats:
        turns, timing, memory, g = turns_of(tiles, self.geometry), self._timing, self._memory, self.geometry
        begin = turns.start
        end = np.append(begin[1:], turns.job.size) - 1

        # Round by round: a turn is computed, the next one loaded, the one before sent.
        sent = _before(np.where(turns.last, 1, 0), begin)
        c_words = sent * _before(turns.c_words, begin)
        load, c_end = self._memory_cycles(
            _after(turns.a_words, end) + sent * _before(turns.p_words, begin),
            _after(turns.b_read, end),
            c_words,
            _after(turns.b_words, end),
            _after(turns.b_rows, end),
        )
        drain = self._drain(c_words, sent * _before(turns.c_bursts, begin), c_end)
        drain = np.where(sent, drain + DRAIN_CYCLES, 0)
        # Slots of one parity lie in the same banks: what is sent goes first, and the array waits as soon as FIFOs are full.
        alike = (sent > 0) & (_before(turns.odd, begin) == turns.odd)
        kept = turns.subtile * (1 + RESULTS_DEPTH // g.c_pieces)
        # Buffer B, with banks along n, finds first where each of the pixels that it reads together lies.
        lanes = 0 if g.b_by_height else min(g.b_factor, g.step.n)
        compute = turns.compute + timing.command_cycles + np.where(turns.walks, lanes, 0)
        compute = compute + np.where(alike, np.maximum(drain - np.minimum(kept, turns.compute), 0), 0)
        # What is filled or loaded may begin before the round, as far as FIFOs hold what the round before needs.
        others = np.maximum(compute, drain)
        fill_a, fill_b = _after(turns.a_fill, end), _after(turns.b_fill, end)
        fills = np.maximum(fill_a - self._lead(fill_a, g.a_pieces, others, begin), fill_b - self._lead(fill_b, g.b_pieces, others, begin))
        others = np.maximum(others, fills + timing.command_cycles)
        spare = _before(np.maximum(others - load, 0.0), begin)
        rounds = np.maximum(others, load - np.minimum(spare, WORDS_DEPTH / self._rates.one))

        # ctrl goes through turns one after another.
        load_b = np.where(turns.b_words > 0, LOAD_B_CYCLES + turns.b_turn_rows, 0)
        issue = LOAD_A_CYCLES * (turns.a_words > 0) + load_b
        next_issue = _after(issue, end)
        ctrl = TURN_CYCLES + LOADING_CYCLES + COMPUTE_CYCLES + next_issue + SEND_CYCLES * sent
        taps = tiles.kernel_rows * tiles.kernel_columns
        started = START_CYCLES + tiles.kernel_rows * timing.row_cycles + taps * timing.tap_cycles

        # The first loads, and from then on the rounds, each not before ctrl has come to it.
        b_words, b_rows = turns.b_words[begin], turns.b_rows[begin]
        load, _ = self._memory_cycles(turns.a_words[begin], turns.b_read[begin], np.zeros(begin.size), b_words, b_rows)
        filled = np.maximum(load, np.maximum(turns.a_fill, turns.b_fill)[begin])
        latency = memory.read_latency_cycles + timing.request_cycles
        loaded = started + LOAD_OFFSET_CYCLES + latency + filled + timing.fill_depth
        rounds_before, ctrl_before = _sums(rounds * turns.times, begin), _sums(ctrl * turns.times, begin)
        first_turn = started + TURN_CYCLES + LOADING_CYCLES + issue[begin]
        reached = first_turn[turns.job] + ctrl_before + READ_OFFSET_CYCLES + next_issue
        late = np.maximum.reduceat(reached - rounds_before, begin)
        computed = np.maximum(loaded, late) + rounds_before[end] + rounds[end] * turns.times[end]

        # The last results.
        c_words = turns.c_words[end]
        last = self._drain(c_words, turns.c_bursts[end], c_words / self._rates.one)
        folded = computed + timing.array_depth + g.c_pieces
        last_turn = first_turn + ctrl_before[end] + ctrl[end] * turns.times[end]
        parameters = PARAMETERS_OFFSET_CYCLES + latency + turns.p_words[end] / self._rates.one
        sending = last_turn + np.maximum(SEND_OFFSET_CYCLES, parameters)
        done = np.maximum(folded, sending) + last + timing.output_depth
        return done + memory.write_latency_cycles + timing.store_depth + END_CYCLES

    def _lead(self, fill: Floats, pieces: int, others: Floats, begin: Ints) -> Floats:
        """Return how long before each round a buffer may begin to fill, having read ahead of the array in the round before.

        A buffer that gives a step in `pieces` cycles, where the other needs more, is ahead by what its queue holds.
        """
        if pieces == self.geometry.step_cycles:
            return np.zeros(others.size)
        spare = _before(np.maximum(others - fill, 0.0), begin)
        return np.minimum(spare, QUEUE_PIECES * self.geometry.step_cycles / pieces)

    def _memory_cycles(self, a: Floats, b: Floats, c: Floats, b_words: Floats, b_rows: Floats) -> tuple[Floats, Floats]:
        """Return how long loads and a store take that begin together and share the memory.

        Args:
            a, b, c: words of A with post's parameters, of B, and of C.
            b_words: words that load_b passes on, those outside the map too.
            b_rows: rows of the window, each a burst, of which so many are under way at once.
        """
        a_end, b_end, c_end = shared(a, b, c, self._rates)
        turnaround = self._memory.read_latency_cycles + self._timing.request_cycles
        bursts = b_rows * (turnaround / OUTSTANDING_ROWS)
        return np.maximum(np.maximum(a_end, b_end), np.maximum(b_words, bursts)), c_end

    def _drain(self, c_words: Floats, c_bursts: Floats, c_end: Floats) -> Floats:
        """Return how long a tile of C takes to leave."""
        g = self.geometry
        answered = c_bursts * ((self._memory.write_latency_cycles + self._timing.store_depth) / OUTSTANDING_BURSTS)
        pieces = g.word_bytes / g.results
        packed = c_words * pieces + c_bursts * max(0, BURST_CYCLES - 2 * (pieces - 1))
        return np.maximum(np.maximum(c_end, answered), packed)


def _after(values: Floats, end: Ints) -> Floats:
    """Return what stands one turn later in the same job; 0 in its last turn."""
    found = np.append(values[1:], 0)
    found[end] = 0
    return found


def _before(values: Floats, begin: Ints) -> Floats:
    """Return what stands one turn earlier in the same job; 0 in its first turn."""
    found = np.concatenate([values[:1], values[:-1]])
    found[begin] = 0
    return found


def _sums(values: Floats, begin: Ints) -> Floats:
    """Return the sum over all turns before each one of its job."""
    found = np.cumsum(values) - values
    return found - np.repeat(found[begin], np.diff(np.append(begin, values.size)))
