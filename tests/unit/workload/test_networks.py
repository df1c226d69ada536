"""The built-in networks are equal to the reference tables in every row."""

import csv
from pathlib import Path

import pytest

from aigchip.workload import NETWORKS, Layer, WorkloadError, built_in, load

DATA = Path(__file__).parent / "data"
POINTS = sorted(path.name.removesuffix("_layers.csv").rsplit("_", 1) for path in DATA.glob("*_layers.csv"))


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


def test_there_is_a_table_of_every_built_in_network() -> None:
    assert {name for name, _ in POINTS} == set(NETWORKS)
    assert len(POINTS) == 10


@pytest.mark.parametrize(("name", "resolution"), POINTS)
def test_layers_are_equal_in_every_row(name: str, resolution: str) -> None:
    workload = built_in(name, int(resolution))
    assert [layer_row(layer) for layer in workload.layers] == rows(DATA / f"{name}_{resolution}_layers.csv")


@pytest.mark.parametrize(("name", "resolution"), POINTS)
def test_gemms_are_equal_in_every_row(name: str, resolution: str) -> None:
    computed = [
        {"type": g.kind, "M": str(g.m), "K": str(g.k), "N": str(g.n), "count": str(g.count), "macs_total": str(g.macs)}
        for g in built_in(name, int(resolution)).gemms
    ]
    assert computed == rows(DATA / f"{name}_{resolution}_gemm.csv")


@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_has_a_resolution_of_its_own(name: str) -> None:
    workload = load(name)
    assert workload == built_in(name, 227 if name == "alexnet_caffe" else 224)
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
        "Choose one of alexnet, alexnet_caffe, resnet18, resnet50, resnet50_v1, or give a .onnx file."
    )


def test_too_small_a_picture_is_one_clear_line() -> None:
    with pytest.raises(WorkloadError) as error:
        load("alexnet", 32)
    assert str(error.value) == "resolution: resolution is 32; must be at least 63 for alexnet. Use resolution=63."
    assert load("alexnet", 63).layers
    with pytest.raises(WorkloadError, match=r"resolution is 0; must be at least 1 for resnet18\. Use resolution=1\."):
        load("resnet18", 0)
