"""The layers that try a design out: they fit, are exact when ctrl's commands are carried out, and cover what they promise."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest
from unit.mapping import interpreter
from unit.mapping.test_mapping import GEOMETRIES, geometry

from aigchip.mapping import Geometry, LayerRun, MappingError, place, trial
from aigchip.space.sampling import sample

CYCLES = 2000
KINDS = (trial.odd_product, trial.padded, trial.strided, trial.depthwise, trial.steady)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shape", GEOMETRIES)
def test_a_trial_layer_is_exact(shape: str, kind) -> None:
    sizes = GEOMETRIES[shape]
    layer = kind(sizes, CYCLES)
    if layer is None:
        pytest.skip("this design cannot do such a layer")
    run = LayerRun(layer=layer, seed=5, relu=True, padding=3, zero_point=-5)
    operands = run.operands(sizes)
    before = np.full(operands.bytes_c, 0xA5, np.uint8)
    memory = interpreter.run(operands.job, sizes, operands.image_a, operands.image_b, before)
    np.testing.assert_array_equal(run.found(sizes, operands.job, memory.tobytes()), run.reference())


def test_the_product_has_several_tiles_where_the_cycles_allow_it() -> None:
    sizes = geometry(4, 2, 4, 16)
    job = place(trial.odd_product(sizes, 100_000), sizes)
    assert job.k_tiles > 1
    few = place(trial.odd_product(sizes, 1000), sizes)
    assert few.k_tiles == 1


def test_a_design_has_its_own_kinds() -> None:
    layer = trial.depthwise(geometry(4, 2, 4, 16, b_factor=4, window=True), CYCLES)
    assert layer is not None and layer.depthwise
    assert trial.depthwise(geometry(4, 2, 4, 16), CYCLES) is None
    strided = trial.strided(geometry(4, 2, 4, 16), CYCLES)
    assert strided is not None and strided.stride == 2


def test_what_does_not_fit_is_left_out_but_for_the_product() -> None:
    small = geometry(4, 2, 4, 16, a_half_pieces=1)
    assert (trial.padded(small, CYCLES), trial.strided(small, CYCLES)) == (None, None)
    assert trial.odd_product(small, CYCLES).kernel == (1, 1)
    assert trial.steady(small, CYCLES).kernel == (1, 1)
    with pytest.raises(MappingError, match="the smallest product: no tile of 1 x 1 taps fits"):
        trial.odd_product(geometry(4, 2, 4, 16, a_half_pieces=0), CYCLES)


def test_every_design_has_a_product_and_a_steady_layer() -> None:
    rng = Random(7)
    for _ in range(20):
        sizes = Geometry.of(sample(rng))
        for layer in (trial.odd_product(sizes, CYCLES), trial.steady(sizes, CYCLES)):
            assert place(layer, sizes).m_subtiles >= 1
