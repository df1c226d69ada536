"""The process that keeps the board's SSH server: it starts it, ends it when the board is idle, and leaves nothing behind."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from aigchip.core.atomic import write_text
from aigchip.simboard import faults

_EVERY_SECONDS = 1.0


class _StopError(Exception):
    pass


def keep(folder: Path, *, idle_seconds: float) -> int:
    """Run the server until it ends, is told to stop, its folder goes away, or nobody has used the board for a while.

    Args:
        folder: The board's folder; `server.json` there holds the command.
        idle_seconds: How long the board may be idle: no connection and no program on it [s].

    Returns:
        The exit code of the process.
    """

    def stop(number: int, frame: object) -> None:
        raise _StopError

    signal.signal(signal.SIGTERM, stop)
    write_text(folder / "keeper.pid", f"{os.getpid()}\n")
    command = json.loads((folder / "server.json").read_text())["command"]
    with (folder / "sshd.log").open("ab") as log:
        server = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/")
    try:
        write_text(folder / "sshd.pid", f"{server.pid}\n")
        used = time.time()
        while server.poll() is None and (folder / "server.json").is_file():
            if is_used(folder, server.pid):
                used = time.time()
            elif time.time() - max(used, _asked_for(folder)) > idle_seconds:
                break
            time.sleep(_EVERY_SECONDS)
    except (_StopError, FileNotFoundError):
        pass
    finally:
        end(folder, server.pid)
        server.wait()
        if folder.is_dir():
            write_text(folder / "ended", f"{server.returncode}\n")
    return 0


def _asked_for(folder: Path) -> float:
    """Return when the board was last started or found running [s since the epoch]."""
    with contextlib.suppress(OSError):
        return (folder / "target.json").stat().st_mtime
    return 0.0


def is_used(folder: Path, server: int) -> bool:
    """Say whether somebody is connected, or a program of the board's interpreter runs."""
    return bool(_children(server) or programs(folder))


def programs(folder: Path) -> list[int]:
    """Return the processes of the board's interpreter: runners survive their connection."""
    prefix = f"{folder}/venv/bin/python".encode()
    return [process for process in _processes() if any(word.startswith(prefix) for word in _command(process)[:1])]


def end(folder: Path, server: int) -> None:
    """End the server, its connections and the programs on the board, clear its fault, and take away what says that it runs."""
    faults.clear(folder)
    for process in (server, *_children(server), *programs(folder)):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(process, signal.SIGKILL)
    for name in ("target.json", "sshd.pid", "keeper.pid"):
        (folder / name).unlink(missing_ok=True)


def _processes() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def _command(process: int) -> list[bytes]:
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return []


def _children(parent: int) -> list[int]:
    found = []
    for process in _processes():
        with contextlib.suppress(OSError, IndexError, ValueError):
            if int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1]) == parent:
                found.append(process)
    return found


if __name__ == "__main__":
    sys.exit(keep(Path(sys.argv[1]), idle_seconds=float(sys.argv[2])))
