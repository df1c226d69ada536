"""An iteration-accurate simulation of the accelerator's processes, by time stamps on every FIFO element.

It follows `template/README.md` and the commands of ctrl one loop iteration at a time and shares no code with the model
that it judges. A process is a generator that yields while it waits for an element or for space.
"""

from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from math import ceil

from aigchip.perf.memory import MemoryTiming
from aigchip.perf.timing import DesignTiming
from aigchip.space import Design, array_step
from aigchip.workload import Gemm

Process = Generator[None, None, None]
BURSTS = 8


@dataclass
class Fifo:
    """Times at which elements were written and read; an element can be read a cycle after it was written.

    The writer's output register is one more place.
    """

    depth: int
    written: list[int] = field(default_factory=list)
    read: list[int] = field(default_factory=list)


class Loop:
    """A pipelined loop: iterations in order, results `depth` cycles later, a full output freezes it."""

    def __init__(self, start: int, ii: int, depth: int) -> None:
        self.next, self.ii, self.depth, self.end = start, ii, depth, start

    def iterate(self, inputs: tuple[Fifo, ...] = (), outputs: tuple[Fifo, ...] = (), ready: int = 0) -> Process:
        issue = max(self.next, ready)
        for fifo in inputs:
            while len(fifo.written) <= len(fifo.read):
                yield
            issue = max(issue, fifo.written[len(fifo.read)] + 1)
        for fifo in inputs:
            fifo.read.append(issue)
        leave = issue + self.depth
        for fifo in outputs:
            full = len(fifo.written) - fifo.depth - 1
            while full >= 0 and len(fifo.read) <= full:
                yield
            if full >= 0:
                leave = max(leave, fifo.read[full] + 1)
        for fifo in outputs:
            fifo.written.append(leave)
        self.next = max(issue + self.ii, leave - self.depth + self.ii)
        self.end = leave + 1


@dataclass(frozen=True)
class Turn:
    """What ctrl sends in a turn: sizes (rows, columns, products) of the step loaded and of the step computed."""

    load: tuple[int, int, int] | None
    load_a: bool
    load_b: bool
    compute: tuple[int, int, int] | None
    drain: bool


def turns(m: int, n: int, k: int, d: Design) -> Iterator[Turn]:
    """The turns of ctrl, by nested loops."""
    steps = []
    tiles = {"m": range(0, m, d.tile_m), "n": range(0, n, d.tile_n)}
    outer, inner = ("n", "m") if d.reuse == "second" else ("m", "n")
    for o in tiles[outer]:
        for g in range(0, len(tiles[inner]), d.group):
            for kk in range(0, k, d.tile_k):
                for slot, i in enumerate(tiles[inner][g : g + d.group]):
                    at = {outer: o, inner: i}
                    size = (min(d.tile_m, m - at["m"]), min(d.tile_n, n - at["n"]), min(d.tile_k, k - kk))
                    keep_a, keep_b = d.reuse == "first" and slot > 0, d.reuse == "second" and slot > 0
                    steps.append((size, not keep_a, not keep_b, kk + d.tile_k >= k))
    before = None
    for step in [*steps, None]:
        yield Turn(
            step[0] if step else None,
            bool(step and step[1]),
            bool(step and step[2]),
            before[0] if before else None,
            bool(before and before[3]),
        )
        before = step


def simulate(gemm: Gemm, d: Design, timing: DesignTiming, memory: MemoryTiming) -> int:
    """Return the cycles of one GEMM."""
    s = array_step(d)
    plan = list(turns(gemm.m, gemm.n, gemm.k, d))
    fifo = {
        name: Fifo(depth)
        for name, depth in {
            "words_a": 32, "words_b": 32, "bias": 32, "bank_a": 8, "bank_b": 8, "pieces_a": 8, "pieces_b": 8,
            "array": 4, "results": 2, "sums": 8, "outputs": 8,
        }.items()
    }  # fmt: skip
    receivers = ("load_a", "load_b", "buffer_a", "buffer_b", "arbiter_a", "arbiter_b", "interconnect", "pe_array",
                 "buffer_c", "post", "store_c")  # fmt: skip
    commands = {name: Fifo(4) for name in receivers}
    ends: dict[str, int] = {}
    ea = d.buffer_a_factor if d.buffer_a_dimension == "height" else 1
    eb = d.buffer_b_factor if d.buffer_b_dimension == "width" else 1
    ec = d.buffer_c_factor if d.buffer_c_dimension == "width" else 1
    ra = s.m * s.k // min(d.buffer_a_factor, s.m if d.buffer_a_dimension == "height" else s.k)
    rb = s.k * s.n // min(d.buffer_b_factor, s.n if d.buffer_b_dimension == "width" else s.k)
    rc = s.m * s.n // min(d.buffer_c_factor, s.n if d.buffer_c_dimension == "width" else s.m)

    def loop(name: str, start: int, index: int = 0) -> Loop:
        found = timing.modules[name].loops[index]
        return Loop(start, found.ii, found.depth)

    def command(name: str, now: int) -> Generator[None, None, int]:
        queue = commands[name]
        while len(queue.written) <= len(queue.read):
            yield
        taken = max(now, queue.written[len(queue.read)] + 1)
        queue.read.append(taken)
        cycles = timing.modules[name].command_cycles if name in timing.modules else 3
        return taken + cycles

    def send(name: str, now: int) -> Generator[None, None, int]:
        queue = commands[name]
        full = len(queue.written) - queue.depth
        while full >= 0 and len(queue.read) <= full:
            yield
        if full >= 0:
            now = max(now, queue.read[full] + 1)
        queue.written.append(now)
        return now

    def tile(size: tuple[int, int, int]) -> tuple[int, int, int]:
        return ceil(size[0] / s.m), ceil(size[1] / s.n), ceil(size[2] / s.k)

    def ctrl() -> Process:
        now = 12 - timing.turn_cycles
        for turn in plan:
            now += timing.turn_cycles
            wanted = [name for on, names in (
                (turn.load_a, ("load_a", "arbiter_a")), (turn.load_b, ("load_b", "arbiter_b")),
                (True, ("buffer_a", "buffer_b")),
                (turn.compute is not None, ("interconnect", "pe_array", "buffer_c")),
                (turn.drain, ("load_a", "post", "store_c")),
            ) if on for name in names]  # fmt: skip
            for name in wanted:
                now = yield from send(name, now)

    def fetch(name: str, tile: tuple[int, int, int], out: Fifo, now: int) -> Generator[None, None, int]:
        size, span, products = tile
        rows, words, valid = ceil(products / s.k) * s.k, ceil(ceil(size / span) * span / 8), ceil(size / 8)
        body = loop(name, now)
        # The port takes a request every second cycle, three cycles after the iteration that makes it.
        port: list[int] = []

        def ask(at: int) -> None:
            port.append(max(at + 3, port[-1] + 2 if port else 0))

        for _ in range(min(products, BURSTS)):
            yield from body.iterate(ready=port[-1] - 1 if port else 0)
            ask(body.next - 1)
        bus = 0.0
        for row in range(rows):
            for word in range(words):
                ready = 0
                if row < products and word < valid:
                    bus = max(bus + memory.cycles_per_word, port[row] + memory.read_latency_cycles)
                    ready = ceil(bus)
                yield from body.iterate(outputs=(out,), ready=ready)
            if len(port) < products:
                ask(body.next - 1)
        return body.end

    def load_a() -> Process:
        now = 0
        for turn in plan:
            if turn.load_a and turn.load:
                now = yield from command("load_a", now)
                now = yield from fetch("load_a", (turn.load[0], s.m, turn.load[2]), fifo["words_a"], now)
            if turn.drain and turn.compute:
                now = yield from command("load_a", now)
                body = loop("load_a", now)
                for word in range(ceil(turn.compute[0] / 2)):
                    yield from body.iterate(outputs=(fifo["bias"],), ready=now + 3 + memory.read_latency_cycles + word)
                now = body.end

    def load_b() -> Process:
        now = 0
        for turn in plan:
            if turn.load_b and turn.load:
                now = yield from command("load_b", now)
                now = yield from fetch("load_b", (turn.load[1], s.n, turn.load[2]), fifo["words_b"], now)

    def words_of(turn: Turn, operand: str) -> int:
        """Words of the tile that is loaded, 0 where none is."""
        if turn.load is None or not (turn.load_a if operand == "a" else turn.load_b):
            return 0
        size, span = (turn.load[0], s.m) if operand == "a" else (turn.load[1], s.n)
        return ceil(turn.load[2] / s.k) * s.k * ceil(ceil(size / span) * span / 8)

    def arbiter(operand: str, elements: int) -> Process:
        now = 0
        for turn in plan:
            words = words_of(turn, operand)
            if not words:
                continue
            now = yield from command(f"arbiter_{operand}", now)
            body = Loop(now, 1, timing.arbiter_depth)
            for i in range(words * 8 // elements):
                inputs = (fifo[f"words_{operand}"],) if i % (8 // elements) == 0 else ()
                yield from body.iterate(inputs, (fifo[f"bank_{operand}"],))
            now = body.end

    def buffer(operand: str, elements: int, pieces: int) -> Process:
        now, name = 0, f"buffer_{operand}"
        for turn in plan:
            now = yield from command(name, now)
            body = loop(name, now)
            um, un, uk = tile(turn.compute) if turn.compute else (0, 0, 0)
            read, fill = um * un * uk * pieces, words_of(turn, operand) * 8 // elements
            for i in range(max(read, fill)):
                yield from body.iterate(
                    (fifo[f"bank_{operand}"],) if i < fill else (), (fifo[f"pieces_{operand}"],) if i < read else ()
                )
            now = body.end

    def interconnect() -> Process:
        now, cycles = 0, max(ra, rb)
        for turn in plan:
            if not turn.compute:
                continue
            now = yield from command("interconnect", now)
            body = loop("interconnect", now)
            um, un, uk = tile(turn.compute)
            for _ in range(um * un * uk):
                for cycle in range(cycles):
                    inputs = tuple(fifo[f"pieces_{o}"] for o, r in (("a", ra), ("b", rb)) if cycle < r)
                    yield from body.iterate(inputs, (fifo["array"],) if cycle == cycles - 1 else ())
            now = body.end

    def pe_array() -> Process:
        now = 0
        for turn in plan:
            if not turn.compute:
                continue
            now = yield from command("pe_array", now)
            body = loop("pe_array", now)
            um, un, uk = tile(turn.compute)
            for _ in range(um * un):
                for step in range(uk):
                    yield from body.iterate((fifo["array"],), (fifo["results"],) if step == uk - 1 else ())
            now = body.end

    def buffer_c() -> Process:
        now = 0
        for turn in plan:
            if not turn.compute:
                continue
            now = yield from command("buffer_c", now)
            body = loop("buffer_c", now)
            um, un, _ = tile(turn.compute)
            for i in range(um * un * rc):
                yield from body.iterate((fifo["results"],) if i % rc == 0 else ())
            now = body.end
            if turn.drain:
                body = loop("buffer_c", now + 1, 1)
                for _ in range(turn.compute[0] * ceil(turn.compute[1] / 8) * 8 // ec):
                    yield from body.iterate(outputs=(fifo["sums"],))
                now = body.end

    def post() -> Process:
        now = 0
        for turn in plan:
            if not (turn.drain and turn.compute):
                continue
            now = yield from command("post", now)
            body = loop("post", now)
            for row in range(turn.compute[0]):
                yield from body.iterate((fifo["bias"],) if row % 2 == 0 else ())
            body = loop("post", body.end, 1)
            for _ in range(turn.compute[0] * ceil(turn.compute[1] / 8) * 8 // ec):
                yield from body.iterate((fifo["sums"],), (fifo["outputs"],))
            now = body.end

    def store_c() -> Process:
        now = 0
        for turn in plan:
            if not (turn.drain and turn.compute):
                continue
            now = yield from command("store_c", now)
            body, bus, answers = loop("store_c", now), 0.0, []
            for row in range(turn.compute[0]):
                announced = 0
                for i in range(ceil(turn.compute[1] / 8) * 8 // ec):
                    ready = answers[row - BURSTS] if i == 0 and row >= BURSTS else 0
                    if i % (8 // ec) == 0:
                        bus = max(bus, body.next - memory.cycles_per_word) + memory.cycles_per_word
                        ready = max(ready, ceil(bus))
                    if i == 2 * (8 // ec) - 1:  # the second word: the first waits in a register until it is announced
                        ready = max(ready, announced)
                    yield from body.iterate((fifo["outputs"],), ready=ready)
                    if i == 0:
                        announced = body.next + 2
                if ceil(turn.compute[1] / 8) == 1 and ec == 8:
                    body.next = max(body.next, announced)
                answers.append(body.next + memory.write_latency_cycles)
            body = loop("store_c", body.end, 1)
            for answer in answers[-BURSTS:]:
                yield from body.iterate(ready=answer)
            now = body.end
        ends["store_c"] = now

    processes: list[Process] = [
        ctrl(), load_a(), load_b(), arbiter("a", ea), arbiter("b", eb), buffer("a", ea, ra), buffer("b", eb, rb),
        interconnect(), pe_array(), buffer_c(), post(), store_c(),
    ]  # fmt: skip
    while processes:
        count = len(processes)
        before = sum(len(f.written) + len(f.read) for f in (*fifo.values(), *commands.values()))
        for process in list(processes):
            try:
                while True:
                    mark = sum(len(f.written) for f in fifo.values())
                    next(process)
                    if sum(len(f.written) for f in fifo.values()) == mark:
                        break
            except StopIteration:
                processes.remove(process)
        after = sum(len(f.written) + len(f.read) for f in (*fifo.values(), *commands.values()))
        assert after > before or len(processes) < count, "the processes wait for each other"
    return ends["store_c"] + 7
