"""The host's side against a board that is modelled here in Python, with faults at chosen requests."""

from __future__ import annotations

import zlib
from collections.abc import Callable

import pytest

from aigchip.uart.errors import LinkCutError, LinkError
from aigchip.uart.frames import Decoder, framed
from aigchip.uart.session import Patience, Session

PATIENCE = Patience(answer_s=0.0, attempts=4, reopens=3)


class Board:
    """Answer requests; `faults` gives, by the number of a request, what becomes of it."""

    name = "the board"

    def __init__(self, faults: dict[int, str] | None = None, *, version: int = 1) -> None:
        self.memory, self.faults, self.version = bytearray(4096), faults or {}, version
        self.last: tuple[int, int] | None = None
        self.number = self.writes = 0
        self.line, self.decoder, self.away = b"", Decoder(), 0

    def write(self, data: bytes) -> None:
        self._there()
        for body in self.decoder.feed(data):
            self.number += 1
            fault = self.faults.get(self.number)
            if fault == "lost":
                continue
            told = self._do(body)
            if fault == "cut":
                self.away = 2
                self._there()
            elif fault == "garbled":
                self.line += told[:-3] + bytes((told[-3] ^ 1,)) + told[-2:]
            elif fault == "twice":
                self.line += told + told
            elif fault != "answer lost":
                self.line += told

    def read(self, timeout_s: float) -> bytes:
        self._there()
        came, self.line = self.line, b""
        return came

    def reopen(self) -> None:
        if self.away:
            self.away -= 1
            self._there()
        self.line = b""

    def _there(self) -> None:
        if self.away:
            raise LinkCutError(self.name, "the port is gone")

    def _do(self, body: bytes) -> bytes:
        sequence, command = body[0], body[1]
        length, address = int.from_bytes(body[2:4], "little"), int.from_bytes(body[4:8], "little")
        status, data = 0, b""
        inside = address + length <= len(self.memory)
        if command == 0:
            seen = (self.last or (0, 0))[0]
            words = (self.version | seen << 8 | (self.last is not None) << 16, 4096, 120_000_000, 0xABCD, 0)
            data = b"".join(word.to_bytes(4, "little") for word in words)
        elif command == 2:
            if self.last is not None and self.last[0] == sequence:
                status = self.last[1]
            else:
                status = 0 if inside else 3
                self.writes += 1
                if inside:
                    self.memory[address : address + length] = body[8:]
                self.last = (sequence, status)
        elif command == 1:
            data = bytes(self.memory[address : address + length])
        elif inside:
            data = zlib.crc32(self.memory[address : address + length]).to_bytes(4, "little")
        else:
            status = 3
        return framed(bytes((sequence, command | 0x80, status, 0)) + data)


@pytest.mark.parametrize("fault", ["lost", "answer lost", "garbled", "twice", "cut"])
@pytest.mark.parametrize("at", [1, 2, 3, 5])
def test_one_fault_changes_nothing(fault: str, at: int) -> None:
    board = Board({at: fault})
    session = Session(board, PATIENCE)
    data = bytes(range(256)) * 8
    session.write(16, data)
    assert session.read(16, len(data)) == data
    assert board.writes == 2, "each write is carried out once"
    assert (session.repeated > 0) == (fault != "twice")


def test_a_silent_board_is_said() -> None:
    with pytest.raises(LinkError) as error:
        Session(Board(dict.fromkeys(range(1, 9), "lost")), PATIENCE)
    assert str(error.value) == (
        "the board: the board does not answer (4 requests). See that the board is on and holds a bitstream of ./doit bitstream, "
        "and that the port is its."
    )


def test_another_version_is_said() -> None:
    with pytest.raises(LinkError) as error:
        Session(Board(version=2), PATIENCE)
    assert str(error.value) == (
        "the board: it speaks version 2 of the link, not 1. Program the board with a bitstream of this version."
    )


@pytest.mark.parametrize(
    "do",
    [
        lambda session: session.write(4096, bytes(4)),
        lambda session: session.read(4096, 4),
        lambda session: session.digest(4096, 4),
    ],
)
def test_a_place_with_nothing_is_said(do: Callable[[Session], object]) -> None:
    with pytest.raises(LinkError, match="the board: there is nothing at address 0x1000"):
        do(Session(Board(), PATIENCE))


def test_an_upload_sends_what_differs() -> None:
    board = Board()
    data = bytes(range(256)) * 16
    assert Session(board, PATIENCE).upload(0, data) == 4096
    again = Session(board, PATIENCE)
    assert again.upload(0, data) == 0
    board.memory[77] ^= 1
    assert again.upload(0, data) == 4096
    assert board.memory == data


def test_a_memory_that_forgets_is_said() -> None:
    class Forgetful(Board):
        def _do(self, body: bytes) -> bytes:
            told = super()._do(body)
            self.memory[9] = 0
            return told

    with pytest.raises(LinkError, match="the board: the memory at 0x0 does not hold what was written"):
        Session(Forgetful(), PATIENCE).upload(0, bytes((255,)) * 64)


def test_numbers_of_requests_go_round() -> None:
    board = Board()
    session = Session(board, PATIENCE)
    for number in range(600):
        session.write(0, number.to_bytes(4, "little"))
    assert board.writes == 600
    assert Session(board, PATIENCE).read(0, 4) == (599).to_bytes(4, "little")
