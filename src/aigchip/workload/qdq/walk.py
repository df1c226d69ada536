"""The state of one pass over the nodes of a quantised file, and what operators ask of it."""

from dataclasses import dataclass, field
from typing import Any

from numpy.typing import NDArray
from onnx import GraphProto, NodeProto, TensorProto, numpy_helper

from aigchip.workload.errors import WorkloadError
from aigchip.workload.graph import Graph, Node, Shape
from aigchip.workload.onnx_nodes import Shapes, by, clean
from aigchip.workload.parameters import Quantisation
from aigchip.workload.qdq.values import Constant, Picture, RealOutput, Stored, Value, Waiting

QUANTISE_ALL = "Put a QuantizeLinear and a DequantizeLinear between any two operators."


@dataclass
class Walk:
    """What is known while the nodes are read in their order.

    Attributes:
        shapes: of all tensors.
        picture, picture_shape: the network's input.
        values: what is known of each tensor so far.
        nodes: that are complete.
        made: the 8-bit values that were made of a float tensor.
        picture_quantisation: what the picture's 8-bit values mean.
    """

    shapes: Shapes
    picture: str
    picture_shape: Shape
    outputs: tuple[str, ...]
    initialisers: dict[str, TensorProto]
    readers: dict[str, int]
    values: dict[str, Value] = field(default_factory=dict)
    nodes: list[Node] = field(default_factory=list)
    made: dict[str, Stored] = field(default_factory=dict)
    picture_quantisation: Quantisation | None = None

    @classmethod
    def of(cls, graph: GraphProto, where: str) -> "Walk":
        """Stand before the first node of a graph whose shapes were inferred."""
        initialisers = {tensor.name: tensor for tensor in graph.initializer}
        inputs = [value.name for value in graph.input if value.name not in initialisers]
        if len(inputs) != 1:
            raise WorkloadError(where, f"the network has {len(inputs)} inputs; must have 1", "Export it for a picture.")
        shapes = Shapes.of(graph, where)
        picture = clean(inputs[0])
        dims = shapes.shapes.get(inputs[0], ())
        if not _is_picture(dims):
            raise WorkloadError(
                where,
                f"input {picture} is {by(dims)}; must be one picture: 2 to 4 dimensions, the first 1",
                "Export it with batch 1.",
            )
        readers: dict[str, int] = {}
        for node in graph.node:
            for name in node.input:
                readers[name] = readers.get(name, 0) + 1
        return cls(
            shapes=shapes,
            picture=picture,
            picture_shape=_picture_shape(dims),
            outputs=tuple(value.name for value in graph.output),
            initialisers=initialisers,
            readers=readers,
            values={inputs[0]: Picture(picture)},
        )

    def graph(self, name: str) -> Graph:
        """Return the graph of all complete nodes."""
        outputs: list[str] = []
        for tensor in self.outputs:
            value = self.values.get(tensor)
            if not isinstance(value, Stored | RealOutput):
                where = f"{self.shapes.where}: output {clean(tensor)}"
                raise WorkloadError(where, "the values are not quantised; must be", "Quantise the output.")
            outputs.append(value.name)
        return Graph(
            name=name,
            input_name=self.picture,
            input_shape=self.picture_shape,
            input_quantisation=self.picture_quantisation,
            nodes=tuple(self.nodes),
            outputs=tuple(dict.fromkeys(outputs)),
        )

    def error(self, node: NodeProto, what: str, remedy: str) -> WorkloadError:
        """Build the error of a node."""
        return self.shapes.error(node, what, remedy)

    def value(self, node: NodeProto, position: int) -> Value | None:
        """Return what is known of a node's input; None where it has none."""
        name = node.input[position] if position < len(node.input) else ""
        if name in self.initialisers and name not in self.values:
            self.values[name] = Constant(self.array(node, self.initialisers[name]))
        return self.values.get(name)

    def array(self, node: NodeProto, tensor: TensorProto) -> NDArray[Any]:
        """Return the values of a tensor that the file holds."""
        try:
            return numpy_helper.to_array(tensor)
        except (TypeError, ValueError) as error:
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise self.error(
                node, f"constant {clean(tensor.name)} cannot be read: {reason}", "Export the network again."
            ) from None

    def constant(self, node: NodeProto, position: int, what: str) -> Constant:
        """Return a constant input, named in errors as `what`."""
        value = self.value(node, position)
        if not isinstance(value, Constant):
            raise self.error(
                node, f"{what} is computed; must be a constant", "Export the network with constants folded."
            )
        return value

    def stored(self, node: NodeProto, position: int) -> Stored:
        """Return the 8-bit values that a node reads behind a DequantizeLinear."""
        value = self.value(node, position)
        if not isinstance(value, Stored) or not value.real:
            raise self.error(
                node,
                f"input {position} of {node.op_type} is not quantised; must come from a DequantizeLinear",
                QUANTISE_ALL,
            )
        return value

    def alone(self, node: NodeProto, waiting: Waiting, position: int = 0) -> Waiting:
        """Return an operator that only this node reads, so that what the node does can be joined to it."""
        name = node.input[position]
        if self.readers.get(name, 0) > 1 or name in self.outputs:
            raise self.error(
                node, f"the output of {waiting.draft.name} has other readers too; must be quantised first", QUANTISE_ALL
            )
        return waiting

    def output_shape(self, node: NodeProto) -> Shape:
        """Return the shape of a node's output for one picture."""
        dims = self.shapes.shapes.get(node.output[0], ())
        if not _is_picture(dims):
            raise self.error(
                node,
                f"the output is {by(dims)}; must be one picture: 2 to 4 dimensions, the first 1",
                "Export the network with fixed sizes and batch 1.",
            )
        return _picture_shape(dims)

    def shape_of(self, stored: Stored) -> Shape:
        """Return the shape of the node that made values."""
        if stored.name == self.picture:
            return self.picture_shape
        return next(node.output_shape for node in self.nodes if node.name == stored.name)


def _is_picture(dims: tuple[int, ...]) -> bool:
    return 2 <= len(dims) <= 4 and dims[0] == 1 and 0 not in dims


def _picture_shape(dims: tuple[int, ...]) -> Shape:
    """Return channels, height and width of a tensor whose first dimension is the batch; a line has height 1."""
    channels, *size = dims[1:]
    height, width = [*[1] * (2 - len(size)), *size]
    return channels, height, width
