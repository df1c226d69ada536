"""Random valid designs for the tests of the template."""

from __future__ import annotations

import random

from aigchip.space.constraints import canonical, check
from aigchip.space.design import Design
from aigchip.space.families import GENES
from aigchip.space.spans import allowed_styles


def random_design(seed: int, **fixed: int | str) -> Design:
    generator = random.Random(seed)
    while True:
        genes = {name: generator.choice(gene.values) for name, gene in GENES.items()}
        for level, units in (("mac", "mac_width"), ("lane", "lane_macs"), ("array", "array_lanes")):
            genes[f"noc_a_{level}"], genes[f"noc_b_{level}"] = generator.choice(allowed_styles(genes[units]))
        genes.update(fixed)
        if genes["reuse"] == "output":
            genes["group"] = 1
        design = canonical(Design(**genes))
        if not check(design):
            return design


EIGHT_BY_EIGHT = Design(
    mac_width=1,
    lane_macs=8,
    array_lanes=8,
    noc_a_mac="unicast",
    noc_b_mac="unicast",
    noc_a_lane="broadcast",
    noc_b_lane="unicast",
    noc_a_array="unicast",
    noc_b_array="broadcast",
    tile_m=32,
    tile_n=32,
    tile_k=64,
    group=2,
    buffer_a_dimension="height",
    buffer_a_factor=8,
    buffer_b_dimension="width",
    buffer_b_factor=8,
    buffer_c_dimension="width",
    buffer_c_factor=8,
    reuse="first",
)
