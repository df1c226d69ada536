"""A whole network, carried out job by job as template/README.md says, gives every map of the integer reference."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from unit.mapping import interpreter
from unit.mapping.test_mapping import GEOMETRIES

from aigchip.mapping.plan import Host, Jobs, NetworkPlan, plan
from aigchip.workload import Graph, HostOp, Layer, LayerNode, Window
from aigchip.workload.layers import conv_kind
from aigchip.workload.reference import run, run_node
from aigchip.workload.synthetic import with_random_weights


def conv(
    name: str, source: str, inputs: tuple[int, int, int], outputs: int, kernel: int, *, stride: int = 1, groups: int = 1
) -> LayerNode:
    """Return a padded convolution with ReLU."""
    pad = kernel // 2
    channels, rows, columns = inputs
    size = [(extent + 2 * pad - kernel) // stride + 1 for extent in (rows, columns)]
    return LayerNode(
        layer=Layer(
            name=name,
            kind=conv_kind(kernel=(kernel, kernel), input_channels=channels, groups=groups),
            input_height=rows,
            input_width=columns,
            input_channels=channels,
            output_height=size[0],
            output_width=size[1],
            output_channels=outputs,
            kernel_height=kernel,
            kernel_width=kernel,
            stride=(stride, stride),
            padding=(pad, pad, pad, pad),
            groups=groups,
            activation="relu",
        ),
        inputs=(source,),
    )


def small_network() -> Graph:
    """Return a network with a strided first layer, depthwise, a residual addition, a pooling and a classifier."""
    stem = conv("stem", "input", (3, 15, 15), 8, 3, stride=2)
    deep = conv("deep", "stem", (8, 8, 8), 8, 3, groups=8)
    point = conv("point", "deep", (8, 8, 8), 8, 1)
    add = HostOp(name="add", kind="add", inputs=("stem", "point"), output_shape=(8, 8, 8))
    down = conv("down", "add", (8, 8, 8), 12, 3, stride=2)
    wide = conv("wide", "down", (12, 4, 4), 10, 1)
    pool = HostOp(
        name="pool",
        kind="max_pool",
        inputs=("wide",),
        output_shape=(10, 2, 2),
        window=Window(kernel=(2, 2), stride=(2, 2)),
    )
    fc = LayerNode(
        layer=Layer(
            name="fc",
            kind="fc",
            input_height=1,
            input_width=1,
            input_channels=40,
            output_height=1,
            output_width=1,
            output_channels=7,
        ),
        inputs=("pool",),
    )
    nodes = (stem, deep, point, add, down, wide, pool, fc)
    return with_random_weights(Graph(name="small", input_shape=(3, 15, 15), nodes=nodes, outputs=("fc",)), seed=3)


def grouped_network(channels: int, outputs: int) -> Graph:
    """Return a network with a 5 x 5 layer in two groups, another such layer behind it, and a 1 x 1 layer that reads both groups."""
    stem = conv("stem", "input", (3, 8, 8), channels, 3)
    pair = conv("pair", "stem", (channels, 8, 8), outputs, 5, groups=2)
    again = conv("again", "pair", (outputs, 8, 8), channels, 5, stride=2, groups=2)
    point = conv("point", "again", (channels, 4, 4), 6, 1)
    nodes = (stem, pair, again, point)
    return with_random_weights(Graph(name="grouped", input_shape=(3, 8, 8), nodes=nodes, outputs=("point",)), seed=4)


def carry_out(laid_out: NetworkPlan, picture: np.ndarray) -> dict[str, np.ndarray]:
    """Return the map of every node as the accelerator and the host leave it in memory."""
    maps = bytearray(b"\xa5" * laid_out.maps_bytes)
    laid_out.put_picture(maps, picture)
    values: dict[str, np.ndarray] = {}
    for step in laid_out.steps:
        if isinstance(step, Host):
            result = run_node(laid_out.graph, step.node, values)
            if step.node.name in laid_out.places:
                laid_out.places[step.node.name].write(laid_out.geometry, maps, result.astype(np.int8))
            values[step.node.name] = result
            continue
        assert isinstance(step, Jobs)
        for done in step.layers:
            for job in done.jobs:
                before = np.frombuffer(bytes(maps), np.uint8)
                after = interpreter.run(job, laid_out.geometry, laid_out.image_a, bytes(maps), before)
                maps = bytearray(after.tobytes())
            values[done.name] = laid_out.places[done.name].read(laid_out.geometry, maps)
    return values


@pytest.mark.parametrize("shape", ["4x2x4", "8x4x2, output kept", "2x4x8, blocks of 2", "4x2x4, windows"])
def test_a_network_is_exact_in_every_map(shape: str) -> None:
    graph = small_network()
    laid_out = plan(graph, GEOMETRIES[shape])
    picture = np.random.default_rng(5).integers(-128, 128, (3, 15, 15)).astype(np.int8)
    expected = run(graph, picture)
    found = carry_out(laid_out, picture)
    assert found.keys() == expected.keys()
    for name, values in expected.items():
        np.testing.assert_array_equal(found[name], values, err_msg=name)


#: Channels and outputs of a layer in two groups. With 8x4x2 a group's outputs are no whole sub-tiles, with 2x4x8 its channels no
#: whole k-groups, so that jobs write into the next group's planes, or read them.
GROUPED = {
    "4x2x4": (16, 24),
    "4x2x4, A kept, banks along k and m": (16, 24),
    "8x4x2, output kept": (12, 20),
    "2x4x8, blocks of 2": (20, 20),
    "1x1x16": (24, 40),
    "4x16x1, planar": (12, 20),
}


@pytest.mark.parametrize("shape", GROUPED)
def test_a_layer_that_runs_group_by_group_is_exact(shape: str) -> None:
    graph = grouped_network(*GROUPED[shape])
    laid_out = plan(graph, GEOMETRIES[shape])
    (started,) = laid_out.steps
    assert isinstance(started, Jobs)
    assert [(layer.name, len(layer.jobs)) for layer in started.layers][:2] == [("stem", 1), ("pair", 2)]
    picture = np.random.default_rng(6).integers(-128, 128, (3, 8, 8)).astype(np.int8)
    expected = run(graph, picture)
    found = carry_out(laid_out, picture)
    for name, values in expected.items():
        np.testing.assert_array_equal(found[name], values, err_msg=name)


@pytest.mark.parametrize("shape", GROUPED)
def test_no_job_of_a_group_leaves_its_memory(shape: str) -> None:
    channels, outputs = GROUPED[shape]
    wide = conv("wide", "input", (channels, 72, 64), outputs, 5, stride=4, groups=2)
    graph = Graph(name="wide", input_shape=(channels, 72, 64), nodes=(wide,), outputs=("wide",))
    sizes = replace(GEOMETRIES[shape], b_half_positions=4096)
    laid_out = plan(with_random_weights(graph, seed=1), sizes)
    (started,) = laid_out.steps
    assert isinstance(started, Jobs)
    (layer,) = started.layers
    assert len(layer.jobs) == 2
    written = laid_out.places["wide"]
    for job in layer.jobs:
        end = job.b_address + job.k_groups * sizes.group_blocks * job.in_plane
        assert end * sizes.word_bytes <= laid_out.maps_bytes
        assert written.address <= job.c_address
        assert job.c_address + job.m_subtiles * sizes.subtile_blocks * job.out_plane <= written.address + written.words


def test_layers_without_host_operators_between_run_with_one_start() -> None:
    steps = plan(small_network(), GEOMETRIES["4x2x4"]).steps
    names = [[layer.name for layer in step.layers] if isinstance(step, Jobs) else step.node.name for step in steps]
    assert names == [["stem", "deep", "point"], "add", ["down", "wide"], "pool", ["fc"]]


def test_only_maps_that_a_layer_reads_or_writes_take_memory() -> None:
    graph = small_network()
    last = HostOp(name="softmax", kind="softmax", inputs=("fc",), output_shape=(7, 1, 1))
    longer = replace(graph, nodes=(*graph.nodes, last), outputs=("softmax",))
    laid_out, before = plan(longer, GEOMETRIES["4x2x4"]), plan(graph, GEOMETRIES["4x2x4"])
    assert laid_out.places == before.places
    assert "softmax" not in laid_out.places
    assert laid_out.maps_bytes == before.maps_bytes
    assert laid_out.steps[-1] == Host(node=last)
