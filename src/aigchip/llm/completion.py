"""A request for a completion, the completion, and what both are for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any

from aigchip.core.hashing import digest


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatMessage:
    """One turn of a conversation; `role` is `system`, `user` or `assistant`."""

    role: str
    content: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Purpose:
    """Say what a conversation is about; no part of any hash.

    Args:
        module: The template's module, or the name of what else is asked for, for example `requirement`.
        parameters: The module's local parameters.
        design: The design that asked first; empty where no single one did.
    """

    module: str = ""
    parameters: Mapping[str, int | str] = field(default_factory=dict)
    design: str = ""


def conversation_hash(messages: tuple[ChatMessage, ...]) -> str:
    """Return the name of a conversation: the hash of its messages and of nothing else."""
    return digest([asdict(message) for message in messages])


@dataclass(frozen=True, kw_only=True)
class ChatRequest:
    """Everything that determines a completion, as far as the asking side can.

    Args:
        model: The model's name.
        messages: The conversation, oldest turn first.
        parameters: Sampling parameters (temperature, seed, max_output_tokens, schema); None where they are not known.
        sample: 0 for the first completion of this conversation, 1 for the second, and so on.
        purpose: What it is about.
    """

    model: str
    messages: tuple[ChatMessage, ...]
    parameters: Mapping[str, Any] | None
    sample: int = 0
    purpose: Purpose = field(default_factory=Purpose, compare=False)

    @cached_property
    def conversation(self) -> str:
        """The hash of the messages."""
        return conversation_hash(self.messages)

    @property
    def name(self) -> str:
        """What it is called whatever its sampling parameters are: model, conversation and sample."""
        return f"{self.model}/{self.conversation}/{self.sample}"

    @cached_property
    def hash(self) -> str:
        """The request's name: the hash of messages, model, parameters and sample. The endpoint is no part of it."""
        parameters = None if self.parameters is None else dict(self.parameters)
        return digest([self.conversation, self.model, parameters, self.sample])


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
        endpoint: Host and port that answered; for an imported answer, where it comes from.
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
