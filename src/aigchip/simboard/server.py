"""Start, find and stop simulated boards: one for each board that is simulated, with a folder and a server of its own."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from aigchip.board.board import Board
from aigchip.core import paths
from aigchip.core.atomic import storage_errors, write_json
from aigchip.core.lock import file_lock
from aigchip.simboard import environment, keeper, machine, sshd
from aigchip.simboard.errors import SimulatedBoardError

PREFIX = "sim-"
"""Begins the name of a simulated board; that of the board that it simulates follows."""
IDLE_SECONDS = 900.0
_START_SECONDS = 20.0
_TRIES = 5
_PLAIN = re.compile(r"[\w/.+,@:=-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """What is known of the board.

    Attributes:
        running: Whether its SSH server runs.
        target: The file that says how to reach it; it is there while the board runs.
        port: The TCP port of its server, 0 when it does not run.
        used: Whether somebody is connected or a program runs on it.
        note: What differs by the rights that the server has.
    """

    running: bool
    target: Path
    port: int = 0
    used: bool = False
    note: str = ""


def folder_of(board: str) -> Path:
    """Return the folder of a simulated board.

    Args:
        board: The name of the board that it simulates.
    """
    return paths.build_dir() / "boards" / f"{PREFIX}{board}"


def made() -> tuple[str, ...]:
    """Return which boards were simulated so far and have their folder: the names of the boards."""
    folders = (paths.build_dir() / "boards").glob(f"{PREFIX}*/")
    return tuple(sorted(folder.name.removeprefix(PREFIX) for folder in folders))


def ensure_running(
    board: Board,
    *,
    fabrics: Path,
    folder: Path | None = None,
    idle_seconds: float = IDLE_SECONDS,
    say: Callable[[str], None] = print,
) -> Path:
    """Start the board, or find it running as asked.

    Args:
        board: The board that is simulated: its part and memory.
        fabrics: The folder of the built models, one folder a key.
        folder: The board's folder; build/boards/sim-<board> by default.
        idle_seconds: After how long without a connection or a program it stops by itself [s].
        say: Is told what takes long.

    Returns:
        target.json, which says how to reach it.

    Raises:
        ToolMissingError: There is no sshd, or no Python that pynq has packages for.
        SimulatedBoardError: The packages cannot be installed, or sshd does not start.
        StorageError: The disk is full or cannot be written.
    """
    place = folder or folder_of(board.name)
    if not _PLAIN.fullmatch(str(place)):
        raise SimulatedBoardError(
            str(place),
            "the path holds a space or a sign that sshd's options cannot hold",
            "Set AIGCHIP_BUILD_DIR to a folder of letters, digits, dots, dashes and underscores.",
            code="path",
        )
    sshd.program()  # before the minute of installing
    packages = environment.ensure(say)
    with storage_errors(place), file_lock(place.parent / f".{place.name}.lock"):
        place.mkdir(parents=True, exist_ok=True)
        place.chmod(0o700)
        there = machine.make(place, packages, board, fabrics)
        if status(place).running:
            (place / "target.json").touch()  # so that it is not idle before the caller connects
            return place / "target.json"
        _end_leavings(place)
        sshd.make_keys(place)
        for _ in range(_TRIES):
            port = _free_port()
            server = sshd.prepare(place, port=port, home=there.home)
            write_json(place / "server.json", {"command": list(server.command), "port": port, "note": server.note})
            if _start(place, port, idle_seconds):
                write_json(place / "target.json", _target(there, board, port))
                return place / "target.json"
        log = (place / "sshd.log").read_text(errors="replace").splitlines()
        raise SimulatedBoardError(
            "board=sim",
            f"sshd does not start: {log[-1] if log else 'it says nothing'}",
            f"Read {paths.relative(place / 'sshd.log')}.",
            code="sshd",
        )


def status(place: Path) -> Status:
    """Say whether a board runs, and who uses it.

    Args:
        place: Its folder.
    """
    target = place / "target.json"
    try:
        told = json.loads((place / "server.json").read_text())
        keeper_pid = int((place / "keeper.pid").read_text())
        server_pid = int((place / "sshd.pid").read_text())
    except (OSError, ValueError):
        return Status(running=False, target=target)
    if not _is_keeper(keeper_pid, place) or not target.is_file():
        return Status(running=False, target=target)
    used = keeper.is_used(place, server_pid)
    return Status(running=True, target=target, port=int(told["port"]), used=used, note=str(told["note"]))


def stop(place: Path) -> bool:
    """Stop a board, its connections and the programs on it.

    Args:
        place: Its folder.

    Returns:
        Whether it ran.
    """
    if not place.is_dir():
        return False
    with file_lock(place.parent / f".{place.name}.lock"):
        ran = status(place).running
        _stop_keeper(place)
        _end_leavings(place)
    return ran


def _end_leavings(place: Path) -> None:
    """End the server of a keeper that was killed, if the process still is one of this board."""
    with contextlib.suppress(OSError, ValueError):
        pid = int((place / "sshd.pid").read_text())
        if f"{place}/".encode() in Path(f"/proc/{pid}/cmdline").read_bytes():
            keeper.end(place, pid)


def _start(place: Path, port: int, idle_seconds: float) -> bool:
    """Start the keeper and wait until the server greets; False where it ended, for example because the port was taken."""
    surroundings = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    (place / "ended").unlink(missing_ok=True)
    with (place / "keeper.log").open("ab") as log:
        subprocess.run(
            ["setsid", "-f", sys.executable, "-P", "-m", "aigchip.simboard.keeper", str(place), str(idle_seconds)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd="/",
            env=surroundings,
            check=True,
            timeout=60,
        )
    _wait(lambda: (place / "keeper.pid").is_file() or (place / "ended").is_file(), _START_SECONDS)
    _wait(lambda: _greets(port) or (place / "ended").is_file(), _START_SECONDS)
    if _greets(port) and not (place / "ended").is_file():
        return True
    _stop_keeper(place)
    return False


def _stop_keeper(place: Path) -> None:
    with contextlib.suppress(OSError, ValueError):
        pid = int((place / "keeper.pid").read_text())
        if _is_keeper(pid, place):
            os.kill(pid, signal.SIGTERM)
            _wait(lambda: not _is_keeper(pid, place))


def _greets(port: int) -> bool:
    try:
        with socket.create_connection((sshd.ADDRESS, port), timeout=2) as connection:
            return connection.recv(4) == b"SSH-"
    except OSError:
        return False


def _wait(done: Callable[[], bool], seconds: float = 10.0) -> bool:
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        if done():
            return True
        time.sleep(0.05)
    return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((sshd.ADDRESS, 0))
        return int(probe.getsockname()[1])


def _is_keeper(pid: int, place: Path) -> bool:
    """Say whether a process is this board's keeper: its number may have been given to another since."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        ended = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return False
    return str(place).encode() in words and not ended


def _target(there: machine.Machine, board: Board, port: int) -> dict[str, object]:
    return {
        "name": f"{PREFIX}{board.name}",
        "address": sshd.ADDRESS,
        "port": port,
        "user": sshd.user(),
        "key_file": str(there.folder / "client_key"),
        "known_hosts": str(there.folder / "known_hosts"),
        "python": str(there.python),
        "sudo": False,
        "environment": {"XILINX_XRT": "/usr"},
        "folder": str(there.work),
        "simulated": True,
    }
