"""The system of boards/uart around a stand-in for the accelerator that adds words, small enough to build in seconds."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from aigchip.board import load
from aigchip.core import paths
from aigchip.toolchain.axi_master import MASTER, MemoryPort, width_of
from aigchip.toolchain.ecp5 import pll, simulated, system

NETWORK = {"top": "stub", "maxi": [{"name": f"gmem_{name}", "width_bits": 64} for name in "abc"]}
IDENTITY = 0x0BADCAFE
CLOCKS_PER_BIT = 8


def stub_shell() -> str:
    """Return the stand-in's Verilog with the ports that every shell has."""
    text = Path(__file__).with_name("stub_shell.v").read_text()
    ports, ties = [], []
    for name in "abc":
        memory = MemoryPort(name=f"gmem_{name}", width_bits=64)
        for signal, direction, width, _ in MASTER:
            port = f"m_axi_{memory.name}_{signal}"
            ports.append(f"  {direction} [{width_of(width, memory) - 1}:0] {port}")
            if direction == "output" and not re.search(rf"assign {port} =", text):
                ties.append(f"assign {port} = 0;")
    return text.replace("{ports}", ",\n".join(ports)).replace("{ties}", "\n".join(ties))


def verilog(change: Callable[[str], str] = lambda text: text) -> dict[str, str]:
    """Return the system's Verilog; `change` is applied to each file of boards/uart."""
    board = load("ulx3s")
    made = system.render(
        board,
        NETWORK,
        {"stub_shell.v": stub_shell()},
        design="stub",
        pll=pll.at_most(120e6, 25_000_000),
        identity=IDENTITY,
    )
    return {name: text if name == "stub_shell.v" else change(text) for name, text in made.verilog.items()}


def library(change: Callable[[str], str] = lambda text: text) -> Path:
    """Return the simulation of the system."""
    return simulated.build(verilog(change), cache=paths.cache_dir() / "test-uart", clocks_per_bit=CLOCKS_PER_BIT)


def sources() -> tuple[Path, ...]:
    """Return the files of boards/uart."""
    return tuple(sorted((paths.boards_dir() / "uart").iterdir()))
