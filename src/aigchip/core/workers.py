"""Processes that run functions for threads: two steps at once on two cores, each killable."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import queue
import signal
import threading
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection
from types import FrameType
from typing import Any, TypeVar

from aigchip.core.errors import AigchipError

Result = TypeVar("Result")


class WorkerError(AigchipError):
    """Report a worker process that ended in the middle of its work."""


def core_count() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0))


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise SystemExit(1)  # unwinds: child processes of the step are killed, its folder beside is removed


def _serve(connection: Connection) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides
    signal.signal(signal.SIGTERM, _stop)
    while True:
        try:
            function, arguments = connection.recv()
        except EOFError:
            return
        try:
            reply = (True, function(*arguments))
        except Exception as error:
            error.add_note(f"in a worker process:\n{traceback.format_exc()}")
            reply = (False, error)
        with contextlib.suppress(BrokenPipeError):
            connection.send(reply)


class _Worker:
    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self.connection, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(theirs,), daemon=False)
        self.process.start()
        theirs.close()


class Workers:
    """Run functions in a fixed number of worker processes.

    Threads call `run`; each waits until a worker is free. The workers start when they are first needed and end with
    `close`; a worker whose parent was killed ends after the step that it is in.

    Args:
        count: How many processes; the number of cores by default.
    """

    def __init__(self, count: int | None = None) -> None:
        self.count = count or core_count()
        self._idle: queue.Queue[_Worker | None] = queue.Queue()
        self._alive: set[_Worker] = set()
        self._lock = threading.Lock()
        self._closed = False
        for _ in range(self.count):
            self._idle.put(None)

    def run(self, function: Callable[..., Result], *arguments: Any) -> Result:
        """Call `function(*arguments)` in a worker and return its result; both ways are pickled.

        Raises:
            WorkerError: The worker died (killed, or out of memory).
            Exception: Whatever the function raised.
        """
        worker = self._idle.get()
        try:
            if worker is None:
                worker = self._start()
            try:
                worker.connection.send((function, arguments))
                done, value = worker.connection.recv()
            except (EOFError, ConnectionError, OSError) as error:
                dead, worker = worker, None
                raise self._death(dead) from error
        finally:
            self._idle.put(worker)
        if not done:
            raise value
        return value

    def _start(self) -> _Worker:
        with self._lock:
            if self._closed:
                raise WorkerError("worker", "the workers are closed", "Run the same command again.")
            worker = _Worker()
            self._alive.add(worker)
            return worker

    def _death(self, worker: _Worker) -> WorkerError:
        worker.process.join(5)
        with self._lock:
            self._alive.discard(worker)
        code = worker.process.exitcode
        how = f"ended by signal {-code}" if code is not None and code < 0 else f"ended with code {code}"
        return WorkerError(
            f"worker {worker.process.pid}",
            f"the process {how} in the middle of a step",
            "Free some memory and run the same command again; nothing is half written.",
            code="worker-died",
        )

    def close(self) -> None:
        """End every worker: at once where it is in the middle of a step."""
        with self._lock:
            self._closed = True
            workers, self._alive = list(self._alive), set()
        for worker in workers:
            worker.process.terminate()
        for worker in workers:
            worker.process.join(5)
            if worker.process.is_alive():
                worker.process.kill()
                worker.process.join(5)

    def __enter__(self) -> Workers:
        """Return the workers."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close them."""
        self.close()
