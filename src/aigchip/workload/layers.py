"""Layers of a network as the accelerator sees them, and the GEMMs that they become."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aigchip.workload.errors import WorkloadError
from aigchip.workload.window import Padding, Window

if TYPE_CHECKING:
    from aigchip.workload.graph import Graph


#: What a layer or an addition does with its sums before it hands them on; leaky_relu has slope 0.1 below zero in built-in networks.
ACTIVATIONS = ("none", "relu", "relu6", "leaky_relu")


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One layer that multiplies: a convolution, a fully connected layer, or a product of two activations.

    Attributes:
        name: name in the network.
        input_height, input_width, input_channels: shape of the input; 1 x 1 x K where there is no picture.
        output_height, output_width, output_channels: shape of the output; must follow from the rest.
        kernel_height, kernel_width: size of the kernel [pixels].
        stride: vertical and horizontal stride [pixels].
        padding: added at the top, left, bottom and right of the input [pixels].
        dilation: vertical and horizontal distance between neighbouring taps of the kernel [pixels].
        groups: independent parts that the channels are divided into.
        batch: pictures that share the weights.
        kind: conv, conv1x1, dwconv (depthwise), fc, or matmul (both operands are activations).
        repeats: how many such products the layer forms beside its groups (a stack of matrices).
        activation: one of `ACTIVATIONS`.

    Raises:
        WorkloadError: the sizes contradict each other.
    """

    name: str
    kind: str
    input_height: int
    input_width: int
    input_channels: int
    output_height: int
    output_width: int
    output_channels: int
    kernel_height: int = 1
    kernel_width: int = 1
    stride: tuple[int, int] = (1, 1)
    padding: Padding = (0, 0, 0, 0)
    dilation: tuple[int, int] = (1, 1)
    groups: int = 1
    batch: int = 1
    repeats: int = 1
    activation: str = "none"

    def __post_init__(self) -> None:
        where = f"layer {self.name}"
        for name in _SIZES:
            value: int = getattr(self, name)
            if value < 1:
                raise WorkloadError(where, f"{name} is {value}; must be at least 1", f"Correct {name}.")
        if self.input_channels % self.groups or self.output_channels % self.groups:
            raise WorkloadError(
                where,
                f"groups is {self.groups}; must divide the {self.input_channels} channels of the input and the "
                f"{self.output_channels} of the output",
                "Correct groups.",
            )
        if self.activation not in ACTIVATIONS:
            raise WorkloadError(
                where,
                f"activation is {self.activation}; must be one of {', '.join(ACTIVATIONS)}",
                "Correct activation.",
            )
        expected = self.window.output_size((self.input_height, self.input_width), where)
        if (self.output_height, self.output_width) != expected:
            raise WorkloadError(
                where,
                f"the output is {self.output_height} x {self.output_width}; must be {expected[0]} x {expected[1]}, "
                "which follows from input, kernel, stride, padding and dilation",
                "Correct the output or the padding.",
            )

    @property
    def window(self) -> Window:
        """The kernel and how it walks over the input."""
        return Window(
            kernel=(self.kernel_height, self.kernel_width),
            stride=self.stride,
            padding=self.padding,
            dilation=self.dilation,
        )

    @property
    def gemm(self) -> "Gemm":
        """The matrix product of the layer, counted once for each group and repeat."""
        return Gemm(
            kind=self.kind,
            m=self.output_channels // self.groups,
            k=self.kernel_height * self.kernel_width * (self.input_channels // self.groups),
            n=self.output_height * self.output_width * self.batch,
            count=self.groups * self.repeats,
        )

    @property
    def macs(self) -> int:
        """Multiply-accumulates of the layer."""
        return self.gemm.macs

    @property
    def weight_bytes(self) -> int:
        """Size of the first operand at 8 bits a weight."""
        gemm = self.gemm
        return gemm.m * gemm.k * gemm.count

    @property
    def input_bytes(self) -> int:
        """Size of the input at 8 bits a value."""
        return self.input_height * self.input_width * self.input_channels * self.batch * self.repeats

    @property
    def output_bytes(self) -> int:
        """Size of the output at 8 bits a value."""
        return self.output_height * self.output_width * self.output_channels * self.batch * self.repeats

    @property
    def im2col_bytes(self) -> int:
        """Size of the second operand when every window is written out."""
        gemm = self.gemm
        return gemm.k * gemm.n * gemm.count


#: Attributes of a layer that count something.
_SIZES = (
    *("input_height", "input_width", "input_channels", "output_height", "output_width", "output_channels"),
    *("kernel_height", "kernel_width", "groups", "batch", "repeats"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gemm:
    """C (M, N) = A (M, K) x B (K, N), `count` times: M output channels, N output pixels."""

    kind: str
    m: int
    k: int
    n: int
    count: int = 1

    @property
    def macs(self) -> int:
        """Multiply-accumulates of all `count` products."""
        return self.m * self.k * self.n * self.count


@dataclass(frozen=True, slots=True, kw_only=True)
class SkippedOperator:
    """An operator of a network that the accelerator leaves to the host, and that does not multiply matrices."""

    node: str
    operator: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """Everything that a network asks of the accelerator.

    Attributes:
        name: name of the built-in network, or stem of the file.
        resolution: height and width of the input picture [pixels]; None where the input is no square picture.
        layers: layers in the order of execution.
        not_accelerated: operators that stay on the host.
        graph: the layers with what stands between them, where that is known; its layers are `layers`.
    """

    name: str
    resolution: int | None
    layers: tuple[Layer, ...]
    not_accelerated: tuple[SkippedOperator, ...] = ()
    graph: "Graph | None" = None

    @property
    def gemms(self) -> tuple[Gemm, ...]:
        """The distinct GEMMs with how often each is run, in the order of their first use."""
        return merge_gemms(layer.gemm for layer in self.layers)

    @property
    def macs(self) -> int:
        """Multiply-accumulates of one inference."""
        return sum(layer.macs for layer in self.layers)


def product(m: int, k: int, n: int) -> Workload:
    """Return a matrix product, (m x k) weights by (k x n) activations, as a workload of one layer."""
    name = f"gemm{m}x{k}x{n}"
    layer = Layer(
        name=name,
        kind="conv1x1",
        input_height=1,
        input_width=n,
        input_channels=k,
        output_height=1,
        output_width=n,
        output_channels=m,
    )
    return Workload(name=name, resolution=None, layers=(layer,))


def merge_gemms(gemms: Iterable[Gemm]) -> tuple[Gemm, ...]:
    """Join equal shapes of one kind and add their counts, keeping the order of first use."""
    counts: dict[tuple[str, int, int, int], int] = {}
    for gemm in gemms:
        key = (gemm.kind, gemm.m, gemm.k, gemm.n)
        counts[key] = counts.get(key, 0) + gemm.count
    return tuple(Gemm(kind=kind, m=m, k=k, n=n, count=count) for (kind, m, k, n), count in counts.items())


def conv_kind(*, kernel: tuple[int, int], input_channels: int, groups: int) -> str:
    """Name the kind of a convolution."""
    if groups == input_channels and groups > 1:
        return "dwconv"
    return "conv1x1" if kernel == (1, 1) else "conv"
