"""Layers against the roofline, and networks against what others published."""

from xml.etree import ElementTree

import pytest

from aigchip.core.figures import Figure
from aigchip.report import lost, published, roofline


def layer(name: str, macs: int, bytes_once: int, cycles: int, **fields) -> roofline.LayerPoint:
    figure = Figure(value=cycles, unit="cycles", kind=fields.pop("kind", "simulated"), tool="made up for a test")
    return roofline.LayerPoint(
        name=name, count=fields.pop("count", 1), convolution=fields.pop("convolution", True), macs=macs,
        bytes_once=bytes_once, cycles=figure, **fields,
    )  # fmt: skip


NETWORK = roofline.NetworkPoints(
    network="resnet50@224",
    macs_per_cycle=1000,
    bytes_per_cycle=50.0,
    clock_mhz=512.0,
    layers=(
        layer("computes", 1_000_000, 10_000, 1_250, count=2, bytes_moved=20_000),
        layer("streams", 100_000, 100_000, 2_500, convolution=False, bytes_moved=100_000),
    ),
)


def test_a_layer_is_bound_by_its_products_or_its_bytes():
    assert [NETWORK.bound(each) for each in NETWORK.layers] == [1000, 2000]
    assert NETWORK.cycles == 2 * 1250 + 2500
    assert NETWORK.ratio == 5000 / 4000
    assert NETWORK.utilisation(convolutions=True) == 0.8
    assert NETWORK.utilisation(convolutions=False) == 2_100_000 / 5_000_000
    assert NETWORK.memory == (2 * 20_000 + 100_000) / 5000 / 50
    assert NETWORK.milliseconds == pytest.approx(5000 / 512e3)


def test_the_table_has_a_row_for_each_layer_and_its_origin():
    lines = roofline.table(NETWORK).splitlines()
    assert lines[2] == "| computes | 2 | 1000000 | 10000 | 1250 | simulated | 0.800 | 1000 | 1.250 | 0.320 |"
    assert lines[3] == "| streams | 1 | 100000 | 100000 | 2500 | simulated | 0.040 | 2000 | 1.250 | 0.800 |"
    assert lines[-1].startswith("resnet50@224: 5,000 cycles, 0.010 ms at 512 MHz, 1.250 of the layer-by-layer roofline")


def test_figures_of_both_origins_are_told_apart():
    mixed = roofline.NetworkPoints(
        network="n@1", macs_per_cycle=10, bytes_per_cycle=1.0, clock_mhz=100.0,
        layers=(layer("a", 100, 10, 20), layer("b", 100, 10, 20, kind="estimated")),
    )  # fmt: skip
    assert mixed.origin == "estimated and simulated"
    assert mixed.memory is None
    written = roofline.comma_separated([mixed]).splitlines()
    assert [row.split(",")[6] for row in written[1:]] == ["simulated", "estimated"]
    picture = ElementTree.fromstring(roofline.picture(mixed))
    fills = [circle.get("fill") for circle in picture.iter("{http://www.w3.org/2000/svg}circle")]
    assert fills == ["#1f77b4", "none"]


def test_others_are_held_against_us_as_if_they_formed_as_many_products():
    """CHaiDNN's 43.1 frames a second at 512 GMAC/s stay as they are at 1,000 products and 512 MHz."""
    found = published.shares(NETWORK)
    ours = 2 * 1250 / 512e3
    assert found["CHaiDNN"] == pytest.approx(ours / (1e3 / 43.1))
    assert found["DPU"] == pytest.approx(5000 / 512e3 / (11.97 * 614 / 512))
    assert published.shares(roofline.NetworkPoints(
        network="mine@224", macs_per_cycle=1, bytes_per_cycle=1.0, clock_mhz=1.0, layers=NETWORK.layers)) == {}  # fmt: skip


def test_cycles_beyond_the_bound_are_told_by_cause(golden):
    """A layer that computes, one that streams, and one that moves less than its bound counts; then one that is estimated."""
    network = roofline.NetworkPoints(
        network="n@1", macs_per_cycle=100, bytes_per_cycle=10.0, clock_mhz=100.0,
        layers=(
            layer("computes", 100_000, 5_000, 1_300, count=2, activity=did(1_090, 40, 110, 50, 10)),
            layer("streams", 10_000, 10_000, 1_100, activity=did(130, 20, 900, 40, 10)),
            layer("skips", 10_000, 10_000, 900, activity=did(130, 20, 700, 40, 10)),
        ),
    )  # fmt: skip
    estimated = roofline.NetworkPoints(
        network="m@1", macs_per_cycle=100, bytes_per_cycle=10.0, clock_mhz=100.0,
        layers=(layer("guessed", 1_000, 10, 20, kind="estimated"),),
    )  # fmt: skip
    assert network.lost_in_all is not None
    assert network.bound_cycles + network.lost_in_all.cycles == network.cycles
    assert estimated.lost_in_all is None
    assert [(point.name, each.main) for point, each in roofline.furthest(network, 2)] == [
        ("computes", "DDR stalls"),
        ("streams", "refresh of buffers"),
    ]
    golden("report/lost.csv", roofline.comma_separated([network, estimated]))
    rows = [(point.name, network.bound(point), network.lost(point)) for point in network.layers]
    golden("report/lost.svg", lost.picture("n@1: cycles of each layer", rows))


def did(steps: int, pipeline: int, memory: int, buffers: int, control: int) -> lost.Activity:
    return lost.Activity(steps=steps, pipeline=pipeline, memory=memory, buffers=buffers, control=control)
