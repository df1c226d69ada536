"""The complete path for one expert design: C++ to RTL, assembled, co-simulated; and what happens when it is wrong."""

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from aigchip.mapping import Convolution, LayerRun
from aigchip.space import derive
from aigchip.template import module, top
from aigchip.toolchain import cosim, fastsim, module_rtl, network, registers
from cosim.accelerator import accelerators

PADDED = Convolution(channels=3, rows=7, columns=9, outputs=5, kernel=(3, 3), padding=(1, 1, 1, 1))
STRIDED = Convolution(channels=3, rows=9, columns=8, outputs=6, kernel=(3, 3), stride=2, padding=(1, 1, 0, 0))
RUNS = (
    cosim.CosimRun(
        run=LayerRun(layer=Convolution.of_product(21, 35, 25), relu=True, padding=2), stall=0.3, latency_cycles=7
    ),
    cosim.CosimRun(run=LayerRun(layer=PADDED, seed=2, padding=5, zero_point=-9), stall=0.6),
    cosim.CosimRun(run=LayerRun(layer=STRIDED, seed=3, padding=-3), stall=0.3, latency_cycles=25),
    cosim.CosimRun(run=LayerRun(layer=Convolution.of_product(32, 32, 32), seed=4), latency_cycles=40),
)


pytestmark = pytest.mark.xdist_group("accelerator")  # the fixtures are made once


@pytest.fixture(scope="module")
def models(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module")
def rtl(tmp_path_factory) -> dict[str, Path]:
    return accelerators.modules(tmp_path_factory.mktemp("modules"))


def simulate(assembly: network.Assembly, folder: Path, models: Path, runs=RUNS) -> cosim.CosimResult:
    return cosim.cosimulate(
        assembly.rtl_dir,
        network=assembly.network,
        geometry=accelerators.GEOMETRY,
        runs=runs,
        cache=models,
        work=folder / "run",
        where="example",
    )


@pytest.mark.verifies("cosim")
def test_layers_of_any_size_under_back_pressure_come_out_bit_exact(rtl, models, tmp_path):
    result = simulate(accelerators.assemble(rtl, tmp_path), tmp_path, models)
    assert [layer.run for layer in result.layers] == list(RUNS)
    assert 1.0 < result.layers[-1].macs_per_cycle <= accelerators.DESIGN.macs
    assert {fifo.name for fifo in result.fifos} == {c.name for c in top.process_graph(accelerators.DESIGN).channels}
    assert all(0 < fifo.high_water <= fifo.depth for fifo in result.fifos)


@pytest.mark.verifies("module-rtl")
@pytest.mark.parametrize(
    "instance",
    [
        "load_a",
        "pe_array",
        *(pytest.param(name, marks=pytest.mark.slow) for name in ("ctrl", "buffer_b", "post", "store_c")),
    ],
)
def test_rtl_of_a_module_equals_its_vectors(rtl, models, tmp_path, instance):
    process = next(p for p in top.process_graph(accelerators.DESIGN).processes if p.instance == instance)
    parameters = derive.local_parameters(accelerators.DESIGN)[instance]
    result = module_rtl.check_module(
        sorted(rtl[instance].glob("*.v")),
        function=process.function,
        ports=process.ports,
        vectors=module.load(instance).vectors(parameters, 1),
        cache=models,
        work=tmp_path,
    )
    assert {call.run for call in result.calls} == {"full rate", "random stalls", "slow outputs"}


def test_a_flipped_bit_in_one_module_fails(rtl, models, tmp_path):
    wrong = tmp_path / "wrong"
    shutil.copytree(rtl["post"], wrong)
    file = wrong / "post.v"
    width = next(
        port.width_bits
        for port in module.load("post").ports(derive.local_parameters(accelerators.DESIGN)["post"])
        if port.name == "outputs"
    )
    text, count = re.subn(
        r"assign outputs_TDATA = (\w+);", rf"assign outputs_TDATA = \1 ^ {width}'d1;", file.read_text()
    )
    assert count == 1
    file.write_text(text)
    with pytest.raises(cosim.CosimError) as caught:
        simulate(accelerators.assemble({**rtl, "post": wrong}, tmp_path / "a"), tmp_path, models, RUNS[:1])
    assert caught.value.code == "wrong-result"
    assert re.fullmatch(
        r"example: layer 1 \(m 21, k 35, n 25\): C\[\d+, 0, \d+\] is -?\d+; must be -?\d+ \(\d+ of 525 elements are "
        r"wrong\)\. Compare the modules' RTL with their vectors to find the one that differs\.",
        str(caught.value),
    )


def fast(assembly: network.Assembly, models: Path, asked: LayerRun, *, probes=None, **memory) -> fastsim.FastResult:
    """The layer on the fast harness; C is `c` of the dumps."""
    model = fastsim.build(assembly.rtl_dir, network=assembly.network, cache=models, probes=probes)
    description = json.loads(assembly.network.read_text())
    operands = asked.operands(accelerators.GEOMETRY)
    at = dict(zip(model.masters, (0x1000FD8, 0x2000FD0, 0x3000FC8), strict=True))
    actions = [
        fastsim.Load(at["gmem_a"], operands.image_a),
        fastsim.Load(at["gmem_b"], operands.image_b),
        *fastsim.ENABLE_INTERRUPT,
        *(fastsim.Write(*pair) for pair in registers.writes(description, operands.job.to_dict() | at)),
        fastsim.Run(),
        fastsim.Dump("c", at["gmem_c"], operands.bytes_c),
    ]
    return fastsim.run(model, fastsim.ideal_memory(model.masters, **memory), actions, where="example")


@pytest.mark.verifies("fastsim")
def test_the_fast_harness_gives_the_same_bytes_and_nearly_the_same_cycles(rtl, models, tmp_path):
    assembly = accelerators.assemble(rtl, tmp_path)
    asked = RUNS[-1]
    probes = fastsim.Probes(fifos=True, waits=True, signals={"array": "shell.kernel.pe_array_ap_start"})
    result = fast(assembly, models, asked.run, probes=probes, latency_cycles=41)
    job_of_c = asked.run.operands(accelerators.GEOMETRY).job
    c = asked.run.found(accelerators.GEOMETRY, job_of_c, result.dumps["c"])
    assert np.array_equal(c, asked.run.reference())
    [job] = result.jobs
    slow = simulate(assembly, tmp_path, models, (asked,))
    assert job.cycles == pytest.approx(slow.layers[0].cycles, abs=60)  # the answers to writes come later here
    high = {
        fifo.name: fifo.high_water for fifo in slow.fifos if fifo.name != "outputs"
    }  # which waits for those answers
    assert high == {name: fifo.high_water for name, fifo in job.fifos.items() if name != "outputs"}
    assert job.fifos["outputs"].words == 32 * 32 // accelerators.GEOMETRY.results
    assert job.waits["load_a.gmem_a_R"] > 40
    assert set(job.waits) >= {"pe_array.a_words", "interconnect.a_pieces", "store_c.gmem_c_B"}
    assert 0 < job.signals["array"] <= job.cycles


def activity(assembly: network.Assembly, models: Path, layer: Convolution, **memory) -> dict[str, int]:
    """What the array did in each cycle of a layer; every cycle has one cause."""
    [job] = fast(assembly, models, LayerRun(layer=layer), probes=fastsim.Probes(causes=True), **memory).jobs
    assert sum(job.signals.values()) == job.cycles
    return dict(job.signals)


@pytest.mark.parametrize("layer", [Convolution.of_product(64, 64, 64), replace(PADDED, channels=16, outputs=32)])
def test_a_slow_memory_is_lost_to_the_memory_alone(rtl, models, tmp_path, layer):
    assembly = accelerators.assemble(rtl, tmp_path)
    quick, slow = (activity(assembly, models, layer, latency_cycles=cycles) for cycles in (5, 300))
    grown = {cause: slow[cause] - quick[cause] for cause in fastsim.CAUSES}
    assert grown["memory"] > 295  # at the least the first load waits so much longer
    assert grown["steps"] == 0
    others = [abs(grown[cause]) for cause in ("buffers", "pipeline", "control")]
    assert max(others) <= 0.05 * grown["memory"]


def test_sizes_that_are_no_multiples_take_more_steps_and_little_else(rtl, models, tmp_path):
    """33 rows and columns fill 36 in steps of 4 x 4: the array takes 36 x 36 x 64 products, and reads them by pieces of buffers."""
    assembly = accelerators.assemble(rtl, tmp_path)
    step = accelerators.GEOMETRY.step
    up = [-(-33 // size) * size for size in (step.m, step.n)]
    odd = activity(assembly, models, Convolution.of_product(33, 64, 33), latency_cycles=5)
    full = activity(assembly, models, Convolution.of_product(*(up[0], 64, up[1])), latency_cycles=5)
    assert odd["steps"] == full["steps"] == up[0] * up[1] * 64 // accelerators.DESIGN.macs
    assert odd["steps"] > 33 * 33 * 64 // accelerators.DESIGN.macs
    for cause in ("memory", "pipeline", "control"):
        assert odd[cause] == pytest.approx(full[cause], abs=32)


def test_a_store_that_rests_is_lost_to_the_memory(rtl, models, tmp_path):
    """Channels that rest at random hold loads and stores up."""
    assembly = accelerators.assemble(rtl, tmp_path)
    layer = Convolution.of_product(64, 8, 64)
    free, resting = (activity(assembly, models, layer, latency_cycles=5, stall=stall) for stall in (0.0, 0.7))
    grown = {cause: resting[cause] - free[cause] for cause in fastsim.CAUSES}
    assert grown["memory"] > 0.8 * sum(grown.values()) > 0


def cut(assembly: network.Assembly) -> None:
    """Take the words of the FIFO `sums` away from its reader."""
    file = assembly.rtl_dir / "accelerator.v"
    text = file.read_text()
    found = re.search(r"csynth_fifo #\([^;]*?\) fifo_sums \(.*?\);", text, flags=re.DOTALL)
    assert found is not None
    dangling, count = re.subn(r"\.out_TVALID\((\w+)\)", r".out_TVALID()", found.group(0))
    name = re.search(r"\.out_TVALID\((\w+)\)", found.group(0))
    assert count == 1
    assert name is not None
    file.write_text(text.replace(found.group(0), f"assign {name.group(1)} = 1'b0;\n  {dangling}"))


def test_a_cut_fifo_is_a_deadlock_that_names_it(rtl, models, tmp_path, golden):
    assembly = accelerators.assemble(rtl, tmp_path / "a")
    cut(assembly)
    with pytest.raises(cosim.CosimError) as caught:
        simulate(assembly, tmp_path, models, RUNS[3:])
    assert caught.value.code == "deadlock"
    golden("cosim/deadlock.txt", f"{caught.value}\n")
    with pytest.raises(fastsim.FastsimError) as fast_caught:
        fast(assembly, models, RUNS[3].run)
    assert fast_caught.value.code == "deadlock"
    assert str(fast_caught.value).split("deadlock: ")[1] == str(caught.value).split("deadlock: ")[1]


def test_a_missing_module_is_named(rtl, tmp_path):
    with pytest.raises(network.AssemblyError) as caught:
        accelerators.assemble({name: folder for name, folder in rtl.items() if name != "post"}, tmp_path)
    assert str(caught.value) == "post: the module is missing. Synthesise it first."
    assert list(tmp_path.iterdir()) == []


def test_a_module_without_a_port_is_named(rtl, tmp_path):
    wrong = tmp_path / "wrong"
    shutil.copytree(rtl["post"], wrong)
    file = wrong / "post.v"
    file.write_text(file.read_text().replace("sums_TVALID", "totals_TVALID"))
    with pytest.raises(network.AssemblyError) as caught:
        accelerators.assemble({**rtl, "post": wrong}, tmp_path / "a")
    assert str(caught.value) == (
        "post: the RTL has no port sums_TVALID. Synthesise the module from a source with the template's signature."
    )


def test_two_different_files_of_one_name_are_told(rtl, tmp_path):
    folders = dict(rtl)
    for instance in ("post", "store_c"):
        folders[instance] = tmp_path / instance
        shutil.copytree(rtl[instance], folders[instance])
        file = folders[instance] / f"{instance}.v"
        file.write_text(file.read_text().replace("endmodule", "rounding inner ();\nendmodule", 1))
        (folders[instance] / "rounding.v").write_text(f"module rounding; wire {instance}; endmodule\n")
    with pytest.raises(network.AssemblyError) as caught:
        accelerators.assemble(folders, tmp_path / "a")
    assert str(caught.value) == (
        "store_c: rounding.v differs from another module's file of this name. Give the function another name."
    )
    assert not (tmp_path / "a").exists()
