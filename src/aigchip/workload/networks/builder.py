"""Write a network down as a chain of calls; each adds a node to the graph."""

from dataclasses import dataclass, field, replace

from aigchip.workload.errors import WorkloadError
from aigchip.workload.graph import HostOp, LayerNode, Node, output_shape
from aigchip.workload.layers import Layer, conv_kind
from aigchip.workload.window import Window

#: Classes of the networks that were trained on ImageNet.
CLASSES = 1000


@dataclass(frozen=True, slots=True)
class Picture:
    """Square activations that the next node reads.

    Attributes:
        size: height and width [pixels].
        channels: of a pixel.
        name: of the node that made them, or of the network's input.
        nodes: all nodes of the network so far; every call appends to it.
    """

    size: int
    channels: int = 3
    name: str = "input"
    nodes: list[Node] = field(default_factory=list)

    def conv(
        self,
        name: str,
        channels: int,
        kernel: int,
        *,
        stride: int = 1,
        pad: int = 0,
        groups: int = 1,
        activation: str = "relu",
    ) -> "Picture":
        """Convolve, with `pad` pixels on every side."""
        window = Window(kernel=(kernel, kernel), stride=(stride, stride), padding=(pad, pad, pad, pad))
        size, _ = window.output_size((self.size, self.size), f"layer {name}")
        layer = Layer(
            name=name,
            kind=conv_kind(kernel=window.kernel, input_channels=self.channels, groups=groups),
            input_height=self.size,
            input_width=self.size,
            input_channels=self.channels,
            output_height=size,
            output_width=size,
            output_channels=channels,
            kernel_height=kernel,
            kernel_width=kernel,
            stride=window.stride,
            padding=window.padding,
            groups=groups,
            activation=activation,
        )
        return self._append(LayerNode(layer=layer, inputs=(self.name,)))

    def depthwise(self, name: str, *, stride: int = 1, activation: str = "relu") -> "Picture":
        """Convolve every channel by a 3 x 3 kernel of its own."""
        return self.conv(name, self.channels, 3, stride=stride, pad=1, groups=self.channels, activation=activation)

    def fc(self, name: str, features: int, *, activation: str = "none") -> "Picture":
        """Multiply the flattened activations by a matrix."""
        layer = Layer(
            name=name,
            kind="fc",
            input_height=1,
            input_width=1,
            input_channels=self.size * self.size * self.channels,
            output_height=1,
            output_width=1,
            output_channels=features,
            activation=activation,
        )
        return self._append(LayerNode(layer=layer, inputs=(self.name,)))

    def max_pool(
        self, kernel: int, *, stride: int, pad: int = 0, round_up: bool = False, same: bool = False, name: str = ""
    ) -> "Picture":
        """Take the largest pixel of each window.

        Args:
            kernel: height and width of the window [pixels].
            stride: step of the window [pixels].
            pad: padding on every side [pixels].
            round_up: let the last window hang over the edge (Caffe, ceil_mode) instead of leaving pixels out.
            same: pad at the bottom and right so that a window starts at every `stride`-th pixel (darknet).
            name: of the node, which is otherwise named after what it reads.
        """
        end = pad + kernel - 1 if same else pad
        window = Window(kernel=(kernel, kernel), stride=(stride, stride), padding=(pad, pad, end, end))
        if round_up:
            window = window.rounded_up((self.size, self.size))
        return self._host("max_pool", name or f"{self.name}_pool", window=window)

    def global_average(self) -> "Picture":
        """Average each channel."""
        return self._host("average_pool", f"{self.name}_average", window=Window(kernel=(self.size, self.size)))

    def adaptive_average(self, size: int) -> "Picture":
        """Average to a picture of a fixed size; nothing where it has that size."""
        if self.size == size:
            return self
        return self._append(
            HostOp(
                name=f"{self.name}_average",
                kind="adaptive_average_pool",
                inputs=(self.name,),
                output_shape=(self.channels, size, size),
            )
        )

    def add(self, name: str, other: "Picture", *, activation: str = "none") -> "Picture":
        """Add the activations of another node."""
        return self._host("add", name, inputs=(self.name, other.name), activation=activation)

    def concat(self, name: str, *others: "Picture") -> "Picture":
        """Append the channels of other nodes."""
        return self._host("concat", name, inputs=(self.name, *(other.name for other in others)))

    def upsample(self, factor: int) -> "Picture":
        """Repeat each pixel `factor` times in both directions."""
        return self._host("upsample", f"{self.name}_upsample", factor=factor)

    def reorg(self, factor: int) -> "Picture":
        """Make one pixel of every `factor` x `factor` block."""
        return self._host("reorg", f"{self.name}_reorg", factor=factor)

    def lrn(self) -> "Picture":
        """Divide each pixel by a norm of the channels around."""
        return self._host("lrn", f"{self.name}_lrn")

    def softmax(self) -> "Picture":
        """Turn the channels into probabilities."""
        return self._host("softmax", f"{self.name}_softmax")

    def _host(
        self,
        kind: str,
        name: str,
        *,
        inputs: tuple[str, ...] = (),
        window: Window | None = None,
        factor: int = 1,
        activation: str = "none",
    ) -> "Picture":
        inputs = inputs or (self.name,)
        draft = HostOp(
            name=name,
            kind=kind,
            inputs=inputs,
            output_shape=(0, 0, 0),
            window=window,
            factor=factor,
            activation=activation,
        )
        made = {node.name: node.output_shape for node in self.nodes}
        read = tuple(made.get(source, (self.channels, self.size, self.size)) for source in inputs)
        return self._append(replace(draft, output_shape=output_shape(draft, read, f"node {name}")))

    def _append(self, node: Node) -> "Picture":
        self.nodes.append(node)
        channels, size, width = node.output_shape
        if size != width:
            raise WorkloadError(f"node {node.name}", f"the output is {size} x {width}; must be square", "Correct it.")
        return Picture(size=size, channels=channels, name=node.name, nodes=self.nodes)
