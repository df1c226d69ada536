"""Completions kept under the hash of the whole request: what was paid for once is not asked for again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from aigchip.core import paths
from aigchip.core.atomic import write_json
from aigchip.core.lock import file_lock
from aigchip.llm.completion import ChatRequest, Completion


@dataclass(frozen=True, slots=True, kw_only=True)
class CompletionCache:
    """One file a completion, written whole or not at all, with the request beside the reply.

    Args:
        root: The folder; by default in the person's cache, so that removing `build/` or cloning again costs nothing.
    """

    root: Path = field(default_factory=lambda: paths.cache_dir() / "completions")

    def path(self, request: ChatRequest) -> Path:
        """Return where the completion is or would be."""
        return self.root / request.hash[:2] / f"{request.hash}.json"

    def get(self, request: ChatRequest) -> Completion | None:
        """Return the completion of a request, or None. A damaged file counts as none."""
        try:
            data = json.loads(self.path(request).read_text(encoding="utf-8"))
            return Completion(**data["completion"]) if data["request"] == request.body else None
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def put(self, request: ChatRequest, completion: Completion) -> None:
        """Keep a completion.

        Raises:
            StorageError: The folder cannot be written.
        """
        write_json(self.path(request), {"request": request.body, "completion": asdict(completion)})

    @contextmanager
    def locked(self, request: ChatRequest) -> Iterator[None]:
        """Hold the request's lock, so that two processes never ask for the same completion at once."""
        with file_lock(self.root / "locks" / f"{request.hash}.lock"):
            yield
