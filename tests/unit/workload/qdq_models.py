"""Quantised ONNX models made by onnx.helper: every operator between a DequantizeLinear and a QuantizeLinear."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

#: Standard deviation of int8 values that fill their range evenly, and of outputs that should seldom leave it.
SPREAD, AIM = 74, 40


class Qdq:
    """Build a quantised network node by node, with random weights and scales that fill 8 bits.

    `last` is the dequantised tensor that the next operator reads; the quantised output of operator n is `n_q`.
    """

    def __init__(
        self,
        shape: Sequence[int | str],
        *,
        seed: int = 1,
        scale: float = 0.06,
        zero_point: int | None = None,
        unsigned: bool = False,
        per_channel: bool = True,
    ) -> None:
        self.random = np.random.default_rng(seed)
        self.per_channel, self.unsigned = per_channel, unsigned
        self.zero = 128 if unsigned else 0
        self.nodes: list[onnx.NodeProto] = []
        self.initialisers: list[onnx.TensorProto] = []
        self.inputs = [helper.make_tensor_value_info("data", TensorProto.FLOAT, shape)]
        self.scales: dict[str, float] = {}
        self.quantised: list[str] = []
        self.last = self.quantise("data", "data", scale, zero_point)

    def constant(self, name: str, values: object, dtype: object = np.float32) -> str:
        self.initialisers.append(numpy_helper.from_array(np.array(values, dtype=dtype), name))
        return name

    def op(self, operator: str, name: str, *inputs: str, **attributes: object) -> str:
        self.nodes.append(helper.make_node(operator, inputs or (self.last,), [f"{name}_out"], name=name, **attributes))
        self.last = f"{name}_out"
        if operator == "Flatten":
            self.scales[self.last] = self.scales[self.nodes[-1].input[0]]
        return self.last

    def quantise(self, name: str, tensor: str, scale: float, zero_point: int | None = None) -> str:
        """Append QuantizeLinear and DequantizeLinear, and return the dequantised tensor."""
        scale = float(np.float32(scale))
        self.constant(f"{name}_scale", scale)
        self.constant(
            f"{name}_zero", self.zero if zero_point is None else zero_point, np.uint8 if self.unsigned else np.int8
        )
        numbers = [f"{name}_scale", f"{name}_zero"]
        self.nodes.append(helper.make_node("QuantizeLinear", [tensor, *numbers], [f"{name}_q"], name=f"{name}_Q"))
        self.nodes.append(
            helper.make_node("DequantizeLinear", [f"{name}_q", *numbers], [f"{name}_d"], name=f"{name}_DQ")
        )
        self.quantised.append(f"{name}_q")
        self.last = f"{name}_d"
        self.scales[self.last] = scale
        return self.last

    def weights(self, name: str, shape: Sequence[int], axis: int, source: str, *, bias: bool) -> list[str]:
        """Declare int8 weights and an int32 bias for which the output's scale may be the input's."""
        channels, depth = shape[axis], int(np.prod(shape)) // shape[axis]
        fit = AIM / (SPREAD * SPREAD * depth**0.5)
        scales = np.float32(fit * self.random.uniform(0.5, 1.5, channels if self.per_channel else ()))
        # Fused kernels of uint8 x int8 saturate pairs of products in 16 bits on processors without VNNI: 7 bits do not.
        most = 63 if self.unsigned else 127
        values = self.random.integers(-most, most + 1, shape).astype(np.int8)
        tensors = [self._dequantised(f"{name}_w", values, scales, axis)]
        if bias:
            values = self.random.integers(-SPREAD, SPREAD, channels) * int(SPREAD * depth**0.5)
            steps = (scales * np.float32(self.scales[source])).astype(np.float32)
            tensors.append(self._dequantised(f"{name}_b", values.astype(np.int32), steps, 0))
        return tensors

    def _dequantised(self, name: str, values: np.ndarray, scales: np.ndarray, axis: int) -> str:
        self.initialisers.append(numpy_helper.from_array(values, f"{name}_int"))
        self.constant(f"{name}_scale", scales)
        attributes = {"axis": axis} if scales.ndim else {}
        inputs = [f"{name}_int", f"{name}_scale"]
        self.nodes.append(helper.make_node("DequantizeLinear", inputs, [name], name=f"{name}_DQ", **attributes))
        return name

    def conv(
        self,
        name: str,
        shape: Sequence[int],
        *,
        source: str | None = None,
        activation: str | None = None,
        bias: bool = True,
        zero_point: int | None = None,
        **attributes: object,
    ) -> str:
        source = source or self.last
        tensors = self.weights(name, shape, 0, source, bias=bias)
        self.op("Conv", name, source, *tensors, **attributes)
        return self.quantise(name, self.activate(name, activation), self.scales[source] * 1.1, zero_point)

    def activate(self, name: str, activation: str | None) -> str:
        if activation == "relu6":
            limits = [self.constant(f"{name}_min", 0.0), self.constant(f"{name}_max", 6.0)]
            return self.op("Clip", f"{name}_clip", self.last, *limits)
        return self.op("Relu", f"{name}_relu") if activation == "relu" else self.last

    def fc(self, name: str, shape: Sequence[int], *, operator: str = "Gemm", zero_point: int | None = None) -> str:
        """Append a Gemm of a (features, inputs) matrix, or a MatMul of (inputs, features) and an Add."""
        source, turned = self.last, operator == "Gemm"
        weight, bias = self.weights(name, shape, 0 if turned else 1, source, bias=True)
        if turned:
            self.op("Gemm", name, source, weight, bias, transB=1)
        else:
            self.op("MatMul", name, source, weight)
            self.op("Add", f"{name}_add", self.last, bias)
        return self.quantise(name, self.last, self.scales[source], zero_point)

    def add(
        self, name: str, first: str, second: str, *, activation: str | None = None, zero_point: int | None = None
    ) -> str:
        self.op("Add", name, first, second)
        scale = (self.scales[first] ** 2 + self.scales[second] ** 2) ** 0.5
        return self.quantise(name, self.activate(name, activation), scale, zero_point)

    def pool(
        self, operator: str, name: str, *, ratio: float = 1.0, zero_point: int | None = None, **attributes: object
    ) -> str:
        """Append a pooling operator whose output's scale is `ratio` times its input's."""
        scale = self.scales[self.last] * ratio
        self.op(operator, name, **attributes)
        return self.quantise(name, self.last, scale, zero_point)

    def model(self) -> onnx.ModelProto:
        outputs = [helper.make_tensor_value_info(self.last, TensorProto.FLOAT, None)]
        graph = helper.make_graph(self.nodes, "g", self.inputs, outputs, self.initialisers)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)

    def save(self, path: Path) -> Path:
        onnx.save(self.model(), path)
        return path


def residual(**options: object) -> Qdq:
    """A small ResNet: convolutions of every kind, a residual addition, poolings, a fully connected layer."""
    net = Qdq([1, 3, 17, 15], **options)
    x = net.conv("stem", [16, 3, 5, 3], activation="relu", strides=[2, 1], pads=[2, 1, 1, 1])
    x = net.pool("MaxPool", "pool", kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])
    y = net.conv("block_1", [16, 16, 3, 3], activation="relu", pads=[1] * 4)
    y = net.conv("block_2", [16, 16, 3, 3], pads=[1] * 4)
    x = net.add("join", y, x, activation="relu")
    net.conv("wide", [24, 16, 1, 1], activation="relu6")
    net.conv("depthwise", [24, 1, 3, 3], activation="relu6", group=24, pads=[1] * 4, strides=[2, 2])
    net.conv("narrow", [8, 24, 1, 1], bias=False)
    net.conv("grouped", [12, 4, 2, 2], group=2, dilations=[1, 2])
    net.pool("GlobalAveragePool", "average", ratio=0.3)
    net.op("Flatten", "flat")
    net.fc("fc", [10, 12], operator="Gemm")
    return net


def mobile(**options: object) -> Qdq:
    """An inverted residual without padded inputs of a zero point, MatMul with Add, asymmetric scales."""
    zero_point = 3 if not options.get("unsigned") else 131
    net = Qdq([1, 4, 9, 9], zero_point=zero_point, **options)
    x = net.conv("narrow", [8, 4, 1, 1], zero_point=zero_point + 4)
    y = net.conv("wide", [16, 8, 1, 1], activation="relu6", zero_point=zero_point - 2)
    y = net.conv("valid", [16, 1, 3, 3], group=16, activation="relu", zero_point=zero_point)
    y = net.conv("project", [8, 16, 1, 1], zero_point=zero_point)
    x = net.op("Relu", "again", x)
    x = net.quantise("again", x, net.scales["narrow_d"] * 0.9, zero_point)
    x = net.pool("AveragePool", "mean", kernel_shape=[3, 3], ratio=0.6, zero_point=zero_point)
    x = net.add("join", y, x, zero_point=zero_point + 1)
    fine = net.conv("fine", [6, 8, 2, 2], source=x, strides=[2, 2], zero_point=zero_point)
    net.last = x
    largest = net.pool("MaxPool", "largest", kernel_shape=[2, 2], strides=[2, 2], ratio=1.2, zero_point=zero_point)
    net.op("Concat", "both", fine, largest, axis=1)
    net.quantise("both", net.last, net.scales[fine], zero_point)
    net.op("Flatten", "flat")
    net.fc("fc", [126, 11], operator="MatMul", zero_point=zero_point)
    return net
