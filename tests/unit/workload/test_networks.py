"""The built-in networks are equal to the reference tables in every row.

Ten tables lie in data/; all of them in the folder that AIGCHIP_WORKLOAD_TABLES names, by default shared/workloads beside the
project.
"""

import csv
import os
from collections import Counter
from pathlib import Path

import pytest

from aigchip.workload import NETWORKS, HostOp, Layer, LayerNode, WorkloadError, built_in, load

DATA = Path(__file__).parent / "data"
TABLES = Path(os.environ.get("AIGCHIP_WORKLOAD_TABLES", Path(__file__).parents[4] / "shared" / "workloads"))
needs_tables = pytest.mark.skipif(
    not TABLES.is_dir(), reason="the folder of all reference tables is not here; set AIGCHIP_WORKLOAD_TABLES"
)


def points(folder: Path) -> list[tuple[str, str]]:
    names = sorted(path.name.removesuffix("_layers.csv") for path in folder.glob("*_layers.csv"))
    return [(network, resolution) for network, _, resolution in (name.rpartition("_") for name in names)]


COMPARED = [
    *[pytest.param(DATA, *point, id=f"data-{'-'.join(point)}") for point in points(DATA)],
    *[pytest.param(TABLES, *point, id=f"tables-{'-'.join(point)}", marks=needs_tables) for point in points(TABLES)],
]


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def layer_row(layer: Layer) -> dict[str, str]:
    gemm = layer.gemm
    assert layer.stride[0] == layer.stride[1]
    values = {
        "layer": layer.name,
        "type": layer.kind,
        "hin": layer.input_height,
        "win": layer.input_width,
        "cin": layer.input_channels,
        "hout": layer.output_height,
        "wout": layer.output_width,
        "cout": layer.output_channels,
        "kh": layer.kernel_height,
        "kw": layer.kernel_width,
        "stride": layer.stride[0],
        "groups": layer.groups,
        "M": gemm.m,
        "K": gemm.k,
        "N": gemm.n,
        "macs": layer.macs,
        "weight_bytes": layer.weight_bytes,
        "ifmap_bytes": layer.input_bytes,
        "ofmap_bytes": layer.output_bytes,
        "im2col_bytes": layer.im2col_bytes,
    }
    return {name: str(value) for name, value in values.items()}


def test_the_tables_of_the_project_are_of_built_in_networks() -> None:
    assert {name for name, _ in points(DATA)} < set(NETWORKS)
    assert len(points(DATA)) == 10


@needs_tables
def test_there_is_a_table_of_every_built_in_network() -> None:
    assert {name for name, _ in points(TABLES)} == set(NETWORKS)


@pytest.mark.parametrize(("folder", "name", "resolution"), COMPARED)
def test_layers_are_equal_in_every_row(folder: Path, name: str, resolution: str) -> None:
    workload = built_in(name, int(resolution))
    assert [layer_row(layer) for layer in workload.layers] == rows(folder / f"{name}_{resolution}_layers.csv")


@pytest.mark.parametrize(("folder", "name", "resolution"), COMPARED)
def test_gemms_are_equal_in_every_row(folder: Path, name: str, resolution: str) -> None:
    computed = [
        {"type": g.kind, "M": str(g.m), "K": str(g.k), "N": str(g.n), "count": str(g.count), "macs_total": str(g.macs)}
        for g in built_in(name, int(resolution)).gemms
    ]
    assert computed == rows(folder / f"{name}_{resolution}_gemm.csv")


#: Published multiply-accumulates of one inference [millions], to the digits that the source gives.
PUBLISHED = {
    ("alexnet", 224): 714,
    ("alexnet_caffe", 227): 724,
    ("vgg16", 224): 15470,
    ("googlenet", 224): 1580,
    ("googlenet_tv", 224): 1498,
    ("resnet18", 224): 1814,
    ("resnet50", 224): 4089,
    ("resnet50_v1", 224): 3850,
    ("mobilenetv1", 224): 569,
    ("mobilenetv2", 224): 300,
    ("squeezenet1_0", 224): 819,
    ("squeezenet1_1", 224): 349,
    ("yolov2_voc", 448): 17000,
    ("tiny_yolov2_voc", 416): 3497,
    ("tiny_yolov3_coco", 416): 2782,
}


@pytest.mark.parametrize(("name", "resolution"), PUBLISHED)
def test_a_network_has_the_published_number_of_products(name: str, resolution: int) -> None:
    assert built_in(name, resolution).macs / 1e6 == pytest.approx(PUBLISHED[name, resolution], rel=0.004)


def test_every_network_has_a_published_number() -> None:
    assert {name for name, _ in PUBLISHED} == set(NETWORKS)


#: What stands between the layers of a network.
BETWEEN = {
    "alexnet": "3 max_pool, 1 softmax",
    "alexnet_caffe": "3 max_pool, 2 lrn, 1 softmax",
    "vgg16": "5 max_pool, 1 softmax",
    "googlenet": "13 max_pool, 9 concat, 2 lrn, 1 average_pool, 1 softmax",
    "googlenet_tv": "13 max_pool, 9 concat, 1 average_pool, 1 softmax",
    "resnet18": "8 add, 1 average_pool, 1 max_pool, 1 softmax",
    "resnet50": "16 add, 1 average_pool, 1 max_pool, 1 softmax",
    "resnet50_v1": "16 add, 1 average_pool, 1 max_pool, 1 softmax",
    "mobilenetv1": "1 average_pool, 1 softmax",
    "mobilenetv2": "10 add, 1 average_pool, 1 softmax",
    "squeezenet1_0": "8 concat, 3 max_pool, 1 average_pool, 1 softmax",
    "squeezenet1_1": "8 concat, 3 max_pool, 1 average_pool, 1 softmax",
    "yolov2_voc": "5 max_pool, 1 concat, 1 reorg",
    "tiny_yolov2_voc": "6 max_pool",
    "tiny_yolov3_coco": "6 max_pool, 1 concat, 1 upsample",
}


@pytest.mark.parametrize("name", NETWORKS)
def test_the_graph_holds_the_layers_and_what_stands_between(name: str) -> None:
    workload = built_in(name)
    assert workload.graph is not None
    assert workload.graph.layers == workload.layers
    counts = Counter(node.kind for node in workload.graph.nodes if isinstance(node, HostOp))
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    assert ", ".join(f"{count} {kind}" for kind, count in ordered) == BETWEEN[name]


#: Activations of a network's layers, and of its additions.
ACTIVATIONS = {
    "alexnet": "7 relu, 1 none",
    "alexnet_caffe": "7 relu, 1 none",
    "vgg16": "15 relu, 1 none",
    "googlenet": "57 relu, 1 none",
    "googlenet_tv": "57 relu, 1 none",
    "resnet18": "17 relu, 12 none",
    "resnet50": "49 relu, 21 none",
    "resnet50_v1": "49 relu, 21 none",
    "mobilenetv1": "27 relu, 1 none",
    "mobilenetv2": "35 relu6, 28 none",
    "squeezenet1_0": "26 relu",
    "squeezenet1_1": "26 relu",
    "yolov2_voc": "22 leaky_relu, 1 none",
    "tiny_yolov2_voc": "8 leaky_relu, 1 none",
    "tiny_yolov3_coco": "11 leaky_relu, 2 none",
}


@pytest.mark.parametrize("name", NETWORKS)
def test_activations_belong_to_layers_and_additions(name: str) -> None:
    graph = built_in(name).graph
    assert graph is not None
    counts = Counter(
        node.layer.activation if isinstance(node, LayerNode) else node.activation
        for node in graph.nodes
        if isinstance(node, LayerNode) or node.kind == "add"
    )
    assert ", ".join(f"{count} {activation}" for activation, count in counts.most_common()) == ACTIVATIONS[name]


#: Who reads whom where a network branches or joins.
WIRES = {
    "resnet18": {
        "res2a_add": ("res2a_2", "conv1_pool"),
        "res3a_ds": ("res2b_add",),
        "res3a_add": ("res3a_2", "res3a_ds"),
        "res3b_1": ("res3a_add",),
        "fc": ("res5b_add_average",),
    },
    "mobilenetv2": {"b3_add": ("b3_proj", "b2_proj"), "b4_exp": ("b3_add",), "b5_exp": ("b4_proj",)},
    "squeezenet1_1": {"f2_e3": ("f2_s",), "f2_concat": ("f2_e1", "f2_e3"), "f4_s": ("f3_concat_pool",)},
    "googlenet": {
        "conv1_pool_lrn": ("conv1_pool",),
        "3a_pp": ("3a_pool",),
        "3a_concat": ("3a_1x1", "3a_3x3", "3a_5x5", "3a_pp"),
        "4a_3x3r": ("3b_concat_pool",),
    },
    "yolov2_voc": {
        "conv14": ("conv13_pool",),
        "conv21_pass": ("conv13",),
        "concat": ("conv21_pass_reorg", "conv20"),
        "conv22": ("concat",),
    },
    "tiny_yolov2_voc": {"conv7": ("conv6_pool",)},
    "tiny_yolov3_coco": {
        "conv11": ("conv8",),
        "concat": ("conv11_upsample", "conv5"),
        "conv6": ("conv5_pool",),
        "conv13": ("conv12",),
    },
}


@pytest.mark.parametrize("name", WIRES)
def test_a_node_reads_what_its_paper_says(name: str) -> None:
    graph = built_in(name).graph
    assert graph is not None
    assert {node: graph.node(node).inputs for node in WIRES[name]} == WIRES[name]


def test_a_pooled_size_that_is_rounded_up_is_padding_at_the_end() -> None:
    def paddings(name: str) -> dict[str, tuple[int, ...]]:
        graph = built_in(name).graph
        assert graph is not None
        windows = {node.name: node.window for node in graph.nodes if isinstance(node, HostOp)}
        return {node: window.padding for node, window in windows.items() if window is not None}

    assert paddings("squeezenet1_0")["conv1_pool"] == (0, 0, 0, 0)  # 109 -> 54
    assert paddings("squeezenet1_0")["f4_concat_pool"] == (0, 0, 1, 1)  # 54 -> 27
    assert paddings("googlenet")["conv1_pool"] == (0, 0, 1, 1)  # 112 -> 56
    assert paddings("tiny_yolov2_voc")["conv6_pool"] == (0, 0, 1, 1)  # 13 -> 13


@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_has_a_resolution_of_its_own(name: str) -> None:
    workload = load(name)
    own = 227 if name == "alexnet_caffe" else 416 if "yolo" in name else 224
    assert workload == built_in(name, own)
    assert workload.macs == sum(gemm.macs for gemm in workload.gemms)


def test_an_unknown_network_is_one_clear_line() -> None:
    with pytest.raises(WorkloadError) as error:
        load("resnet81")
    assert str(error.value) == (
        "network: network is resnet81; must be a built-in network or an ONNX file. Did you mean resnet18?"
    )
    with pytest.raises(WorkloadError) as error:
        load("zzz")
    assert str(error.value) == (
        "network: network is zzz; must be a built-in network or an ONNX file. "
        "Choose one of alexnet, alexnet_caffe, vgg16, googlenet, googlenet_tv, resnet18, resnet50, resnet50_v1, mobilenetv1, "
        "mobilenetv2, squeezenet1_0, squeezenet1_1, yolov2_voc, tiny_yolov2_voc, tiny_yolov3_coco, or give a .onnx file."
    )


def test_too_small_a_picture_is_one_clear_line() -> None:
    with pytest.raises(WorkloadError) as error:
        load("alexnet", 32)
    assert str(error.value) == "resolution: resolution is 32; must be at least 63 for alexnet. Use resolution=63."
    assert load("alexnet", 63).layers
    with pytest.raises(WorkloadError, match=r"resolution is 0; must be at least 1 for resnet18\. Use resolution=1\."):
        load("resnet18", 0)


@pytest.mark.parametrize(("resolution", "near"), [(0, 32), (31, 32), (410, 416), (440, 448)])
def test_a_picture_that_a_network_cannot_divide_is_one_clear_line(resolution: int, near: int) -> None:
    with pytest.raises(WorkloadError) as error:
        load("yolov2_voc", resolution)
    assert str(error.value) == (
        f"resolution: resolution is {resolution}; must be a multiple of 32 for yolov2_voc. Use resolution={near}."
    )
    assert load("yolov2_voc", near).layers


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("resolution", [64, 96, 160])
def test_a_network_fits_together_at_other_resolutions(name: str, resolution: int) -> None:
    assert built_in(name, resolution).graph is not None


def test_the_table_of_the_documents_is_right() -> None:
    page = Path(__file__).parents[3] / "docs" / "reference" / "networks.md"
    written = page.read_text(encoding="utf-8").splitlines()
    for name in NETWORKS:
        workload = built_in(name)
        assert workload.graph is not None
        weights = sum(layer.weight_bytes for layer in workload.layers) / 1e6
        hosts = len(workload.graph.nodes) - len(workload.layers)
        line = f"| {name} | {workload.resolution} | {len(workload.layers)} | {workload.macs / 1e6:,.1f} | {weights:.2f} | {hosts} |"
        assert line in written
