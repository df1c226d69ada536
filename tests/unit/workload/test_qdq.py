"""Quantised ONNX files become graphs of integers; a pattern that integers cannot carry out is named with its node."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from unit.workload.qdq_models import Qdq, mobile, residual

from aigchip.workload import Graph, HostOp, LayerNode, WorkloadError, load, load_quantised
from aigchip.workload.parameters import LayerParameters, Quantisation

pytestmark = pytest.mark.verifies("onnx-import")


def read(net: Qdq, tmp_path: Path) -> Graph:
    graph = load_quantised(net.save(tmp_path / "net.onnx")).graph
    assert graph is not None
    return graph


def refused(net: Qdq, tmp_path: Path) -> str:
    with pytest.raises(WorkloadError) as error:
        read(net, tmp_path)
    return str(error.value).replace(f"{tmp_path}/", "")


def layer(graph: Graph, name: str) -> tuple[LayerNode, LayerParameters]:
    node = graph.node(name)
    assert isinstance(node, LayerNode)
    assert node.parameters is not None
    return node, node.parameters


def test_a_network_has_its_layers_and_what_stands_between(tmp_path: Path) -> None:
    graph = read(residual(), tmp_path)
    kinds = [node.kind if isinstance(node, HostOp) else node.layer.kind for node in graph.nodes]
    assert kinds == [
        "conv",
        "max_pool",
        "conv",
        "conv",
        "add",
        "conv1x1",
        "dwconv",
        "conv1x1",
        "conv",
        "average_pool",
        "fc",
    ]
    assert graph.node("join").inputs == ("block_2", "pool")
    assert graph.node("fc").inputs == ("average",)
    assert graph.outputs == ("fc",)
    assert graph.input_shape == (3, 17, 15)
    assert graph.input_quantisation == Quantisation(scale=float(np.float32(0.06)), zero_point=0)
    activations = [node.layer.activation for node in graph.nodes if isinstance(node, LayerNode)]
    assert activations == ["relu", "relu", "none", "relu6", "relu6", "none", "none", "none"]
    assert layer(graph, "grouped")[0].layer.dilation == (1, 2)
    assert layer(graph, "stem")[0].layer.padding == (2, 1, 1, 1)
    workload = load_quantised(tmp_path / "net.onnx")
    assert workload.layers == graph.layers
    assert [vars_of(x) for x in load(str(tmp_path / "net.onnx")).layers] == [vars_of(x) for x in workload.layers]


def vars_of(layer_: object) -> tuple[object, ...]:
    names = ("name", "kind", "input_channels", "output_channels", "window", "groups", "activation", "gemm")
    return tuple(getattr(layer_, name) for name in names)


@pytest.mark.parametrize("per_channel", [True, False])
def test_a_layer_has_the_integers_of_the_file(tmp_path: Path, per_channel: bool) -> None:
    net = residual(per_channel=per_channel)
    node, parameters = layer(read(net, tmp_path), "block_1")
    stored = {tensor.name: numpy_helper.to_array(tensor) for tensor in net.initialisers}
    assert (parameters.weights == stored["block_1_w_int"]).all()
    assert (parameters.bias == stored["block_1_b_int"]).all()
    assert parameters.weight_scales == pytest.approx(np.broadcast_to(stored["block_1_w_scale"], 16))
    assert node.quantisation == Quantisation(scale=float(stored["block_1_scale"]), zero_point=0)
    ratio = stored["pool_scale"].astype(np.float64) * parameters.weight_scales / stored["block_1_scale"]
    assert parameters.multiplier / 2.0**parameters.shift == pytest.approx(ratio, rel=2**-16)
    assert (parameters.low, parameters.high) == (0, 127)
    types = [array.dtype for array in (parameters.weights, parameters.bias, parameters.multiplier, parameters.shift)]
    assert types == [np.int8, np.int32, np.uint16, np.uint8]
    with pytest.raises(ValueError, match="read-only"):
        parameters.bias[0] = 1


@pytest.mark.parametrize("unsigned", [False, True])
def test_zero_points_are_folded_into_the_bias(tmp_path: Path, unsigned: bool) -> None:
    net = mobile(unsigned=unsigned)
    graph = read(net, tmp_path)
    stored = {tensor.name: numpy_helper.to_array(tensor) for tensor in net.initialisers}
    _, parameters = layer(graph, "wide")
    source, result = graph.quantisation("narrow"), graph.quantisation("wide")
    assert source is not None
    assert result is not None
    assert (source.zero_point, result.zero_point) == (7, 1)
    taps = stored["wide_w_int"].astype(int).reshape(16, -1).sum(axis=1)
    offset = result.zero_point * 2.0**parameters.shift / parameters.multiplier
    assert (parameters.bias == stored["wide_b_int"] - 7 * taps + np.rint(offset)).all()
    assert (parameters.low, parameters.high) == (1, min(127, round(6 / result.scale) + 1))


def test_pooling_and_concatenation_choose_and_a_rescale_gives_other_scales(tmp_path: Path) -> None:
    graph = read(mobile(), tmp_path)
    nodes = {node.name: node for node in graph.nodes}
    assert graph.node("again").inputs == ("narrow",)
    again = nodes["again"]
    assert isinstance(again, HostOp)
    assert (again.kind, again.activation) == ("rescale", "relu")
    assert graph.node("largest").inputs == ("largest_values",)
    assert graph.quantisation("largest_values") == graph.quantisation("join")
    assert graph.node("both").inputs == ("fine", "both_1")
    assert graph.quantisation("both_1") == graph.quantisation("fine") == graph.quantisation("both")
    scaling = nodes["join"].scaling if isinstance(nodes["join"], HostOp) else None
    assert scaling is not None
    assert scaling.zero_points == (3, 3)
    assert scaling.output_zero_point == 4


def test_a_network_may_take_8_bit_values_and_a_symbolic_batch(tmp_path: Path) -> None:
    net = Qdq(["N", 3, 6, 6])
    net.conv("c", [4, 3, 3, 3])
    net.nodes.pop(0)
    net.nodes[0].input[0] = "data"
    net.inputs = [helper.make_tensor_value_info("data", TensorProto.INT8, ["N", 3, 6, 6])]
    graph = read(net, tmp_path)
    assert graph.input_quantisation == Quantisation(scale=float(np.float32(0.06)), zero_point=0)
    assert graph.node("c").inputs == ("data",)


def test_weights_may_be_quantised_and_turned_in_the_file(tmp_path: Path) -> None:
    net = Qdq([1, 8])
    values = np.array([[1.0, -3.0], [0.26, 0.24], *[[0.5, 1.5]] * 6], dtype=np.float32)
    net.constant("w_float", values.T.copy())
    net.constant("w_scale", [0.1, 0.5])
    net.constant("w_zero", [0, 0], np.int8)
    numbers = ["w_scale", "w_zero"]
    net.nodes.append(helper.make_node("QuantizeLinear", ["w_float", *numbers], ["w_q"], name="w_Q", axis=0))
    net.nodes.append(helper.make_node("DequantizeLinear", ["w_q", *numbers], ["w_d"], name="w_DQ", axis=0))
    net.nodes.append(helper.make_node("Transpose", ["w_d"], ["w"], name="turn", perm=[1, 0]))
    net.op("MatMul", "fc", net.last, "w")
    net.quantise("fc", net.last, 0.1)
    _, parameters = layer(read(net, tmp_path), "fc")
    assert parameters.weights[:, :3, 0, 0].tolist() == [[10, 3, 5], [-6, 0, 3]]


def test_a_bias_may_be_real_or_have_a_scale_of_its_own(tmp_path: Path) -> None:
    net = Qdq([1, 3, 6, 6])
    net.conv("c", [4, 3, 3, 3])
    net.initialisers = [x for x in net.initialisers if x.name not in {"c_b_int", "c_b_scale"}]
    net.constant("c_b_int", [100, -200, 300, 0], np.int32)
    net.constant("c_b_scale", [0.01, 0.02, 0.03, 0.04])
    _, own = layer(read(net, tmp_path), "c")
    net.nodes = [node for node in net.nodes if node.name != "c_b_DQ"]
    net.constant("c_b", [1.0, -4.0, 9.0, 0.0])
    _, real = layer(read(net, tmp_path), "c")
    assert (own.bias == real.bias).all()
    steps = np.float32(0.06) * real.weight_scales
    assert real.bias == pytest.approx([1.0, -4.0, 9.0, 0.0] / steps, abs=0.51)


def test_a_channel_of_zeros_gives_its_bias(tmp_path: Path) -> None:
    net = Qdq([1, 3, 6, 6])
    net.conv("c", [2, 3, 1, 1], zero_point=5)
    stored = {tensor.name: tensor for tensor in net.initialisers}
    stored["c_w_int"].CopyFrom(
        numpy_helper.from_array(np.array([[0] * 3, [1] * 3], np.int8)[:, :, None, None], "c_w_int")
    )
    stored["c_w_scale"].CopyFrom(numpy_helper.from_array(np.array([1e-20, 0.01], np.float32), "c_w_scale"))
    net.nodes = [node for node in net.nodes if node.name != "c_b_DQ"]
    scale = float(numpy_helper.to_array(stored["c_scale"]))
    net.constant("c_b", [7 * scale, 0.0])
    _, parameters = layer(read(net, tmp_path), "c")
    assert (parameters.bias[0] * int(parameters.multiplier[0])) >> int(parameters.shift[0]) == 12


def test_a_softmax_at_the_end_stays_real(tmp_path: Path) -> None:
    net = Qdq([1, 4])
    net.fc("fc", [10, 4])
    net.op("Softmax", "probabilities")
    graph = read(net, tmp_path)
    assert graph.outputs == ("probabilities",)
    assert graph.quantisation("probabilities") is None


def test_constants_may_be_nodes(tmp_path: Path) -> None:
    net = Qdq([1, 3, 4, 4])
    net.conv("c", [4, 3, 1, 1], activation="relu6")
    moved = [tensor for tensor in net.initialisers if tensor.name in {"c_max", "c_w_int"}]
    net.initialisers = [tensor for tensor in net.initialisers if tensor not in moved]
    net.nodes = [*(helper.make_node("Constant", [], [t.name], name=t.name, value=t) for t in moved), *net.nodes]
    assert layer(read(net, tmp_path), "c")[0].layer.activation == "relu6"


def put(net: Qdq, name: str, values: object, dtype: object = np.float32) -> None:
    """Replace a constant of a network."""
    net.initialisers = [tensor for tensor in net.initialisers if tensor.name != name]
    net.constant(name, values, dtype)


def start() -> Qdq:
    net = Qdq([1, 4, 6, 6])
    net.conv("c", [8, 4, 3, 3], pads=[1] * 4)
    return net


def case(change: Callable[[Qdq], object]) -> Qdq:
    net = start()
    change(net)
    return net


def two_inputs(net: Qdq) -> None:
    net.inputs.append(helper.make_tensor_value_info("more", TensorProto.FLOAT, [1]))


def batch(net: Qdq) -> None:
    net.inputs = [helper.make_tensor_value_info("data", TensorProto.FLOAT, [4, 4, 6, 6])]


def sigmoid(net: Qdq) -> None:
    net.op("Sigmoid", "s")
    net.quantise("s", net.last, 0.01)


def real_weights(net: Qdq) -> None:
    net.op("Conv", "d", net.last, net.constant("w", np.zeros((2, 8, 1, 1))))


def without(net: Qdq, name: str) -> None:
    """Take a DequantizeLinear and the QuantizeLinear before out."""
    q, dq = (next(node for node in net.nodes if node.name == f"{name}_{kind}") for kind in ("Q", "DQ"))
    for node in net.nodes:
        node.input[:] = [q.input[0] if tensor == dq.output[0] else tensor for tensor in node.input]
    net.nodes = [node for node in net.nodes if node not in (q, dq)]


def second_reader(net: Qdq) -> None:
    net.op("Relu", "r", "c_out")
    net.quantise("r", net.last, 0.1)


def second_scale(net: Qdq) -> None:
    net.quantise("again", "c_out", 0.5)


def other_scale_read(net: Qdq) -> None:
    net.constant("other", 0.5)
    net.nodes[-1].input[1] = "other"


def zero_point_of_weights(net: Qdq) -> None:
    next(node for node in net.nodes if node.name == "c_w_DQ").input.append(net.constant("z", [1] * 8, np.int8))


def axis_of_weights(net: Qdq) -> None:
    put(net, "c_w_scale", [0.1] * 4)
    next(node for node in net.nodes if node.name == "c_w_DQ").attribute[0].i = 1


def gemm(net: Qdq, shape: list[int] | None = None, **attributes: object) -> None:
    net.op("Flatten", "flat")
    weight, bias = net.weights("g", shape or [10, 288], 0, net.last, bias=True)
    net.op("Gemm", "g", net.nodes[-3].output[0], weight, bias, transB=1, **attributes)


def rows(net: Qdq) -> None:
    net.op("Reshape", "rows", net.last, net.constant("shape", [1, 288], np.int64))


def add_constant(net: Qdq) -> None:
    net.op("Conv", "d", net.last, net.weights("d", [2, 8, 1, 1], 0, net.last, bias=False)[0])
    net.op("Add", "plus", net.last, net.constant("one", [[[[1.0]]]]))


def concat(net: Qdq) -> None:
    net.op("Concat", "k", net.last, net.last, axis=2)


def averaged(net: Qdq, **attributes: object) -> None:
    net.op("AveragePool", "p", kernel_shape=[3, 3], pads=[1] * 4, **attributes)


def blocks(net: Qdq) -> None:
    put(net, "c_w_scale", np.full((8, 2, 3, 3), 0.1))


def broadcast(net: Qdq) -> None:
    x = net.last
    net.op("GlobalAveragePool", "g")
    net.add("plus", net.quantise("g", net.last, 0.05), x)


def softmax_inside(net: Qdq) -> None:
    net.op("Softmax", "s", axis=1)
    net.quantise("s", net.last, 0.01)


def computed_scale(net: Qdq) -> None:
    net.op("Identity", "one", "data")
    net.nodes[-3].input[1] = "one_out"
    net.nodes = [net.nodes[-1], *net.nodes[:-1]]


SUPPORTED = (
    "QuantizeLinear, DequantizeLinear, Conv, Gemm, MatMul, Add, Relu, Clip, MaxPool, AveragePool, GlobalAveragePool, Concat, "
    "Flatten, Reshape, Squeeze, Unsqueeze, Identity, Dropout, Transpose, Constant, Softmax"
)
BETWEEN = "Put a QuantizeLinear and a DequantizeLinear between any two operators."
WEIGHTS = "Quantise weights as int8 and biases as int32, with zero point 0."

REFUSED: dict[str, tuple[Callable[[Qdq], object], str]] = {
    "two inputs": (two_inputs, "net.onnx: the network has 2 inputs; must have 1. Export it for a picture."),
    "batch": (
        batch,
        "net.onnx: input data is 4 x 4 x 6 x 6; must be one picture: 2 to 4 dimensions, the first 1. Export it with batch 1.",
    ),
    "operator": (
        sigmoid,
        "net.onnx: node s: operator Sigmoid is not supported in a quantised network; must be one of "
        f"{SUPPORTED}. Export the network without it.",
    ),
    "real weights": (
        real_weights,
        "net.onnx: node d: the weights are not quantised; must be int8 behind a DequantizeLinear. Quantise them.",
    ),
    "real input": (
        lambda net: without(net, "data"),
        f"net.onnx: node c: input 0 of Conv is not quantised; must come from a DequantizeLinear. {BETWEEN}",
    ),
    "real output": (
        lambda net: net.op("Relu", "r"),
        "net.onnx: output r_out: the values are not quantised; must be. Quantise the output.",
    ),
    "unsigned weights": (
        lambda net: put(net, "c_w_int", np.zeros((8, 4, 3, 3)), np.uint8),
        f"net.onnx: node c_w_DQ: a constant is uint8; must be int8 (weights) or int32 (bias). {WEIGHTS}",
    ),
    "zero point of weights": (
        zero_point_of_weights,
        f"net.onnx: node c_w_DQ: a constant has zero point 1; must have 0. {WEIGHTS}",
    ),
    "axis of weights": (
        axis_of_weights,
        "net.onnx: node c: the weights have scales along axis 1; must have them along 0, the output channels. "
        "Quantise weights per output channel.",
    ),
    "scales of weights": (
        lambda net: put(net, "c_w_scale", [0.1] * 3),
        f"net.onnx: node c_w_DQ: a constant has 3 scales along axis 0; must have 1, or 1 for each channel. {WEIGHTS}",
    ),
    "blocks": (
        blocks,
        f"net.onnx: node c_w_DQ: the values are quantised in blocks; must be per tensor or per channel. {WEIGHTS}",
    ),
    "16 bits": (
        lambda net: put(net, "c_zero", 0, np.int16),
        "net.onnx: node c_Q: activations are int16; must be int8 or uint8. Quantise activations to 8 bits.",
    ),
    "scales of activations": (
        lambda net: (put(net, "c_scale", [0.1] * 8), put(net, "c_zero", [0] * 8, np.int8)),
        "net.onnx: node c_Q: activations have 8 scales; must have 1 (weights may have one for each channel). "
        "Quantise activations per tensor.",
    ),
    "scale of 0": (
        lambda net: put(net, "c_scale", 0.0),
        "net.onnx: node c_Q: scale is 0; must be above 0. Calibrate the network again.",
    ),
    "computed scale": (
        computed_scale,
        "net.onnx: node c_Q: the scale is computed; must be a constant. Export the network with constants folded.",
    ),
    "zero point under padding": (
        lambda net: put(net, "data_zero", 5, np.int8),
        "net.onnx: node c: the zero point of the padded input is 5 (as int8); must be 0, which padding is. "
        "Quantise the input of this layer symmetrically: int8 with zero point 0.",
    ),
    "two readers": (
        second_reader,
        f"net.onnx: node r: the output of c has other readers too; must be quantised first. {BETWEEN}",
    ),
    "two scales": (
        second_scale,
        "net.onnx: node again_Q: c_out is quantised with two scales; must be with one. Give the tensor one scale.",
    ),
    "two scales of the picture": (
        lambda net: net.quantise("again", "data", 0.5),
        "net.onnx: input data: the picture is quantised with two scales; must be with one. Quantise it once.",
    ),
    "scale of a reader": (
        other_scale_read,
        "net.onnx: node c_DQ: scale or zero point are not those of the QuantizeLinear before; must be equal. Give both one scale.",
    ),
    "limits": (
        lambda net: net.op("Clip", "r", net.last, net.constant("lo", -1.0), net.constant("hi", 1.0)),
        "net.onnx: node r: Clip is from -1 to 1; must be from 0 to 6 or from 0. Use Relu or Clip(0, 6).",
    ),
    "limits of channels": (
        lambda net: net.op("Clip", "r", net.last, net.constant("lo", [0.0, 0.0])),
        "net.onnx: node r: min has 2 values; must have 1. Use Relu or Clip(0, 6).",
    ),
    "type of an attribute": (
        lambda net: net.nodes[-3].attribute.append(helper.make_attribute("group", [1, 1])),
        "net.onnx: node c: not a valid node: Mismatched attribute type in 'c : group'. Expected: 'INT', actual: 'INTS'. "
        "Export the network again.",
    ),
    "no zero points": (
        lambda net: put(net, "c_zero", [], np.int8),
        "net.onnx: node c_Q: activations have 0 scales; must have 1 (weights may have one for each channel). "
        "Quantise activations per tensor.",
    ),
    "two activations": (
        lambda net: (net.op("Relu", "r"), net.op("Relu", "r2")),
        "net.onnx: node r2: it stands behind a relu; must stand alone. Remove one of the two.",
    ),
    "uncounted padding": (
        averaged,
        "net.onnx: node p: padding is 1 x 1 x 1 x 1 and does not count; must count in every window, or be 0. "
        "Use count_include_pad=1 and ceil_mode=0, or no padding.",
    ),
    "axis of a concatenation": (concat, "net.onnx: node k: axis is 2; must be 1, the channels. Concatenate channels."),
    "another picture": (
        lambda net: net.op("Reshape", "turn", net.last, net.constant("shape", [1, 6, 8, 6], np.int64)),
        "net.onnx: node turn: Reshape makes 6 x 8 x 6 of 8 x 6 x 6; must flatten the picture. Export it as Flatten.",
    ),
    "alpha": (
        lambda net: gemm(net, alpha=0.5),
        "net.onnx: node g: alpha is 0.5; must be 1. Fold it into the weights.",
    ),
    "constant of no layer": (
        add_constant,
        "net.onnx: node plus: a constant is added to no product without a bias; must be. Make it the layer's bias.",
    ),
    "shapes of an addition": (
        broadcast,
        "net.onnx: node plus: the operands are 8 x 1 x 1 and 8 x 6 x 6; must be equal. Add tensors of one shape.",
    ),
    "softmax inside": (
        softmax_inside,
        "net.onnx: node s_Q: the values are not those of an operator that can be quantised; must be. Export without this node.",
    ),
    "axis of softmax": (
        lambda net: net.op("Softmax", "s", axis=2),
        "net.onnx: node s: axis is 2; must be 1, the channels. Leave Softmax to the host.",
    ),
    "ratio": (
        lambda net: (put(net, "c_scale", 1e-9), put(net, "c_w_scale", [0.1] * 8)),
        "net.onnx: node c: the ratio of the scales is 6e+06; must be from 2.32831e-10 to 32767.5. "
        "Choose a larger output scale.",
    ),
    "sums": (
        lambda net: put(net, "c_b_int", [2**31 - 1] * 8, np.int32),
        "net.onnx: node c: a sum may reach 2,147,TAPS; must be at most 2,147,483,647, which 32 bits hold. "
        "Choose scales that make the bias smaller.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_integers_cannot_carry_out_is_one_clear_line(tmp_path: Path, name: str) -> None:
    change, text = REFUSED[name]
    found = refused(case(change), tmp_path)
    if "TAPS" in text:
        before, after = text.split("TAPS")
        assert found.startswith(before)
        assert found.endswith(after)
    else:
        assert found == text


def test_a_network_without_layers_is_one_clear_line(tmp_path: Path) -> None:
    net = Qdq([1, 3, 8, 8])
    net.pool("MaxPool", "p", kernel_shape=[2, 2])
    assert refused(net, tmp_path) == (
        "net.onnx: the network has no layer; must have at least one to accelerate. Give another file."
    )


def test_the_estimate_takes_a_quantised_file_that_integers_cannot_carry_out(tmp_path: Path) -> None:
    net = case(sigmoid)
    assert [layer_.name for layer_ in load(str(net.save(tmp_path / "net.onnx"))).layers] == ["c"]


def test_weights_beside_the_file_are_read(tmp_path: Path) -> None:
    net = start()
    onnx.save(net.model(), tmp_path / "net.onnx", save_as_external_data=True, location="weights.bin", size_threshold=64)
    assert (tmp_path / "weights.bin").is_file()
    graph = load_quantised(tmp_path / "net.onnx").graph
    assert graph is not None
    stored = {tensor.name: numpy_helper.to_array(tensor) for tensor in start().initialisers}
    assert (layer(graph, "c")[1].weights == stored["c_w_int"]).all()
    (tmp_path / "weights.bin").unlink()
    with pytest.raises(WorkloadError) as error:
        load_quantised(tmp_path / "net.onnx")
    assert "\n" not in str(error.value)
