"""VGG.

Reference: Simonyan and Zisserman 2015, configuration D; pictures of another size are averaged to 7 x 7 before fc6.
"""

from aigchip.workload.networks.builder import CLASSES, Picture


def vgg16(picture: Picture) -> tuple[Picture, ...]:
    """Thirteen 3 x 3 convolutions in five stages, three fully connected layers."""
    x = picture
    for stage, (channels, layers) in enumerate(((64, 2), (128, 2), (256, 3), (512, 3), (512, 3)), start=1):
        for index in range(1, layers + 1):
            x = x.conv(f"conv{stage}_{index}", channels, 3, pad=1)
        x = x.max_pool(2, stride=2)
    x = x.adaptive_average(7).fc("fc6", 4096, activation="relu").fc("fc7", 4096, activation="relu")
    return (x.fc("fc8", CLASSES).softmax(),)
