"""`bench accelerator` by the model, and mistakes; in RTL `bench` runs in the slow tests."""

import csv
import json

import pytest
from unit.workload.qdq_models import Qdq

from aigchip.core.errors import AigchipError
from aigchip.tasks import bench
from aigchip.tasks.arguments import parse
from aigchip.tasks.main import check_fit


@pytest.mark.parametrize(
    ("words", "given", "line"),
    [
        ([], [], "bench: bench takes one word, what is measured. Use ./doit bench accelerator."),
        (["accelerators"], [], "bench: 'accelerators' is not a benchmark. Did you mean accelerator?"),
        (["inference"], ["level=model"], "level: an inference is simulated in RTL. Leave level= out."),
        (
            ["accelerator"],
            ["level=csynth"],
            "level=csynth: networks are simulated in RTL or estimated by the model. Use level=model, or leave it out.",
        ),
        (
            ["accelerator"],
            ["gemm=64x64x64", "network=vgg16"],
            "gemm=64x64x64: gemm stands beside network; must stand alone, a product of matrices is no network. Leave network "
            "out, or gemm.",
        ),
    ],
)
def test_a_mistake_is_one_line(words, given, line):
    with pytest.raises(AigchipError) as caught:
        bench.run(words, parse(given))
    assert str(caught.value) == line


def test_networks_are_estimated_and_written(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("AIGCHIP_BUILD_DIR", str(tmp_path))
    given = parse(["level=model", "network=resnet50", "resolution=224"])
    check_fit(["bench"], given)
    assert bench.run(["accelerator"], given) == 0
    folder = tmp_path / "bench" / "accelerator" / "expert1024"
    rows = list(csv.DictReader((folder / "accelerator.csv").read_text().splitlines()))
    assert {row["origin"] for row in rows} == {"estimated"}
    assert sum(int(row["MACs"]) * int(row["count"]) for row in rows) == 4_089_184_256
    assert (folder / "resnet50-224.svg").is_file()
    printed = capsys.readouterr().out
    assert "Geometric mean over the layer-by-layer roofline 1.0" in printed


def test_a_product_of_matrices_is_estimated(tmp_path, monkeypatch):
    monkeypatch.setenv("AIGCHIP_BUILD_DIR", str(tmp_path))
    given = parse(["level=model", "gemm=1000x500x200"])
    check_fit(["bench"], given)
    assert bench.run(["accelerator"], given) == 0
    written = tmp_path / "bench" / "accelerator" / "expert1024" / "accelerator.csv"
    [row] = csv.DictReader(written.read_text().splitlines())
    assert (row["network"], row["MACs"], row["bytes"]) == ("gemm1000x500x200", "100000000", "800000")
    assert float(row["ratio"]) < 1.1


@pytest.mark.slow
def test_a_network_in_rtl_goes_on_from_the_store(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("AIGCHIP_BUILD_DIR", str(tmp_path))
    given = parse(["design=square8", "network=squeezenet1_1", "resolution=64"])
    assert bench.run(["accelerator"], given) == 0
    first = capsys.readouterr().out
    assert "simulated" in first
    written = (tmp_path / "bench" / "accelerator" / "square8" / "accelerator.csv").read_text()
    for row in csv.DictReader(written.splitlines()):
        causes = [int(cycles) for name, cycles in row.items() if name.startswith("lost: ")]
        assert len(causes) == 5
        assert int(row["bound"]) + sum(causes) == int(row["cycles"])
    assert bench.run(["accelerator"], given) == 0
    assert capsys.readouterr().out == first


def test_a_file_that_is_not_quantised_cannot_be_inferred_with(tmp_path):
    net = Qdq([1, 3, 8, 8])
    net.conv("stem", [4, 3, 3, 3], pads=[1] * 4)
    net.op("Sin", "strange")
    with pytest.raises(AigchipError) as caught:
        bench.run(["inference"], parse([f"network={net.save(tmp_path / 'strange.onnx')}"]))
    assert "node strange: operator Sin is not supported in a quantised network" in str(caught.value)


@pytest.mark.slow
def test_networks_are_inferred_with_in_rtl_and_the_host_stands_apart(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("AIGCHIP_BUILD_DIR", str(tmp_path))
    net = Qdq([1, 3, 8, 8])
    net.conv("stem", [8, 3, 3, 3], activation="relu", pads=[1] * 4)
    net.pool("MaxPool", "pool", kernel_shape=[2, 2], strides=[2, 2])
    net.conv("last", [4, 8, 1, 1])
    file = net.save(tmp_path / "mine.onnx")
    assert bench.run(["inference"], parse(["design=square8", f"network={file}"])) == 0
    assert "mine@8 on square8" in capsys.readouterr().out
    told = json.loads((tmp_path / "bench" / "inference" / "square8" / "mine-8.json").read_text())
    assert [part.get("kind") or [layer["name"] for layer in part["layers"]] for part in told["parts"]] == [
        ["stem"],
        "max_pool",
        ["last"],
    ]
    assert bench.run(["inference"], parse(["design=square8", "network=googlenet", "resolution=48"])) == 0
    first = capsys.readouterr().out
    assert "googlenet@48: left out: conv1_pool_lrn, conv2_lrn (lrn)." in first
    assert bench.run(["inference"], parse(["design=square8", "network=googlenet", "resolution=48"])) == 0
    assert capsys.readouterr().out == first
    rows = list(
        csv.DictReader((tmp_path / "bench" / "inference" / "square8" / "inference.csv").read_text().splitlines())
    )
    assert {row["by"]: row["origin"] for row in rows} == {"accelerator": "simulated", "host": "measured"}
