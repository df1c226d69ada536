"""The model against an iteration-accurate simulation of the same processes that shares no code with it."""

from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
import yaml
from unit.perf.reference import simulate
from unit.space.test_rejections import GOOD

from aigchip.core.paths import template_dir
from aigchip.perf import CycleModel, DesignTiming, MemoryTiming, ModuleTiming, assumed_timing, model
from aigchip.perf.timing import LoopTiming
from aigchip.space import Design
from aigchip.space.sampling import sample
from aigchip.workload import Gemm

NEAR = MemoryTiming(read_latency_cycles=10, write_latency_cycles=5)
FAR = MemoryTiming(read_latency_cycles=46, write_latency_cycles=31)
NARROW = MemoryTiming(read_latency_cycles=46, write_latency_cycles=31, cycles_per_word=1.5)


def error(
    design: Design, shape: tuple[int, int, int], memory: MemoryTiming, timing: DesignTiming | None = None
) -> float:
    gemm = Gemm(kind="conv", m=shape[0], k=shape[1], n=shape[2])
    timing = timing or assumed_timing()
    return CycleModel(design, timing, memory).cycles(gemm) / simulate(gemm, design, timing, memory) - 1


def test_the_error_on_random_designs_is_small() -> None:
    rng = Random(11)
    errors = []
    for _ in range(12):
        design = sample(rng)
        m, k, n = rng.choice([16, 40, 50]), rng.choice([30, 64, 100]), rng.choice([20, 49, 64])
        errors.append(error(design, (m, k, n), rng.choice([NEAR, FAR])))
    sizes = sorted(abs(e) for e in errors)
    assert sum(sizes) / len(sizes) < 0.01, errors
    assert sizes[-1] < 0.08, errors


@pytest.mark.parametrize("memory", [NEAR, FAR, NARROW])
@pytest.mark.parametrize("reuse", ["output", "first", "second"])
def test_each_reuse_pattern_and_memory(memory: MemoryTiming, reuse: str) -> None:
    design = replace(GOOD, reuse=reuse, group=1 if reuse == "output" else 2, tile_m=16, tile_n=16, tile_k=32)
    assert abs(error(design, (50, 100, 50), memory)) < 0.05


def test_slower_modules_take_effect() -> None:
    timing = assumed_timing()
    slow = replace(
        timing,
        modules={
            **timing.modules,
            "pe_array": ModuleTiming(loops=(LoopTiming(ii=2, depth=12),), command_cycles=6),
            "buffer_c": ModuleTiming(loops=(LoopTiming(ii=1, depth=9), LoopTiming(ii=1, depth=6)), command_cycles=8),
        },
    )
    assert abs(error(GOOD, (40, 100, 40), FAR, slow)) < 0.05


def test_equal_groups_are_not_computed_again() -> None:
    cycles = CycleModel(GOOD, assumed_timing(), FAR)
    cycles.cycles(Gemm(kind="conv", m=512, k=4608, n=3136))
    assert len(cycles._turns) < 2000  # of 16 x 98 x 72 turns


def test_more_work_takes_more_cycles() -> None:
    cycles = CycleModel(GOOD, assumed_timing(), FAR)
    sizes = [cycles.cycles(Gemm(kind="conv", m=m, k=k, n=n)) for m, k, n in [(32, 64, 32), (64, 64, 32), (64, 128, 64)]]
    assert sizes == sorted(sizes)


def test_no_design_is_faster_than_its_multipliers() -> None:
    rng = Random(3)
    for _ in range(50):
        design = sample(rng)
        gemm = Gemm(kind="conv", m=64, k=576, n=196)
        assert CycleModel(design, assumed_timing(), NEAR).cycles(gemm) > gemm.macs / design.multipliers


def test_the_depths_of_the_fifos_are_those_of_the_template() -> None:
    graph = yaml.safe_load(Path(template_dir() / "top" / "graph.yaml").read_text())
    depths = {channel["name"]: channel["depth"] for channel in graph["channels"]}
    expected = {
        "words": model.WORDS_DEPTH,
        "bank_words": model.BANK_WORDS_DEPTH,
        "pieces": model.PIECES_DEPTH,
        "array_words": model.ARRAY_WORDS_DEPTH,
    }
    for name, depth in expected.items():
        assert depths[f"{name}_a"] == depths[f"{name}_b"] == depth
    assert depths["bias_words"] == model.WORDS_DEPTH
    assert depths["results"] == model.RESULTS_DEPTH
    assert (depths["sums"], depths["outputs"]) == (model.SUMS_DEPTH, model.OUTPUTS_DEPTH)
    assert {depth for name, depth in depths.items() if name.endswith("_commands")} == {model.COMMANDS_AHEAD}
