import zlib

from hypothesis import given
from hypothesis import strategies as st

from aigchip.uart.frames import END, Answer, Command, Decoder, Status, answer, framed, request


def test_a_request_as_it_is_on_the_line() -> None:
    body = bytes.fromhex("05 02 0400 c0db0080 deadbeef")
    crc = zlib.crc32(body).to_bytes(4, "little")
    line = request(5, Command.WRITE, address=0x8000DBC0, length=4, data=bytes.fromhex("deadbeef"))
    escaped = b"".join({0xC0: b"\xdb\xdc", 0xDB: b"\xdb\xdd"}.get(byte, bytes((byte,))) for byte in body + crc)
    assert line == b"\xc0" + escaped + b"\xc0"


@given(st.lists(st.binary(min_size=1, max_size=80), max_size=6), st.randoms())
def test_frames_come_back_however_they_are_cut(bodies: list[bytes], rng) -> None:
    line, decoder, found = b"".join(map(framed, bodies)), Decoder(), []
    while line:
        size = rng.randint(1, len(line))
        found += decoder.feed(line[:size])
        line = line[size:]
    assert found == bodies
    assert decoder.dropped == 0


@given(st.binary(min_size=1, max_size=60), st.data())
def test_a_frame_with_a_wrong_bit_is_dropped_and_the_next_one_is_not(body: bytes, data) -> None:
    line = bytearray(framed(body))
    at = data.draw(st.integers(1, len(line) - 2))
    line[at] ^= 1 << data.draw(st.integers(0, 7))
    decoder = Decoder()
    assert body not in decoder.feed(bytes(line)) or line == framed(body)
    assert decoder.feed(framed(b"next")) == [b"next"]


def test_noise_between_frames_is_dropped() -> None:
    decoder = Decoder()
    assert decoder.feed(b"noise" + framed(b"one") + b"\xdb" + bytes((END,)) * 3 + framed(b"two")) == [b"one", b"two"]
    assert decoder.dropped >= 1


def test_answers() -> None:
    assert answer(bytes((7, 0x81, 0, 0, 1, 2))) == Answer(sequence=7, command=1, status=Status.DONE, data=b"\1\2")
    assert answer(bytes((7, 0x81, 9, 0))) == Answer(sequence=7, command=1, status=None, data=b"")
    assert answer(bytes((7, 0x01, 0, 0))) is None, "a request that came back"
    assert answer(b"\x07\x81\x00") is None
