"""The journal of a study: Optuna's file storage, made safe against a holder that was killed."""

import contextlib
import json
from pathlib import Path
from typing import Any

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


class _JournalFile(JournalFileBackend):
    """A journal whose genes do not wait for the disk one by one; the next other entry takes them there with it.

    A trial whose genes a power failure took is a trial that was not finished, and those are asked for again.
    """

    def __init__(self, path: Path) -> None:
        self._lock_of_file = KernelLock(path.with_suffix(".lock"))
        super().__init__(str(path), lock_obj=self._lock_of_file)
        self._path = path

    def append_logs(self, logs: list[dict[str, Any]]) -> None:
        """Append entries; see `optuna.storages.journal.BaseJournalBackend`."""
        if not all("param_name" in log for log in logs):
            super().append_logs(logs)
            return
        lines = "".join(json.dumps(log, separators=(",", ":")) + "\n" for log in logs)
        self._lock_of_file.acquire()
        try:
            with self._path.open("ab") as file:
                file.write(lines.encode())
        finally:
            self._lock_of_file.release()


def open_journal(path: Path) -> JournalStorage:
    """Open the journal at `path`, made where missing; the caller holds the lock of the study.

    A writer that was killed leaves a last line without an end, which Optuna takes for a damaged file: it is cut off.
    What it said was not yet known to anybody.
    """
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists():
        _cut_torn_line(path)
    return JournalStorage(_JournalFile(path))


def _cut_torn_line(path: Path) -> None:
    with path.open("r+b") as file:
        content = file.read()
        whole = content.rfind(b"\n") + 1
        if whole < len(content):
            file.truncate(whole)
