"""The record that the harness reads and the one that it writes: counts of 4 bytes, words of ceil(width / 8) bytes."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass

from aigchip.core.errors import AigchipError
from aigchip.template.vectors import Vector
from aigchip.toolchain.contract import Contract


class VectorError(AigchipError):
    """A test vector does not fit the module's signature: the numpy model is at fault, not the code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What one call left behind.

    Attributes:
        leftover: words not read from each input stream.
        streams: words in each output stream.
        memories: words behind each memory port.
        unsettled: memory ports with a burst that was not completed or not answered.
        returned: the returned value.
    """

    leftover: dict[str, int]
    streams: dict[str, tuple[int, ...]]
    memories: dict[str, tuple[int, ...]]
    unsettled: tuple[str, ...]
    returned: int | None


def _word_bytes(width_bits: int) -> int:
    return (width_bits + 7) // 8


def _pack(words: Sequence[int], width_bits: int, where: str) -> bytes:
    size = _word_bytes(width_bits)
    for word in words:
        if not 0 <= word < 1 << width_bits:
            raise VectorError(where, f"a word is {word:#x}; must have at most {width_bits} bits", "Correct model.py.")
    return b"".join(word.to_bytes(size, "little") for word in words)


def encode(vector: Vector, contract: Contract) -> bytes:
    """Write a vector's inputs in the order of the ports.

    Raises:
        VectorError: the vector has words for a port that does not exist, none for one that does, or too wide ones.
    """
    kinds = {"stream_in": vector.streams_in, "maxi": vector.memories_in, "scalar_in": vector.scalars_in}
    names = {port.name for port in contract.arguments}
    given = {*vector.scalars_in, *vector.streams_in, *vector.memories_in, *vector.streams_out, *vector.memories_out}
    if strange := sorted(given - names):
        raise VectorError(f"vector {vector.name!r}", f"the port {strange[0]} is unknown", "Correct model.py.")
    parts: list[bytes] = []
    for port in contract.arguments:
        if port.kind == "stream_out":
            continue
        where = f"vector {vector.name!r}, port {port.name}"
        source = kinds[port.kind]
        if port.name not in source:
            raise VectorError(where, "the words are missing", "Give them in model.py.")
        if port.kind == "scalar_in":
            parts.append(_pack((vector.scalars_in[port.name],), port.width_bits, where))
        else:
            words = (vector.streams_in if port.kind == "stream_in" else vector.memories_in)[port.name]
            parts += (struct.pack("<I", len(words)), _pack(words, port.width_bits, where))
    return b"".join(parts)


def decode(data: bytes, contract: Contract) -> Answer:
    """Read what a call gave back.

    Raises:
        ValueError: the record is shorter or longer than its counts say.
    """
    at = 0

    def take(count: int) -> bytes:
        nonlocal at
        taken = data[at : at + count]
        at += count
        if len(taken) != count:
            msg = "simulation: the output record is cut short"
            raise ValueError(msg)
        return taken

    def number() -> int:
        return int(struct.unpack("<I", take(4))[0])

    def words(count: int, width_bits: int) -> tuple[int, ...]:
        size = _word_bytes(width_bits)
        raw = take(count * size)
        return tuple(int.from_bytes(raw[i : i + size], "little") for i in range(0, len(raw), size))

    leftover: dict[str, int] = {}
    streams: dict[str, tuple[int, ...]] = {}
    memories: dict[str, tuple[int, ...]] = {}
    unsettled: list[str] = []
    for port in contract.arguments:
        if port.kind == "stream_in":
            leftover[port.name] = number()
        elif port.kind == "stream_out":
            streams[port.name] = words(number(), port.width_bits)
        elif port.kind == "maxi":
            if not number():
                unsettled.append(port.name)
            memories[port.name] = words(number(), port.width_bits)
    returned = contract.returned
    value = words(1, returned.width_bits)[0] if returned else None
    if at != len(data):
        msg = "simulation: the output record is too long"
        raise ValueError(msg)
    return Answer(leftover=leftover, streams=streams, memories=memories, unsettled=tuple(unsettled), returned=value)
