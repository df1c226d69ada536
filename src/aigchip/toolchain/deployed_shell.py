"""The shell as boards get it: it walks lists of jobs in memory, by a master more than the kernel has memory ports."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aigchip.toolchain import shell

_OPTIONS = shell.Options(jobs=True)

#: Its registers of 32 bits beside the kernel's: name, offset [bytes], and whether a program may write them.
REGISTERS = (
    ("SHELL_ID", shell.REGISTER_ID, False),
    ("SHELL_VERSION", shell.REGISTER_VERSION, False),
    ("CYCLES_LOW", shell.REGISTER_CYCLES_LOW, False),
    ("CYCLES_HIGH", shell.REGISTER_CYCLES_HIGH, False),
    ("RUNS", shell.REGISTER_RUNS, False),
    ("LIST_LOW", shell.REGISTER_PROGRAM, True),
    ("LIST_HIGH", shell.REGISTER_PROGRAM + 4, True),
    ("LIST_COMMAND", shell.REGISTER_COMMAND, True),
    ("LIST_JOBS", shell.REGISTER_JOBS, False),
    ("LIST_CYCLES_LOW", shell.REGISTER_TOTAL, False),
    ("LIST_CYCLES_HIGH", shell.REGISTER_TOTAL + 4, False),
    ("LIST_ERROR", shell.REGISTER_ERROR, False),
    ("LIST_TAKEN", shell.REGISTER_TAKEN, False),
)


def masters(network: Mapping[str, Any]) -> list[shell.MemoryPort]:
    """Return the AXI masters of an accelerator on a board.

    Args:
        network: The contents of the design's network.json.
    """
    return shell.masters(_memories(network), _OPTIONS)


def with_shell(network: Mapping[str, Any], rtl: Mapping[str, str]) -> dict[str, str]:
    """Return a design's Verilog with this shell in the place of the one that it may have.

    Args:
        network: The contents of the design's network.json.
        rtl: Texts by the name of their file.

    Raises:
        KernelPortError: The kernel does not fit the shell.
    """
    kernel = str(network["top"])
    text = next((text for text in rtl.values() if f"module {kernel} " in text), "")
    made = shell.render(text, kernel=kernel, memories=_memories(network), options=_OPTIONS)
    return {**rtl, f"{kernel}_shell.v": made}


def _memories(network: Mapping[str, Any]) -> list[shell.MemoryPort]:
    return [shell.MemoryPort(name=port["name"], width_bits=port["width_bits"]) for port in network["maxi"]]
