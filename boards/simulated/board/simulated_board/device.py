"""The device behind pynq: everything of pynq's EmbeddedDevice is used; only what touches hardware is put aside.

What stands in: the FPGA manager and /lib/firmware (a folder), /dev/mem (the processing system's registers and the design's
RTL), XRT (buffers). What is pynq's own and runs as on a board: overlays, the parsing of .bit and .hwh, the cache of
metadata, clocks, port widths, MMIO, register maps, buffers, drivers.
"""

from __future__ import annotations

import os
import signal
import struct
import sys
import time
import types
from pathlib import Path
from typing import Any

import pynq._3rdparty.tinynumpy as tnp
from pynq import buffer
from pynq.pl_server import embedded_device, global_state, xrt_device

from simulated_board import buffers, configuration, payload, registers
from simulated_board.fabric import Fabric

_WORD = struct.Struct("<I")
_STARTS = (0x0, 0x1020)  # ap_ctrl, and the shell's register that starts a list of jobs
_START, _BUSY = 1, 1


class FabricError(OSError):
    """The FPGA manager refuses the bitstream."""


class Board:
    """All that stands in for hardware, shared by the devices of one process."""

    def __init__(self) -> None:
        self.configuration = configuration.load()
        self.fault = self.configuration.fault()
        self.system = registers.PROCESSING_SYSTEMS[self.configuration.processing_system]
        self.registers = registers.Registers(self.system, self.system.stuck(self.fault))
        self.pool = buffers.Pool(self.configuration.memory_base, self.configuration.memory_bytes)
        self.fabric: Fabric | None = None
        self.base, self.span = 0, 0
        self._hanging = False

    def program(self, firmware: Path) -> None:
        """Load the design that a bitstream names.

        Raises:
            FabricError: The file is no bitstream of the simulated board, its model is missing, or the part is another.
        """
        design = payload.decode(firmware.read_bytes())
        part = self.system.other_part if self.fault == "part-mismatch" else self.configuration.part
        if design["part"] != part:
            raise FabricError(f"fpga_manager fpga0: the bitstream is for {design['part']}; the device is {part}")
        library = self.configuration.fabrics / design["fabric"] / "libfabric.so"
        if not library.is_file():
            raise FabricError(f"the model {design['fabric']} that the bitstream names is not on this machine")
        if self.fabric is not None:
            self.fabric.close()
        told = self.configuration
        self.fabric = Fabric(library, base=told.memory_base, size=told.memory_bytes)
        self.base, self.span = design["base"], design["span"]
        self._hanging = False
        if self.fault == "wrong-results":
            self.fabric.corrupt_results()
        self._set_timing()

    def read(self, address: int) -> int:
        """Read a word of the physical address space."""
        if self.registers.is_there(address):
            return self.registers.read(address)
        offset, fabric = self._of_design(address)
        if self._hanging and offset in _STARTS:
            time.sleep(0.001)
            return _BUSY
        return fabric.read(offset)

    def write(self, address: int, value: int) -> None:
        """Write a word of the physical address space."""
        if self.registers.is_there(address):
            self.registers.write(address, value)
            self._set_timing()
            return
        offset, fabric = self._of_design(address)
        if offset in _STARTS and value & _START:
            if self.fault == "hang":
                self._hanging = True
                return
            if self.fault == "lost-connection":
                self._cut_connections()
        fabric.write(offset, value)

    def to_memory(self, address: int, data: bytes) -> None:
        """Write bytes of the memory."""
        self._loaded().to_memory(address, data)

    def from_memory(self, address: int, length: int) -> bytes:
        """Read bytes of the memory."""
        return self._loaded().from_memory(address, length)

    def _set_timing(self) -> None:
        if self.fabric is not None:
            told = self.configuration
            self.fabric.set_timing(
                clock_hz=self.registers.clock_hz(),
                read_ns=told.read_latency_ns,
                write_ns=told.write_latency_ns,
                bytes_per_second=told.bytes_per_second,
            )

    def _loaded(self) -> Fabric:
        if self.fabric is None:
            raise RuntimeError("no design is loaded in this process: the simulated logic is lost when a process ends")
        return self.fabric

    def _of_design(self, address: int) -> tuple[int, Fabric]:
        fabric = self._loaded()
        if not self.base <= address < self.base + self.span:
            raise OSError(f"nothing answers at 0x{address:x}: on hardware the processor would hang")
        return address - self.base, fabric

    def _cut_connections(self) -> None:
        """End every SSH connection to the board, once."""
        self.fault = ""
        (self.configuration.folder / "fault.json").unlink(missing_ok=True)
        server = self.configuration.sshd_pid()
        own = os.getpid()
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and int(entry.name) != own and _parent(entry) == server:
                os.kill(int(entry.name), signal.SIGKILL)
        time.sleep(0.2)


def _parent(process: Path) -> int:
    try:
        return int((process / "stat").read_text().rpartition(")")[2].split()[1])
    except (OSError, IndexError, ValueError):
        return 0


class _Access:
    """What pynq's array calls for every word."""

    def __init__(self, board: Board, base: int) -> None:
        self._board, self._base = board, base

    def read(self, offset: int, length: int) -> bytes:
        words = (self._board.read(self._base + offset + at) for at in range(0, length, 4))
        return b"".join(_WORD.pack(word) for word in words)

    def write(self, offset: int, data: bytes) -> None:
        for at in range(0, len(data), 4):
            self._board.write(self._base + offset + at, _WORD.unpack_from(data, at)[0])


def register() -> None:
    """Put the board behind pynq, where XILINX_XRT is set; without it a real board has no device either."""
    if "XILINX_XRT" not in os.environ:
        return
    board = Board()
    for folder in (board.configuration.state, board.configuration.firmware):
        folder.mkdir(parents=True, exist_ok=True)
    _replace_hardware(board)

    class SimulatedDevice(embedded_device.EmbeddedDevice):
        """A Zynq device, of either family, made of RTL in Verilator."""

        _probe_priority_ = 10

        @classmethod
        def _probe_(cls) -> list[Any]:
            return [cls()]

        def __init__(self) -> None:
            super().__init__(0, "simulated{}")
            self.arch = board.system.architecture
            self.simulated = board

        def mmap(self, base_addr: int, length: int) -> Any:
            return tnp.ndarray(shape=(length // 4,), dtype="u4", hook=_Access(board, base_addr))

        def write_fpga_manager(self, attribute: str, value: str) -> None:
            if attribute == self.BS_FPGA_MAN:
                board.program(board.configuration.firmware / value)

        def _xrt_download(self, data: bytes) -> None:
            """Load nothing: XRT would be given the description of the memories, through a file in the working folder."""

    embedded_device.SimulatedDevice = SimulatedDevice


def _replace_hardware(board: Board) -> None:
    """Give pynq's modules what they find only on a board, and keep its files in the board's folder."""
    pyxrt = buffers.as_pyxrt(board)
    sys.modules["pyxrt"] = pyxrt
    kernel = types.SimpleNamespace(munmap=lambda pointer, length: 0)  # a buffer's memory is the interpreter's own
    casts = types.SimpleNamespace(cast=lambda pointer, kind: pointer, c_void_p=None)
    xrt_device.pyxrt = pyxrt
    for module in (xrt_device, buffer):
        module.libc = kernel
        if not hasattr(module, "ctypes"):
            module.ctypes = casts
    state = board.configuration.state
    global_state.STATE_DIR = str(state)
    embedded_device.__file__ = str(state / "embedded_device.py")  # the cache of metadata lies beside this name
    for module in (global_state, embedded_device):
        module.initial_global_state_file_boot_check = lambda device_tag="": None

    def keep_firmware(bitstream: Any, parser: Any) -> None:
        data = parser.bin_data
        bitstream.binfile_name = Path(bitstream.bitfile_name).stem + ".bin"
        bitstream.firmware_path = board.configuration.firmware / bitstream.binfile_name
        bitstream.firmware_path.write_bytes(data)

    embedded_device._preload_binfile = keep_firmware
