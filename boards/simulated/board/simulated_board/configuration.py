"""What the server wrote down for the board: the marker file in the board's environment, and the faults that are asked for.

The file is found from the interpreter's own place and never from the environment, because sudo strips that.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path

MARKER = Path(sys.prefix) / "simulated-board.json"


@dataclass(frozen=True)
class Board:
    """One simulated board.

    Attributes:
        folder: Its folder, where state, firmware, faults and logs are.
        part: The part that it pretends to have.
        processing_system: Its family, a name of registers.PROCESSING_SYSTEMS.
        fabrics: The folder of built models, one folder a key.
        read_latency_ns: Of the memory [ns].
        write_latency_ns: Of the memory [ns].
        bytes_per_second: Of the memory, for all ports together.
        memory_base: First physical address of the memory for buffers.
        memory_bytes: Its size [bytes].
    """

    folder: Path
    part: str
    processing_system: str
    fabrics: Path
    read_latency_ns: int
    write_latency_ns: int
    bytes_per_second: int
    memory_base: int
    memory_bytes: int

    @property
    def state(self) -> Path:
        """Where pynq keeps what it knows of the loaded overlay."""
        return self.folder / "state"

    @property
    def firmware(self) -> Path:
        """What stands in for /lib/firmware."""
        return self.folder / "firmware"

    def fault(self) -> str:
        """Return the fault that is asked for, or an empty text."""
        try:
            return str(json.loads((self.folder / "fault.json").read_text())["fault"])
        except FileNotFoundError:
            return ""

    def sshd_pid(self) -> int:
        """Return the process of the board's SSH server."""
        return int((self.folder / "sshd.pid").read_text())


def load() -> Board:
    """Read the marker file."""
    told = json.loads(MARKER.read_text())
    return Board(**{**told, "folder": Path(told["folder"]), "fabrics": Path(told["fabrics"])})


def put_shims_on_path() -> None:
    """Let pynq find the board's stand-in for xclbinutil."""
    os.environ["PATH"] = f"{MARKER.parent / 'shims'}:{os.environ.get('PATH', '')}"
