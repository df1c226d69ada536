"""The simulated board's file system: its interpreter with the device behind pynq, its work folder, its state."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import asdict, dataclass
from pathlib import Path

from aigchip.board.board import Board
from aigchip.core import paths
from aigchip.core.atomic import storage_errors, write_json, write_text
from aigchip.core.hashing import digest, digest_files
from aigchip.simboard.environment import Environment
from aigchip.simboard.errors import SimulatedBoardError
from aigchip.simboard.processing_system import PROCESSING_SYSTEMS


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """Name the parts of a board's folder.

    Attributes:
        folder: The board's folder.
    """

    folder: Path

    @property
    def python(self) -> Path:
        """The interpreter on the board."""
        return self.folder / "venv" / "bin" / "python3"

    @property
    def marker(self) -> Path:
        """The file in the interpreter's environment that makes it the board's."""
        return self.folder / "venv" / "simulated-board.json"

    @property
    def work(self) -> Path:
        """The work folder of deployments."""
        return self.folder / "work"

    @property
    def lock(self) -> Path:
        """The lock that a run on the board takes."""
        return self.work / "board.lock"

    @property
    def home(self) -> Path:
        """The home folder that programs on the board see."""
        return self.folder / "home"


def source() -> Path:
    """Return the folder of what lies in the board's environment."""
    return paths.boards_dir() / "simulated" / "board"


def configuration(folder: Path, board: Board, fabrics: Path) -> dict[str, object]:
    """Return what the device reads from the marker file."""
    system = PROCESSING_SYSTEMS[board.processing_system]
    return {
        "folder": str(folder),
        "part": board.part,
        "processing_system": board.processing_system,
        "fabrics": str(fabrics),
        "read_latency_ns": board.memory.read_latency_ns,
        "write_latency_ns": board.memory.write_latency_ns,
        "bytes_per_second": board.memory.effective_bytes_per_second,
        "memory_base": system.memory_base,
        "memory_bytes": system.memory_bytes,
    }


def make(folder: Path, environment: Environment, board: Board, fabrics: Path) -> Machine:
    """Make the board's files, or bring them up to date; nothing of a deployment is touched.

    Args:
        folder: The board's folder.
        environment: The packages.
        board: The board that is simulated.
        fabrics: The folder of the built models.

    Raises:
        SimulatedBoardError: The interpreter's environment cannot be made.
        StorageError: The disk is full or cannot be written.
    """
    machine = Machine(folder=folder)
    told = configuration(folder, board, fabrics)
    state = digest(
        {"environment": {k: str(v) for k, v in asdict(environment).items()}, "source": digest_files(source())}
    )
    stamp = folder / "venv" / ".made"
    with storage_errors(folder):
        for part in (machine.work, machine.home, folder / "state", folder / "firmware"):
            part.mkdir(parents=True, exist_ok=True)
        if not stamp.is_file() or stamp.read_text() != state:
            shutil.rmtree(folder / "venv", ignore_errors=True)
            _make_environment(machine, environment)
            write_text(stamp, state)
        write_json(machine.marker, told)
    return machine


def _make_environment(machine: Machine, environment: Environment) -> None:
    place = machine.folder / "venv"
    done = subprocess.run(
        [str(environment.python), "-m", "venv", "--without-pip", "--symlinks", str(place)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    if done.returncode:
        raise SimulatedBoardError(
            "board=sim",
            f"{environment.python} cannot make an environment: {(done.stderr or done.stdout).strip().splitlines()[-1:]}",
            "Run: sudo apt-get install python3-venv",
            code="venv",
        )
    packages = next((place / "lib").glob("python3.*/site-packages"))
    shutil.copytree(
        source() / "simulated_board", packages / "simulated_board", ignore=shutil.ignore_patterns("__pycache__")
    )
    # A .pth file and no sitecustomize.py: Debian's own sitecustomize.py comes first on the path and would hide ours.
    line = f"import site; site.addsitedir({str(environment.packages)!r}); import simulated_board\n"
    write_text(packages / "simulated-board.pth", line)
    default = environment.packages / "pynq" / "pl_server" / "default.xclbin"
    shim = place / "shims" / "xclbinutil"
    write_text(shim, _XCLBINUTIL.format(default=default))
    shim.chmod(0o755)


_XCLBINUTIL = """#!/bin/sh
# The simulated board's stand-in for XRT's xclbinutil: pynq wants the description of the memories, and gets the one that it ships.
while [ $# -gt 0 ]; do
    case "$1" in
    --output) output=$2; shift ;;
    esac
    shift
done
exec cp '{default}' "$output"
"""
