"""A grouped layer as plain layers, one for each group: where a tile has no room for whole groups, or that is faster.

The tile of a grouped layer holds all that its groups sum over; a plain layer's sum may be cut. All groups of a layer are
alike, so the layer of one group, run so often, stands for them all; where a map lies in memory, a group's channels are planes
of it. A group's job may read planes of the next group, which meet weights 0, and write into them, before the next group's job.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np

from aigchip.mapping.choice import Traffic, choose, estimates
from aigchip.mapping.convolution import Convolution
from aigchip.mapping.geometry import Geometry
from aigchip.mapping.layer_arrays import Bools, Floats, Ints, Layers


def of_group(layer: Convolution) -> Convolution:
    """Return the plain layer that does one group."""
    return replace(layer, channels=layer.group_channels, outputs=layer.outputs // layer.groups, groups=1)


def in_blocks(layer: Convolution, geometry: Geometry) -> bool:
    """Say whether each group's channels and outputs are whole blocks in memory."""
    return layer.group_channels % geometry.block == layer.outputs // layer.groups % geometry.block == 0


def jobs_of(layer: Convolution, geometry: Geometry, traffic: Traffic) -> int:
    """Return how many jobs do a layer: one, or one for each group; whether they fit is asked of `place`."""
    return _jobs_of(layer, geometry, traffic)


@lru_cache(maxsize=10_000)
def _jobs_of(layer: Convolution, geometry: Geometry, traffic: Traffic) -> int:
    return int(divide(Layers([layer]), geometry, traffic)[1][0])


def divide(layers: Layers, geometry: Geometry, traffic: Traffic) -> tuple[Layers, Ints]:
    """Return layers as their jobs do them, and how many jobs do each; of a layer with several, its group's layer stands.

    Groups that are whole blocks run one by one where the tile choice has a tile for a group and none for the layer, or
    estimates fewer cycles for them; that last not for depthwise layers, whose jobs are too short for its estimate.
    """
    jobs = np.ones(len(layers), np.int64)
    able = (layers.groups > 1) & _in_blocks(layers, geometry)
    if not able.any() or not layers.plain:
        return layers, jobs
    grouped = _only(layers, able.tobytes())
    apart = _apart(grouped, np.ones(len(grouped), np.bool_).tobytes())
    together = _cycles(grouped, geometry, traffic)
    faster = grouped.groups * _cycles(apart, geometry, traffic) < together
    chosen = able.copy()
    chosen[able] = faster & (~grouped.depthwise | np.isinf(together))
    jobs[chosen] = layers.groups[chosen]
    return (_apart(layers, chosen.tobytes()) if chosen.any() else layers), jobs


def _in_blocks(layers: Layers, geometry: Geometry) -> Bools:
    channels, outputs = layers.channels // layers.groups, layers.outputs // layers.groups
    return (channels % geometry.block == 0) & (outputs % geometry.block == 0)


def _cycles(layers: Layers, geometry: Geometry, traffic: Traffic) -> Floats:
    tiles = choose(layers, geometry, traffic)
    return np.where(tiles.fits, estimates(tiles, geometry, traffic), np.inf)


@lru_cache(maxsize=256)
def _only(layers: Layers, chosen: bytes) -> Layers:
    return Layers([layers.layers[index] for index in np.flatnonzero(np.frombuffer(chosen, np.bool_))])


@lru_cache(maxsize=256)
def _apart(layers: Layers, chosen: bytes) -> Layers:
    """Return layers with that of a group for each chosen one."""
    each = zip(layers.layers, np.frombuffer(chosen, np.bool_), strict=True)
    return Layers([of_group(layer) if apart else layer for layer, apart in each])
