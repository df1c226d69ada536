"""Conv, Gemm and MatMul of an ONNX file as layers.

Reference: ONNX operators Conv, Gemm and MatMul (opset 1 to 24); shapes come from onnx's own shape inference.
"""

from collections.abc import Callable
from math import prod
from typing import Any

from onnx import NodeProto

from aigchip.workload.layers import Layer, conv_kind
from aigchip.workload.onnx_nodes import Shapes, by, node_name, window_of


def _conv(shapes: Shapes, node: NodeProto, attributes: dict[str, Any]) -> Layer:
    batch, input_channels, *size = shapes.shape(node, 0, ranks=range(3, 5))
    output_channels, channels_of_group, *kernel = shapes.shape(node, 1, ranks=range(3, 5))
    groups = attributes.get("group", 1)
    if (
        not isinstance(groups, int)
        or groups < 1
        or channels_of_group * groups != input_channels
        or output_channels % groups
    ):
        raise shapes.error(
            node,
            f"groups x weight channels is {groups} x {channels_of_group}; must be the {input_channels} channels of the "
            f"input and divide the {output_channels} of the output",
            "Export the network again.",
        )
    if len(size) != len(kernel):
        raise shapes.error(
            node, f"the kernel has {len(kernel)} dimensions; must have {len(size)}", "Export the network again."
        )
    window = window_of(shapes, node, attributes, size=size, kernel=kernel)
    height, width = (1, size[0]) if len(size) == 1 else size
    output_height, output_width = window.output_size((height, width), shapes.place(node))
    return Layer(
        name=node_name(node),
        kind=conv_kind(kernel=window.kernel, input_channels=input_channels, groups=groups),
        input_height=height,
        input_width=width,
        input_channels=input_channels,
        output_height=output_height,
        output_width=output_width,
        output_channels=output_channels,
        kernel_height=window.kernel[0],
        kernel_width=window.kernel[1],
        stride=window.stride,
        padding=window.padding,
        dilation=window.dilation,
        groups=groups,
        batch=batch,
    )


def _gemm(shapes: Shapes, node: NodeProto, attributes: dict[str, Any]) -> Layer:
    first = shapes.shape(node, 0, ranks=range(2, 3))
    second = shapes.shape(node, 1, ranks=range(2, 3))
    if attributes.get("transA", 0):
        first = first[::-1]
    if attributes.get("transB", 0):
        second = second[::-1]
    return _product(shapes, node, first, second)


def _matmul(shapes: Shapes, node: NodeProto, attributes: dict[str, Any]) -> Layer:
    del attributes
    first = shapes.shape(node, 0, ranks=range(1, 9))
    second = shapes.shape(node, 1, ranks=range(1, 9))
    first = (1, *first) if len(first) == 1 else first
    second = (*second, 1) if len(second) == 1 else second
    return _product(shapes, node, first, second)


def _product(shapes: Shapes, node: NodeProto, first: tuple[int, ...], second: tuple[int, ...]) -> Layer:
    """Turn a stack of row-major products into a layer: features are output channels, rows are pixels."""
    *first_stack, rows, depth = first
    *second_stack, second_depth, columns = second
    if depth != second_depth:
        raise shapes.error(
            node,
            f"the inner dimensions are {depth} and {second_depth}; must be equal",
            "Export the network again.",
        )
    weights = [name in shapes.constants for name in node.input[:2]]
    if weights[0] and not weights[1]:  # A is the weights: its rows are the features
        features, pixels = rows, columns
    else:
        features, pixels = columns, rows
    repeats = _broadcast(shapes, node, first_stack, second_stack)
    if prod(second_stack) == 1 and not weights[0]:  # one matrix for the whole stack: one taller product
        pixels, repeats = pixels * repeats, 1
    return Layer(
        name=node_name(node),
        kind="fc" if any(weights) else "matmul",
        input_height=1,
        input_width=pixels,
        input_channels=depth,
        output_height=1,
        output_width=pixels,
        output_channels=features,
        repeats=repeats,
    )


def _broadcast(shapes: Shapes, node: NodeProto, first: list[int], second: list[int]) -> int:
    """Return the number of products in two stacks of matrices, by numpy's rule of broadcasting."""
    rank = max(len(first), len(second))
    padded = [[1] * (rank - len(stack)) + stack for stack in (first, second)]
    for a, b in zip(*padded, strict=True):
        if a != b and 1 not in (a, b):
            raise shapes.error(
                node, f"the stacks are {by(first)} and {by(second)}; must broadcast", "Export the network again."
            )
    return prod(max(a, b) for a, b in zip(*padded, strict=True))


#: The operators that become layers.
LAYER_OPERATORS: dict[str, Callable[[Shapes, NodeProto, dict[str, Any]], Layer]] = {
    "Conv": _conv,
    "Gemm": _gemm,
    "MatMul": _matmul,
}
