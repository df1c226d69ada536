"""What a generator needs of whatever completes its conversations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from aigchip.llm.completion import ChatMessage, ChatRequest, Completion, Purpose


class Completer(Protocol):
    """Complete conversations; implementations can be pickled and hold no state between calls."""

    @property
    def model(self) -> str:
        """The model's label."""
        ...

    def parameters(self) -> dict[str, Any] | None:
        """Return the sampling parameters; None where they are not known."""
        ...

    def request(
        self,
        messages: tuple[ChatMessage, ...],
        *,
        purpose: Purpose | None = None,
        sample: int = 0,
        parameters: Mapping[str, Any] | None = None,
    ) -> ChatRequest:
        """Build the request for a conversation; `parameters` are further ones."""
        ...

    def complete(self, request: ChatRequest) -> Completion:
        """Return the completion of a request.

        Raises:
            LlmError: No usable completion.
        """
        ...

    def judge(self, request_hash: str, verdicts: Mapping[str, str], detail: str = "") -> None:
        """Write down what became of a completion: stage to `passed` or the class of the error."""
        ...
