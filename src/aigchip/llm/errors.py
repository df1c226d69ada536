"""What can go wrong between a prompt and a completion."""

from __future__ import annotations

from aigchip.core.errors import AigchipError


class LlmError(AigchipError):
    """Report a completion that cannot be had; `code` says why.

    Codes: no-key, no-model, wrong-key, forbidden, unknown-model, bad-request, unreachable, timeout, rate-limit, quota,
    server-fault, malformed-reply, empty-reply, truncated-reply, refused, max-requests.
    """
