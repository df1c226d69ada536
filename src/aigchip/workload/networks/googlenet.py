"""GoogLeNet.

Reference: Szegedy et al. 2015, Table 1, as Caffe's bvlc_googlenet has it; the version of torchvision has 3 x 3 kernels
where the paper has 5 x 5, no local response normalisation, and a 2 x 2 kernel in the last pooling.
"""

from aigchip.workload.networks.builder import CLASSES, Picture

#: Channels of a module's layers: 1x1, 3x3r, 3x3, 5x5r, 5x5, pp.
_MODULES = {
    "3a": (64, 96, 128, 16, 32, 32),
    "3b": (128, 128, 192, 32, 96, 64),
    "4a": (192, 96, 208, 16, 48, 64),
    "4b": (160, 112, 224, 24, 64, 64),
    "4c": (128, 128, 256, 24, 64, 64),
    "4d": (112, 144, 288, 32, 64, 64),
    "4e": (256, 160, 320, 32, 128, 128),
    "5a": (256, 160, 320, 32, 128, 128),
    "5b": (384, 192, 384, 48, 128, 128),
}


def googlenet(picture: Picture) -> tuple[Picture, ...]:
    """Szegedy et al. 2015."""
    x = picture.conv("conv1", 64, 7, stride=2, pad=3).max_pool(3, stride=2, round_up=True).lrn()
    x = x.conv("conv2r", 64, 1).conv("conv2", 192, 3, pad=1).lrn()
    return (_modules(x, largest=5, last_pool=3),)


def googlenet_tv(picture: Picture) -> tuple[Picture, ...]:
    """The version of torchvision."""
    x = picture.conv("conv1", 64, 7, stride=2, pad=3).max_pool(3, stride=2, round_up=True)
    return (_modules(x.conv("conv2r", 64, 1).conv("conv2", 192, 3, pad=1), largest=3, last_pool=2),)


def _modules(x: Picture, *, largest: int, last_pool: int) -> Picture:
    for name, channels in _MODULES.items():
        if name in {"3a", "4a", "5a"}:
            x = x.max_pool(last_pool if name == "5a" else 3, stride=2, round_up=True)
        x = _inception(x, name, channels, largest=largest)
    return x.global_average().fc("fc", CLASSES).softmax()


def _inception(x: Picture, name: str, channels: tuple[int, ...], *, largest: int) -> Picture:
    one, reduced_three, three, reduced_five, five, pooled = channels
    first = x.conv(f"{name}_1x1", one, 1)
    second = x.conv(f"{name}_3x3r", reduced_three, 1).conv(f"{name}_3x3", three, 3, pad=1)
    third = x.conv(f"{name}_5x5r", reduced_five, 1).conv(f"{name}_5x5", five, largest, pad=largest // 2)
    fourth = x.max_pool(3, stride=1, pad=1, name=f"{name}_pool").conv(f"{name}_pp", pooled, 1)
    return first.concat(f"{name}_concat", second, third, fourth)
