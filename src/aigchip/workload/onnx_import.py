"""Import an ONNX file: convolutions and matrix products become layers, the rest is listed or refused, never dropped.

Reference: ONNX operators Conv, Gemm and MatMul (opset 1 to 24); shapes come from onnx's own shape inference.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from math import prod
from pathlib import Path
from typing import Any

import onnx
from onnx import (
    GraphProto,
    ModelProto,
    NodeProto,
    TensorProto,
    ValueInfoProto,
    helper,
    inliner,
    numpy_helper,
    shape_inference,
)

from aigchip.core.paths import relative
from aigchip.workload.errors import WorkloadError
from aigchip.workload.host_operators import HOST_OPERATORS
from aigchip.workload.layers import Layer, SkippedOperator, Workload, conv_kind
from aigchip.workload.window import Window

#: Weights larger than this are dropped before shape inference, which needs only their shapes [values].
_KEPT_VALUES_MAX = 1024


def import_onnx(path: Path, resolution: int | None = None) -> Workload:
    """Read an ONNX file as a workload of one inference (batch 1 where the batch is symbolic).

    Args:
        path: the file.
        resolution: height and width for a picture input whose size is symbolic [pixels]; must equal a fixed size.

    Raises:
        WorkloadError: the file is no ONNX model, a shape stays unknown, or an operator cannot be accelerated.
    """
    model = _read(path)
    where = relative(path)
    if model.functions:
        model = inliner.inline_local_functions(model)
    picture = _fix_inputs(model.graph, where, resolution)
    reader = _Reader(where=where)
    reader.read(_infer(model, where).graph)
    if not reader.layers:
        raise WorkloadError(
            where, "the network has no Conv, Gemm or MatMul; must have at least one to accelerate", "Give another file."
        )
    return Workload(
        name=path.stem, resolution=picture, layers=tuple(reader.layers), not_accelerated=tuple(reader.skipped)
    )


def _read(path: Path) -> ModelProto:
    where = relative(path)
    if path.is_dir():
        raise WorkloadError(where, "this is a folder", "Give the path of an ONNX file, or a built-in network.")
    if not path.is_file():
        raise WorkloadError(where, "the file does not exist", "Give the path of an ONNX file, or a built-in network.")
    try:
        model = onnx.load(path, load_external_data=False)
    except OSError as error:
        raise WorkloadError(where, f"the file cannot be read: {error.strerror}", "Make it readable.") from None
    except Exception as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise WorkloadError(where, f"not an ONNX model: {reason}", "Export the network again.") from None
    if not model.graph.node:
        raise WorkloadError(where, "not an ONNX model: it has no nodes", "Export the network again.")
    return model


def _fix_inputs(graph: GraphProto, where: str, resolution: int | None) -> int | None:
    """Replace symbolic sizes of the inputs, and return the size of a square picture among them."""
    weights = {tensor.name for tensor in graph.initializer}
    picture: int | None = None
    for value in graph.input:
        if value.name in weights:
            continue
        dims = value.type.tensor_type.shape.dim
        is_picture = len(dims) == 4
        for axis, dim in enumerate(dims):
            if dim.HasField("dim_value") and dim.dim_value > 0:
                if is_picture and axis > 1 and resolution is not None and dim.dim_value != resolution:
                    raise WorkloadError(
                        where,
                        f"resolution is {resolution}; must be {dim.dim_value}, the size that the file fixes",
                        f"Use resolution={dim.dim_value}, or export the network with a symbolic size.",
                    )
            elif axis == 0:
                dim.dim_value = 1
            elif is_picture and axis > 1 and resolution is not None:
                dim.dim_value = resolution
            else:
                name = dim.dim_param or "unnamed"
                remedy = "Give resolution=224." if is_picture and axis > 1 else "Export the network with a fixed size."
                raise WorkloadError(
                    where, f"dimension {axis} of input {_clean(value.name)} is {_clean(name)}; must be known", remedy
                )
        if is_picture and dims[2].dim_value == dims[3].dim_value:
            picture = dims[2].dim_value
    return picture


def _infer(model: ModelProto, where: str) -> ModelProto:
    """Infer every shape anew from the inputs; what the file says of inner shapes may hold for another batch."""
    graph = model.graph
    del graph.value_info[:]
    for value in graph.output:
        value.type.tensor_type.ClearField("shape")
    for tensor in graph.initializer:
        if prod(tensor.dims) > _KEPT_VALUES_MAX:
            for content in ("raw_data", "float_data", "int32_data", "int64_data", "double_data", "uint64_data"):
                tensor.ClearField(content)
    try:
        return shape_inference.infer_shapes(model, strict_mode=True, data_prop=True)
    except shape_inference.InferenceError:
        pass
    except Exception as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise WorkloadError(where, f"not a valid ONNX model: {reason}", "Export the network again.") from None
    # Custom operators make strict inference fail; the reader names them, or the shape that is missing.
    return shape_inference.infer_shapes(model, data_prop=True)


@dataclass
class _Reader:
    """Walk over a graph in its order and collect layers and skipped operators."""

    where: str
    layers: list[Layer] = field(default_factory=list)
    skipped: list[SkippedOperator] = field(default_factory=list)
    shapes: dict[str, tuple[int, ...]] = field(default_factory=dict)
    constants: set[str] = field(default_factory=set)
    readers: dict[str, list[NodeProto]] = field(default_factory=dict)
    limits: dict[str, float] = field(default_factory=dict)

    def read(self, graph: GraphProto) -> None:
        for tensor in graph.initializer:
            self.shapes[tensor.name] = tuple(tensor.dims)
            self.constants.add(tensor.name)
            if prod(tensor.dims) == 1 and tensor.data_type == TensorProto.FLOAT:
                self.limits[tensor.name] = float(numpy_helper.to_array(tensor).item())
        for node in graph.node:
            for name in node.input:
                self.readers.setdefault(name, []).append(node)
        for value in (*graph.input, *graph.value_info, *graph.output):
            shape = _known_shape(value)
            if shape is not None:
                self.shapes[value.name] = shape
        for node in graph.node:
            self._read_node(node)

    def _read_node(self, node: NodeProto) -> None:
        standard = node.domain in {"", "ai.onnx"}
        importer = _IMPORTERS.get(node.op_type) if standard else None
        if importer is not None:
            layer = importer(self, node, _attributes(node))
            self.layers.append(replace(layer, activation=self._activation(node.output[0])))
        elif standard and node.op_type in HOST_OPERATORS:
            self.skipped.append(SkippedOperator(node=_name(node), operator=node.op_type))
            if all(name in self.constants for name in node.input if name):
                self.constants.update(node.output)
        else:
            operator = node.op_type if standard else f"{node.domain}.{node.op_type}"
            raise self.error(node, f"operator {operator} is not supported; must be Conv, Gemm, MatMul or one that the "
                             "host runs", "Export the network without it.")  # fmt: skip

    def _activation(self, tensor: str) -> str:
        """Return what a layer's only reader does with its output, behind a normalisation or the addition of a bias."""
        while len(self.readers.get(tensor, ())) == 1:
            (reader,) = self.readers[tensor]
            others = [name for name in reader.input if name and name != tensor]
            constant = all(name in self.constants for name in others)
            match reader.op_type:
                case "BatchNormalization" | "Add" | "Dropout" | "Identity" if constant:
                    tensor = reader.output[0]
                case "Relu":
                    return "relu"
                case "LeakyRelu":
                    return "leaky_relu"
                case "Clip":
                    attributes = _attributes(reader)
                    low, high = [*[self.limits.get(name) for name in reader.input[1:]], None, None][:2]
                    limits = attributes.get("min", low), attributes.get("max", high)
                    return "relu6" if limits == (0, 6) else "none"
                case _:
                    return "none"
        return "none"

    def place(self, node: NodeProto) -> str:
        return f"{self.where}: node {_name(node)}"

    def error(self, node: NodeProto, what: str, remedy: str) -> WorkloadError:
        return WorkloadError(self.place(node), what, remedy)

    def shape(self, node: NodeProto, position: int, *, ranks: range) -> tuple[int, ...]:
        name = node.input[position] if position < len(node.input) else ""
        if not name:
            raise self.error(node, f"input {position} of {node.op_type} is missing", "Export the network again.")
        shape = self.shapes.get(name)
        if shape is None:
            raise self.error(
                node,
                f"the shape of {_clean(name)} is unknown; must follow from the inputs",
                "Export the network with fixed sizes.",
            )
        if len(shape) not in ranks or 0 in shape:
            raise self.error(
                node,
                f"the shape of {_clean(name)} is {_by(shape)}; must have {ranks.start} to {ranks.stop - 1} dimensions, none 0",
                f"Export the network with a supported {node.op_type}.",
            )
        return shape


def _conv(reader: _Reader, node: NodeProto, attributes: dict[str, Any]) -> Layer:
    batch, input_channels, *size = reader.shape(node, 0, ranks=range(3, 5))
    output_channels, channels_of_group, *kernel = reader.shape(node, 1, ranks=range(3, 5))
    groups = attributes.get("group", 1)
    if groups < 1 or channels_of_group * groups != input_channels or output_channels % groups:
        raise reader.error(
            node,
            f"groups x weight channels is {groups} x {channels_of_group}; must be the {input_channels} channels of the "
            f"input and divide the {output_channels} of the output",
            "Export the network again.",
        )
    if len(size) != len(kernel):
        raise reader.error(
            node, f"the kernel has {len(kernel)} dimensions; must have {len(size)}", "Export the network again."
        )
    strides = _window(reader, node, attributes, "strides", count=len(kernel), least=1)
    dilations = _window(reader, node, attributes, "dilations", count=len(kernel), least=1)
    extents = [(taps - 1) * dilation + 1 for taps, dilation in zip(kernel, dilations, strict=True)]
    before, after = _padding(reader, node, attributes, size=size, extents=extents, strides=strides)
    if len(size) == 1:  # a line is a picture of height 1
        size, kernel, strides, dilations = [1, *size], [1, *kernel], [1, *strides], [1, *dilations]
        before, after = [0, *before], [0, *after]
    window = Window(
        kernel=(kernel[0], kernel[1]),
        stride=(strides[0], strides[1]),
        padding=(before[0], before[1], after[0], after[1]),
        dilation=(dilations[0], dilations[1]),
    )
    output_height, output_width = window.output_size((size[0], size[1]), reader.place(node))
    return Layer(
        name=_name(node),
        kind=conv_kind(kernel=window.kernel, input_channels=input_channels, groups=groups),
        input_height=size[0],
        input_width=size[1],
        input_channels=input_channels,
        output_height=output_height,
        output_width=output_width,
        output_channels=output_channels,
        kernel_height=kernel[0],
        kernel_width=kernel[1],
        stride=window.stride,
        padding=window.padding,
        dilation=window.dilation,
        groups=groups,
        batch=batch,
    )


def _window(
    reader: _Reader, node: NodeProto, attributes: dict[str, Any], name: str, *, count: int, least: int
) -> list[int]:
    """Return a list attribute of a convolution, `least` everywhere where it is not given."""
    values = attributes.get(name) or [least] * count
    if not isinstance(values, list) or len(values) != count or min(values) < least:
        raise reader.error(
            node, f"{name} is {values}; must be {count} numbers of at least {least}", "Export the network again."
        )
    return values


def _padding(
    reader: _Reader,
    node: NodeProto,
    attributes: dict[str, Any],
    *,
    size: list[int],
    extents: list[int],
    strides: list[int],
) -> tuple[list[int], list[int]]:
    """Return the padding before and after each axis [pixels], which auto_pad computes from the sizes."""
    axes = len(size)
    pads = _window(reader, node, attributes, "pads", count=2 * axes, least=0)
    auto_pad = attributes.get("auto_pad", b"NOTSET").decode()
    if auto_pad == "NOTSET":
        return pads[:axes], pads[axes:]
    if auto_pad == "VALID":
        return [0] * axes, [0] * axes
    if auto_pad not in {"SAME_UPPER", "SAME_LOWER"}:
        raise reader.error(
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


def _gemm(reader: _Reader, node: NodeProto, attributes: dict[str, Any]) -> Layer:
    first = reader.shape(node, 0, ranks=range(2, 3))
    second = reader.shape(node, 1, ranks=range(2, 3))
    if attributes.get("transA", 0):
        first = first[::-1]
    if attributes.get("transB", 0):
        second = second[::-1]
    return _product(reader, node, first, second)


def _matmul(reader: _Reader, node: NodeProto, attributes: dict[str, Any]) -> Layer:
    del attributes
    first = reader.shape(node, 0, ranks=range(1, 9))
    second = reader.shape(node, 1, ranks=range(1, 9))
    first = (1, *first) if len(first) == 1 else first
    second = (*second, 1) if len(second) == 1 else second
    return _product(reader, node, first, second)


def _product(reader: _Reader, node: NodeProto, first: tuple[int, ...], second: tuple[int, ...]) -> Layer:
    """Turn a stack of row-major products into a layer: features are output channels, rows are pixels."""
    *first_stack, rows, depth = first
    *second_stack, second_depth, columns = second
    if depth != second_depth:
        raise reader.error(
            node,
            f"the inner dimensions are {depth} and {second_depth}; must be equal",
            "Export the network again.",
        )
    weights = [name in reader.constants for name in node.input[:2]]
    if weights[0] and not weights[1]:  # A is the weights: its rows are the features
        features, pixels = rows, columns
    else:
        features, pixels = columns, rows
    repeats = _broadcast(reader, node, first_stack, second_stack)
    if prod(second_stack) == 1 and not weights[0]:  # one matrix for the whole stack: one taller product
        pixels, repeats = pixels * repeats, 1
    return Layer(
        name=_name(node),
        kind="fc" if any(weights) else "matmul",
        input_height=1,
        input_width=pixels,
        input_channels=depth,
        output_height=1,
        output_width=pixels,
        output_channels=features,
        repeats=repeats,
    )


def _broadcast(reader: _Reader, node: NodeProto, first: list[int], second: list[int]) -> int:
    """Return the number of products in two stacks of matrices, by numpy's rule of broadcasting."""
    rank = max(len(first), len(second))
    padded = [[1] * (rank - len(stack)) + stack for stack in (first, second)]
    for a, b in zip(*padded, strict=True):
        if a != b and 1 not in (a, b):
            raise reader.error(
                node, f"the stacks are {_by(first)} and {_by(second)}; must broadcast", "Export the network again."
            )
    return prod(max(a, b) for a, b in zip(*padded, strict=True))


_IMPORTERS: dict[str, Callable[[_Reader, NodeProto, dict[str, Any]], Layer]] = {
    "Conv": _conv,
    "Gemm": _gemm,
    "MatMul": _matmul,
}


def _attributes(node: NodeProto) -> dict[str, Any]:
    return {attribute.name: helper.get_attribute_value(attribute) for attribute in node.attribute}


def _known_shape(value: ValueInfoProto) -> tuple[int, ...] | None:
    tensor = value.type.tensor_type
    if not tensor.HasField("shape") or not all(dim.HasField("dim_value") for dim in tensor.shape.dim):
        return None
    return tuple(dim.dim_value for dim in tensor.shape.dim)


def _name(node: NodeProto) -> str:
    return _clean(node.name or (node.output[0] if node.output else node.op_type))


def _clean(name: str) -> str:
    """Keep of a name from a file what can neither break a line nor be read as a sentence."""
    return re.sub(r"[^\w.:/@+\-]+", "_", name, flags=re.ASCII)[:80]


def _by(sizes: list[int] | tuple[int, ...]) -> str:
    return " x ".join(map(str, sizes)) or "scalar"
