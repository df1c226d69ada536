"""The SQLite file that holds every request and reply: tables, connections, and the file system's refusals."""

from __future__ import annotations

import contextlib
import datetime
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock

from aigchip.core.atomic import storage_errors
from aigchip.core.errors import StorageError

_TABLES = """
CREATE TABLE IF NOT EXISTS conversations (
    hash TEXT PRIMARY KEY, messages TEXT NOT NULL, module TEXT NOT NULL, parameters TEXT NOT NULL, design TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS completions (
    id INTEGER PRIMARY KEY,
    state TEXT NOT NULL CHECK (state IN ('reserved', 'received', 'void')),
    request TEXT NOT NULL, conversation TEXT NOT NULL, model TEXT NOT NULL, sample INTEGER NOT NULL, sampling TEXT,
    scope TEXT NOT NULL, counted_tokens INTEGER NOT NULL, counted_usd REAL NOT NULL,
    reply TEXT, finish_reason TEXT, answered_by TEXT, prompt_tokens INTEGER, completion_tokens INTEGER, usd REAL,
    endpoint TEXT NOT NULL, source TEXT NOT NULL, sent TEXT NOT NULL, received TEXT
);
CREATE INDEX IF NOT EXISTS completions_by_request ON completions (request, state);
CREATE INDEX IF NOT EXISTS completions_by_conversation ON completions (conversation, model, sample);
CREATE INDEX IF NOT EXISTS completions_by_scope ON completions (scope, state);
CREATE TABLE IF NOT EXISTS outcomes (
    request TEXT NOT NULL, stage TEXT NOT NULL, verdict TEXT NOT NULL, detail TEXT NOT NULL, time TEXT NOT NULL,
    PRIMARY KEY (request, stage)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS batches (
    token TEXT PRIMARY KEY, batch TEXT, endpoint TEXT NOT NULL, model TEXT NOT NULL, scope TEXT NOT NULL,
    state TEXT NOT NULL, submitted TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS batch_requests (
    token TEXT NOT NULL, custom_id TEXT NOT NULL, completion INTEGER NOT NULL, PRIMARY KEY (token, custom_id)
) WITHOUT ROWID;
"""


def now() -> str:
    """Return the time as it is recorded: UTC, ISO 8601, seconds."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")


def _make(path: Path) -> None:
    """Make the file with its tables where it is missing, beside and renamed, by one writer at a time.

    A change to write-ahead logging does not wait for other connections (sqlite.org/wal.html): nobody else may have the file open.
    """
    if _is_made(path):
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(path.with_name(f".{path.name}.lock")):
        if _is_made(path):
            return
        beside = path.with_name(f".{path.name}.new")
        beside.unlink(missing_ok=True)
        with contextlib.closing(sqlite3.connect(beside, isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.executescript(f"BEGIN IMMEDIATE; {_TABLES} PRAGMA user_version = 1; COMMIT;")
        beside.replace(path)


def _is_made(path: Path) -> bool:
    return path.exists() and path.stat().st_size > 0


@contextlib.contextmanager
def connect(path: Path, *, write: bool = False) -> Iterator[sqlite3.Connection]:
    """Open the file, made where missing; with `write` the block is one transaction that excludes other writers.

    Raises:
        StorageError: The file cannot be written, or it is damaged.
    """
    connection: sqlite3.Connection | None = None
    try:
        with storage_errors(path):
            _make(path)
        connection = sqlite3.connect(path, timeout=60.0, isolation_level=None)
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA synchronous = FULL")  # what was paid for survives a power cut
        if not write:
            yield connection
            return
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")
    except sqlite3.OperationalError as error:
        remedy = "Free some space or make the folder writable for you, and run the same command again."
        raise StorageError(str(path), f"the records cannot be used ({error})", remedy, code="records") from error
    except sqlite3.DatabaseError as error:
        remedy = "Move the file away; completions that are not in records/ are then asked for again."
        raise StorageError(str(path), f"the records are damaged ({error})", remedy, code="records") from error
    finally:
        if connection is not None:
            connection.close()
