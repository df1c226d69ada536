"""Shares and their intervals, against their definitions."""

import itertools
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aigchip.experiment.measures import Share, Task, pass_at, pass_at_k, pass_rate, wilson


@pytest.mark.parametrize("attempts", [1, 3, 6])
def test_pass_at_k_is_the_share_of_draws_of_k_with_a_success(attempts):
    for passed in range(attempts + 1):
        outcomes = [True] * passed + [False] * (attempts - passed)
        for k in range(1, attempts + 1):
            draws = [any(draw) for draw in itertools.combinations(outcomes, k)]
            assert pass_at(k, Task(attempts=attempts, passed=passed)) == pytest.approx(fmean(draws))


@pytest.mark.parametrize(
    ("passed", "attempts", "low", "high"),
    # Newcombe 1998, table I, method 3
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilsons_interval_is_that_of_the_literature(passed, attempts, low, high):
    share = wilson(passed, attempts)
    assert (round(share.low, 4), round(share.high, 4)) == (low, high)


tasks = st.lists(
    st.integers(1, 6).flatmap(lambda n: st.integers(0, n).map(lambda c: Task(attempts=n, passed=c))),
    min_size=1,
    max_size=8,
)


@given(tasks)
def test_every_interval_holds_its_share(found):
    for share in (pass_rate(found), pass_at_k(1, found)):
        assert 0 <= share.low <= share.value <= share.high <= 1


def test_with_equal_attempts_the_rate_over_k_is_pass_at_1():
    found = [Task(attempts=5, passed=passed) for passed in (0, 1, 4, 5)]
    assert pass_rate(found).value == pytest.approx(pass_at_k(1, found).value) == 0.5
    assert pass_at_k(5, found).value == 0.75


def test_the_interval_over_tasks_covers_the_true_share_about_as_often_as_it_says():
    """200 made-up studies of 30 tasks whose chances of success are uniform: the true pass@1 is one half."""
    import random

    rng = random.Random(4)
    covered = 0
    for _ in range(200):
        found = []
        for _ in range(30):
            chance = rng.random()
            found.append(Task(attempts=4, passed=sum(rng.random() < chance for _ in range(4))))
        share = pass_at_k(1, found)
        covered += share.low <= 0.5 <= share.high
    assert 0.88 <= covered / 200 <= 0.99


def test_wrong_questions_are_refused():
    with pytest.raises(ValueError, match="k is 3; must be 1 to 2"):
        pass_at(3, Task(attempts=2, passed=1))
    with pytest.raises(ValueError, match="attempts is 0"):
        pass_rate([])
    with pytest.raises(ValueError, match="tasks is empty"):
        pass_at_k(1, [])


def test_a_share_is_written_with_its_interval():
    assert Share(value=0.5, low=0.25, high=0.751).percent() == "50 % (25 to 75)"
