"""Run layers on the accelerator in its shell: cocotbext-axi is the host and the three memories.

The request holds, for each job, the images of its memories, the register values and the back-pressure; the result holds
the memory after each job, the shell's counters and the FIFOs' marks. The caller decides what is right.
"""

import base64
import json
import os
import random
import time
from collections import deque
from pathlib import Path

import cocotb
from cocotb.clock import Clock
from cocotb.queue import Queue
from cocotb.triggers import ClockCycles, First, RisingEdge, Timer
from cocotb.utils import get_sim_time
from cocotbext.axi import AxiBus, AxiLiteBus, AxiLiteMaster, AxiRam

PERIOD_NS = 10
SHELL_CYCLES_LOW, SHELL_CYCLES_HIGH, SHELL_RUNS, SHELL_ID = 0x1008, 0x100C, 0x1010, 0x1000


class LatentQueue(Queue):
    """A queue of requests each of which can be taken `cycles` clock cycles after it came."""

    cycles = 0

    def _put(self, item) -> None:
        super()._put((get_sim_time("ns") + self.cycles * PERIOD_NS, item))

    async def get(self):
        """Take the next request when it is due."""
        due, item = await super().get()
        now = get_sim_time("ns")
        if due > now:
            await Timer(round(due - now), "ns")
        return item


def pauses(rng: random.Random, probability: float):
    """Yield for ever whether a channel rests in the next cycle: single cycles and, now and then, a long rest."""
    while True:
        if rng.random() < 0.002:
            yield from (True for _ in range(rng.randint(16, 80)))
        yield rng.random() < probability


class Memory:
    """One memory of the bench with its back-pressure and latency."""

    def __init__(self, dut, name: str) -> None:
        self.ram = AxiRam(
            AxiBus.from_prefix(dut, f"m_axi_{name}"), dut.ap_clk, dut.ap_rst_n, reset_active_level=False, size=2**40
        )
        write, read = self.ram.write_if, self.ram.read_if
        self.channels = [write.aw_channel, write.w_channel, write.b_channel, read.ar_channel, read.r_channel]
        self.rests: list[tuple] = []  # channels that rest, with the generators that say when
        self.requests = LatentQueue()
        read.ar_channel.queue = self.requests
        for address in (read.ar_channel, write.aw_channel):
            address.queue_occupancy_limit = 16

    def behave(self, rng: random.Random, *, stall: float, latency_cycles: int) -> None:
        """Set the mean stall probability of every channel and the latency of reads."""
        self.requests.cycles = latency_cycles
        self.rests.clear()
        for channel in self.channels:
            channel.pause = False
            if stall:
                self.rests.append((channel, pauses(rng, min(0.9, stall * rng.uniform(0.4, 1.6)))))


async def pace(dut, memories) -> None:
    """Let the channels of all memories rest: one task for all of them, as each task costs a wake-up in every cycle."""
    edge = RisingEdge(dut.ap_clk)
    while True:
        rests = [rest for memory in memories for rest in memory.rests]
        for channel, resting in rests:
            channel.pause = next(resting)
        await (edge if rests else ClockCycles(dut.ap_clk, 64))


async def run_job(dut, control, memories, request, job) -> dict:
    """Load the memories, start the accelerator, wait for its interrupt or the watchdog, read all back."""
    rng = random.Random(job["seed"])  # noqa: S311 (stimulus)
    for name, image in job["images"].items():
        memories[name].ram.write(image["address"], base64.b64decode(image["data"]))
    for memory in memories.values():
        memory.behave(rng, stall=job["stall"], latency_cycles=job["latency_cycles"])
    await control.write_dword(0x04, 1)
    await control.write_dword(0x08, 1)
    for address, value in job["registers"]:
        await control.write_dword(address, value)
    for address, value in job["registers"]:
        if await control.read_dword(address) != value:
            raise RuntimeError(f"register 0x{address:02x} does not hold what was written")
    started = get_sim_time("ns")
    await control.write_dword(0x00, 1)
    fired = RisingEdge(dut.irq)
    limit = ClockCycles(dut.ap_clk, request["limit_cycles"])
    winner = await First(fired, RisingEdge(dut.stuck), limit)
    ended = get_sim_time("ns")
    if winner is not fired:
        return {"stuck": "quiet" if dut.stuck.value else "limit", **fifo_state(dut, request)}
    await RisingEdge(dut.ap_clk)
    status = await control.read_dword(0x00)
    await control.write_dword(0x0C, 1)
    if dut.irq.value:
        raise RuntimeError("the interrupt stays after its bit in ISR was cleared")
    low, high = await control.read_dword(SHELL_CYCLES_LOW), await control.read_dword(SHELL_CYCLES_HIGH)
    return {
        "stuck": None,
        "status": status,
        "shell_cycles": low | high << 32,
        "bench_cycles": round((ended - started) / PERIOD_NS),
        "runs": await control.read_dword(SHELL_RUNS),
        "memories": {
            name: base64.b64encode(bytes(memories[name].ram.read(where["address"], where["length"]))).decode()
            for name, where in job["readback"].items()
        },
        **fifo_state(dut, request),
    }


def fifo_state(dut, request) -> dict:
    """Read what the FIFOs hold, their high-water marks, and which end of each waits."""
    number = request["fifos"]

    def words(signal) -> list[int]:
        value = int(signal.value)
        return [value >> 32 * index & 0xFFFFFFFF for index in range(number)]

    def bits(signal, number: int = number) -> list[bool]:
        value = int(signal.value)
        return [bool(value >> index & 1) for index in range(number)]

    return {
        "count": words(dut.fifo_count),
        "high": words(dut.fifo_high),
        "producer_waits": bits(dut.fifo_producer_waits),
        "consumer_waits": bits(dut.fifo_consumer_waits),
        "finished": bits(dut.process_finished, request["processes"]),
        "axi_faults": int(dut.axi_faults.value),
        "axi_waits": [name for name in request["axi_channels"] if int(getattr(dut, f"{name}_waits").value)],
    }


@cocotb.test()
async def accelerate(dut) -> None:
    """Run the jobs one after another without a reset; a job that gets stuck is the last."""
    request = json.loads(Path(os.environ["AIGCHIP_BENCH_REQUEST"]).read_text())
    cocotb.start_soon(Clock(dut.ap_clk, PERIOD_NS, "ns").start())
    dut.ap_rst_n.value = 0
    control = AxiLiteMaster(
        AxiLiteBus.from_prefix(dut, "s_axi_control"), dut.ap_clk, dut.ap_rst_n, reset_active_level=False
    )
    memories = {name: Memory(dut, name) for name in request["memories"]}
    cocotb.start_soon(pace(dut, memories.values()))
    await ClockCycles(dut.ap_clk, 8)
    dut.ap_rst_n.value = 1
    await ClockCycles(dut.ap_clk, 4)
    begun, start_ns = time.monotonic(), get_sim_time("ns")
    identity = await control.read_dword(SHELL_ID)
    jobs: deque[dict] = deque()
    for job in request["jobs"]:
        jobs.append(await run_job(dut, control, memories, request, job))
        if jobs[-1]["stuck"]:
            break
    seconds = time.monotonic() - begun
    total = round((get_sim_time("ns") - start_ns) / PERIOD_NS)
    Path(os.environ["AIGCHIP_BENCH_RESULT"]).write_text(
        json.dumps({"id": identity, "jobs": list(jobs), "cycles": total, "seconds": seconds})
    )
