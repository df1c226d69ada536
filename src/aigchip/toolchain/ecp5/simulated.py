"""A board's logic in Verilator behind its UART, bit by bit: a port that hosts' programs use as if it were a serial one."""

from __future__ import annotations

import ctypes
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

import jinja2

from aigchip.core import paths
from aigchip.core.atomic import write_text
from aigchip.core.once import made_once
from aigchip.toolchain import verilator_library
from aigchip.toolchain.ecp5.system import SYSTEM, TOP
from aigchip.uart.errors import LinkCutError

#: Baud rate that times of a simulation are taken at.
_BAUD = 1_000_000
_CAPACITY = 4096


def build(verilog: Mapping[str, str], *, cache: Path, clocks_per_bit: int = 8, top: str = SYSTEM) -> Path:
    """Return the shared library that simulates a board; what was built before comes from the cache.

    Args:
        verilog: texts by the name of their file.
        cache: where libraries are kept.
        clocks_per_bit: of the UART. Of the whole device (`aigchip_top`) the netlist says it.
        top: the system, or the whole device by its pins.

    Raises:
        RtlBuildError: Verilator refuses the Verilog.
    """
    folder = paths.testbench_dir() / "uart"
    text = (folder / "bench.v.j2").read_text(encoding="utf-8")
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, trim_blocks=True)  # noqa: S701 (Verilog, never HTML)
    bench = environment.from_string(text).render(top=top, clocks_per_bit=clocks_per_bit)
    files = dict(verilog)
    if top != TOP:
        files.pop("top.v", None)  # its PLL is no Verilog
    files["bench.v"] = bench
    driver = folder / "driver.cpp"
    said = json.dumps([sorted(files.items()), driver.read_text(encoding="utf-8"), verilator_library.identity()])
    key = hashlib.sha256(said.encode()).hexdigest()[:24]

    def make(scratch: Path) -> None:
        sources = scratch / "verilog"
        sources.mkdir()
        for name, content in files.items():
            write_text(sources / name, content)
        verilator_library.build(
            sorted(sources.iterdir()),
            top="bench",
            main=driver,
            headers=folder,
            out=scratch / "board.so",
            timeout_seconds=1800.0,
        )

    cache.mkdir(parents=True, exist_ok=True)
    return made_once(cache / key, ["board.so"], make)[0]


class SimulatedPort:
    """A serial port with a simulated board behind it. Times are the line's: 1 s is what a real line takes 1,000,000 bits for.

    Args:
        library: as `build` returns it.
        clocks_per_bit: of the UART.
        seed: of the noise on the line.
        flip: probability that a bit on the line is inverted.

    Attributes:
        name: what error texts call it.
        is_cut: set by a test to pull the cable out.
    """

    def __init__(self, library: Path, *, clocks_per_bit: int = 8, seed: int = 1, flip: float = 0.0) -> None:
        self.name = "the simulated board"
        self.is_cut = False
        self._calls = ctypes.CDLL(str(library))
        self._calls.board_new.restype = ctypes.c_void_p
        self._calls.board_cycles.restype = ctypes.c_uint64
        self._cycles_per_s = float(clocks_per_bit * _BAUD)
        self._board = ctypes.c_void_p(self._calls.board_new(clocks_per_bit, ctypes.c_uint64(seed)))
        self.noise(flip)

    def noise(self, flip: float) -> None:
        """Set the probability that a bit is inverted."""
        self._calls.board_noise(self._board, ctypes.c_double(flip))

    @property
    def cycles(self) -> int:
        """Clock cycles so far."""
        return int(self._calls.board_cycles(self._board))

    def write(self, data: bytes) -> None:
        """Send bytes; see `aigchip.uart.session.Port`."""
        self._refuse_if_cut()
        self._calls.board_send(self._board, data, len(data))

    def read(self, timeout_s: float) -> bytes:
        """Return what came; see `aigchip.uart.session.Port`."""
        self._refuse_if_cut()
        data = (ctypes.c_uint8 * _CAPACITY)()
        cycles = ctypes.c_uint64(round(timeout_s * self._cycles_per_s))
        return bytes(data[: self._calls.board_run(self._board, cycles, data, _CAPACITY)])

    def cut(self, after_cycles: int) -> None:
        """Pull the cable out after so many cycles, in the middle of whatever is sent."""
        data = (ctypes.c_uint8 * _CAPACITY)()
        self._calls.board_run(self._board, ctypes.c_uint64(after_cycles), data, _CAPACITY)
        self._calls.board_cut(self._board)
        self.is_cut = True

    def reopen(self) -> None:
        """Plug the cable in again; see `aigchip.uart.session.Port`."""
        self.is_cut = False
        self.read(1e-4)

    def _refuse_if_cut(self) -> None:
        if self.is_cut:
            raise LinkCutError(self.name, "the port is gone", code="cut")

    def close(self) -> None:
        """Switch the board off."""
        self._calls.board_delete(self._board)
