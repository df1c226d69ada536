"""The expert code against the numpy models, natively: modules over random designs, then the whole accelerator."""

import numpy as np
import pytest
from unit.template import native
from unit.template.designs import EIGHT_BY_EIGHT, random_design
from unit.template.gemm import gemm, run_whole

from aigchip.space import derive
from aigchip.template import module as modules
from aigchip.template import top

DESIGNS = [EIGHT_BY_EIGHT, *(random_design(seed) for seed in range(5))]


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


@pytest.mark.parametrize("reuse", ["output", "first", "second"])
def test_the_whole_accelerator_equals_numpy_for_ragged_sizes(reuse, tmp_path):
    design = random_design(len(reuse), reuse=reuse)
    program = run_whole(design, tmp_path)
    generator = np.random.default_rng(1)
    sizes = [(1, 1, 1), (design.tile_m, design.tile_k, design.tile_n), (67, 150, 131), (130, 33, 9), (5, 300, 201)]
    for size in sizes:
        run = gemm(generator, *size)
        assert run.result(program) == run.wanted, size


@pytest.mark.parametrize("depth", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_the_accelerator_does_not_deadlock_with_shallow_fifos(depth, tmp_path):
    for seed, reuse in enumerate(["first", "second"]):
        design = random_design(seed + 20, reuse=reuse, tile_m=16, tile_n=16, tile_k=32)
        program = run_whole(design, tmp_path, threads_with_depth=depth)
        run = gemm(np.random.default_rng(seed), 37, 70, 51)
        assert run.result(program) == run.wanted


def test_every_port_is_tied_once_and_widths_agree():
    for seed in range(30):
        graph = top.process_graph(random_design(seed))
        ends = [end for channel in graph.channels for end in (channel.producer, channel.consumer)]
        assert len(ends) == len(set(ends))
        order = [process.instance for process in graph.processes]
        for channel in graph.channels:
            assert order.index(channel.producer[0]) < order.index(channel.consumer[0])
            assert channel.depth >= 2


def test_the_top_matches_its_golden_text(golden):
    golden("template/top.cpp", top.top_code(top.process_graph(EIGHT_BY_EIGHT)))
