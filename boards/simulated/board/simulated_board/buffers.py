"""What stands in for XRT (`pyxrt`): buffers in the simulated DDR, each with a copy that the program sees.

The program's copy stands for the processor's cache: what it writes reaches the memory only by a flush, and what the design
wrote reaches it only by an invalidate. A real cache may write back or drop a line at any moment, and XRT maps buffers
uncached unless told otherwise; the copy is the harshest case, so a program that is right here is right there.
"""

from __future__ import annotations

import enum
import weakref
from types import ModuleType, SimpleNamespace
from typing import Any

PAGE_BYTES = 4096
_STALE = 0xA5  # what a fresh buffer holds in memory until the first flush


class OutOfMemoryError(RuntimeError):
    """There is no free room of that size for a buffer."""


class Pool:
    """The physical memory for buffers, handed out in whole pages, lowest first."""

    def __init__(self, base: int, size: int) -> None:
        self._base, self._size = base, size
        self._taken: dict[int, int] = {}

    def take(self, size: int) -> int:
        """Return the address of free room.

        Raises:
            OutOfMemoryError: There is none.
        """
        pages = -(-size // PAGE_BYTES) * PAGE_BYTES
        at = self._base
        for start, length in sorted(self._taken.items()):
            if at + pages <= start:
                break
            at = start + length
        if at + pages > self._base + self._size:
            raise OutOfMemoryError(f"no {pages} bytes of contiguous memory are free")
        self._taken[at] = pages
        return at

    def free(self, address: int) -> None:
        """Give room back."""
        self._taken.pop(address, None)


class Direction(enum.Enum):
    """Which way a buffer is synchronised."""

    XCL_BO_SYNC_BO_TO_DEVICE = 0
    XCL_BO_SYNC_BO_FROM_DEVICE = 1


class Buffer:
    """`pyxrt.bo`."""

    flags = SimpleNamespace(normal=0, cacheable=1 << 24)

    def __init__(self, handle: Any, size: int, flags: int, memory: int) -> None:
        self._board = handle.board
        self._size = size
        self._address = self._board.pool.take(size)
        self._copy = bytearray(size)
        self._board.to_memory(self._address, bytes([_STALE]) * size)
        weakref.finalize(self, self._board.pool.free, self._address)

    def size(self) -> int:
        """Return its size [bytes]."""
        return self._size

    def address(self) -> int:
        """Return its physical address."""
        return self._address

    def map(self) -> memoryview:
        """Return what the program sees."""
        return memoryview(self._copy)

    def sync(self, direction: Direction, size: int | None = None, offset: int = 0) -> None:
        """Copy between what the program sees and the memory."""
        length = self._size - offset if size is None else size
        if direction is Direction.XCL_BO_SYNC_BO_TO_DEVICE:
            self._board.to_memory(self._address + offset, self._copy[offset : offset + length])
        else:
            self._copy[offset : offset + length] = self._board.from_memory(self._address + offset, length)


def as_pyxrt(board: Any) -> ModuleType:
    """Return a module that has what pynq uses of `pyxrt`.

    Args:
        board: Has `pool`, `to_memory` and `from_memory`.
    """
    module = ModuleType("pyxrt")
    names = (
        *("bdf", "dynamic_regions", "electrical", "host", "m2m", "max_clock_frequency_mhz"),
        *("mechanical", "memory", "name", "pcie_info", "thermal", "vmr"),
    )
    module.xrt_info_device = SimpleNamespace(**{name: name for name in names})
    module.xclBOSyncDirection = Direction
    module.bo = Buffer

    class Handle:
        """`pyxrt.device`."""

        def __init__(self, index: int) -> None:
            self.board = board

        def get_info(self, name: str) -> str:
            return "edge" if name == "name" else ""

        def load_xclbin(self, path: str) -> str:
            return "00000000-0000-0000-0000-000000000000"

    module.device = Handle
    return module
