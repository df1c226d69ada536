"""What is known of a tensor of a quantised file."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aigchip.workload.graph import Node
from aigchip.workload.parameters import Quantisation


@dataclass(frozen=True, slots=True, eq=False)
class Constant:
    """Values that the file holds.

    Attributes:
        values: as they are stored.
        scales: of a dequantised constant: one, or one for each index along `axis`.
        axis: of the scales.
    """

    values: NDArray[Any]
    scales: NDArray[np.float64] | None = None
    axis: int = 0


@dataclass(frozen=True, slots=True)
class Picture:
    """The network's input before it is quantised."""

    name: str


@dataclass(frozen=True, slots=True)
class Stored:
    """8-bit values of a node or of the picture; `real` behind a DequantizeLinear."""

    name: str
    quantisation: Quantisation
    real: bool


@dataclass(frozen=True, slots=True, eq=False)
class Weights:
    """What a layer multiplies by.

    Attributes:
        values: int8, (output channels, input channels of a group, kernel height, kernel width).
        scales: one, or one for each output channel.
        bias: real numbers, (output channels,), or a dequantised constant; None where there is none.
    """

    values: NDArray[np.int8]
    scales: NDArray[np.float64]
    bias: Constant | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Waiting:
    """A float operator that has not met its QuantizeLinear.

    Attributes:
        draft: the node without its numbers.
        sources: what it reads.
        weights: of a layer.
        activation: that was met behind it.
    """

    draft: Node
    sources: tuple[Stored, ...]
    weights: Weights | None = None
    activation: str = "none"


@dataclass(frozen=True, slots=True)
class RealOutput:
    """Real numbers that the host makes at the end."""

    name: str


Value = Constant | Picture | Stored | Waiting | RealOutput
