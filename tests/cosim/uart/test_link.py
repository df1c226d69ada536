"""The link of boards/uart in Verilator, bit by bit, with the host's real program: what a line does wrong must not change a byte."""

from __future__ import annotations

import random
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support import stub_system

from aigchip.toolchain.ecp5.simulated import SimulatedPort
from aigchip.uart.errors import LinkCutError, LinkError
from aigchip.uart.frames import Command, Decoder, Status, answer, framed, request
from aigchip.uart.session import Patience, Session

REGISTERS = 0x8000_0000
MEMORY_BYTES = 131_072
PATIENCE = Patience(answer_s=0.002, attempts=60)


@pytest.fixture(scope="module")
def library() -> Path:
    return stub_system.library()


class Lossy:
    """A port that loses bytes in both directions."""

    def __init__(self, port: SimulatedPort, probability: float) -> None:
        self.port, self.probability, self.rng = port, probability, random.Random(5)
        self.name, self.lost = port.name, 0

    def _through(self, data: bytes) -> bytes:
        kept = bytes(byte for byte in data if self.rng.random() >= self.probability)
        self.lost += len(data) - len(kept)
        return kept

    def write(self, data: bytes) -> None:
        self.port.write(self._through(data))

    def read(self, timeout_s: float) -> bytes:
        return self._through(self.port.read(timeout_s))

    def reopen(self) -> None:
        self.port.reopen()


class Fragile:
    """A port whose cable is pulled out at given writes, in the middle of the frame or of its answer."""

    def __init__(self, port: SimulatedPort, cuts: dict[int, int]) -> None:
        self.port, self.cuts, self.name, self.writes, self.away = port, cuts, port.name, 0, 0

    def write(self, data: bytes) -> None:
        self.port.write(data)
        self.writes += 1
        after = self.cuts.get(self.writes)
        if after is not None:
            self.port.cut(after)
            self.away = 3

    def read(self, timeout_s: float) -> bytes:
        return self.port.read(timeout_s)

    def reopen(self) -> None:
        if self.away:
            self.away -= 1
            raise LinkCutError(self.name, "the port is gone")
        self.port.reopen()


def add(session: Session, rng: random.Random, words: int, times: int = 1) -> None:
    """Add two vectors on the stand-in accelerator, and compare."""
    one, two = (rng.randbytes(8 * words) for _ in range(2))
    session.upload(0x1000, one)
    session.upload(0x2008, two)
    for offset, value in ((0x10, words), (0x18, 0x1000), (0x20, 0x2008), (0x28, 0x3010)):
        session.write(REGISTERS + offset, value.to_bytes(4, "little"))
    runs = int.from_bytes(session.read(REGISTERS + 0x1010, 4), "little")
    for _ in range(times):
        session.write(REGISTERS, (1).to_bytes(4, "little"))
        while int.from_bytes(session.read(REGISTERS, 4), "little"):
            pass
    assert int.from_bytes(session.read(REGISTERS + 0x1010, 4), "little") == runs + times, (
        "a start was done twice or not at all"
    )
    sums = session.read(0x3010, 8 * words)
    for at in range(0, 8 * words, 8):
        wanted = sum(int.from_bytes(data[at : at + 8], "little") for data in (one, two)) % (1 << 64)
        assert int.from_bytes(sums[at : at + 8], "little") == wanted


@pytest.mark.verifies("uart")
def test_memory_and_registers_hold_what_is_written(library: Path) -> None:
    session = Session(SimulatedPort(library), PATIENCE)
    assert session.board.memory_bytes == MEMORY_BYTES
    assert session.board.identity == stub_system.IDENTITY
    assert session.board.last_sequence is None
    rng, held = random.Random(1), bytearray(MEMORY_BYTES)
    for at, size in ((0, 1024), (MEMORY_BYTES - 64, 64), (0x1FFC, 8), (0x40, 4), (0x44, 2052)):
        data = rng.randbytes(size)
        session.write(at, data)
        held[at : at + size] = data
    for at, size in ((0, 2100), (MEMORY_BYTES - 64, 64), (0x1FFC, 8)):
        assert session.read(at, size) == held[at : at + size]
        assert session.digest(at, size) == zlib.crc32(held[at : at + size])
    assert int.from_bytes(session.read(REGISTERS + 0x1000, 4), "little") == 0x41494743
    assert session.repeated == 0


def test_bytes_that_mark_frames_are_escaped(library: Path) -> None:
    session = Session(SimulatedPort(library), PATIENCE)
    data = bytes((0xC0, 0xDB, 0xDC, 0xDD)) * 64
    session.write(0, data)
    assert session.read(0, len(data)) == data


def test_the_accelerator_reads_and_writes_memory(library: Path) -> None:
    session = Session(SimulatedPort(library), PATIENCE)
    rng = random.Random(2)
    for words in (1, 2, 16, 17, 100, 256):
        add(session, rng, words)


@pytest.mark.parametrize("flip", [1e-4, 5e-4, 2e-3])
def test_inverted_bits_change_nothing(library: Path, flip: float) -> None:
    port = SimulatedPort(library, seed=3)
    session = Session(port, PATIENCE)
    port.noise(flip)
    rng, size = random.Random(3), {1e-4: 512, 5e-4: 128, 2e-3: 24}[flip]
    for at in range(0, 8 * size, size):
        data = rng.randbytes(size)
        session.write(at, data)
        assert session.read(at, size) == data
    add(session, rng, 3, times=12)
    assert session.repeated > 0


def test_lost_bytes_change_nothing(library: Path) -> None:
    port = Lossy(SimulatedPort(library), 0.002)
    session = Session(port, PATIENCE)
    rng = random.Random(4)
    for at in range(0, 4096, 256):
        data = rng.randbytes(256)
        session.write(at, data)
        assert session.read(at, 256) == data
    port.probability = 0.02
    add(session, rng, 2, times=20)
    assert port.lost > 20
    assert session.repeated > 0


def test_a_cut_cable_changes_nothing(library: Path) -> None:
    rng = random.Random(6)
    cuts = {number: rng.randint(1, 12_000) for number in range(3, 60, 3)}
    session = Session(Fragile(SimulatedPort(library), cuts), PATIENCE)
    add(session, rng, 64, times=10)
    assert session.reopened >= 10


def test_a_new_session_sends_only_what_is_missing(library: Path) -> None:
    port = SimulatedPort(library)
    data = random.Random(7).randbytes(20_000)
    first = Session(port, PATIENCE)
    first.write(0, data[:8192])  # then the program was ended
    second = Session(port, PATIENCE)
    assert second.board.last_sequence is not None
    assert second.upload(0, data) == len(data) - 8192
    assert second.read(0, len(data)) == data
    assert second.upload(0, data) == 0


def test_a_board_that_was_restarted_is_said(library: Path) -> None:
    class Restarted(Fragile):
        def reopen(self) -> None:
            self.port = SimulatedPort(library)

    port = Restarted(SimulatedPort(library), {4: 5000})
    session = Session(port, PATIENCE)
    with pytest.raises(LinkError) as error:
        session.write(0, bytes(8192))
    assert str(error.value) == (
        "the simulated board: the board was restarted or programmed anew while the link was cut. Run the same command again."
    )


def test_a_cable_that_stays_out_is_said(library: Path) -> None:
    port = Fragile(SimulatedPort(library), {2: 5000})
    session = Session(port, Patience(answer_s=0.002, reopens=2))
    with pytest.raises(LinkCutError, match="the port is gone and does not come back"):
        session.write(0, bytes(64))


def test_beyond_the_memory_is_nothing(library: Path) -> None:
    session = Session(SimulatedPort(library), PATIENCE)
    for do in (
        lambda: session.write(MEMORY_BYTES - 4, bytes(8)),
        lambda: session.digest(MEMORY_BYTES, 4),
        lambda: session.digest(MEMORY_BYTES - 8, 12),
    ):
        with pytest.raises(LinkError, match=r"there is nothing at address 0x(1fff|20000)"):
            do()
    with pytest.raises(LinkError, match="there is nothing at address 0x20000"):
        session.read(MEMORY_BYTES - 16, 64)
    with pytest.raises(LinkError, match="there is nothing at address 0x20000"):
        session.read(MEMORY_BYTES, 4)
    session.write(MEMORY_BYTES - 4, b"last")
    assert session.read(MEMORY_BYTES - 4, 4) == b"last"


def _raw(port: SimulatedPort, data: bytes) -> list[bytes]:
    port.write(data)
    decoder, found = Decoder(), []
    while came := port.read(0.002 + 2e-5 * len(data)):
        found += decoder.feed(came)
    return found


def test_requests_that_are_wrong_are_refused(library: Path) -> None:
    port = SimulatedPort(library)
    wrong = {
        request(1, Command.READ, address=2, length=4): Status.MALFORMED,
        request(2, Command.READ, address=0, length=6): Status.MALFORMED,
        request(3, Command.READ, address=0, length=0): Status.MALFORMED,
        request(4, Command.READ, address=0, length=1028): Status.MALFORMED,
        request(5, Command.WRITE, address=0, length=8, data=bytes(4)): Status.MALFORMED,
        request(6, Command.WRITE, address=0, length=4, data=bytes(8)): Status.MALFORMED,
        request(7, Command.CHECK, address=0, length=2): Status.MALFORMED,
        framed(bytes((8, 9, 4, 0, 0, 0, 0, 0))): Status.UNKNOWN,
    }
    for number, (frame, status) in enumerate(wrong.items(), start=1):
        (body,) = _raw(port, frame)
        told = answer(body)
        assert told is not None
        assert (told.sequence, told.status, told.data) == (number, status, b"")


def test_what_is_no_frame_gets_no_answer(library: Path) -> None:
    port, rng = SimulatedPort(library), random.Random(8)
    good = request(1, Command.READ, address=0, length=4)
    broken = bytearray(good)
    broken[3] ^= 4
    for data in (b"", rng.randbytes(300), good[:-1], bytes(broken), framed(b"short"), b"\xc0" * 5):
        assert _raw(port, data + b"\xc0") == ([] if data != good[:-1] else [*_raw(port, good)])
    assert _raw(port, framed(rng.randbytes(3000))) == [], "a frame that is too long"
    assert len(_raw(port, good)) == 1
    assert Session(port, PATIENCE).board.dropped >= 4


# ---- The tests above fail on wrong links.

MUTANTS: dict[str, tuple[Callable[[str], str], Callable[[Path], None]]] = {}


def mutant(old: str, new: str) -> Callable[[Callable[[Path], None]], Callable[[Path], None]]:
    def keep(test: Callable[[Path], None]) -> Callable[[Path], None]:
        def change(text: str) -> str:
            return text.replace(old, new)

        assert any(old in path.read_text() for path in stub_system.sources()), f"{old} is not in the link any more"
        MUTANTS[f"{old} -> {new}"] = (change, test)
        return test

    return keep


mutant("crc == RESIDUE", "1'b1")(lambda library: test_inverted_bits_change_nothing(library, 2e-3))
mutant("have_last && sequence_now == last_sequence", "1'b0")(test_lost_bytes_change_nothing)
mutant("outside <= host_outside", "outside <= 1'b0")(test_beyond_the_memory_is_nothing)
mutant("host_store ? host_lanes", "host_store ? {LANES{1'b1}}")(test_memory_and_registers_hold_what_is_written)
mutant("at <= at + 1'b1", "at <= at")(test_the_accelerator_reads_and_writes_memory)
mutant("line_data == ESC_ESC ? ESC", "line_data == ESC_ESC ? END")(test_bytes_that_mark_frames_are_escaped)


@pytest.fixture(params=list(MUTANTS))
def wrong(request: pytest.FixtureRequest) -> Iterator[tuple[Path, Callable[[Path], None]]]:
    change, test = MUTANTS[request.param]
    yield stub_system.library(change), test


@pytest.mark.slow
def test_a_wrong_link_fails(wrong: tuple[Path, Callable[[Path], None]]) -> None:
    library, test = wrong
    with pytest.raises((AssertionError, LinkError, pytest.fail.Exception)):
        test(library)
