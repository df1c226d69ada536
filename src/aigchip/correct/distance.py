"""How far a misspelt name is from the names that exist."""

from __future__ import annotations

from collections.abc import Iterable


def distance(left: str, right: str, limit: int) -> int:
    """Return the number of insertions, deletions, changes and swaps of neighbours, or `limit` + 1 if there are more."""
    if abs(len(left) - len(right)) > limit:
        return limit + 1
    before: list[int] = []
    last = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        row = [i]
        for j, b in enumerate(right, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and left[i - 2] == b:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before, last = last, row
    return min(last[-1], limit + 1)


def allowed(name: str) -> int:
    """Return how many slips a name of this length may have: none up to 2 letters, 1 up to 5, else 2."""
    return 0 if len(name) <= 2 else 1 if len(name) <= 5 else 2


def nearest(name: str, candidates: Iterable[str]) -> list[str]:
    """Return the candidates nearest to a name, all that are equally near; empty if none is near enough.

    Names that differ only in case or underscores count as equal.
    """

    def plain(text: str) -> str:
        return text.replace("_", "").lower()

    limit = allowed(name)
    found: dict[int, set[str]] = {}
    for candidate in candidates:
        if candidate == name:
            continue
        far = 0 if plain(candidate) == plain(name) else distance(name.lower(), candidate.lower(), limit)
        if far == 0 and plain(candidate) != plain(name):
            far = 1
        if far <= limit:
            found.setdefault(far, set()).add(candidate)
    return sorted(found[min(found)]) if found else []
