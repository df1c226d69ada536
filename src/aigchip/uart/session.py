"""Reading and writing a board over a line that garbles, loses and stops; every request is repeated until it is answered.

A request may be repeated because a board does nothing twice: see boards/uart/link.v. After a cut the port is opened again, and the
request that was under way is repeated with the number that it had.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Protocol

from aigchip.uart.errors import LinkCutError, LinkError
from aigchip.uart.frames import LONGEST_BYTES, LONGEST_CHECK_BYTES, Answer, Command, Decoder, Status, answer, request

_VERSION = 1
_HELLO_BYTES = 20
#: Bytes that a check compares at a time before they are sent.
_BLOCK_BYTES = 4096


class Port(Protocol):
    """A line to a board."""

    @property
    def name(self) -> str:
        """What error texts call it."""
        ...

    def write(self, data: bytes) -> None:
        """Send bytes.

        Raises:
            LinkCutError: The port is gone.
        """
        ...

    def read(self, timeout_s: float) -> bytes:
        """Return the bytes that came, at the latest after `timeout_s` [s]; none when nothing came.

        Raises:
            LinkCutError: The port is gone.
        """
        ...

    def reopen(self) -> None:
        """Open a port anew that was cut, and drop what is still in it.

        Raises:
            LinkCutError: It is still gone.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Hello:
    """What a board says of itself.

    Attributes:
        last_sequence: of the last write that it carried out; None for none since its start.
        memory_bytes: size of its memory.
        clock_hz: clock of its logic [Hz].
        identity: 32 bits of the design that it holds.
        dropped: frames that it could not use since its start.
    """

    last_sequence: int | None
    memory_bytes: int
    clock_hz: int
    identity: int
    dropped: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long a session waits and how often it tries.

    Attributes:
        answer_s: for an answer that is short, beside the time that its bytes take [s].
        attempts: of a request on a line that is there.
        reopens: of a port that is gone; each waits `answer_s`.
        byte_s: that a byte takes on the line [s].
    """

    answer_s: float = 0.1
    attempts: int = 20
    reopens: int = 100
    byte_s: float = 1e-5


DEFAULT = Patience()


class Session:
    """A board at a port, from the first hello on.

    Args:
        port: The line.
        patience: How long to wait and how often to try.

    Raises:
        LinkError: Nothing answers, or it speaks another version.

    Attributes:
        board: What the board said of itself at the beginning.
        repeated: Requests that were sent again.
        reopened: How often the port was opened again.
    """

    def __init__(self, port: Port, patience: Patience = DEFAULT) -> None:
        self._port, self._patience = port, patience
        self._decoder = Decoder()
        self.repeated = self.reopened = 0
        self._wrote = False
        self.board = self._hello()
        self._wrote = self.board.last_sequence is not None
        self._sequence = 0 if self.board.last_sequence is None else self.board.last_sequence

    def read(self, address: int, length: int) -> bytes:
        """Return bytes of the board; address and length are multiples of 4.

        Raises:
            LinkError: There is nothing at a place, or the board does not answer.
        """
        found = bytearray()
        while len(found) < length:
            at, part = address + len(found), min(LONGEST_BYTES, length - len(found))
            got = self._ask(Command.READ, address=at, length=part)
            if len(got.data) != part:
                raise LinkError(
                    self._port.name, f"there is nothing at address 0x{at + len(got.data):x}", code="no-memory"
                )
            found += got.data
        return bytes(found)

    def write(self, address: int, data: bytes) -> None:
        """Write bytes; address and length are multiples of 4.

        Raises:
            LinkError: There is nothing at a place, or the board does not answer.
        """
        for start in range(0, len(data), LONGEST_BYTES):
            part = data[start : start + LONGEST_BYTES]
            self._ask(Command.WRITE, address=address + start, length=len(part), data=part)

    def digest(self, address: int, length: int) -> int:
        """Return the CRC-32 of bytes of the board, which compares them without reading them over the line.

        Raises:
            LinkError: There is nothing at a place, or the board does not answer.
        """
        if length > LONGEST_CHECK_BYTES:
            raise ValueError(f"length is {length}; must be at most {LONGEST_CHECK_BYTES}")
        return int.from_bytes(self._ask(Command.CHECK, address=address, length=length).data, "little")

    def upload(self, address: int, data: bytes) -> int:
        """Make the board's memory equal `data`: what is there already, for example from a run that was cut, is not sent again.

        Returns:
            The bytes that were sent.

        Raises:
            LinkError: As for `write`; or the memory does not keep what is written.
        """
        sent = 0
        for start in range(0, len(data), _BLOCK_BYTES):
            block, at = data[start : start + _BLOCK_BYTES], address + start
            wanted = zlib.crc32(block)
            if self.digest(at, len(block)) == wanted:
                continue
            self.write(at, block)
            sent += len(block)
            if self.digest(at, len(block)) != wanted:
                raise LinkError(
                    self._port.name,
                    f"the memory at 0x{at:x} does not hold what was written",
                    "Program the board again.",
                    code="memory",
                )
        return sent

    def _hello(self) -> Hello:
        found = self._ask(Command.HELLO)
        if len(found.data) != _HELLO_BYTES:
            raise self._strange(f"its hello has {len(found.data)} bytes")
        words = [int.from_bytes(found.data[at : at + 4], "little") for at in range(0, _HELLO_BYTES, 4)]
        if words[0] & 0xFF != _VERSION:
            raise self._strange(f"it speaks version {words[0] & 0xFF} of the link, not {_VERSION}")
        return Hello(
            last_sequence=words[0] >> 8 & 0xFF if words[0] >> 16 & 1 else None,
            memory_bytes=words[1],
            clock_hz=words[2],
            identity=words[3],
            dropped=words[4],
        )

    def _strange(self, what: str) -> LinkError:
        return LinkError(self._port.name, what, "Program the board with a bitstream of this version.", code="version")

    def _ask(self, command: Command, *, address: int = 0, length: int = 0, data: bytes = b"") -> Answer:
        """Send a request until it is answered."""
        if command != Command.HELLO:
            self._sequence = (self._sequence + 1) & 0xFF
        sequence = 0 if command == Command.HELLO else self._sequence
        frame = request(sequence, command, address=address, length=length, data=data)
        expected = length if command in (Command.READ, Command.CHECK) else _HELLO_BYTES
        wait_s = self._patience.answer_s + 2 * (len(frame) + expected) * self._patience.byte_s
        for attempt in range(self._patience.attempts):
            self.repeated += attempt > 0
            try:
                self._port.write(frame)
                found = self._answer(sequence, command, wait_s)
            except LinkCutError:
                self._reopen(command)
                continue
            if found is not None:
                return self._judged(found, address)
        raise LinkError(
            self._port.name,
            f"the board does not answer ({self._patience.attempts} requests)",
            "See that the board is on and holds a bitstream of ./doit bitstream, and that the port is its.",
            code="silent",
        )

    def _answer(self, sequence: int, command: Command, wait_s: float) -> Answer | None:
        """Return the answer to a request; None when none comes in time. Answers to earlier requests are left out."""
        while True:
            came = self._port.read(wait_s)
            if not came:
                return None
            for body in self._decoder.feed(came):
                found = answer(body)
                if found is not None and found.sequence == sequence and found.command == command:
                    return found

    def _judged(self, found: Answer, address: int) -> Answer:
        self._wrote = self._wrote or found.command == Command.WRITE
        if found.status == Status.DONE:
            return found
        if found.status == Status.FAILED:
            raise LinkError(
                self._port.name, f"there is nothing at address 0x{address:x}, or behind it", code="no-memory"
            )
        said = "an unknown status" if found.status is None else found.status.name.lower()
        raise LinkError(self._port.name, f"the board calls a request {said}", "Report this.", code="refused")

    def _reopen(self, command: Command) -> None:
        """Wait for a port that is gone; see that the board behind it was not restarted.

        Raises:
            LinkCutError: It does not come back.
            LinkError: The board lost its memory.
        """
        for _ in range(self._patience.reopens):
            try:
                self._port.reopen()
            except LinkCutError:
                continue
            self.reopened += 1
            self._decoder = Decoder()
            break
        else:
            raise LinkCutError(
                self._port.name,
                "the port is gone and does not come back",
                "Plug the cable in and run the same command again: what has arrived is not sent again.",
                code="cut",
            )
        if command == Command.HELLO:
            return
        told = self._hello()
        if told.identity != self.board.identity or (told.last_sequence is None and self._wrote):
            raise LinkError(
                self._port.name,
                "the board was restarted or programmed anew while the link was cut",
                "Run the same command again.",
                code="restarted",
            )
