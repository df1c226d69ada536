"""One request to one endpoint through the `openai` package, and every way in which it can fail."""

from __future__ import annotations

import datetime
import email.utils
import json
import math
import time
from dataclasses import dataclass
from typing import Any

import pydantic

from aigchip.llm.completion import ChatRequest, Completion
from aigchip.llm.errors import LlmError
from aigchip.llm.settings import NO_KEY, Settings

LONGEST_WAIT_S = 120.0
"""A Retry-After beyond this ends the attempt: a person should decide whether to wait. [s]"""


class TransientError(Exception):
    """A fault that may pass.

    Args:
        error: What to report when no try is left.
        retry_after_s: How long the endpoint asked to wait; None if it did not say. [s]
        counted: Whether the request may have cost something.
    """

    def __init__(self, error: LlmError, *, retry_after_s: float | None = None, counted: bool) -> None:
        super().__init__(str(error))
        self.error = error
        self.retry_after_s = retry_after_s
        self.counted = counted


class FinalError(Exception):
    """A fault that stays.

    Args:
        error: What to report.
        counted: Whether the request may have cost something.
    """

    def __init__(self, error: LlmError, *, counted: bool) -> None:
        super().__init__(str(error))
        self.error = error
        self.counted = counted


class _Message(pydantic.BaseModel):
    content: str | None = None
    refusal: str | None = None


class _Choice(pydantic.BaseModel):
    message: _Message
    finish_reason: str | None = None


class _Usage(pydantic.BaseModel):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


class _Reply(pydantic.BaseModel):
    choices: list[_Choice] = pydantic.Field(min_length=1)
    model: str | None = None
    usage: _Usage | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """An endpoint that speaks the chat-completions protocol.

    Args:
        settings: Its address, key and limits.
    """

    settings: Settings

    def send(self, request: ChatRequest) -> Completion:
        """Send a request once.

        Raises:
            TransientError: Trying again may help.
            FinalError: Trying again does not help.
        """
        import openai  # noqa: PLC0415 - takes half a second; a cached completion does not need it

        settings = self.settings
        where = f"llm ({settings.endpoint})"
        try:
            with openai.OpenAI(
                api_key=settings.api_key, base_url=settings.base_url, timeout=settings.timeout_s, max_retries=0
            ) as client:
                raw = client.chat.completions.with_raw_response.create(**request.body)
                text = raw.http_response.text
        except openai.APITimeoutError:
            error = LlmError(
                where,
                f"no reply within {settings.timeout_s:g} s",
                "Raise timeout_s in the llm section of aigchip.yaml, or check the endpoint.",
                code="timeout",
            )
            raise TransientError(error, counted=True) from None
        except openai.APIConnectionError as fault:
            raise self._connection(where, fault) from None
        except openai.APIStatusError as fault:
            raise self._status(where, fault) from None
        except openai.OpenAIError as fault:
            error = LlmError(where, f"the request failed: {self._clean(str(fault))}", code="bad-request")
            raise FinalError(error, counted=True) from None
        return self._completion(where, request, text)

    def _completion(self, where: str, request: ChatRequest, text: str) -> Completion:
        try:
            reply = _Reply.model_validate_json(text)
        except pydantic.ValidationError:
            start = self._clean(text)[:80] or "nothing"
            error = LlmError(
                where,
                f"the reply is not a chat completion; it starts with {start!r}",
                "Check base_url; it usually ends in /v1.",
                code="malformed-reply",
            )
            raise FinalError(error, counted=True) from None
        choice = reply.choices[0]
        if choice.message.refusal and not choice.message.content:
            error = LlmError(
                where,
                f"the model declined: {self._clean(choice.message.refusal)[:120]}",
                "Change the instruction, or use another model.",
                code="refused",
            )
            raise FinalError(error, counted=True)
        usage = reply.usage or _Usage()
        return Completion(
            text=choice.message.content or "",
            finish_reason=choice.finish_reason or "",
            model=reply.model or request.model,
            prompt_tokens=usage.prompt_tokens,
            completion_tokens=usage.completion_tokens,
            request_hash=request.hash,
            endpoint=self.settings.endpoint,
            received=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        )

    def _connection(self, where: str, fault: Exception) -> Exception:
        cause = fault.__cause__
        never_sent = type(cause).__name__ in {"ConnectError", "UnsupportedProtocol", "ProxyError"}
        reason = self._clean(str(cause or fault)) or type(cause or fault).__name__
        if never_sent:
            error = LlmError(
                where,
                f"the endpoint cannot be reached ({reason})",
                "Check OPENAI_BASE_URL and the network, or use generator=expert.",
                code="unreachable",
            )
        else:
            error = LlmError(
                where, f"the connection broke off ({reason})", "Run the same command again.", code="unreachable"
            )
        return TransientError(error, counted=not never_sent)

    def _status(self, where: str, fault: Any) -> Exception:
        status, text, wait_s = fault.status_code, self._reason(fault), retry_after_s(fault.response.headers)
        model = self.settings.model
        final = {
            401: ("wrong-key", "the key was not accepted", "Correct OPENAI_API_KEY."),
            403: ("forbidden", f"access was denied ({text})", "Check what the key may use."),
            404: (
                "unknown-model",
                f"model {model!r} or the address was not found ({text})",
                "Correct AIGCHIP_MODEL, or OPENAI_BASE_URL, which usually ends in /v1.",
            ),
            429: ("quota", f"the account's quota is used up ({text})", "Add credit, or use generator=expert."),
        }
        transient = {408, 409, 425, 429}
        if status in final and not (status == 429 and fault.code != "insufficient_quota"):
            code, what, remedy = final[status]
            if self.settings.api_key == NO_KEY and status in {401, 403}:
                code, what, remedy = "no-key", "the endpoint wants a key and none is set", "Set OPENAI_API_KEY."
            return FinalError(LlmError(where, what, remedy, code=code), counted=False)
        if status in transient or status >= 500:
            limited = status == 429
            what = f"the rate limit is reached ({text})" if limited else f"the endpoint failed with {status} ({text})"
            if wait_s is not None:
                what += f"; it asks to wait {wait_s:.0f} s"
            remedy = "Run the same command again later; nothing that was received is lost."
            error = LlmError(where, what, remedy, code="rate-limit" if limited else "server-fault")
            if wait_s is not None and wait_s > LONGEST_WAIT_S:
                return FinalError(error, counted=status >= 500)
            return TransientError(error, retry_after_s=wait_s, counted=status >= 500)
        error = LlmError(
            where,
            f"the request was refused with {status} ({text})",
            "Check the llm section of aigchip.yaml; some models accept no temperature or seed.",
            code="bad-request",
        )
        return FinalError(error, counted=False)

    def _reason(self, fault: Any) -> str:
        body = fault.body
        if isinstance(body, dict):
            inner = body.get("error", body)
            body = inner.get("message", inner) if isinstance(inner, dict) else inner
        text = self._clean(body if isinstance(body, str) else json.dumps(body, default=str) if body else "")
        return text[:160] or "no reason given"

    def _clean(self, text: str) -> str:
        """Put text of the endpoint's into one line without the key."""
        key = self.settings.api_key
        if key and key != NO_KEY:
            text = text.replace(key, "<key>")
        return "".join(char if char.isprintable() else " " for char in " ".join(text.split())).rstrip(".")


def retry_after_s(headers: Any, *, now_s: float | None = None) -> float | None:
    """Read how long an endpoint asks to wait, from `retry-after-ms` or `Retry-After` (seconds or a date).

    Returns:
        The wait, never negative; None when it is absent or unreadable. [s]

    Reference:
        RFC 9110, section 10.2.3.
    """
    for name, scale in (("retry-after-ms", 1e-3), ("retry-after", 1.0)):
        text = headers.get(name)
        if not text:
            continue
        try:
            value = float(text) * scale
        except ValueError:
            try:
                date = email.utils.parsedate_to_datetime(text)
            except ValueError:
                continue
            value = date.timestamp() - (time.time() if now_s is None else now_s)
        if math.isfinite(value):
            return max(0.0, value)
    return None
