"""Operands as they lie in memory, and back; see the section on memory in `template/README.md`."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from aigchip.mapping.convolution import Convolution
from aigchip.mapping.geometry import PARAMETER_BYTES, Geometry
from aigchip.mapping.job import Job


def map_image(geometry: Geometry, picture: NDArray[np.int8], pitch: int, fill: int = 0) -> bytes:
    """Lay a map out in planes.

    Args:
        geometry: of the design.
        picture: (channels, rows, columns).
        pitch: pixels from a row to the next, at least the columns.
        fill: value of channels and pixels that are no part of the map.
    """
    channels, rows, columns = picture.shape
    block, pixels = geometry.block, geometry.word_pixels
    words = geometry.plane_words(rows * pitch)
    full = np.full((geometry.planes(channels) * block, words * pixels), fill, dtype=np.int8)
    padded = np.full((channels, rows, pitch), fill, dtype=np.int8)
    padded[:, :, :columns] = picture
    full[:channels, : rows * pitch] = padded.reshape(channels, -1)
    planes = full.reshape(-1, block, words * pixels)
    return planes.transpose(0, 2, 1).tobytes()


def map_of_image(
    geometry: Geometry, image: bytes, *, channels: int, rows: int, columns: int, pitch: int
) -> NDArray[np.int8]:
    """Read a map (channels, rows, columns) from its planes."""
    words = geometry.plane_words(rows * pitch)
    block = geometry.block
    planes = np.frombuffer(image, dtype=np.int8)[: geometry.planes(channels) * words * geometry.word_bytes]
    flat = planes.reshape(-1, words * geometry.word_pixels, block).transpose(0, 2, 1)
    flat = flat.reshape(-1, words * geometry.word_pixels)[:channels, : rows * pitch]
    return flat.reshape(channels, rows, pitch)[:, :, :columns]


def weight_image(geometry: Geometry, job: Job, layer: Convolution, weights: NDArray[np.int8]) -> bytes:
    """Lay weights (outputs, channels of a group, kernel rows, kernel columns) out in the order of their use."""
    steps = _array_steps(geometry, job, layer, weights)  # (m sub-tiles, steps of a sub-tile, sm, sk)
    sm, sk = geometry.step.m, geometry.step.k
    if job.k_tiles > 1:
        groups = job.k_groups
        by_tap = steps.reshape(job.m_subtiles, job.taps, groups, sm, sk)
        cuts = [by_tap[:, :, k : k + job.tile_k] for k in range(0, groups, job.tile_k)]
        tiles_k = [cut.reshape(job.m_subtiles, -1, sm, sk) for cut in cuts]
    else:
        tiles_k = [steps]
    image = bytearray()
    for m in range(0, job.m_subtiles, job.tile_m):
        for tile in tiles_k:
            data = tile[m : m + job.tile_m].tobytes()
            image += data + bytes(job.a_tile_words * geometry.word_bytes - len(data))
    return bytes(image)


def _array_steps(geometry: Geometry, job: Job, layer: Convolution, weights: NDArray[np.int8]) -> NDArray[np.int8]:
    """Return what the array takes in each step of each sub-tile: (sub-tiles, steps, sm, sk), taps before k-groups."""
    sm, sk = geometry.step.m, geometry.step.k
    groups_of_step = job.share_k if job.grouped else job.k_groups
    found = np.zeros((job.m_subtiles, job.taps, groups_of_step, sm, sk), dtype=np.int8)
    per_group = layer.outputs // layer.groups
    rows, columns = layer.kernel
    for output in range(layer.outputs):
        subtile, row = divmod(output, sm)
        first = output // per_group * layer.group_channels
        base = subtile // job.share_m * job.share_k if job.grouped else 0
        if job.window:
            (group,) = {first // sk - base}
            for ky in range(rows):
                for kx in range(columns):
                    column = kx * layer.dilation
                    tap = ky * job.kernel_columns + column % layer.stride
                    found[subtile, tap, group, row, column // layer.stride] = weights[output, 0, ky, kx]
            continue
        channels = np.arange(first, first + layer.group_channels)
        taps = weights[output].reshape(layer.group_channels, -1)
        found[subtile, :, channels // sk - base, row, channels % sk] = taps
    return found.reshape(job.m_subtiles, -1, sm, sk)


def parameter_image(
    geometry: Geometry,
    job: Job,
    bias: NDArray[np.int32],
    multiplier: NDArray[np.int64],
    shift: NDArray[np.int64],
) -> bytes:
    """Lay the parameters of post out, a tile of m after another; channels beyond the last have 0."""
    channels = job.m_subtiles * geometry.step.m
    table = np.zeros((channels, PARAMETER_BYTES), dtype=np.uint8)
    count = len(bias)
    table[:count, 0:4] = bias.astype("<i4").reshape(-1, 1).view(np.uint8)
    table[:count, 4:6] = multiplier.astype("<u2").reshape(-1, 1).view(np.uint8)
    table[:count, 6] = shift.astype(np.uint8)
    image = bytearray()
    tile = job.tile_m * geometry.step.m
    for start in range(0, channels, tile):
        data = table[start : start + tile].tobytes()
        image += data + bytes(job.p_tile_words * geometry.word_bytes - len(data))
    return bytes(image)
