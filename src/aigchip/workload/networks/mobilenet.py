"""MobileNet.

Reference: Howard et al. 2017, Table 1; Sandler et al. 2018 (version 2), Table 2. Every 3 x 3 kernel has a pixel of padding
on each side.
"""

from aigchip.workload.networks.builder import CLASSES, Picture


def mobilenetv1(picture: Picture) -> tuple[Picture, ...]:
    """Thirteen depthwise convolutions, a 1 x 1 convolution behind each."""
    x = picture.conv("conv1", 32, 3, stride=2, pad=1)
    blocks = ((64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), *[(512, 1)] * 5, (1024, 2), (1024, 1))
    for index, (channels, stride) in enumerate(blocks, start=1):
        x = x.depthwise(f"dw{index}", stride=stride).conv(f"pw{index}", channels, 1)
    return (x.global_average().fc("fc", CLASSES).softmax(),)


def mobilenetv2(picture: Picture) -> tuple[Picture, ...]:
    """Inverted residuals: widen, convolve depthwise, narrow without activation."""
    x = picture.conv("conv1", 32, 3, stride=2, pad=1, activation="relu6")
    block = 0
    for expansion, channels, repeats, first_stride in (
        (1, 16, 1, 1),
        (6, 24, 2, 2),
        (6, 32, 3, 2),
        (6, 64, 4, 2),
        (6, 96, 3, 1),
        (6, 160, 3, 2),
        (6, 320, 1, 1),
    ):
        for index in range(repeats):
            block += 1
            x = _inverted_residual(x, f"b{block}", expansion, channels, 1 if index else first_stride)
    x = x.conv("conv_last", 1280, 1, activation="relu6")
    return (x.global_average().fc("fc", CLASSES).softmax(),)


def _inverted_residual(x: Picture, name: str, expansion: int, channels: int, stride: int) -> Picture:
    wide = x if expansion == 1 else x.conv(f"{name}_exp", expansion * x.channels, 1, activation="relu6")
    narrow = wide.depthwise(f"{name}_dw", stride=stride, activation="relu6")
    narrow = narrow.conv(f"{name}_proj", channels, 1, activation="none")
    return narrow.add(f"{name}_add", x) if stride == 1 and x.channels == channels else narrow
