"""Every way in which an endpoint can fail, as one clear line without the key."""

from __future__ import annotations

import email.utils
import json
import math
import time
from typing import Any

from aigchip.llm.errors import LlmError
from aigchip.llm.settings import NO_KEY, Settings

LONGEST_WAIT_S = 120.0
"""A Retry-After beyond this ends the attempt: a person should decide whether to wait. [s]"""
_AGAIN = "Run the same command again later; nothing that was received is lost."
_TRANSIENT = {408, 409, 425, 429}


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


def place(settings: Settings) -> str:
    """Name the endpoint in a message."""
    return f"llm ({settings.endpoint})"


def timeout(settings: Settings) -> TransientError:
    """Report that no reply came in time."""
    error = LlmError(
        place(settings),
        f"no reply within {settings.timeout_s:g} s",
        "Raise timeout_s in the llm section of aigchip.yaml, or check the endpoint.",
        code="timeout",
    )
    return TransientError(error, counted=True)


def connection(settings: Settings, fault: BaseException) -> TransientError:
    """Report that the endpoint was not reached, or that the connection broke."""
    cause = fault.__cause__ or fault
    never_sent = type(cause).__name__ in {"ConnectError", "UnsupportedProtocol", "ProxyError"}
    reason = clean(settings, str(cause)) or type(cause).__name__
    if never_sent:
        what = f"the endpoint cannot be reached ({reason})"
        remedy = "Check OPENAI_BASE_URL and the network, or use generator=expert."
    else:
        what, remedy = f"the connection broke off ({reason})", "Run the same command again."
    return TransientError(LlmError(place(settings), what, remedy, code="unreachable"), counted=not never_sent)


def cut_stream(settings: Settings, characters: int) -> TransientError:
    """Report a stream that ended before the reply did."""
    what = f"the reply broke off after {characters} characters"
    error = LlmError(place(settings), what, "Run the same command again.", code="unreachable")
    return TransientError(error, counted=True)


def malformed(settings: Settings, text: str) -> FinalError:
    """Report a reply that is none of the protocol."""
    start = clean(settings, text)[:80] or "nothing"
    noun = "chat completion" if settings.api == "chat" else "response of the responses API"
    error = LlmError(
        place(settings),
        f"the reply is not a {noun}; it starts with {start!r}",
        "Check base_url; it usually ends in /v1.",
        code="malformed-reply",
    )
    return FinalError(error, counted=True)


def other(settings: Settings, fault: Exception) -> FinalError:
    """Report whatever else the client package refuses."""
    error = LlmError(place(settings), f"the request failed: {clean(settings, str(fault))}", code="bad-request")
    return FinalError(error, counted=True)


def status(settings: Settings, fault: Any) -> TransientError | FinalError:
    """Report a reply with an error status.

    Args:
        settings: The endpoint.
        fault: An `openai.APIStatusError`.
    """
    number, text, wait_s = fault.status_code, _reason(settings, fault), retry_after_s(fault.response.headers)
    where = place(settings)
    final = {
        401: ("wrong-key", "the key was not accepted", "Correct OPENAI_API_KEY."),
        403: ("forbidden", f"access was denied ({text})", "Check what the key may use."),
        404: (
            "unknown-model",
            f"model {settings.model!r} or the address was not found ({text})",
            "Correct AIGCHIP_MODEL, or OPENAI_BASE_URL, which usually ends in /v1.",
        ),
        429: ("quota", f"the account's quota is used up ({text})", "Add credit, or use generator=expert."),
    }
    if number in final and not (number == 429 and fault.code != "insufficient_quota"):
        code, what, remedy = final[number]
        if settings.api_key == NO_KEY and number in {401, 403}:
            code, what, remedy = "no-key", "the endpoint wants a key and none is set", "Set OPENAI_API_KEY."
        return FinalError(LlmError(where, what, remedy, code=code), counted=False)
    if number in _TRANSIENT or number >= 500:
        limited = number == 429
        what = f"the rate limit is reached ({text})" if limited else f"the endpoint failed with {number} ({text})"
        if wait_s is not None:
            what += f"; it asks to wait {wait_s:.0f} s"
        error = LlmError(where, what, _AGAIN, code="rate-limit" if limited else "server-fault")
        if wait_s is not None and wait_s > LONGEST_WAIT_S:
            return FinalError(error, counted=number >= 500)
        return TransientError(error, retry_after_s=wait_s, counted=number >= 500)
    error = LlmError(
        where,
        f"the request was refused with {number} ({text})",
        "Check the llm section of aigchip.yaml; some models accept no temperature or seed.",
        code="bad-request",
    )
    return FinalError(error, counted=False)


def within_stream(settings: Settings, fault: Any) -> TransientError:
    """Report an error that the endpoint put into a stream it had begun.

    Args:
        settings: The endpoint.
        fault: An `openai.APIError` without a status.
    """
    error = LlmError(
        place(settings),
        f"the endpoint failed in the middle of its reply ({_reason(settings, fault)})",
        _AGAIN,
        code="server-fault",
    )
    return TransientError(error, counted=True)


def clean(settings: Settings, text: str) -> str:
    """Put text of the endpoint's into one line without the key."""
    text = without_key(settings, text)
    return "".join(char if char.isprintable() else " " for char in " ".join(text.split())).rstrip(".")


def without_key(settings: Settings, text: str) -> str:
    """Cut the key out of text that came from outside."""
    key = settings.api_key
    return text.replace(key, "<key>") if key and key != NO_KEY else text


def _reason(settings: Settings, fault: Any) -> str:
    body = fault.body
    if isinstance(body, dict):
        inner = body.get("error", body)
        body = inner.get("message", inner) if isinstance(inner, dict) else inner
    text = clean(settings, body if isinstance(body, str) else json.dumps(body, default=str) if body else "")
    return text[:160] or "no reason given"


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
