"""Whole accelerators of random designs in C simulation, and with FIFOs of one word; benchmarks/whole_csim.py does hundreds."""

from itertools import islice
from typing import Any

import pytest
from benchmarks.whole_csim import FIFO_MINIMUM, draw
from unit.template import whole
from unit.template.designs import random_design

from aigchip.mapping import Geometry, turns
from aigchip.space import Design, derive
from aigchip.space.families import GENES, LEVELS, OPERANDS
from aigchip.template import module as modules

SHOWN = [
    *(f"noc_{operand}_{level}" for operand in OPERANDS for level in LEVELS),
    *(f"buffer_{operand}_{what}" for operand in OPERANDS for what in ("storage", "dimension")),
    *("reuse", "slots", "pack", "depthwise", "accumulator_bits", "port_bits", "ports"),
]
FEW = 10


def values_of(design) -> set[tuple[str, int | str]]:
    return {(gene, getattr(design, gene)) for gene in SHOWN}


def few_that_show_every_value() -> list[Design]:
    """Choose designs, that which adds most first, until every value is there; then any."""
    drawn, chosen = list(islice(draw(0), 200)), []
    missing = {(gene, value) for gene in SHOWN for value in GENES[gene].values}
    while missing:
        chosen.append(max(drawn, key=lambda design: len(missing & values_of(design))))
        assert missing & values_of(chosen[-1]), missing
        missing -= values_of(chosen[-1])
    return [*chosen, *(design for design in drawn if design not in chosen)][: max(FEW, len(chosen))]


#: Its results are under way for longer than several turns of `layers_for` take.
DEEP = random_design(
    1,
    **{"mac_width": 4, "noc_a_mac": "unicast", "noc_b_mac": "unicast", "noc_c_mac": "broadcast", "lane_macs": 1},
    **{"array_lanes": 64, "noc_a_array": "unicast", "noc_b_array": "unicast", "noc_c_array": "unicast"},
    **{"buffer_c_kib": 4, "buffer_c_dimension": "width", "buffer_c_factor": 8, "slots": 8, "pack": 1},
)
#: A step of one product, after which the array adds to its accumulators another way.
ONE_PRODUCT = random_design(
    1,
    **{"mac_width": 2, "noc_a_mac": "unicast", "noc_b_mac": "broadcast", "noc_c_mac": "unicast", "lane_macs": 1},
    **{"array_lanes": 16, "noc_a_array": "unicast", "noc_b_array": "unicast", "noc_c_array": "unicast", "pack": 1},
)


@pytest.mark.parametrize("number", range(FEW))
def test_designs_that_have_every_value_compute_right(number):
    designs = few_that_show_every_value()
    assert len(designs) == FEW
    assert whole.check(designs[number]) == []


@pytest.mark.slow
@pytest.mark.parametrize("first", range(0, 100, 10))
def test_many_random_designs_compute_right(first):
    designs = list(islice(draw(1), first, first + 10))
    assert {design: wrong for design in designs if (wrong := whole.check(design))} == {}


@pytest.mark.parametrize("design", [DEEP, ONE_PRODUCT], ids=["deep", "one_product"])
def test_fifos_of_one_word_suffice(design):
    assert whole.check(design, threads_with_depth=FIFO_MINIMUM) == []


def array_of(design) -> dict[str, Any]:
    return dict(modules.load("pe_array").values(derive.local_parameters(design)["pe_array"]))


def test_the_deep_design_has_several_turns_under_way():
    sizes, deep = Geometry.of(DEEP), array_of(DEEP)
    (job,) = {run.operands(sizes).job for run in whole.layers_for(DEEP) if run.layer.columns == 8 * sizes.step.n}
    cycles = [1 + turn.subtiles_m * -(-turn.pixels // sizes.step.n) * turn.k_groups for turn in turns(job, sizes)]
    assert len(cycles) > 10
    assert deep["delay"] + deep["pieces"] > 4 * max(cycles)


def test_the_narrow_design_takes_a_product_a_step():
    assert array_of(ONE_PRODUCT)["step_k"] == 1
