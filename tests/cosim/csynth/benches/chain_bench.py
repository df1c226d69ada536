"""Transactions of an ap_ctrl_chain block one after another: ap_start stays, ap_continue comes when the next block likes."""

import json
import os
import random
from pathlib import Path

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import ClockCycles, RisingEdge
from cosim_module import Sink, Source

LIMIT_CYCLES = 600


@cocotb.test()
async def chain(dut) -> None:
    """Every run of the request, each from a reset."""
    request = json.loads(Path(os.environ["AIGCHIP_BENCH_REQUEST"]).read_text())
    cocotb.start_soon(Clock(dut.ap_clk, 10, "ns").start())
    runs = [await one(dut, request, run, random.Random(run["seed"])) for run in request["runs"]]
    Path(os.environ["AIGCHIP_BENCH_RESULT"]).write_text(json.dumps({"runs": runs}))


async def one(dut, request, run, rng) -> dict:
    """The cycles in which calls were taken and ended, the order of both, and the words that came out."""
    source, sink = Source(dut, "in", rng, run["stall"]), Sink(dut, "out", rng, run["stall"])
    dut.ap_rst.value, dut.ap_start.value, dut.ap_continue.value = 1, 0, 0
    await ClockCycles(dut.ap_clk, 4)
    dut.ap_rst.value = 0
    await RisingEdge(dut.ap_clk)
    scalars = request["scalars"]
    source.words.extend(request["in"])
    dut.add.value, dut.ap_start.value = scalars[0], 1
    dut.ap_continue.value = going_on = rng.random() >= run["holds"]
    taken, ended, most, quiet, now = [], [], 0, 0, 0
    while len(ended) < len(scalars) and quiet < LIMIT_CYCLES:
        await RisingEdge(dut.ap_clk)
        now += 1
        moved = [source.edge(), sink.edge()]
        if len(taken) < len(scalars) and dut.ap_ready.value:
            taken.append(now)
            dut.ap_start.value = int(len(taken) < len(scalars))
            dut.add.value = scalars[len(taken)] if len(taken) < len(scalars) else rng.getrandbits(32)
            moved.append(True)
        if going_on and dut.ap_done.value:
            ended.append(now)
            moved.append(True)
        dut.ap_continue.value = going_on = rng.random() >= run["holds"]
        most = max(most, len(taken) - len(ended))
        quiet = 0 if any(moved) else quiet + 1
    await ClockCycles(dut.ap_clk, 3)
    idle = bool(dut.ap_idle.value)
    return {"taken": taken, "ended": ended, "most_open": most, "words": sink.words, "idle": idle}
