"""Built-in networks, computed from their architectures at any resolution; a module for each family."""

from collections.abc import Callable
from dataclasses import dataclass

from aigchip.core.errors import nearest
from aigchip.workload.errors import WorkloadError
from aigchip.workload.graph import Graph
from aigchip.workload.layers import Workload
from aigchip.workload.networks import alexnet, googlenet, mobilenet, resnet, squeezenet, vgg, yolo
from aigchip.workload.networks.builder import Picture
from aigchip.workload.window import TOO_SMALL


@dataclass(frozen=True, slots=True)
class _Architecture:
    """How a network is built: its outputs from its picture, and which pictures it takes [pixels]."""

    build: Callable[[Picture], tuple[Picture, ...]]
    resolution: int = 224
    multiple_of: int = 1


_ARCHITECTURES: dict[str, _Architecture] = {
    "alexnet": _Architecture(alexnet.alexnet),
    "alexnet_caffe": _Architecture(alexnet.alexnet_caffe, 227),
    "vgg16": _Architecture(vgg.vgg16),
    "googlenet": _Architecture(googlenet.googlenet),
    "googlenet_tv": _Architecture(googlenet.googlenet_tv),
    "resnet18": _Architecture(resnet.resnet18),
    "resnet50": _Architecture(resnet.resnet50),
    "resnet50_v1": _Architecture(resnet.resnet50_v1),
    "mobilenetv1": _Architecture(mobilenet.mobilenetv1),
    "mobilenetv2": _Architecture(mobilenet.mobilenetv2),
    "squeezenet1_0": _Architecture(squeezenet.squeezenet1_0),
    "squeezenet1_1": _Architecture(squeezenet.squeezenet1_1),
    "yolov2_voc": _Architecture(yolo.yolov2_voc, 416, 32),
    "tiny_yolov2_voc": _Architecture(yolo.tiny_yolov2_voc, 416, 32),
    "tiny_yolov3_coco": _Architecture(yolo.tiny_yolov3_coco, 416, 32),
}

#: Names of the built-in networks.
NETWORKS: tuple[str, ...] = tuple(_ARCHITECTURES)


def built_in(name: str, resolution: int | None = None) -> Workload:
    """Compute the layers and the graph of a built-in network.

    Args:
        name: one of `NETWORKS`.
        resolution: height and width of the input picture [pixels]; 224 (227 for alexnet_caffe, 416 for the YOLO
            networks) by default.

    Raises:
        WorkloadError: the name is unknown, the picture becomes smaller than a kernel, or its size is no multiple of what
            the network divides it by.
    """
    if name not in _ARCHITECTURES:
        close = nearest(name, NETWORKS)
        remedy = f"Did you mean {close}?" if close else f"Choose one of {', '.join(NETWORKS)}, or give a .onnx file."
        raise WorkloadError("network", f"network is {name}; must be a built-in network or an ONNX file", remedy)
    architecture = _ARCHITECTURES[name]
    size = architecture.resolution if resolution is None else resolution
    multiple = architecture.multiple_of
    if multiple > 1 and (size % multiple or size < multiple):
        near = max(1, round(size / multiple)) * multiple
        raise WorkloadError(
            "resolution",
            f"resolution is {size}; must be a multiple of {multiple} for {name}",
            f"Use resolution={near}.",
        )
    graph = _graph_at(name, size)
    if graph is None:
        smallest = next(r for r in range(1, 512) if _graph_at(name, r))
        raise WorkloadError(
            "resolution", f"resolution is {size}; must be at least {smallest} for {name}", f"Use resolution={smallest}."
        )
    return Workload(name=name, resolution=size, layers=graph.layers, graph=graph)


def _graph_at(name: str, size: int) -> Graph | None:
    """Return the graph at a resolution; None where the picture becomes smaller than a kernel."""
    picture = Picture(size=size)
    try:
        outputs = _ARCHITECTURES[name].build(picture)
    except WorkloadError as error:
        if error.code != TOO_SMALL:
            raise
        return None
    return Graph(
        name=name,
        input_name=picture.name,
        input_shape=(picture.channels, size, size),
        nodes=tuple(picture.nodes),
        outputs=tuple(output.name for output in outputs),
    )
