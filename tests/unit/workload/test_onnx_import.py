"""ONNX files become the same layers as the built-in networks; what cannot be accelerated is named, never dropped."""

from collections import Counter
from pathlib import Path

import onnx
import pytest
from onnx import TensorProto, helper
from unit.workload.onnx_models import Net, alexnet, resnet18

from aigchip.workload import Gemm, Workload, WorkloadError, built_in, load

pytestmark = pytest.mark.verifies("onnx-import")


def read(net: Net, tmp_path: Path, resolution: int | None = None) -> Workload:
    return load(str(net.save(tmp_path / "net.onnx")), resolution)


def refused(net: Net, tmp_path: Path, resolution: int | None = None) -> str:
    with pytest.raises(WorkloadError) as error:
        read(net, tmp_path, resolution)
    return str(error.value).replace(f"{tmp_path}/", "")


@pytest.mark.parametrize("batch", [1, "N", None])
def test_a_resnet18_equals_the_built_in_one(tmp_path: Path, batch: int | str | None) -> None:
    workload = read(resnet18([batch, 3, 224, 224]), tmp_path)
    by_name = {layer.name: layer for layer in workload.layers}
    assert by_name == {layer.name: layer for layer in built_in("resnet18").layers}
    assert sorted(workload.gemms, key=str) == sorted(built_in("resnet18").gemms, key=str)
    assert workload.resolution == 224
    assert Counter(skipped.operator for skipped in workload.not_accelerated) == {
        "Relu": 17, "Add": 8, "MaxPool": 1, "BatchNormalization": 1, "GlobalAveragePool": 1, "Flatten": 1,
    }  # fmt: skip


@pytest.mark.parametrize("resolution", [224, 320, 448])
def test_a_symbolic_picture_takes_the_resolution(tmp_path: Path, resolution: int) -> None:
    workload = read(resnet18(["N", 3, "H", "W"]), tmp_path, resolution)
    assert {layer.name: layer for layer in workload.layers} == {
        layer.name: layer for layer in built_in("resnet18", resolution).layers
    }


def test_an_alexnet_with_matmul_equals_the_built_in_one(tmp_path: Path) -> None:
    assert read(alexnet([1, 3, 224, 224]), tmp_path).layers == built_in("alexnet").layers


def test_inner_shapes_that_an_exporter_wrote_for_another_batch_do_not_matter(tmp_path: Path) -> None:
    model = onnx.shape_inference.infer_shapes(alexnet([1, 3, 224, 224]).model())
    model.graph.input[0].type.tensor_type.shape.dim[0].dim_param = "batch"
    onnx.save(model, tmp_path / "net.onnx")
    assert load(str(tmp_path / "net.onnx")).layers == built_in("alexnet").layers


CONVOLUTIONS = {
    "padding": ([1, 3, 20, 20], [8, 3, 3, 3], {"pads": [1, 2, 1, 2]}, Gemm(kind="conv", m=8, k=27, n=20 * 22)),
    "asymmetric padding": ([1, 3, 20, 20], [8, 3, 3, 3], {"pads": [0, 0, 1, 1]}, Gemm(kind="conv", m=8, k=27, n=361)),
    "stride": ([1, 3, 21, 20], [8, 3, 3, 3], {"strides": [2, 3]}, Gemm(kind="conv", m=8, k=27, n=10 * 6)),
    "dilation": ([1, 3, 20, 20], [8, 3, 3, 3], {"dilations": [2, 3]}, Gemm(kind="conv", m=8, k=27, n=16 * 14)),
    "groups": ([1, 8, 9, 9], [16, 4, 1, 1], {"group": 2}, Gemm(kind="conv1x1", m=8, k=4, n=81, count=2)),
    "depthwise": ([1, 8, 9, 9], [8, 1, 3, 3], {"group": 8}, Gemm(kind="dwconv", m=1, k=9, n=49, count=8)),
    "same upper": (
        [1, 3, 21, 20], [8, 3, 3, 3], {"auto_pad": "SAME_UPPER", "strides": [2, 2]}, Gemm(kind="conv", m=8, k=27, n=110)
    ),
    "same lower": ([1, 3, 21, 20], [8, 3, 4, 4], {"auto_pad": "SAME_LOWER"}, Gemm(kind="conv", m=8, k=48, n=420)),
    "valid": ([1, 3, 20, 20], [8, 3, 3, 3], {"auto_pad": "VALID"}, Gemm(kind="conv", m=8, k=27, n=324)),
    "rectangle": ([1, 3, 20, 20], [8, 3, 1, 7], {}, Gemm(kind="conv", m=8, k=21, n=20 * 14)),
    "batch": ([4, 3, 20, 20], [8, 3, 1, 1], {}, Gemm(kind="conv1x1", m=8, k=3, n=1600)),
    "line": ([1, 3, 20], [8, 3, 5], {"strides": [3], "pads": [2, 2]}, Gemm(kind="conv", m=8, k=15, n=7)),
}  # fmt: skip


@pytest.mark.parametrize("case", CONVOLUTIONS)
def test_a_convolution_becomes_a_gemm_of_the_inferred_size(tmp_path: Path, case: str) -> None:
    shape, weight, attributes, gemm = CONVOLUTIONS[case]
    net = Net(shape)
    net.conv("c", weight, **attributes)
    workload = read(net, tmp_path)
    assert workload.gemms == (gemm,)
    inferred = onnx.shape_inference.infer_shapes(net.model(), strict_mode=True).graph.output[0]
    pixels = 1
    for axis, dim in enumerate(inferred.type.tensor_type.shape.dim):
        pixels *= dim.dim_value if axis != 1 else 1
    assert gemm.n == pixels


GEOMETRIES = {
    "padding": ({"pads": [1, 2, 3, 4]}, {"padding": (1, 2, 3, 4)}),
    "stride and dilation": ({"strides": [2, 3], "dilations": [3, 2]}, {"stride": (2, 3), "dilation": (3, 2)}),
    "same upper": ({"auto_pad": "SAME_UPPER", "strides": [2, 1]}, {"stride": (2, 1), "padding": (0, 1, 1, 2)}),
    "same lower": ({"auto_pad": "SAME_LOWER", "strides": [2, 1]}, {"stride": (2, 1), "padding": (1, 2, 0, 1)}),
    "same dilated": ({"auto_pad": "SAME_UPPER", "dilations": [2, 2]}, {"dilation": (2, 2), "padding": (2, 3, 2, 3)}),
    "valid": ({"auto_pad": "VALID"}, {}),
}


@pytest.mark.parametrize("case", GEOMETRIES)
def test_a_layer_keeps_the_whole_geometry_of_its_convolution(tmp_path: Path, case: str) -> None:
    attributes, fields = GEOMETRIES[case]
    net = Net([1, 3, 20, 21])
    net.conv("c", [8, 3, 3, 4], **attributes)
    (layer,) = read(net, tmp_path).layers
    plain = {"stride": (1, 1), "padding": (0, 0, 0, 0), "dilation": (1, 1)}
    assert {name: getattr(layer, name) for name in plain} == {**plain, **fields}
    inferred = onnx.shape_inference.infer_shapes(net.model(), strict_mode=True).graph.output[0]
    assert [dim.dim_value for dim in inferred.type.tensor_type.shape.dim[2:]] == [
        layer.output_height,
        layer.output_width,
    ]


def test_the_pictures_of_a_batch_and_a_line_keep_their_own_size(tmp_path: Path) -> None:
    net = Net([4, 3, 20])
    net.conv("c", [8, 3, 5], pads=[2, 1], strides=[3], dilations=[2])
    (layer,) = read(net, tmp_path).layers
    assert (layer.batch, layer.input_height, layer.input_width) == (4, 1, 20)
    assert (layer.padding, layer.stride, layer.dilation) == ((0, 2, 0, 1), (1, 3), (1, 2))
    assert layer.gemm.n == 4 * layer.output_width


ACTIVATIONS = {
    "relu": ([("Relu", {})], "relu"),
    "relu behind a bias": ([("Add", {}), ("Relu", {})], "relu"),
    "leaky": ([("LeakyRelu", {"alpha": 0.1})], "leaky_relu"),
    "clip to six": ([("Clip", {})], "relu6"),
    "another operator": ([("Sigmoid", {})], "none"),
    "nothing": ([], "none"),
}


@pytest.mark.parametrize("case", ACTIVATIONS)
def test_the_activation_behind_a_layer_belongs_to_it(tmp_path: Path, case: str) -> None:
    operators, activation = ACTIVATIONS[case]
    net = Net([1, 3, 8, 8])
    net.conv("c", [4, 3, 3, 3])
    net.scalar("zero", 0.0)
    net.scalar("six", 6.0)
    for operator, attributes in operators:
        more = {"Add": ["six"], "Clip": ["zero", "six"]}.get(operator, [])
        net.op(operator, f"{operator}_1", net.last, *more, **attributes)
    (layer,) = read(net, tmp_path).layers
    assert layer.activation == activation


def test_a_layer_with_two_readers_keeps_its_sums(tmp_path: Path) -> None:
    net = Net([1, 3, 8, 8])
    out = net.conv("c", [4, 3, 3, 3])
    net.op("Relu", "r")
    net.op("Add", "a", net.last, out)
    assert read(net, tmp_path).layers[0].activation == "none"


def test_an_unknown_auto_pad_is_one_clear_line(tmp_path: Path) -> None:
    net = Net([1, 3, 8, 8])
    net.conv("c", [8, 3, 3, 3], auto_pad="ODD")
    assert refused(net, tmp_path) == (
        "net.onnx: node c: auto_pad is ODD; must be NOTSET, SAME_UPPER, SAME_LOWER or VALID. Export the network again."
    )


PRODUCTS = {
    "weights second": ([5, 64], "MatMul", [64, 10], False, {}, Gemm(kind="fc", m=10, k=64, n=5)),
    "weights first": ([64, 5], "MatMul", [10, 64], True, {}, Gemm(kind="fc", m=10, k=64, n=5)),
    "stack of rows": ([2, 7, 64], "MatMul", [64, 10], False, {}, Gemm(kind="fc", m=10, k=64, n=14)),
    "stack of weights": ([3, 7, 64], "MatMul", [3, 64, 10], False, {}, Gemm(kind="fc", m=10, k=64, n=7, count=3)),
    "vector": ([1, 64], "MatMul", [64], False, {}, Gemm(kind="fc", m=1, k=64, n=1)),
    "both turned": ([64, 5], "Gemm", [10, 64], False, {"transA": 1, "transB": 1}, Gemm(kind="fc", m=10, k=64, n=5)),
}  # fmt: skip


@pytest.mark.parametrize("case", PRODUCTS)
def test_a_product_becomes_a_gemm(tmp_path: Path, case: str) -> None:
    shape, operator, weight, weight_first, attributes, gemm = PRODUCTS[case]
    net = Net(shape)
    operands = [net.last, net.weight("w", weight)]
    net.op(operator, "p", *(operands[::-1] if weight_first else operands), **attributes)
    assert read(net, tmp_path).gemms == (gemm,)


def test_a_product_of_two_activations_is_counted_for_each_head(tmp_path: Path) -> None:
    net = Net([1, 4, 10, 64], name="q")
    net.op("Transpose", "turn", perm=[0, 1, 3, 2])
    net.op("MatMul", "scores", "q", net.last)
    assert read(net, tmp_path).gemms == (Gemm(kind="matmul", m=10, k=64, n=10, count=4),)


def test_weights_behind_a_dequantisation_are_still_weights(tmp_path: Path) -> None:
    net = Net([1, 64, 1, 1])
    net.op("Flatten", "flat", axis=1)
    flat = net.last
    net.weights.append(helper.make_tensor("w", TensorProto.INT8, [10, 64], bytes(640), raw=True))
    net.op("DequantizeLinear", "dq", "w", net.weight("scale", []))
    net.op("Transpose", "turn", perm=[1, 0])
    net.op("MatMul", "fc", flat, net.last)
    assert read(net, tmp_path).gemms == (Gemm(kind="fc", m=10, k=64, n=1),)


def test_local_functions_are_looked_into(tmp_path: Path) -> None:
    net = Net([1, 3, 8, 8])
    net.op("Block", "b", net.last, net.weight("w", [4, 3, 1, 1]), domain="mine")
    model = net.model()
    body = helper.make_node("Conv", ["x", "w"], ["y"], name="inner")
    model.functions.append(
        helper.make_function("mine", "Block", ["x", "w"], ["y"], [body], [helper.make_opsetid("", 17)])
    )
    onnx.save(model, tmp_path / "net.onnx")
    assert load(str(tmp_path / "net.onnx")).gemms == (Gemm(kind="conv1x1", m=4, k=3, n=64),)


def test_an_operator_that_multiplies_and_is_not_supported_is_named_with_its_node(tmp_path: Path) -> None:
    net = Net([1, 3, 8, 8])
    net.op("ConvTranspose", "up", net.last, net.weight("w", [3, 4, 2, 2]))
    assert refused(net, tmp_path) == (
        "net.onnx: node up: operator ConvTranspose is not supported; must be Conv, Gemm, MatMul or one that the host "
        "runs. Export the network without it."
    )


def test_an_operator_of_another_domain_is_named_with_its_node(tmp_path: Path) -> None:
    net = Net([1, 3, 8, 8])
    net.op("Conv", "odd", domain="com.example")
    assert refused(net, tmp_path) == (
        "net.onnx: node odd: operator com.example.Conv is not supported; must be Conv, Gemm, MatMul or one that the "
        "host runs. Export the network without it."
    )


def test_a_node_without_a_name_is_named_by_its_output(tmp_path: Path) -> None:
    net = Net([1, 3, 8, 8])
    net.op("Einsum", "e", equation="abcd->abdc")
    net.nodes[-1].name = ""
    assert refused(net, tmp_path).startswith("net.onnx: node e_out: operator Einsum is not supported;")


@pytest.mark.parametrize(
    ("shape", "resolution", "text"),
    [
        (
            ["N", 3, "H", "W"],
            None,
            "net.onnx: dimension 2 of input data is H; must be known. Give resolution=224.",
        ),
        (
            [1, 3, 224, 224],
            320,
            "net.onnx: resolution is 320; must be 224, the size that the file fixes. "
            "Use resolution=224, or export the network with a symbolic size.",
        ),
        (
            [1, "C", 8, 8],
            None,
            "net.onnx: dimension 1 of input data is C; must be known. Export the network with a fixed size.",
        ),
        (
            [1, 3, 2, 2],
            None,
            "net.onnx: node c: the padded input is 2 x 2, smaller than the kernel's 3 x 3; must be at least as large. "
            "Give a larger resolution.",
        ),
    ],
)
def test_sizes_that_do_not_fit_are_one_clear_line(
    tmp_path: Path, shape: list, resolution: int | None, text: str
) -> None:
    net = Net(shape)
    net.conv("c", [8, 3, 3, 3])
    assert refused(net, tmp_path, resolution) == text


def test_wrong_groups_are_one_clear_line(tmp_path: Path) -> None:
    net = Net([1, 6, 8, 8])
    net.conv("c", [8, 4, 3, 3], group=2)
    assert refused(net, tmp_path) == (
        "net.onnx: node c: groups x weight channels is 2 x 4; must be the 6 channels of the input and divide the 8 of "
        "the output. Export the network again."
    )


@pytest.mark.parametrize(
    ("attributes", "text"),
    [
        ({"strides": [0, 0]}, "strides is [0, 0]; must be 2 numbers of at least 1"),
        ({"strides": [1]}, "strides is [1]; must be 2 numbers of at least 1"),
        ({"dilations": [-1, 1]}, "dilations is [-1, 1]; must be 2 numbers of at least 1"),
        ({"pads": [1, 1]}, "pads is [1, 1]; must be 4 numbers of at least 0"),
        (
            {"group": [1, 1]},
            "groups x weight channels is [1, 1] x 3; must be the 3 channels of the input and divide the 4 of the output",
        ),
        ({"auto_pad": 3}, "auto_pad is 3; must be NOTSET, SAME_UPPER, SAME_LOWER or VALID"),
        ({"pads": 1}, "pads is 1; must be 4 numbers of at least 0"),
    ],
)
def test_wrong_attributes_are_one_clear_line(tmp_path: Path, attributes: dict[str, object], text: str) -> None:
    net = Net([1, 3, 8, 8])
    net.conv("conv1", [4, 3, 3, 3], **attributes)
    assert refused(net, tmp_path) == f"net.onnx: node conv1: {text}. Export the network again."


def test_a_folder_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(WorkloadError) as error:
        load(f"{tmp_path}/")
    assert str(error.value) == (f"{tmp_path}: this is a folder. Give the path of an ONNX file, or a built-in network.")


def test_inner_dimensions_that_differ_are_one_clear_line(tmp_path: Path) -> None:
    net = Net([5, 63])
    net.op("MatMul", "p", net.last, net.weight("w", [64, 10]))
    assert refused(net, tmp_path) == (
        "net.onnx: node p: the inner dimensions are 63 and 64; must be equal. Export the network again."
    )


def test_a_three_dimensional_convolution_is_one_clear_line(tmp_path: Path) -> None:
    net = Net([1, 3, 8, 8, 8])
    net.conv("c", [8, 3, 3, 3, 3])
    assert refused(net, tmp_path) == (
        "net.onnx: node c: the shape of data is 1 x 3 x 8 x 8 x 8; must have 3 to 4 dimensions, none 0. "
        "Export the network with a supported Conv."
    )


def test_a_shape_that_depends_on_data_is_one_clear_line(tmp_path: Path) -> None:
    net = Net([1, 3, 8, 8])
    net.op("NonZero", "nz")
    net.op("Cast", "cast", to=TensorProto.FLOAT)
    net.op("MatMul", "p", net.last, net.weight("w", [64, 10]))
    assert refused(net, tmp_path) == (
        "net.onnx: node p: the shape of cast_out is unknown; must follow from the inputs. "
        "Export the network with fixed sizes."
    )


def test_a_network_without_products_is_one_clear_line(tmp_path: Path) -> None:
    net = Net([1, 3, 8, 8])
    net.op("Relu", "r")
    assert refused(net, tmp_path) == (
        "net.onnx: the network has no Conv, Gemm or MatMul; must have at least one to accelerate. Give another file."
    )


def test_a_node_without_inputs_is_one_clear_line(tmp_path: Path) -> None:
    net = Net([1, 3, 8, 8])
    net.conv("c", [4, 3, 3, 3])
    net.op("Relu", "r")
    del net.nodes[-1].input[:]
    assert refused(net, tmp_path).startswith(
        "net.onnx: not a valid ONNX model: [ShapeInferenceError] (op_type:Relu, node name: r)"
    )


@pytest.mark.parametrize("content", [b"", b"hello", b"\x08\x07", b"\xff" * 100])
def test_a_malformed_file_is_one_clear_line(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "net.onnx"
    path.write_bytes(content)
    with pytest.raises(WorkloadError) as error:
        load(str(path))
    text = str(error.value)
    assert text.startswith(f"{path}: not an ONNX model: ")
    assert text.endswith(". Export the network again.")
    assert "\n" not in text


@pytest.mark.parametrize("keep", [0.2, 0.5, 0.9])
def test_a_truncated_file_is_one_clear_line(tmp_path: Path, keep: float) -> None:
    content = alexnet([1, 3, 224, 224]).model().SerializeToString()[-10_000:]
    path = tmp_path / "net.onnx"
    path.write_bytes(content[: int(keep * len(content))])
    with pytest.raises(WorkloadError) as error:
        load(str(path))
    assert "\n" not in str(error.value)


def test_a_file_that_is_not_there_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(WorkloadError) as error:
        load(f"{tmp_path}/none.onnx")
    assert str(error.value) == (
        f"{tmp_path}/none.onnx: the file does not exist. Give the path of an ONNX file, or a built-in network."
    )
