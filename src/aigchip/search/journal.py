"""The journal of a study: Optuna's file storage, made safe against a holder that was killed."""

import contextlib
from pathlib import Path

import optuna
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend, JournalFileOpenLock

from aigchip.core.lock import file_lock


class KernelLock(JournalFileOpenLock):
    """A lock that the kernel drops when its holder dies.

    Optuna's own locks are files, which a killed holder leaves behind: the next one waits 30 s for them.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(str(path))
        self._path = path
        self._held = contextlib.ExitStack()

    def acquire(self) -> bool:
        """Wait for the lock and take it."""
        held = contextlib.ExitStack()
        held.enter_context(file_lock(self._path))
        self._held = held
        return True

    def release(self) -> None:
        """Give the lock back."""
        held, self._held = self._held, contextlib.ExitStack()
        held.close()


def open_journal(path: Path) -> JournalStorage:
    """Open the journal at `path`, made where missing; the caller holds the lock of the study.

    A writer that was killed leaves a last line without an end, which Optuna takes for a damaged file: it is cut off.
    What it said was not yet known to anybody.
    """
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists():
        _cut_torn_line(path)
    return JournalStorage(JournalFileBackend(str(path), lock_obj=KernelLock(path.with_suffix(".lock"))))


def _cut_torn_line(path: Path) -> None:
    with path.open("r+b") as file:
        content = file.read()
        whole = content.rfind(b"\n") + 1
        if whole < len(content):
            file.truncate(whole)
