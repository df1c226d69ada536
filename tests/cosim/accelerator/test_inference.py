"""A quantised network from an ONNX file, end to end on RTL: every map equals the integer reference."""

from dataclasses import replace

import numpy as np
import pytest
from unit.mapping.test_plan import grouped_network
from unit.workload.qdq_models import Qdq

from aigchip.board import load
from aigchip.core.store import Store
from aigchip.generate.expert import ExpertGenerator
from aigchip.mapping import Geometry, MappingError, of_layer, place
from aigchip.mapping.plan import plan
from aigchip.tasks.execute import with_needs
from aigchip.tasks.flow import Flow
from aigchip.toolchain import fastsim, inference, layers, shell
from aigchip.toolchain.cosim import CosimError
from aigchip.workload import HostOp, built_in
from aigchip.workload.in_integers import in_integers
from aigchip.workload.load import load_quantised
from aigchip.workload.synthetic import with_random_weights
from cosim.accelerator import accelerators

pytestmark = pytest.mark.xdist_group("inference")

#: Buffers in which a classifier's kernel of the whole map has room.
DESIGN = replace(accelerators.DESIGN, buffer_a_kib=8, buffer_b_kib=8, buffer_c_kib=4)


def small_cnn() -> Qdq:
    """A first layer with a stride, a residual block, a depthwise layer, poolings, a classifier."""
    net = Qdq([1, 3, 16, 16])
    x = net.conv("stem", [16, 3, 3, 3], activation="relu", strides=[2, 2], pads=[1, 1, 0, 0])
    y = net.conv("block_1", [16, 16, 3, 3], activation="relu", pads=[1] * 4)
    y = net.conv("block_2", [16, 16, 3, 3], pads=[1] * 4)
    net.add("join", y, x, activation="relu")
    net.pool("MaxPool", "pool", kernel_shape=[2, 2], strides=[2, 2])
    net.conv("wide", [24, 16, 1, 1], activation="relu6")
    net.conv("depthwise", [24, 1, 3, 3], activation="relu6", group=24, pads=[1] * 4)
    net.conv("narrow", [12, 24, 1, 1], bias=False)
    net.op("Flatten", "flat")
    net.fc("fc", [10, 192], operator="Gemm")
    return net


@pytest.fixture(scope="module")
def graph(tmp_path_factory):
    found = load_quantised(small_cnn().save(tmp_path_factory.mktemp("onnx") / "small.onnx")).graph
    assert found is not None
    return found


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("accelerator")
    board, store = load("zcu104"), Store(folder / "store")
    flow = Flow(
        store=store, design=DESIGN, generator=ExpertGenerator(), part=board.part, clock_period_ps=DESIGN.clock_period_ps
    )
    for name in with_needs(flow, ["link"], without="csim"):
        if not name.startswith("audit"):
            step = flow.nodes[name].step()
            assert step is not None
            store.make(step)
    linked = flow.result("link")
    assert linked is not None
    return fastsim.build(
        linked / "rtl",
        network=linked / "network.json",
        cache=folder / "models",
        options=shell.Options(ports=DESIGN.ports, jobs=True),
    )


def picture() -> np.ndarray:
    return np.random.default_rng(7).integers(-128, 128, (3, 16, 16)).astype(np.int8)


def memory():
    board = load("zcu104")
    return fastsim.board_memory(
        board, DESIGN.clock_period_ps, layers.on_board(board, DESIGN.ports), reads=64, writes=64
    )


@pytest.mark.verifies("fastsim")
def test_a_quantised_network_of_an_onnx_file_is_exact_in_every_map(model, graph):
    laid_out = plan(graph, Geometry.of(DESIGN))
    found = inference.infer(model, laid_out, DESIGN.ports, memory(), picture())
    assert [tuple(layer.name for layer in part.layers) for part in found.started] == [
        ("stem", "block_1", "block_2"),
        ("wide", "depthwise", "narrow", "fc"),
    ]
    assert [(part.name, part.kind) for part in found.hosted] == [("join", "add"), ("pool", "max_pool")]
    assert all(part.seconds > 0 and part.layout_seconds > 0 for part in found.hosted)
    for part in found.started:
        alone = sum(int(layer.cycles.value or 0) for layer in part.layers)
        assert 0 < (part.cycles.value or 0) - alone < 1000 * len(part.layers)
    assert found.cycles.kind == "simulated"
    assert (found.cycles.value or 0) > sum(
        node.layer.macs for node in graph.nodes if hasattr(node, "layer")
    ) / DESIGN.macs
    (logits,) = found.outputs.values()
    assert logits.size == 10
    assert len(set(logits.ravel().tolist())) > 3


@pytest.mark.verifies("fastsim")
@pytest.mark.parametrize(
    ("name", "resolution"),
    [
        ("squeezenet1_1", 25),
        pytest.param("mobilenetv2", 32, marks=pytest.mark.slow),
        pytest.param("resnet18", 32, marks=pytest.mark.slow),
        pytest.param("googlenet", 48, marks=pytest.mark.slow),
    ],
)
def test_built_in_networks_are_exact_in_every_map(model, name, resolution):
    given = in_integers(built_in(name, resolution).graph).graph
    shown = np.random.default_rng(3).integers(-128, 128, given.input_shape).astype(np.int8)
    laid_out = plan(with_random_weights(given), Geometry.of(DESIGN))
    found = inference.infer(model, laid_out, DESIGN.ports, memory(), shown)
    assert [layer.name for part in found.started for layer in part.layers] == [layer.name for layer in given.layers]
    assert [part.name for part in found.hosted] == [node.name for node in given.nodes if isinstance(node, HostOp)]
    (probabilities,) = found.outputs.values()
    assert probabilities.sum() == pytest.approx(1)
    assert len(np.unique(probabilities)) > 20


@pytest.mark.verifies("fastsim")
def test_a_layer_whose_groups_do_not_fit_is_exact_group_by_group(model):
    graph, geometry = grouped_network(24, 40), Geometry.of(DESIGN)
    (pair,) = [layer for layer in graph.layers if layer.name == "pair"]
    with pytest.raises(MappingError, match="no tile of 5 x 5 taps fits"):
        place(of_layer(pair).layer, geometry)
    laid_out = plan(graph, geometry)
    (step,) = laid_out.steps
    assert [len(layer.jobs) for layer in step.layers] == [1, 2, 2, 1]
    shown = np.random.default_rng(8).integers(-128, 128, graph.input_shape).astype(np.int8)
    found = inference.infer(model, laid_out, DESIGN.ports, memory(), shown)
    (started,) = found.started
    assert [layer.name for layer in started.layers] == ["stem", "pair", "again", "point"]
    assert (started.layers[1].cycles.value or 0) > pair.macs / DESIGN.macs


def test_a_wrong_weight_is_told_by_its_layer(model, graph):
    laid_out = plan(graph, Geometry.of(DESIGN))
    wrong = bytearray(laid_out.image_a)
    wrong[3] ^= 0x40
    with pytest.raises(CosimError) as caught:
        inference.infer(model, replace(laid_out, image_a=bytes(wrong)), DESIGN.ports, memory(), picture())
    assert str(caught.value).startswith("small: layer stem: element ")
    assert caught.value.code == "wrong-result"
