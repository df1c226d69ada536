"""Faults that the simulated board shows on request; the board's device and its SSH server read which one is asked for."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from aigchip.core.atomic import write_json
from aigchip.core.errors import unknown

FAULTS: Mapping[str, str] = {
    "part-mismatch": "the bitstream is for another part than the board's, and the FPGA manager refuses it",
    "wrong-results": "the lowest bit of every word that the design writes is wrong",
    "hang": "a run never ends",
    "slow-clock": "the logic's clock stays at 50 MHz, whatever is asked for",
    "fast-clock": "the logic's clock stays at 500 MHz, whatever is asked for",
    "lost-connection": "every SSH connection is cut when the first run starts; once",
    "disk-full": "an upload, and a file that a program makes in the work folder, find no room",
    "busy-lock": "another program holds the board's lock",
}
"""Name to what the board does."""


def ask(folder: Path, fault: str, *, lock: Path) -> None:
    """Ask for a fault; it holds until it is cleared, also for runs that start later.

    Args:
        folder: The board's folder.
        fault: A name of FAULTS.
        lock: The file whose lock a program on the board takes.

    Raises:
        InputError: There is no such fault.
    """
    if fault not in FAULTS:
        raise unknown(f"fault={fault}", "fault", fault, FAULTS)
    clear(folder)
    holder = _hold(lock) if fault == "busy-lock" else None
    write_json(folder / "fault.json", {"fault": fault, "holder": holder})


def asked(folder: Path) -> str:
    """Return the fault that is asked for, or an empty text."""
    return str(_told(folder).get("fault", ""))


def clear(folder: Path) -> None:
    """Ask for no fault."""
    holder = _told(folder).get("holder")
    if isinstance(holder, int) and _is_holder(holder):
        os.kill(holder, signal.SIGKILL)
    (folder / "fault.json").unlink(missing_ok=True)


def hold_for_ever(lock: Path) -> None:
    """Take a lock, write who holds it, print the process, and keep it until killed."""
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o644)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    os.ftruncate(descriptor, 0)
    os.write(descriptor, json.dumps({"pid": os.getpid(), "user": "somebody", "what": "a fault asked for"}).encode())
    print(os.getpid(), flush=True)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # whoever started this has read the number and waits no longer
    signal.pause()


_HOLDER = (
    "import sys; from pathlib import Path; from aigchip.simboard import faults; faults.hold_for_ever(Path(sys.argv[1]))"
)


def _hold(lock: Path) -> int:
    lock.parent.mkdir(parents=True, exist_ok=True)
    surroundings = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    done = subprocess.run(
        ["setsid", "-f", sys.executable, "-P", "-c", _HOLDER, str(lock)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # the holder stays: it must not keep open what a caller reads to the end
        text=True,
        check=True,
        env=surroundings,
        timeout=60,
    )
    return int(done.stdout)


def _told(folder: Path) -> dict[str, object]:
    try:
        return dict(json.loads((folder / "fault.json").read_text()))
    except (FileNotFoundError, ValueError):
        return {}


def _is_holder(pid: int) -> bool:
    """Say whether a process is still the holder: its number may have been given to another since."""
    try:
        return b"hold_for_ever" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False
