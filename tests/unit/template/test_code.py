"""The expert code against the numpy models, natively: modules over designs, then whole accelerators over layers."""

import functools

import pytest
from unit.template import native, whole
from unit.template.designs import EIGHT_BY_EIGHT, random_design

from aigchip.mapping import Convolution, Geometry, LayerRun, turns
from aigchip.prompt.links import resolve
from aigchip.space import array_step, derive
from aigchip.template import module as modules
from aigchip.template import top

DESIGNS = [EIGHT_BY_EIGHT, random_design(4), random_design(2)]
#: With windows, all three patterns of reuse, several ports, partitions along both dimensions.
SMALL = {
    "square": EIGHT_BY_EIGHT,
    "window": random_design(3),
    "output": random_design(7, reuse="output"),
    "second": random_design(11, reuse="second"),
    "by_height": random_design(
        5, buffer_a_dimension="width", buffer_b_dimension="height", buffer_c_dimension="height", accumulator_bits=24
    ),
    "forwarded": random_design(
        8, noc_a_array="unicast", noc_b_array="unicast", noc_c_array="unicast", array_lanes=16, accumulator_bits=32
    ),
}


@pytest.fixture
def quick_modules(monkeypatch):
    """Read each module.yaml once."""
    monkeypatch.setattr(modules, "load", functools.cache(modules.load))


@pytest.mark.parametrize("instance", derive.INSTANCES)
def test_expert_code_equals_the_numpy_model(instance, tmp_path):
    module = modules.load(instance)
    points = []
    for design in DESIGNS:
        point = derive.local_parameters(design)[instance]
        if point in points:
            continue
        points.append(point)
        ports, vectors = module.ports(point), module.vectors(point, seed=len(points))
        code = top.unit(instance, top.expert_codes(design))
        program = native.compile_native(native.harness(code, module.function(point), ports), tmp_path)
        found = native.run(program, native.stimulus(ports, vectors))
        assert native.differences(found, native.expected(ports, vectors)) == "", point


@pytest.mark.parametrize("first", range(0, 100, 25))
def test_every_module_of_random_designs_renders_and_joins(first, quick_modules):
    """Instruction, expert code and signature agree, every line has its code, and every port is tied once."""
    for seed in range(first, first + 25):
        design = random_design(seed)
        parameters = derive.local_parameters(design)
        for instance in derive.INSTANCES:
            module, point = modules.load(instance), parameters[instance]
            signature, code, text = module.signature(point), module.expert_code(point), module.instruction(point)
            assert signature + " {" in code, (seed, instance)
            assert signature in text, (seed, instance)
            assert resolve(text, code).problems() == [], (seed, instance)
        graph = top.process_graph(design)
        ends = [end for channel in graph.channels for end in (channel.producer, channel.consumer)]
        assert len(ends) == len(set(ends))
        order = [process.instance for process in graph.processes]
        for channel in graph.channels:
            assert order.index(channel.producer[0]) < order.index(channel.consumer[0])
            assert channel.depth >= 2
        assert {memory.width_bits for memory in graph.memories} == {8 * design.word_bytes}
        for caller, callees in top.CALLED.items():
            for signature in modules.load(caller).callees(parameters[caller]):
                assert signature in [modules.load(name).signature(parameters[name]) for name in callees]


@pytest.mark.parametrize("name", SMALL)
def test_a_whole_accelerator_does_every_kind_of_layer(name):
    assert whole.check(SMALL[name]) == []


def test_layers_that_try_a_design_out_have_what_they_are_for():
    kinds = [whole.layers_for(design) for design in SMALL.values()]
    for design, runs in zip(SMALL.values(), kinds, strict=True):
        layers = [run.layer for run in runs]
        step = array_step(design)
        assert any(layer.group_channels % step.k or layer.outputs % step.m for layer in layers)
        assert any(layer.kernel == (3, 3) and any(layer.padding) and layer.stride == 1 for layer in layers)
        assert any(layer.stride == 2 for layer in layers)
        jobs = [run.operands(Geometry.of(design)).job for run in runs]
        assert any(len(list(turns(job, Geometry.of(design)))) > 1 for job in jobs)
    depthwise = [any(run.layer.depthwise for run in runs) for runs in kinds]
    assert {d.depthwise for d, there in zip(SMALL.values(), depthwise, strict=True) if there} == {"none", "window"}
    assert {design.reuse for design in SMALL.values()} == {"first", "second", "output"}


def test_a_wrong_result_is_found(tmp_path, monkeypatch):
    codes = top.expert_codes(EIGHT_BY_EIGHT)
    rounding = "next.zero_point * 2 + 1;"
    assert rounding in codes["post"]
    codes["post"] = codes["post"].replace(rounding, "next.zero_point * 2 + 3;")
    monkeypatch.setattr(top, "expert_codes", lambda design: codes)
    program = whole.compile_whole(EIGHT_BY_EIGHT, tmp_path)
    run = LayerRun(layer=Convolution(channels=5, rows=4, columns=5, outputs=9))
    (wrong,) = whole.failures(EIGHT_BY_EIGHT, program, [run])
    assert wrong.startswith("1 x 1, 5 x 4 x 5 to 9: ") and " are wrong, (0, 0, 0) is " in wrong


def test_the_top_matches_its_golden_text(golden):
    golden("template/top.cpp", top.top_code(top.process_graph(EIGHT_BY_EIGHT)))
