"""A 4 x 4 matrix product by csynth in the system of boards/uart: an accelerator that is placed and routed in a minute."""

from __future__ import annotations

import random
import re
from pathlib import Path

import numpy as np

from aigchip.board import load
from aigchip.toolchain import shell
from aigchip.toolchain.ecp5 import pll, system
from aigchip.uart.session import Session
from csynth.driver import make_hardware
from csynth.frontend import compile_source

REGISTERS = 0x8000_0000
MHZ = 50.0
CLOCKS_PER_BIT = 8
_NAME = "small_gemm_ip"
_DEPTH, _A, _B, _C = 0x10, 0x18, 0x24, 0x30


def made() -> system.System:
    """Return the whole system around the accelerator."""
    board = load("ulx3s")
    source = Path(__file__).with_name("small_gemm.cpp").read_text()
    program = compile_source(("small_gemm.cpp", source), top="small_gemm")
    hardware = make_hardware(program, clock_period_ps=round(1e6 / MHZ), part=board.part)
    rtl = {f"{name}.v": text for name, text in hardware.verilog.items()}
    # flags of bus errors, which the shell has no pins for, stay inside
    inside = "".join(f"\n  wire gmem_{name}_axi_error;" for name in "abc")
    text = re.sub(r"\n  output gmem_\w_axi_error,", "", rtl[f"{_NAME}.v"])
    rtl[f"{_NAME}.v"] = text.replace("\n);", f"\n);{inside}", 1)
    ports = [shell.MemoryPort(name=f"gmem_{name}", width_bits=64) for name in "abc"]
    rtl[f"{_NAME}_shell.v"] = shell.render(rtl[f"{_NAME}.v"], kernel=_NAME, memories=ports)
    network = {"top": _NAME, "maxi": [{"name": port.name, "width_bits": port.width_bits} for port in ports]}
    return system.render(
        board,
        network,
        rtl,
        design="small_gemm",
        pll=pll.at_most(MHZ * 1e6, 25_000_000),
        identity=7,
        clocks_per_bit=CLOCKS_PER_BIT,
    )


def multiply(session: Session, depth: int, seed: int) -> None:
    """Multiply two random matrices on the accelerator and compare every sum."""
    rng = np.random.default_rng(seed)
    left, right = (rng.integers(-128, 128, (depth, 4), dtype=np.int8) for _ in range(2))
    images = [np.pad(matrix, ((0, 0), (0, 4))).tobytes() for matrix in (left, right)]
    places = (0x100, 0x1100 + 8 * random.Random(seed).randrange(64), 0x3000)
    for at, image in zip(places, images, strict=False):
        session.upload(at, image)
    session.upload(places[2], bytes([0xA5]) * 80)
    for register, value in zip((_DEPTH, _A, _B, _C), (depth, *places[:2], places[2] + 8), strict=True):
        session.write(REGISTERS + register, value.to_bytes(4, "little"))
    runs = session.read(REGISTERS + shell.REGISTER_RUNS, 4)
    session.write(REGISTERS, (1).to_bytes(4, "little"))
    for _ in range(100):
        if session.read(REGISTERS + shell.REGISTER_RUNS, 4) != runs:
            break
    else:
        raise AssertionError("the accelerator does not end")
    memory = session.read(places[2], 80)
    assert memory[:8] + memory[-8:] == bytes([0xA5]) * 16, "written beside C"
    found = np.frombuffer(memory[8:-8], "<i4").reshape(4, 4)
    assert np.array_equal(found, left.T.astype(np.int32) @ right.astype(np.int32))
