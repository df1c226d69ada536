"""A first layer with few channels and a stride, as a layer of stride 1 on pixels put together.

A convolution of stride s reads s x s pixels for each output. Put together as one pixel of s * s as many channels
(space to depth), they are read once, by a kernel of 1 / s the size in each direction and stride 1: the same products, the
same sums, and no picture element stored twice. The host lays its picture out this way.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from aigchip.mapping.convolution import Convolution


def folded(layer: Convolution) -> Convolution:
    """Return the layer of stride 1 on pixels put together; the layer itself where the stride is 1.

    Raises:
        ValueError: the layer has groups or a dilation.
    """
    if layer.stride == 1:
        return layer
    if layer.groups > 1 or layer.dilation > 1:
        raise ValueError("a layer with groups or a dilation cannot be folded")
    s = layer.stride
    rows, columns = (-(-kernel // s) for kernel in layer.kernel)
    return replace(
        layer,
        channels=layer.channels * s * s,
        rows=layer.out_rows + rows - 1,
        columns=layer.out_columns + columns - 1,
        kernel=(rows, columns),
        stride=1,
        padding=(0, 0, 0, 0),
    )


def folded_picture(layer: Convolution, picture: NDArray[np.int8], padding: int = 0) -> NDArray[np.int8]:
    """Return the picture (channels, rows, columns) as `folded(layer)` reads it, padding included.

    Channel (y * s + x) * channels + c of a pixel is channel c of the pixel y below and x right of its corner.
    """
    if layer.stride == 1:
        return picture
    s, small = layer.stride, folded(layer)
    top, left, _, _ = layer.padding
    height, width = small.rows * s, small.columns * s
    canvas = np.full((layer.channels, height, width), padding, dtype=np.int8)
    rows, columns = min(layer.rows, height - top), min(layer.columns, width - left)
    canvas[:, top : top + rows, left : left + columns] = picture[:, :rows, :columns]
    blocks = canvas.reshape(layer.channels, small.rows, s, small.columns, s)
    return blocks.transpose(2, 4, 0, 1, 3).reshape(small.channels, small.rows, small.columns)


def folded_weights(layer: Convolution, weights: NDArray[np.int8]) -> NDArray[np.int8]:
    """Return the weights (outputs, channels, kernel rows, kernel columns) as `folded(layer)` takes them."""
    if layer.stride == 1:
        return weights
    s, small = layer.stride, folded(layer)
    rows, columns = small.kernel
    canvas = np.zeros((layer.outputs, layer.channels, rows * s, columns * s), dtype=np.int8)
    canvas[:, :, : layer.kernel[0], : layer.kernel[1]] = weights
    blocks = canvas.reshape(layer.outputs, layer.channels, rows, s, columns, s)
    return blocks.transpose(0, 3, 5, 1, 2, 4).reshape(layer.outputs, small.channels, rows, columns)
