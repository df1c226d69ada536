"""Whole accelerators of random designs in C simulation, and with FIFOs of one word; benchmarks/whole_csim.py does hundreds."""

from itertools import islice
from typing import Any

import pytest
from benchmarks.whole_csim import FIFO_MINIMUM, draw
from tests.unit.template import whole
from tests.unit.template.designs import random_design

from aigchip.mapping import Geometry, turns
from aigchip.space import derive
from aigchip.space.families import GENES, LEVELS, OPERANDS
from aigchip.template import module as modules

#: Between them they have every value of every gene below; see the test of it.
FEW = list(islice(draw(0), 12))
SHOWN = [
    *(f"noc_{operand}_{level}" for operand in OPERANDS for level in LEVELS),
    *(f"buffer_{operand}_{what}" for operand in OPERANDS for what in ("storage", "dimension")),
    *("reuse", "slots", "pack", "depthwise", "accumulator_bits", "port_bits", "ports"),
]
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


def test_few_designs_have_every_value():
    missing = [
        (gene, value) for gene in SHOWN for value in GENES[gene].values if value not in {getattr(d, gene) for d in FEW}
    ]
    assert missing == []


@pytest.mark.parametrize("number", range(len(FEW)))
def test_a_random_design_computes_right(number):
    assert whole.check(FEW[number]) == []


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
