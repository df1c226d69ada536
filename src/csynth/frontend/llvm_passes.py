"""Run LLVM passes on IR text, in a worker process that stays warm."""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import select
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from csynth.errors import ToolError

TIMEOUT_SECONDS = 180.0
_SOURCE_ROOT = Path(__file__).parents[2]


class Worker:
    """One worker process, started at the first request and again after a failure; safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0

    def run(self, text: str, stages: list[Any], timeout_seconds: float = TIMEOUT_SECONDS) -> str:
        """Return `text` after `stages`, each a list of llvmlite pass names or "O1".

        Raises:
            ToolError: LLVM refused the text, ended or took too long.
        """
        with self._lock:
            process = self._start()
            try:
                answer = self._ask(
                    process, json.dumps({"text": text, "stages": stages}).encode() + b"\n", timeout_seconds
                )
            except BaseException:
                self._stop()
                raise
        if "error" in answer:
            first = answer["error"].strip().splitlines()[0]
            raise ToolError(
                "llvm", f"LLVM refuses the IR of this source: {first}", None, "Report it as a bug of csynth"
            )
        return answer["text"]

    def _ask(self, process: subprocess.Popen[bytes], request: bytes, timeout_seconds: float) -> dict[str, str]:
        assert process.stdin is not None and process.stdout is not None
        end = time.monotonic() + timeout_seconds
        received = bytearray()
        try:
            process.stdin.write(request)
            process.stdin.flush()
        except BrokenPipeError:
            pass
        while not received.endswith(b"\n"):
            ready, _, _ = select.select([process.stdout], [], [], max(0.0, end - time.monotonic()))
            if not ready:
                raise ToolError(
                    "llvm_time",
                    f"LLVM's passes took more than {timeout_seconds:g} s",
                    None,
                    "Unroll less, or make the arrays and words smaller",
                )
            part = os.read(process.stdout.fileno(), 1 << 20)
            if not part:
                raise ToolError(
                    "llvm_end", "LLVM's passes ended before an answer", None, "Unroll less, or simplify the source"
                )
            received += part
        return json.loads(received)

    def _start(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._owner == os.getpid() and self._process.poll() is None:
            return self._process
        environment = {"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(_SOURCE_ROOT), "LC_ALL": "C.UTF-8"}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "csynth.frontend.llvm_worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            bufsize=0,
        )
        self._owner = os.getpid()
        atexit.register(self._stop)
        return self._process

    def _stop(self) -> None:
        process, self._process = self._process, None
        if process is None or self._owner != os.getpid():
            return
        with contextlib.suppress(OSError):
            process.kill()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()
        process.wait()


_WORKER = Worker()


def run_passes(text: str, stages: list[Any]) -> str:
    """Run `stages` on IR text in the shared worker; see `Worker.run`."""
    return _WORKER.run(text, stages)
