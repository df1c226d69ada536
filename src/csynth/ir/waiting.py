"""What a coroutine of the interpreter waits for."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Any, Protocol

Queue = deque[int]


class Waiting(Protocol):
    """What a coroutine yields when it cannot go on."""

    def can_go(self) -> bool:
        """Whether it can go on."""
        ...

    def text(self) -> str:
        """What it waits for, for the message of a deadlock."""
        ...


@dataclass(frozen=True, slots=True)
class Wait:
    """A coroutine waits until `queue` has a word, or (depth given) has room."""

    who: str
    stream: str
    queue: Queue
    depth: int | None = None

    def can_go(self) -> bool:
        """Whether the coroutine can go on."""
        return len(self.queue) < self.depth if self.depth is not None else bool(self.queue)

    def text(self) -> str:
        """For the message of a deadlock."""
        return f"{self.who} {'writes the full' if self.depth is not None else 'reads the empty'} stream {self.stream}"


@dataclass(frozen=True, slots=True)
class WaitStart:
    """A process waits for the array or scalar that an earlier process hands on."""

    who: str
    channel: str
    queue: deque[Any]

    def can_go(self) -> bool:
        """Whether the process can start."""
        return bool(self.queue)

    def text(self) -> str:
        """For the message of a deadlock."""
        return f"{self.who} waits for {self.channel}"


@dataclass(frozen=True, slots=True)
class WaitAny:
    """Every process of a region waits."""

    parts: tuple[Waiting, ...]

    def can_go(self) -> bool:
        """Whether some process can go on."""
        return any(p.can_go() for p in self.parts)

    def text(self) -> str:
        """For the message of a deadlock."""
        return "; ".join(p.text() for p in self.parts)
