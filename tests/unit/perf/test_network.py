"""Network latency, memory timing, and what is taken from reports."""

import json
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from unit.space.test_rejections import GOOD

from aigchip.board import load as load_board
from aigchip.mapping import MappingError
from aigchip.perf import (
    CycleModel,
    DesignTiming,
    PerfError,
    assumed_timing,
    design_timing,
    estimate,
    memory_timing,
    network_latency,
)
from aigchip.perf.memory import MemoryTiming, Rates, bench_memory
from aigchip.perf.network import JOB_CYCLES
from aigchip.perf.timing import PIPELINED
from aigchip.space import Design
from aigchip.workload import built_in

LARGE = replace(GOOD, buffer_a_kib=256, buffer_b_kib=256, buffer_c_kib=256)


@dataclass
class Loop:
    line: int
    ii: int | None
    depth: int
    pipelined: bool = True


def reports() -> dict[str, list[Loop]]:
    loops = {name: [Loop(20, 1, 4)] for name in PIPELINED}
    loops["buffer_c"].append(Loop(11, None, 207, pipelined=False))
    loops["arbiter_a"].append(Loop(5, None, 1029, pipelined=False))
    loops["ctrl"] = [
        Loop(100, None, 1, pipelined=False),
        Loop(10, None, 1, pipelined=False),
        Loop(20, None, 2, pipelined=False),
    ]
    return loops


def test_timing_is_taken_from_pipelined_loops_and_from_ctrls_loop_over_taps() -> None:
    assert design_timing(reports()) == DesignTiming(
        tap_cycles=2, row_cycles=3, fill_depth=5, array_depth=16, output_depth=12
    )


def test_ctrl_without_loops_counts_as_usual() -> None:
    usual = design_timing({name: loops for name, loops in reports().items() if name != "ctrl"})
    assert usual.tap_cycles == assumed_timing().tap_cycles


def test_a_report_without_the_loops_of_the_schedule_is_one_clear_line() -> None:
    loops = reports()
    loops["post"] = [Loop(3, None, 9, pipelined=False)]
    with pytest.raises(PerfError) as error:
        design_timing(loops)
    assert str(error.value) == (
        "post: the report has no pipelined loop; must have one, as the schedule counts on. "
        "Write the module with the loops that its instruction asks for."
    )


def test_a_network_is_the_sum_of_its_layers_at_the_clock() -> None:
    workload, memory = built_in("resnet18"), memory_timing(load_board("zcu104"), 3333)
    latency = network_latency(workload, LARGE, assumed_timing(), memory, 3333)
    model = CycleModel(LARGE, assumed_timing(), memory)
    assert [layer.cycles for layer in latency.layers] == [
        model.cycles(layer.layer) + JOB_CYCLES for layer in latency.layers
    ]
    assert latency.cycles.value == sum(layer.cycles * layer.count for layer in latency.layers)
    assert latency.cycles.value
    assert latency.utilisation.value
    assert latency.latency.value == pytest.approx(latency.cycles.value * 3333 / 1e9)
    assert latency.utilisation.value <= 1
    assert {latency.cycles.kind, latency.latency.kind, latency.utilisation.kind} == {"estimated"}
    assert estimate(workload, memory, 3333)(LARGE) == (latency.latency.value, LARGE.multipliers)


def test_a_layer_that_runs_group_by_group_counts_its_groups() -> None:
    workload, memory = built_in("alexnet_caffe"), memory_timing(load_board("zcu104"), 3333)
    design = replace(LARGE, accumulator_bits=32)
    latency = network_latency(workload, design, assumed_timing(), memory, 3333)
    assert [layer.count for layer in latency.layers] == [1, 2, 1, 2, 2, 1, 1, 1]
    assert sum(layer.count * layer.layer.macs for layer in latency.layers[1:]) == sum(
        layer.macs for layer in workload.layers[1:]
    )
    model = CycleModel(design, assumed_timing(), memory)
    assert latency.cycles.value == sum(
        layer.count * (model.cycles(layer.layer) + JOB_CYCLES) for layer in latency.layers
    )


def test_a_design_that_cannot_do_a_layer_is_infinitely_slow_to_a_search() -> None:
    workload, memory = built_in("resnet18"), memory_timing(load_board("zcu104"), 3333)
    small = replace(LARGE, accumulator_bits=24)
    with pytest.raises(MappingError, match="sums of 576 products need 25 bits; the accumulators have 24"):
        network_latency(workload, small, assumed_timing(), memory, 3333)
    assert estimate(workload, memory, 3333)(small) == (float("inf"), small.multipliers)


def test_the_memory_of_the_zcu104_at_300_mhz() -> None:
    memory = memory_timing(load_board("zcu104"), 3333)
    assert (memory.read_latency_cycles, memory.write_latency_cycles) == (46, 31)
    assert memory.bytes_per_cycle == pytest.approx(14.4e9 * 3333e-12)
    assert memory.port_bytes_per_cycle == pytest.approx(16)


def test_a_fast_clock_shares_the_ports_and_the_bandwidth() -> None:
    memory = memory_timing(load_board("zcu104"), 1290)
    assert memory.port_bytes_per_cycle == pytest.approx(16 * 333e6 * 1290e-12)
    assert memory.bytes_per_cycle == pytest.approx(14.4e9 * 1290e-12)


def test_stripes_share_the_ports_that_they_lie_on() -> None:
    memory = MemoryTiming(read_latency_cycles=1, write_latency_cycles=1, bytes_per_cycle=48, port_bytes_per_cycle=16)
    assert memory.rates(16, 1) == Rates(one=1.0, reads=2.0, all=3.0)
    assert memory.rates(64, 1) == Rates(one=0.25, reads=0.5, all=0.75)
    assert memory.rates(64, 4) == Rates(one=1.0, reads=1.0, all=0.75)


def test_the_bench_answers_a_cycle_after_its_latency() -> None:
    assert bench_memory(40) == MemoryTiming(read_latency_cycles=41, write_latency_cycles=2)


def test_estimates_stay_as_they_are(golden) -> None:
    """A change that makes the model faster moves no cycle: networks on recorded designs of every kind."""
    board, lines = load_board("zcu104"), []
    recorded = json.loads((Path(__file__).parent / "rtl_cycles.json").read_text())["designs"]
    for number, entry in enumerate(recorded):
        design, told = Design.from_dict(entry["genes"]), []
        memory = memory_timing(board, design.clock_period_ps)
        for name in ("resnet50", "mobilenetv2", "yolov2_voc"):
            try:
                found = network_latency(built_in(name), design, assumed_timing(), memory, design.clock_period_ps)
                told.append(str(found.cycles.value))
            except MappingError:
                told.append("refused")
        if set(told) != {"refused"}:
            lines.append(f"{number} {' '.join(told)}")
    golden("perf/estimates.txt", "\n".join(["design resnet50 mobilenetv2 yolov2_voc", *lines, ""]))
