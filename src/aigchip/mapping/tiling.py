"""The choice of tiles: which of the jobs that do a layer on a design is estimated to be fastest."""

from __future__ import annotations

from functools import lru_cache

from aigchip.core.errors import AigchipError
from aigchip.mapping.by_group import in_blocks
from aigchip.mapping.choice import Tiles, Traffic, choose, estimate
from aigchip.mapping.convolution import Convolution
from aigchip.mapping.geometry import PARAMETER_BYTES, Geometry
from aigchip.mapping.job import Job
from aigchip.mapping.layer_arrays import STRIDES, TAPS_MAX, Layers

__all__ = ["MappingError", "Traffic", "estimate", "place", "place_all"]


class MappingError(AigchipError):
    """A layer that a design cannot do."""


def place(layer: Convolution, geometry: Geometry, traffic: Traffic | None = None, where: str = "layer") -> Job:
    """Return the job that is estimated to take the fewest cycles; its addresses are 0, its clamp is that of int8.

    Raises:
        MappingError: the design cannot do the layer.
    """
    return _place(layer, geometry, traffic or Traffic(), where)


@lru_cache(maxsize=10_000)
def _place(layer: Convolution, geometry: Geometry, traffic: Traffic, where: str) -> Job:
    chosen = place_all(Layers([layer]), geometry, traffic, where).to_dict(0)
    word, step = geometry.word_bytes, geometry.step
    steps = chosen["kernel_rows"] * chosen["kernel_columns"]
    steps *= chosen["share_k"] if chosen["grouped"] else chosen["tile_k"]
    return Job(
        **chosen,
        dilation=layer.dilation,
        in_plane=geometry.plane_words(layer.rows * layer.columns),
        out_plane=geometry.plane_words(layer.out_rows * chosen["out_columns"]),
        a_address=0,
        a_tile_words=-(-chosen["tile_m"] * steps * step.m * step.k // word),
        p_address=0,
        p_tile_words=-(-chosen["tile_m"] * step.m * PARAMETER_BYTES // word),
        b_address=0,
        c_address=0,
        padding=0,
        zero_point=0,
        low=-128,
        high=127,
    )


def place_all(layers: Layers, geometry: Geometry, traffic: Traffic, where: str = "layer") -> Tiles:
    """Return for each layer the tiles that `place` takes, all at once.

    Raises:
        MappingError: the design cannot do a layer; the first of them is named.
    """
    if not layers.plain or (layers.longest << 14 >= 1 << (geometry.accumulator_bits - 1)).any():
        for layer in layers.layers:
            _check(layer, geometry, where)
    found = choose(layers, geometry, traffic)
    if not found.fits.all():
        layer = layers.layers[int(found.fits.argmin())]
        raise MappingError(where, _why(layer, geometry), "Enlarge the buffers, or take a design with fewer banks.")
    return found


def _check(layer: Convolution, geometry: Geometry, where: str) -> None:
    if layer.stride not in STRIDES:
        raise MappingError(where, f"stride is {layer.stride}; must be 1, 2 or 4", "Leave the layer to the host.")
    if layer.kernel[0] * layer.kernel[1] > TAPS_MAX:
        what = f"the kernel has {layer.kernel[0] * layer.kernel[1]} taps; must be at most {TAPS_MAX}"
        raise MappingError(where, what, "Leave the layer to the host.")
    if min(layer.out_rows, layer.out_columns) < 1:
        what = f"the kernel {layer.kernel} is larger than the padded map"
        raise MappingError(where, what, "Correct kernel, padding or dilation.")
    if layer.stride > 1 and layer.kernel[0] == 1 and any(layer.padding):
        what = "a kernel of one row has a stride and padding"
        raise MappingError(where, what, "Pad the map before, or use a larger kernel.")
    longest = layer.group_channels * layer.kernel[0] * layer.kernel[1]
    if longest << 14 >= 1 << (geometry.accumulator_bits - 1):
        what = f"sums of {longest} products need {(longest << 14).bit_length() + 1} bits"
        what += f"; the accumulators have {geometry.accumulator_bits}"
        raise MappingError(where, what, "Use accumulator_bits: 32.")


def _why(layer: Convolution, geometry: Geometry) -> str:
    found = (
        f"no tile of {layer.kernel[0]} x {layer.kernel[1]} taps fits: buffer A holds {geometry.a_half_pieces} pieces "
        f"a half, buffer B {geometry.b_half_positions} pixels, buffer C {geometry.c_slot_lines} lines a slot"
    )
    if layer.groups > 1 and not in_blocks(layer, geometry):
        found += (
            f"; a job for each group needs groups of whole blocks of {geometry.block} channels, these have "
            f"{layer.group_channels} channels and {layer.outputs // layer.groups} outputs"
        )
    return found
