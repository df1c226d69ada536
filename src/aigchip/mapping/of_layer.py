"""A layer of a network as a convolution of the accelerator; what it cannot be is said by name."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from aigchip.mapping.by_group import jobs_of, of_group
from aigchip.mapping.choice import Traffic
from aigchip.mapping.convolution import Convolution
from aigchip.mapping.geometry import Geometry
from aigchip.mapping.space_to_depth import folded
from aigchip.mapping.tiling import MappingError

if TYPE_CHECKING:
    from aigchip.workload.layers import Layer

#: A layer with at most so many channels is taken for a network's first, whose picture the host lays out.
PICTURE_CHANNELS_MAX = 4
_HOST = "Leave the layer to the host."


@dataclass(frozen=True, slots=True, kw_only=True)
class MappedLayer:
    """A layer as the accelerator runs it.

    Attributes:
        name: in the network.
        layer: what a run computes; a first layer with a stride is folded (`space_to_depth`), a 1 x 1 layer flattened.
        original: the layer as the network has it, or one group of it.
        count: how often an inference runs it: the pictures of a batch, a stack of products, or the groups of a layer.
    """

    name: str
    layer: Convolution
    original: Convolution
    count: int = 1

    @property
    def macs(self) -> int:
        """Multiply-accumulates that the network asks for in a run; a folded layer forms some more, with 0."""
        return self.original.macs

    def on(self, geometry: Geometry, traffic: Traffic) -> MappedLayer:
        """Return what a design runs of it: itself, or one of its groups so often as it has groups (`by_group`)."""
        jobs = jobs_of(self.layer, geometry, traffic)
        if jobs == 1:
            return self
        return replace(self, layer=of_group(self.layer), original=of_group(self.original), count=self.count * jobs)


def of_layer(layer: Layer) -> MappedLayer:
    """Return what the accelerator runs for a layer; whether it fits a design is asked of `place`.

    Raises:
        MappingError: no accelerator of the template does such a layer.
    """
    where = f"layer {layer.name}"
    if layer.kind == "matmul":
        raise MappingError(where, "both operands are activations; A must be weights, which lie in another order", _HOST)
    original = Convolution(
        channels=layer.input_channels,
        rows=layer.input_height,
        columns=layer.input_width,
        outputs=layer.output_channels,
        kernel=(layer.kernel_height, layer.kernel_width),
        stride=_one(layer.stride, (layer.output_height, layer.output_width), where, "stride"),
        padding=layer.padding,
        dilation=_one(layer.dilation, (layer.kernel_height, layer.kernel_width), where, "dilation"),
        groups=layer.groups,
    )
    is_picture = layer.input_channels <= PICTURE_CHANNELS_MAX and original.groups == original.dilation == 1
    return MappedLayer(
        name=layer.name,
        layer=folded(original) if is_picture else original.flattened(),
        original=original,
        count=layer.repeats * layer.batch,
    )


def _one(values: tuple[int, int], extents: tuple[int, int], where: str, name: str) -> int:
    """Return the one stride or dilation of both directions; along an extent of 1 it has no effect."""
    vertical, horizontal = values
    if vertical == horizontal or extents[0] == 1:
        return horizontal
    if extents[1] == 1:
        return vertical
    raise MappingError(where, f"{name} is {vertical} x {horizontal}; must be the same in both directions", _HOST)
