"""Which designs given modules make, and how few designs show every value."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from unit.space.test_rejections import WINDOWED

from aigchip.space.compose import assemblies, compose, count, cover, extend, known_of, variants
from aigchip.space.constraints import canonical, check
from aigchip.space.derive import module_of
from aigchip.space.design import Design
from aigchip.space.sampling import cross, mutate, sample


def whole(design: Design, known: dict) -> bool:
    return all(made in known[module_of(instance)] for instance, made in variants(design).items())


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
        assert whole(design, known)


def test_no_design_of_known_modules_is_missed():
    """Relatives of a few designs, of whose modules many others can be made."""
    rng = Random(5)
    designs = [sample(rng), WINDOWED]
    while len(designs) < 16:
        designs.append(mutate(designs[rng.randrange(2)], rng))
    known = known_of(designs)
    found = set(compose(known))
    number = 0
    for _ in range(600):
        child = cross(*rng.sample(designs, 2), rng)
        if rng.random() < 0.3:
            child = mutate(child, rng)
        assert whole(child, known) == (child in found)
        number += child in found and child not in designs
    assert number > 20


def test_of_the_designs_with_the_same_modules_one_is_an_assembly():
    designs = [WINDOWED, replace(WINDOWED, port_bits=256, ports=1, clock_mhz=100)]
    known = known_of(designs)
    assert known == known_of(designs[:1])
    assert set(designs) <= set(compose(known))
    (assembly,) = assemblies(known)
    assert variants(assembly) == variants(WINDOWED)
    assert len(list(compose(known))) == 5 * 3  # clocks, and ports for words of 32 bytes


def test_nothing_is_put_together_where_a_module_is_missing():
    known = known_of([sample(Random(1))])
    assert count(known, 10) == 1
    del known["post"]
    assert count(known, 10) == 0


def test_modules_for_values_that_no_design_has_do_no_harm():
    known = known_of([WINDOWED])
    for made in list(known["pe_array"]):
        for changes in ({"noc_a_array": "broadcast"}, {"c_factor": 3}, {"c_factor": 64}, {"window": 64}):
            known["pe_array"].add(tuple(sorted((dict(made) | changes).items())))
    assert count(known, 10) == 1


def test_a_cover_shows_every_value_that_drawn_designs_show():
    designs = cover(1)
    shown = {(module_of(i), *pair) for design in designs for i, made in variants(design).items() for pair in made}
    rng = Random(9)
    for _ in range(500):
        for instance, made in variants(sample(rng)).items():
            assert {(module_of(instance), *pair) for pair in made} <= shown
    assert len(designs) <= 32


def test_a_cover_can_show_each_value_in_several_modules():
    once, twice = cover(1), cover(2)
    assert len(once) < len(twice) < 3 * len(once)
    seen: dict = {}
    for design in twice:
        for instance, made in variants(design).items():
            for pair in made:
                seen.setdefault((module_of(instance), *pair), set()).add(made)
    assert all(len(seen["pe_array", "array_lanes", lanes]) > 1 for lanes in (1, 2, 4, 8, 16, 32, 64))


def test_an_extension_makes_more_designs_from_few_more_modules():
    designs = [sample(Random(1))]
    longer = extend(designs, 12)
    assert longer[:1] == designs
    assert count(known_of(longer), 50) >= 12
    assert sum(map(len, known_of(longer).values())) <= 30
    assert all(not check(design) and canonical(design) == design for design in longer)
