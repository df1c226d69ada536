"""Pareto front and hypervolume of two objectives that are both to be small.

Reference: Zitzler and Thiele 1998 (hypervolume).
"""

from collections.abc import Sequence

Point = tuple[float, float]


def dominates(first: Point, second: Point) -> bool:
    """Tell whether `first` is nowhere worse than `second` and somewhere better."""
    return first != second and first[0] <= second[0] and first[1] <= second[1]


def pareto_front(points: Sequence[Point]) -> list[int]:
    """Return the positions of the points that no other point dominates, by their first objective.

    Of equal points only the first is returned.
    """
    front: list[int] = []
    for position in sorted(range(len(points)), key=lambda i: (points[i], i)):
        if not front or points[position][1] < points[front[-1]][1]:
            front.append(position)
    return front


def pareto_ranks(points: Sequence[Point]) -> list[int]:
    """Return for each point the front that it belongs to: 0 undominated, 1 after those are removed, and so on."""
    ranks = [-1] * len(points)
    left = set(range(len(points)))
    rank = 0
    while left:
        front = {i for i in left if not any(dominates(points[j], points[i]) for j in left)}
        for position in front:
            ranks[position] = rank
        left -= front
        rank += 1
    return ranks


def excess(values: Sequence[float], limits: Sequence[float]) -> float:
    """Return by how much values are above their limits: the sum of value / limit - 1 over those that are."""
    return sum(value / limit - 1 for value, limit in zip(values, limits, strict=True) if value > limit)


def hypervolume(points: Sequence[Point], reference: Point) -> float:
    """Return the area that the points dominate below `reference`; points beyond it count for nothing."""
    area, ceiling = 0.0, reference[1]
    for position in pareto_front(points):
        x, y = points[position]
        if x < reference[0] and y < ceiling:
            area += (reference[0] - x) * (ceiling - y)
            ceiling = y
    return area
