"""Drive an IP top with the protocols of its interface pragmas, at full rate or with random stalls.

The request names the ports with their protocols, the registers, the vectors and the runs; the result holds what came out. The caller
decides what is right. A run that does not end says so in `deadlock`.
"""

import json
import os
import random
from collections import deque
from pathlib import Path

import cocotb
from axi_model import AxiMemory
from cocotb.clock import Clock
from cocotb.triggers import ClockCycles, RisingEdge


class Giver:
    """Offer words; `valid` or `ready` may be missing (ap_ack, ap_vld)."""

    def __init__(self, dut, port, rng, stall):
        name, kind = port["name"], port["protocol"]
        self.parts = [(getattr(dut, f"{name}_{part}"), width) for part, width in port.get("fields", ())]
        plain = {"axis": f"{name}_TDATA", "ap_fifo": f"{name}_dout"}.get(kind, name)
        self.parts = self.parts or [(getattr(dut, plain), port["width"])]
        valid = {
            "axis": f"{name}_TVALID",
            "ap_fifo": f"{name}_empty_n",
            "ap_hs": f"{name}_ap_vld",
            "ap_vld": f"{name}_ap_vld",
        }.get(kind)
        ready = {
            "axis": f"{name}_TREADY",
            "ap_fifo": f"{name}_read",
            "ap_hs": f"{name}_ap_ack",
            "ap_ack": f"{name}_ap_ack",
        }.get(kind)
        self.valid = getattr(dut, valid) if valid else None
        self.ready = getattr(dut, ready) if ready else None
        self.rng, self.stall = rng, stall
        self.words: deque[int] = deque()
        self.offered = False
        self._show(False)

    def _show(self, on: bool) -> None:
        word = self.words[0] if on else None
        for handle, width in self.parts:
            handle.value = self.rng.getrandbits(width) if word is None else word & (1 << width) - 1
            word = None if word is None else word >> width
        if self.valid is not None:
            self.valid.value = int(on)
        self.offered = on

    def edge(self) -> bool:
        """Act on a clock edge; True when something moved."""
        taken = self.offered and self.ready is not None and bool(self.ready.value)
        if taken:
            self.words.popleft()
            self._show(False)
        if not self.offered and self.words and (self.valid is None or self.rng.random() >= self.stall):
            self._show(True)
        return taken


class Taker:
    """Take words; with ap_none and ap_ack only the value that stands at the end is known."""

    def __init__(self, dut, port, rng, stall):
        name, self.kind = port["name"], port["protocol"]
        self.parts = [(getattr(dut, f"{name}_{part}"), width) for part, width in port.get("fields", ())]
        plain = {"axis": f"{name}_TDATA", "ap_fifo": f"{name}_din"}.get(self.kind, name)
        self.parts = self.parts or [(getattr(dut, plain), port["width"])]
        valid = {
            "axis": f"{name}_TVALID",
            "ap_fifo": f"{name}_write",
            "ap_hs": f"{name}_ap_vld",
            "ap_vld": f"{name}_ap_vld",
        }.get(self.kind)
        ready = {
            "axis": f"{name}_TREADY",
            "ap_fifo": f"{name}_full_n",
            "ap_hs": f"{name}_ap_ack",
            "ap_ack": f"{name}_ap_ack",
        }.get(self.kind)
        self.valid = getattr(dut, valid) if valid else None
        self.ready = getattr(dut, ready) if ready else None
        self.rng, self.stall = rng, stall
        self.words: list[int] = []
        self.open = False
        if self.ready is not None:
            self.ready.value = 0

    def now(self) -> int:
        """Return the word that stands at the port."""
        word = at = 0
        for handle, width in self.parts:
            word |= int(handle.value) << at
            at += width
        return word

    def edge(self) -> bool:
        """Act on a clock edge; True when something moved."""
        taken = self.valid is not None and bool(self.valid.value) and (self.ready is None or self.open)
        if taken:
            self.words.append(self.now())
        if self.ready is not None:
            self.open = self.rng.random() >= self.stall
            self.ready.value = int(self.open)
        return taken


class Ram:
    """A memory behind ap_memory ports: the word comes a cycle after ce and stays; a read beside a write gives the old word."""

    def __init__(self, dut, port):
        name = port["name"]
        self.words: list[int] = []
        self.ports = []
        for number in "01":
            if hasattr(dut, f"{name}_ce{number}"):
                handles = {
                    part: getattr(dut, f"{name}_{part}{number}", None) for part in ("address", "ce", "we", "d", "q")
                }
                self.ports.append(handles)

    def edge(self) -> bool:
        """Act on a clock edge; True when something moved."""
        writes = []
        for port in self.ports:
            if not port["ce"].value:
                continue
            at = int(port["address"].value)
            if port["q"] is not None:
                port["q"].value = self.words[at] if at < len(self.words) else 0
            if port["we"] is not None and port["we"].value:
                writes.append((at, int(port["d"].value)))
        for at, word in writes:
            self.words[at] = word
        return bool(writes)


class Lite:
    """An AXI4-Lite master that takes its time."""

    def __init__(self, dut, bundle, rng, stall):
        self.dut, self.prefix, self.rng, self.stall = dut, f"s_axi_{bundle}", rng, stall
        for name in ("AWVALID", "WVALID", "BREADY", "ARVALID", "RREADY"):
            self._at(name).value = 0

    def _at(self, name):
        return getattr(self.dut, f"{self.prefix}_{name}")

    async def _hold(self, valid: str, ready: str) -> None:
        while self.rng.random() < self.stall:
            await RisingEdge(self.dut.ap_clk)
        self._at(valid).value = 1
        while True:
            await RisingEdge(self.dut.ap_clk)
            if self._at(ready).value:
                break
        self._at(valid).value = 0

    async def write(self, address: int, word: int) -> None:
        """Write a register."""
        self._at("AWADDR").value = address
        self._at("WDATA").value = word
        self._at("WSTRB").value = 15
        await self._hold("AWVALID", "AWREADY")
        await self._hold("WVALID", "WREADY")
        await self._hold("BREADY", "BVALID")

    async def read(self, address: int) -> int:
        """Read a register."""
        self._at("ARADDR").value = address
        await self._hold("ARVALID", "ARREADY")
        while self.rng.random() < self.stall:
            await RisingEdge(self.dut.ap_clk)
        self._at("RREADY").value = 1
        while True:
            await RisingEdge(self.dut.ap_clk)
            if self._at("RVALID").value:
                word = int(self._at("RDATA").value)
                break
        self._at("RREADY").value = 0
        return word


class Bench:
    """One run: actors that move on every clock, and the course of its calls."""

    def __init__(self, dut, request, run):
        self.dut, self.request, self.run = dut, request, run
        self.rng = rng = random.Random(run["seed"])  # noqa: S311 (stimulus)
        stall = run["stall"]
        self.limit = request["limit_cycles"]
        by_kind = {"give": {}, "take": {}, "ram": {}, "axi": {}, "lite": {}, "hold": {}}
        for port in request["ports"]:
            name, kind = port["name"], port["protocol"]
            if kind == "ap_memory":
                by_kind["ram"][name] = Ram(dut, port)
            elif kind == "m_axi":
                by_kind["axi"][name] = AxiMemory(
                    dut, f"m_axi_{name}", bytearray(), rng, stall=stall, one_read=run["one_read"]
                )
            elif kind == "s_axilite":
                by_kind["lite"][name] = Lite(dut, name, rng, stall)
            elif port["dir"] == "out":
                by_kind["take"][name] = Taker(dut, port, rng, stall)
            elif kind == "ap_none":
                by_kind["hold"][name] = getattr(dut, name)
            else:
                by_kind["give"][name] = Giver(dut, port, rng, stall)
        self.kinds = by_kind
        self.actors = [
            *by_kind["give"].values(),
            *by_kind["take"].values(),
            *by_kind["ram"].values(),
            *by_kind["axi"].values(),
        ]
        self.quiet = 0
        self.running = True

    async def tick(self) -> None:
        """Move all actors on every clock edge."""
        while self.running:
            moved = [actor.edge() for actor in self.actors]
            self.quiet = 0 if any(moved) else self.quiet + 1
            await RisingEdge(self.dut.ap_clk)

    def _set(self, name: str, value: int) -> None:
        if hasattr(self.dut, name):
            getattr(self.dut, name).value = value

    async def all(self) -> list[dict]:
        """Run every vector, one after another without a reset."""
        dut = self.dut
        dut.ap_rst.value = 1
        self._set("ap_start", 0)
        self._set("ap_continue", 0)
        await ClockCycles(dut.ap_clk, 4)
        calls = []
        task = None
        for vector in self.request["vectors"]:
            for giver in self.kinds["give"].values():
                giver.words = deque()
                giver._show(False)
            for name, words in vector["memories"].items():
                self.kinds["ram"][name].words = list(words)
            for name, text in vector["images"].items():
                self.kinds["axi"][name].data[:] = bytes.fromhex(text)
            for name, value in vector["holds"].items():
                self.kinds["hold"][name].value = value
            for taker in self.kinds["take"].values():
                taker.words.clear()
            if task is None:
                dut.ap_rst.value = 0
                task = cocotb.start_soon(self.tick())
                await ClockCycles(dut.ap_clk, 2)
            calls.append(await self.call(vector))
            if calls[-1]["deadlock"]:
                break
        self.running = False
        await ClockCycles(dut.ap_clk, 2)
        return calls

    async def call(self, vector) -> dict:
        """Run the block once and return what came out."""
        self.quiet = cycles = 0
        registers = await self._start(vector)
        for name, words in vector["streams"].items():
            self.kinds["give"][name].words.extend(words)
        faults: list[str] = []
        returned = None
        control = self.request["control"]
        while self.quiet < self.limit:
            if control["mode"] == "ap_ctrl_none":
                if all(len(self.kinds["take"][n].words) >= count for n, count in vector["awaits"].items()):
                    break
            elif control["bundle"] is not None:
                if int(self.dut.interrupt.value):
                    break
            elif self.dut.ap_done.value:
                returned = int(self.dut.ap_return.value) if hasattr(self.dut, "ap_return") else None
                self._set("ap_start", 0)
                break
            await RisingEdge(self.dut.ap_clk)
            cycles += 1
        stuck = self.quiet >= self.limit
        if not stuck:
            await self._end(faults)
            for bundle, offset, width, name in self.request["results"]:
                words = [await self.kinds["lite"][bundle].read(offset + 4 * k) for k in range((width + 31) // 32)]
                registers[name] = sum(word << 32 * k for k, word in enumerate(words))
            for bundle, offset, name in self.request["written"]:
                lite = self.kinds["lite"][bundle]
                registers[name] = [await lite.read(offset), await lite.read(offset)]
        await ClockCycles(self.dut.ap_clk, 4)
        return {
            "deadlock": stuck,
            "cycles": cycles,
            "returns": returned,
            "streams": {name: taker.words[:] for name, taker in self.kinds["take"].items() if taker.valid is not None},
            "stands": {name: taker.now() for name, taker in self.kinds["take"].items()},
            "memories": {name: ram.words for name, ram in self.kinds["ram"].items()},
            "images": {name: axi.data.hex() for name, axi in self.kinds["axi"].items()},
            "bursts": {name: axi.bursts for name, axi in self.kinds["axi"].items()},
            "errors": {name: int(getattr(self.dut, f"{name}_axi_error").value) for name in self.kinds["axi"]},
            "registers": registers,
            "faults": faults + [fault for axi in self.kinds["axi"].values() for fault in axi.faults],
        }

    async def _start(self, vector) -> dict:
        control = self.request["control"]
        for bundle, offset, width, name in self.request["arguments"]:
            for k in range((width + 31) // 32):
                await self.kinds["lite"][bundle].write(offset + 4 * k, vector["registers"][name] >> 32 * k & 0xFFFFFFFF)
        for name, axi in self.kinds["axi"].items():
            axi.bad = set(vector.get("bad", {}).get(name, ()))
        if control["mode"] == "ap_ctrl_none":
            return {}
        if control["bundle"] is None:
            self.dut.ap_start.value = 1
            return {}
        lite = self.kinds["lite"][control["bundle"]]
        await lite.write(0x04, 1)
        await lite.write(0x08, 1)
        await lite.write(0x00, 1)
        return {}

    async def _end(self, faults: list[str]) -> None:
        control = self.request["control"]
        if control["mode"] == "ap_ctrl_none":
            return
        if control["bundle"] is None:
            if control["mode"] == "ap_ctrl_chain":
                for _ in range(self.rng.randrange(5)):
                    await RisingEdge(self.dut.ap_clk)
                    if not self.dut.ap_done.value:
                        faults.append("ap_done fell before ap_continue")
                self.dut.ap_continue.value = 1
                await RisingEdge(self.dut.ap_clk)
                self.dut.ap_continue.value = 0
            return
        lite = self.kinds["lite"][control["bundle"]]
        await lite.write(0x0C, 1)
        if self.dut.interrupt.value:
            faults.append("the interrupt stays after its bit in ISR was toggled")
        first, second = await lite.read(0), await lite.read(0)
        chain = control["mode"] == "ap_ctrl_chain"
        if first & 0x3 != 2 or second & 0x3 != (2 if chain else 0):
            faults.append(f"ap_ctrl reads {first:#x}, then {second:#x}")
        if chain:
            await lite.write(0x00, 0x10)
            third = await lite.read(0)
            if third & 0x6 != 4:
                faults.append(f"ap_ctrl reads {third:#x} after ap_continue")


@cocotb.test()
async def drive(dut) -> None:
    """Run every vector in every run."""
    request = json.loads(Path(os.environ["AIGCHIP_BENCH_REQUEST"]).read_text())
    cocotb.start_soon(Clock(dut.ap_clk, 10, "ns").start())
    runs = [{"name": run["name"], "calls": await Bench(dut, request, run).all()} for run in request["runs"]]
    Path(os.environ["AIGCHIP_BENCH_RESULT"]).write_text(json.dumps({"runs": runs}))
