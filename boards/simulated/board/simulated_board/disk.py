"""A full disk on request: a program of the board's interpreter finds no room for a new file in the work folder."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path
from typing import Any


def fill(folder: Path) -> None:
    """From now on, refuse to make or empty a file below `folder` as a full disk would.

    Python tells its audit hooks of every file before it opens it, and an error of the hook is the error of the call.
    """
    prefix = f"{folder}{os.sep}"

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        if event != "open" or not isinstance(arguments[2], int) or not arguments[2] & (os.O_CREAT | os.O_TRUNC):
            return
        try:
            path = os.path.realpath(os.fspath(arguments[0]))
        except TypeError:  # a file descriptor
            return
        if str(path).startswith(prefix):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), path)

    sys.addaudithook(watch)
