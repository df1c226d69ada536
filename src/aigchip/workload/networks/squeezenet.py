"""SqueezeNet.

Reference: Iandola et al. 2016, Table 1 (1.0); their repository (1.1). No picture is padded before conv1, pooled sizes are
rounded up.
"""

from aigchip.workload.networks.builder import CLASSES, Picture


def squeezenet1_0(picture: Picture) -> tuple[Picture, ...]:
    """A 7 x 7 kernel first; pooling before fire modules 2, 5 and 9."""
    return (_fire_modules(picture.conv("conv1", 96, 7, stride=2), pooled_before={2, 5, 9}),)


def squeezenet1_1(picture: Picture) -> tuple[Picture, ...]:
    """A 3 x 3 kernel first; pooling before fire modules 2, 4 and 6."""
    return (_fire_modules(picture.conv("conv1", 64, 3, stride=2), pooled_before={2, 4, 6}),)


def _fire_modules(x: Picture, *, pooled_before: set[int]) -> Picture:
    for index, squeezed in enumerate((16, 16, 32, 32, 48, 48, 64, 64), start=2):
        if index in pooled_before:
            x = x.max_pool(3, stride=2, round_up=True)
        x = x.conv(f"f{index}_s", squeezed, 1)
        ones = x.conv(f"f{index}_e1", 4 * squeezed, 1)
        x = ones.concat(f"f{index}_concat", x.conv(f"f{index}_e3", 4 * squeezed, 3, pad=1))
    return x.conv("conv10", CLASSES, 1).global_average().softmax()
