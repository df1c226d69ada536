"""Execute a Program: the reference semantics of `csynth.ir.model`, without time.

Processes and kept calls are coroutines joined by FIFOs; a function whose every coroutine waits is a deadlock. Channels hold any
number of words unless `bounded` is set: by default the result does not depend on their depths.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import Any

from csynth.errors import InterpretError
from csynth.ir.interpret_code import compile_function
from csynth.ir.interpret_regions import Ring, make_rings, run_region
from csynth.ir.model import Function, PortKind, Program
from csynth.ir.waiting import Queue, Waiting


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one run left behind.

    Attributes:
        streams: words written to each output stream that no memory serves, in order.
        scalars: last value of each scalar output that was set.
        left: words of each input stream that were not read.
        memories: contents of the memories behind burst_maxi arguments after the run.
    """

    streams: dict[str, list[int]]
    scalars: dict[str, int]
    left: dict[str, list[int]]
    memories: dict[str, list[int]]


@dataclass(slots=True)
class Frame:
    """What the code of one function instance reaches: its queues, scalars and memories; `banks` are those behind its memory ports."""

    machine: Machine
    path: str
    queues: dict[str, Queue]
    depths: dict[str, int | None]
    scalars: dict[str, int]
    outputs: dict[str, int] = field(default_factory=dict)
    memories: dict[str, list[int]] = field(default_factory=dict)
    banks: dict[str, list[int]] = field(default_factory=dict)

    def child(self, **fields: Any) -> Frame:
        """The frame of something that this one runs."""
        return Frame(machine=self.machine, **fields)


class Machine:
    """A program with its memories, which keep their contents from run to run as in hardware."""

    def __init__(self, program: Program, *, max_blocks: int = 20_000_000, bounded: bool = False) -> None:
        self.program = program
        self.functions = {f.name: f for f in program.functions}
        self.bounded = bounded
        self.budget = self.max_blocks = max_blocks
        self._memories: dict[str, dict[str, list[int]]] = {}
        self._rings: dict[str, dict[str, Ring]] = {}
        self._code: dict[str, Any] = {}

    def run(
        self,
        *,
        function: str | None = None,
        streams: Mapping[str, list[int]] | None = None,
        scalars: Mapping[str, int] | None = None,
        memories: Mapping[str, list[int]] | None = None,
    ) -> Outcome:
        """Run `function` (the top by default) once.

        Args:
            function: name of a function of the program.
            streams: words for each input stream; a missing one is empty.
            scalars: value of each scalar input, any integer, cut to the port's width.
            memories: words of the memory behind each memory port, indexed by element, and of each array outside.

        Raises:
            InterpretError: a deadlock (an input ran empty, or a bounded channel full), an access outside a memory, or too many steps.
        """
        self.budget = self.max_blocks
        f = self.program.function(function or self.program.top)
        queues = {
            p.name: deque((streams or {}).get(p.name, ()))
            for p in f.ports
            if p.kind in (PortKind.STREAM_IN, PortKind.STREAM_OUT)
        }
        values = {
            p.name: (scalars or {}).get(p.name, 0) & ((1 << p.width_bits) - 1)
            for p in f.ports
            if p.kind is PortKind.SCALAR_IN
        }
        frame = Frame(machine=self, path=f.name, queues=queues, depths=dict.fromkeys(queues), scalars=values)
        outside = {m.name: m.depth for m in f.memories if m.interface}
        ports = [
            _MaxiMemory(name, list(words), queues) for name, words in (memories or {}).items() if name not in outside
        ]
        task = self.start(f, frame)
        for name, depth in outside.items():
            words = list((memories or {}).get(name, ()))[:depth]
            frame.memories[name][:] = [*words, *[0] * (depth - len(words))]
        try:
            while True:
                waiting = next(task)
                served = sum(port.serve() for port in ports)  # every port gets its turn
                if not served and not waiting.can_go():
                    raise InterpretError(
                        "deadlock",
                        f"{f.name} waits for ever: {waiting.text()}",
                        f.location,
                        "Give it all the words that it reads",
                    )
        except StopIteration:
            pass
        for port in ports:
            port.serve()
        served = {n for port in ports for n in port.names}
        return Outcome(
            streams={
                p.name: list(queues[p.name]) for p in f.ports if p.kind is PortKind.STREAM_OUT and p.name not in served
            },
            scalars=frame.outputs,
            left={
                p.name: list(queues[p.name]) for p in f.ports if p.kind is PortKind.STREAM_IN and p.name not in served
            },
            memories={port.name: port.words for port in ports} | {name: list(frame.memories[name]) for name in outside},
        )

    def start(self, function: Function, frame: Frame) -> Generator[Waiting, None, None]:
        """Return the coroutine of one function instance; it yields what it waits for."""
        contents = self._memories.get(frame.path)
        if contents is None:
            contents = {m.name: [*m.init, *[0] * (m.depth - len(m.init))] for m in function.memories}
            self._memories[frame.path] = contents
        contents.update({m.name: [0] for m in function.memories if m.storage == "dsp"})
        frame.memories = {**frame.banks, **contents}
        for channel in function.channels:
            frame.queues[channel.name] = deque()
            frame.depths[channel.name] = channel.depth if self.bounded else None
        if function.is_dataflow:
            return run_region(self, function, frame)
        if function.name not in self._code:
            self._code[function.name] = compile_function(self.program, function)
        return self._code[function.name](self, frame)

    def rings(self, function: Function, path: str) -> dict[str, Ring]:
        """The ping-pong buffers of one instance of a region."""
        return self._rings.setdefault(path, make_rings(function))

    def enter(self, caller: Frame, name: str, site: str, arguments: list[int], bindings: dict[str, str]) -> Frame:
        """Make the frame of a callee; code of `compile_function` runs it."""
        callee = self.functions[name]
        inputs = [p for p in callee.ports if p.kind is PortKind.SCALAR_IN]
        return Frame(
            machine=self,
            path=f"{caller.path}/{site}",
            queues={formal: caller.queues[actual] for formal, actual in bindings.items() if actual in caller.queues},
            depths={formal: caller.depths[actual] for formal, actual in bindings.items() if actual in caller.depths},
            banks={formal: caller.memories[actual] for formal, actual in bindings.items() if actual in caller.memories},
            scalars={p.name: v for p, v in zip(inputs, arguments, strict=True)},
        )


class _MaxiMemory:
    """Serves the five streams of one burst_maxi argument from a list of words."""

    def __init__(self, name: str, words: list[int], queues: dict[str, Queue]) -> None:
        self.name, self.words, self.queues = name, words, queues
        self.names = [f"{name}_{role}" for role in ("AR", "R", "AW", "W", "B")]
        self.bursts: Queue = deque()
        self.next, self.left = 0, 0

    def _queue(self, role: str) -> Queue:
        return self.queues.get(f"{self.name}_{role}", deque())

    def _range(self, request: int) -> tuple[int, int]:
        offset, length = request & ((1 << 64) - 1), request >> 64
        if length == 0 or offset + length > len(self.words):
            raise InterpretError(
                "burst",
                f"burst of {length} at {offset} on {self.name}; must be 1 or more words inside its {len(self.words)}",
                None,
                "Check the request",
            )
        return offset, length

    def serve(self) -> bool:
        """Answer all requests; returns whether anything moved."""
        moved = False
        while requests := self._queue("AR"):
            offset, length = self._range(requests.popleft())
            self._queue("R").extend(self.words[offset : offset + length])
            moved = True
        self.bursts.extend(self._queue("AW"))
        self._queue("AW").clear()
        data = self._queue("W")
        while data and (self.left or self.bursts):
            if not self.left:
                self.next, self.left = self._range(self.bursts.popleft())
            self.words[self.next] = data.popleft()
            self.next, self.left, moved = self.next + 1, self.left - 1, True
            if not self.left:
                self._queue("B").append(1)
        return moved


def run(
    program: Program,
    *,
    function: str | None = None,
    streams: Mapping[str, list[int]] | None = None,
    scalars: Mapping[str, int] | None = None,
    memories: Mapping[str, list[int]] | None = None,
    bounded: bool = False,
) -> Outcome:
    """Run a program once from its initial state; see `Machine.run`."""
    return Machine(program, bounded=bounded).run(function=function, streams=streams, scalars=scalars, memories=memories)
