"""Cycles of a GEMM on a design: the modules as processes that wait for each other, turn after turn.

Every module is described by the cycle in which it ends its part of a turn. The ends of a turn follow from those of the
turn before by sums and maxima (a max-plus system): a module starts when it is free and has its command, works at the
interval of its loop, ends no earlier than its data, and no earlier than a full FIFO lets it. Because of that form the
relative ends soon repeat, so that equal turns and equal groups are computed once.
"""

from dataclasses import dataclass
from math import ceil

from aigchip.perf.memory import MemoryTiming, read_cycles, write_cycles
from aigchip.perf.schedule import Group, Step, groups
from aigchip.perf.timing import DesignTiming
from aigchip.space.design import Design
from aigchip.space.families import HEIGHT, WIDTH
from aigchip.space.spans import array_step
from aigchip.workload import Gemm

#: Bursts that a load or store module has under way at once.
OUTSTANDING_BURSTS = 8
#: Turns by which ctrl may be ahead: the depth of the command FIFOs.
COMMANDS_AHEAD = 4
#: Depths of the data FIFOs [elements of the FIFO]; a test compares them with the template's graph.
WORDS_DEPTH = 32
BANK_WORDS_DEPTH = 8
PIECES_DEPTH = 8
ARRAY_WORDS_DEPTH = 4
RESULTS_DEPTH = 2
SUMS_DEPTH = 8
OUTPUTS_DEPTH = 8

#: Ends of the modules' work, relative to the end of a turn [cycles].
State = tuple[int, ...]
_CTRL, _LOAD_A, _LOAD_B, _BUFFER_A, _BUFFER_B, _CONNECT, _ARRAY, _BUFFER_C, _POST, _STORE = range(10)
_HISTORY = slice(10, 10 + COMMANDS_AHEAD)


@dataclass(frozen=True, slots=True)
class _Load:
    """Loading one tile of an operand.

    Attributes:
        first: cycle of the first word at the memory's pace, after the load began.
        last: cycle of the last word.
        fill: iterations in which the buffer takes it.
        ahead: iterations' worth of words that FIFOs hold while the buffer is not ready.
    """

    first: int
    last: int
    fill: int
    ahead: int


@dataclass(frozen=True, slots=True)
class _Side:
    """The buffer of an operand in a turn: when it starts, what it takes, until when, and its pieces of a step."""

    start: int
    load: _Load | None
    filled: int
    pieces: int


class CycleModel:
    """Compute cycles for one design; remembers turns and groups, so that a network's GEMMs are quick.

    Args:
        design: a valid design.
        timing: of its modules.
        memory: of the board.
    """

    def __init__(self, design: Design, timing: DesignTiming, memory: MemoryTiming) -> None:
        self._design = design
        self._timing = timing
        self._memory = memory
        step = array_step(design)
        self._step = step
        a_height = design.buffer_a_dimension == HEIGHT
        b_width = design.buffer_b_dimension == WIDTH
        c_width = design.buffer_c_dimension == WIDTH
        self._fill_a = design.buffer_a_factor if a_height else 1
        self._fill_b = design.buffer_b_factor if b_width else 1
        self._drained = design.buffer_c_factor if c_width else 1
        self._pieces_a = step.m * step.k // min(design.buffer_a_factor, step.m if a_height else step.k)
        self._pieces_b = step.k * step.n // min(design.buffer_b_factor, step.n if b_width else step.k)
        self._pieces_c = step.m * step.n // min(design.buffer_c_factor, step.n if c_width else step.m)
        self._loads: dict[tuple[str, int, int], _Load] = {}
        self._turns: dict[tuple[Step | None, Step | None, State], tuple[State, int]] = {}
        self._groups: dict[tuple[Group, Step | None, State], tuple[State, int]] = {}

    def cycles(self, gemm: Gemm) -> int:
        """Return the cycles of one run of `gemm`, from the start of ctrl to the last answer of the memory."""
        state: State = (0,) * (10 + COMMANDS_AHEAD)
        now = 0
        before: Step | None = None
        for group, count in groups(gemm, self._design):
            for _ in range(count):
                state, passed = self._run_group(group, before, state)
                now += passed
                before = group[-1]
        state, passed = self._turn(None, before, state)
        return now + passed + max(state[:10])

    def _run_group(self, group: Group, before: Step | None, state: State) -> tuple[State, int]:
        key = (group, before, state)
        known = self._groups.get(key)
        if known is None:
            total, compute = 0, before
            for load in group:
                state, passed = self._turn(load, compute, state)
                total += passed
                compute = load
            known = self._groups[key] = (state, total)
        return known

    def _turn(self, load: Step | None, compute: Step | None, state: State) -> tuple[State, int]:
        key = (load, compute, state)
        known = self._turns.get(key)
        if known is None:
            known = self._turns[key] = self._normalised(self._advance(load, compute, state))
        return known

    def _normalised(self, ends: list[int]) -> tuple[State, int]:
        """Make ends relative, and forget how long a module has been free before its next command can come."""
        base = ends[_BUFFER_A]
        soonest = max(ends[_CTRL] + self._timing.turn_cycles, ends[_HISTORY.start]) - base
        relative = [end - base for end in ends]
        for module in range(_LOAD_A, _STORE + 1):
            relative[module] = max(relative[module], soonest)
        relative[_CTRL] = max(relative[_CTRL], soonest - self._timing.turn_cycles)
        return tuple(relative), base

    def _advance(self, load: Step | None, compute: Step | None, state: State) -> list[int]:
        """Return the ends of a turn that loads one step and computes another."""
        ends = list(state)
        issued = max(state[_CTRL] + self._timing.turn_cycles, state[_HISTORY.start])
        ends[_CTRL] = issued
        start_a = max(state[_BUFFER_A], issued) + self._overhead("buffer_a")
        start_b = max(state[_BUFFER_B], issued) + self._overhead("buffer_b")
        ends[_HISTORY] = [*state[_HISTORY][1:], start_a]

        loaded_a = self._load("a", load.rows, load.products) if load and load.load_a else None
        loaded_b = self._load("b", load.columns, load.products) if load and load.load_b else None
        filled_a = self._fill(ends, _LOAD_A, loaded_a, issued, start_a)
        filled_b = self._fill(ends, _LOAD_B, loaded_b, issued, start_b)
        read = max(start_a, start_b)
        if compute is not None:
            sides = (
                _Side(start_a, loaded_a, filled_a, self._pieces_a),
                _Side(start_b, loaded_b, filled_b, self._pieces_b),
            )
            read = self._compute(ends, compute, issued, sides)
        ends[_BUFFER_A] = max(filled_a, read if compute else start_a) + self._depth("buffer_a")
        ends[_BUFFER_B] = max(filled_b, read if compute else start_b) + self._depth("buffer_b")
        if compute is not None and compute.last:
            self._drain(ends, compute, issued)
        return ends

    def _fill(self, ends: list[int], loader: int, load: _Load | None, issued: int, start: int) -> int:
        """Advance a load module, and return when its buffer has taken the tile."""
        if load is None:
            return start
        name = "load_a" if loader == _LOAD_A else "load_b"
        begun = max(ends[loader], issued) + self._overhead(name)
        way = self._depth(name) + self._timing.arbiter_depth
        # The buffer takes a word an iteration once the first is there; the memory may be slower.
        filled = max(start, begun + load.first + way) + load.fill * self._ii("buffer_a")
        filled = max(filled, begun + load.last + way)
        # The load module ends when all but the words that the FIFOs hold have been taken.
        ends[loader] = max(begun + load.last, filled - load.ahead) + self._depth(name)
        return filled

    def _compute(self, ends: list[int], compute: Step, issued: int, sides: tuple[_Side, _Side]) -> int:
        """Advance interconnect, array and the folding of results; return when the buffers have been read."""
        subtiles = ceil(compute.rows / self._step.m) * ceil(compute.columns / self._step.n)
        steps_k = ceil(compute.products / self._step.k)
        steps = subtiles * steps_k
        interval = max(side.pieces for side in sides) * self._ii("interconnect")

        # While a buffer is filled, one iteration both fills and reads: a late word delays the piece of its iteration.
        read = max(side.start for side in sides)
        taken = 0
        for side in sorted(sides, key=lambda side: side.filled):
            if side.load is None:
                continue
            covered = min(steps, side.load.fill // side.pieces)
            begun = max(side.start, read) if taken else side.start
            slow = max(1.0, (side.filled - begun) / max(1, side.load.fill))
            if covered > taken:
                read += ceil((covered - taken) * max(interval, side.pieces * slow))
                taken = covered
        read += (steps - taken) * interval

        connect_start = max(ends[_CONNECT], issued) + self._overhead("interconnect")
        array_start = max(ends[_ARRAY], issued) + self._overhead("pe_array")
        fold_start = max(ends[_BUFFER_C], issued) + self._overhead("buffer_c")
        way_in = self._depth("buffer_a")
        connected = max(connect_start + steps * interval, read + way_in)
        computed = max(array_start + steps * self._ii("pe_array"), connected + self._depth("interconnect"))
        fold = self._pieces_c * self._ii("buffer_c")
        # Before buffer_c starts the FIFO holds results and the array one more; the others come at the array's pace.
        result = max(fold, steps_k * interval)
        awaited = max(0, subtiles - RESULTS_DEPTH - 1)
        folded = max(
            fold_start + subtiles * fold,
            fold_start + awaited * result + fold,
            computed + self._depth("pe_array") + fold,
        )
        # Full FIFOs hold the producers back.
        computed = max(computed, folded - (RESULTS_DEPTH + 1) * fold)
        connected = max(connected, computed - ARRAY_WORDS_DEPTH * interval)
        read = max(read, connected - PIECES_DEPTH * self._ii("buffer_a"))
        ends[_CONNECT] = connected + self._depth("interconnect")
        ends[_ARRAY] = computed + self._depth("pe_array")
        ends[_BUFFER_C] = folded + self._depth("buffer_c")
        return read

    def _drain(self, ends: list[int], compute: Step, issued: int) -> None:
        """Advance buffer_c, post and store_c by a finished tile, and load_a by its bias."""
        row_words = ceil(compute.columns / 8)
        row_cycles = row_words * (8 // self._drained)
        bias_begun = max(ends[_LOAD_A], issued) + self._overhead("load_a")
        bias_words = ceil(compute.rows / 2)
        bias = bias_begun + 1 + self._memory.read_latency_cycles + bias_words
        ends[_LOAD_A] = bias + self._depth("load_a")
        post_start = max(ends[_POST], issued) + self._overhead("post")
        bias_ready = max(post_start + compute.rows, bias + self._depth("load_a")) + self._depth("post", 0)
        store_start = max(ends[_STORE], issued) + self._overhead("store_c")
        begun = max(ends[_BUFFER_C] + 1, bias_ready - self._depth("buffer_c", 1), store_start - self._depth("post", 1))
        stored = write_cycles(
            self._memory, rows=compute.rows, row_cycles=row_cycles, words=row_words, outstanding=OUTSTANDING_BURSTS
        )
        sent = begun + max(
            compute.rows * row_cycles * self._ii("buffer_c", 1),
            compute.rows * row_cycles * self._ii("post", 1),
            stored - SUMS_DEPTH - OUTPUTS_DEPTH,
        )
        ends[_BUFFER_C] = sent + self._depth("buffer_c", 1)
        finished = begun + max(compute.rows * row_cycles, stored) + self._depth("buffer_c", 1) + self._depth("post", 1)
        ends[_POST] = finished
        ends[_STORE] = finished + self._depth("store_c", 0) + self._memory.write_latency_cycles + OUTSTANDING_BURSTS

    def _load(self, operand: str, size: int, products: int) -> _Load:
        """Return how a tile of an operand is loaded: `size` rows of A or columns of B by `products`."""
        key = (operand, size, products)
        known = self._loads.get(key)
        if known is not None:
            return known
        span, fill = (self._step.m, self._fill_a) if operand == "a" else (self._step.n, self._fill_b)
        rows = ceil(products / self._step.k) * self._step.k
        words = ceil(ceil(size / span) * span / 8)
        first, last = read_cycles(
            self._memory,
            rows=rows,
            rows_valid=products,
            words=words,
            words_valid=ceil(size / 8),
            outstanding=OUTSTANDING_BURSTS,
        )
        iterations = rows * words * 8 // fill
        ahead = min(iterations, WORDS_DEPTH * 8 // fill + BANK_WORDS_DEPTH)
        self._loads[key] = found = _Load(first, max(last, first + iterations), iterations, ahead)
        return found

    def _overhead(self, instance: str) -> int:
        return self._timing.modules[instance].command_cycles

    def _depth(self, instance: str, loop: int = 0) -> int:
        return self._timing.modules[instance].loops[loop].depth

    def _ii(self, instance: str, loop: int = 0) -> int:
        return self._timing.modules[instance].loops[loop].ii
