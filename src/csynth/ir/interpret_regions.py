"""Run a dataflow region: each process is a coroutine that starts when its arrays and scalars are there."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from csynth.ir.model import Channel, Const, Function, PortKind, Process
from csynth.ir.waiting import WaitAny, Waiting, WaitStart

if TYPE_CHECKING:
    from csynth.ir.interpret import Frame, Machine

_STREAMS = (PortKind.STREAM_IN, PortKind.STREAM_OUT)


@dataclass(slots=True)
class Ring:
    """The buffers of one ping-pong channel; they keep their contents from run to run, as in hardware."""

    buffers: list[list[int]]
    next: int = 0

    def take(self) -> list[int]:
        """The buffer that is filled next."""
        self.next = (self.next + 1) % len(self.buffers)
        return self.buffers[self.next - 1]


def make_rings(function: Function) -> dict[str, Ring]:
    """Empty buffers for every array between the processes of `function`."""
    return {c.name: Ring([[0] * c.words for _ in range(c.depth)]) for c in function.channels if c.kind == "pipo"}


def run_region(machine: Machine, function: Function, frame: Frame) -> Generator[Waiting, None, None]:
    """Run all processes of a region until each one has ended."""
    rings = machine.rings(function, frame.path)
    filled: dict[str, deque[list[int]]] = {name: deque() for name in rings}
    channels = {c.name: c for c in function.channels}
    tasks = {p.name: _process(machine, p, frame, channels, rings, filled) for p in function.processes}
    waits: dict[str, Waiting] = {}
    while tasks:
        moved = False
        for name in list(tasks):
            if name in waits and not waits[name].can_go():
                continue
            moved = True
            try:
                waits[name] = next(tasks[name])
            except StopIteration:
                del tasks[name]
                waits.pop(name, None)
        if tasks and not moved:
            yield WaitAny(tuple(waits[n] for n in tasks))


def _process(
    machine: Machine,
    process: Process,
    frame: Frame,
    channels: dict[str, Channel],
    rings: dict[str, Ring],
    filled: dict[str, deque[list[int]]],
) -> Generator[Waiting, None, None]:
    callee = machine.program.function(process.function)
    ports = {p.name: p for p in callee.ports}
    links = {b.formal: b.actual for b in process.bindings if isinstance(b.actual, str)}
    scalars = {b.formal: b.actual.value for b in process.bindings if isinstance(b.actual, Const)}
    banks: dict[str, list[int]] = {}
    produced: dict[str, list[int]] = {}
    for formal, actual in links.items():
        port = ports[formal]
        if port.kind is PortKind.SCALAR_IN and actual in channels:
            while not frame.queues[actual]:
                yield WaitStart(process.name, actual, frame.queues[actual])
            scalars[formal] = frame.queues[actual].popleft()
        elif port.kind is PortKind.SCALAR_IN:
            scalars[formal] = frame.scalars[actual]
        elif port.kind is PortKind.MEMORY and actual not in channels:
            banks[formal] = frame.memories[actual]
        elif port.kind is PortKind.MEMORY and port.writes:
            banks[formal] = produced[actual] = rings[actual].take()
        elif port.kind is PortKind.MEMORY:
            while not filled[actual]:
                yield WaitStart(process.name, actual, filled[actual])
            banks[formal] = filled[actual].popleft()
    streams = {n: a for n, a in links.items() if ports[n].kind in _STREAMS}
    child = frame.child(
        path=f"{frame.path}/{process.name}",
        queues={n: frame.queues[a] for n, a in streams.items()},
        depths={n: frame.depths[a] for n, a in streams.items()},
        scalars=scalars,
        banks=banks,
    )
    yield from machine.start(callee, child)
    for name, buffer in produced.items():
        filled[name].append(buffer)
    for port in [p for p in callee.ports if p.kind is PortKind.SCALAR_OUT]:
        actual = links.get(port.name, port.name)
        if actual in channels:
            frame.queues[actual].append(child.outputs.get(port.name, 0))
        elif port.name in child.outputs:
            frame.outputs[actual] = child.outputs[port.name]
