"""ONNX models made by onnx.helper, for the tests of the import."""

from collections.abc import Sequence
from math import prod
from pathlib import Path

import onnx
from onnx import TensorProto, helper

Dim = int | str | None


class Net:
    """Build a graph node by node; weights are declared by their shape only."""

    def __init__(self, shape: Sequence[Dim], *, name: str = "data") -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []
        self.inputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)]
        self.last = name

    def weight(self, name: str, shape: Sequence[int]) -> str:
        tensor = TensorProto(name=name, data_type=TensorProto.FLOAT, dims=shape)
        if prod(shape) <= 4096:  # a large one without its values keeps the files of these tests small
            tensor.raw_data = bytes(4 * prod(shape))
        self.weights.append(tensor)
        return name

    def scalar(self, name: str, value: float) -> str:
        self.weights.append(helper.make_tensor(name, TensorProto.FLOAT, [], [value]))
        return name

    def ints(self, name: str, values: Sequence[int]) -> str:
        self.weights.append(helper.make_tensor(name, TensorProto.INT64, [len(values)], values))
        return name

    def op(self, operator: str, name: str, *inputs: str, domain: str = "", **attributes: object) -> str:
        node = helper.make_node(operator, inputs or (self.last,), [f"{name}_out"], name=name, domain=domain)
        node.attribute.extend(helper.make_attribute(key, value) for key, value in attributes.items())
        self.nodes.append(node)
        self.last = f"{name}_out"
        return self.last

    def conv(self, name: str, weight: Sequence[int], *, source: str | None = None, **attributes: object) -> str:
        return self.op("Conv", name, source or self.last, self.weight(f"{name}_w", weight), **attributes)

    def model(self) -> onnx.ModelProto:
        output = helper.make_tensor_value_info(self.last, TensorProto.FLOAT, None)
        graph = helper.make_graph(self.nodes, "g", self.inputs, [output], self.weights)
        domains = {node.domain for node in self.nodes} - {""}
        imports = [helper.make_opsetid("", 17), *(helper.make_opsetid(domain, 1) for domain in domains)]
        return helper.make_model(graph, opset_imports=imports, ir_version=8)

    def save(self, path: Path) -> Path:
        onnx.save(self.model(), path)
        return path


def resnet18(shape: Sequence[Dim]) -> Net:
    """A whole ResNet-18 with the names of the reference tables."""
    net = Net(shape)
    net.conv("conv1", [64, 3, 7, 7], strides=[2, 2], pads=[3] * 4)
    net.op("BatchNormalization", "bn1", net.last, *(net.weight(f"bn1_{i}", [64]) for i in range(4)))
    net.op("Relu", "relu1")
    net.op("MaxPool", "pool1", kernel_shape=[3, 3], strides=[2, 2], pads=[1] * 4)
    channels = 64
    for stage in range(4):
        wide = 64 << stage
        for index, block in enumerate("ab"):
            name, stride, source = f"res{stage + 2}{block}", 2 if stage and not index else 1, net.last
            padding = {"auto_pad": "SAME_UPPER"} if stride == 1 else {"pads": [1] * 4}
            net.conv(f"{name}_1", [wide, channels, 3, 3], strides=[stride] * 2, **padding)
            net.op("Relu", f"{name}_relu1")
            main = net.conv(f"{name}_2", [wide, wide, 3, 3], pads=[1] * 4)
            if channels != wide:
                source = net.conv(f"{name}_ds", [wide, channels, 1, 1], source=source, strides=[stride] * 2)
            channels = wide
            net.op("Add", f"{name}_add", main, source)
            net.op("Relu", f"{name}_relu2")
    net.op("GlobalAveragePool", "pool5")
    net.op("Flatten", "flatten", axis=1)
    net.op("Gemm", "fc", net.last, net.weight("fc_w", [1000, 512]), net.weight("fc_b", [1000]), transB=1)
    return net


def alexnet(shape: Sequence[Dim]) -> Net:
    """A whole AlexNet whose fully connected layers are MatMul and Add, as some exporters write them."""
    net = Net(shape)
    net.conv("conv1", [64, 3, 11, 11], strides=[4, 4], pads=[2] * 4)
    net.op("Relu", "relu1")
    net.op("MaxPool", "pool1", kernel_shape=[3, 3], strides=[2, 2])
    net.conv("conv2", [192, 64, 5, 5], pads=[2] * 4)
    net.op("Relu", "relu2")
    net.op("MaxPool", "pool2", kernel_shape=[3, 3], strides=[2, 2])
    for index, (out, into) in enumerate([(384, 192), (256, 384), (256, 256)], start=3):
        net.conv(f"conv{index}", [out, into, 3, 3], pads=[1] * 4)
        net.op("Relu", f"relu{index}")
    net.op("MaxPool", "pool5", kernel_shape=[3, 3], strides=[2, 2])
    net.op("Reshape", "reshape", net.last, net.ints("shape", [-1, 9216]))
    for index, (into, out) in enumerate([(9216, 4096), (4096, 4096), (4096, 1000)], start=6):
        net.op("MatMul", f"fc{index}", net.last, net.weight(f"fc{index}_w", [into, out]))
        net.op("Add", f"fc{index}_add", net.last, net.weight(f"fc{index}_b", [out]))
        if index < 8:
            net.op("Relu", f"relu{index}")
    return net
