"""The programmable logic: a design's RTL in a shared library, reached through ctypes."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from pathlib import Path

_UNITS_PER_BYTE = 1 << 16
_STATES = (0x0, 0x1020)  # ap_ctrl, and the shell's register that starts a list of jobs: what a program polls
_POLL_CYCLES = 1 << 16
_U64, _U32, _HANDLE = ctypes.c_uint64, ctypes.c_uint32, ctypes.c_void_p
_INTERFACE = {
    "fabric_open": (_HANDLE, (_U64, _U64)),
    "fabric_close": (None, (_HANDLE,)),
    "fabric_timing": (None, (_HANDLE, _U64, _U64, _U64)),
    "fabric_corrupt": (None, (_HANDLE, ctypes.c_int)),
    "fabric_memory": (_HANDLE, (_HANDLE,)),
    "fabric_reset": (None, (_HANDLE,)),
    "fabric_write32": (ctypes.c_int, (_HANDLE, _U32, _U32)),
    "fabric_read32": (ctypes.c_int, (_HANDLE, _U32, ctypes.POINTER(_U32))),
    "fabric_busy": (ctypes.c_int, (_HANDLE,)),
    "fabric_run": (_U64, (_HANDLE, _U64)),
    "fabric_counters": (None, (_HANDLE, ctypes.POINTER(_U64))),
}


@dataclass(frozen=True)
class Counters:
    """What the memory model has seen since the design was loaded."""

    cycles: int
    bytes_read: int
    bytes_written: int
    decode_errors: int
    protocol_errors: int


class Fabric:
    """A loaded design with its memory.

    Args:
        library: The shared library.
        base: First physical address of the memory.
        size: Its size [bytes].
    """

    def __init__(self, library: Path, *, base: int, size: int) -> None:
        self._library = ctypes.CDLL(str(library))
        for name, (result, arguments) in _INTERFACE.items():
            function = getattr(self._library, name)
            function.restype, function.argtypes = result, arguments
        self._handle = self._library.fabric_open(base, size)
        if not self._handle:
            raise MemoryError(f"no address space for {size} bytes of simulated memory")
        self.base, self.size = base, size
        self._memory = self._library.fabric_memory(self._handle)
        self._library.fabric_reset(self._handle)

    def set_timing(self, *, clock_hz: float, read_ns: int, write_ns: int, bytes_per_second: int) -> None:
        """Turn the memory's times into cycles of the design's clock."""
        self._library.fabric_timing(
            self._handle,
            round(read_ns * clock_hz / 1e9),
            round(write_ns * clock_hz / 1e9),
            max(1, round(bytes_per_second / clock_hz * _UNITS_PER_BYTE)),
        )

    def read(self, offset: int) -> int:
        """Read a register of 32 bits; one that tells of a run lets the clock run first while it is under way."""
        if offset in _STATES and self._library.fabric_busy(self._handle):
            self._library.fabric_run(self._handle, _POLL_CYCLES)
        value = _U32()
        if self._library.fabric_read32(self._handle, offset, ctypes.byref(value)):
            raise OSError(f"the design does not answer a read of 0x{offset:x}: on hardware the processor would hang")
        return value.value

    def write(self, offset: int, value: int) -> None:
        """Write a register of 32 bits."""
        if self._library.fabric_write32(self._handle, offset, value):
            raise OSError(f"the design does not answer a write of 0x{offset:x}: on hardware the processor would hang")

    def corrupt_results(self) -> None:
        """From now on, flip the lowest bit of every word whose first byte the design writes."""
        self._library.fabric_corrupt(self._handle, 1)

    def to_memory(self, address: int, data: bytes | memoryview) -> None:
        """Write bytes at a physical address."""
        ctypes.memmove(self._at(address, len(data)), bytes(data), len(data))

    def from_memory(self, address: int, length: int) -> bytes:
        """Read bytes at a physical address."""
        return ctypes.string_at(self._at(address, length), length)

    def counters(self) -> Counters:
        """Return the counters of the memory model."""
        values = (_U64 * 5)()
        self._library.fabric_counters(self._handle, values)
        return Counters(*values)

    def close(self) -> None:
        """Free the design; the object is not used afterwards."""
        self._library.fabric_close(self._handle)
        self._handle = None

    def _at(self, address: int, length: int) -> int:
        if not self.base <= address <= address + length <= self.base + self.size:
            raise ValueError(f"0x{address:x} to 0x{address + length:x} is outside the simulated memory")
        return self._memory + address - self.base
