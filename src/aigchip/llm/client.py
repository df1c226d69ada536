"""Get a completion: from the cache if it was ever received, else from the endpoint, within the limit."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import tenacity

from aigchip.core import paths
from aigchip.llm.cache import CompletionCache
from aigchip.llm.completion import ChatMessage, ChatRequest, Completion
from aigchip.llm.endpoint import Endpoint, FinalError, TransientError
from aigchip.llm.errors import LlmError
from aigchip.llm.ledger import Ledger
from aigchip.llm.settings import Settings


def _wait_s(state: tenacity.RetryCallState) -> float:
    """Wait what the endpoint asks for, else 1, 2, 4... seconds up to 30, with some spread."""
    fault = state.outcome.exception() if state.outcome else None
    if isinstance(fault, TransientError) and fault.retry_after_s is not None:
        return fault.retry_after_s
    return min(30.0, 2.0 ** (state.attempt_number - 1)) * (0.75 + 0.5 * random.random())  # noqa: S311 - no secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """Ask for completions; safe to use from several processes at once.

    Args:
        settings: Which endpoint, model and limits.
        ledger_path: Where requests are counted; one file a study, so that a restart goes on counting.
        cache: Where completions are kept.
        wait_s: How long to wait before the next try; tests shorten it. [s]
    """

    settings: Settings
    ledger_path: Path = field(default_factory=lambda: paths.build_dir() / "llm" / "requests.jsonl")
    cache: CompletionCache = field(default_factory=CompletionCache)
    wait_s: Callable[[tenacity.RetryCallState], float] = _wait_s

    def request(self, messages: tuple[ChatMessage, ...]) -> ChatRequest:
        """Build the request for a conversation under these settings."""
        return ChatRequest(model=self.settings.model, messages=messages, parameters=self.settings.parameters())

    def complete(self, request: ChatRequest) -> Completion:
        """Return the completion of a request; one that was ever received costs nothing and needs no network.

        If the process dies between sending and saving, the reply is lost: the request stays counted, and the next run
        asks for it again.

        Raises:
            LlmError: No usable completion; `code` says why.
            StorageError: The completion or the count cannot be written.
        """
        completion = self.cache.get(request)
        if completion is None:
            with self.cache.locked(request):
                completion = self.cache.get(request)
                if completion is None:
                    completion = self._ask(request)
                    if completion.text.strip():
                        self.cache.put(request, completion)
        return self._usable(completion)

    def _ask(self, request: ChatRequest) -> Completion:
        ledger = Ledger(path=self.ledger_path, max_requests=self.settings.max_requests)
        endpoint = Endpoint(settings=self.settings)

        def once() -> Completion:
            entry = ledger.reserve(request.hash)
            try:
                return endpoint.send(request)
            except (TransientError, FinalError) as fault:
                if not fault.counted:
                    ledger.strike(entry)
                raise

        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(TransientError),
            stop=tenacity.stop_after_attempt(self.settings.tries),
            wait=self.wait_s,
            reraise=True,
        )
        try:
            return retrying(once)
        except (TransientError, FinalError) as fault:
            raise fault.error from None

    def _usable(self, completion: Completion) -> Completion:
        where = f"llm ({completion.endpoint})"
        if completion.finish_reason == "length":
            size = f" after {completion.completion_tokens} tokens" if completion.completion_tokens else ""
            raise LlmError(
                where,
                f"the reply of {completion.model} was cut off{size}",
                "Raise max_output_tokens in the llm section of aigchip.yaml.",
                code="truncated-reply",
            )
        if not completion.text.strip():
            raise LlmError(
                where,
                f"the reply of {completion.model} is empty",
                "Run the same command again, or use another model.",
                code="empty-reply",
            )
        return completion
