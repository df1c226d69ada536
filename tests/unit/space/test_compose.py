"""Which designs given modules make, and how few designs show every value."""

from __future__ import annotations

from random import Random

from aigchip.space.compose import compose, count, cover, extend, known_of, variants
from aigchip.space.constraints import canonical, check
from aigchip.space.derive import module_of
from aigchip.space.sampling import cross, sample


def test_every_design_that_is_put_together_is_valid_canonical_and_needs_known_modules_only():
    rng = Random(3)
    designs = [sample(rng) for _ in range(12)]
    known = known_of(designs)
    found = list(compose(known))
    assert set(designs) <= set(found)
    assert len(found) == len(set(found))
    for design in found:
        assert not check(design)
        assert canonical(design) == design
        assert all(made in known[module_of(instance)] for instance, made in variants(design).items())


def test_no_design_of_known_modules_is_missed():
    rng = Random(5)
    designs = [sample(rng) for _ in range(6)]
    known = known_of(designs)
    found = set(compose(known))
    for _ in range(300):
        child = cross(*rng.sample(designs, 2), rng)
        whole = all(made in known[module_of(instance)] for instance, made in variants(child).items())
        assert whole == (child in found)


def test_nothing_is_put_together_where_a_module_is_missing():
    known = known_of([sample(Random(1))])
    assert count(known, 10) == 1
    del known["post"]
    assert count(known, 10) == 0


def test_a_cover_shows_every_value_that_drawn_designs_show():
    designs = cover(1)
    shown = {(module_of(i), *pair) for design in designs for i, made in variants(design).items() for pair in made}
    rng = Random(9)
    for _ in range(500):
        for instance, made in variants(sample(rng)).items():
            assert {(module_of(instance), *pair) for pair in made} <= shown
    assert len(designs) <= 20


def test_an_extension_makes_more_designs_from_few_more_modules():
    designs = [sample(Random(1))]
    longer = extend(designs, 12)
    assert longer[:1] == designs
    assert count(known_of(longer), 50) >= 12
    assert sum(map(len, known_of(longer).values())) <= 30
