"""What a study may use, checked before a request is sent."""

from __future__ import annotations

from dataclasses import dataclass

from aigchip.llm.errors import LlmError


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """What requests use.

    Args:
        requests: How many.
        tokens: Of prompts and replies together. [tokens]
        usd: Their price, as far as it is known. [USD]
    """

    requests: int = 0
    tokens: int = 0
    usd: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The most that a scope may use; None is no limit."""

    max_requests: int
    budget_tokens: int | None = None
    budget_usd: float | None = None

    def check(self, used: Use, worst: Use) -> None:
        """Check that one more request fits, whatever its reply costs.

        Raises:
            LlmError: It does not; nothing may be sent.
        """
        remedy = "and run the same command again; completions already received are not asked for again."
        if used.requests >= self.max_requests:
            raise LlmError(
                "llm.max_requests",
                f"{used.requests} requests have been sent; the limit is {self.max_requests}",
                f"Raise max_requests {remedy}",
                code="max-requests",
            )
        if self.budget_tokens is not None and used.tokens + worst.tokens > self.budget_tokens:
            raise LlmError(
                "llm.budget_tokens",
                f"{used.tokens} tokens are used and the next request may take {worst.tokens}; "
                f"the limit is {self.budget_tokens}",
                f"Raise budget_tokens {remedy}",
                code="budget",
            )
        if self.budget_usd is not None and used.usd + worst.usd > self.budget_usd:
            raise LlmError(
                "llm.budget_usd",
                f"{used.usd:.4f} USD are used and the next request may cost {worst.usd:.4f}; "
                f"the limit is {self.budget_usd:g}",
                f"Raise budget_usd {remedy}",
                code="budget",
            )


REACHED = frozenset({"max-requests", "budget"})
"""Codes of the errors that say: a limit is reached, go on with what is there."""
