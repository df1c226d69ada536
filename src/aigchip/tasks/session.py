"""What the tasks of one command share: the store and the worker processes."""

from __future__ import annotations

import functools

from aigchip.core import paths
from aigchip.core.atomic import usable_folder
from aigchip.core.store import Store
from aigchip.core.workers import Workers


@functools.cache
def store() -> Store:
    """Return the project's store."""
    return Store(paths.store_dir())


@functools.cache
def workers() -> Workers:
    """Return the worker processes of this command; they start when they are first used.

    Raises:
        StorageError: The folder that they share with other commands cannot be used.
    """
    usable_folder(paths.cache_dir(), "Set AIGCHIP_CACHE_DIR to a folder that can be written.")
    return Workers()


def close() -> None:
    """End the worker processes, if any were used."""
    if workers.cache_info().currsize:
        workers().close()
        workers.cache_clear()
