"""How long a prompt is, in tokens, without a model's own tokenizer: an estimate that does not fall short."""

from __future__ import annotations

import math
from collections.abc import Iterable

BYTES_PER_TOKEN = 2.5
"""Fewer than any common tokenizer has in English and C++; exact counters fetch their tables from the network."""

TOKENS_PER_MESSAGE = 8
"""What a chat protocol adds to each message. [tokens]"""


def estimate(messages: Iterable[str]) -> int:
    """Return an upper estimate of the length of a conversation [tokens]."""
    return sum(math.ceil(len(text.encode()) / BYTES_PER_TOKEN) + TOKENS_PER_MESSAGE for text in messages)
