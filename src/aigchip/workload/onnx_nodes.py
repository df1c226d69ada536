"""Nodes of an ONNX file: their attributes, the shapes that they read, and names that are fit for a message.

Reference: ONNX operators Conv, MaxPool and AveragePool (attributes of the window, opset 1 to 24).
"""

import re
from dataclasses import dataclass, field
from math import prod
from typing import Any

from onnx import GraphProto, NodeProto, TensorProto, ValueInfoProto, helper, numpy_helper

from aigchip.workload.errors import WorkloadError
from aigchip.workload.window import Window


@dataclass
class Shapes:
    """What is known of the tensors of a file: their shapes, and which of them are constants."""

    where: str
    shapes: dict[str, tuple[int, ...]] = field(default_factory=dict)
    constants: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, graph: GraphProto, where: str) -> "Shapes":
        """Collect them from a graph whose shapes were inferred."""
        self = cls(where)
        for tensor in graph.initializer:
            self.shapes[tensor.name] = tuple(tensor.dims)
            self.constants.add(tensor.name)
        for value in (*graph.input, *graph.value_info, *graph.output):
            shape = known_shape(value)
            if shape is not None:
                self.shapes[value.name] = shape
        return self

    def place(self, node: NodeProto) -> str:
        """Name a node with its file, for an error."""
        return f"{self.where}: node {node_name(node)}"

    def error(self, node: NodeProto, what: str, remedy: str) -> WorkloadError:
        """Build the error of a node."""
        return WorkloadError(self.place(node), what, remedy)

    def shape(self, node: NodeProto, position: int, *, ranks: range) -> tuple[int, ...]:
        """Return the shape of a node's input, which must have one of some numbers of dimensions."""
        name = node.input[position] if position < len(node.input) else ""
        if not name:
            raise self.error(node, f"input {position} of {node.op_type} is missing", "Export the network again.")
        shape = self.shapes.get(name)
        if shape is None:
            raise self.error(
                node,
                f"the shape of {clean(name)} is unknown; must follow from the inputs",
                "Export the network with fixed sizes.",
            )
        if len(shape) not in ranks or 0 in shape:
            raise self.error(
                node,
                f"the shape of {clean(name)} is {by(shape)}; must have {ranks.start} to {ranks.stop - 1} dimensions, none 0",
                f"Export the network with a supported {node.op_type}.",
            )
        return shape


def window_of(
    shapes: Shapes, node: NodeProto, attributes: dict[str, Any], *, size: list[int], kernel: list[int]
) -> Window:
    """Return the window of a convolution or a pooling operator over one or two dimensions; a line has height 1.

    Args:
        shapes: of the file.
        node: the operator.
        attributes: of the node.
        size: of the picture along each axis [pixels].
        kernel: taps along each axis.
    """
    strides = _numbers(shapes, node, attributes, "strides", count=len(kernel), least=1)
    dilations = _numbers(shapes, node, attributes, "dilations", count=len(kernel), least=1)
    extents = [(taps - 1) * dilation + 1 for taps, dilation in zip(kernel, dilations, strict=True)]
    before, after = _padding(shapes, node, attributes, size=size, extents=extents, strides=strides)
    if len(size) == 1:
        kernel, strides, dilations = [1, *kernel], [1, *strides], [1, *dilations]
        before, after = [0, *before], [0, *after]
    return Window(
        kernel=(kernel[0], kernel[1]),
        stride=(strides[0], strides[1]),
        padding=(before[0], before[1], after[0], after[1]),
        dilation=(dilations[0], dilations[1]),
    )


def _numbers(
    shapes: Shapes, node: NodeProto, attributes: dict[str, Any], name: str, *, count: int, least: int
) -> list[int]:
    """Return a list attribute of a convolution, `least` everywhere where it is not given."""
    values = attributes.get(name) or [least] * count
    if not isinstance(values, list) or len(values) != count or min(values) < least:
        raise shapes.error(
            node, f"{name} is {values}; must be {count} numbers of at least {least}", "Export the network again."
        )
    return values


def _padding(
    shapes: Shapes,
    node: NodeProto,
    attributes: dict[str, Any],
    *,
    size: list[int],
    extents: list[int],
    strides: list[int],
) -> tuple[list[int], list[int]]:
    """Return the padding before and after each axis [pixels], which auto_pad computes from the sizes."""
    axes = len(size)
    pads = _numbers(shapes, node, attributes, "pads", count=2 * axes, least=0)
    given = attributes.get("auto_pad", b"NOTSET")
    auto_pad = given.decode() if isinstance(given, bytes) else str(given)
    if auto_pad == "NOTSET":
        return pads[:axes], pads[axes:]
    if auto_pad == "VALID":
        return [0] * axes, [0] * axes
    if auto_pad not in {"SAME_UPPER", "SAME_LOWER"}:
        raise shapes.error(
            node,
            f"auto_pad is {auto_pad}; must be NOTSET, SAME_UPPER, SAME_LOWER or VALID",
            "Export the network again.",
        )
    less, more = [0] * axes, [0] * axes
    for axis, (pixels, extent, stride) in enumerate(zip(size, extents, strides, strict=True)):
        steps = -(-pixels // stride) - 1
        total = max(0, steps * stride + extent - pixels)
        less[axis], more[axis] = total // 2, total - total // 2
    return (less, more) if auto_pad == "SAME_UPPER" else (more, less)


def attributes_of(node: NodeProto) -> dict[str, Any]:
    """Return the attributes of a node as Python values."""
    return {attribute.name: helper.get_attribute_value(attribute) for attribute in node.attribute}


def known_shape(value: ValueInfoProto) -> tuple[int, ...] | None:
    """Return the shape of a value; None where a size is symbolic."""
    tensor = value.type.tensor_type
    if not tensor.HasField("shape") or not all(dim.HasField("dim_value") for dim in tensor.shape.dim):
        return None
    return tuple(dim.dim_value for dim in tensor.shape.dim)


def node_name(node: NodeProto) -> str:
    """Return the name of a node, or that of its output."""
    return clean(node.name or (node.output[0] if node.output else node.op_type))


def clean(name: str) -> str:
    """Keep of a name from a file what can neither break a line nor be read as a sentence."""
    return re.sub(r"[^\w.:/@+\-]+", "_", name, flags=re.ASCII)[:80]


def by(sizes: list[int] | tuple[int, ...]) -> str:
    """Write sizes for a message."""
    return " x ".join(map(str, sizes)) or "scalar"


def scalar(tensor: TensorProto) -> float | None:
    """Return the number that a tensor holds; None where it holds several or cannot be read."""
    if prod(tensor.dims) != 1 or tensor.data_location == TensorProto.EXTERNAL:
        return None
    try:
        return float(numpy_helper.to_array(tensor).item())
    except (TypeError, ValueError):
        return None
