"""Cycles of a layer on a design: the modules as processes that wait for each other, round after round.

In a round of ctrl the loads bring the tiles of one turn, the array computes the turn before, and post and store_c send
what the turn before that completed. A round's ends follow from those of the round before by sums and maxima: a module
starts when it is free and has its command, ends no earlier than its data, and no earlier than a full FIFO lets it. Because
of that form the relative ends soon repeat, so that equal rounds are computed once.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from math import ceil

from aigchip.mapping import Convolution, Geometry, Job, Turn, place, turns
from aigchip.mapping.geometry import PARAMETER_BYTES
from aigchip.mapping.tiling import Traffic
from aigchip.perf.memory import MemoryTiming, shared
from aigchip.perf.timing import DesignTiming
from aigchip.space.design import Design

#: Cycles from the start of a run to the first command of ctrl: control register, start of ctrl.
START_CYCLES = 12
#: Cycles of ctrl for an entry of the table of taps.
TAP_CYCLES = 4
#: Cycles from the end of the last store to the end of the run: the end command, and the control register.
END_CYCLES = 9
#: Words that the FIFO behind a load holds; a test compares it with the template's graph.
WORDS_DEPTH = 64


@dataclass(frozen=True, slots=True)
class _Work:
    """What a turn asks of the modules; equal turns are equal.

    Attributes:
        a_words, a_pieces: words of the tile of A that is loaded, and cycles in which the buffer takes it.
        b_words, b_fill: the same of the window of B.
        subtile_cycles, subtiles: cycles of a sub-tile in the array, and their number.
        last: whether it completes its tile of C.
        p_words, c_words: words of the tile's parameters, and of its results.
    """

    a_words: int
    a_pieces: int
    b_words: int
    b_fill: int
    subtile_cycles: int
    subtiles: int
    last: bool
    p_words: int
    c_words: int


#: What is loaded, computed and sent in a round of ctrl.
_Round = tuple[_Work | None, _Work | None, _Work | None]


@dataclass(slots=True)
class _Ends:
    """When each module is free [cycles]."""

    ctrl: float = 0.0
    load_a: float = 0.0
    load_b: float = 0.0
    buffer_a: float = 0.0
    buffer_b: float = 0.0
    array: float = 0.0
    buffer_c: float = 0.0
    post: float = 0.0
    store: float = 0.0

    def relative(self, to: float) -> tuple[float, ...]:
        """Return the ends as seen from one of them."""
        ends = (self.ctrl, self.load_a, self.load_b, self.buffer_a, self.buffer_b)
        return tuple(round(end - to, 3) for end in (*ends, self.array, self.buffer_c, self.post, self.store))

    def advance(self, cycles: float) -> None:
        """Let time pass."""
        for name in self.__slots__:
            setattr(self, name, getattr(self, name) + cycles)


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
        self._most, self._together = memory.words_per_cycle(self.geometry.word_bytes, design.ports)
        self.traffic = Traffic(
            bytes_per_cycle=min(memory.bytes_per_cycle, self._most * self.geometry.word_bytes * 3),
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
        ends = _Ends()
        ends.advance(START_CYCLES + TAP_CYCLES * job.taps)
        for kind, run in groupby(_rounds(self._work(job, turn) for turn in turns(job, self.geometry))):
            count = sum(1 for _ in run)
            before: tuple[float, ...] | None = None
            while count:
                at = ends.array
                self._round(kind, ends)
                count -= 1
                now = ends.relative(ends.array)
                if before == now:
                    ends.advance(count * (ends.array - at))
                    break
                before = now
        return ceil(max(ends.store, ends.array) + END_CYCLES)

    def _round(self, kind: _Round, ends: _Ends) -> None:
        load, compute, send = kind
        g, timing = self.geometry, self._timing
        issue = ends.ctrl + timing.turn_cycles
        ends.ctrl = issue
        latency = self._memory.read_latency_cycles + timing.request_cycles

        # What moves in this round: words of the loads and of the store, and when they can begin.
        a_words, a_pieces = (load.a_words, load.a_pieces) if load is not None else (0, 0)
        b_words, b_fill = (load.b_words, load.b_fill) if load is not None else (0, 0)
        p_words = send.p_words if send is not None else 0
        a_begun = max(ends.load_a, issue + latency, ends.buffer_a - WORDS_DEPTH / self._most)
        b_begun = max(ends.load_b, issue + latency, ends.buffer_b - WORDS_DEPTH / self._most)
        c_words, drained, c_begun = 0, 0.0, 0.0
        fold_begun = max(ends.buffer_c, issue) + timing.command_cycles
        if send is not None:
            c_words = send.c_words
            drained = c_words * g.word_bytes / g.results
            c_begun = max(fold_begun, ends.post, ends.load_a + latency) + timing.output_depth
        a_end, b_end, c_end = shared(
            [(a_begun, a_words + p_words), (b_begun, b_words), (c_begun, c_words)], self._most, self._together
        )
        if a_words + p_words:
            ends.load_a = a_end
        if b_words:
            ends.load_b = b_end

        # Buffers and array.
        a_start = max(ends.buffer_a, issue) + timing.command_cycles
        b_start = max(ends.buffer_b, issue) + timing.command_cycles
        read_end = 0.0
        if compute is not None:
            begun = max(a_start, b_start, ends.array - timing.array_depth, fold_begun - compute.subtile_cycles)
            read_end = begun + compute.subtiles * compute.subtile_cycles
            ends.array = read_end + timing.array_depth
        ends.buffer_a = max(read_end, a_end + timing.fill_depth if a_words else 0.0, a_start + a_pieces)
        ends.buffer_b = max(read_end, b_end + timing.fill_depth if b_words else 0.0, b_start + b_fill)

        # The output.
        folded = ends.array + g.c_pieces if compute is not None else 0.0
        sent = 0.0
        if send is not None:
            finished = max(c_end, c_begun + drained)
            sent = finished - timing.output_depth
            ends.post = finished
            ends.store = finished + self._memory.write_latency_cycles + timing.store_depth
        ends.buffer_c = max(folded, sent, fold_begun)

    def _work(self, job: Job, turn: Turn) -> _Work:
        g = self.geometry
        steps = job.taps * (job.share_k if job.grouped else turn.k_groups)
        tile = turn.subtiles_m * steps if turn.load_a else 0
        b_words, b_fill = self._window_b(job, turn) if turn.load_b else (0, 0)
        return _Work(
            a_words=ceil(tile * g.step.m * g.step.k / g.word_bytes),
            a_pieces=tile * g.a_pieces,
            b_words=b_words,
            b_fill=b_fill,
            subtile_cycles=max(steps * g.step_cycles, g.c_pieces),
            subtiles=turn.subtiles_m * ceil(turn.pixels / g.step.n),
            last=turn.last,
            p_words=ceil(turn.subtiles_m * g.step.m * PARAMETER_BYTES / g.word_bytes),
            c_words=turn.subtiles_m * g.subtile_blocks * ceil(turn.pixels / g.word_pixels),
        )

    def _window_b(self, job: Job, turn: Turn) -> tuple[int, int]:
        """Return the words of a window of B and the cycles in which the buffer takes it."""
        g = self.geometry
        y, x = divmod(turn.n, job.x_tiles)
        rows = (turn.rows - 1) * job.row_stride + job.span_rows
        columns = (turn.columns - 1) * job.stride + job.span_columns
        top = y * job.tile_rows * job.stride - job.pad_top
        left = x * job.tile_columns * job.stride - job.pad_left
        first = (top * job.in_pitch + left) % g.word_pixels
        step = job.row_step * job.in_pitch % g.word_pixels
        words, lead = 0, first
        for _ in range(rows):
            words += -(-(lead + columns) // g.word_pixels)
            lead = (lead + step) % g.word_pixels
        words *= turn.k_groups * g.group_blocks
        return words, words * g.fill_cycles * job.column_phases


def _rounds(works: Iterable[_Work]) -> Iterator[_Round]:
    """Yield what each round loads, computes and sends."""
    earlier: _Work | None = None
    before: _Work | None = None
    for work in works:
        yield work, before, earlier if earlier is not None and earlier.last else None
        earlier, before = before, work
    yield None, before, earlier if earlier is not None and earlier.last else None
    yield None, None, before if before is not None and before.last else None
