"""Each constraint explains its rejection; the whole text is compared."""

from dataclasses import replace

import pytest

from aigchip.space import CONSTRAINTS, Design, check

GOOD = Design(
    mac_width=2, lane_macs=4, array_lanes=4,
    noc_a_mac="unicast", noc_b_mac="unicast", noc_a_lane="unicast", noc_b_lane="broadcast",
    noc_a_array="broadcast", noc_b_array="unicast",
    tile_m=32, tile_n=32, tile_k=64, group=1,
    buffer_a_dimension="height", buffer_a_factor=4, buffer_b_dimension="width", buffer_b_factor=4,
    buffer_c_dimension="height", buffer_c_factor=2, reuse="output",
)  # fmt: skip

REJECTIONS = [
    (
        "array_size",
        {"mac_width": 4, "lane_macs": 8},
        "mac_width * lane_macs is 4 * 8 = 32; must be at most 8, arrays up to 8 x 8 are built. Set lane_macs: 2.",
    ),
    (
        "one_unit",
        {"array_lanes": 1},
        "noc_a_array, noc_b_array is broadcast, unicast while array_lanes is 1; must be unicast, unicast, one unit has "
        "nothing to share. Set noc_a_array: unicast and noc_b_array: unicast.",
    ),
    (
        "multicast_units",
        {"noc_a_mac": "multicast"},
        "mac_width is 2 with multicast at level mac; must be at least 4, groups that share need two units along each "
        "of two axes. Set mac_width: 4 or use unicast or broadcast.",
    ),
    (
        "distinct_products",
        {"noc_a_lane": "broadcast"},
        "noc_a_lane, noc_b_lane is broadcast, broadcast; must give each of the 4 units of the level its own product, "
        "these compute the same product twice. Set noc_a_lane: unicast or noc_b_lane: unicast.",
    ),
    (
        "distinct_products",
        {"noc_a_lane": "multicast"},
        "noc_a_lane, noc_b_lane is multicast, broadcast; must give each of the 4 units of the level its own product, "
        "these compute the same product twice. Set both to multicast, or the multicast one to unicast.",
    ),
    (
        "tile_holds_step",
        {"noc_b_mac": "broadcast", "noc_a_array": "unicast", "noc_b_array": "broadcast", "tile_m": 16},
        "tile_m is 16; must be at least 32, the array takes 32 x 1 x 1 (m x n x k) a cycle. "
        "Set tile_m: 32 or let fewer units span m.",
    ),
    (
        "group_of_reuse",
        {"group": 2},
        "group is 2; must be 1 when reuse is output, one output tile is computed at a time. "
        "Set group: 1 or reuse: first.",
    ),
    (
        "group_of_reuse",
        {"reuse": "second"},
        "group is 1; must be 2 or 4 when reuse is second, a kept operand serves several tiles. "
        "Set group: 2 or reuse: output.",
    ),
]


def test_the_design_that_the_cases_vary_is_valid() -> None:
    assert check(GOOD) == []


@pytest.mark.parametrize(("constraint", "changes", "text"), REJECTIONS)
def test_a_rejection_names_the_values_the_rule_and_the_remedy(constraint: str, changes: dict, text: str) -> None:
    (rejection,) = check(replace(GOOD, **changes))
    assert rejection.constraint == constraint
    assert str(rejection) == text


def test_every_constraint_has_a_case() -> None:
    assert {constraint for constraint, _, _ in REJECTIONS} == set(CONSTRAINTS)
