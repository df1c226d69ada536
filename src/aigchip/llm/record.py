"""One record as a line of JSON: what `records/*.jsonl` holds, and what `llm log` and `llm import` exchange."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pydantic

from aigchip.core import paths
from aigchip.core.errors import InputError
from aigchip.llm.completion import ChatMessage, ChatRequest, Purpose


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A request with its reply and what became of it.

    Args:
        model: The model's label, by which `model=` chooses it.
        messages: The conversation.
        reply: The model's reply, whole; None while it is under way or when it was lost.
        sample: 0 for the first completion of this conversation, 1 for the second, and so on.
        sampling: Sampling parameters; None where the source does not say.
        finish_reason: Why the model stopped.
        answered_by: The model as the endpoint names it.
        prompt_tokens: Length of the request; None if unknown. [tokens]
        completion_tokens: Length of the reply; None if unknown. [tokens]
        usd: The price; None if unknown. [USD]
        endpoint: Host and port; empty where the source does not say.
        source: `endpoint`, `batch`, or a word on where an imported answer comes from.
        date: When it came: a date, or a time in UTC, ISO 8601.
        module: The module that was asked for.
        parameters: Its local parameters.
        design: The design that asked first.
        outcome: Stage to `passed` or the class of the error.
    """

    model: str
    messages: tuple[ChatMessage, ...]
    reply: str | None
    sample: int = 0
    sampling: Mapping[str, Any] | None = None
    finish_reason: str = ""
    answered_by: str = ""
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    usd: float | None = None
    endpoint: str = ""
    source: str = ""
    date: str = ""
    module: str = ""
    parameters: Mapping[str, int | str] = field(default_factory=dict)
    design: str = ""
    outcome: Mapping[str, str] = field(default_factory=dict)

    def request(self) -> ChatRequest:
        """Return the request that this record answers."""
        return ChatRequest(
            model=self.model,
            messages=self.messages,
            parameters=self.sampling,
            sample=self.sample,
            purpose=Purpose(module=self.module, parameters=self.parameters, design=self.design),
        )

    def line(self) -> str:
        """Write the record as one line of JSON, its hashes first."""
        request = self.request()
        values = {"conversation": request.conversation, "request": request.hash, **asdict(self)}
        return json.dumps(values, ensure_ascii=False)


class _Line(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(extra="forbid")

    conversation: str
    request: str
    model: str = pydantic.Field(min_length=1)
    messages: tuple[ChatMessage, ...] = pydantic.Field(min_length=1)
    reply: str | None
    sample: int = 0
    sampling: dict[str, Any] | None = None
    finish_reason: str = ""
    answered_by: str = ""
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    usd: float | None = None
    endpoint: str = ""
    source: str = ""
    date: str = ""
    module: str = ""
    parameters: dict[str, int | str] = {}
    design: str = ""
    outcome: dict[str, str] = {}


def parse(text: str, where: str) -> Record:
    """Read one line.

    Raises:
        InputError: It is no record, or its messages do not have the hash that it states.
    """
    try:
        line = _Line.model_validate_json(text)
    except pydantic.ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "the line"
        raise InputError(where, f"this is no record: {place}: {first['msg']}", "Correct or remove the line.") from None
    values = {name: getattr(line, name) for name in Record.__dataclass_fields__}
    record = Record(**values)
    request = record.request()
    for name, stated, real in (
        ("conversation", line.conversation, request.conversation),
        ("request", line.request, request.hash),
    ):
        if stated != real:
            raise InputError(
                where,
                f"the hash {name} is {stated}; must be {real}, that of the messages in the line",
                "Take the line as it was written; a record is not edited.",
                code="record-hash",
            )
    return record


def read(path: Path) -> Iterator[Record]:
    """Read a file of records; empty lines do not count.

    Raises:
        InputError: A line is wrong, or the file cannot be read.
    """
    try:
        lines = path.read_text(encoding="utf-8").split("\n")  # JSON strings may hold other line ends
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(paths.relative(path), f"the file cannot be read ({error})", "Check its name.") from None
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield parse(line, f"{paths.relative(path)}:{number}")
