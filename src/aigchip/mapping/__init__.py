"""Mapping: layers as jobs of the accelerator, and their operands as they lie in memory; see `template/README.md`."""

from aigchip.mapping.convolution import Convolution
from aigchip.mapping.geometry import Geometry
from aigchip.mapping.images import map_image, map_of_image, parameter_image, weight_image
from aigchip.mapping.job import Job, Turn, turns
from aigchip.mapping.of_layer import MappedLayer, of_layer
from aigchip.mapping.run import LayerRun, Operands, Values, lay_out
from aigchip.mapping.space_to_depth import folded, folded_picture, folded_weights
from aigchip.mapping.tiling import MappingError, Traffic, place

__all__ = [
    "Convolution",
    "Geometry",
    "Job",
    "LayerRun",
    "MappedLayer",
    "MappingError",
    "Operands",
    "Traffic",
    "Turn",
    "Values",
    "folded",
    "folded_picture",
    "folded_weights",
    "lay_out",
    "map_image",
    "map_of_image",
    "of_layer",
    "parameter_image",
    "place",
    "turns",
    "weight_image",
]
