"""The model, and the simulation that judges it, against cycles of RTL that `benchmarks/model_error.py` recorded.

`rtl_cycles.json` holds every third design of `benchmarks/model_error.py --designs 40 --slowest 20000 --json ...`, with the
timing that their modules' reports gave. Record it anew when a change of csynth or of the template moves cycles.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from unit.perf.reference import simulate

from aigchip.perf import CycleModel, DesignTiming, ModuleTiming, bench_memory
from aigchip.perf.timing import LoopTiming
from aigchip.space import Design
from aigchip.workload import Gemm

RECORDED: dict[str, Any] = json.loads((Path(__file__).parent / "rtl_cycles.json").read_text())


def timing_of(data: dict[str, Any]) -> DesignTiming:
    modules = {
        name: ModuleTiming(
            loops=tuple(LoopTiming(**loop) for loop in module["loops"]), command_cycles=module["command_cycles"]
        )
        for name, module in data["modules"].items()
    }
    return DesignTiming(modules=modules, turn_cycles=data["turn_cycles"], arbiter_depth=data["arbiter_depth"])


def errors(name: str, cycles_of: Any) -> list[float]:
    """Relative errors of the GEMMs without back-pressure."""
    entry = RECORDED[name]
    found = []
    for gemm in entry["gemms"]:
        shape = Gemm(kind="gemm", m=gemm["m"], k=gemm["k"], n=gemm["n"])
        estimated = cycles_of(
            shape, Design.from_dict(entry["design"]), timing_of(entry["timing"]), bench_memory(gemm["latency_cycles"])
        )
        found.append(estimated / gemm["cycles"] - 1)
    return found


def test_the_model_is_within_two_percent_of_rtl_and_five_at_worst() -> None:
    sizes = sorted(
        abs(error) for name in RECORDED for error in errors(name, lambda g, d, t, m: CycleModel(d, t, m).cycles(g))
    )
    assert len(sizes) >= 40
    assert sizes[len(sizes) // 2] < 0.005
    assert sizes[int(0.9 * len(sizes))] < 0.02
    assert sizes[-1] < 0.05


@pytest.mark.parametrize("name", [name for name in RECORDED if RECORDED[name]["gemms"][0]["cycles"] < 21_000][:4])
def test_the_simulation_that_judges_the_model_is_exact(name: str) -> None:
    assert max(abs(error) for error in errors(name, simulate)) < 0.004


def test_more_latency_never_takes_fewer_cycles() -> None:
    for entry in RECORDED.values():
        design, timing = Design.from_dict(entry["design"]), timing_of(entry["timing"])
        shape = Gemm(kind="gemm", m=70, k=200, n=70)
        cycles = [CycleModel(design, timing, bench_memory(latency)).cycles(shape) for latency in (0, 30, 60, 120, 240)]
        assert cycles == sorted(cycles)
        assert cycles[0] > shape.macs / design.multipliers
