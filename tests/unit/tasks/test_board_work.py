"""What a board runs: the network as far as the design does it, samples where it takes too long, and the model's tiles."""

from types import SimpleNamespace

import pytest
from unit.workload.qdq_models import Qdq

from aigchip.board import boards, load
from aigchip.core import paths
from aigchip.mapping import Geometry, MappingError, of_layer, place
from aigchip.mapping.plan import Jobs
from aigchip.perf import CycleModel, assumed_timing, memory_timing
from aigchip.space import files
from aigchip.tasks import board_work, steps
from aigchip.tasks.arguments import parse
from aigchip.workload import Layer, Workload, built_in, load_quantised
from aigchip.workload.onnx_import import import_onnx

DESIGNS = {path.parent.name: files.load(path) for path in sorted(paths.designs_dir().glob("*/design.yaml"))}


def context(design, network, file):
    workload = network if isinstance(network, Workload) else Workload(name="some", resolution=None, layers=network)
    given = parse([f"network={file}"]) if file else None
    return SimpleNamespace(flow=SimpleNamespace(design=DESIGNS[design]), workload=workload, given=given)


def chosen(design, network, *, simulated, runs=None, file=None):
    said = []
    memory = board_work.traffic(DESIGNS[design], load("zcu104"), 300.0)
    target = SimpleNamespace(simulated=simulated)
    return board_work.choose(context(design, network, file), target, memory, runs=runs, tell=said.append), said


@pytest.mark.parametrize("design", DESIGNS)
def test_tiles_are_chosen_as_the_performance_model_does(design):
    for name in boards():
        board = load(name)
        memory = board_work.traffic(DESIGNS[design], board, 250.0)
        model = CycleModel(DESIGNS[design], assumed_timing(), memory_timing(board, 4000))
        for layer in built_in("resnet18", 64).layers:
            mapped = of_layer(layer).layer
            try:
                wanted = model.place(mapped)
            except MappingError:
                continue
            assert place(mapped, Geometry.of(DESIGNS[design]), memory) == wanted


def test_hardware_runs_the_whole_network_many_times():
    work, said = chosen("expert1024", built_in("resnet18"), simulated=False)
    assert (work.whole_network, work.runs, work.warmup, len(work.layers), said) == (True, 100, 3, 21, [])
    assert work.inference is not None
    assert sum(layer.macs * layer.count for layer in work.layers) == built_in("resnet18").macs
    assert len(work.self_tests) == 4  # with a depthwise one, as the design has windows
    assert chosen("expert1024", built_in("resnet18"), simulated=False, runs=7)[0].runs == 7


def test_a_layer_that_runs_group_by_group_is_run_so_often():
    network = built_in("alexnet_caffe", 67)
    work, said = chosen("expert1024", network, simulated=False)
    assert [layer.count for layer in work.layers] == [1, 2, 1, 2, 2, 1, 1, 1]
    assert work.whole_network
    assert sum(layer.macs * layer.count for layer in work.layers) == network.macs
    assert said == ["end to end: left out: conv1_lrn, conv2_lrn (lrn)"]
    assert work.inference is not None
    (second,) = [done for step in work.inference.laid_out.steps if isinstance(step, Jobs) for done in step.layers][1:2]
    assert (second.name, len(second.jobs)) == ("conv2", 2)


def test_the_simulated_board_runs_samples_of_a_large_network():
    work, said = chosen("example", built_in("resnet18"), simulated=True)
    product, *_, steady = (one.run for one in steps.cosim_runs(DESIGNS["example"]))
    assert not work.whole_network and said == []
    assert [layer.run for layer in work.layers] == [steady, product]
    assert [layer.name for layer in work.layers] == [steady.name, product.name]
    assert (work.runs, work.warmup) == (3, 1)
    assert work.inference is None
    small, _ = chosen("example", built_in("resnet18", 32), simulated=True)
    assert small.whole_network and len(small.layers) == 21
    assert small.inference is not None
    assert small.inference.picture.shape == (3, 32, 32)
    started = [layer.name for step in small.inference.laid_out.steps if isinstance(step, Jobs) for layer in step.layers]
    assert started == [layer.name for layer in small.layers]


def test_what_an_end_to_end_run_does_otherwise_is_said():
    work, said = chosen("example", built_in("tiny_yolov3_coco", 32), simulated=False)
    assert said == ["end to end: 11 activations are relu instead of leaky_relu"]
    assert work.inference is not None


def test_a_quantised_file_runs_with_its_own_weights_and_another_does_not_run_end_to_end(tmp_path):
    net = Qdq([1, 3, 8, 8])
    net.conv("stem", [8, 3, 3, 3], activation="relu", pads=[1] * 4)
    file = net.save(tmp_path / "mine.onnx")
    imported = import_onnx(file)
    work, said = chosen("example", imported, simulated=True, file=file)
    assert (work.whole_network, said) == (True, [])
    wanted = load_quantised(file).graph
    assert work.inference is not None and wanted is not None
    (found,) = work.inference.laid_out.graph.nodes
    assert found.parameters.weights.tobytes() == wanted.nodes[0].parameters.weights.tobytes()
    net.op("Sin", "strange")
    file = net.save(tmp_path / "mine.onnx")
    work, said = chosen("example", imported, simulated=True, file=file)
    assert (work.whole_network, work.inference) == (True, None)
    assert said[0].startswith("not run end to end: ")
    assert "operator Sin is not supported in a quantised network" in said[0]


LARGE = Layer(
    name="huge",
    kind="conv",
    input_height=40,
    input_width=40,
    input_channels=8,
    output_height=10,
    output_width=10,
    output_channels=8,
    kernel_height=31,
    kernel_width=31,
)
PRODUCT = Layer(
    name="scores",
    kind="matmul",
    input_height=1,
    input_width=8,
    input_channels=8,
    output_height=1,
    output_width=8,
    output_channels=8,
)


def test_layers_that_the_design_cannot_do_are_left_to_the_host_and_said():
    some = built_in("resnet18", 64).layers[1:3]
    work, said = chosen("example", (*some, LARGE, PRODUCT), simulated=False)
    assert not work.whole_network
    assert [layer.name for layer in work.layers] == [layer.name for layer in some]
    assert said == [
        "left to the host: layer huge: the kernel has 961 taps; must be at most 256. Leave the layer to the host.",
        "left to the host: layer scores: both operands are activations; A must be weights, which lie in another order. "
        "Leave the layer to the host.",
    ]


def test_a_network_of_which_nothing_fits_gives_way_to_samples():
    work, _ = chosen("example", (LARGE,), simulated=False)
    assert not work.whole_network
    assert len(work.layers) == 2


def test_a_larger_array_is_given_more_time_and_sooner_samples():
    layers = built_in("resnet18", 64).layers
    large, _ = chosen("expert1024", layers, simulated=True)
    assert large.deadline_s > 120
