"""A board at a UART, modelled in Python: what boards/uart/link.v does, with faults at chosen requests."""

from __future__ import annotations

import zlib

from aigchip.uart.errors import LinkCutError
from aigchip.uart.frames import Decoder, framed


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
            told = self.answer(body)
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

    def answer(self, body: bytes) -> bytes:
        """Do what a request asks for, and return the answer as it goes onto the line."""
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
