"""A search in a given set of designs."""

from __future__ import annotations

from random import Random

import pytest

from aigchip.search.random_sampling import RandomSampler
from aigchip.search.restricted import RestrictedSampler
from aigchip.search.settings import SearchError
from aigchip.space.sampling import sample


def test_only_allowed_designs_are_proposed_each_once_and_then_there_is_an_end():
    rng = Random(2)
    allowed = [sample(rng) for _ in range(5)]
    sampler = RestrictedSampler(RandomSampler(seed=1, lag=2), allowed, seed=1, lag=2)
    taken = set()
    for number in range(5):
        taken.add(sampler.fresh(number, [], taken))
    assert taken == set(allowed)
    with pytest.raises(SearchError) as caught:
        sampler.fresh(5, [], taken)
    assert str(caught.value) == "search: all 5 designs that are allowed have been proposed. Use trials=5 at most."


def test_the_nearest_design_is_taken():
    rng = Random(4)
    allowed = [sample(rng) for _ in range(30)]
    wanted = RandomSampler(seed=7, lag=1).propose(0, [], Random("7/0/0"))
    sampler = RestrictedSampler(RandomSampler(seed=7, lag=1), [*allowed, wanted], seed=7, lag=1)
    assert sampler.fresh(0, [], set()) == wanted
