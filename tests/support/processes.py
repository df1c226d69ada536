"""Ask whether a process runs, where nobody may reap it."""

from __future__ import annotations

import time
from pathlib import Path


def runs(pid: int) -> bool:
    """Say whether the process is there and is no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def wait_until_gone(pid: int, timeout_s: float = 5.0) -> bool:
    """Wait for its end; say whether it came."""
    end = time.monotonic() + timeout_s
    while runs(pid):
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True
