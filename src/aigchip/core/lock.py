"""A lock between processes that the kernel drops when its holder dies, however it dies."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from aigchip.core.atomic import storage_errors


@contextlib.contextmanager
def file_lock(path: Path, *, blocking: bool = True) -> Iterator[bool]:
    """Hold the lock at `path` while the block runs.

    The lock is tied to an open file, so two threads of one process exclude each other as two processes do. The file
    stays; deleting it would let two holders in.

    Args:
        path: The lock file, made where missing.
        blocking: Wait for the holder; if False, go on at once and yield whether the lock was taken.
    """
    with storage_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if blocking else fcntl.LOCK_NB))
            taken = True
        except BlockingIOError:
            taken = False
        yield taken
    finally:
        os.close(descriptor)
