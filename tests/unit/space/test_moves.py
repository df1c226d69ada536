"""Every move between designs gives a valid, canonical design."""

import itertools
from collections import Counter
from random import Random

import pytest
from hypothesis import given
from unit.space.strategies import any_designs, rngs, valid_designs

from aigchip.space import FAMILIES, GENES, Design, array_step, canonical, check
from aigchip.space.sampling import Fixed, count, cross, mutate, sample


@given(any_designs)
def test_canonical_form_is_idempotent_and_keeps_a_valid_design_valid(design: Design) -> None:
    once = canonical(design)
    assert canonical(once) == once
    if not check(design):
        assert not check(once)


@given(rngs)
def test_a_sampled_design_is_valid_and_canonical(rng: Random) -> None:
    design = sample(rng)
    assert check(design) == []
    assert canonical(design) == design


@given(valid_designs, rngs)
def test_a_mutated_design_is_valid_and_is_other_hardware(design: Design, rng: Random) -> None:
    child = mutate(design, rng)
    assert check(child) == []
    assert canonical(child) == child
    assert child != canonical(design)


@given(valid_designs, valid_designs, rngs)
def test_a_crossed_design_is_valid_and_has_only_genes_of_its_parents(a: Design, b: Design, rng: Random) -> None:
    child = cross(a, b, rng)
    assert check(child) == []
    assert canonical(child) == child
    for name, value in child.to_dict().items():
        assert value in {getattr(a, name), getattr(b, name), GENES[name].values[0]}


def test_the_same_seed_gives_the_same_moves() -> None:
    def walk(seed: int) -> list[Design]:
        rng = Random(seed)
        designs = [sample(rng), sample(rng)]
        for _ in range(50):
            designs.append(mutate(cross(designs[-1], designs[-2], rng), rng))
        return designs

    assert walk(7) == walk(7)
    assert walk(7) != walk(8)


def test_sampling_reaches_every_value_of_every_gene() -> None:
    rng = Random(0)
    designs = [sample(rng) for _ in range(2000)]
    for family in FAMILIES:
        for gene in family.genes:
            assert {getattr(design, gene.name) for design in designs} == set(gene.values), gene.name


def test_mutation_reaches_every_gene() -> None:
    rng = Random(0)
    start = sample(rng)
    changed: Counter[str] = Counter()
    for _ in range(2000):
        child = mutate(start, rng)
        changed.update(name for name, value in child.to_dict().items() if value != getattr(start, name))
    assert set(changed) == set(GENES)


@given(valid_designs)
def test_every_multiplier_forms_its_own_product(design: Design) -> None:
    assert array_step(design).units == design.multipliers


FIXED = [
    (("reuse", "second"),),
    (("array_lanes", 8), ("mac_width", 1)),
    (("buffer_a_dimension", "width"), ("tile_m", 16)),
    (("noc_a_lane", "multicast"),),
]


@pytest.mark.parametrize("fixed", FIXED)
def test_no_move_departs_from_the_fixed_genes(fixed: Fixed) -> None:
    rng = Random(3)
    older = sample(rng, fixed)
    for _ in range(40):
        design = mutate(sample(rng, fixed), rng, fixed)
        child = cross(older, design, rng)
        for made in (design, child):
            assert check(made) == []
            assert all(getattr(made, name) == value for name, value in fixed)
        older = child


def test_as_many_designs_are_counted_as_can_be_listed() -> None:
    """A small corner of the space, listed gene by gene."""
    fixed = {gene.name: gene.values[0] for gene in GENES.values()}
    for name in ("lane_macs", "noc_a_lane", "noc_b_lane", "tile_m", "reuse", "group", "buffer_c_factor"):
        del fixed[name]
    free = [GENES[name] for name in GENES if name not in fixed]
    listed = set()
    for values in itertools.product(*(gene.values for gene in free)):
        design = Design(**fixed, **{gene.name: value for gene, value in zip(free, values, strict=True)})
        if not check(design) and canonical(design) == design:
            listed.add(design)
    assert count(tuple(fixed.items())) == len(listed)


def test_where_everything_is_fixed_the_one_design_is_drawn() -> None:
    design = sample(Random(1))
    fixed = tuple(design.to_dict().items())
    assert count(fixed) == 1
    assert mutate(design, Random(2), fixed) == design
