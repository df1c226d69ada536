"""Every move between designs gives a valid, canonical design."""

from collections import Counter
from random import Random

from hypothesis import given
from unit.space.strategies import any_designs, rngs, valid_designs

from aigchip.space import FAMILIES, GENES, Design, array_step, canonical, check
from aigchip.space.sampling import cross, mutate, sample


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
