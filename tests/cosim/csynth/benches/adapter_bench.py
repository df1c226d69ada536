"""Random bursts through csynth_maxi against a list of words."""

import json
import os
import random
from pathlib import Path

import cocotb
from axi_model import AxiMemory
from cocotb.clock import Clock
from cocotb.triggers import ClockCycles, RisingEdge
from cosim_module import Sink, Source

WORDS = 4096


@cocotb.test()
async def bursts(dut) -> None:
    """Every run of the request: random reads and writes, or the reads of its list."""
    request = json.loads(Path(os.environ["AIGCHIP_BENCH_REQUEST"]).read_text())
    cocotb.start_soon(Clock(dut.ap_clk, 10, "ns").start())
    results = []
    for run in request["runs"]:
        results.append(await one(dut, run, random.Random(run["seed"])))
    Path(os.environ["AIGCHIP_BENCH_RESULT"]).write_text(json.dumps({"runs": results}))


async def one(dut, run, rng) -> dict:
    dut.ap_rst.value = 1
    width = len(dut.m_axi_RDATA)
    stall = run["stall"]
    data = bytearray(rng.randbytes(WORDS * width // 8 + 65536))
    base = run["base"]
    memory = AxiMemory(dut, "m_axi", data, rng, stall=stall, one_read=run["one_read"])
    memory.bad = set(run["bad"])
    dut.base.value = base
    ends = {r: Sink(dut, r, rng, stall) for r in ("R", "B")}
    ends |= {r: Source(dut, r, rng, stall) for r in ("AR", "AW", "W")}
    await ClockCycles(dut.ap_clk, 4)
    dut.ap_rst.value = 0
    await ClockCycles(dut.ap_clk, 2)
    step = width // 8
    expected, image = [], bytearray(data)
    middle = WORDS // 2
    answers = 0
    for offset, length in run["reads"]:
        ends["AR"].words.append(length << 64 | offset)
        at = base + offset * step
        expected += [int.from_bytes(data[at + k * step : at + (k + 1) * step], "little") for k in range(length)]
    for offset, length in run["writes"]:
        assert offset >= middle, "writes stay away from reads"
        ends["AW"].words.append(length << 64 | offset)
        answers += 1
        for k in range(length):
            word = rng.getrandbits(width)
            ends["W"].words.append(word)
            at = base + (offset + k) * step
            image[at : at + step] = word.to_bytes(step, "little")
    held = run.get("hold_reads_until_requests", False)  # a module that asks for all before it takes the first word
    quiet = cycles = 0
    while quiet < 400 and not (
        len(ends["R"].words) >= len(expected) and len(ends["B"].words) >= answers and memory.settled()
    ):
        moved = memory.edge()
        for name, end in ends.items():
            if name == "R" and held and ends["AR"].words:
                continue
            moved |= end.edge()
        quiet = 0 if moved else quiet + 1
        await RisingEdge(dut.ap_clk)
        cycles += 1
    return {
        "stuck": quiet >= 400,
        "cycles": cycles,
        "right": ends["R"].words == expected and data == image and len(ends["B"].words) == answers,
        "faults": memory.faults,
        "bursts": memory.bursts,
        "most_reads": memory.most_reads,
        "most_writes": memory.most_writes,
        "error": int(dut.error.value),
    }
