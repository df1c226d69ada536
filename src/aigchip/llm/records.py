"""Every request and reply, content-addressed: what was paid for once is not asked for again."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from aigchip.core import paths
from aigchip.core.hashing import canonical_json
from aigchip.core.lock import file_lock
from aigchip.llm.completion import ChatMessage, ChatRequest, Completion, Purpose
from aigchip.llm.database import connect, now
from aigchip.llm.limits import Limits, Use
from aigchip.llm.record import Record

IMPORTED = "import"
"""The source of a reply that did not come over an endpoint of ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """The records of one person, shared by every checkout and safe to use from several processes.

    A request is entered before it is sent, with the worst that it can cost. When the reply is saved, what it did cost
    takes that place. One that was under way when its process died keeps its entry and goes on counting: it may have
    been paid for. One that the endpoint never answered with a completion is made void and counts no more.

    Args:
        path: The SQLite file; by default in the person's cache, so that removing `build/` costs nothing.
    """

    path: Path = field(default_factory=lambda: paths.cache_dir() / "llm" / "records.sqlite")

    @contextmanager
    def locked(self, request: ChatRequest) -> Iterator[None]:
        """Hold the request's lock, so that two processes never ask for the same completion at once."""
        with file_lock(self.path.parent / "locks" / f"{request.hash[:2]}-{request.hash[2:12]}.lock"):
            yield

    def find(self, request: ChatRequest) -> Completion | None:
        """Return the completion of exactly this request, or None; an empty reply counts as none."""
        if not self.path.is_file():
            return None
        with connect(self.path) as database:
            row = database.execute(
                "SELECT * FROM completions WHERE request = ? AND state = 'received' AND trim(reply) <> '' "
                "ORDER BY id DESC",
                (request.hash,),
            ).fetchone()
        return None if row is None else _completion(row)

    def replay(self, conversation: str, model: str, sample: int) -> Completion | None:
        """Return a model's first reply to a conversation, whatever the sampling parameters were, or None."""
        if not self.path.is_file():
            return None
        with connect(self.path) as database:
            row = database.execute(
                "SELECT * FROM completions WHERE conversation = ? AND model = ? AND sample = ? "
                "AND state = 'received' AND trim(reply) <> '' ORDER BY id",
                (conversation, model, sample),
            ).fetchone()
        return None if row is None else _completion(row)

    def models(self) -> list[str]:
        """Return the labels of the models of which replies are there."""
        if not self.path.is_file():
            return []
        with connect(self.path) as database:
            rows = database.execute("SELECT DISTINCT model FROM completions WHERE state = 'received' ORDER BY model")
            return [row["model"] for row in rows]

    def ask(self, request: ChatRequest) -> None:
        """Note a conversation that somebody may answer; what is noted already stays as it is."""
        with connect(self.path, write=True) as database:
            _note(database, request)

    def reserve(
        self, request: ChatRequest, *, scope: str, limits: Limits, worst: Use, endpoint: str, source: str = "endpoint"
    ) -> int:
        """Enter a request that is about to be sent.

        Args:
            request: The request.
            scope: Whose requests are counted together, for example a study.
            limits: What the scope may use.
            worst: The most that this request can use.
            endpoint: Host and port.
            source: `endpoint` or `batch`.

        Returns:
            The entry, for `settle` and `void`.

        Raises:
            LlmError: A limit would be passed; nothing may be sent.
        """
        with connect(self.path, write=True) as database:
            limits.check(_used(database, scope), worst)
            _note(database, request)
            done = database.execute(
                "INSERT INTO completions (state, request, conversation, model, sample, sampling, scope, "
                "counted_tokens, counted_usd, endpoint, source, sent) "
                "VALUES ('reserved', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (*_identity(request), scope, worst.tokens, worst.usd, endpoint, source, now()),
            )
            assert done.lastrowid is not None  # noqa: S101 - an INSERT has one
            return done.lastrowid

    def settle(self, entry: int, completion: Completion, *, usd: float | None) -> None:
        """Save the reply to an entry, and count what it did cost where that is known.

        Args:
            entry: From `reserve`.
            completion: The reply.
            usd: Its price; None if unknown. [USD]
        """
        known = (completion.prompt_tokens, completion.completion_tokens)
        tokens = None if None in known else sum(number or 0 for number in known)
        with connect(self.path, write=True) as database:
            database.execute(
                "UPDATE completions SET state = 'received', reply = ?, finish_reason = ?, answered_by = ?, "
                "prompt_tokens = ?, completion_tokens = ?, usd = ?, endpoint = ?, received = ?, "
                "counted_tokens = coalesce(?, counted_tokens), counted_usd = coalesce(?, counted_usd) WHERE id = ?",
                (
                    completion.text,
                    completion.finish_reason,
                    completion.model,
                    *known,
                    usd,
                    completion.endpoint,
                    completion.received,
                    tokens,
                    usd,
                    entry,
                ),
            )

    def void(self, entry: int) -> None:
        """Take an entry back: its request cost nothing."""
        with connect(self.path, write=True) as database:
            database.execute("UPDATE completions SET state = 'void' WHERE id = ? AND state = 'reserved'", (entry,))

    def used(self, scope: str) -> Use:
        """Return what a scope has used, requests under way counted at their worst."""
        if not self.path.is_file():
            return Use()
        with connect(self.path) as database:
            return _used(database, scope)

    def judge(self, request_hash: str, verdicts: Mapping[str, str], detail: str = "") -> None:
        """Write down what became of a reply.

        Args:
            request_hash: The request that it answers.
            verdicts: Stage to `passed` or the class of the error; earlier verdicts of other stages are dropped.
            detail: The first error's text.
        """
        with connect(self.path, write=True) as database:
            database.execute("DELETE FROM outcomes WHERE request = ?", (request_hash,))
            database.executemany(
                "INSERT INTO outcomes VALUES (?, ?, ?, ?, ?)",
                [
                    (request_hash, stage, verdict, "" if verdict == "passed" else detail, now())
                    for stage, verdict in verdicts.items()
                ],
            )

    def conversation(self, name: str) -> tuple[tuple[ChatMessage, ...], Purpose] | None:
        """Return a noted conversation by its hash or the beginning of it; None where it is not noted."""
        if not self.path.is_file():
            return None
        with connect(self.path) as database:
            rows = database.execute(
                "SELECT * FROM conversations WHERE hash >= ? AND hash < ?", (name, name + "g")
            ).fetchall()
        if len(rows) != 1:
            return None
        return _messages(rows[0]["messages"]), _purpose(rows[0])

    def add(self, records: Iterable[Record]) -> int:
        """Add records from elsewhere; those that are there already are left out.

        Returns:
            How many were new.
        """
        added = 0
        with connect(self.path, write=True) as database:
            for record in records:
                request = record.request()
                _note(database, request)
                there = database.execute(
                    "SELECT 1 FROM completions WHERE request = ? AND state = 'received' AND reply = ?",
                    (request.hash, record.reply),
                ).fetchone()
                if there is None:
                    _insert(database, request, record)
                    added += 1
        return added

    def rows(self) -> list[Record]:
        """Return every record, oldest first, those without a reply too."""
        if not self.path.is_file():
            return []
        with connect(self.path) as database:
            outcomes: dict[str, dict[str, str]] = {}
            for row in database.execute("SELECT request, stage, verdict FROM outcomes"):
                outcomes.setdefault(row["request"], {})[row["stage"]] = row["verdict"]
            found = database.execute(
                "SELECT completions.*, conversations.messages, conversations.module, conversations.parameters, "
                "conversations.design FROM completions JOIN conversations ON hash = conversation "
                "WHERE state <> 'void' ORDER BY id"
            )
            return [_record(row, outcomes.get(row["request"], {})) for row in found]


def _identity(request: ChatRequest) -> tuple[Any, ...]:
    sampling = None if request.parameters is None else canonical_json(dict(request.parameters))
    return (request.hash, request.conversation, request.model, request.sample, sampling)


def _note(database: sqlite3.Connection, request: ChatRequest) -> None:
    database.execute(
        "INSERT INTO conversations VALUES (?, ?, ?, ?, ?) ON CONFLICT (hash) DO NOTHING",
        (
            request.conversation,
            json.dumps([asdict(message) for message in request.messages], ensure_ascii=False),
            request.purpose.module,
            json.dumps(dict(request.purpose.parameters)),
            request.purpose.design,
        ),
    )


def _insert(database: sqlite3.Connection, request: ChatRequest, record: Record) -> None:
    database.execute(
        "INSERT INTO completions (state, request, conversation, model, sample, sampling, scope, counted_tokens, "
        "counted_usd, reply, finish_reason, answered_by, prompt_tokens, completion_tokens, usd, endpoint, source, "
        "sent, received) VALUES ('received', ?, ?, ?, ?, ?, '', 0, 0, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *_identity(request),
            record.reply,
            record.finish_reason,
            record.answered_by or record.model,
            record.prompt_tokens,
            record.completion_tokens,
            record.usd,
            record.endpoint,
            record.source or IMPORTED,
            record.date,
            record.date,
        ),
    )


def _used(database: sqlite3.Connection, scope: str) -> Use:
    row = database.execute(
        "SELECT count(*), coalesce(sum(counted_tokens), 0), coalesce(sum(counted_usd), 0) FROM completions "
        "WHERE scope = ? AND state <> 'void'",
        (scope,),
    ).fetchone()
    return Use(requests=row[0], tokens=row[1], usd=row[2])


def _completion(row: sqlite3.Row) -> Completion:
    return Completion(
        text=row["reply"],
        finish_reason=row["finish_reason"],
        model=row["answered_by"],
        prompt_tokens=row["prompt_tokens"],
        completion_tokens=row["completion_tokens"],
        request_hash=row["request"],
        endpoint=row["endpoint"],
        received=row["received"],
    )


def _messages(text: str) -> tuple[ChatMessage, ...]:
    return tuple(ChatMessage(**message) for message in json.loads(text))


def _purpose(row: sqlite3.Row) -> Purpose:
    return Purpose(module=row["module"], parameters=json.loads(row["parameters"]), design=row["design"])


def _record(row: sqlite3.Row, outcome: Mapping[str, str]) -> Record:
    purpose = _purpose(row)
    return Record(
        model=row["model"],
        sample=row["sample"],
        messages=_messages(row["messages"]),
        sampling=None if row["sampling"] is None else json.loads(row["sampling"]),
        reply=row["reply"],
        finish_reason=row["finish_reason"] or "",
        answered_by=row["answered_by"] or "",
        prompt_tokens=row["prompt_tokens"],
        completion_tokens=row["completion_tokens"],
        usd=row["usd"],
        endpoint=row["endpoint"],
        source=row["source"],
        date=row["received"] or row["sent"],
        module=purpose.module,
        parameters=purpose.parameters,
        design=purpose.design,
        outcome=outcome,
    )
