"""AlexNet.

Reference: Krizhevsky 2014, "One weird trick for parallelizing convolutional neural networks" (one tower); Krizhevsky et
al. 2012 (two groups, local response normalisation) as Caffe's bvlc_alexnet has it.
"""

from aigchip.workload.networks.builder import CLASSES, Picture


def alexnet(picture: Picture) -> tuple[Picture, ...]:
    """Krizhevsky 2014."""
    x = picture.conv("conv1", 64, 11, stride=4, pad=2).max_pool(3, stride=2)
    x = x.conv("conv2", 192, 5, pad=2).max_pool(3, stride=2)
    x = x.conv("conv3", 384, 3, pad=1).conv("conv4", 256, 3, pad=1).conv("conv5", 256, 3, pad=1)
    return (_classifier(x.max_pool(3, stride=2).adaptive_average(6)),)


def alexnet_caffe(picture: Picture) -> tuple[Picture, ...]:
    """Krizhevsky et al. 2012; pooled sizes are rounded up."""
    x = picture.conv("conv1", 96, 11, stride=4).lrn().max_pool(3, stride=2, round_up=True)
    x = x.conv("conv2", 256, 5, pad=2, groups=2).lrn().max_pool(3, stride=2, round_up=True)
    x = x.conv("conv3", 384, 3, pad=1).conv("conv4", 384, 3, pad=1, groups=2).conv("conv5", 256, 3, pad=1, groups=2)
    return (_classifier(x.max_pool(3, stride=2, round_up=True)),)


def _classifier(x: Picture) -> Picture:
    return x.fc("fc6", 4096, activation="relu").fc("fc7", 4096, activation="relu").fc("fc8", CLASSES).softmax()
