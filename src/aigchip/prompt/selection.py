"""Choose the demonstrations that a prompt shows: the strategies that need no model."""

from __future__ import annotations

import functools
import itertools
import math
import random
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from aigchip.core.hashing import digest
from aigchip.prompt.library import Demonstration

_WORD = re.compile(r"[A-Za-z_]+|\d+")


class Selector(Protocol):
    """Choose among the candidates for one instruction; equal arguments give an equal choice."""

    @property
    def name(self) -> str:
        """The strategy's name, part of a generator's settings."""
        ...

    @property
    def asks(self) -> bool:
        """Whether choosing asks an endpoint; a key then holds what is asked, and not what it answers."""
        ...

    def settings(self) -> dict[str, Any]:
        """Return what determines the choice beside the texts, JSON-able."""
        ...

    def select(self, instruction: str, candidates: Sequence[Demonstration], count: int) -> tuple[Demonstration, ...]:
        """Return at most `count` candidates, the one that the strategy ranks first first."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class LexicalSelector:
    """Choose by the text alone: the cosine of TF-IDF vectors over words and pairs of neighbouring words.

    The pairs tie a number to the word before it (`tile 32`), which is where instructions of one module differ.
    """

    name: str = "lexical"
    asks: bool = False

    def settings(self) -> dict[str, Any]:
        """Return what determines the choice."""
        return {}

    def select(self, instruction: str, candidates: Sequence[Demonstration], count: int) -> tuple[Demonstration, ...]:
        """Return at most `count` candidates, the most similar one first; ties go by name."""
        scores = similarities(instruction, [demo.instruction for demo in candidates])
        ranked = sorted(zip(scores, candidates, strict=True), key=lambda pair: (-pair[0], pair[1].name))
        return tuple(demo for _, demo in ranked[:count])


@dataclass(frozen=True, slots=True, kw_only=True)
class DissimilarSelector:
    """Choose those whose text has least in common with the instruction: the worst case, for studies."""

    name: str = "dissimilar"
    asks: bool = False

    def settings(self) -> dict[str, Any]:
        """Return what determines the choice."""
        return {}

    def select(self, instruction: str, candidates: Sequence[Demonstration], count: int) -> tuple[Demonstration, ...]:
        """Return at most `count` candidates, the least similar one first; ties go by name."""
        scores = similarities(instruction, [demo.instruction for demo in candidates])
        ranked = sorted(zip(scores, candidates, strict=True), key=lambda pair: (pair[0], pair[1].name))
        return tuple(demo for _, demo in ranked[:count])


@dataclass(frozen=True, slots=True, kw_only=True)
class RandomSelector:
    """Draw candidates; the same seed and instruction draw the same ones, whatever their order.

    Args:
        seed: Seed of the draw.
    """

    seed: int = 1
    name: str = "random"
    asks: bool = False

    def settings(self) -> dict[str, Any]:
        """Return what determines the choice."""
        return {"seed": self.seed}

    def select(self, instruction: str, candidates: Sequence[Demonstration], count: int) -> tuple[Demonstration, ...]:
        """Return at most `count` candidates."""
        draw = random.Random(digest([self.seed, instruction]))  # noqa: S311 - no secret
        ordered = sorted(candidates, key=lambda demo: demo.title)
        return tuple(draw.sample(ordered, min(count, len(ordered))))


@dataclass(frozen=True, slots=True, kw_only=True)
class NoSelector:
    """Choose none."""

    name: str = "none"
    asks: bool = False

    def settings(self) -> dict[str, Any]:
        """Return what determines the choice."""
        return {}

    def select(self, instruction: str, candidates: Sequence[Demonstration], count: int) -> tuple[Demonstration, ...]:
        """Return no candidate."""
        return ()


def similarities(text: str, others: Sequence[str]) -> list[float]:
    """Compare one text with others.

    Returns:
        For each of `others` the cosine similarity in [0, 1], rounded to 12 digits so that no platform's arithmetic
        changes an order.
    """
    counts = [_terms(text), *map(_terms, others)]
    frequency = Counter(term for terms in counts for term in terms)
    weights = {term: 1.0 + math.log((1 + len(counts)) / (1 + found)) for term, found in frequency.items()}
    vectors = [{term: number * weights[term] for term, number in terms.items()} for terms in counts]
    return [round(_cosine(vectors[0], vector), 12) for vector in vectors[1:]]


@functools.lru_cache(maxsize=1024)  # a library's texts are compared with every instruction
def _terms(text: str) -> Counter[str]:
    words = [word.lower() for word in _WORD.findall(text)]
    return Counter(words) + Counter(" ".join(pair) for pair in itertools.pairwise(words))


def _cosine(left: dict[str, float], right: dict[str, float]) -> float:
    product = math.fsum(value * right[term] for term, value in left.items() if term in right)
    length = math.sqrt(math.fsum(v * v for v in left.values()) * math.fsum(v * v for v in right.values()))
    return product / length if length else 0.0
