"""Many requests at once through the Batch API: submitted once, found again after a crash, collected when they are ready.

What is under way is a file of the person's cache beside the records, one a batch. It is written before anything is sent,
and the batch carries its name, so that a batch of which the answer to its creation was lost is recognised at the endpoint
instead of being paid for twice. Every request of it is reserved in the records at its worst, as one that is sent at once.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import tenacity

from aigchip.core.atomic import write_json
from aigchip.core.errors import AigchipError
from aigchip.core.hashing import digest
from aigchip.core.lock import file_lock
from aigchip.llm import requests, wire
from aigchip.llm.client import Client, cost_usd, worst_case
from aigchip.llm.completion import ChatRequest, Completion
from aigchip.llm.database import now
from aigchip.llm.endpoint import Endpoint
from aigchip.llm.errors import LlmError
from aigchip.llm.faults import FinalError, TransientError, without_key
from aigchip.llm.importing import batch_answer
from aigchip.llm.prices import price_of

MARK = "aigchip"
"""The key of a batch's metadata that holds its name."""
WINDOW = "24h"
ENDED = ("completed", "expired", "cancelled", "failed")
_SERVICES = {"chat": "/v1/chat/completions", "responses": "/v1/responses"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """One batch as its file says.

    Args:
        name: Of the file, and in the batch's metadata.
        model: The model.
        endpoint: Host and port.
        entries: Request name to its entry in the records and its hash.
        sent: When it was prepared, UTC, ISO 8601.
        id: The endpoint's name of it; empty while it is not known to have been created.
        status: The last status that the endpoint told.
        answered: Replies that were saved.
        failed: Request name to why it has no reply.
    """

    name: str
    model: str
    endpoint: str
    entries: dict[str, tuple[int, str]]
    sent: str
    id: str = ""
    status: str = "prepared"
    answered: int = 0
    failed: dict[str, str] | None = None

    @property
    def done(self) -> bool:
        """Whether everything of it was collected."""
        return self.failed is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Batches:
    """The batches of one endpoint.

    Args:
        client: How to reach it; its scope and limits count.
    """

    client: Client

    @property
    def folder(self) -> Path:
        """Where the files of batches are."""
        return self.client.records.path.parent / "batches"

    def listed(self) -> list[Batch]:
        """Return every batch of this endpoint, oldest first."""
        found = [_read(path) for path in sorted(self.folder.glob("*.json"))]
        return sorted(
            (batch for batch in found if batch.endpoint == self.client.settings.endpoint), key=lambda b: b.sent
        )

    def submit(self, asked: Sequence[ChatRequest]) -> Batch | None:
        """Submit the requests that have no reply and are in no batch under way.

        Returns:
            The batch; None if nothing is left to ask.

        Raises:
            LlmError: A limit would be passed, or the endpoint refuses the batch; nothing counts then.
        """
        with file_lock(self.folder / ".lock"):
            for batch in self.listed():
                if not batch.id and not batch.done:
                    self._create(batch, self._unsent(batch))
            waiting = {name for batch in self.listed() if not batch.done for name in batch.entries}
            new = [r for r in asked if requests.name_of(r) not in waiting and self.client.records.find(r) is None]
            if not new:
                return None
            return self._create(*self._prepare(new))

    def collect(self) -> list[Batch]:
        """Save the replies of every batch that has ended.

        Returns:
            The batches that were under way, as they are now.

        Raises:
            LlmError: The endpoint cannot be asked; what is collected is saved.
        """
        with file_lock(self.folder / ".lock"):
            return [self._collect(batch) for batch in self.listed() if not batch.done]

    def _prepare(self, new: Sequence[ChatRequest]) -> tuple[Batch, bytes]:
        settings, records = self.client.settings, self.client.records
        price = price_of(settings.model, settings.prices)
        name = digest([request.hash for request in new] + [now()])[:16]
        lines = [requests.batch_line(request, wire.body(settings, request), _SERVICES[settings.api]) for request in new]
        entries: dict[str, tuple[int, str]] = {}
        try:
            for request in new:
                entry = records.reserve(
                    request,
                    scope=self.client.scope,
                    limits=settings.limits,
                    worst=worst_case(settings, request, price, batch=True),
                    endpoint=settings.endpoint,
                    source="batch",
                )
                entries[requests.name_of(request)] = (entry, request.hash)
        except AigchipError:
            for entry, _ in entries.values():
                records.void(entry)
            raise
        batch = Batch(name=name, model=settings.model, endpoint=settings.endpoint, entries=entries, sent=now())
        content = "".join(line + "\n" for line in lines).encode()
        path = self.folder / f"{name}.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        self._write(batch)
        return batch, content

    def _unsent(self, batch: Batch) -> bytes:
        return (self.folder / f"{batch.name}.jsonl").read_bytes()

    def _create(self, batch: Batch, content: bytes) -> Batch:
        """Create a prepared batch, unless the endpoint has it already."""

        def create(client: Any) -> Any:
            for there in client.batches.list():
                if (there.metadata or {}).get(MARK) == batch.name:
                    return there
            file = client.files.create(file=(f"{batch.name}.jsonl", io.BytesIO(content)), purpose="batch")
            return client.batches.create(
                input_file_id=file.id,
                endpoint=_SERVICES[self.client.settings.api],
                completion_window=WINDOW,
                metadata={MARK: batch.name},
            )

        try:
            made = self._call(create)
        except FinalError as fault:
            self._give_up(batch, str(fault.error))
            raise fault.error from None
        created = replace(batch, id=made.id, status=made.status)
        self._write(created)
        return created

    def _collect(self, batch: Batch) -> Batch:
        if not batch.id:
            batch = self._create(batch, self._unsent(batch))
        try:
            state = self._call(lambda client: client.batches.retrieve(batch.id))
            batch = replace(batch, status=state.status)
            if state.status not in ENDED:
                self._write(batch)
                return batch
            files = [file for file in (state.output_file_id, state.error_file_id) if file]
            texts = [self._call(lambda client, f=file: client.files.content(f).text) for file in files]
        except FinalError as fault:
            raise fault.error from None
        told = "; ".join(error.message or "" for error in (state.errors.data if state.errors else None) or [])
        return self._settle(batch, texts, without_key(self.client.settings, told))

    def _settle(self, batch: Batch, texts: Iterable[str], told: str) -> Batch:
        settings, records = self.client.settings, self.client.records
        price = price_of(settings.model, settings.prices)
        failed = dict.fromkeys(batch.entries, told or f"the batch is {batch.status}")
        answered = 0
        for line in (line for text in texts for line in text.split("\n") if line.strip()):
            name, reply, why = _answer(line)
            if name not in batch.entries:
                continue
            entry, request_hash = batch.entries[name]
            if reply is None:
                failed[name] = without_key(settings, why)
                continue
            completion = Completion(
                text=without_key(settings, reply.text),
                finish_reason=reply.finish_reason,
                model=reply.model or batch.model,
                prompt_tokens=reply.prompt_tokens,
                completion_tokens=reply.completion_tokens,
                request_hash=request_hash,
                endpoint=batch.endpoint,
                received=now(),
            )
            records.settle(entry, completion, usd=cost_usd(completion, price, batch=True))
            failed.pop(name, None)
            answered += 1
        for name in failed:
            records.void(batch.entries[name][0])
        ended = replace(batch, answered=answered, failed=failed)
        self._write(ended)
        (self.folder / f"{batch.name}.jsonl").unlink(missing_ok=True)
        return ended

    def _give_up(self, batch: Batch, why: str) -> None:
        for entry, _ in batch.entries.values():
            self.client.records.void(entry)
        self._write(replace(batch, status="refused", failed=dict.fromkeys(batch.entries, why)))
        (self.folder / f"{batch.name}.jsonl").unlink(missing_ok=True)

    def _call(self, action: Callable[[Any], Any]) -> Any:
        """Call the endpoint; faults that may pass are tried again, and end as an LlmError."""
        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(TransientError),
            stop=tenacity.stop_after_attempt(self.client.settings.tries),
            wait=self.client.wait_s,
            reraise=True,
        )
        try:
            return retrying(Endpoint(settings=self.client.settings).call, action)
        except TransientError as fault:
            raise fault.error from None

    def _write(self, batch: Batch) -> None:
        write_json(self.folder / f"{batch.name}.json", asdict(batch))


def _answer(line: str) -> tuple[str, wire.Reply | None, str]:
    """Return the request's name, its reply or None, and why there is none."""
    try:
        data = json.loads(line)
    except ValueError:
        return "", None, "no JSON"
    name = str(data.get("custom_id", "")) if isinstance(data, dict) else ""
    try:
        answer = batch_answer(data, name)
    except AigchipError as error:
        body = (data.get("response") or {}).get("body") or {}
        said = (data.get("error") or body.get("error") or {}).get("message", "")
        return name, None, said or error.what
    return name, answer.reply, ""


def _read(path: Path) -> Batch:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        return Batch(**{**data, "entries": {name: (pair[0], pair[1]) for name, pair in data["entries"].items()}})
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise LlmError(
            str(path),
            f"the file of a batch is damaged ({error})",
            "Move it away; its requests are asked anew.",
            code="records",
        ) from None
