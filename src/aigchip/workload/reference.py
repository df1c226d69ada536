"""Run a quantised network with integers: what hardware and host must compute, bit by bit.

Sums of products are formed by the float64 product of matrices, which is exact below 2 ** 53; those of a layer fit in 32
bits (`layer_parameters` checks it).
"""

from collections.abc import Mapping
from typing import TypeVar

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from aigchip.workload.errors import WorkloadError
from aigchip.workload.graph import Graph, HostOp, LayerNode, Node
from aigchip.workload.layers import Layer
from aigchip.workload.parameters import LOW, HostScaling, LayerParameters
from aigchip.workload.requantise import requantise
from aigchip.workload.window import Window

Values = NDArray[np.int8]
_Integer = TypeVar("_Integer", bound=np.integer)


def run(graph: Graph, picture: Values) -> dict[str, NDArray[np.int8] | NDArray[np.float64]]:
    """Compute the outputs of all nodes for one picture.

    Args:
        graph: a quantised network.
        picture: (channels, height, width), 8-bit values as `graph.input_quantisation` says.

    Returns:
        The 8-bit values of each node by its name, (channels, height, width); real numbers of a softmax.

    Raises:
        WorkloadError: the network is not quantised, or the picture has another shape.
    """
    if graph.input_quantisation is None:
        raise WorkloadError(graph.name, "the network is not quantised; must be", "Import a quantised ONNX file.")
    if picture.shape != graph.input_shape or picture.dtype != np.int8:
        raise WorkloadError(
            f"{graph.name}: picture",
            f"it is {picture.dtype} of {picture.shape}; must be int8 of {graph.input_shape}",
            "Quantise it with input_quantisation.",
        )
    values: dict[str, NDArray[np.int8] | NDArray[np.float64]] = {graph.input_name: picture}
    for node in graph.nodes:
        values[node.name] = run_node(graph, node, values)
    del values[graph.input_name]
    return values


def run_node(
    graph: Graph, node: Node, values: Mapping[str, NDArray[np.int8] | NDArray[np.float64]]
) -> NDArray[np.int8] | NDArray[np.float64]:
    """Compute the output of one node.

    Args:
        graph: that the node belongs to.
        node: layer or host operator.
        values: 8-bit values of at least its inputs.

    Raises:
        WorkloadError: the node has no meaning in integers.
    """
    inputs = [values[name].astype(np.int8, copy=False) for name in node.inputs]
    if isinstance(node, LayerNode) and node.parameters is not None:
        return _layer(node.layer, node.parameters, inputs[0])
    if isinstance(node, HostOp):
        match node.kind, node.scaling, node.window:
            case "add" | "rescale", HostScaling() as scaling, _:
                return _scaled(_weighted(inputs, scaling), scaling)
            case "average_pool", HostScaling() as scaling, Window() as window:
                taps = _taps(inputs[0].astype(np.int64) - scaling.zero_points[0], window, fill=0)
                return _scaled(taps.sum(axis=(3, 4)) * scaling.multipliers[0], scaling)
            case "max_pool", _, Window() as window:
                return _largest(inputs[0], window)
            case "concat", _, _:
                return np.concatenate(inputs)
            case "upsample", _, _:
                return inputs[0].repeat(node.factor, axis=1).repeat(node.factor, axis=2)
            case "reorg", _, _:
                return _reorg(inputs[0], node.factor)
            case "softmax", _, _:
                quantisation = graph.quantisation(node.inputs[0])
                if quantisation is not None:
                    return _softmax(quantisation.dequantise(inputs[0]))
    raise WorkloadError(
        f"{graph.name}: node {node.name}",
        f"{node.kind if isinstance(node, HostOp) else node.layer.kind} has no integers; must have a meaning in 8 bits",
        "Quantise the network without it.",
    )


def layer_sums(layer: Layer, weights: Values, inputs: Values) -> NDArray[np.int64]:
    """Return the sums of weights x inputs, (output channels, height, width); padding is 0."""
    depth = layer.gemm.k
    taps = _taps(inputs.reshape(layer.input_channels, layer.input_height, layer.input_width), layer.window, fill=0)
    columns = (
        taps.reshape(layer.groups, -1, *taps.shape[1:]).transpose(0, 1, 4, 5, 2, 3).reshape(layer.groups, depth, -1)
    )
    rows = weights.reshape(layer.groups, -1, depth)
    sums = rows.astype(np.float64) @ columns.astype(np.float64)
    return sums.astype(np.int64).reshape(layer.output_channels, layer.output_height, layer.output_width)


def _layer(layer: Layer, parameters: LayerParameters, inputs: Values) -> Values:
    sums = layer_sums(layer, parameters.weights, inputs) + parameters.bias[:, None, None]
    return requantise(
        sums,
        parameters.multiplier[:, None, None],
        parameters.shift[:, None, None],
        parameters.low,
        parameters.high,
    )


def _taps(pixels: NDArray[_Integer], window: Window, *, fill: int) -> NDArray[_Integer]:
    """Return the taps of each position of a window, (channels, output height, output width, kernel height, width)."""
    top, left, bottom, right = window.padding
    padded = np.pad(pixels, ((0, 0), (top, bottom), (left, right)), constant_values=fill)
    covered = sliding_window_view(padded, window.extent, axis=(1, 2))  # type: ignore[call-overload]
    down, across = window.stride
    return covered[:, ::down, ::across, :: window.dilation[0], :: window.dilation[1]]


def _largest(pixels: Values, window: Window) -> Values:
    """Return the largest tap of each position; tap after tap, which numpy does ten times as fast as one maximum of windows."""
    taps = _taps(pixels, window, fill=LOW)
    found = taps[..., 0, 0].copy()
    for row, column in np.ndindex(*window.kernel):
        np.maximum(found, taps[..., row, column], out=found)
    return found


def _weighted(inputs: list[Values], scaling: HostScaling) -> NDArray[np.int64]:
    products = [
        (values.astype(np.int64) - zero_point) * multiplier
        for values, zero_point, multiplier in zip(inputs, scaling.zero_points, scaling.multipliers, strict=True)
    ]
    return np.sum(products, axis=0)


def _scaled(products: NDArray[np.int64], scaling: HostScaling) -> Values:
    total = products + (scaling.output_zero_point << scaling.shift)
    return requantise(total, 1, scaling.shift, scaling.low, scaling.high)


def _reorg(pixels: Values, factor: int) -> Values:
    channels, height, width = pixels.shape
    blocks = pixels.reshape(channels, height // factor, factor, width // factor, factor)
    return blocks.transpose(2, 4, 0, 1, 3).reshape(channels * factor**2, height // factor, width // factor)


def _softmax(values: NDArray[np.float64]) -> NDArray[np.float64]:
    powers = np.exp(values - values.max(axis=0))
    return powers / powers.sum(axis=0)
