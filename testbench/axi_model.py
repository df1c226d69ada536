"""An AXI4 memory for cocotb benches: any data width, random stalls on every channel, wrong answers on request.

Every actor has `edge()`, which a bench calls once a clock edge. What the bus must not do is noted in `faults`.

Reference: AMBA AXI Protocol Specification (IHI 0022), sections on address structure and transaction structure.
"""

import random
from collections import deque

PAGE_BYTES = 4096
SLVERR = 2


class AxiMemory:
    """Answer an AXI4 master whose signals are called `<prefix>_AWADDR` and so on.

    Attributes:
        data: the memory's bytes, from address 0.
        one_read: take a read request only when no read is outstanding, as the smallest memory controllers do.
        bad: addresses of which a burst that touches them is answered with SLVERR.
        faults: what the master did wrong.
        bursts: (kind, byte address, beats) of every burst, in order.
    """

    def __init__(
        self,
        dut,
        prefix: str,
        data: bytearray,
        rng: random.Random,
        *,
        stall: float,
        one_read: bool = False,
        latency: int = 4,
    ):
        self.signals = {
            name: getattr(dut, f"{prefix}_{name}")
            for name in (
                *(
                    "AWADDR",
                    "AWLEN",
                    "AWSIZE",
                    "AWBURST",
                    "AWVALID",
                    "AWREADY",
                    "WDATA",
                    "WSTRB",
                    "WLAST",
                    "WVALID",
                    "WREADY",
                ),
                *("BRESP", "BVALID", "BREADY", "ARADDR", "ARLEN", "ARSIZE", "ARBURST", "ARVALID", "ARREADY"),
                *("RDATA", "RRESP", "RLAST", "RVALID", "RREADY"),
            )
        }
        self.data, self.rng, self.stall, self.one_read, self.latency = data, rng, stall, one_read, latency
        self.bytes = len(self.signals["WDATA"]) // 8
        self.bad: set[int] = set()
        self.faults: list[str] = []
        self.bursts: list[tuple[str, int, int]] = []
        self.most_reads = self.most_writes = 0
        self.now = 0
        self.reads: deque[list[int]] = deque()  # [due, address, beats left, response]
        self.writes: deque[list[int]] = deque()  # [address, beats left, response]
        self.answers: deque[tuple[int, int]] = deque()  # (due, response)
        self.shown = dict.fromkeys(("AWREADY", "WREADY", "ARREADY", "RVALID", "BVALID"), False)
        for name in self.shown:
            self.signals[name].value = 0

    def _get(self, name: str) -> int:
        return int(self.signals[name].value)

    def _show(self, name: str, on: bool) -> None:
        self.shown[name] = on
        self.signals[name].value = int(on)

    def _goes(self) -> bool:
        return self.rng.random() >= self.stall

    def _request(self, kind: str) -> tuple[int, int, int]:
        address, beats = self._get(f"{kind}ADDR"), self._get(f"{kind}LEN") + 1
        end = address + beats * self.bytes
        self.bursts.append((kind, address, beats))
        if address % self.bytes:
            self.faults.append(f"{kind} address {address:#x} is not on a word of {self.bytes} bytes")
        if address // PAGE_BYTES != (end - 1) // PAGE_BYTES:
            self.faults.append(f"{kind} burst of {beats} beats at {address:#x} crosses 4 KiB")
        if 1 << self._get(f"{kind}SIZE") != self.bytes or self._get(f"{kind}BURST") != 1:
            self.faults.append(f"{kind} burst at {address:#x} is not INCR with whole words")
        if end > len(self.data):
            self.faults.append(f"{kind} burst of {beats} beats at {address:#x} ends outside the memory")
        return address, beats, SLVERR if any(address <= bad < end for bad in self.bad) else 0

    def edge(self) -> bool:
        """Act on a clock edge; True when a channel moved."""
        self.now += 1
        moved = False
        if self.shown["ARREADY"] and self._get("ARVALID"):
            address, beats, response = self._request("AR")
            self.reads.append([self.now + self.latency, address, beats, response])
            moved = True
        if self.shown["AWREADY"] and self._get("AWVALID"):
            self.writes.append(list(self._request("AW")))
            moved = True
        if self.shown["WREADY"] and self._get("WVALID"):
            self._write()
            moved = True
        if self.shown["RVALID"] and self._get("RREADY"):
            read = self.reads[0]
            read[1] += self.bytes
            read[2] -= 1
            if not read[2]:
                self.reads.popleft()
            self._show("RVALID", False)
            moved = True
        if self.shown["BVALID"] and self._get("BREADY"):
            self.answers.popleft()
            self._show("BVALID", False)
            moved = True
        self.most_reads = max(self.most_reads, len(self.reads))
        self.most_writes = max(self.most_writes, len(self.writes) + len(self.answers))
        self._drive()
        return moved

    def _write(self) -> None:
        if not self.writes:
            self.faults.append("a word was written before its request")
            return
        write = self.writes[0]
        word = self._get("WDATA").to_bytes(self.bytes, "little")
        strobe = self._get("WSTRB")
        for index in range(self.bytes):
            if strobe >> index & 1 and write[0] + index < len(self.data):
                self.data[write[0] + index] = word[index]
        write[0] += self.bytes
        write[1] -= 1
        if bool(self._get("WLAST")) != (write[1] == 0):
            self.faults.append(f"WLAST is {self._get('WLAST')} with {write[1]} beats left")
        if not write[1]:
            self.writes.popleft()
            self.answers.append((self.now + self.latency, write[2]))

    def _drive(self) -> None:
        taken = bool(self.reads) and self.one_read
        self._show("ARREADY", not taken and self._goes())
        self._show("AWREADY", self._goes())
        self._show("WREADY", bool(self.writes) and self._goes())
        if not self.shown["RVALID"] and self.reads and self.reads[0][0] <= self.now and self._goes():
            _, address, left, response = self.reads[0]
            self.signals["RDATA"].value = int.from_bytes(self.data[address : address + self.bytes], "little")
            self.signals["RLAST"].value = int(left == 1)
            self.signals["RRESP"].value = response
            self._show("RVALID", True)
        if not self.shown["BVALID"] and self.answers and self.answers[0][0] <= self.now and self._goes():
            self.signals["BRESP"].value = self.answers[0][1]
            self._show("BVALID", True)

    def settled(self) -> bool:
        """Whether nothing is outstanding."""
        return not (self.reads or self.writes or self.answers)
