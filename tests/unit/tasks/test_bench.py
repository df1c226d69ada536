"""`bench accelerator` by the model; in RTL it runs in the slow tests."""

import csv

import pytest

from aigchip.core.errors import AigchipError
from aigchip.tasks import bench
from aigchip.tasks.arguments import parse
from aigchip.tasks.main import check_fit


@pytest.mark.parametrize(
    ("words", "given", "line"),
    [
        ([], [], "bench: bench takes one word, what is measured. Use ./doit bench accelerator."),
        (["accelerators"], [], "bench: 'accelerators' is not a benchmark. Did you mean accelerator?"),
        (
            ["accelerator"],
            ["level=csynth"],
            "level=csynth: networks are simulated in RTL or estimated by the model. Use level=model, or leave it out.",
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


@pytest.mark.slow
def test_a_network_in_rtl_goes_on_from_the_store(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("AIGCHIP_BUILD_DIR", str(tmp_path))
    given = parse(["design=square8", "network=squeezenet1_1", "resolution=64"])
    assert bench.run(["accelerator"], given) == 0
    first = capsys.readouterr().out
    assert "simulated" in first
    assert bench.run(["accelerator"], given) == 0
    assert capsys.readouterr().out == first
