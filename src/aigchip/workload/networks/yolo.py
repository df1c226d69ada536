"""YOLO; the outputs are what the last convolutions give, before boxes are made of them.

Reference: darknet's yolov2-voc.cfg, yolov2-tiny-voc.cfg (Redmon and Farhadi 2017) and yolov3-tiny.cfg (2018).
The reorg of yolov2_voc is ONNX's SpaceToDepth; darknet's own moves as many values in another order, which weights trained
with it expect.
"""

from aigchip.workload.networks.builder import Picture

#: Boxes of a cell times (4 coordinates, an objectness, the classes): 5 boxes and 20 classes, 3 boxes and 80 classes.
_VOC = 5 * (5 + 20)
_COCO = 3 * (5 + 80)


def yolov2_voc(picture: Picture) -> tuple[Picture, ...]:
    """Darknet-19 without its classifier; a finer picture joins before the last two convolutions."""
    x = _three(picture, 1, 32).max_pool(2, stride=2)
    x = _three(x, 2, 64).max_pool(2, stride=2)
    x = _alternate(x, 3, 128, 3).max_pool(2, stride=2)
    x = _alternate(x, 6, 256, 3).max_pool(2, stride=2)
    fine = _alternate(x, 9, 512, 5)
    x = _alternate(fine.max_pool(2, stride=2), 14, 1024, 5)
    x = _three(_three(x, 19, 1024), 20, 1024)
    passed = _one(fine, "conv21_pass", 64).reorg(2)
    x = _three(passed.concat("concat", x), 22, 1024)
    return (x.conv("conv23", _VOC, 1, activation="none"),)


def tiny_yolov2_voc(picture: Picture) -> tuple[Picture, ...]:
    """Nine convolutions in a row."""
    x = _three(_tiny(picture)[1], 8, 1024)
    return (x.conv("conv9", _VOC, 1, activation="none"),)


def tiny_yolov3_coco(picture: Picture) -> tuple[Picture, ...]:
    """Two outputs, the second at twice the resolution."""
    fine, x = _tiny(picture)
    x = _one(x, "conv8", 256)
    coarse = _three(x, 9, 512).conv("conv10", _COCO, 1, activation="none")
    x = _one(x, "conv11", 128).upsample(2).concat("concat", fine)
    return coarse, _three(x, 12, 256).conv("conv13", _COCO, 1, activation="none")


def _tiny(picture: Picture) -> tuple[Picture, Picture]:
    """Return conv5's and conv7's activations."""
    x = _three(picture, 1, 16)
    fine = x
    for index in range(2, 7):
        x = _three(x.max_pool(2, stride=2), index, 8 << index)
        fine = x if index == 5 else fine
    return fine, _three(x.max_pool(2, stride=1, same=True), 7, 1024)


def _alternate(x: Picture, first: int, channels: int, count: int) -> Picture:
    """Convolve by 3 x 3 and, at half the channels, by 1 x 1 in turn."""
    for index in range(count):
        number = first + index
        x = _one(x, f"conv{number}", channels // 2) if index % 2 else _three(x, number, channels)
    return x


def _three(x: Picture, number: int, channels: int) -> Picture:
    return x.conv(f"conv{number}", channels, 3, pad=1, activation="leaky_relu")


def _one(x: Picture, name: str, channels: int) -> Picture:
    return x.conv(name, channels, 1, activation="leaky_relu")
