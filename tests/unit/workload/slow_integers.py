"""A second, slow reference that shares no arithmetic with the first: loops over pixels and taps in Python's integers."""

from collections.abc import Iterator
from itertools import product

import numpy as np

from aigchip.workload import Graph, HostOp, LayerNode, Window
from aigchip.workload.graph import Node

Planes = list[list[list[int]]]


def run(graph: Graph, picture: np.ndarray) -> dict[str, np.ndarray]:
    """Compute every node's 8-bit values."""
    values: dict[str, Planes] = {graph.input_name: picture.tolist()}
    for node in graph.nodes:
        values[node.name] = compute(node, [values[name] for name in node.inputs])
    return {name: np.array(planes) for name, planes in values.items()}


def compute(node: Node, inputs: list[Planes]) -> Planes:
    channels, height, width = node.output_shape
    if isinstance(node, LayerNode):
        return [
            [[layer(node, inputs[0], c, y, x) for x in range(width)] for y in range(height)] for c in range(channels)
        ]
    return [[[host(node, inputs, c, y, x) for x in range(width)] for y in range(height)] for c in range(channels)]


def taps(window: Window, planes: Planes, y: int, x: int) -> Iterator[tuple[int, int, int | None, int | None]]:
    """Yield each tap of a position and the pixel under it; None in the padding."""
    for i, j in product(range(window.kernel[0]), range(window.kernel[1])):
        row = y * window.stride[0] - window.padding[0] + i * window.dilation[0]
        column = x * window.stride[1] - window.padding[1] + j * window.dilation[1]
        inside = 0 <= row < len(planes[0]) and 0 <= column < len(planes[0][0])
        yield i, j, row if inside else None, column


def layer(node: LayerNode, planes: Planes, c: int, y: int, x: int) -> int:
    parameters, of = node.parameters, node.layer
    assert parameters is not None
    if of.kind == "fc":
        planes = [[[value]] for plane in planes for row in plane for value in row]
    inputs, outputs = of.input_channels // of.groups, of.output_channels // of.groups
    total = int(parameters.bias[c])
    for i, j, row, column in taps(of.window, planes, y, x):
        if row is not None:
            for k in range(inputs):
                total += int(parameters.weights[c, k, i, j]) * planes[c // outputs * inputs + k][row][column]
    assert -(2**31) <= total < 2**31
    scaled = (total * int(parameters.multiplier[c]) + (1 << (int(parameters.shift[c]) - 1))) >> int(parameters.shift[c])
    return max(parameters.low, min(parameters.high, scaled))


def host(node: HostOp, inputs: list[Planes], c: int, y: int, x: int) -> int:
    first = inputs[0]
    match node.kind:
        case "max_pool":
            assert node.window is not None
            return max(first[c][row][column] for _, _, row, column in taps(node.window, first, y, x) if row is not None)
        case "concat":
            return [plane for planes in inputs for plane in planes][c][y][x]
        case "upsample":
            return first[c][y // node.factor][x // node.factor]
        case "reorg":
            block, channel = divmod(c, len(first))
            i, j = divmod(block, node.factor)
            return first[channel][y * node.factor + i][x * node.factor + j]
    scaling = node.scaling
    assert scaling is not None
    if node.kind == "average_pool":
        assert node.window is not None
        found = [first[c][row][column] for _, _, row, column in taps(node.window, first, y, x) if row is not None]
        total = scaling.multipliers[0] * sum(value - scaling.zero_points[0] for value in found)
    else:
        total = sum(
            multiplier * (planes[c][y][x] - zero)
            for planes, multiplier, zero in zip(inputs, scaling.multipliers, scaling.zero_points, strict=True)
        )
    scaled = (total + (scaling.output_zero_point << scaling.shift) + (1 << (scaling.shift - 1))) >> scaling.shift
    return max(scaling.low, min(scaling.high, scaled))
