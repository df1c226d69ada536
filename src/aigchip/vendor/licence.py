"""Wait for a licence: what the tools print while all of them are in use, and how long that is borne."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import tenacity

T = TypeVar("T")

_QUEUED = re.compile(
    r"licensed number of users already reached|all licen[sc]es? (are |is )?(currently )?(in use|reserved)"
    r"|a valid license was not found for feature|\(-4,\d+|\(-87,\d+|users are queued for this feature"
    r"|waiting for (a )?licen[sc]e",
    re.IGNORECASE,
)
_NEVER = re.compile(
    r"cannot find license file|invalid host|license (key )?(has )?expired|feature has expired|no such feature exists"
    r"|\(-1,\d+|\(-5,\d+|\(-9,\d+|\(-10,\d+",
    re.IGNORECASE,
)


class LicenceQueuedError(Exception):
    """Report that all licences are in use; another try may succeed. `line` is what the tool said."""

    def __init__(self, line: str) -> None:
        self.line = line
        super().__init__(line)


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long to wait for a licence.

    Attributes:
        total_s: From the first refusal to the last try [s]; 0 tries once.
        first_s: Before the second try [s]; doubled from try to try.
        longest_s: Between two tries [s].
        sleep: What waits; tests replace it.
    """

    total_s: float = 1800.0
    first_s: float = 15.0
    longest_s: float = 120.0
    sleep: Callable[[float], None] = time.sleep


def queued_line(text: str) -> str | None:
    """Return the line of an output that says that licences are in use; None where none does, or waiting is in vain."""
    if _NEVER.search(text):
        return None
    return next((line.strip() for line in text.splitlines() if _QUEUED.search(line)), None)


def wait_for(work: Callable[[], T], patience: Patience, tell: Callable[[str], None]) -> T:
    """Do work again and again while it raises LicenceQueuedError.

    Args:
        work: What needs a licence.
        patience: How long.
        tell: Is told of every wait in one line.

    Raises:
        LicenceQueuedError: The last refusal, when patience is at its end.
    """

    def say(state: tenacity.RetryCallState) -> None:
        seconds = state.next_action.sleep if state.next_action else 0.0
        error = state.outcome.exception() if state.outcome else None
        tell(f"all licences are in use ({error}); the next try is in {seconds:.0f} s")

    retrying = tenacity.Retrying(
        retry=tenacity.retry_if_exception_type(LicenceQueuedError),
        wait=tenacity.wait_exponential(multiplier=patience.first_s, max=patience.longest_s),
        stop=tenacity.stop_before_delay(patience.total_s),
        sleep=patience.sleep,
        before_sleep=say,
        reraise=True,
    )
    return retrying(work)
