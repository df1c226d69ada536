"""QuantizeLinear and DequantizeLinear.

Reference: ONNX operators QuantizeLinear and DequantizeLinear (opset 10 to 24); one scale for a tensor, or one for each
channel of weights.
"""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import NodeProto, TensorProto

from aigchip.workload.errors import WorkloadError
from aigchip.workload.onnx_nodes import clean, node_name
from aigchip.workload.parameters import Quantisation
from aigchip.workload.qdq.complete import complete, rescale
from aigchip.workload.qdq.values import Constant, Picture, Stored, Value, Waiting
from aigchip.workload.qdq.walk import QUANTISE_ALL, Walk

_CALIBRATE = "Calibrate the network again."
_SYMMETRIC = "Quantise weights as int8 and biases as int32, with zero point 0."
_TYPES = {0: "uint8", TensorProto.UINT8: "uint8", TensorProto.INT8: "int8", TensorProto.INT32: "int32"}


def quantise(walk: Walk, node: NodeProto, attributes: dict[str, Any]) -> Value:
    """Complete the operator that waits for this scale."""
    value = walk.value(node, 0)
    if isinstance(value, Constant):
        return _quantised(walk, node, value, attributes)
    result = _activation(walk, node, attributes)
    if isinstance(value, Picture):
        return _take_picture(walk, value, result)
    if isinstance(value, Stored) and value.real:
        if value.quantisation == result:
            return replace(value, real=False)
        return complete(walk, rescale(walk, node_name(node), value), result)
    if not isinstance(value, Waiting):
        raise walk.error(
            node, "the values are not those of an operator that can be quantised; must be", "Export without this node."
        )
    tensor = node.input[0]
    if tensor not in walk.made:
        walk.made[tensor] = complete(walk, value, result)
    if walk.made[tensor].quantisation != result:
        raise walk.error(
            node, f"{clean(tensor)} is quantised with two scales; must be with one", "Give the tensor one scale."
        )
    return walk.made[tensor]


def dequantise(walk: Walk, node: NodeProto, attributes: dict[str, Any]) -> Value:
    """Note that 8-bit values are read as real ones, or that a constant has scales."""
    value = walk.value(node, 0)
    if isinstance(value, Constant):
        return _dequantised(walk, node, value, attributes)
    result = _activation(walk, node, attributes)
    if isinstance(value, Picture):  # the network takes 8-bit values
        value = _take_picture(walk, value, result)
    if not isinstance(value, Stored) or value.real:
        raise walk.error(node, "the input is not quantised; must be", QUANTISE_ALL)
    if value.quantisation != result:
        raise walk.error(
            node,
            "scale or zero point are not those of the QuantizeLinear before; must be equal",
            "Give both one scale.",
        )
    return replace(value, real=True)


def _take_picture(walk: Walk, picture: Picture, result: Quantisation) -> Stored:
    if walk.picture_quantisation not in {None, result}:
        where = f"{walk.shapes.where}: input {picture.name}"
        raise WorkloadError(where, "the picture is quantised with two scales; must be with one", "Quantise it once.")
    walk.picture_quantisation = result
    return Stored(picture.name, result, real=False)


def _activation(walk: Walk, node: NodeProto, attributes: dict[str, Any]) -> Quantisation:
    """Return the scale and zero point of activations; unsigned values become signed ones, 128 less."""
    scales = _scales(walk, node)
    zero = _zero_points(walk, node, attributes)
    count = scales.size if scales.size != 1 else zero.size
    if count != 1:
        raise walk.error(
            node, f"activations have {count} scales; must have 1 (weights may have one for each channel)",
            "Quantise activations per tensor.",
        )  # fmt: skip
    if zero.dtype not in {np.dtype(np.int8), np.dtype(np.uint8)}:
        raise walk.error(
            node, f"activations are {zero.dtype}; must be int8 or uint8", "Quantise activations to 8 bits."
        )
    return Quantisation(scale=float(scales[0]), zero_point=int(zero[0]) - (128 if zero.dtype == np.uint8 else 0))


def _scales(walk: Walk, node: NodeProto) -> NDArray[np.float64]:
    values = walk.constant(node, 1, "the scale").values
    if values.ndim > 1:
        raise walk.error(node, "the values are quantised in blocks; must be per tensor or per channel", _SYMMETRIC)
    scales = values.astype(np.float64).reshape(-1)
    if not scales.size or not np.isfinite(scales).all() or (scales <= 0).any():
        raise walk.error(node, f"scale is {float(scales.min(initial=0)):g}; must be above 0", _CALIBRATE)
    return scales


def _zero_points(walk: Walk, node: NodeProto, attributes: dict[str, Any]) -> NDArray[Any]:
    if len(node.input) > 2 and node.input[2]:
        return walk.constant(node, 2, "the zero point").values.reshape(-1)
    kind = _TYPES.get(attributes.get("output_dtype", 0))
    if kind is None:
        raise walk.error(node, "output_dtype is another type; must be int8 or uint8", "Quantise to 8 bits.")
    return np.zeros(1, dtype=kind)


def _quantised(walk: Walk, node: NodeProto, value: Constant, attributes: dict[str, Any]) -> Constant:
    """Quantise weights that an exporter kept as floats."""
    scales, zero = _scales(walk, node), _zero_points(walk, node, attributes)
    if zero.dtype not in {np.dtype(np.int8), np.dtype(np.int32)} or zero.any():
        raise walk.error(
            node, f"a constant is {zero.dtype} with zero point {zero.max()}; must be int8 with 0", _SYMMETRIC
        )
    limits = np.iinfo(zero.dtype)
    steps = np.rint(value.values.astype(np.float64) / _along(walk, node, value, scales, attributes.get("axis", 1)))
    return Constant(np.clip(steps, limits.min, limits.max).astype(zero.dtype))


def _dequantised(walk: Walk, node: NodeProto, value: Constant, attributes: dict[str, Any]) -> Constant:
    scales, axis = _scales(walk, node), attributes.get("axis", 1)
    if value.values.dtype not in {np.dtype(np.int8), np.dtype(np.int32)}:
        raise walk.error(
            node, f"a constant is {value.values.dtype}; must be int8 (weights) or int32 (bias)", _SYMMETRIC
        )
    if len(node.input) > 2 and node.input[2]:
        zero = walk.constant(node, 2, "the zero point").values
        if zero.any():
            raise walk.error(node, f"a constant has zero point {zero.max()}; must have 0", _SYMMETRIC)
    _along(walk, node, value, scales, axis)
    return Constant(value.values, scales, axis % max(1, value.values.ndim))


def _along(walk: Walk, node: NodeProto, value: Constant, scales: NDArray[np.float64], axis: int) -> NDArray[np.float64]:
    """Return scales that broadcast against the values."""
    sizes = value.values.shape
    if scales.size == 1:
        return scales.reshape(())
    if not -len(sizes) <= axis < len(sizes) or sizes[axis] != scales.size:
        raise walk.error(
            node,
            f"a constant has {scales.size} scales along axis {axis}; must have 1, or 1 for each channel",
            _SYMMETRIC,
        )
    return scales.reshape([scales.size if axis % len(sizes) == index else 1 for index in range(len(sizes))])
