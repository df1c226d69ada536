"""Get a completion: from the records if it was ever received, else from the endpoint, within the limits."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import tenacity

from aigchip.core import paths
from aigchip.core.hashing import digest_text
from aigchip.llm.completion import ChatMessage, ChatRequest, Completion, Purpose
from aigchip.llm.endpoint import Endpoint, silent
from aigchip.llm.errors import LlmError
from aigchip.llm.faults import FinalError, TransientError
from aigchip.llm.limits import Use
from aigchip.llm.prices import Price, price_of
from aigchip.llm.records import Records
from aigchip.llm.settings import Settings
from aigchip.llm.slots import slot
from aigchip.llm.wire import REFUSAL


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
        scope: Whose requests are counted together, restarts included: the folder of the study.
        records: Where completions are kept and requests counted.
        told: Called with the length of a streamed reply as it grows. [characters]
        wait_s: How long to wait before the next try; tests shorten it. [s]
    """

    settings: Settings
    scope: str = field(default_factory=lambda: str(paths.build_dir()))
    records: Records = field(default_factory=Records)
    told: Callable[[int], None] = silent
    wait_s: Callable[[tenacity.RetryCallState], float] = _wait_s

    @property
    def model(self) -> str:
        """The model's name."""
        return self.settings.model

    @property
    def takes_schema(self) -> bool:
        """Whether the endpoint takes a JSON schema."""
        return self.settings.structured_output

    def parameters(self) -> dict[str, Any]:
        """Return the sampling parameters."""
        return self.settings.parameters()

    def request(
        self,
        messages: tuple[ChatMessage, ...],
        *,
        purpose: Purpose | None = None,
        sample: int = 0,
        parameters: Mapping[str, Any] | None = None,
    ) -> ChatRequest:
        """Build the request for a conversation under these settings; `parameters` are further ones, such as a schema."""
        return ChatRequest(
            model=self.model,
            messages=messages,
            parameters={**self.parameters(), **(parameters or {})},
            sample=sample,
            purpose=purpose or Purpose(),
        )

    def complete(self, request: ChatRequest) -> Completion:
        """Return the completion of a request; one that was ever received costs nothing and needs no network.

        If the process dies between sending and saving, the reply is lost: the request stays counted, and the next run
        asks for it again.

        Raises:
            LlmError: No usable completion; `code` says why.
            StorageError: The completion or the count cannot be written.
        """
        completion = self.records.find(request)
        if completion is None:
            with self.records.locked(request):
                completion = self.records.find(request) or self._ask(request)
        return usable(completion)

    def judge(self, request_hash: str, verdicts: Mapping[str, str], detail: str = "") -> None:
        """Write down what became of a completion."""
        self.records.judge(request_hash, verdicts, detail)

    def _ask(self, request: ChatRequest) -> Completion:
        settings = self.settings
        price = price_of(settings.model, settings.prices)
        worst = worst_case(settings, request, price)
        endpoint = Endpoint(settings=settings, told=self.told)
        slots = self.records.path.parent / "slots" / digest_text(settings.endpoint)[:12]

        def once() -> Completion:
            with slot(slots, settings.concurrency):
                entry = self.records.reserve(
                    request, scope=self.scope, limits=settings.limits, worst=worst, endpoint=settings.endpoint
                )
                try:
                    completion = endpoint.send(request)
                except (TransientError, FinalError) as fault:
                    if not fault.counted:
                        self.records.void(entry)
                    raise
                self.records.settle(entry, completion, usd=cost_usd(completion, price))
                return completion

        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(TransientError),
            stop=tenacity.stop_after_attempt(settings.tries),
            wait=self.wait_s,
            reraise=True,
        )
        try:
            return retrying(once)
        except (TransientError, FinalError) as fault:
            raise fault.error from None


def prompt_tokens_at_most(request: ChatRequest) -> int:
    """Return a bound on a prompt's length: two bytes a token, code of this kind has three to four [tokens]."""
    return sum(len(message.content.encode()) // 2 + 16 for message in request.messages)


def worst_case(settings: Settings, request: ChatRequest, price: Price | None, *, batch: bool = False) -> Use:
    """Return the most that a request can use.

    Raises:
        LlmError: A budget is set that cannot be kept, because the price or the longest reply is not known.
    """
    longest = settings.max_output_tokens or (price.max_output_tokens if price else None)
    budget = "budget_usd" if settings.budget_usd is not None else "budget_tokens"
    if longest is None and (settings.budget_usd is not None or settings.budget_tokens is not None):
        raise LlmError(
            f"llm.{budget}",
            f"the longest reply of {settings.model!r} is not known, so the budget cannot be kept",
            "Set max_output_tokens in the llm section of aigchip.yaml.",
            code="no-limit",
        )
    if price is None and settings.budget_usd is not None:
        raise LlmError(
            "llm.budget_usd",
            f"the price of {settings.model!r} is not known, so the budget cannot be kept",
            f"Add it under prices in the llm section of aigchip.yaml: {settings.model}: {{input: 1.0, output: 2.0}}, "
            "in USD for a million tokens.",
            code="no-price",
        )
    prompt = prompt_tokens_at_most(request)
    usd = 0.0 if price is None else price.usd(prompt, longest or 0, batch=batch)
    return Use(requests=1, tokens=prompt + (longest or 0), usd=usd)


def cost_usd(completion: Completion, price: Price | None, *, batch: bool = False) -> float | None:
    """Return what a completion cost; None where price or tokens are not known [USD]."""
    prompt, reply = completion.prompt_tokens, completion.completion_tokens
    return None if price is None or prompt is None or reply is None else price.usd(prompt, reply, batch=batch)


def usable(completion: Completion) -> Completion:
    """Return the completion if there is something to work with.

    Raises:
        LlmError: It was cut off, is empty, or declines.
    """
    where = f"llm ({completion.endpoint})"
    if completion.finish_reason == "length":
        size = f" after {completion.completion_tokens} tokens" if completion.completion_tokens else ""
        raise LlmError(
            where,
            f"the reply of {completion.model} was cut off{size}",
            "Raise max_output_tokens in the llm section of aigchip.yaml.",
            code="truncated-reply",
        )
    if completion.finish_reason in {REFUSAL, "content_filter"}:
        said = " ".join(completion.text.split()).rstrip(".")[:120] or "the endpoint's filter stopped the reply"
        raise LlmError(
            where, f"the model declined: {said}", "Change the instruction, or use another model.", code="refused"
        )
    if not completion.text.strip():
        raise LlmError(
            where,
            f"the reply of {completion.model} is empty",
            "Run the same command again, or use another model.",
            code="empty-reply",
        )
    return completion
