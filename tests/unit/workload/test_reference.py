"""The integer reference is equal to a slow one bit by bit, and to onnxruntime's floats within one step a node."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper
from unit.workload import slow_integers
from unit.workload.qdq_models import Qdq, mobile, residual

from aigchip.workload import (
    NETWORKS,
    Graph,
    HostOp,
    Layer,
    LayerNode,
    Window,
    WorkloadError,
    built_in,
    load_quantised,
)
from aigchip.workload.parameters import Quantisation, host_scaling, layer_parameters
from aigchip.workload.reference import run, run_node
from aigchip.workload.synthetic import with_random_weights

pytestmark = pytest.mark.verifies("quantised-network")

MODELS: dict[str, Callable[[], Qdq]] = {
    "residual": residual,
    "residual, one scale a tensor": lambda: residual(per_channel=False, seed=3),
    "residual, unsigned": lambda: residual(unsigned=True, seed=4),
    "mobile": mobile,
    "mobile, another seed": lambda: mobile(seed=7),
    "mobile, unsigned": lambda: mobile(unsigned=True, seed=5),
}


def quantised(net: Qdq, tmp_path: Path) -> Graph:
    graph = load_quantised(net.save(tmp_path / "net.onnx")).graph
    assert graph is not None
    return graph


def pictures(graph: Graph, count: int) -> np.ndarray:
    return np.random.default_rng(11).normal(0, 2, (count, *graph.input_shape)).astype(np.float32)


def stored(graph: Graph, picture: np.ndarray) -> np.ndarray:
    assert graph.input_quantisation is not None
    return graph.input_quantisation.quantise(picture)


@pytest.mark.parametrize("model", MODELS)
def test_every_node_is_equal_to_the_slow_reference(tmp_path: Path, model: str) -> None:
    graph = quantised(MODELS[model](), tmp_path)
    picture = stored(graph, pictures(graph, 1)[0])
    slow = slow_integers.run(graph, picture)
    fast = run(graph, picture)
    for name, values in fast.items():
        assert values.dtype == np.int8
        assert (values == slow[name]).all(), name
        assert values.std() > 3, f"{name} is too flat to show a fault"


def onnxruntime_values(net: Qdq, images: np.ndarray, *, fused: bool) -> list[dict[str, np.ndarray]]:
    """Return the 8-bit values that onnxruntime makes of each picture, by the node that makes them."""
    runtime = pytest.importorskip("onnxruntime", reason="onnxruntime is not installed; pip install --group dev")
    model = net.model()
    del model.graph.output[:]
    kind = TensorProto.UINT8 if net.unsigned else TensorProto.INT8
    model.graph.output.extend(helper.make_tensor_value_info(name, kind, None) for name in net.quantised)
    options = runtime.SessionOptions()
    levels = runtime.GraphOptimizationLevel
    options.graph_optimization_level = levels.ORT_ENABLE_ALL if fused else levels.ORT_DISABLE_ALL
    options.intra_op_num_threads = 1
    session = runtime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    offset = 128 if net.unsigned else 0
    return [
        {
            name.removesuffix("_q"): (values[0].astype(int) - offset).astype(np.int8)
            for name, values in zip(net.quantised, session.run(None, {"data": image[None]}), strict=True)
        }
        for image in images
    ]


@pytest.mark.parametrize("fused", [False, True])
@pytest.mark.parametrize("model", MODELS)
def test_a_node_is_at_most_one_step_from_onnxruntime(tmp_path: Path, model: str, fused: bool) -> None:
    """A node that reads what onnxruntime's nodes made differs by a step, where the real result is close to a tie."""
    net = MODELS[model]()
    graph = quantised(net, tmp_path)
    images = pictures(graph, 4)
    different = compared = 0
    for image, theirs in zip(images, onnxruntime_values(net, images, fused=fused), strict=True):
        assert (stored(graph, image) == theirs["data"]).all()
        values = dict(theirs)
        for node in graph.nodes:
            ours = run_node(graph, node, {name: values[name].reshape(graph.shape(name)) for name in node.inputs})
            if node.name not in theirs:  # a rescale that only this graph has
                values[node.name] = ours
                continue
            apart = np.abs(ours.astype(int) - theirs[node.name].reshape(ours.shape).astype(int))
            assert apart.max() <= 1, node.name
            different += int((apart > 0).sum())
            compared += apart.size
    assert different / compared < 0.002


@pytest.mark.parametrize("model", MODELS)
def test_a_whole_network_stays_close_to_onnxruntime(tmp_path: Path, model: str) -> None:
    """A step that differs early is weighed by the layers behind it: at the end two steps at most, most often none."""
    net = MODELS[model]()
    graph = quantised(net, tmp_path)
    images = pictures(graph, 4)
    (name,) = graph.outputs
    for image, theirs in zip(images, onnxruntime_values(net, images, fused=True), strict=True):
        ours = run(graph, stored(graph, image))[name]
        assert np.abs(ours.astype(int) - theirs[name].reshape(ours.shape).astype(int)).max() <= 2


PAIRS = st.tuples(st.integers(1, 3), st.integers(1, 3))


@settings(max_examples=60, deadline=None)
@given(
    size=st.tuples(st.integers(1, 7), st.integers(1, 7)),
    window=st.builds(Window, kernel=PAIRS, stride=PAIRS, padding=st.tuples(*[st.integers(0, 2)] * 4), dilation=PAIRS),
    groups=st.integers(1, 3),
    channels=PAIRS,
    seed=st.integers(0, 2**32 - 1),
)
def test_a_layer_of_any_geometry_is_equal_to_the_slow_reference(
    size: tuple[int, int], window: Window, groups: int, channels: tuple[int, int], seed: int
) -> None:
    try:
        output = window.output_size(size, "w")
    except WorkloadError:
        return
    random = np.random.default_rng(seed)
    layer = Layer(
        name="c", kind="conv", input_height=size[0], input_width=size[1], input_channels=groups * channels[0],
        output_height=output[0], output_width=output[1], output_channels=groups * channels[1],
        kernel_height=window.kernel[0], kernel_width=window.kernel[1], stride=window.stride, padding=window.padding,
        dilation=window.dilation, groups=groups, activation="relu",
    )  # fmt: skip
    zero = 0 if any(window.padding) else int(random.integers(-128, 128))
    source, result = (
        Quantisation(scale=0.1, zero_point=zero),
        Quantisation(scale=0.2, zero_point=int(random.integers(-128, 100))),
    )
    weights = random.integers(-128, 128, (groups * channels[1], channels[0], *window.kernel)).astype(np.int8)
    scales = random.uniform(0.001, 0.1, groups * channels[1])
    bias = random.normal(0, 5, groups * channels[1])
    parameters = layer_parameters(
        weights=weights, weight_scales=scales, bias=bias, source=source, result=result, activation="relu",
        padded=any(window.padding), where="c",
    )  # fmt: skip
    node = LayerNode(layer=layer, inputs=("input",), parameters=parameters, quantisation=result)
    graph = Graph(
        name="g", input_shape=(groups * channels[0], *size), nodes=(node,), outputs=("c",), input_quantisation=source
    )
    picture = random.integers(-128, 128, graph.input_shape).astype(np.int8)
    found = run(graph, picture)["c"]
    assert (found == slow_integers.run(graph, picture)["c"]).all()
    # The exact result of the scales: half a step of rounding, the ratio's error, and half a unit of two rounded biases.
    real = (picture.astype(int) - zero).tolist()
    for c in range(groups * channels[1]):
        ratio = Fraction(source.scale) * Fraction(scales[c]) / Fraction(result.scale)
        for y in range(output[0]):
            for x in range(output[1]):
                total = Fraction(bias[c]) / (Fraction(source.scale) * Fraction(scales[c]))
                for i, j, row, column in slow_integers.taps(window, real, y, x):
                    if row is not None:
                        first = c // channels[1] * channels[0]
                        total += sum(
                            int(weights[c, k, i, j]) * real[first + k][row][column] for k in range(channels[0])
                        )
                exact = max(result.zero_point, min(127, total * ratio + result.zero_point))
                assert abs(int(found[c, y, x]) - exact) <= Fraction(1, 2) + Fraction(1, 2**8) + ratio


SOURCE = Quantisation(scale=0.1, zero_point=-9)


def host(kind: str, shape: tuple[int, int, int], *inputs: str, **more: object) -> HostOp:
    return HostOp(name="h", kind=kind, inputs=inputs or ("input",), output_shape=shape, **more)


def scaling(count: int, **more: object) -> dict[str, object]:
    result = Quantisation(scale=0.07, zero_point=5)
    made = host_scaling(sources=(SOURCE,) * count, result=result, activation="relu", where="h", **more)
    return {"scaling": made, "quantisation": result, "activation": "relu"}


HOSTS = {
    "padded mean": host(
        "average_pool",
        (6, 4, 4),
        window=Window(kernel=(3, 3), stride=(2, 2), padding=(1, 1, 2, 2)),
        **scaling(1, taps=9),
    ),
    "mean": host("average_pool", (6, 1, 1), window=Window(kernel=(6, 6)), **scaling(1, taps=36)),
    "sum": host("add", (6, 6, 6), "input", "input", **scaling(2)),
    "rescale": host("rescale", (6, 6, 6), **scaling(1)),
    "largest": host("max_pool", (6, 7, 6), window=Window(kernel=(2, 3), padding=(1, 0, 1, 2)), quantisation=SOURCE),
    "concat": host("concat", (12, 6, 6), "input", "input", quantisation=SOURCE),
    "upsample": host("upsample", (6, 18, 18), factor=3, quantisation=SOURCE),
    "reorg": host("reorg", (24, 3, 3), factor=2, quantisation=SOURCE),
}


def around(node: HostOp, **more: object) -> Graph:
    given_ = {"name": "g", "input_shape": (6, 6, 6), "nodes": (node,), "outputs": ("h",), "input_quantisation": SOURCE}
    return Graph(**{**given_, **more})


def random_picture(graph: Graph) -> np.ndarray:
    return np.random.default_rng(3).integers(-128, 128, graph.input_shape).astype(np.int8)


@pytest.mark.parametrize("name", HOSTS)
def test_a_host_operator_is_equal_to_the_slow_reference(name: str) -> None:
    graph = around(HOSTS[name])
    picture = random_picture(graph)
    assert (run(graph, picture)["h"] == slow_integers.run(graph, picture)["h"]).all()


@pytest.mark.parametrize("name", ["mean", "sum", "rescale"])
def test_a_host_operator_is_near_its_real_result(name: str) -> None:
    graph = around(HOSTS[name])
    picture = random_picture(graph)
    real = SOURCE.dequantise(picture)
    exact = {"mean": real.mean(axis=(1, 2), keepdims=True), "sum": 2 * real, "rescale": real}[name]
    result = graph.quantisation("h")
    assert result is not None
    steps = np.clip(exact / result.scale + result.zero_point, result.zero_point, 127)
    assert np.abs(run(graph, picture)["h"] - steps).max() <= 0.5 + 2**-7


def test_inputs_of_very_different_scales_share_a_shift_that_fits_the_largest() -> None:
    sources = (Quantisation(scale=0.001), Quantisation(scale=8.0))
    made = host_scaling(sources=sources, result=Quantisation(scale=0.1), activation="none", where="h")
    assert made.multipliers[1] / 2**made.shift == pytest.approx(80, rel=2**-16)
    assert 2**15 <= made.multipliers[1] < 2**16
    assert abs(made.multipliers[0] / 2**made.shift - 0.01) <= 2.0 ** -(made.shift + 1)


def test_reorg_has_the_order_of_onnx() -> None:
    graph = around(HOSTS["reorg"])
    picture = random_picture(graph)
    node = helper.make_node("SpaceToDepth", ["x"], ["y"], blocksize=2)
    model = helper.make_model(
        helper.make_graph(
            [node], "g", [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 6, 6, 6])],
            [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 24, 3, 3])],
        ),
        opset_imports=[helper.make_opsetid("", 17)],
    )  # fmt: skip
    from onnx.reference import ReferenceEvaluator

    (expected,) = ReferenceEvaluator(model).run(None, {"x": picture[None].astype(np.float32)})
    assert (run(graph, picture)["h"] == expected[0]).all()


def test_a_softmax_gives_real_numbers() -> None:
    graph = around(host("softmax", (6, 6, 6)))
    picture = random_picture(graph)
    found = run(graph, picture)["h"]
    powers = np.exp((picture.astype(float) + 9) * 0.1)
    assert found == pytest.approx(powers / powers.sum(axis=0))


#: Networks whose operators all have a meaning in 8 bits.
IN_8_BITS = (
    "googlenet_tv",
    "resnet18",
    "resnet50",
    "resnet50_v1",
    "mobilenetv1",
    "mobilenetv2",
    "squeezenet1_0",
    "squeezenet1_1",
)


@pytest.mark.parametrize("name", IN_8_BITS)
def test_a_built_in_network_runs_from_end_to_end(name: str) -> None:
    graph = built_in(name, 64).graph
    assert graph is not None
    made = with_random_weights(graph)
    values = run(made, random_picture(made))
    assert {node.name: node.output_shape for node in made.nodes} == {name: v.shape for name, v in values.items()}
    assert all(values[node.name].std() > 3 for node in made.nodes if node.quantisation is not None)
    assert values[made.outputs[0]].sum() == pytest.approx(1)
    again = run(with_random_weights(graph), random_picture(made))
    assert all((values[node] == again[node]).all() for node in values)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "googlenet",
            "googlenet: node conv1_pool_lrn: lrn has no meaning in 8 bits; must have one. Choose another network.",
        ),
        (
            "yolov2_voc",
            "yolov2_voc: node conv1: activation is leaky_relu; must be none, relu or relu6. Train the network with relu.",
        ),
    ],
)
def test_a_network_that_needs_real_numbers_is_one_clear_line(name: str, text: str) -> None:
    assert name in NETWORKS
    graph = built_in(name, 64).graph
    assert graph is not None
    with pytest.raises(WorkloadError) as error:
        with_random_weights(graph)
    assert str(error.value) == text


def test_a_picture_of_another_shape_or_type_is_one_clear_line() -> None:
    graph = around(HOSTS["rescale"])
    with pytest.raises(WorkloadError) as error:
        run(graph, np.zeros((6, 6, 5), dtype=np.int8))
    assert str(error.value) == (
        "g: picture: it is int8 of (6, 6, 5); must be int8 of (6, 6, 6). Quantise it with input_quantisation."
    )
    with pytest.raises(WorkloadError, match="it is float64 of"):
        run(graph, np.zeros((6, 6, 6)))


def test_a_network_without_numbers_is_one_clear_line() -> None:
    graph = built_in("resnet18", 64).graph
    assert graph is not None
    with pytest.raises(WorkloadError) as error:
        run(graph, np.zeros((3, 64, 64), dtype=np.int8))
    assert str(error.value) == "resnet18: the network is not quantised; must be. Import a quantised ONNX file."


@pytest.mark.parametrize(
    "node",
    [
        replace(HOSTS["rescale"], scaling=None),
        replace(HOSTS["sum"], scaling=HOSTS["rescale"].scaling),
        replace(HOSTS["largest"], quantisation=Quantisation(scale=0.2)),
        host("lrn", (6, 6, 6), quantisation=SOURCE),
    ],
)
def test_a_quantised_graph_without_all_numbers_is_one_clear_line(node: HostOp) -> None:
    with pytest.raises(WorkloadError) as error:
        around(node)
    assert str(error.value) == (
        "g: node h: the node has not the numbers of a quantised network; must have parameters or a scaling, and inputs of "
        "8 bits. Quantise it."
    )


def test_an_operator_without_integers_is_one_clear_line() -> None:
    graph = around(host("lrn", (6, 6, 6)))
    with pytest.raises(WorkloadError) as error:
        run(graph, random_picture(graph))
    assert str(error.value) == (
        "g: node h: lrn has no integers; must have a meaning in 8 bits. Quantise the network without it."
    )


def test_weights_of_another_shape_are_one_clear_line(tmp_path: Path) -> None:
    graph = quantised(residual(), tmp_path)
    stem = graph.node("stem")
    assert isinstance(stem, LayerNode)
    wrong = replace(stem, parameters=graph.node("block_1").parameters)  # type: ignore[union-attr]
    with pytest.raises(WorkloadError) as error:
        replace(graph, nodes=(wrong, *graph.nodes[1:]))
    assert str(error.value) == "net: node stem: weights is 16 x 16 x 3 x 3; must be 16 x 3 x 5 x 3. Correct weights."


@pytest.mark.parametrize("ceil_mode", [0, 1])
@pytest.mark.parametrize("size", [(5, 5), (6, 7), (8, 4), (9, 11)])
def test_a_pooled_size_that_is_rounded_up_is_onnxs(size: tuple[int, int], ceil_mode: int) -> None:
    for kernel, stride, pad in ((2, 2, 0), (3, 2, 0), (3, 2, 1), (2, 3, 1), (3, 3, 0)):
        node = helper.make_node(
            "MaxPool",
            ["x"],
            ["y"],
            kernel_shape=[kernel] * 2,
            strides=[stride] * 2,
            pads=[pad] * 4,
            ceil_mode=ceil_mode,
        )
        graph = helper.make_graph(
            [node], "g", [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 1, *size])],
            [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
        )  # fmt: skip
        model = onnx.shape_inference.infer_shapes(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 22)]))
        wanted = tuple(dim.dim_value for dim in model.graph.output[0].type.tensor_type.shape.dim[2:])
        window = Window(kernel=(kernel, kernel), stride=(stride, stride), padding=(pad,) * 4)
        window = window.rounded_up(size) if ceil_mode else window
        assert window.output_size(size, "w") == wanted
