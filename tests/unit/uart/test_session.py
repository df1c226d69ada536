"""The host's side against a board that is modelled in Python, with faults at chosen requests."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from support.uart_board import Board

from aigchip.uart.errors import LinkError
from aigchip.uart.session import Patience, Session

PATIENCE = Patience(answer_s=0.0, attempts=4, reopens=3)


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
        def answer(self, body: bytes) -> bytes:
            told = super().answer(body)
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
