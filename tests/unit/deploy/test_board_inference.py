"""What the board's processor does between layers equals the integer reference; a whole network runs against the stand-in for pynq."""

import json
import shutil
from dataclasses import asdict

import inference as on_board
import numpy as np
import pytest
from support import overlays
from unit.deploy.test_runner import run, steps
from unit.mapping.test_plan import grouped_network, small_network

from aigchip.deploy import bundle, results
from aigchip.deploy.inference import WholeNetwork
from aigchip.mapping.plan import Host, plan
from aigchip.workload import NETWORKS, HostOp, built_in
from aigchip.workload.in_integers import in_integers
from aigchip.workload.reference import run_node
from aigchip.workload.synthetic import with_random_weights


def described(laid_out, node):
    told = {"name": node.name, "kind": node.kind, "factor": node.factor, "scaling": None, "window": None}
    told |= {name: asdict(value) for name in ("scaling", "window") if (value := getattr(node, name)) is not None}
    source = laid_out.quantisation(node.inputs[0])
    return told | {"input_scale": source.scale, "input_zero_point": source.zero_point}


@pytest.mark.parametrize("name", [name for name in NETWORKS if name not in {"alexnet", "vgg16", "alexnet_caffe"}])
def test_every_operator_of_the_built_in_networks_equals_the_reference(name):
    graph = with_random_weights(in_integers(built_in(name, 96).graph).graph)
    random = np.random.default_rng(2)
    for node in graph.nodes:
        if isinstance(node, HostOp):
            values = {source: random.integers(-128, 128, graph.shape(source), dtype=np.int8) for source in node.inputs}
            found = on_board.operate(described(graph, node), [values[source] for source in node.inputs])
            np.testing.assert_array_equal(found, run_node(graph, node, values), err_msg=node.name)


def test_an_operator_that_it_does_not_know_is_named():
    with pytest.raises(Exception, match="operator odd is lrn, which this runner does not know"):
        on_board.operate({"name": "odd", "kind": "lrn", "scaling": None}, [np.zeros((1, 1, 1), "i1")])


def test_maps_go_into_memory_and_back_as_mapping_does():
    laid_out = plan(small_network(), overlays.GEOMETRY)
    for name, place in laid_out.places.items():
        where = bundle.inference._place(overlays.GEOMETRY, place)
        picture = np.random.default_rng(4).integers(-128, 128, (place.channels, place.rows, place.columns), np.int8)
        memory = np.full(laid_out.maps_bytes, 0xA5, np.uint8)
        on_board.put_map(memory[where["at"] : where["at"] + where["bytes"]].view("i1"), where, picture)
        np.testing.assert_array_equal(place.read(overlays.GEOMETRY, memory.tobytes()), picture, err_msg=name)
        wanted = bytearray(laid_out.maps_bytes)
        place.write(overlays.GEOMETRY, wanted, picture)
        seen = np.frombuffer(wanted, np.int8)[where["at"] : where["at"] + where["bytes"]]
        np.testing.assert_array_equal(on_board.output_map(seen, where), picture, err_msg=name)


@pytest.fixture
def made(tmp_path):
    return make(tmp_path)


def make(folder, graph=None):
    laid_out = plan(small_network() if graph is None else graph, overlays.GEOMETRY)
    picture = np.random.default_rng(5).integers(-128, 128, laid_out.graph.input_shape).astype(np.int8)
    return overlays.make(folder, inference=WholeNetwork(laid_out=laid_out, picture=picture))


def test_a_network_runs_end_to_end_with_accelerator_and_host_apart(made, tmp_path):
    told, _ = run(made, tmp_path, code=0)
    result = results.parse(json.dumps(told), where="test")
    results.judge(result, made.job, where="test")
    assert told["inference"]["starts"] == 3
    assert [
        [layer["name"] for layer in part["layers"]] if "layers" in part else (part["operator"], part["kind"])
        for part in told["inference"]["parts"]
    ] == [["stem", "deep", "point"], ("add", "add"), ["down", "wide"], ("pool", "max_pool"), ["fc"]]
    document = results.document(result, made.job, kind="simulated", tool="t", overlay_by={}, at="now")["inference"]
    accelerator, host = document["accelerator"], document["host"]
    assert accelerator["cycles"]["samples"] == [
        sum(part["cycles"][index] for part in told["inference"]["parts"] if "layers" in part) for index in range(4)
    ]
    assert accelerator["cycles"]["median"]["kind"] == "simulated"
    assert {name: told["count"] for name, told in host.items()} == {"add": 1, "max_pool": 1}
    assert all(told["operators_ms"]["median"]["kind"] == "measured" for told in host.values())
    assert all(min(told["layout_ms"]["samples"]) > 0 for told in host.values())


def test_a_layer_that_runs_group_by_group_is_one_layer(tmp_path):
    made = make(tmp_path, grouped_network(16, 24))
    (step,) = made.job["inference"]["steps"]
    assert [job["name"] for job in step["jobs"]] == ["stem", "pair", "pair", "again", "again", "point"]
    told, _ = run(made, tmp_path, code=0)
    results.judge(results.parse(json.dumps(told), where="test"), made.job, where="test")
    (part,) = told["inference"]["parts"]
    assert [layer["name"] for layer in part["layers"]] == ["stem", "pair", "again", "point"]
    taken = [steps(job["arguments"]) for job in step["jobs"]]
    least = [taken[0], taken[1] + taken[2], taken[3] + taken[4], taken[5]]
    for layer, cycles, jobs in zip(part["layers"], least, (1, 2, 2, 1), strict=True):
        assert 100 * jobs <= layer["cycles"][0] - cycles < 110 * jobs  # the stand-in's own cycles of a run


@pytest.mark.parametrize(("layer", "number"), [("stem", 1), ("deep", 2), ("down", 4), ("fc", 6)])
def test_a_wrong_byte_in_one_layer_is_named(made, tmp_path, layer, number):
    """Before the inference there are 3 tests, 2 layers 5 times each, and the list of 3 jobs 5 times."""
    told, _ = run(made, tmp_path, faults={"wrong_run": 28 + number})
    assert told["error"]["code"] == "wrong-result"
    assert told["error"]["what"].startswith(f"{layer} in the first inference: element 0, 0, 0 of its map is ")
    assert told["error"]["what"].endswith(" elements are wrong)")
    assert told["inference"] is None


def test_a_result_without_its_inference_is_malformed(made, tmp_path):
    told, _ = run(made, tmp_path, code=0)
    for change in (
        lambda found: found.update(inference=None),
        lambda found: found["inference"]["parts"].pop(),
        lambda found: found["inference"]["parts"][0]["cycles"].pop(),
        lambda found: found["inference"].update(bit_exact=False),
    ):
        changed = json.loads(json.dumps(told))
        change(changed)
        with pytest.raises(bundle.DeployError) as caught:
            results.judge(results.parse(json.dumps(changed), where="test"), made.job, where="test")
        assert caught.value.code == "malformed"


def test_memory_of_the_network_counts(tmp_path):
    with_network = make(tmp_path).memory_bytes
    shutil.rmtree(tmp_path / "bundle")
    laid_out = plan(small_network(), overlays.GEOMETRY)
    without = overlays.make(tmp_path).memory_bytes
    assert with_network - without == laid_out.maps_bytes + len(laid_out.image_a)
    assert any(isinstance(step, Host) for step in laid_out.steps)
