"""Replies that were recorded, instead of an endpoint: exact, or an error that names the request to answer."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aigchip.core import paths
from aigchip.core.errors import InputError, unknown
from aigchip.llm import requests
from aigchip.llm.client import usable
from aigchip.llm.completion import ChatMessage, ChatRequest, Completion, Purpose
from aigchip.llm.errors import LlmError
from aigchip.llm.record import Record, read
from aigchip.llm.records import Records


class MissingReplyError(LlmError):
    """Report a request that nobody has answered.

    Args:
        where: The module.
        what: Which model has no reply.
        remedy: The file to answer.
        code: `no-record`.
        request: The request.
    """

    def __init__(
        self, where: str, what: str, remedy: str = "", *, code: str = "no-record", request: ChatRequest | None = None
    ) -> None:
        super().__init__(where, what, remedy, code=code)
        self.request = request


Key = tuple[str, str, int]


def shipped(folder: Path | None = None) -> Mapping[Key, Record]:
    """Return the replies of a folder's `*.jsonl` by conversation, model and sample; read once a process.

    Raises:
        InputError: A line is wrong.
    """
    files = sorted((folder or paths.records_dir()).glob("*.jsonl"))
    return _read(tuple((path, path.stat().st_mtime_ns, path.stat().st_size) for path in files))


@functools.cache
def _read(files: tuple[tuple[Path, int, int], ...]) -> Mapping[Key, Record]:
    found: dict[Key, Record] = {}
    for path, _, _ in files:
        for record in read(path):
            if record.reply is not None:
                found[record.request().conversation, record.model, record.sample] = record
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """Complete conversations from records; the network is never asked.

    A reply is found by its conversation, the model's label and the sample: sampling parameters of a foreign source may
    be unknown, so they do not count.

    Args:
        model: The model's label.
        folder: Where the records that ship are; they go before those of `records`.
        records: The person's own, imported ones among them.
        into: Where a request without a reply is written; None for the usual folder.
    """

    model: str
    folder: Path = field(default_factory=paths.records_dir)
    records: Records = field(default_factory=Records)
    into: Path | None = None

    @property
    def takes_schema(self) -> bool:
        """Say that a form is asked for in the prompt: whoever answers sees nothing else."""
        return False

    def parameters(self) -> dict[str, Any] | None:
        """Return None: they are not known."""
        return None

    def request(
        self,
        messages: tuple[ChatMessage, ...],
        *,
        purpose: Purpose | None = None,
        sample: int = 0,
        parameters: Mapping[str, Any] | None = None,
    ) -> ChatRequest:
        """Build the request for a conversation; parameters do not count."""
        del parameters
        return ChatRequest(
            model=self.model, messages=messages, parameters=None, sample=sample, purpose=purpose or Purpose()
        )

    def find(self, request: ChatRequest) -> Completion | None:
        """Return the recorded reply of a request, or None."""
        record = shipped(self.folder).get((request.conversation, self.model, request.sample))
        if record is None:
            return self.records.replay(request.conversation, self.model, request.sample)
        return Completion(
            text=record.reply or "",
            finish_reason=record.finish_reason,
            model=record.answered_by or record.model,
            prompt_tokens=record.prompt_tokens,
            completion_tokens=record.completion_tokens,
            request_hash=record.request().hash,
            endpoint=record.endpoint or record.source,
            received=record.date,
        )

    def complete(self, request: ChatRequest) -> Completion:
        """Return the recorded reply of a request.

        Raises:
            MissingReplyError: There is none; the request is written out, to be answered.
            LlmError: There is one, but it is cut off, empty or a refusal.
        """
        completion = self.find(request)
        if completion is not None:
            return usable(completion)
        self.records.ask(request)
        file = requests.write(request, self.into)
        module = request.purpose.module or "request"
        turn = "first request" if len(request.messages) == 2 else "request for a repair"
        raise MissingReplyError(
            module,
            f"there is no recorded reply of {self.model!r} to the {turn} {requests.name_of(request)}",
            f"Have {paths.relative(file)} (or .jsonl) answered and run ./doit llm import <answers> model={self.model}, "
            "or use generator=expert.",
            request=request,
        )

    def judge(self, request_hash: str, verdicts: Mapping[str, str], detail: str = "") -> None:
        """Write down what became of a reply."""
        self.records.judge(request_hash, verdicts, detail)


def choose_model(wanted: str | None = None, *, folder: Path | None = None, records: Records | None = None) -> str:
    """Return the label of the model whose replies are replayed.

    Without a wish it is the one whose replies ship; where none ship, the one that is recorded.

    Raises:
        InputError: None is recorded, several are, or the wanted one is not.
    """
    ship = {model for _, model, _ in shipped(folder)}
    own = set((records or Records()).models())
    if wanted is not None:
        if wanted not in ship | own:
            if not ship | own:
                raise _nothing()
            raise unknown(f"model={wanted}", "recorded model", wanted, ship | own)
        return wanted
    for labels in (ship, own):
        if len(labels) == 1:
            return next(iter(labels))
        if labels:
            names = ", ".join(sorted(labels))
            raise InputError(
                "generator=recorded", f"replies of several models are recorded: {names}", "Add model=<one>."
            )
    raise _nothing()


def _nothing() -> InputError:
    return InputError(
        "generator=recorded",
        "no model's replies are recorded",
        "Run ./doit llm export, have the requests answered, and run ./doit llm import; or use generator=expert.",
        code="no-record",
    )
