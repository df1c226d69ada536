"""The float operators of a quantised file, each of which waits for the scale of its output."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import NodeProto, TensorProto

from aigchip.workload.graph import HostOp, LayerNode
from aigchip.workload.layers import Layer
from aigchip.workload.onnx_layers import LAYER_OPERATORS
from aigchip.workload.onnx_nodes import by, node_name, window_of
from aigchip.workload.qdq.complete import rescale
from aigchip.workload.qdq.scales import dequantise, quantise
from aigchip.workload.qdq.values import Constant, RealOutput, Stored, Value, Waiting, Weights
from aigchip.workload.qdq.walk import QUANTISE_ALL, Walk
from aigchip.workload.window import Window

Attributes = dict[str, Any]


def _conv(walk: Walk, node: NodeProto, attributes: Attributes) -> Value:
    source, layer = walk.stored(node, 0), LAYER_OPERATORS["Conv"](walk.shapes, node, attributes)
    values, scales = _weights(walk, node, channel_axis=0)
    shape = (layer.output_channels, layer.input_channels // layer.groups, layer.kernel_height, layer.kernel_width)
    return _layer(layer, source, Weights(values.reshape(shape), scales, _bias(walk, node, layer.output_channels)))


def _gemm(walk: Walk, node: NodeProto, attributes: Attributes) -> Value:
    for name, wanted in (("alpha", 1.0), ("beta", 1.0), ("transA", 0)):
        if attributes.get(name, wanted) != wanted:
            raise walk.error(node, f"{name} is {attributes[name]:g}; must be {wanted:g}", "Fold it into the weights.")
    return _fully_connected(walk, node, attributes, turned=bool(attributes.get("transB", 0)))


def _matmul(walk: Walk, node: NodeProto, attributes: Attributes) -> Value:
    return _fully_connected(walk, node, attributes, turned=False)


def _fully_connected(walk: Walk, node: NodeProto, attributes: Attributes, *, turned: bool) -> Value:
    source, layer = walk.stored(node, 0), LAYER_OPERATORS[node.op_type](walk.shapes, node, attributes)
    values, scales = _weights(walk, node, channel_axis=0 if turned else 1)
    if values.ndim != 2 or layer.output_width != 1:
        raise walk.error(
            node,
            f"the product is of {layer.output_width} rows and a matrix of {values.ndim} dimensions; must be of 1 row and 2",
            "Export the network for one picture.",
        )
    matrix = values if turned else values.T
    return _layer(layer, source, Weights(matrix[:, :, None, None], scales, _bias(walk, node, layer.output_channels)))


def _layer(layer: Layer, source: Stored, weights: Weights) -> Waiting:
    return Waiting(LayerNode(layer=layer, inputs=(source.name,)), (source,), weights)


def _weights(walk: Walk, node: NodeProto, *, channel_axis: int) -> tuple[NDArray[np.int8], NDArray[np.float64]]:
    constant = walk.constant(node, 1, "the weight")
    if constant.scales is None or constant.values.dtype != np.int8:
        raise walk.error(
            node, "the weights are not quantised; must be int8 behind a DequantizeLinear", "Quantise them."
        )
    if constant.scales.size > 1 and constant.axis != channel_axis:
        raise walk.error(
            node,
            f"the weights have scales along axis {constant.axis}; must have them along {channel_axis}, the output channels",
            "Quantise weights per output channel.",
        )
    return constant.values, constant.scales


def _bias(walk: Walk, node: NodeProto, channels: int) -> Constant | None:
    if len(node.input) < 3 or not node.input[2]:
        return None
    bias = walk.constant(node, 2, "the bias")
    if bias.values.size != channels:
        raise walk.error(
            node, f"the bias has {bias.values.size} values; must have {channels}, one for each output channel",
            "Export the network again.",
        )  # fmt: skip
    return bias


def _add(walk: Walk, node: NodeProto, attributes: Attributes) -> Value:
    del attributes
    values = [walk.value(node, position) for position in (0, 1)]
    for position in (0, 1):
        waiting, other = values[position], values[1 - position]
        if isinstance(waiting, Waiting) and isinstance(other, Constant):
            return _add_bias(walk, node, walk.alone(node, waiting, position), other)
    first, second = walk.stored(node, 0), walk.stored(node, 1)
    shapes = walk.shape_of(first), walk.shape_of(second)
    if shapes[0] != shapes[1]:
        raise walk.error(
            node, f"the operands are {by(shapes[0])} and {by(shapes[1])}; must be equal", "Add tensors of one shape."
        )
    draft = HostOp(name=node_name(node), kind="add", inputs=(first.name, second.name), output_shape=shapes[0])
    return Waiting(draft, (first, second))


def _add_bias(walk: Walk, node: NodeProto, waiting: Waiting, constant: Constant) -> Waiting:
    """Join the addition that some exporters write behind a MatMul to the layer."""
    weights = waiting.weights
    features = constant.values.shape[-1:] == waiting.draft.output_shape[:1] and constant.values.size
    if weights is None or weights.bias is not None or waiting.activation != "none" or not _is_fc(waiting):
        raise walk.error(node, "a constant is added to no product without a bias; must be", "Make it the layer's bias.")
    if features != waiting.draft.output_shape[0]:
        raise walk.error(
            node,
            f"the constant is {by(constant.values.shape)}; must be one for each of {waiting.draft.output_shape[0]} features",
            "Make it the layer's bias.",
        )
    return replace(waiting, weights=replace(weights, bias=constant))


def _is_fc(waiting: Waiting) -> bool:
    return isinstance(waiting.draft, LayerNode) and waiting.draft.layer.kind == "fc"


def _relu(walk: Walk, node: NodeProto, attributes: Attributes) -> Value:
    del attributes
    return _activate(walk, node, "relu")


def _clip(walk: Walk, node: NodeProto, attributes: Attributes) -> Value:
    limits: list[float | None] = []
    for position, name in ((1, "min"), (2, "max")):
        limit = attributes.get(name)
        if len(node.input) > position and node.input[position]:
            constant = walk.constant(node, position, name)
            if constant.values.size != 1:
                raise walk.error(
                    node, f"{name} has {constant.values.size} values; must have 1", "Use Relu or Clip(0, 6)."
                )
            scale = 1.0 if constant.scales is None else float(constant.scales[0])
            limit = float(constant.values.reshape(-1)[0]) * scale
        limits.append(limit)
    if limits not in ([0, 6], [0, None]):
        low, high = ("none" if limit is None else f"{limit:g}" for limit in limits)
        raise walk.error(
            node, f"Clip is from {low} to {high}; must be from 0 to 6 or from 0", "Use Relu or Clip(0, 6)."
        )
    return _activate(walk, node, "relu6" if limits[1] else "relu")


def _activate(walk: Walk, node: NodeProto, activation: str) -> Value:
    value = walk.value(node, 0)
    if not isinstance(value, Waiting):
        return rescale(walk, node_name(node), walk.stored(node, 0), activation)
    if value.activation != "none":
        raise walk.error(node, f"it stands behind a {value.activation}; must stand alone", "Remove one of the two.")
    return replace(walk.alone(node, value), activation=activation)


def _max_pool(walk: Walk, node: NodeProto, attributes: Attributes) -> Value:
    return _pool(walk, node, "max_pool", _window(walk, node, attributes))


def _average_pool(walk: Walk, node: NodeProto, attributes: Attributes) -> Value:
    window = _window(walk, node, attributes)
    if any(window.padding) and (not attributes.get("count_include_pad", 0) or attributes.get("ceil_mode", 0)):
        raise walk.error(
            node,
            f"padding is {by(window.padding)} and does not count; must count in every window, or be 0",
            "Use count_include_pad=1 and ceil_mode=0, or no padding.",
        )
    return _pool(walk, node, "average_pool", window)


def _global_average_pool(walk: Walk, node: NodeProto, attributes: Attributes) -> Value:
    del attributes
    _, height, width = walk.shape_of(walk.stored(node, 0))
    return _pool(walk, node, "average_pool", Window(kernel=(height, width)))


def _window(walk: Walk, node: NodeProto, attributes: Attributes) -> Window:
    _, _, *size = walk.shapes.shape(node, 0, ranks=range(3, 5))
    kernel = attributes.get("kernel_shape", [])
    if len(kernel) != len(size):
        raise walk.error(
            node, f"the kernel has {len(kernel)} dimensions; must have {len(size)}", "Export the network again."
        )
    window = window_of(walk.shapes, node, attributes, size=size, kernel=kernel)
    if not attributes.get("ceil_mode", 0):
        return window
    _, height, width = walk.shape_of(walk.stored(node, 0))
    return window.rounded_up((height, width))


def _pool(walk: Walk, node: NodeProto, kind: str, window: Window) -> Value:
    source = walk.stored(node, 0)
    draft = HostOp(
        name=node_name(node),
        kind=kind,
        inputs=(source.name,),
        output_shape=walk.output_shape(node),
        window=window,
    )
    return Waiting(draft, (source,))


def _concat(walk: Walk, node: NodeProto, attributes: Attributes) -> Value:
    if attributes.get("axis") != 1:
        raise walk.error(node, f"axis is {attributes.get('axis')}; must be 1, the channels", "Concatenate channels.")
    sources = tuple(walk.stored(node, position) for position in range(len(node.input)))
    draft = HostOp(
        name=node_name(node),
        kind="concat",
        inputs=tuple(source.name for source in sources),
        output_shape=walk.output_shape(node),
    )
    return Waiting(draft, sources)


def _reshape(walk: Walk, node: NodeProto, attributes: Attributes) -> Value:
    """Pass values on that are only seen in another shape."""
    del attributes
    value = walk.value(node, 0)
    if isinstance(value, Waiting):
        shape = walk.alone(node, value).draft.output_shape
    elif isinstance(value, Stored):
        shape = walk.shape_of(value)
    else:
        raise walk.error(node, f"input 0 of {node.op_type} is not quantised; must be", QUANTISE_ALL)
    made = walk.output_shape(node)
    if made not in {shape, (shape[0] * shape[1] * shape[2], 1, 1)}:
        raise walk.error(
            node, f"{node.op_type} makes {by(made)} of {by(shape)}; must flatten the picture", "Export it as Flatten."
        )
    return value


def _identity(walk: Walk, node: NodeProto, attributes: Attributes) -> Value:
    del attributes
    value = walk.value(node, 0)
    if value is None:
        raise walk.error(node, f"input 0 of {node.op_type} is missing", "Export the network again.")
    return walk.alone(node, value) if isinstance(value, Waiting) else value


def _transpose(walk: Walk, node: NodeProto, attributes: Attributes) -> Value:
    constant = walk.constant(node, 0, "the operand of Transpose")
    rank = constant.values.ndim
    order = attributes.get("perm", list(range(rank))[::-1])
    if sorted(order) != list(range(rank)):
        raise walk.error(node, f"perm is {order}; must order {rank} dimensions", "Export the network again.")
    return Constant(constant.values.transpose(order), constant.scales, order.index(constant.axis))


def _constant(walk: Walk, node: NodeProto, attributes: Attributes) -> Value:
    value = attributes.get("value")
    if isinstance(value, TensorProto):
        return Constant(walk.array(node, value))
    for name, kind in (("value_float", np.float32), ("value_int", np.int64), ("value_ints", np.int64)):
        if name in attributes:
            return Constant(np.array(attributes[name], dtype=kind))
    raise walk.error(node, "the constant is no tensor of numbers; must be", "Export the network again.")


def _softmax(walk: Walk, node: NodeProto, attributes: Attributes) -> Value:
    source = walk.stored(node, 0)
    rank = len(walk.shapes.shape(node, 0, ranks=range(2, 5)))
    axis = attributes.get("axis", -1)
    if axis % rank != 1:
        raise walk.error(node, f"axis is {axis}; must be 1, the channels", "Leave Softmax to the host.")
    draft = HostOp(name=node_name(node), kind="softmax", inputs=(source.name,), output_shape=walk.shape_of(source))
    walk.nodes.append(draft)
    return RealOutput(draft.name)


#: What each operator of a quantised file becomes.
OPERATORS: dict[str, Callable[[Walk, NodeProto, Attributes], Value]] = {
    "QuantizeLinear": quantise,
    "DequantizeLinear": dequantise,
    "Conv": _conv,
    "Gemm": _gemm,
    "MatMul": _matmul,
    "Add": _add,
    "Relu": _relu,
    "Clip": _clip,
    "MaxPool": _max_pool,
    "AveragePool": _average_pool,
    "GlobalAveragePool": _global_average_pool,
    "Concat": _concat,
    "Flatten": _reshape,
    "Reshape": _reshape,
    "Squeeze": _reshape,
    "Unsqueeze": _reshape,
    "Identity": _identity,
    "Dropout": _identity,
    "Transpose": _transpose,
    "Constant": _constant,
    "Softmax": _softmax,
}
