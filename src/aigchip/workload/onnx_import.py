"""Import an ONNX file: convolutions and matrix products become layers, the rest is listed or refused, never dropped."""

from dataclasses import dataclass, field, replace
from pathlib import Path

from onnx import GraphProto, NodeProto, TensorProto

from aigchip.core.paths import relative
from aigchip.workload.errors import WorkloadError
from aigchip.workload.host_operators import HOST_OPERATORS
from aigchip.workload.layers import Layer, SkippedOperator, Workload
from aigchip.workload.onnx_file import open_onnx
from aigchip.workload.onnx_layers import LAYER_OPERATORS
from aigchip.workload.onnx_nodes import Shapes, attributes_of, node_name, scalar

#: Operators between a layer and its activation: a bias, a normalisation, a dropout.
_DEPTH = 4


def import_onnx(path: Path, resolution: int | None = None) -> Workload:
    """Read an ONNX file as a workload of one inference (batch 1 where the batch is symbolic).

    Args:
        path: the file.
        resolution: height and width for a picture input whose size is symbolic [pixels]; must equal a fixed size.

    Raises:
        WorkloadError: the file is no ONNX model, a shape stays unknown, or an operator cannot be accelerated.
    """
    model, picture = open_onnx(path, resolution)
    where = relative(path)
    reader = _Reader(Shapes.of(model.graph, where))
    reader.read(model.graph)
    if not reader.layers:
        raise WorkloadError(
            where, "the network has no Conv, Gemm or MatMul; must have at least one to accelerate", "Give another file."
        )
    return Workload(
        name=path.stem, resolution=picture, layers=tuple(reader.layers), not_accelerated=tuple(reader.skipped)
    )


@dataclass
class _Reader:
    """Walk over a graph in its order and collect layers and skipped operators."""

    shapes: Shapes
    layers: list[Layer] = field(default_factory=list)
    skipped: list[SkippedOperator] = field(default_factory=list)
    readers: dict[str, list[NodeProto]] = field(default_factory=dict)
    scalars: dict[str, float | None] = field(default_factory=dict)

    def read(self, graph: GraphProto) -> None:
        self.scalars = {tensor.name: scalar(tensor) for tensor in graph.initializer}
        for node in graph.node:
            for name in node.input:
                self.readers.setdefault(name, []).append(node)
            if node.op_type == "Constant" and node.output:
                value = attributes_of(node).get("value")
                self.scalars[node.output[0]] = scalar(value) if isinstance(value, TensorProto) else None
        for node in graph.node:
            self._read_node(node)

    def _read_node(self, node: NodeProto) -> None:
        standard = node.domain in {"", "ai.onnx"}
        to_layer = LAYER_OPERATORS.get(node.op_type) if standard else None
        if to_layer is not None:
            layer = to_layer(self.shapes, node, attributes_of(node))
            self.layers.append(replace(layer, activation=self._activation(node)))
        elif standard and node.op_type in HOST_OPERATORS:
            self.skipped.append(SkippedOperator(node=node_name(node), operator=node.op_type))
            if all(name in self.shapes.constants for name in node.input if name):
                self.shapes.constants.update(node.output)
        else:
            operator = node.op_type if standard else f"{node.domain}.{node.op_type}"
            raise self.shapes.error(
                node,
                f"operator {operator} is not supported; must be Conv, Gemm, MatMul or one that the host runs",
                "Export the network without it.",
            )

    def _activation(self, layer: NodeProto) -> str:
        """Return what the only reader of a layer does with its output, behind a normalisation or a bias."""
        node = layer
        for _ in range(_DEPTH):
            tensor = node.output[0] if node.output else ""
            if len(self.readers.get(tensor, ())) != 1:
                return "none"
            (node,) = self.readers[tensor]
            others = [name for name in node.input if name and name != tensor]
            match node.op_type:
                case "BatchNormalization" | "Add" | "Dropout" | "Identity" if set(others) <= self.shapes.constants:
                    continue
                case "Relu":
                    return "relu"
                case "LeakyRelu":
                    return "leaky_relu"
                case "Clip":
                    attributes = attributes_of(node)
                    low, high = [*[self.scalars.get(name) for name in node.input[1:]], None, None][:2]
                    return "relu6" if (attributes.get("min", low), attributes.get("max", high)) == (0, 6) else "none"
                case _:
                    return "none"
        return "none"
