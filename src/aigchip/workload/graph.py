"""A network as a graph: its layers, what the host does between them, and who reads whose output."""

from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING

from aigchip.workload.errors import WorkloadError
from aigchip.workload.layers import ACTIVATIONS, Layer
from aigchip.workload.window import Window

if TYPE_CHECKING:  # numpy takes 0.15 s to import
    from aigchip.workload.parameters import HostScaling, LayerParameters, Quantisation

#: Channels, height, width of what one node hands on for one picture.
Shape = tuple[int, int, int]

#: What the host can do between two layers.
#:
#: - max_pool, average_pool: over the taps of `window`. Padding never is the largest; it counts as 0 in an average,
#:   which divides by all taps.
#: - adaptive_average_pool: output row i averages the rows from floor(i H / h) up to ceil((i + 1) H / h), columns
#:   alike; H is the input's height, h the output's.
#: - add: of two inputs.
#: - concat: the channels of all inputs in their order.
#: - upsample: every pixel becomes `factor` x `factor` equal ones.
#: - reorg: every `factor` x `factor` block becomes one pixel; channel (i f + j) C + c of the output is pixel (i, j) of
#:   the block in channel c of the C (ONNX SpaceToDepth).
#: - lrn: x / (1 + 1e-4 / 5 x the sum of squares of the 5 channels around) ** 0.75.
#: - rescale: the same values at another scale.
#: - softmax: over the channels.
HOST_KINDS = (
    *("max_pool", "average_pool", "adaptive_average_pool", "add", "concat", "upsample", "reorg", "lrn"),
    *("rescale", "softmax"),
)

#: Host operators that compute with 8-bit values, by a scaling, and may have an activation; then those that only choose
#: among values. The others need real numbers.
SCALING_KINDS = ("average_pool", "add", "rescale")
MOVING_KINDS = ("max_pool", "concat", "upsample", "reorg")


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerNode:
    """A layer in its place.

    Attributes:
        layer: what is computed. An fc layer reads its input flattened: channels, in them rows, in them pixels.
        inputs: name of the node that it reads.
        parameters: weights and the rest, where the network is quantised.
        quantisation: of the output, where the network is quantised.
    """

    layer: Layer
    inputs: tuple[str, ...]
    parameters: "LayerParameters | None" = None
    quantisation: "Quantisation | None" = None

    @property
    def name(self) -> str:
        """Name of the layer and of its output."""
        return self.layer.name

    @property
    def output_shape(self) -> Shape:
        """Shape of what it hands on."""
        return self.layer.output_channels, self.layer.output_height, self.layer.output_width


@dataclass(frozen=True, slots=True, kw_only=True)
class HostOp:
    """An operator that the host carries out between layers.

    Attributes:
        name: name of the operator and of its output.
        kind: one of `HOST_KINDS`.
        inputs: names of the nodes that it reads.
        output_shape: shape of what it hands on.
        window: of max_pool and average_pool.
        factor: of upsample and reorg.
        activation: of `SCALING_KINDS`.
        scaling: of `SCALING_KINDS`, where the network is quantised.
        quantisation: of the output, where the network is quantised; None where the output is real (softmax).
    """

    name: str
    kind: str
    inputs: tuple[str, ...]
    output_shape: Shape
    window: Window | None = None
    factor: int = 1
    activation: str = "none"
    scaling: "HostScaling | None" = None
    quantisation: "Quantisation | None" = None


Node = LayerNode | HostOp


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """A whole network for one picture.

    Attributes:
        name: name of the network.
        input_name, input_shape: the picture.
        nodes: in an order of execution; each reads the picture or earlier nodes.
        outputs: names of the nodes whose outputs are the network's.
        input_quantisation: what the picture's 8-bit values mean, where the network is quantised.

    Raises:
        WorkloadError: the nodes do not fit together.
    """

    name: str
    input_shape: Shape
    nodes: tuple[Node, ...]
    outputs: tuple[str, ...]
    input_name: str = "input"
    input_quantisation: "Quantisation | None" = None

    def __post_init__(self) -> None:
        shapes = {self.input_name: self.input_shape}
        for node in self.nodes:
            where = f"{self.name}: node {node.name}"
            if node.name in shapes:
                raise WorkloadError(where, "the name occurs twice; must be unique", "Rename a node.")
            missing = [name for name in node.inputs if name not in shapes]
            if missing:
                raise WorkloadError(
                    where, f"input is {missing[0]}; must be the picture or an earlier node", "Correct inputs."
                )
            expected = output_shape(node, tuple(shapes[name] for name in node.inputs), where)
            if node.output_shape != expected:
                raise WorkloadError(
                    where, f"output_shape is {by(node.output_shape)}; must be {by(expected)}", "Correct output_shape."
                )
            shapes[node.name] = node.output_shape
        if self.input_quantisation is not None:
            self._check_quantised()
        read = {name for node in self.nodes for name in node.inputs}
        for name in self.outputs:
            if name not in shapes:
                raise WorkloadError(self.name, f"output is {name}; must be a node", "Correct outputs.")
        for name in shapes:
            if name not in read and name not in self.outputs:
                raise WorkloadError(
                    f"{self.name}: node {name}", "nothing reads the output; must be read or be an output", "Remove it."
                )

    def _check_quantised(self) -> None:
        for node in self.nodes:
            where = f"{self.name}: node {node.name}"
            sources = tuple(self.quantisation(name) for name in node.inputs)
            if isinstance(node, LayerNode):
                complete = node.parameters is not None and node.quantisation is not None
            elif node.kind in SCALING_KINDS:
                complete = node.scaling is not None and len(node.scaling.multipliers) == len(node.inputs)
            elif node.kind in MOVING_KINDS:
                complete = all(source == node.quantisation for source in sources)
            else:
                complete = node.quantisation is None
            if not complete or None in sources:
                raise WorkloadError(
                    where,
                    "the node has not the numbers of a quantised network; must have parameters or a scaling, and inputs of "
                    "8 bits",
                    "Quantise it.",
                )
            if isinstance(node, LayerNode) and node.parameters is not None:
                layer = node.layer
                wanted = (layer.output_channels, layer.input_channels // layer.groups, *layer.window.kernel)
                if node.parameters.weights.shape != wanted:
                    raise WorkloadError(
                        where,
                        f"weights is {by(node.parameters.weights.shape)}; must be {by(wanted)}",
                        "Correct weights.",
                    )

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The layers in the order of execution."""
        return tuple(node.layer for node in self.nodes if isinstance(node, LayerNode))

    def shape(self, name: str) -> Shape:
        """Return the shape of the picture or of a node's output."""
        return self.input_shape if name == self.input_name else self.node(name).output_shape

    def quantisation(self, name: str) -> "Quantisation | None":
        """Return what the 8-bit values of the picture or of a node's output mean; None where they are real."""
        return self.input_quantisation if name == self.input_name else self.node(name).quantisation

    def node(self, name: str) -> Node:
        """Return the node of a name."""
        return next(node for node in self.nodes if node.name == name)


def output_shape(node: Node, inputs: tuple[Shape, ...], where: str) -> Shape:
    """Return the shape that a node makes of its inputs' shapes.

    Raises:
        WorkloadError: the node cannot read inputs of these shapes.
    """
    if isinstance(node, LayerNode):
        return _layer_shape(node, inputs, where)
    if node.kind not in HOST_KINDS:
        raise WorkloadError(where, f"kind is {node.kind}; must be one of {', '.join(HOST_KINDS)}", "Correct kind.")
    allowed = ACTIVATIONS if node.kind in SCALING_KINDS else ("none",)
    if node.activation not in allowed:
        raise WorkloadError(
            where, f"activation is {node.activation}; must be one of {', '.join(allowed)}", "Correct activation."
        )
    fewest, most = {"add": (2, 2), "concat": (1, len(inputs))}.get(node.kind, (1, 1))
    if not fewest <= len(inputs) <= most:
        raise WorkloadError(where, f"{node.kind} has {len(inputs)} inputs; must have {fewest}", "Correct inputs.")
    channels, height, width = inputs[0]
    match node.kind:
        case "max_pool" | "average_pool":
            if node.window is None:
                raise WorkloadError(where, f"{node.kind} has no window; must have one", "Give a window.")
            return channels, *node.window.output_size((height, width), where)
        case "adaptive_average_pool":
            return channels, node.output_shape[1], node.output_shape[2]
        case "add" if inputs[0] != inputs[1]:
            raise WorkloadError(
                where, f"the inputs of add are {by(inputs[0])} and {by(inputs[1])}; must be equal", "Correct inputs."
            )
        case "concat":
            if any(shape[1:] != (height, width) for shape in inputs):
                sizes = " and ".join(by(shape) for shape in inputs)
                raise WorkloadError(
                    where, f"the inputs of concat are {sizes}; must have one height and width", "Correct inputs."
                )
            return sum(shape[0] for shape in inputs), height, width
        case "upsample":
            return channels, height * node.factor, width * node.factor
        case "reorg":
            if height % node.factor or width % node.factor:
                raise WorkloadError(
                    where, f"the input is {height} x {width}; must be multiples of {node.factor}", "Correct factor."
                )
            return channels * node.factor**2, height // node.factor, width // node.factor
    return inputs[0]


def _layer_shape(node: LayerNode, inputs: tuple[Shape, ...], where: str) -> Shape:
    layer = node.layer
    wanted = layer.input_channels, layer.input_height, layer.input_width
    if layer.kind == "matmul" or (layer.batch, layer.repeats) != (1, 1):
        raise WorkloadError(
            where,
            f"the layer is {layer.kind} with batch {layer.batch} and {layer.repeats} repeats; must have weights, batch 1 "
            "and 1 repeat",
            "Keep it as a layer without a graph.",
        )
    if len(inputs) != 1:
        raise WorkloadError(where, f"a layer has {len(inputs)} inputs; must have 1", "Correct inputs.")
    flat = layer.kind == "fc" and prod(inputs[0]) == layer.input_channels
    if inputs[0] != wanted and not flat:
        raise WorkloadError(where, f"the input is {by(inputs[0])}; must be {by(wanted)}", "Correct inputs.")
    return node.output_shape


def by(shape: tuple[int, ...]) -> str:
    """Write a shape for a message."""
    return " x ".join(map(str, shape))
