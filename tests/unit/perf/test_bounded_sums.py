"""Bounded sums against terms that are added one after another."""

import numpy as np
import pytest

from aigchip.perf.bounded_sums import bounded_sums


@pytest.mark.parametrize("seed", range(8))
def test_sums_are_those_of_one_term_after_another(seed: int) -> None:
    rng = np.random.default_rng(seed)
    lengths = rng.integers(1, 40, 12)
    start = np.cumsum(lengths) - lengths
    size = int(lengths.sum())
    terms, least = rng.normal(0, 30, size), -rng.uniform(0, 20, size)
    most, repeats = least + rng.uniform(0, 90, size), rng.integers(1, 6, size)
    kept = terms.copy()
    found = bounded_sums(start, repeats, terms, least, most)
    assert (terms == kept).all()
    total, wanted = 0.0, []
    for at in range(size):
        for _ in range(repeats[at]):
            total = min(max(total + terms[at], least[at]), most[at])
        if at in start:
            total = least[at]
        wanted.append(total)
    assert found == pytest.approx(wanted)
