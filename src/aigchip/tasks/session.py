"""What the tasks of one command share: the store and the worker processes."""

from __future__ import annotations

import functools
import threading

from aigchip.core import paths
from aigchip.core.atomic import usable_folder
from aigchip.core.store import Store
from aigchip.core.workers import Workers

_first_use = threading.Lock()
"""Two threads may need the workers first at once, and only those that `close` knows of would ever end."""


@functools.cache
def store() -> Store:
    """Return the project's store."""
    return Store(paths.store_dir())


def workers() -> Workers:
    """Return the worker processes of this command; they start when they are first used.

    Raises:
        StorageError: The folder that they share with other commands cannot be used.
    """
    with _first_use:
        return _workers()


@functools.cache
def _workers() -> Workers:
    usable_folder(paths.cache_dir(), "Set AIGCHIP_CACHE_DIR to a folder that can be written.")
    return Workers()


def close() -> None:
    """End the worker processes, if any were used."""
    with _first_use:
        if _workers.cache_info().currsize:
            _workers().close()
            _workers.cache_clear()
