"""Choose demonstrations by the distance of embeddings, from any OpenAI-compatible endpoint."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from aigchip.llm.embedding import Embedder
from aigchip.prompt.library import Demonstration


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddingSelector:
    """Choose by the cosine of embeddings.

    Args:
        embedder: Who turns texts into vectors.
    """

    embedder: Embedder
    name: str = "embeddings"
    asks: bool = True

    def settings(self) -> dict[str, Any]:
        """Return what determines the choice beside the texts."""
        return {"model": self.embedder.model}

    def select(self, instruction: str, candidates: Sequence[Demonstration], count: int) -> tuple[Demonstration, ...]:
        """Return at most `count` candidates, the most similar one first; ties go by name.

        Raises:
            LlmError: No usable embeddings.
        """
        if not count or not candidates:
            return ()
        ordered = sorted(candidates, key=lambda demo: demo.title)
        library = self.embedder.vectors([demo.instruction for demo in ordered])
        (asked,) = self.embedder.vectors([instruction])
        scored = [
            (-round(cosine(asked, vector), 9), demo.title, demo) for vector, demo in zip(library, ordered, strict=True)
        ]
        return tuple(demo for _, _, demo in sorted(scored, key=lambda entry: entry[:2])[:count])


def cosine(left: Sequence[float], right: Sequence[float]) -> float:
    """Return the cosine of the angle between two vectors, 0 where one is 0."""
    length = math.hypot(*left) * math.hypot(*right)
    return math.fsum(a * b for a, b in zip(left, right, strict=True)) / length if length else 0.0
