"""What a bundle holds of its layers, and what `document` makes of a run."""

import importlib.util
import json
from dataclasses import fields, replace

import numpy as np
import pytest
from support import overlays

from aigchip.deploy import bundle, results
from aigchip.deploy.errors import DeployError
from aigchip.mapping import Convolution, Job, LayerRun, MappingError, map_of_image, of_layer
from aigchip.workload import built_in


def test_a_layer_holds_arguments_images_and_where_the_output_lies(tmp_path):
    made = overlays.make(tmp_path)
    test, one, two = made.job["layers"]
    assert (test["self_test"], one["self_test"], two["self_test"]) == (True, False, False)
    assert (one["name"], one["count"], one["macs"], two["count"], two["macs"]) == ("one", 1, 1000, 2, 7 * 5 * 3)
    assert one["layer"] == "3 x 3, 7 x 6 x 5 to 9, stride 2"
    operands = overlays.ONE.operands(overlays.GEOMETRY)
    assert one["arguments"] == operands.job.to_dict()
    assert list(one["arguments"]) == [field.name for field in fields(Job)]
    assert (made.folder / one["image_a"]).read_bytes() == operands.image_a
    assert (made.folder / one["image_b"]).read_bytes() == operands.image_b
    assert (made.folder / one["expected"]).read_bytes() == overlays.ONE.reference().tobytes()
    assert one["bytes_c"] == operands.bytes_c
    assert made.memory_bytes == sum(
        layer["bytes_c"] + sum((made.folder / layer[image]).stat().st_size for image in ("image_a", "image_b"))
        for layer in made.job["layers"]
    )


def test_the_output_is_cut_out_as_mapping_does(tmp_path):
    spec = importlib.util.spec_from_file_location("runner", bundle.runner_files()[0])
    runner = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(runner)
    for layer in overlays.make(tmp_path).job["layers"]:
        memory = np.random.default_rng(1).integers(0, 256, layer["bytes_c"]).astype(np.uint8)
        sizes = {name: layer["output"][name] for name in ("channels", "rows", "columns", "pitch")}
        wanted = map_of_image(overlays.GEOMETRY, memory.tobytes(), **sizes)
        np.testing.assert_array_equal(runner.output_map(memory, layer["output"]).view(np.int8), wanted)


def test_equal_layers_share_their_files(tmp_path):
    names = ("a", "b", "c")
    runs = (overlays.TWO, overlays.ONE, overlays.TWO)
    layers = tuple(bundle.NamedLayer(name=name, run=run) for name, run in zip(names, runs, strict=True))
    work = bundle.Work(self_tests=(), layers=layers, whole_network=True, runs=1)
    told = bundle._write_layers(tmp_path, work, overlays.GEOMETRY)
    assert [layer["image_a"] for layer in told] == ["data/0-a.bin", "data/1-a.bin", "data/0-a.bin"]
    assert len(list((tmp_path / "data").iterdir())) == 6


def test_a_layer_that_does_not_fit_is_named_and_nothing_is_left(tmp_path):
    large = Convolution(channels=3, rows=30, columns=30, outputs=4, kernel=(12, 12))
    layers = (bundle.NamedLayer(name="large", run=LayerRun(layer=large)),)
    with pytest.raises(MappingError, match="3 x 30 x 30 to 4: no tile of 12 x 12 taps fits"):
        bundle.make(
            tmp_path / "bundle",
            design="square8",
            board="zcu104",
            part=overlays.PART,
            overlay=overlays.overlay(tmp_path / "overlay"),
            network=overlays.NETWORK,
            geometry=overlays.GEOMETRY,
            work=bundle.Work(self_tests=(), layers=layers, whole_network=True, runs=1),
            requested_mhz=300.0,
        )
    assert [path.name for path in tmp_path.iterdir()] == ["overlay"]


def test_a_network_keeps_names_counts_and_its_own_products():
    mapped = [of_layer(layer) for layer in built_in("resnet18", 64).layers]
    layers = bundle.of_network(mapped)
    assert [layer.name for layer in layers] == [layer.name for layer in built_in("resnet18", 64).layers]
    assert sum(layer.macs * layer.count for layer in layers) == built_in("resnet18", 64).macs
    assert all(layer.run.relu for layer in layers)


def test_a_bundle_of_another_version_is_deployed_again(tmp_path):
    made = overlays.make(tmp_path)
    assert bundle.load(made.folder).job == made.job
    (made.folder / "job.json").write_text(json.dumps({**made.job, "version": 1}))
    with pytest.raises(DeployError) as caught:
        bundle.load(made.folder)
    assert str(caught.value).endswith(
        "job.json: what was deployed is of version 1; must be 3. Run ./doit deploy again."
    )
    assert caught.value.code == "not-deployed"


def test_the_document_tells_each_layer_with_its_sizes_and_products(tmp_path):
    made = overlays.make(tmp_path, runs=1)
    samples = {"cycles": [300], "wall_s": [0.001]}
    result = results.parse(
        json.dumps(
            {
                "version": 3,
                "ok": True,
                "error": None,
                "device": {"part": overlays.PART, "pynq": "4", "python": "3", "kernel": "6", "hostname": "h"},
                "clock": {"requested_mhz": 300.0, "asked_mhz": 300.0, "read_back_mhz": 300.0},
                "self_test": {"bit_exact": True, "layers": ["test", "one", "two"]},
                "layers": [{"name": name, "bit_exact": True, **samples} for name in ("one", "two")],
                "network": {
                    **samples,
                    "layers": [{"name": name, "cycles": samples["cycles"]} for name in ("one", "two")],
                },
                "inference": None,
            }
        ),
        where="test",
    )
    results.judge(result, made.job, where="test")
    document = results.document(result, made.job, kind="simulated", tool="t", overlay_by={}, at="now")
    assert document["schema"] == "aigchip-measured-3"
    one, two = document["layers"]
    assert (one["layer"], one["macs"], one["count"]) == ("3 x 3, 7 x 6 x 5 to 9, stride 2", 1000, 1)
    assert one["arguments"] == overlays.ONE.operands(overlays.GEOMETRY).job.to_dict()
    assert (two["name"], two["layer"], two["count"]) == ("two", "m 7, k 5, n 3", 2)
    assert one["latency_ms"]["median"]["value"] == pytest.approx(0.001)


def test_work_without_layers_is_refused():
    named = bundle.NamedLayer(name="two", run=overlays.TWO)
    with pytest.raises(ValueError, match="layers is empty"):
        bundle.Work(self_tests=(named,), layers=(), whole_network=True, runs=1)
    work = bundle.Work(self_tests=(), layers=(named,), whole_network=True, runs=1)
    with pytest.raises(ValueError, match="must be positive"):
        replace(work, runs=0)
