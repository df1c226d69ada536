"""A layer with data: what lies in memory before it runs on a design, and what must lie there afterwards."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from aigchip.mapping.convolution import Convolution
from aigchip.mapping.geometry import Geometry
from aigchip.mapping.images import map_image, map_of_image, parameter_image, weight_image
from aigchip.mapping.job import Job
from aigchip.mapping.tiling import Traffic, place

#: Standard deviation that random sums are scaled to, so that results fill int8 and some saturate.
_SPREAD = 50.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Values:
    """The numbers of a layer.

    Attributes:
        picture: (channels, rows, columns) int8.
        weights: (outputs, channels of a group, kernel rows, kernel columns) int8.
        bias: (outputs) int32.
        multiplier, shift: (outputs): the requantisation of each channel, 16 bits unsigned and 0 to 47.
        padding: value of padding pixels, the input's zero point.
        zero_point: of the output.
        low, high: clamp of the output.
    """

    picture: NDArray[np.int8]
    weights: NDArray[np.int8]
    bias: NDArray[np.int32]
    multiplier: NDArray[np.int64]
    shift: NDArray[np.int64]
    padding: int = 0
    zero_point: int = 0
    low: int = -128
    high: int = 127

    def results(self, layer: Convolution) -> NDArray[np.int8]:
        """Return y = clamp((((acc + bias) * multiplier + half) >> shift) + zero_point), (outputs, rows, columns)."""
        sums = layer.sums(self.picture, self.weights, padding=self.padding) + self.bias[:, None, None]
        shift = self.shift[:, None, None]
        half = np.where(shift > 0, 1 << np.maximum(shift - 1, 0), 0)
        scaled = (sums * self.multiplier[:, None, None] + half) >> shift
        return np.clip(scaled + self.zero_point, self.low, self.high).astype(np.int8)


@dataclass(frozen=True, slots=True, kw_only=True)
class Operands:
    """A layer as it lies in memory for one design.

    Attributes:
        job: the values of ctrl's arguments.
        image_a: weights, then the parameters of post.
        image_b: the input map.
        bytes_c: size of the output map.
    """

    job: Job
    image_a: bytes
    image_b: bytes
    bytes_c: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerRun:
    """A layer with random data.

    Attributes:
        layer: what is computed.
        seed: of the data.
        relu: clamp at 0 from below.
        padding, zero_point: zero points of input and output.
    """

    layer: Convolution
    seed: int = 1
    relu: bool = False
    padding: int = 0
    zero_point: int = 0

    @property
    def name(self) -> str:
        """The sizes, for texts."""
        return self.layer.name

    def values(self) -> Values:
        """Return the data; extremes of int8 are frequent."""
        layer = self.layer
        sizes = [layer.channels, layer.rows, layer.columns, layer.outputs, *layer.kernel, layer.groups]
        rng = np.random.default_rng([self.seed, *sizes])

        def drawn(*shape: int) -> NDArray[np.int8]:
            data = rng.integers(-128, 128, shape, dtype=np.int16)
            extreme = rng.random(shape, dtype=np.float32) < 0.05
            return np.where(extreme, rng.choice([-128, 127], shape), data).astype(np.int8)

        products = layer.group_channels * layer.kernel[0] * layer.kernel[1]
        factor = _SPREAD / (74.0 * 74.0 * sqrt(products)) * rng.uniform(0.7, 1.4, layer.outputs)
        shift = np.floor(np.log2(65535.0 / factor)).astype(np.int64)
        return Values(
            picture=drawn(layer.channels, layer.rows, layer.columns),
            weights=drawn(layer.outputs, layer.group_channels, *layer.kernel),
            bias=rng.integers(-30_000, 30_001, layer.outputs).astype(np.int32),
            multiplier=np.rint(factor * np.exp2(shift)).astype(np.int64),
            shift=shift,
            padding=self.padding,
            zero_point=self.zero_point,
            low=self.zero_point if self.relu else -128,
        )

    def reference(self) -> NDArray[np.int8]:
        """Return what must come out (outputs, rows, columns)."""
        return self.values().results(self.layer)

    def operands(self, geometry: Geometry, traffic: Traffic | None = None) -> Operands:
        """Lay the data out for a design.

        Raises:
            MappingError: the design cannot do the layer.
        """
        return lay_out(self.layer, self.values(), geometry, traffic)

    def found(self, geometry: Geometry, job: Job, memory: bytes) -> NDArray[np.int8]:
        """Read the output map from the memory of C."""
        return map_of_image(
            geometry,
            memory,
            channels=self.layer.outputs,
            rows=self.layer.out_rows,
            columns=self.layer.out_columns,
            pitch=job.out_columns,
        )


def lay_out(layer: Convolution, values: Values, geometry: Geometry, traffic: Traffic | None = None) -> Operands:
    """Lay a layer out for a design; every map begins at word 0 of its port.

    Raises:
        MappingError: the design cannot do the layer.
    """
    job = place(layer, geometry, traffic, layer.name)
    weights = weight_image(geometry, job, layer, values.weights)
    parameters = parameter_image(geometry, job, values.bias, values.multiplier, values.shift)
    job = replace(
        job,
        p_address=len(weights) // geometry.word_bytes,
        padding=values.padding,
        zero_point=values.zero_point,
        low=values.low,
        high=values.high,
    )
    return Operands(
        job=job,
        image_a=weights + parameters,
        image_b=map_image(geometry, values.picture, job.in_pitch, values.padding),
        bytes_c=geometry.planes(layer.outputs) * job.out_plane * geometry.word_bytes,
    )
