"""The layers of a co-simulation: kinds, stalls, and what determines the verdict."""

import json
from dataclasses import replace
from pathlib import Path
from random import Random
from types import SimpleNamespace

import pytest

from aigchip.core import paths
from aigchip.mapping import Geometry, place
from aigchip.mapping.tiling import Traffic, estimate
from aigchip.perf import CycleModel, assumed_timing, bench_memory
from aigchip.space import files
from aigchip.space.sampling import sample
from aigchip.tasks import steps, studies
from aigchip.tasks.study_report import cosimulation_lines
from aigchip.toolchain import cosim

DESIGNS = {path.parent.name: files.load(path) for path in sorted(paths.designs_dir().glob("*/design.yaml"))}


@pytest.mark.parametrize("name", DESIGNS)
def test_a_product_a_padded_and_a_strided_layer_run_under_stalls_and_the_last_without(name):
    runs = steps.cosim_runs(DESIGNS[name])
    layers = [one.run.layer for one in runs]
    assert layers[0].kernel == (1, 1) and layers[0].columns % 2
    assert layers[1].padding == (1, 1, 1, 1) and layers[2].stride == 2
    assert any(layer.depthwise for layer in layers) == (DESIGNS[name].depthwise == "window")
    assert all(one.stall > 0 for one in runs[:-1])
    assert (runs[-1].stall, runs[-1].latency_cycles) == (0.0, steps.READ_LATENCY_CYCLES)
    assert any(one.run.relu for one in runs) and any(one.run.padding for one in runs)
    sizes = Geometry.of(DESIGNS[name])
    total = sum(estimate(place(layer, sizes), sizes, Traffic()) for layer in layers)
    assert total < steps.PRODUCT_CYCLES + 3 * steps.STALLED_CYCLES + steps.STEADY_CYCLES


def test_every_design_has_a_product_and_a_last_layer_without_stalls():
    rng = Random(5)
    for _ in range(15):
        runs = steps.cosim_runs(sample(rng))
        assert len(runs) >= 2
        assert runs[0].run.layer.kernel == (1, 1)
        assert not runs[-1].stall


def test_the_layers_determine_the_verdict():
    def inputs(design):
        return steps.CosimulateAccelerator(design=design, folder=Path("/none"), rtl="r").inputs()

    design = DESIGNS["example"]
    assert inputs(design) == inputs(design)
    assert inputs(design)["runs"] != inputs(replace(design, buffer_a_kib=16))["runs"]
    assert inputs(design)["runs"][0]["run"]["layer"]["outputs"] == 5
    assert set(steps.cosim_tools()) == {"toolchain", "mapping", "bench", "verilator", "cocotb", "cocotbext_axi"}


def test_the_result_names_each_layer_and_the_model_is_held_against_the_last(tmp_path, monkeypatch):
    design = DESIGNS["example"]
    seen = {}

    def simulated(rtl_dir, *, geometry, runs, **_):
        seen["geometry"] = geometry
        layers = tuple(cosim.LayerResult(run=run, cycles=1000 + i, bench_cycles=1004 + i) for i, run in enumerate(runs))
        return cosim.CosimResult(
            layers=layers, fifos=(), tool="a test", build_seconds=0.0, run_seconds=1.0, simulated_cycles=9000
        )

    monkeypatch.setattr(cosim, "cosimulate", simulated)
    steps.CosimulateAccelerator(design=design, folder=tmp_path, rtl="r").run(tmp_path)
    assert seen["geometry"] == Geometry.of(design)
    told = json.loads((tmp_path / "result.json").read_text())
    runs = steps.cosim_runs(design)
    assert [layer["name"] for layer in told["layers"]] == [one.run.name for one in runs]
    assert [layer["macs"] for layer in told["layers"]] == [one.run.layer.macs for one in runs]
    assert [layer["cycles"]["value"] for layer in told["layers"]] == [1000 + i for i in range(len(runs))]

    monkeypatch.setattr(studies, "read_reports", lambda flow: {})
    monkeypatch.setattr(studies, "module_timing", lambda reports: assumed_timing())
    error = studies.model_error_percent(SimpleNamespace(design=design), told)
    model = CycleModel(design, assumed_timing(), bench_memory(steps.READ_LATENCY_CYCLES))
    cycles = model.cycles_of(place(runs[-1].run.layer, Geometry.of(design)))
    assert error == round(100 * (cycles / (1000 + len(runs) - 1) - 1), 2)
    assert cosimulation_lines({3: told | {"model_error_percent": 2.0}}) == [
        f"Design 3 in RTL: {len(runs)} layers bit-exact; {runs[-1].run.name} took {1000 + len(runs) - 1:,} cycles "
        "(simulated); the model estimates +2.0 %."
    ]
