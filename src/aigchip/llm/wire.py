"""How requests and replies look in the two protocols: chat completions and the responses API."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any

import pydantic

from aigchip.llm.completion import ChatRequest
from aigchip.llm.settings import OPENAI_URL, Settings

EMBEDDING = "embedding"
"""The parameter of a request that asks for one vector a message instead of a completion."""

REFUSAL = "refusal"
"""The finish reason of a reply in which the model declines."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a protocol's reply says."""

    text: str
    finish_reason: str
    model: str = ""
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


def body(settings: Settings, request: ChatRequest) -> dict[str, Any]:
    """Write a request as the endpoint's protocol does."""
    return _chat_body(settings, request) if settings.api == "chat" else _responses_body(request)


def _chat_body(settings: Settings, request: ChatRequest) -> dict[str, Any]:
    values = dict(request.parameters or {})
    longest = "max_completion_tokens" if settings.base_url == OPENAI_URL or settings.azure_api_version else "max_tokens"
    written: dict[str, Any] = {"model": request.model, "messages": [asdict(message) for message in request.messages]}
    if "temperature" in values:
        written["temperature"] = values["temperature"]
    if "seed" in values:
        written["seed"] = values["seed"] + request.sample
    if "max_output_tokens" in values:
        written[longest] = values["max_output_tokens"]
    if "schema" in values:
        written["response_format"] = {"type": "json_schema", "json_schema": {**values["schema"], "strict": True}}
    return written


def _responses_body(request: ChatRequest) -> dict[str, Any]:
    values = dict(request.parameters or {})
    written: dict[str, Any] = {
        "model": request.model,
        "input": [asdict(message) for message in request.messages],
        "store": False,
    }
    for name in ("temperature", "max_output_tokens"):
        if name in values:
            written[name] = values[name]
    if "schema" in values:
        written["text"] = {"format": {"type": "json_schema", **values["schema"], "strict": True}}
    return written


class _Message(pydantic.BaseModel):
    content: str | None = None
    refusal: str | None = None


class _Choice(pydantic.BaseModel):
    message: _Message
    finish_reason: str | None = None


class _Usage(pydantic.BaseModel):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


class _ChatReply(pydantic.BaseModel):
    choices: list[_Choice] = pydantic.Field(min_length=1)
    model: str | None = None
    usage: _Usage | None = None


class _Vector(pydantic.BaseModel):
    index: int
    embedding: list[float]


class _Embeddings(pydantic.BaseModel):
    data: list[_Vector] = pydantic.Field(min_length=1)
    model: str | None = None
    usage: _Usage | None = None


_DIGITS = 7
"""Significant digits that are kept of a vector's numbers: what single precision has."""


def embeddings_body(request: ChatRequest) -> dict[str, Any]:
    """Write a request for embeddings."""
    return {
        "model": request.model,
        "input": [message.content for message in request.messages],
        "encoding_format": "float",
    }


def parse_embeddings(text: str) -> Reply:
    """Read a reply of the embeddings service: its text is a JSON list of vectors, in the order of the messages.

    Raises:
        ValueError: It is none of the protocol.
    """
    reply = _Embeddings.model_validate_json(text)
    vectors = [entry.embedding for entry in sorted(reply.data, key=lambda entry: entry.index)]
    rounded = [[float(f"{value:.{_DIGITS}g}") for value in vector] for vector in vectors]
    return Reply(
        text=json.dumps(rounded),
        finish_reason="stop",
        model=reply.model or "",
        prompt_tokens=reply.usage.prompt_tokens if reply.usage else None,
        completion_tokens=0,
    )


def parse(settings: Settings, text: str) -> Reply:
    """Read a reply.

    Raises:
        ValueError: It is none of the protocol.
    """
    return parse_chat(text) if settings.api == "chat" else parse_response(text)


def parse_chat(text: str) -> Reply:
    """Read a chat completion; see `parse`."""
    reply = _ChatReply.model_validate_json(text)
    choice, usage = reply.choices[0], reply.usage or _Usage()
    declined = bool(choice.message.refusal) and not choice.message.content
    return Reply(
        text=(choice.message.refusal if declined else choice.message.content) or "",
        finish_reason=REFUSAL if declined else choice.finish_reason or "",
        model=reply.model or "",
        prompt_tokens=usage.prompt_tokens,
        completion_tokens=usage.completion_tokens,
    )


class _Part(pydantic.BaseModel):
    type: str = ""
    text: str | None = None
    refusal: str | None = None


class _Item(pydantic.BaseModel):
    type: str = ""
    content: list[_Part] | None = None


class _Details(pydantic.BaseModel):
    reason: str | None = None


class _ResponseUsage(pydantic.BaseModel):
    input_tokens: int | None = None
    output_tokens: int | None = None


class _Response(pydantic.BaseModel):
    output: list[_Item]
    status: str | None = None
    incomplete_details: _Details | None = None
    model: str | None = None
    usage: _ResponseUsage | None = None


def parse_response(text: str) -> Reply:
    """Read a response of the responses API; see `parse`."""
    reply = _Response.model_validate_json(text)
    parts = [part for item in reply.output if item.type == "message" for part in item.content or []]
    said = "".join(part.text or "" for part in parts if part.type == "output_text")
    declined = "".join(part.refusal or "" for part in parts if part.type == "refusal")
    reason = {"completed": "stop"}.get(reply.status or "", reply.status or "")
    if reply.status == "incomplete":
        why = reply.incomplete_details.reason if reply.incomplete_details else None
        reason = "length" if why in {None, "max_output_tokens"} else why or ""
    if declined and not said:
        said, reason = declined, REFUSAL
    usage = reply.usage or _ResponseUsage()
    return Reply(
        text=said,
        finish_reason=reason,
        model=reply.model or "",
        prompt_tokens=usage.input_tokens,
        completion_tokens=usage.output_tokens,
    )


def gather_chat(chunks: Iterable[Any], told: Callable[[int], None]) -> tuple[Reply, bool]:
    """Put a streamed chat completion together.

    Args:
        chunks: What the client package yields.
        told: Called with the number of characters so far.

    Returns:
        The reply, and whether it came to its end.
    """
    said: list[str] = []
    declined: list[str] = []
    length, reason, model, usage = 0, "", "", None
    for chunk in chunks:
        model, usage = chunk.model or model, chunk.usage or usage
        for choice in chunk.choices[:1]:
            said.append(choice.delta.content or "")
            declined.append(choice.delta.refusal or "")
            length += len(said[-1])
            reason = choice.finish_reason or reason
        told(length)
    text = "".join(said)
    if any(declined) and not text:
        text, reason = "".join(declined), REFUSAL
    reply = Reply(
        text=text,
        finish_reason=reason,
        model=model,
        prompt_tokens=usage.prompt_tokens if usage else None,
        completion_tokens=usage.completion_tokens if usage else None,
    )
    return reply, bool(reason)


def gather_response(events: Iterable[Any], told: Callable[[int], None]) -> tuple[Reply, bool]:
    """Put a streamed response together; arguments and result as in `gather_chat`."""
    length = 0
    for event in events:
        if event.type == "response.output_text.delta":
            length += len(event.delta)
            told(length)
        elif event.type in {"response.completed", "response.incomplete"}:
            return parse_response(event.response.model_dump_json()), True
    return Reply(text="", finish_reason=""), False
