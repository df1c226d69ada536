"""Frames on the line: SLIP, closed by a CRC-32. boards/uart/link.v is the other side.

Reference: RFC 1055 (SLIP); IEEE 802.3, 3.2.9 (the CRC).
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from enum import IntEnum

END, ESC, ESC_END, ESC_ESC = 0xC0, 0xDB, 0xDC, 0xDD
#: Bytes that one request writes or reads at most.
LONGEST_BYTES = 1024
#: Bytes that one check takes at most.
LONGEST_CHECK_BYTES = 65532
_ANSWER = 0x80
_CRC_BYTES, _ANSWER_BYTES = 4, 4


class Command(IntEnum):
    """What a host asks for."""

    HELLO = 0
    READ = 1
    WRITE = 2
    CHECK = 3


class Status(IntEnum):
    """How a board answers."""

    DONE = 0
    UNKNOWN = 1
    MALFORMED = 2
    FAILED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a board answered.

    Attributes:
        sequence: the request's.
        command: the request's.
        status: how it went; None for a number that this program does not know.
        data: what was read.
    """

    sequence: int
    command: int
    status: Status | None
    data: bytes


def request(sequence: int, command: Command, *, address: int = 0, length: int = 0, data: bytes = b"") -> bytes:
    """Return a request as it goes onto the line.

    Args:
        sequence: 0 to 255.
        command: what is asked for.
        address: [bytes], a multiple of 4.
        length: [bytes], a multiple of 4.
        data: what is written; `length` bytes.
    """
    body = bytes((sequence, command)) + length.to_bytes(2, "little") + address.to_bytes(4, "little") + data
    return framed(body)


def framed(body: bytes) -> bytes:
    """Return a frame with its CRC, escaped, between two ENDs: the first ends what a fault left on the line."""
    whole = body + zlib.crc32(body).to_bytes(_CRC_BYTES, "little")
    escaped = whole.replace(bytes((ESC,)), bytes((ESC, ESC_ESC))).replace(bytes((END,)), bytes((ESC, ESC_END)))
    return bytes((END,)) + escaped + bytes((END,))


class Decoder:
    """Take bytes as they come; give the bodies of the frames whose CRC fits. The others are counted in `dropped`."""

    def __init__(self) -> None:
        self._frame = bytearray()
        self._escaped = False
        self.dropped = 0

    def feed(self, data: bytes) -> list[bytes]:
        """Return the bodies of the frames that end in `data`."""
        found: list[bytes] = []
        for byte in data:
            if byte == END:
                body = self._closed()
                if body is not None:
                    found.append(body)
            elif self._escaped:
                self._frame.append({ESC_END: END, ESC_ESC: ESC}.get(byte, byte))
                self._escaped = False
            elif byte == ESC:
                self._escaped = True
            else:
                self._frame.append(byte)
        return found

    def _closed(self) -> bytes | None:
        frame, self._frame, self._escaped = bytes(self._frame), bytearray(), False
        body, crc = frame[:-_CRC_BYTES], frame[-_CRC_BYTES:]
        if not frame:
            return None
        if not body or zlib.crc32(body).to_bytes(_CRC_BYTES, "little") != crc:
            self.dropped += 1
            return None
        return body


def answer(body: bytes) -> Answer | None:
    """Read the body of an answer; None for one that is none."""
    if len(body) < _ANSWER_BYTES or not body[1] & _ANSWER:
        return None
    known = body[2] in {status.value for status in Status}
    return Answer(
        sequence=body[0],
        command=body[1] & ~_ANSWER,
        status=Status(body[2]) if known else None,
        data=body[_ANSWER_BYTES:],
    )
