"""A request for a completion, and the completion."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

from aigchip.core.hashing import digest


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatMessage:
    """One turn of a conversation; `role` is `system`, `user` or `assistant`."""

    role: str
    content: str


@dataclass(frozen=True, kw_only=True)
class ChatRequest:
    """Everything that is sent to ask for a completion.

    Args:
        model: The model's name.
        messages: The conversation, oldest turn first.
        parameters: Sampling parameters, as the endpoint names them.
    """

    model: str
    messages: tuple[ChatMessage, ...]
    parameters: Mapping[str, Any]

    @property
    def body(self) -> dict[str, Any]:
        """The request as the protocol writes it, without anything secret."""
        return {**self.parameters, "model": self.model, "messages": [asdict(message) for message in self.messages]}

    @cached_property
    def hash(self) -> str:
        """The request's name: the hash of its whole body. The endpoint's address is no part of it."""
        return digest(self.body)


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """A reply as it came, before anybody has judged it.

    Args:
        text: The reply's text; may be empty.
        finish_reason: Why the model stopped, for example `stop` or `length`; empty if the endpoint does not say.
        model: The model that answered, as the endpoint names it.
        prompt_tokens: Length of the request, as counted by the endpoint; None if it does not say. [tokens]
        completion_tokens: Length of the reply; None if unknown. [tokens]
        request_hash: The request's hash.
        endpoint: Host and port that answered.
        received: When it came, UTC, ISO 8601.
    """

    text: str
    finish_reason: str
    model: str
    prompt_tokens: int | None
    completion_tokens: int | None
    request_hash: str
    endpoint: str
    received: str
