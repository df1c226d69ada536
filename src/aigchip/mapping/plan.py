"""A whole network in memory: where every map lies, what the accelerator does with one start, and what the host does between.

Maps of layers and of host operators lie in one region, which is both the memory of B and that of C, so that a layer reads
what the layer before wrote. Layers that follow each other without a host operator between them make one list of jobs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from aigchip.mapping.by_group import jobs_of, of_group
from aigchip.mapping.convolution import Convolution
from aigchip.mapping.geometry import Geometry
from aigchip.mapping.images import map_image, map_of_image, parameter_image, weight_image
from aigchip.mapping.job import Job
from aigchip.mapping.of_layer import PICTURE_CHANNELS_MAX, of_layer
from aigchip.mapping.space_to_depth import folded, folded_picture, folded_weights
from aigchip.mapping.tiling import MappingError, Traffic, place
from aigchip.workload.graph import Graph, HostOp, LayerNode
from aigchip.workload.parameters import LayerParameters

#: Byte boundary of every region: a page, so that no burst of one touches another.
_ALIGNED_BYTES = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class MapPlace:
    """Where a map lies.

    Attributes:
        address: first word of its first plane, from the base of the maps.
        channels, rows, columns: of the map.
        pitch: pixels from a row to the next.
        plane: words from a plane to the next.
        words: that it takes in all.
    """

    address: int
    channels: int
    rows: int
    columns: int
    pitch: int
    plane: int
    words: int

    def read(self, geometry: Geometry, maps: bytes | bytearray | memoryview) -> NDArray[np.int8]:
        """Return the map (channels, rows, columns) from the memory of the maps."""
        word = geometry.word_bytes
        blocks = geometry.planes(self.channels)
        data = np.frombuffer(maps, np.uint8)[self.address * word : (self.address + blocks * self.plane) * word]
        used = geometry.plane_words(self.rows * self.pitch)
        planes = data.reshape(blocks, self.plane * word)[:, : used * word]
        return map_of_image(
            geometry,
            planes.tobytes(),
            channels=self.channels,
            rows=self.rows,
            columns=self.columns,
            pitch=self.pitch,
        )

    def write(self, geometry: Geometry, maps: bytearray, picture: NDArray[np.int8]) -> None:
        """Put a map (channels, rows, columns) into the memory of the maps."""
        word = geometry.word_bytes
        image = map_image(geometry, picture, self.pitch)
        used = geometry.plane_words(self.rows * self.pitch) * word
        for plane in range(geometry.planes(self.channels)):
            start = (self.address + plane * self.plane) * word
            maps[start : start + used] = image[plane * used : (plane + 1) * used]


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerJob:
    """A layer of the network and the jobs that do it, one after another.

    Attributes:
        name: of the layer.
        layer: what each job computes: the layer, or one of its groups.
        jobs: one, or one for each group.
    """

    name: str
    layer: Convolution
    jobs: tuple[Job, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Jobs:
    """Layers that the accelerator does one after another with one start."""

    layers: tuple[LayerJob, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """An operator that the host does."""

    node: HostOp


Step = Jobs | Host


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NetworkPlan:
    """A network, laid out for a design.

    Attributes:
        graph: the network.
        geometry: of the design.
        steps: in the order of execution.
        places: of the picture's map, of every layer's, and of every host operator's that a layer reads.
        image_a: weights and parameters of all layers.
        maps_bytes: size of the memory of the maps.
        first: the layer that reads the picture folded; None where it is read as it is.
    """

    graph: Graph
    geometry: Geometry
    steps: tuple[Step, ...]
    places: Mapping[str, MapPlace]
    image_a: bytes
    maps_bytes: int
    first: Convolution | None

    def put_picture(self, maps: bytearray, picture: NDArray[np.int8]) -> None:
        """Put the picture (channels, rows, columns) where its layers read it."""
        seen = folded_picture(self.first, picture) if self.first is not None else picture
        self.places[self.graph.input_name].write(self.geometry, maps, seen)


def plan(graph: Graph, geometry: Geometry, traffic: Traffic | None = None) -> NetworkPlan:
    """Lay a quantised network out for a design.

    Raises:
        MappingError: the network is not quantised, or the design cannot do a layer.
    """
    places: dict[str, MapPlace] = {}
    steps: list[Step] = []
    image = bytearray()
    word, used, reached = geometry.word_bytes, 0, 0

    def region(channels: int, rows: int, columns: int, pitch: int, plane: int, *, planes: int = 0) -> MapPlace:
        nonlocal used
        words = max(geometry.planes(channels), planes) * plane
        at = MapPlace(
            address=used, channels=channels, rows=rows, columns=columns, pitch=pitch, plane=plane, words=words
        )
        used += -(-words * word // _ALIGNED_BYTES) * _ALIGNED_BYTES // word
        return at

    def plain(channels: int, rows: int, columns: int) -> MapPlace:
        return region(channels, rows, columns, columns, geometry.plane_words(rows * columns))

    readers = [node for node in graph.nodes if graph.input_name in node.inputs]
    read_by_layers = {name for node in graph.nodes if isinstance(node, LayerNode) for name in node.inputs}
    first = _first(readers)
    shape = graph.input_shape if first is None else _shape(folded(first))
    places[graph.input_name] = plain(*shape)
    for node in graph.nodes:
        if isinstance(node, HostOp):
            if node.name in read_by_layers:
                places[node.name] = plain(*node.output_shape)
            steps.append(Host(node=node))
            continue
        source = places[node.inputs[0]]
        layer, numbers = _layer(node, source, folds=first is not None and graph.input_name in node.inputs)
        count = jobs_of(layer, geometry, traffic or Traffic())
        layer = of_group(layer) if count > 1 else layer
        job = replace(place(layer, geometry, traffic, f"layer {node.name}"), in_plane=source.plane)
        if layer.rows > 1:
            job = replace(job, in_pitch=source.pitch)
        channels, rows, columns = node.output_shape
        pitch = columns if layer.rows == 1 and layer.kernel == (1, 1) else job.out_columns
        # The last group's job reads and writes whole k-groups and sub-tiles, which may end behind the map.
        read, written = ((count - 1) * size // geometry.block for size in (layer.channels, layer.outputs))
        reached = max(reached, source.address + (read + job.k_groups * geometry.group_blocks) * source.plane)
        planes = written + job.m_subtiles * geometry.subtile_blocks
        found = places[node.name] = region(channels, rows, columns, pitch, job.out_plane, planes=planes)
        jobs: list[Job] = []
        for group in range(count):
            weights, parameters = _images(geometry, job, layer, numbers, group)
            at = len(image) // word
            image += weights + parameters
            jobs.append(
                replace(
                    job,
                    a_address=at,
                    p_address=at + len(weights) // word,
                    b_address=source.address + group * layer.channels // geometry.block * source.plane,
                    c_address=found.address + group * layer.outputs // geometry.block * job.out_plane,
                    low=numbers.low,
                    high=numbers.high,
                )
            )
        done = LayerJob(name=node.name, layer=layer, jobs=tuple(jobs))
        if steps and isinstance(steps[-1], Jobs):
            steps[-1] = Jobs(layers=(*steps[-1].layers, done))
        else:
            steps.append(Jobs(layers=(done,)))
    return NetworkPlan(
        graph=graph,
        geometry=geometry,
        steps=tuple(steps),
        places=places,
        image_a=bytes(image),
        maps_bytes=max(used, reached) * word,
        first=first,
    )


def _first(readers: list[LayerNode | HostOp]) -> Convolution | None:
    """Return the layer for which the picture is folded: the only one that reads it, with few channels and a stride."""
    if len(readers) != 1 or not isinstance(readers[0], LayerNode):
        return None
    original = of_layer(readers[0].layer).original
    if original.channels > PICTURE_CHANNELS_MAX or original.stride == 1:
        return None
    return original


def _shape(layer: Convolution) -> tuple[int, int, int]:
    return layer.channels, layer.rows, layer.columns


def _layer(node: LayerNode, source: MapPlace, *, folds: bool) -> tuple[Convolution, LayerParameters]:
    """Return a layer as it reads the map of its input, and its numbers with the weights for it."""
    numbers = node.parameters
    if numbers is None:
        raise MappingError(f"layer {node.name}", "it has no weights; must be quantised", "Import a quantised file.")
    original = of_layer(node.layer).original
    if folds:
        return folded(original), replace(numbers, weights=folded_weights(original, numbers.weights))
    if node.layer.kind == "fc":
        # A fully connected layer reads the whole map: a convolution with a kernel of its size.
        kernel = (source.rows, source.columns)
        layer = Convolution(
            channels=source.channels, rows=source.rows, columns=source.columns, outputs=original.outputs, kernel=kernel
        )
        weights = numbers.weights.reshape(original.outputs, source.channels, *kernel)
        return layer, replace(numbers, weights=weights)
    return (original.flattened() if source.pitch == source.columns else original), numbers


def _images(
    geometry: Geometry, job: Job, layer: Convolution, numbers: LayerParameters, group: int
) -> tuple[bytes, bytes]:
    """Return weights and parameters of a group as they lie in memory."""
    own = slice(group * layer.outputs, (group + 1) * layer.outputs)
    multiplier, shift = numbers.multiplier[own].astype(np.int64), numbers.shift[own].astype(np.int64)
    return (
        weight_image(geometry, job, layer, numbers.weights[own]),
        parameter_image(geometry, job, numbers.bias[own], multiplier, shift),
    )
