"""Each constraint explains its rejection; the whole text is compared."""

from dataclasses import replace

import pytest

from aigchip.space import CONSTRAINTS, Design, check

GOOD = Design(
    mac_width=4, lane_macs=4, array_lanes=4, pack=1,
    noc_a_mac="unicast", noc_b_mac="unicast", noc_c_mac="broadcast",
    noc_a_lane="broadcast", noc_b_lane="unicast", noc_c_lane="unicast",
    noc_a_array="unicast", noc_b_array="broadcast", noc_c_array="unicast",
    buffer_a_kib=16, buffer_a_storage="bram", buffer_b_kib=16, buffer_b_storage="uram",
    buffer_c_kib=32, buffer_c_storage="bram",
    buffer_a_dimension="height", buffer_a_factor=4, buffer_b_dimension="width", buffer_b_factor=4,
    buffer_c_dimension="height", buffer_c_factor=2, reuse="first", slots=4,
    port_bits=128, ports=2, accumulator_bits=28, depthwise="none", clock_mhz=250,
)  # fmt: skip
WINDOWED = replace(GOOD, array_lanes=8, mac_width=8, lane_macs=2, depthwise="window")

_STYLES = " Take three styles that docs/reference/networks-on-chip.md draws, such as "
_M_AND_K = {"noc_a_array": "unicast", "noc_b_array": "multicast", "noc_c_array": "multicast"}

REJECTIONS = [
    (
        "array_size",
        {"mac_width": 16, "lane_macs": 32, "array_lanes": 8},
        "mac_width * lane_macs * array_lanes * pack is 16 * 32 * 8 * 1 = 4096; must be at most 2048, arrays up to 32 x 64 "
        "are built. Set array_lanes: 4.",
    ),
    (
        "array_size",
        {"mac_width": 2, "lane_macs": 2, "array_lanes": 2, "buffer_a_factor": 1, "buffer_b_factor": 1},
        "mac_width * lane_macs * array_lanes * pack is 2 * 2 * 2 * 1 = 8; must be at least 16, arrays from 4 x 4 on are "
        "built. Set array_lanes: 4.",
    ),
    (
        "styles",
        {"lane_macs": 1},
        "noc_a_lane, noc_b_lane, noc_c_lane is broadcast, unicast, unicast for 1 units (lane_macs): one unit has nothing to "
        f"share; must be unicast, unicast, unicast.{_STYLES}unicast, unicast, unicast.",
    ),
    (
        "styles",
        {"noc_a_mac": "broadcast"},
        "noc_a_mac, noc_b_mac, noc_c_mac is broadcast, unicast, broadcast for 4 units (mac_width): the units that share A "
        "differ in their column, and a sum of products of different columns is no matrix product."
        f"{_STYLES}unicast, broadcast, unicast.",
    ),
    (
        "styles",
        {"noc_b_lane": "multicast", "noc_a_lane": "unicast"},
        "noc_a_lane, noc_b_lane, noc_c_lane is unicast, multicast, unicast for 4 units (lane_macs): operands that go from "
        f"unit to unit need registers, and mac and pe_lane are pure functions.{_STYLES}unicast, broadcast, unicast.",
    ),
    (
        "styles",
        {"mac_width": 2, "noc_a_mac": "multicast", "noc_b_mac": "multicast", "noc_c_mac": "unicast"},
        "noc_a_mac, noc_b_mac, noc_c_mac is multicast, multicast, unicast for 2 units (mac_width): the units span m x n, two "
        f"at least along each: must be 4 units or more.{_STYLES}unicast, broadcast, unicast.",
    ),
    (
        "step_size",
        {"array_lanes": 64, "pack": 2},
        "the array takes 128 x 4 x 4 (m x n x k) a cycle; must be at most 64 along m. Let fewer units span m.",
    ),
    (
        "memory_word",
        {"ports": 4, "port_bits": 256},
        "port_bits * ports is 256 * 4 = 1024; must be at most 512. Set port_bits: 128.",
    ),
    (
        "word_bits",
        {"mac_width": 16, "lane_macs": 2, "array_lanes": 64, "buffer_b_factor": 2},
        "a step of A has 8192 bits (the array takes 64 x 2 x 16 (m x n x k) a cycle); must be at most 4096. "
        "Let fewer units span m or k.",
    ),
    (
        "word_bits",
        {
            "mac_width": 16,
            "lane_macs": 32,
            "array_lanes": 2,
            **_M_AND_K,
            "noc_b_array": "unicast",
            "noc_c_array": "broadcast",
            "buffer_a_factor": 1,
            "buffer_c_factor": 1,
        },
        "a step of B has 8192 bits (the array takes 1 x 32 x 32 (m x n x k) a cycle); must be at most 4096. "
        "Let fewer units span k or n.",
    ),
    (
        "word_bits",
        {"array_lanes": 64, "buffer_c_dimension": "width", "buffer_c_factor": 4},
        "a piece of C has 7168 bits (the array takes 64 x 4 x 4 (m x n x k) a cycle); must be at most 4096. "
        "Halve buffer_c_factor.",
    ),
    (
        "word_bits",
        {
            **{"mac_width": 8, "noc_a_mac": "unicast", "noc_b_mac": "multicast", "noc_c_mac": "multicast"},
            **{"lane_macs": 32, "pack": 2},
        },
        "a word of a lane's sums has 4352 bits (the array takes 32 x 32 x 2 (m x n x k) a cycle); must be at most 4096. "
        "Let fewer units within a lane span m or n.",
    ),
    (
        "factors",
        {"buffer_a_factor": 8},
        "buffer_a_factor is 8; must be at most 4, the array takes 4 x 4 x 4 (m x n x k) a cycle and the banks divide m. "
        "Set buffer_a_factor: 4.",
    ),
    (
        "factors",
        {"buffer_b_factor": 16},
        "buffer_b_factor is 16; must be at most 4, the array takes 4 x 4 x 4 (m x n x k) a cycle and the banks divide n. "
        "Set buffer_b_factor: 4.",
    ),
    (
        "factors",
        {"buffer_c_factor": 64, "buffer_c_dimension": "width", "lane_macs": 8, "array_lanes": 2, "buffer_a_factor": 2},
        "buffer_c_factor is 64; must be at most 8, the array takes 2 x 8 x 4 (m x n x k) a cycle and the banks divide n. "
        "Set buffer_c_factor: 8.",
    ),
    (
        "window",
        {"depthwise": "window", "mac_width": 2, "lane_macs": 2, "array_lanes": 8, **_M_AND_K},
        "depthwise is window and the lanes span 4 x 1 x 2 (m x n x k) of a step of 4 x 2 x 4 (m x n x k); each lane must take "
        "one row m, and the lanes span m alone. Set depthwise: none.",
    ),
    (
        "window",
        {"depthwise": "window", "mac_width": 8, "lane_macs": 2},
        "depthwise is window and a step takes 8 channels; must be at most 4, the lanes and the bytes of a memory word. "
        "Set depthwise: none.",
    ),
    (
        "window",
        {"depthwise": "window", "mac_width": 16, "lane_macs": 2, "array_lanes": 16, "port_bits": 64, "ports": 1},
        "depthwise is window and a step takes 16 channels; must be at most 8, the lanes and the bytes of a memory word. "
        "Set depthwise: none.",
    ),
    (
        "window",
        {"depthwise": "window", "lane_macs": 2, "buffer_b_factor": 2},
        "depthwise is window with buffer_b_dimension width, buffer_b_factor 2; must be width and 4, two steps of pixels. "
        "Set buffer_b_dimension: width and buffer_b_factor: 4.",
    ),
    (
        "window",
        {"depthwise": "window", "buffer_b_factor": 8},
        "depthwise is window and a lane forms 4 products a pixel; must be at least 5, the taps of a window. "
        "Set depthwise: none.",
    ),
    (
        "buffer_sizes",
        {"buffer_c_storage": "lutram", "buffer_c_kib": 128},
        "buffer_c_kib is 128 in lutram; must be at most 64, larger memories of LUTs are slower and larger than block RAM. "
        "Set buffer_c_storage: bram.",
    ),
    (
        "buffer_sizes",
        {"array_lanes": 64, "slots": 8, "buffer_c_kib": 4},
        "buffer_c_kib is 4; must be at least 8, each slot holds a sub-tile of 64 x 4 x 4 (m x n x k). Set buffer_c_kib: 8.",
    ),
]


def test_the_designs_that_the_cases_vary_are_valid() -> None:
    assert check(GOOD) == []
    assert check(WINDOWED) == []


@pytest.mark.parametrize(("constraint", "changes", "text"), REJECTIONS)
def test_a_rejection_names_the_values_the_rule_and_the_remedy(constraint: str, changes: dict, text: str) -> None:
    (rejection,) = check(replace(GOOD, **changes))
    assert rejection.constraint == constraint
    assert str(rejection) == text


def test_a_buffer_that_cannot_hold_two_steps_is_refused() -> None:
    """Steps so wide are refused too."""
    wide = {"mac_width": 16, "lane_macs": 2, "array_lanes": 64, "noc_b_lane": "unicast", "noc_a_lane": "unicast"}
    design = replace(GOOD, **wide, noc_c_lane="broadcast", buffer_a_kib=2, buffer_b_factor=1)
    assert [str(rejection) for rejection in check(design)] == [
        "a step of A has 16384 bits (the array takes 64 x 1 x 32 (m x n x k) a cycle); must be at most 4096. "
        "Let fewer units span m or k.",
        "buffer_a_kib is 2; must be at least 4, each half holds a step of 64 x 1 x 32 (m x n x k). Set buffer_a_kib: 4.",
    ]
    pixels = {"mac_width": 16, "lane_macs": 32, "array_lanes": 2, "noc_a_array": "broadcast", "noc_b_array": "unicast"}
    design = replace(GOOD, **pixels, buffer_b_kib=2, buffer_a_factor=1, buffer_c_factor=1)
    assert [str(rejection) for rejection in check(design)] == [
        "a step of B has 8192 bits (the array takes 1 x 64 x 16 (m x n x k) a cycle); must be at most 4096. "
        "Let fewer units span k or n.",
        "buffer_b_kib is 2; must be at least 4, each half holds two pieces of 1 x 64 x 16 (m x n x k). Set buffer_b_kib: 4.",
    ]


def test_every_constraint_has_a_case() -> None:
    assert {constraint for constraint, _, _ in REJECTIONS} == set(CONSTRAINTS)
