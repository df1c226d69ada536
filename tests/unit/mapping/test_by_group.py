"""Which grouped layers run group by group: what does not fit otherwise, or is faster so; and what is said where neither goes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from unit.mapping.test_mapping import GEOMETRIES

from aigchip.core import paths
from aigchip.mapping import Convolution, Geometry, MappingError, Traffic, of_layer, place
from aigchip.mapping.by_group import divide, in_blocks, jobs_of, of_group
from aigchip.mapping.layer_arrays import Layers
from aigchip.mapping.tiling import estimate
from aigchip.space import files
from aigchip.workload import built_in

TRAFFIC = Traffic(bytes_per_cycle=12.0, latency_cycles=45)
FIVE = Convolution(channels=16, rows=8, columns=8, outputs=24, kernel=(5, 5), padding=(2, 2, 2, 2), groups=2)
LAYERS = [
    Convolution.of_product(10, 20, 13),
    FIVE,
    replace(FIVE, channels=12, outputs=20),
    replace(FIVE, channels=12, outputs=12, kernel=(3, 3), groups=3),
    replace(FIVE, channels=8, outputs=8, groups=8),
    replace(FIVE, channels=8, outputs=8, kernel=(3, 3), groups=8, stride=2),
]


def cycles(layer: Convolution, sizes: Geometry) -> float:
    """Return what the tile choice estimates; infinity where no tile fits."""
    try:
        return estimate(place(layer, sizes, TRAFFIC), sizes, TRAFFIC)
    except MappingError:
        return float("inf")


@pytest.mark.parametrize("shape", GEOMETRIES)
def test_groups_are_jobs_where_that_fits_or_is_faster(shape: str) -> None:
    sizes = GEOMETRIES[shape]
    divided, jobs = divide(Layers(LAYERS), sizes, TRAFFIC)
    for layer, found, count in zip(LAYERS, divided.layers, jobs.tolist(), strict=True):
        together = cycles(layer, sizes)
        apart = layer.groups * cycles(of_group(layer), sizes) if in_blocks(layer, sizes) else float("inf")
        wanted = apart < together if not layer.depthwise else apart < together == float("inf")
        assert count == (layer.groups if wanted else 1), layer.name
        assert found == (of_group(layer) if wanted else layer)
        assert jobs_of(layer, sizes, TRAFFIC) == count


def test_both_reasons_occur() -> None:
    sizes = GEOMETRIES["4x2x4"]
    assert cycles(FIVE, sizes) == float("inf") > cycles(of_group(FIVE), sizes)
    assert jobs_of(FIVE, sizes, TRAFFIC) == 2
    together, sizes = replace(FIVE, channels=12, outputs=20), GEOMETRIES["8x4x2, output kept"]
    assert 2 * cycles(of_group(together), sizes) < cycles(together, sizes) < float("inf")
    assert jobs_of(together, sizes, TRAFFIC) == 2


def test_the_group_of_a_layer_forms_its_share_of_the_products() -> None:
    assert of_group(FIVE) == replace(FIVE, channels=8, outputs=12, groups=1)
    assert 2 * of_group(FIVE).macs == FIVE.macs


def test_groups_that_are_no_whole_blocks_are_refused_with_the_rule() -> None:
    sizes = GEOMETRIES["4x2x4"]
    layer = replace(FIVE, channels=36, outputs=20)
    assert jobs_of(layer, replace(sizes, a_half_pieces=16), TRAFFIC) == 1
    with pytest.raises(MappingError) as error:
        place(layer, replace(sizes, a_half_pieces=16), TRAFFIC, "layer conv2")
    assert str(error.value) == (
        "layer conv2: no tile of 5 x 5 taps fits: buffer A holds 16 pieces a half, buffer B 1024 pixels, buffer C 64 lines a "
        "slot; a job for each group needs groups of whole blocks of 4 channels, these have 18 channels and 10 outputs. "
        "Enlarge the buffers, or take a design with fewer banks."
    )


def test_alexnet_caffe_runs_on_expert1024() -> None:
    sizes = Geometry.of(files.load(paths.designs_dir() / "expert1024" / "design.yaml"))
    workload = built_in("alexnet_caffe", 227)
    found = [of_layer(layer).on(sizes, Traffic()) for layer in workload.layers]
    assert [mapped.count for mapped in found] == [1, 2, 1, 2, 2, 1, 1, 1]
    assert sum(mapped.macs * mapped.count for mapped in found) == workload.macs
    for mapped in found:
        place(mapped.layer, sizes)
    second = of_layer(workload.layers[1])
    with pytest.raises(MappingError, match="no tile of 5 x 5 taps fits"):
        place(second.layer, sizes)
