"""Cycles of a GEMM on a design: the modules as processes that wait for each other, turn after turn.

Every module is described by the cycle in which it ends its part of a turn. The ends of a turn follow from those of the
turn before by sums and maxima (a max-plus system): a module starts when it is free and has its command, works at the
interval of its loop, ends no earlier than its data, and no earlier than a full FIFO lets it. Because of that form the
relative ends soon repeat, so that equal turns and equal groups are computed once.
"""

from dataclasses import dataclass
from math import ceil

from aigchip.perf.memory import REQUEST_WAY_CYCLES, MemoryTiming, TileRead, read_tile, write_cycles
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
#: A module holds one element more of each output in a register, and stops only when that is not taken either.
OUTPUT_REGISTER = 1
#: Cycles from the start of a run to the commands of the first turn: control register, start of ctrl, first states.
START_CYCLES = 12
#: Cycles by which the commands of the loads come before those of the buffers.
LOADS_FIRST_CYCLES = 6
#: Cycles from the end of the last store to the end of the run: the end command, and the control register.
END_CYCLES = 7
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
        read: when its words come from memory.
        fill: iterations in which the buffer takes it.
        ahead: iterations' worth of words that FIFOs hold while the buffer is not ready.
        tile: operand, rows or columns, and products.
    """

    read: TileRead
    fill: int
    ahead: int
    tile: tuple[str, int, int]


@dataclass(frozen=True, slots=True)
class _Side:
    """The buffer of an operand in a turn: its pieces of a step, when it starts, and what it takes, from and until when."""

    pieces: int
    start: int
    load: _Load | None = None
    begun: int = 0
    filled: int = 0


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
        self._interval = max(self._pieces_a, self._pieces_b) * timing.modules["interconnect"].loops[0].ii
        self._reads: dict[tuple[str, int, int, int], TileRead] = {}
        self._loads: dict[tuple[str, int, int], _Load] = {}
        self._turns: dict[tuple[Step | None, Step | None, State], tuple[State, int]] = {}
        self._groups: dict[tuple[Group, Step | None, State], tuple[State, int]] = {}

    def cycles(self, gemm: Gemm) -> int:
        """Return the cycles of one run of `gemm`, from the start of ctrl to the last answer of the memory."""
        state: State = (START_CYCLES - self._timing.turn_cycles, *(0,) * (9 + COMMANDS_AHEAD))
        now = 0
        before: Step | None = None
        for group, count in groups(gemm, self._design):
            for _ in range(count):
                state, passed = self._run_group(group, before, state)
                now += passed
                before = group[-1]
        state, passed = self._turn(None, before, state)
        return now + passed + max(state[:10]) + END_CYCLES

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

        side_a = self._fill(ends, _LOAD_A, load if load and load.load_a else None, issued, start_a)
        side_b = self._fill(ends, _LOAD_B, load if load and load.load_b else None, issued, start_b)
        read_a, read_b = start_a, start_b
        if compute is not None:
            read_a = read_b = self._compute(ends, compute, issued, (side_a, side_b))
        for side, loader, module, name, read in (
            (side_a, _LOAD_A, _BUFFER_A, "buffer_a", read_a),
            (side_b, _LOAD_B, _BUFFER_B, "buffer_b", read_b),
        ):
            filled = side.filled
            if side.load is not None:
                if compute is not None:  # Iterations that fill and read go at the pace of the reading.
                    steps, interval = self._steps(compute)[1], self._interval
                    covered = min(steps, side.load.fill // side.pieces)
                    alone = side.load.fill - covered * side.pieces
                    filled = max(filled, read - (steps - covered) * interval + alone * self._ii(name))
                # The load module ends when all but the words that the FIFOs hold have been taken.
                load_name = "load_a" if loader == _LOAD_A else "load_b"
                ends[loader] = max(side.begun + side.load.read.last, filled - side.load.ahead) + self._depth(load_name)
            ends[module] = max(filled, read) + self._depth(name)
        if compute is not None and compute.last:
            self._drain(ends, compute, issued)
        return ends

    def _fill(self, ends: list[int], loader: int, step: Step | None, issued: int, start: int) -> _Side:
        """Return the buffer of an operand in a turn that loads a tile for `step`, or none."""
        pieces = self._pieces_a if loader == _LOAD_A else self._pieces_b
        if step is None:
            return _Side(pieces, start, filled=start)
        name, buffer = ("load_a", "buffer_a") if loader == _LOAD_A else ("load_b", "buffer_b")
        load = self._load(name[-1], step.rows if loader == _LOAD_A else step.columns, step.products)
        begun = max(ends[loader], issued - LOADS_FIRST_CYCLES) + self._overhead(name)
        way = self._depth(name) + self._timing.arbiter_depth + 1
        # The buffer takes a word an iteration once the first is there; the memory may be slower.
        filled = max(start, begun + load.read.first + way) + load.fill * self._ii(buffer)
        filled = max(filled, begun + load.read.last + way)
        if start > begun + load.read.full:  # The load had to stop at full FIFOs: the rest comes at the memory's pace.
            filled = max(filled, start + load.read.resumed)
        return _Side(pieces, start, load, begun, filled)

    def _steps(self, compute: Step) -> tuple[int, int]:
        """Return the sub-tiles of a step's tile product, and the steps of the array in it."""
        subtiles = ceil(compute.rows / self._step.m) * ceil(compute.columns / self._step.n)
        return subtiles, subtiles * ceil(compute.products / self._step.k)

    def _compute(self, ends: list[int], compute: Step, issued: int, sides: tuple[_Side, _Side]) -> int:
        """Advance interconnect, array and the folding of results; return when the buffers have been read."""
        subtiles, steps = self._steps(compute)
        steps_k = steps // subtiles
        interval = self._interval

        # While a buffer is filled, one iteration both fills and reads: a late word delays the piece of its iteration.
        read = max(side.start for side in sides)
        taken = 0
        for side in sorted(sides, key=lambda side: side.load.fill // side.pieces if side.load else 0):
            if side.load is None:
                continue
            covered = min(steps, side.load.fill // side.pieces)
            filled = side.filled
            if taken and covered > taken:  # The other operand was waited for; this one's load may have had to stop.
                waited = self._tile_read(*side.load.tile, taken * side.pieces)
                if side.begun + waited.full < read:
                    filled = max(filled, read + waited.resumed)
            share = min(1.0, covered * side.pieces / max(1, side.load.fill))
            reached = side.start + ceil((filled - side.start) * share)
            read = max(read + (covered - taken) * interval, reached)
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
        awaited = max(0, subtiles - RESULTS_DEPTH - OUTPUT_REGISTER)
        folded = max(
            fold_start + subtiles * fold,
            fold_start + awaited * result + fold,
            computed + self._depth("pe_array") + fold,
        )
        # Full FIFOs hold the producers back: the array stops when a result waits for its output register.
        held = RESULTS_DEPTH + OUTPUT_REGISTER
        left = max(computed + self._depth("pe_array"), folded - (held + 1) * fold if subtiles > held else 0)
        computed = max(computed, folded - (held + 2) * fold if subtiles > held + 1 else 0)
        connected = max(connected, computed - (ARRAY_WORDS_DEPTH + OUTPUT_REGISTER) * interval)
        read = max(read, connected - (PIECES_DEPTH + OUTPUT_REGISTER) * self._ii("buffer_a"))
        ends[_CONNECT] = connected + self._depth("interconnect")
        ends[_ARRAY] = left
        ends[_BUFFER_C] = folded + self._depth("buffer_c")
        return read

    def _drain(self, ends: list[int], compute: Step, issued: int) -> None:
        """Advance buffer_c, post and store_c by a finished tile, and load_a by its bias."""
        row_words = ceil(compute.columns / 8)
        pieces = 8 // self._drained
        count = compute.rows * row_words * pieces
        bias_begun = max(ends[_LOAD_A], issued) + self._overhead("load_a")
        bias = bias_begun + REQUEST_WAY_CYCLES + self._memory.read_latency_cycles + ceil(compute.rows / 2)
        ends[_LOAD_A] = bias + self._depth("load_a")
        post_start = max(ends[_POST], issued) + self._overhead("post")
        bias_ready = max(post_start + compute.rows, bias + self._depth("load_a")) + self._depth("post", 0) + 1
        store_start = max(ends[_STORE], issued) + self._overhead("store_c")
        begun = max(ends[_BUFFER_C] + 1, bias_ready - self._depth("buffer_c", 1), store_start - self._depth("post", 1))
        stored = write_cycles(
            self._memory, rows=compute.rows, words=row_words, pieces=pieces, outstanding=OUTSTANDING_BURSTS
        )
        held = SUMS_DEPTH + OUTPUTS_DEPTH + 2 * OUTPUT_REGISTER
        sent = begun + max(count * self._ii("buffer_c", 1), count * self._ii("post", 1), stored - held)
        ends[_BUFFER_C] = max(sent, ends[_BUFFER_C] + 1 + count) + self._depth("buffer_c", 1)
        finished = begun + max(count, stored) + self._depth("buffer_c", 1) + 1 + self._depth("post", 1)
        ends[_POST] = finished
        answers = min(compute.rows, OUTSTANDING_BURSTS)
        ends[_STORE] = finished + self._depth("store_c", 0) + max(answers + 2, self._memory.write_latency_cycles + 2)

    def _load(self, operand: str, size: int, products: int) -> _Load:
        """Return how a tile of an operand is loaded: `size` rows of A or columns of B by `products`."""
        key = (operand, size, products)
        known = self._loads.get(key)
        if known is not None:
            return known
        iterations = self._tile_words(operand, size, products) * 8 // self._elements(operand)
        read = self._tile_read(operand, size, products, 0)
        self._loads[key] = found = _Load(read, iterations, min(iterations, self._held(operand)), key)
        return found

    def _elements(self, operand: str) -> int:
        """Return the elements of a bank word."""
        return self._fill_a if operand == "a" else self._fill_b

    def _held(self, operand: str) -> int:
        """Return the bank words of which the FIFOs between load and buffer have room."""
        words = (WORDS_DEPTH + OUTPUT_REGISTER) * 8 // self._elements(operand)
        return words + BANK_WORDS_DEPTH + OUTPUT_REGISTER

    def _tile_rows(self, operand: str, size: int, products: int) -> tuple[int, int]:
        """Return rows and words of a row that a load sends."""
        span = self._step.m if operand == "a" else self._step.n
        return ceil(products / self._step.k) * self._step.k, ceil(ceil(size / span) * span / 8)

    def _tile_words(self, operand: str, size: int, products: int) -> int:
        rows, words = self._tile_rows(operand, size, products)
        return rows * words

    def _tile_read(self, operand: str, size: int, products: int, consumed: int) -> TileRead:
        """Return when the words of a tile come, for a load that stops when the buffer has taken `consumed` bank words."""
        key = (operand, size, products, consumed)
        known = self._reads.get(key)
        if known is None:
            rows, words = self._tile_rows(operand, size, products)
            ahead = (self._held(operand) + consumed) * self._elements(operand) // 8
            known = self._reads[key] = read_tile(
                self._memory,
                rows=rows,
                rows_valid=products,
                words=words,
                words_valid=ceil(size / 8),
                outstanding=OUTSTANDING_BURSTS,
                ahead=min(rows * words, ahead),
            )
        return known

    def _overhead(self, instance: str) -> int:
        return self._timing.modules[instance].command_cycles

    def _depth(self, instance: str, loop: int = 0) -> int:
        return self._timing.modules[instance].loops[loop].depth

    def _ii(self, instance: str, loop: int = 0) -> int:
        return self._timing.modules[instance].loops[loop].ii
