"""ResNet.

Reference: He et al. 2016; ResNet-50 v1.5 strides in the 3 x 3 convolution of a block, v1 in its first 1 x 1.
"""

from aigchip.workload.networks.builder import CLASSES, Picture


def resnet18(picture: Picture) -> tuple[Picture, ...]:
    """Blocks of two 3 x 3 convolutions."""
    x = _stem(picture)
    for stage in range(4):
        channels = 64 << stage
        for index, block in enumerate("ab"):
            name, stride = f"res{stage + 2}{block}", 2 if stage and not index else 1
            main = x.conv(f"{name}_1", channels, 3, stride=stride, pad=1)
            main = main.conv(f"{name}_2", channels, 3, pad=1, activation="none")
            x = _join(name, main, x, stride)
    return (_classifier(x),)


def resnet50(picture: Picture) -> tuple[Picture, ...]:
    """Version 1.5."""
    return (_bottlenecks(picture, stride_in_first=False),)


def resnet50_v1(picture: Picture) -> tuple[Picture, ...]:
    """The version of the paper."""
    return (_bottlenecks(picture, stride_in_first=True),)


def _bottlenecks(picture: Picture, *, stride_in_first: bool) -> Picture:
    x = _stem(picture)
    for stage, blocks in enumerate((3, 4, 6, 3)):
        channels = 64 << stage
        for index in range(blocks):
            name, stride = f"res{stage + 2}{'abcdef'[index]}", 2 if stage and not index else 1
            first, second = (stride, 1) if stride_in_first else (1, stride)
            main = x.conv(f"{name}_1", channels, 1, stride=first)
            main = main.conv(f"{name}_2", channels, 3, stride=second, pad=1)
            main = main.conv(f"{name}_3", 4 * channels, 1, activation="none")
            x = _join(name, main, x, stride)
    return _classifier(x)


def _stem(picture: Picture) -> Picture:
    return picture.conv("conv1", 64, 7, stride=2, pad=3).max_pool(3, stride=2, pad=1)


def _join(name: str, main: Picture, shortcut: Picture, stride: int) -> Picture:
    if shortcut.channels != main.channels:
        shortcut = shortcut.conv(f"{name}_ds", main.channels, 1, stride=stride, activation="none")
    return main.add(f"{name}_add", shortcut, activation="relu")


def _classifier(x: Picture) -> Picture:
    return x.global_average().fc("fc", CLASSES).softmax()
