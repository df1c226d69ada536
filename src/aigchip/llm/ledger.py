"""Count requests before they are sent, across processes and restarts."""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aigchip.core.atomic import storage_errors
from aigchip.core.lock import file_lock
from aigchip.llm.errors import LlmError


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """The requests of one study, as JSON lines.

    A request is entered before it is sent, so one that was under way when the process died stays counted: it may have
    been paid for. One that the endpoint never answered with a completion, because it could not be reached or refused
    (a wrong key, an unknown model, a rate limit), is struck out again.

    Args:
        path: The file; made on the first entry.
        max_requests: How many may stand in it.
    """

    path: Path
    max_requests: int

    def reserve(self, request_hash: str) -> str:
        """Enter a request that is about to be sent.

        Returns:
            The entry's name, for `strike`.

        Raises:
            LlmError: The limit is reached; nothing may be sent.
        """
        with file_lock(self.path.with_suffix(".lock")):
            used = self.used()
            if used >= self.max_requests:
                raise LlmError(
                    "llm.max_requests",
                    f"{used} requests have been sent; the limit is {self.max_requests}",
                    "Raise max_requests and run the same command again; completions already received are not asked "
                    "for again.",
                    code="max-requests",
                )
            entry = secrets.token_hex(8)
            self._append({"sent": entry, "request": request_hash})
        return entry

    def strike(self, entry: str) -> None:
        """Take an entry back: its request cost nothing."""
        with file_lock(self.path.with_suffix(".lock")):
            self._append({"struck": entry})

    def used(self) -> int:
        """Return how many requests count."""
        if not self.path.is_file():
            return 0
        sent: set[str] = set()
        struck: set[str] = set()
        for number, line in enumerate(self.path.read_text(encoding="utf-8").splitlines()):
            try:
                entry = json.loads(line)
                sent.update([entry["sent"]] if "sent" in entry else [])
                struck.update([entry["struck"]] if "struck" in entry else [])
            except (ValueError, TypeError):
                sent.add(f"line {number}")  # cut off by a crash; it may have been a request
        return len(sent - struck)

    def _append(self, entry: dict[str, Any]) -> None:
        with storage_errors(self.path), self.path.open("a", encoding="utf-8") as file:
            if file.tell() and not self._ends_with_newline():
                file.write("\n")
            file.write(json.dumps(entry) + "\n")
            file.flush()
            os.fsync(file.fileno())

    def _ends_with_newline(self) -> bool:
        with self.path.open("rb") as file:
            file.seek(-1, os.SEEK_END)
            return file.read(1) == b"\n"
