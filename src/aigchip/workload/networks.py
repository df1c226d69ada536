"""Built-in networks, computed from their architectures at any resolution.

Reference: Krizhevsky 2014 (AlexNet, one tower) and 2012 (the Caffe model, two groups); He et al. 2016 (ResNet);
ResNet-50 v1.5 strides in the 3 x 3 convolution of a block, v1 in its first 1 x 1.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from aigchip.core.errors import nearest
from aigchip.workload.errors import WorkloadError
from aigchip.workload.layers import Layer, Workload, conv_kind

CLASSES = 1000


@dataclass
class _Picture:
    """The activations that the next layer reads, and the layers that made them."""

    size: int
    channels: int = 3
    layers: list[Layer] = field(default_factory=list)

    def conv(
        self, name: str, channels: int, kernel: int, *, stride: int = 1, pad: int = 0, groups: int = 1
    ) -> "_Picture":
        size = self._window(kernel, stride, pad)
        self.layers.append(
            Layer(
                name=name,
                kind=conv_kind(kernel=(kernel, kernel), input_channels=self.channels, groups=groups),
                input_height=self.size,
                input_width=self.size,
                input_channels=self.channels,
                output_height=size,
                output_width=size,
                output_channels=channels,
                kernel_height=kernel,
                kernel_width=kernel,
                stride=(stride, stride),
                padding=(pad, pad, pad, pad),
                groups=groups,
            )
        )
        self.size, self.channels = size, channels
        return self

    def pool(self, kernel: int, *, stride: int, pad: int = 0, round_up: bool = False) -> "_Picture":
        self.size = self._window(kernel, stride, pad, round_up=round_up)
        return self

    def adaptive_pool(self, size: int) -> "_Picture":
        self.size = size
        return self

    def fc(self, name: str, features: int) -> "_Picture":
        inputs = self.size * self.size * self.channels
        self.layers.append(
            Layer(
                name=name,
                kind="fc",
                input_height=1,
                input_width=1,
                input_channels=inputs,
                output_height=1,
                output_width=1,
                output_channels=features,
            )
        )
        self.size, self.channels = 1, features
        return self

    def branch(self) -> "_Picture":
        """Another reader of the same activations; its layers follow in the same list."""
        return _Picture(size=self.size, channels=self.channels, layers=self.layers)

    def _window(self, kernel: int, stride: int, pad: int, *, round_up: bool = False) -> int:
        padded = self.size + 2 * pad
        if padded < kernel:
            raise _TooSmallError
        return (padded - kernel + (stride - 1 if round_up else 0)) // stride + 1


class _TooSmallError(Exception):
    """The picture has become smaller than a kernel."""


def _alexnet(picture: _Picture) -> None:
    picture.conv("conv1", 64, 11, stride=4, pad=2).pool(3, stride=2)
    picture.conv("conv2", 192, 5, pad=2).pool(3, stride=2)
    picture.conv("conv3", 384, 3, pad=1).conv("conv4", 256, 3, pad=1).conv("conv5", 256, 3, pad=1)
    picture.pool(3, stride=2).adaptive_pool(6)
    picture.fc("fc6", 4096).fc("fc7", 4096).fc("fc8", CLASSES)


def _alexnet_caffe(picture: _Picture) -> None:
    # Caffe rounds the size of a pooled picture up.
    picture.conv("conv1", 96, 11, stride=4).pool(3, stride=2, round_up=True)
    picture.conv("conv2", 256, 5, pad=2, groups=2).pool(3, stride=2, round_up=True)
    picture.conv("conv3", 384, 3, pad=1).conv("conv4", 384, 3, pad=1, groups=2).conv("conv5", 256, 3, pad=1, groups=2)
    picture.pool(3, stride=2, round_up=True)
    picture.fc("fc6", 4096).fc("fc7", 4096).fc("fc8", CLASSES)


def _resnet_stem(picture: _Picture) -> None:
    picture.conv("conv1", 64, 7, stride=2, pad=3).pool(3, stride=2, pad=1)


def _resnet18(picture: _Picture) -> None:
    _resnet_stem(picture)
    for stage in range(4):
        channels = 64 << stage
        for index, block in enumerate("ab"):
            name, stride = f"res{stage + 2}{block}", 2 if stage and not index else 1
            shortcut = picture.branch()
            picture.conv(f"{name}_1", channels, 3, stride=stride, pad=1).conv(f"{name}_2", channels, 3, pad=1)
            if shortcut.channels != channels:
                shortcut.conv(f"{name}_ds", channels, 1, stride=stride)
    picture.adaptive_pool(1).fc("fc", CLASSES)


def _resnet50_layers(picture: _Picture, *, stride_in_first: bool) -> None:
    _resnet_stem(picture)
    for stage, blocks in enumerate((3, 4, 6, 3)):
        channels = 64 << stage
        for index in range(blocks):
            name, stride = f"res{stage + 2}{'abcdef'[index]}", 2 if stage and not index else 1
            first, second = (stride, 1) if stride_in_first else (1, stride)
            shortcut = picture.branch()
            picture.conv(f"{name}_1", channels, 1, stride=first)
            picture.conv(f"{name}_2", channels, 3, stride=second, pad=1)
            picture.conv(f"{name}_3", 4 * channels, 1)
            if shortcut.channels != 4 * channels:
                shortcut.conv(f"{name}_ds", 4 * channels, 1, stride=stride)
    picture.adaptive_pool(1).fc("fc", CLASSES)


def _resnet50(picture: _Picture) -> None:
    _resnet50_layers(picture, stride_in_first=False)


def _resnet50_v1(picture: _Picture) -> None:
    _resnet50_layers(picture, stride_in_first=True)


_BUILD: dict[str, Callable[[_Picture], None]] = {
    "alexnet": _alexnet,
    "alexnet_caffe": _alexnet_caffe,
    "resnet18": _resnet18,
    "resnet50": _resnet50,
    "resnet50_v1": _resnet50_v1,
}

#: Names of the built-in networks.
NETWORKS: tuple[str, ...] = tuple(_BUILD)

_DEFAULT_RESOLUTION = {"alexnet_caffe": 227}


def built_in(name: str, resolution: int | None = None) -> Workload:
    """Compute the layers of a built-in network.

    Args:
        name: one of `NETWORKS`.
        resolution: height and width of the input picture [pixels]; 224 (227 for alexnet_caffe) by default.

    Raises:
        WorkloadError: the name is unknown, or the picture becomes smaller than a kernel.
    """
    if name not in _BUILD:
        close = nearest(name, NETWORKS)
        remedy = f"Did you mean {close}?" if close else f"Choose one of {', '.join(NETWORKS)}, or give a .onnx file."
        raise WorkloadError("network", f"network is {name}; must be a built-in network or an ONNX file", remedy)
    size = _DEFAULT_RESOLUTION.get(name, 224) if resolution is None else resolution
    layers = _layers_at(name, size)
    if not layers:
        smallest = next(r for r in range(1, 512) if _layers_at(name, r))
        raise WorkloadError(
            "resolution", f"resolution is {size}; must be at least {smallest} for {name}", f"Use resolution={smallest}."
        )
    return Workload(name=name, resolution=size, layers=layers)


def _layers_at(name: str, size: int) -> tuple[Layer, ...]:
    picture = _Picture(size=size)
    try:
        _BUILD[name](picture)
    except _TooSmallError:
        return ()
    return tuple(picture.layers)
