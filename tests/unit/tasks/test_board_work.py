"""What a board runs: the network as far as the design does it, samples where it takes too long, and the model's tiles."""

from types import SimpleNamespace

import pytest

from aigchip.board import boards, load
from aigchip.core import paths
from aigchip.mapping import Geometry, MappingError, of_layer, place
from aigchip.perf import CycleModel, assumed_timing, memory_timing
from aigchip.space import files
from aigchip.tasks import board_work, steps
from aigchip.workload import Layer, built_in

DESIGNS = {path.parent.name: files.load(path) for path in sorted(paths.designs_dir().glob("*/design.yaml"))}


def context(design, layers):
    return SimpleNamespace(flow=SimpleNamespace(design=DESIGNS[design]), workload=SimpleNamespace(layers=layers))


def chosen(design, layers, *, simulated, runs=None):
    said = []
    memory = board_work.traffic(DESIGNS[design], load("zcu104"), 300.0)
    target = SimpleNamespace(simulated=simulated)
    return board_work.choose(context(design, layers), target, memory, runs=runs, tell=said.append), said


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
    work, said = chosen("expert1024", built_in("resnet18").layers, simulated=False)
    assert (work.whole_network, work.runs, work.warmup, len(work.layers), said) == (True, 100, 3, 21, [])
    assert sum(layer.macs * layer.count for layer in work.layers) == built_in("resnet18").macs
    assert len(work.self_tests) == 4  # with a depthwise one, as the design has windows
    assert chosen("expert1024", built_in("resnet18").layers, simulated=False, runs=7)[0].runs == 7


def test_the_simulated_board_runs_samples_of_a_large_network():
    work, said = chosen("example", built_in("resnet18").layers, simulated=True)
    product, *_, steady = (one.run for one in steps.cosim_runs(DESIGNS["example"]))
    assert not work.whole_network and said == []
    assert [layer.run for layer in work.layers] == [steady, product]
    assert [layer.name for layer in work.layers] == [steady.name, product.name]
    assert (work.runs, work.warmup) == (3, 1)
    small, _ = chosen("example", built_in("resnet18", 32).layers, simulated=True)
    assert small.whole_network and len(small.layers) == 21


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
