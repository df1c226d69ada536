"""Network latency, memory timing, and what is taken from reports."""

from dataclasses import dataclass

import pytest
from unit.space.test_rejections import GOOD

from aigchip.board import load as load_board
from aigchip.perf import (
    CycleModel,
    ModuleTiming,
    PerfError,
    assumed_timing,
    design_timing,
    estimate,
    memory_timing,
    network_latency,
)
from aigchip.perf.memory import MemoryTiming, bench_memory, read_tile, write_cycles
from aigchip.perf.timing import LOOPS_OF_MODULE, LoopTiming
from aigchip.workload import built_in


@dataclass
class Range:
    maximum: int | None


@dataclass
class Loop:
    line: int
    ii: int | None
    depth: int
    pipelined: bool = True
    cycles: int | None = 100

    @property
    def latency_cycles(self) -> Range:
        return Range(self.cycles)


def reports() -> dict[str, list[Loop]]:
    loops = {name: [Loop(20 + 9 * i, 1 + i, 4 + i) for i in range(n)][::-1] for name, n in LOOPS_OF_MODULE.items()}
    loops["buffer_c"].append(Loop(11, None, 207, pipelined=False, cycles=None))
    loops["ctrl"] = [Loop(10, None, 31, pipelined=False)]
    loops["arbiter_a"] = loops["arbiter_b"] = [Loop(8, 1, 2), Loop(5, None, 2053, pipelined=False)]
    return loops


def test_timing_is_taken_from_the_reports_in_the_order_of_the_source() -> None:
    timing = design_timing(reports())
    assert timing.modules["buffer_c"].loops == (LoopTiming(ii=1, depth=4), LoopTiming(ii=2, depth=5))
    assert timing.modules["buffer_c"].command_cycles == 3  # 207 - 2 x 100 - 2 x 2
    assert timing.modules["load_a"].command_cycles == ModuleTiming().command_cycles  # not in the report
    assert timing.turn_cycles == 31
    assert timing.arbiter_depth == 2


def test_a_report_without_the_loops_of_the_schedule_is_one_clear_line() -> None:
    loops = reports()
    loops["post"] = loops["post"][:1]
    with pytest.raises(PerfError) as error:
        design_timing(loops)
    assert str(error.value) == (
        "post: the report has 1 pipelined loop(s); must have 2, as the schedule counts on. "
        "Write the module with the loops that its instruction asks for."
    )


def test_a_network_is_the_sum_of_its_gemms_at_the_clock() -> None:
    workload, memory = built_in("resnet18"), memory_timing(load_board("zcu104"), 3333)
    latency = network_latency(workload, GOOD, assumed_timing(), memory, 3333)
    model = CycleModel(GOOD, assumed_timing(), memory)
    assert latency.cycles.value == sum(model.cycles(gemm) * gemm.count for gemm in workload.gemms)
    assert latency.latency.value == pytest.approx(latency.cycles.value * 3333 / 1e9)
    assert 0 < latency.utilisation.value <= 1
    assert {latency.cycles.kind, latency.latency.kind, latency.utilisation.kind} == {"estimated"}
    assert estimate(workload, memory, 3333)(GOOD) == (latency.latency.value, GOOD.multipliers)


def test_the_memory_of_the_zcu104_at_300_mhz() -> None:
    memory = memory_timing(load_board("zcu104"), 3333)
    assert memory == MemoryTiming(read_latency_cycles=46, write_latency_cycles=31, cycles_per_word=1.0)


def test_a_fast_clock_shares_the_bandwidth() -> None:
    memory = memory_timing(load_board("zcu104"), 1290)
    assert memory.cycles_per_word == pytest.approx(8 / 1290e-12 / 4.8e9)


def test_bursts_hide_the_latency_only_when_they_are_long() -> None:
    memory = MemoryTiming(read_latency_cycles=40, write_latency_cycles=30)
    short = read_tile(memory, rows=64, rows_valid=64, words=2, words_valid=2, outstanding=8, ahead=42)
    long = read_tile(memory, rows=64, rows_valid=64, words=8, words_valid=8, outstanding=8, ahead=42)
    assert (long.first, long.last) == (43, 43 + 64 * 8)  # the request is 3 cycles on its way
    assert short.last > 2 * 64 * 2  # 16 words a round trip of 40 cycles
    assert write_cycles(memory, rows=8, words=2, pieces=1, outstanding=8) == 8 * (2 + 2)  # 2 to announce the burst
    assert write_cycles(memory, rows=8, words=2, pieces=2, outstanding=8) == 8 * 4  # made slowly enough to hide that
    assert (
        write_cycles(memory, rows=16, words=2, pieces=1, outstanding=8) == 4 + 30 + 8 * 4
    )  # row 8 waits for the first answer
    assert write_cycles(memory, rows=16, words=8, pieces=8, outstanding=8) == 16 * 64


def test_a_load_that_had_to_stop_goes_on_at_the_memorys_pace() -> None:
    memory = MemoryTiming(read_latency_cycles=101, write_latency_cycles=2)
    tile = read_tile(memory, rows=64, rows_valid=64, words=2, words_valid=2, outstanding=8, ahead=42)
    assert tile.full < tile.last
    # 21 rows are in the FIFOs and 8 on the port; each later 8 take the way of the request, the latency and their row.
    assert tile.resumed == 5 * (3 + 101 + 2) + 3 * 2
    assert read_tile(memory, rows=8, rows_valid=8, words=2, words_valid=2, outstanding=8, ahead=16).resumed == 0


def test_the_bench_answers_a_cycle_after_its_latency() -> None:
    assert bench_memory(40) == MemoryTiming(read_latency_cycles=41, write_latency_cycles=2)
