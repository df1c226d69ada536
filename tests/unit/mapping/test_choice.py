"""The choice of tiles in arrays against one that goes through all candidates, and against itself, layer by layer."""

from random import Random

import pytest
from unit.mapping import plain_tiling
from unit.mapping.test_mapping import GEOMETRIES, LAYERS

from aigchip.mapping import Convolution, Geometry, MappingError, Traffic, of_layer, place
from aigchip.mapping.layer_arrays import Layers
from aigchip.mapping.tiling import estimate, place_all
from aigchip.space.sampling import sample
from aigchip.workload import built_in

TRAFFIC = Traffic(bytes_per_cycle=12.0, latency_cycles=45)


def check(layer: Convolution, sizes: Geometry) -> None:
    plain = list(plain_tiling.candidates(layer, sizes, TRAFFIC))
    try:
        job = place(layer, sizes, TRAFFIC)
    except MappingError as error:
        assert not plain or "no tile" not in str(error)
        return
    found = (job.out_columns, job.tile_columns, job.tile_rows, job.tile_m, job.tile_k, job.group)
    costs = {(c.width, c.columns, c.rows, c.tile_m, c.tile_k, c.group): c.cost for c in plain}
    assert costs[found] == pytest.approx(min(costs.values()), rel=1e-9)
    assert estimate(job, sizes, TRAFFIC) == pytest.approx(costs[found], rel=1e-9)


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("shape", GEOMETRIES)
def test_no_tile_that_fits_is_estimated_to_be_faster(shape: str, layer: str) -> None:
    check(LAYERS[layer], GEOMETRIES[shape])


@pytest.mark.parametrize("seed", range(12))
def test_layers_of_networks_on_random_designs(seed: int) -> None:
    rng = Random(seed)
    network = [of_layer(layer).layer for name in ("resnet18", "mobilenetv2") for layer in built_in(name).layers]
    sizes = Geometry.of(sample(rng))
    for layer in rng.sample(network, 3):
        check(layer, sizes)


def test_all_layers_at_once_get_what_each_gets_alone() -> None:
    for sizes in GEOMETRIES.values():
        able = []
        for layer in LAYERS.values():
            try:
                able.append((layer, place(layer, sizes, TRAFFIC)))
            except MappingError:
                continue
        together = place_all(Layers([layer for layer, _ in able]), sizes, TRAFFIC)
        for index, (_, job) in enumerate(able):
            assert together.to_dict(index).items() <= job.to_dict().items()


def test_the_first_layer_that_does_not_fit_is_named() -> None:
    large = Convolution(channels=3, rows=23, columns=23, outputs=6, kernel=(11, 11), stride=4)
    with pytest.raises(MappingError, match=r"^network: no tile of 11 x 11 taps fits"):
        place_all(Layers([LAYERS["product"], large]), GEOMETRIES["4x2x4"], TRAFFIC, "network")
    with pytest.raises(MappingError, match=r"^network: stride is 3; must be 1, 2 or 4"):
        odd = Convolution(channels=3, rows=9, columns=9, outputs=6, kernel=(3, 3), stride=3)
        place_all(Layers([odd]), GEOMETRIES["4x2x4"], TRAFFIC, "network")
