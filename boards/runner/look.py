"""Look at a board before anything is sent to it, and print what is there as JSON.

For Python 3.8 and later; sent as text to the board's interpreter with two arguments: the work folder and the lock file.
"""

import fcntl
import json
import os
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path


def read(path):
    """Return a file's text, empty where it cannot be read."""
    try:
        return Path(path).read_text(errors="replace")
    except OSError:
        return ""


def holder(path):
    """Return what the holder of the board's lock wrote, or None where the lock is free."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return read(path).strip() or "{}"
    finally:
        os.close(descriptor)
    return None


def others():
    """Return who is logged in at a terminal."""
    try:
        told = subprocess.run(["who"], stdout=subprocess.PIPE, timeout=5, check=False).stdout.decode(errors="replace")
    except (OSError, subprocess.SubprocessError):
        return []
    return sorted({line.split()[0] for line in told.splitlines() if line.strip()})


def pynq_version():
    """Return pynq's version, and the error's last words where it cannot be imported."""
    try:
        import pynq
    except Exception as error:
        return None, f"{type(error).__name__}: {error}"[:300]
    return str(getattr(pynq, "__version__", "unknown")), None


def look(folder, lock):
    """Return everything."""
    there = Path(folder)
    while not there.exists():
        there = there.parent
    version, error = pynq_version()
    free_kb = re.search(r"^CmaFree:\s+(\d+) kB", read("/proc/meminfo"), re.MULTILINE)
    board = re.search(r"BOARD=['\"]?([\w-]+)", read("/etc/profile.d/boardname.sh") + read("/etc/environment"))
    return {
        "python": platform.python_version(),
        "pynq": version,
        "pynq_error": error,
        "image": read("/home/xilinx/REVISION").strip()[:100] or None,
        "board": board.group(1) if board else None,
        "kernel": platform.release(),
        "disk_free_bytes": shutil.disk_usage(str(there)).free,
        "cma_free_bytes": int(free_kb.group(1)) * 1024 if free_kb else None,
        "holder": holder(lock),
        "users": others(),
    }


print("aigchip-look " + json.dumps(look(sys.argv[1], sys.argv[2])))
