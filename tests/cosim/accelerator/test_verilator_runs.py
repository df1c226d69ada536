"""The Verilator adapter with the real tools."""

from pathlib import Path

import pytest

from aigchip.toolchain import verilator, verilator_tools

COUNTER = """
module counter(input wire clk, input wire rst, input wire [7:0] step, output reg [7:0] total);
always @(posedge clk) total <= rst ? 8'd0 : total + step;
endmodule
"""

BENCH = """
import json, os
import cocotb
from cocotb.clock import Clock
from cocotb.triggers import ClockCycles

@cocotb.test()
async def adds(dut):
    request = json.load(open(os.environ["AIGCHIP_BENCH_REQUEST"]))
    cocotb.start_soon(Clock(dut.clk, 10, "ns").start())
    dut.rst.value, dut.step.value = 1, request["step"]
    await ClockCycles(dut.clk, 2)
    dut.rst.value = 0
    await ClockCycles(dut.clk, request["cycles"] + 1)
    {fault}
    json.dump({{"total": int(dut.total.value)}}, open(os.environ["AIGCHIP_BENCH_RESULT"], "w"))
"""


pytestmark = pytest.mark.xdist_group("verilator_runs")  # the fixtures are made once


@pytest.fixture(scope="module")
def cache(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module")
def counter(cache: Path) -> verilator.Model:
    source = cache / "counter.v"
    source.write_text(COUNTER)
    return verilator.build([source], top="counter", cache=cache / "models")


def bench(folder: Path, fault: str = "pass") -> Path:
    (folder / "adds.py").write_text(BENCH.format(fault=fault))
    return folder


def test_a_bench_runs_and_returns_its_result(counter, tmp_path):
    result = verilator.run(
        counter, bench="adds", bench_dir=bench(tmp_path), work=tmp_path / "w", request={"step": 3, "cycles": 10}
    )
    assert result == {"total": 30}


def test_the_second_build_is_found(counter, cache):
    again = verilator.build([cache / "counter.v"], top="counter", cache=cache / "models")
    assert again.cached
    assert again.executable == counter.executable
    assert again.build_seconds < 0.5


def test_a_failing_bench_is_an_error_that_says_why(counter, tmp_path):
    with pytest.raises(verilator_tools.SimulationError) as caught:
        verilator.run(
            counter,
            bench="adds",
            bench_dir=bench(tmp_path, "raise ValueError('seven')"),
            work=tmp_path / "w",
            request={"step": 1, "cycles": 1},
        )
    assert caught.value.code == "bench"
    assert str(caught.value) == f"counter: the bench adds stopped: ValueError: seven. Read {tmp_path}/w/log.txt."


def test_an_ending_without_a_verdict_is_an_error(counter, tmp_path):
    with pytest.raises(verilator_tools.SimulationError) as caught:
        verilator.run(
            counter,
            bench="adds",
            bench_dir=bench(tmp_path, "os._exit(0)"),
            work=tmp_path / "w",
            request={"step": 1, "cycles": 1},
        )
    assert str(caught.value) == f"counter: the bench adds stopped: cocotb wrote no results. Read {tmp_path}/w/log.txt."


def test_an_endless_bench_is_stopped(counter, tmp_path):
    with pytest.raises(verilator_tools.SimulationError) as caught:
        verilator.run(
            counter,
            bench="adds",
            bench_dir=bench(tmp_path, "await ClockCycles(dut.clk, 10**9)"),
            work=tmp_path / "w",
            request={"step": 1, "cycles": 1},
            timeout_seconds=5,
        )
    assert str(caught.value) == (
        "counter: the simulation took longer than 5 s. Simplify the design or raise the limit."
    )


def test_a_warning_is_an_error_and_leaves_nothing_behind(tmp_path):
    source = tmp_path / "narrow.v"
    source.write_text("module narrow(input wire [7:0] a, output wire [3:0] b);\nassign b = a;\nendmodule\n")
    with pytest.raises(verilator_tools.RtlBuildError) as caught:
        verilator.build([source], top="narrow", cache=tmp_path / "models")
    assert str(caught.value).startswith(
        "narrow: verilator refuses the RTL: %Warning-WIDTHTRUNC: narrow.v:2:10: Operator ASSIGNW expects 4 bits"
    )
    assert [path for path in (tmp_path / "models").iterdir() if not path.name.endswith(".lock")] == []
