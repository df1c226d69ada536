"""Drive one synthesised module with test vectors, at full rate or with random stalls on every port.

The module has the interface that csynth emits: ap_clk, ap_rst, ap_start/done/idle/ready, scalars, streams
`<port>_TDATA`, `_TVALID`, `_TREADY`, and five streams for each burst_maxi port. The request names the ports, the
vectors and the runs;
the result holds, for each run and vector, every word that came out and the cycles. The caller decides what is right.
"""

import json
import os
import random
from collections import deque
from pathlib import Path

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import ClockCycles, RisingEdge

RESPONSE_DELAY = 8  # cycles from a memory request to its first word, and from the last written word to the response
IDLE_CYCLES = 4  # observed after each call, so that a word too many is seen


class Source:
    """Offer the words of a queue on a stream input. A word once offered stays until it is taken."""

    def __init__(self, dut, port: str, rng: random.Random, stall: float) -> None:
        self.port, self.rng, self.stall = port, rng, stall
        self.data, self.valid = getattr(dut, f"{port}_TDATA"), getattr(dut, f"{port}_TVALID")
        self.ready = getattr(dut, f"{port}_TREADY")
        self.width = len(self.data)
        self.words: deque[int] = deque()
        self.offered = False
        self.valid.value = 0

    def edge(self) -> bool:
        """Act on a clock edge; True when a word was taken at it."""
        taken = self.offered and bool(self.ready.value)
        if taken:
            self.words.popleft()
            self.offered = False
        if not self.offered:
            if self.words and self.rng.random() >= self.stall:
                self.data.value = self.words[0]
                self.valid.value = 1
                self.offered = True
            elif taken:
                self.valid.value = 0
                self.data.value = self.rng.getrandbits(self.width)  # what is not valid must not matter
        return taken

    def blocked(self) -> str | None:
        """Say why this port does not move, or None."""
        if self.offered and not self.ready.value:
            return f"{self.port}: a word is offered and not taken ({len(self.words)} left)"
        if not self.words and self.ready.value:
            return f"{self.port}: the module waits for a word and there is none"
        return None


class Sink:
    """Take words from a stream output."""

    def __init__(self, dut, port: str, rng: random.Random, stall: float) -> None:
        self.port, self.rng, self.stall = port, rng, stall
        self.data, self.valid = getattr(dut, f"{port}_TDATA"), getattr(dut, f"{port}_TVALID")
        self.ready = getattr(dut, f"{port}_TREADY")
        self.words: list[int] = []
        self.open = False
        self.ready.value = 0

    def edge(self) -> bool:
        """Act on a clock edge; True when a word was taken at it."""
        taken = self.open and bool(self.valid.value)
        if taken:
            self.words.append(int(self.data.value))
        ready = self.rng.random() >= self.stall
        if ready != self.open:
            self.ready.value = self.open = ready
        return taken

    def blocked(self) -> str | None:
        """Say why this port does not move: never, as a sink opens again and again."""
        return None


class Memory:
    """Answer the five streams of a burst_maxi port from a list of words."""

    def __init__(self, dut, port: str, rng: random.Random, stall_in: float, stall_out: float) -> None:
        self.port, self.words = port, []
        self.faults: list[str] = []
        self.now = 0
        self.reads: deque[tuple[int, int]] = deque()  # (cycle from which it may be offered, word)
        self.bursts: deque[list[int]] = deque()  # [next offset, words left] of writes asked for
        self.responses: deque[int] = deque()
        self.parts: dict[str, Source | Sink] = {}
        for role, kind in (("AR", Sink), ("R", Source), ("AW", Sink), ("W", Sink), ("B", Source)):
            if hasattr(dut, f"{port}_{role}_TVALID"):
                self.parts[role] = kind(dut, f"{port}_{role}", rng, stall_in if kind is Source else stall_out)

    def edge(self) -> bool:
        """Act on a clock edge; True when any of the streams moved."""
        self.now += 1
        moved = [part.edge() for part in self.parts.values()]
        for role, queue in (("AR", self._read), ("AW", self._write)):
            part = self.parts.get(role)
            if part is not None and part.words:
                for request in part.words:
                    queue(request & (1 << 64) - 1, request >> 64)
                part.words.clear()
        self._take_written()
        for role, waiting in (("R", self.reads), ("B", self.responses)):
            part = self.parts.get(role)
            while waiting and part is not None:
                due, word = waiting[0] if role == "R" else (waiting[0], 0)
                if due > self.now:
                    break
                waiting.popleft()
                part.words.append(word)
        return any(moved)

    def _inside(self, offset: int, length: int, what: str) -> bool:
        if length and offset + length <= len(self.words):
            return True
        self.faults.append(f"{self.port}: {what} of {length} words from {offset}; the memory has {len(self.words)}")
        return False

    def _read(self, offset: int, length: int) -> None:
        inside = self._inside(offset, length, "read")
        for index in range(offset, offset + min(length, 1 << 16)):
            self.reads.append((self.now + RESPONSE_DELAY, self.words[index] if inside else 0))

    def _write(self, offset: int, length: int) -> None:
        if self._inside(offset, length, "write"):
            self.bursts.append([offset, length])

    def _take_written(self) -> None:
        written = self.parts.get("W")
        while written is not None and written.words and self.bursts:  # a word may come before its request is taken
            burst = self.bursts[0]
            self.words[burst[0]] = written.words.pop(0)
            burst[0] += 1
            burst[1] -= 1
            if burst[1] == 0:
                self.bursts.popleft()
                self.responses.append(self.now + RESPONSE_DELAY)

    def blocked(self) -> str | None:
        """Say which of the streams does not move, or None."""
        reasons = [reason for part in self.parts.values() if (reason := part.blocked())]
        return "; ".join(reasons) or None

    def rest(self) -> list[str]:
        """Say what was asked for and never finished."""
        left = []
        part = self.parts.get("R")
        if self.reads or (part is not None and part.words):
            left.append(f"{self.port}: words that were read are left over")
        if self.bursts:
            left.append(f"{self.port}: {self.bursts[0][1]} words of a write are missing")
        part = self.parts.get("W")
        if part is not None and part.words:
            left.append(f"{self.port}: {len(part.words)} words were written without a request")
        part = self.parts.get("B")
        if self.responses or (part is not None and part.words):
            left.append(f"{self.port}: a write response was not taken")
        return left


def waits(dut, region) -> list[str]:
    """Say at which FIFOs the processes of a dataflow region wait: each one writes a full one, or reads one of its empty ones."""
    if not region:
        return []

    def high(name: str) -> bool:
        return bool(getattr(dut, name).value)

    full, empty = {}, {}
    for fifo in region["fifos"]:
        writer, reader = fifo["producer"].replace(".", "__"), fifo["consumer"].replace(".", "__")
        if high(f"{writer}_TVALID") and not high(f"{writer}_TREADY"):
            full.setdefault(fifo["producer"].split(".")[0], []).append(fifo["name"])
        if not high(f"{reader}_TVALID"):
            empty.setdefault(fifo["consumer"].split(".")[0], []).append(fifo["name"])
    found = []
    for process in region["processes"]:
        name = process["name"]
        if not high(f"{name}_ap_start"):
            continue
        found += [f"process {name} waits to write the full FIFO {fifo}" for fifo in full.get(name, ())]
        if name not in full:
            found += [f"process {name} waits to read the empty FIFO {fifo}" for fifo in empty.get(name, ())]
    return found


async def call(dut, request, vector, *, rng: random.Random, run) -> dict:
    """Call the module once and return what came out."""

    def rate(side: str) -> float:
        return min(0.9, run[side] * rng.uniform(0.5, 1.5))

    ports = request["ports"]
    sources = {p["name"]: Source(dut, p["name"], rng, rate("stall_in")) for p in ports if p["kind"] == "stream_in"}
    sinks = {p["name"]: Sink(dut, p["name"], rng, rate("stall_out")) for p in ports if p["kind"] == "stream_out"}
    memories = {
        p["name"]: Memory(dut, p["name"], rng, rate("stall_in"), rate("stall_out"))
        for p in ports
        if p["kind"] == "maxi"
    }
    for name, source in sources.items():
        source.words.extend(vector["streams_in"].get(name, ()))
    for name, memory in memories.items():
        memory.words = list(vector["memories_in"].get(name, ()))
    scalars = [p for p in ports if p["kind"] == "scalar_in"]
    for port in scalars:
        getattr(dut, port["name"]).value = vector["scalars_in"][port["name"]]
    actors = [*sources.values(), *sinks.values(), *memories.values()]

    clock_edge = RisingEdge(dut.ap_clk)
    dut.ap_start.value = 1
    cycles = quiet = 0
    returned, deadlock = None, None
    while True:
        for actor in actors:
            quiet = 0 if actor.edge() else quiet
        await clock_edge
        cycles += 1
        quiet += 1
        if dut.ap_done.value:
            if any(port["kind"] == "return" for port in ports):
                returned = int(dut.ap_return.value)
            break
        if quiet > request["watchdog_cycles"]:
            deadlock = [reason for actor in actors if (reason := actor.blocked())] + waits(dut, request.get("region"))
            break
    dut.ap_start.value = 0
    for _ in range(IDLE_CYCLES):
        for actor in actors:
            actor.edge()
        await clock_edge
    for port in scalars:  # a scalar is only promised to be stable while the module runs
        getattr(dut, port["name"]).value = rng.getrandbits(port["width_bits"])
    for actor in actors:
        for part in actor.parts.values() if isinstance(actor, Memory) else [actor]:
            (part.valid if isinstance(part, Source) else part.ready).value = 0
    return {
        "vector": vector["name"],
        "cycles": cycles,
        "deadlock": deadlock,
        "returns": returned,
        "streams_out": {name: sink.words for name, sink in sinks.items()},
        "left_in": {name: len(source.words) for name, source in sources.items() if source.words},
        "memories_out": {name: memory.words for name, memory in memories.items()},
        "faults": [fault for memory in memories.values() for fault in [*memory.faults, *memory.rest()]],
    }


async def reset(dut, request) -> None:
    """Hold the module in reset with every input at rest."""
    dut.ap_rst.value = 1
    dut.ap_start.value = 0
    for port in request["ports"]:
        names = [port["name"]]
        if port["kind"] == "maxi":
            names = [f"{port['name']}_{role}" for role in ("AR", "R", "AW", "W", "B")]
        for name in names:
            if hasattr(dut, f"{name}_TVALID"):
                source = port["kind"] == "stream_in" or name.endswith(("_R", "_B"))
                getattr(dut, f"{name}_{'TVALID' if source else 'TREADY'}").value = 0
    await ClockCycles(dut.ap_clk, 4)
    dut.ap_rst.value = 0
    await ClockCycles(dut.ap_clk, 2)


@cocotb.test()
async def drive(dut) -> None:
    """Run every vector in every run that the request lists; a deadlock ends its run."""
    request = json.loads(Path(os.environ["AIGCHIP_BENCH_REQUEST"]).read_text())
    cocotb.start_soon(Clock(dut.ap_clk, 10, "ns").start())
    runs = []
    for run in request["runs"]:
        rng = random.Random(run["seed"])  # noqa: S311 (stimulus)
        await reset(dut, request)
        calls = []
        for vector in request["vectors"]:
            calls.append(await call(dut, request, vector, rng=rng, run=run))
            if calls[-1]["deadlock"] is not None:
                break
        runs.append({"name": run["name"], "calls": calls})
    Path(os.environ["AIGCHIP_BENCH_RESULT"]).write_text(json.dumps({"runs": runs}))
