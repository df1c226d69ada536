"""Pareto fronts and hypervolume, judged by their definitions."""

from hypothesis import given
from hypothesis import strategies as st

from aigchip.search.pareto import dominates, hypervolume, pareto_front, pareto_ranks

points = st.lists(st.tuples(st.integers(0, 12).map(float), st.integers(0, 12).map(float)), max_size=12)


@given(points)
def test_the_front_holds_each_undominated_point_once(points: list[tuple[float, float]]) -> None:
    front = [points[i] for i in pareto_front(points)]
    assert front == sorted({p for p in points if not any(dominates(q, p) for q in points)})


@given(points)
def test_the_hypervolume_is_the_number_of_dominated_cells(points: list[tuple[float, float]]) -> None:
    cells = sum(any(p[0] <= x and p[1] <= y for p in points) for x in range(10) for y in range(8))
    assert hypervolume(points, (10.0, 8.0)) == cells


@given(points)
def test_ranks_peel_the_fronts(points: list[tuple[float, float]]) -> None:
    ranks = pareto_ranks(points)
    for i, p in enumerate(points):
        beaten_by = [ranks[j] for j, q in enumerate(points) if dominates(q, p)]
        assert ranks[i] == (max(beaten_by) + 1 if beaten_by else 0)
