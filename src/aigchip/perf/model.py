"""Cycles of layers on a design, round after round of ctrl, for all layers of a network at once.

In a round the loads bring the tiles of one turn, the array computes the turn before, and post and store_c send what the turn
before that completed. Each buffer takes its next command when it has filled one half and read the other, so a round takes as
long as the slowest of computing, loading, and ctrl's own work on a turn. Loads run ahead of the round as far as FIFOs hold
their words, and loads and stores share the memory. Buffer C, which sends a tile while it takes the results of the next, may be
behind by what the array and FIFOs hold, and catches up in rounds in which the array waits; beyond that the array is held.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import TypeVar

import numpy as np

from aigchip.mapping import Convolution, Geometry, Job, place
from aigchip.mapping.choice import Tiles
from aigchip.mapping.layer_arrays import Floats, Ints, Layers, Numbers
from aigchip.mapping.tiling import place_all
from aigchip.perf.bounded_sums import bounded_sums
from aigchip.perf.memory import MemoryTiming, by_bursts, shared
from aigchip.perf.rounds import STEPS_DEPTH, Turns, turns_of
from aigchip.perf.timing import DesignTiming
from aigchip.space.derive import BURST_WORDS, OUTSTANDING_BURSTS, OUTSTANDING_ROWS
from aigchip.space.design import Design

Array = TypeVar("Array", Ints, Floats)

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
#: States of ctrl from the beginning of a turn to the command of load_a, to that of load_b, to those of the buffers (without
#: those of loads), to those that send, and to that of load_a for the parameters of what is sent.
LOAD_A_OFFSET_CYCLES = 7
LOAD_B_OFFSET_CYCLES = 13
READ_OFFSET_CYCLES = 12
SEND_OFFSET_CYCLES = 21
PARAMETERS_OFFSET_CYCLES = 8
#: Cycles of buffer C for a command beside the words that it sends, which it knows to be sent four cycles later, and beside the
#: pieces that it takes.
DRAIN_CYCLES = 9
FOLD_CYCLES = 5
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


@dataclass(frozen=True, slots=True)
class _Order:
    """Where the turns of each job begin, and the last of each."""

    begin: Ints
    end: Ints

    @staticmethod
    def of(turns: Turns) -> _Order:
        return _Order(turns.start, np.concatenate([turns.start[1:], [turns.job.size]]) - 1)

    def after(self, values: Array) -> Array:
        """Return what stands one turn later in the same job; 0 in its last turn."""
        found = np.empty_like(values)
        found[:-1] = values[1:]
        found[self.end] = 0
        return found

    def before(self, values: Array) -> Array:
        """Return what stands one turn earlier in the same job; 0 in its first turn."""
        found: Array = np.empty_like(values)
        found[1:] = values[:-1]
        found[self.begin] = 0
        return found

    def sums(self, values: Numbers) -> Floats:
        """Return the sum over all turns before each one of its job."""
        found = np.cumsum(values, dtype=np.float64) - values
        return found - np.repeat(found[self.begin], self.end - self.begin + 1)


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
        g = self.geometry
        # Steps that lie between the buffers' memories and the array.
        self._queued_cycles = (QUEUE_PIECES // max(g.a_pieces, g.b_pieces) + STEPS_DEPTH) * g.step_cycles
        self._rates = memory.rates(self.geometry.word_bytes, design.ports)
        self.traffic = memory.traffic(self.geometry.word_bytes, design.ports)

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
        """Return the cycles of jobs: the first loads, the rounds, each not before ctrl has come to it, and the last results."""
        turns = turns_of(tiles, self.geometry)
        order = _Order.of(turns)
        timing, memory, end = self._timing, self._memory, order.end
        latency = memory.read_latency_cycles + timing.request_cycles
        sent = order.before(np.where(turns.last, 1, 0))

        started = START_CYCLES + tiles.kernel_rows * timing.row_cycles
        started = started + tiles.kernel_rows * tiles.kernel_columns * timing.tap_cycles
        loaded = started + latency + self._first_load(turns) + timing.fill_depth

        fed, waits, drains, behind = self._rounds(turns, order, sent)
        fed, waits, drains = fed * turns.times, waits * turns.times, drains * turns.times
        issue = np.where(turns.b_words > 0, LOAD_B_CYCLES + turns.b_turn_rows, 0) + LOAD_A_CYCLES * (turns.a_words > 0)
        next_issue = order.after(issue)
        ctrl = (TURN_CYCLES + LOADING_CYCLES + COMPUTE_CYCLES + next_issue + SEND_CYCLES * sent) * turns.times
        fed_before, ctrl_before = order.sums(fed), order.sums(ctrl)
        second_turn = started + TURN_CYCLES + LOADING_CYCLES + issue[turns.start]
        reached = second_turn[turns.job] + ctrl_before + READ_OFFSET_CYCLES + next_issue
        # What ctrl is late in some turn delays what is computed from there on, as far as buffer C is not behind anyway.
        late = np.maximum.reduceat(reached - fed_before, turns.start)
        computed = np.maximum(loaded, late) + fed_before[end] + fed[end]

        # The last results are taken when they are computed and buffer C has come to them, which has to do all that comes before.
        begin = turns.start
        waited = loaded + fed_before[end] + fed[end] + np.add.reduceat(waits, begin) + behind[end]
        chain = loaded + fed[begin] + behind[begin] + np.add.reduceat(drains, begin) - drains[begin]
        folded = np.maximum(np.maximum(computed, waited), chain)
        folded = folded + turns.late[end] + (self.geometry.c_pieces + timing.array_depth)
        parameters = PARAMETERS_OFFSET_CYCLES + latency + turns.p_words[end] / self._rates.one
        sending = second_turn + ctrl_before[end] + ctrl[end] + np.maximum(SEND_OFFSET_CYCLES, parameters)
        c_words = turns.c_words[end]
        last = self._drain(c_words, turns.c_bursts[end], c_words / self._rates.one, np.zeros(1))
        done = np.maximum(folded, sending) + last + timing.output_depth
        return done + (memory.write_latency_cycles + timing.store_depth + END_CYCLES)

    def _first_load(self, turns: Turns) -> Floats:
        """Return how long ctrl and the loads for the first turn of each job take, without the memory's latency."""
        begin = turns.start
        a_end, b_end, _ = self._memory_cycles(
            turns.a_words[begin],
            turns.b_read[begin],
            np.zeros(begin.size),
            turns.b_words[begin],
            turns.b_rows[begin],
            b_pace=turns.b_fill[begin] / np.maximum(turns.b_words[begin], 1),
        )
        a_end = LOAD_A_OFFSET_CYCLES + np.maximum(a_end, turns.a_fill[begin])
        found: Floats = np.maximum(a_end, LOAD_B_OFFSET_CYCLES + np.maximum(b_end, turns.b_fill[begin]))
        return found

    def _rounds(self, turns: Turns, order: _Order, sent: Ints) -> tuple[Floats, Floats, Floats, Floats]:
        """Return how long each round takes that buffer C does not hold, how long it does, how long it is busy, and how far behind.

        A turn is computed, the next one loaded, and, where `sent` is 1, the one before sent. Buffer C is behind by the time
        from the end of a round, and the array's depth, to its next command.
        """
        g, command_cycles = self.geometry, self._timing.command_cycles
        c_words = sent * order.before(turns.c_words)
        a_end, b_end, c_end = self._memory_cycles(
            order.after(turns.a_words) + sent * order.before(turns.p_words),
            order.after(turns.b_read),
            c_words,
            order.after(turns.b_words),
            order.after(turns.b_rows),
        )
        drain = self._drain(c_words, sent * order.before(turns.c_bursts), c_end, sent)
        # Buffer B, with banks along n, finds first where each of the pixels that it reads together lies.
        lanes = 0 if g.b_by_height else min(g.b_factor, g.step.n)
        compute = turns.compute + (command_cycles + lanes * turns.walks)
        # What is filled or loaded may begin before the round, as far as FIFOs and queues hold what the round before needs.
        fills, leads = [], []
        for fill, pieces in ((order.after(turns.a_fill), g.a_pieces), (order.after(turns.b_fill), g.b_pieces)):
            leads.append(self._lead(turns.compute, compute - fill, order, pieces))
            fills.append(fill - leads[-1])
        found = np.maximum(compute, np.maximum(*fills) + command_cycles)
        held = WORDS_DEPTH / self._rates.one

        def loaded(rounds: Floats) -> Floats:
            """Return when a round's loads end; those of each operand begin when the ones of the round before have ended."""
            ends = []
            for end, lead in zip((a_end, b_end), leads, strict=True):
                spare = order.before(np.maximum(rounds - end, 0.0))
                ends.append(end - np.minimum(spare, held + lead))
            return np.maximum(*ends)

        fed = np.maximum(found, loaded(found))
        # Post's parameters come behind the tile of A that is loaded meanwhile; a word needs not so long to post as to the sums.
        words = order.after(turns.a_words) + turns.last * turns.p_words
        sooner = g.c_pieces + turns.late + self._timing.fill_depth + self._timing.array_depth
        ready = np.minimum(np.maximum(compute, words / self._rates.one - sooner), fed)
        # Slots of one parity lie in the same banks: what is sent goes first, then the results of the turn are taken.
        first = drain * turns.same
        folds = turns.compute // turns.subtile_cycles * g.c_pieces + FOLD_CYCLES
        drain = np.where(first > 0, drain + folds, np.maximum(drain, folds))
        waits, behind = self._waits(turns, order, fed, compute, ready, first, drain)
        return np.maximum(found, loaded(found + waits)), waits, drain, behind

    def _waits(  # noqa: PLR0917 - what a round is made of
        self, turns: Turns, order: _Order, fed: Floats, compute: Ints, ready: Floats, first: Floats, drain: Floats
    ) -> tuple[Floats, Floats]:
        """Return how long the array is held in each round by results that buffer C does not take yet.

        Results may wait in the array, those of a sub-tile, and in the FIFO behind it. Then the array stands, but in a round
        in which it waits for its operands as well nothing is lost: the buffers go on as far as there is room for what they
        read, and the array catches up. What is sent may begin before a round ends, if the array waits in it.

        Args:
            turns: what is asked for.
            order: of the turns.
            fed: how long each round takes with no regard to buffer C.
            compute: how long the array takes in each.
            ready: from when on in each the results may be sent, if the round takes no longer.
            first: how long buffer C sends before it takes the results of the turn.
            drain: how long it sends and takes results that could not be taken meanwhile.
        """
        g, idle = self.geometry, fed - compute
        ahead = turns.subtile_cycles * (1 + RESULTS_DEPTH // g.c_pieces) + np.minimum(idle, self._queued_cycles)
        slack = idle + ahead // compute * order.after(idle) + ahead - g.c_pieces
        grows, least = drain - fed, ready - fed
        if not ((first > slack) | (grows > 0)).any():
            return np.zeros(grows.size), least
        most = np.maximum(grows - first + slack, least)
        behind = bounded_sums(turns.start, turns.repeats, grows, least, most)
        before = order.before(behind)
        held = np.maximum(before + first - slack, 0.0)
        later = np.maximum(behind + first - slack, 0.0)
        number = turns.repeats
        # What is added while it grows and cannot be kept, or else what it was too much before.
        added = np.maximum(number * grows - (behind - before), 0.0)
        waits = np.where((grows > 0) & (most > least), added, held + (number - 1) * later) / number
        waits[turns.start] = 0.0
        return waits, behind

    def _lead(self, compute: Ints, spare: Numbers, order: _Order, pieces: int) -> Floats:
        """Return how long before each round a buffer may begin to fill, having read ahead of the array in the round before.

        A buffer that gives a step in `pieces` cycles, where the other needs more, is ahead by what its queue holds, as far
        as it could read so much while the array computed, and if filling left it the time (`spare`).
        """
        share = pieces / self.geometry.step_cycles
        if share == 1:
            return np.zeros(1)
        most: Floats = np.minimum(compute * (1 - share), QUEUE_PIECES / share)
        ahead: Floats = np.minimum(most, np.maximum(spare, 0.0))
        return order.before(ahead)

    def _memory_cycles(
        self, a: Ints, b: Ints, c: Numbers, b_words: Ints, b_rows: Ints, *, b_pace: Floats | float = 0.0
    ) -> tuple[Floats, Floats, Floats]:
        """Return how long the loads of A and B and a store take that begin together and share the memory.

        Args:
            a: words of A with post's parameters.
            b: words of B.
            c: words of C.
            b_words: words that load_b passes on, those outside the map too.
            b_rows: rows of the window, each a burst, of which so many are under way at once.
            b_pace: cycles in which buffer B takes a word, where no words wait for it that came before.
        """
        rates = self._rates
        a_end, b_end, c_end = shared(a, b, c, rates)
        if rates.reads < 2 * rates.one:
            bursts = np.clip(b / np.maximum(b_rows, 1), 1, BURST_WORDS)
            both, a_left, b_left = by_bursts(a, b, bursts, rates)
            a_end = np.maximum(a_end, both + a_left / rates.one)
            b_end = np.maximum(b_end, both + b_left * np.maximum(1 / rates.one, b_pace))
        turnaround = self._memory.read_latency_cycles + self._timing.request_cycles
        bursts = b_rows * (turnaround / OUTSTANDING_ROWS)
        return a_end, np.maximum(b_end, np.maximum(b_words, bursts)), c_end

    def _drain(self, c_words: Ints, c_bursts: Ints, c_end: Floats, sent: Numbers) -> Floats:
        """Return how long a tile of C takes to leave."""
        g = self.geometry
        answered = c_bursts * ((self._memory.write_latency_cycles + self._timing.store_depth) / OUTSTANDING_BURSTS)
        pieces = g.word_bytes / g.results
        packed = c_words * pieces + np.maximum(c_bursts * max(0, BURST_CYCLES - 2 * (pieces - 1)), DRAIN_CYCLES * sent)
        return np.maximum(np.maximum(c_end, answered), packed)
