"""The numbers of a quantised network: weights, biases, multipliers and shifts, all of them integers.

A real number is `scale x (q - zero_point)` with q of 8 bits, signed; values that a file keeps unsigned are shifted by 128.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from aigchip.workload.errors import WorkloadError
from aigchip.workload.requantise import SHIFT_MAX, multiplier_and_shift

LOW, HIGH = -128, 127
_SUM_MAX = 2**31 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantisation:
    """What the 8-bit values of a tensor mean.

    Attributes:
        scale: real number of one step; positive.
        zero_point: the value that stands for 0; -128 to 127.
    """

    scale: float
    zero_point: int = 0

    def bounds(self, activation: str, where: str) -> tuple[int, int]:
        """Return the smallest and the largest value behind an activation.

        Raises:
            WorkloadError: the activation is more than bounds.
        """
        if activation not in {"none", "relu", "relu6"}:
            raise WorkloadError(
                where, f"activation is {activation}; must be none, relu or relu6", "Train the network with relu."
            )
        low, high = LOW, HIGH
        if activation in {"relu", "relu6"}:
            low = self.zero_point
        if activation == "relu6":
            high = min(HIGH, self.zero_point + round(6 / self.scale))
        return low, high

    def quantise(self, values: NDArray[np.floating]) -> NDArray[np.int8]:
        """Return the nearest 8-bit values; a tie goes to the even one, as in ONNX's QuantizeLinear."""
        steps = np.rint(np.asarray(values, dtype=np.float64) / self.scale) + self.zero_point
        return np.clip(steps, LOW, HIGH).astype(np.int8)

    def dequantise(self, values: NDArray[np.int8]) -> NDArray[np.float64]:
        """Return the real numbers."""
        return (values.astype(np.float64) - self.zero_point) * self.scale


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LayerParameters:
    """What a layer multiplies by and adds.

    y = clamp(((sum of weights x inputs + bias) x multiplier + 2 ** (shift - 1)) >> shift, low, high), for each output
    channel its own bias, multiplier and shift; inputs and y are 8-bit values as they are stored, padding is 0.

    Attributes:
        weights: int8, (output channels, input channels of a group, kernel height, kernel width).
        bias: int32, (output channels,); the zero points of the input and of the output are folded in.
        multiplier: uint16, (output channels,).
        shift: uint8 from 1 to 31, (output channels,).
        low, high: bounds of the result: those of 8 bits and of the activation.
        weight_scales: real number of one step of a weight, (output channels,).
    """

    weights: NDArray[np.int8]
    bias: NDArray[np.int32]
    multiplier: NDArray[np.uint16]
    shift: NDArray[np.uint8]
    low: int
    high: int
    weight_scales: NDArray[np.float64]

    def __post_init__(self) -> None:
        for array in (self.weights, self.bias, self.multiplier, self.shift, self.weight_scales):
            array.setflags(write=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class HostScaling:
    """How a host operator comes from its inputs' scales to its output's.

    y = clamp((sum of multiplier x (x - zero_point) over inputs and taps + (output_zero_point << shift) +
    2 ** (shift - 1)) >> shift, low, high); a tap in the padding adds nothing.

    Attributes:
        zero_points: of the inputs.
        multipliers: of the inputs, 16 bits, unsigned.
        shift: 1 to 31.
        output_zero_point: of the output.
        low, high: bounds of the result: those of 8 bits and of the activation.
    """

    zero_points: tuple[int, ...]
    multipliers: tuple[int, ...]
    shift: int
    output_zero_point: int
    low: int
    high: int


def layer_parameters(
    *,
    weights: NDArray[np.int8],
    weight_scales: NDArray[np.float64],
    bias: NDArray[np.float64] | None,
    source: Quantisation,
    result: Quantisation,
    activation: str,
    padded: bool,
    where: str,
) -> LayerParameters:
    """Compute a layer's integers from its scales.

    Args:
        weights: (output channels, input channels of a group, kernel height, kernel width).
        weight_scales: of each output channel, or one of all.
        bias: real numbers, (output channels,); None where there is none.
        source: of the input.
        result: of the output.
        activation: relu, relu6 or none.
        padded: whether the input is padded.
        where: whose parameters these are, for the errors.

    The bias is `round(bias / (input scale x weight scale)) - input zero point x sum of the weights +
    round(output zero point x 2 ** shift / multiplier)`; the last rounding shifts y by at most half the ratio. A channel
    whose weights are all 0 counts in steps of the output, whatever its scale.

    Raises:
        WorkloadError: a padded input has a zero point, a ratio of scales is out of range, sums need over 32 bits, or the
            activation is more than bounds.
    """
    if padded and source.zero_point:
        raise WorkloadError(
            where,
            f"the zero point of the padded input is {source.zero_point} (as int8); must be 0, which padding is",
            "Quantise the input of this layer symmetrically: int8 with zero point 0.",
        )
    channels = weights.shape[0]
    flat = weights.reshape(channels, -1).astype(np.int64)
    scales = np.broadcast_to(weight_scales, (channels,)).astype(np.float64)
    steps = np.where(flat.any(axis=1), source.scale * scales, result.scale)
    pairs = [multiplier_and_shift(float(step) / result.scale, where) for step in steps]
    sums = [0] * channels if bias is None else [round(float(b / step)) for b, step in zip(bias, steps, strict=True)]
    folded = [
        total - source.zero_point * int(taps) + _offset(result.zero_point, multiplier, shift)
        for total, taps, (multiplier, shift) in zip(sums, flat.sum(axis=1), pairs, strict=True)
    ]
    worst = max(abs(b) + 128 * int(w) for b, w in zip(folded, np.abs(flat).sum(axis=1), strict=True))
    if worst > _SUM_MAX:
        raise WorkloadError(
            where,
            f"a sum may reach {worst:,}; must be at most {_SUM_MAX:,}, which 32 bits hold",
            "Choose scales that make the bias smaller.",
        )
    low, high = result.bounds(activation, where)
    return LayerParameters(
        weights=np.ascontiguousarray(weights, dtype=np.int8),
        bias=np.array(folded, dtype=np.int32),
        multiplier=np.array([multiplier for multiplier, _ in pairs], dtype=np.uint16),
        shift=np.array([shift for _, shift in pairs], dtype=np.uint8),
        low=low,
        high=high,
        weight_scales=scales,
    )


def _offset(zero_point: int, multiplier: int, shift: int) -> int:
    """Return what added to a sum adds the zero point to the result."""
    return round(zero_point * 2**shift / multiplier)


def host_scaling(
    *,
    sources: tuple[Quantisation, ...],
    result: Quantisation,
    activation: str,
    where: str,
    taps: int = 1,
) -> HostScaling:
    """Compute the integers of a host operator from its scales.

    All inputs share the shift of the largest ratio of scales, so that a smaller one is off by as much as that one at
    most: 2 ** -(shift + 1).

    Args:
        sources: of the inputs.
        result: of the output.
        activation: relu, relu6 or none.
        where: whose scaling this is, for the errors.
        taps: how many values of an input are averaged.

    Raises:
        WorkloadError: a ratio of scales is out of range, or the activation is more than bounds.
    """
    ratios = [source.scale / (result.scale * taps) for source in sources]
    shift = min(SHIFT_MAX, *(multiplier_and_shift(ratio, where)[1] for ratio in ratios))
    low, high = result.bounds(activation, where)
    return HostScaling(
        zero_points=tuple(source.zero_point for source in sources),
        multipliers=tuple(math.floor(math.ldexp(ratio, shift) + 0.5) for ratio in ratios),
        shift=shift,
        output_zero_point=result.zero_point,
        low=low,
        high=high,
    )
