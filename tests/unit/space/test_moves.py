"""Every move between designs gives a valid, canonical design."""

import itertools
from collections import Counter
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from unit.space.strategies import any_designs, nearly_valid_designs, rngs, valid_designs
from unit.space.test_rejections import GOOD, WINDOWED

from aigchip.space import FAMILIES, GENES, Design, DesignError, array_step, canonical, check
from aigchip.space.sampling import Fixed, count, cross, fewest_multipliers, most_products, mutate, sample


@given(any_designs)
def test_canonical_form_is_idempotent(design: Design) -> None:
    once = canonical(design)
    assert canonical(once) == once


@given(nearly_valid_designs)
def test_canonical_form_keeps_a_valid_design_valid(design: Design) -> None:
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
def test_a_crossed_design_is_valid_and_departs_from_its_parents_only_where_it_has_to(
    a: Design, b: Design, rng: Random
) -> None:
    child = cross(a, b, rng)
    assert check(child) == []
    assert canonical(child) == child
    array = [gene.name for family in FAMILIES[:2] for gene in family.genes]
    assert any(all(getattr(child, name) == getattr(parent, name) for name in array) for parent in (a, b))
    together = [("port_bits", "ports"), *((f"buffer_{x}_kib", f"buffer_{x}_storage") for x in "abc")]
    together += [(f"buffer_{x}_dimension", f"buffer_{x}_factor") for x in "abc"]
    for names in together:
        if all(any(getattr(child, name) != getattr(parent, name) for name in names) for parent in (a, b)):
            trials = [replace(child, **{name: getattr(parent, name) for name in names}) for parent in (a, b)]
            assert any(check(trial) or canonical(trial) != trial for trial in trials), names
    for name in ("reuse", "accumulator_bits", "clock_mhz"):
        assert getattr(child, name) in {getattr(a, name), getattr(b, name)}
    if child.depthwise == "window":
        assert "window" in {a.depthwise, b.depthwise}


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
    windows = sum(design.depthwise == "window" for design in designs)
    assert windows > 100  # few arrays can take windows, and those are drawn more often


def test_mutation_reaches_every_gene() -> None:
    rng = Random(0)
    changed: Counter[str] = Counter()
    for start in (GOOD, WINDOWED):
        for _ in range(1000):
            child = mutate(start, rng)
            changed.update(name for name, value in child.to_dict().items() if value != getattr(start, name))
    assert set(changed) == set(GENES)
    assert min(changed.values()) >= 10


@given(valid_designs)
def test_every_multiplier_forms_products_of_its_own(design: Design) -> None:
    assert array_step(design).units == design.macs == design.multipliers * design.pack


FIXED = [
    (("reuse", "second"),),
    (("array_lanes", 8), ("mac_width", 1)),
    (("buffer_a_dimension", "width"), ("buffer_b_kib", 16)),
    (("noc_a_lane", "multicast"), ("clock_mhz", 150)),
    (("depthwise", "window"),),
    (("ports", 4), ("depthwise", "none"), ("buffer_c_factor", 64)),
    (("buffer_a_factor", 64), ("buffer_b_factor", 64), ("buffer_c_storage", "lutram"), ("pack", 2)),
]


@pytest.mark.parametrize("fixed", FIXED)
def test_no_move_departs_from_the_fixed_genes(fixed: Fixed) -> None:
    rng = Random(3)
    older = sample(rng, fixed)
    for _ in range(40):
        design = mutate(sample(rng, fixed), rng, fixed)
        child = cross(older, design, rng, fixed)
        for made in (design, child):
            assert check(made) == []
            assert all(getattr(made, name) == value for name, value in fixed)
        older = child


CORNERS = {
    "the units of a lane": (GOOD, "lane_macs noc_a_lane noc_b_lane noc_c_lane pack array_lanes"),
    "the units of the array": (GOOD, "array_lanes noc_a_array noc_b_array noc_c_array mac_width"),
    "buffer A, memory, clock": (GOOD, "buffer_a_kib buffer_a_storage buffer_a_factor port_bits ports clock_mhz"),
    "buffer B and windows": (
        WINDOWED,
        "buffer_b_kib buffer_b_dimension buffer_b_factor depthwise port_bits ports",
    ),
    "buffer C": (GOOD, "buffer_c_kib buffer_c_dimension buffer_c_factor reuse slots accumulator_bits"),
    "a wide array": (
        replace(GOOD, mac_width=8, lane_macs=2, array_lanes=64, buffer_b_factor=2),
        "buffer_c_kib buffer_c_dimension buffer_c_factor slots accumulator_bits buffer_c_storage",
    ),
    "windows of lanes": (
        WINDOWED,
        "mac_width array_lanes noc_c_array noc_b_array pack depthwise buffer_b_factor",
    ),
}


@pytest.mark.parametrize("corner", CORNERS)
def test_as_many_designs_are_counted_as_can_be_listed(corner: str) -> None:
    """A small corner of the space, listed gene by gene."""
    around, names = CORNERS[corner]
    free = [GENES[name] for name in names.split()]
    fixed = {name: value for name, value in around.to_dict().items() if name not in names.split()}
    listed = set()
    for values in itertools.product(*(gene.values for gene in free)):
        design = Design(**fixed, **{gene.name: value for gene, value in zip(free, values, strict=True)})
        if canonical(design) == design and not check(design):
            listed.add(design)
    assert len(listed) > 10
    assert count(tuple(fixed.items())) == len(listed)
    rng = Random(1)
    assert {sample(rng, tuple(fixed.items())) for _ in range(40)} <= listed


def test_where_everything_is_fixed_the_one_design_is_drawn() -> None:
    design = sample(Random(1))
    fixed = tuple(design.to_dict().items())
    assert count(fixed) == 1
    assert mutate(design, Random(2), fixed) == design


def test_the_largest_and_the_smallest_array() -> None:
    assert most_products() == (2048, 2)
    assert fewest_multipliers() == 8
    fixed = (("array_lanes", 2), ("pack", 1))
    assert most_products(fixed) == (1024, 1)
    assert fewest_multipliers(fixed) == 16


IMPOSSIBLE = [
    (
        {"clock_mhz": 300, "mac_width": 16, "lane_macs": 32, "array_lanes": 64},
        "fixed parameters: no design has mac_width 16, lane_macs 32, array_lanes 64: mac_width * lane_macs * array_lanes * "
        "pack is 16 * 32 * 64 * 1 = 32768; must be at most 2048, arrays up to 32 x 64 are built. Set array_lanes: 4.",
    ),
    (
        {"noc_a_mac": "broadcast", "noc_b_mac": "broadcast"},
        "fixed parameters: no design has noc_a_mac broadcast, noc_b_mac broadcast: noc_a_mac, noc_b_mac, noc_c_mac is "
        "broadcast, broadcast, unicast for 2 units (mac_width): all units would form the same product. Take three styles "
        "that docs/reference/networks-on-chip.md draws, such as unicast, broadcast, unicast.",
    ),
    (
        {"reuse": "output", "slots": 4},
        "fixed parameters: no design has reuse output, slots 4: slots has no effect there and counts as 2. Leave out slots.",
    ),
    (
        {"depthwise": "window", "buffer_b_dimension": "height"},
        "fixed parameters: no design has depthwise window, buffer_b_dimension height: depthwise is window with "
        "buffer_b_dimension height, buffer_b_factor 2; must be width and 2, two steps of pixels. Set buffer_b_dimension: "
        "width and buffer_b_factor: 2.",
    ),
    (
        {"buffer_a_factor": 3},
        "design: buffer_a_factor is 3; must be one of 1, 2, 4, 8, 16, 32, 64. Set buffer_a_factor: 2.",
    ),
]


@pytest.mark.parametrize(("fixed", "text"), IMPOSSIBLE)
def test_values_that_exclude_each_other_are_named_with_the_rule_that_they_break(fixed: dict, text: str) -> None:
    for refused in (count, most_products, fewest_multipliers, lambda pairs: sample(Random(1), pairs)):
        with pytest.raises(DesignError) as error:
            refused(tuple(fixed.items()))
        assert str(error.value) == text
