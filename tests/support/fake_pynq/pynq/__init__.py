"""A stand-in for pynq: no hardware and no RTL, a model of the accelerator in numpy behind the names that the runner uses.

What it does wrong is read from the JSON file that FAKE_PYNQ names: `clock_factor`, `clock_source_mhz` (divided by the nearest whole number), `clock_stuck_mhz`, `wrong`, `wrong_after`, `hang`,
`block_s`, `identity`, `ip`, `allocate_fails`, `overlay_fails`, `clock_entry` (of clock_dict, beside the divisors), `run_s`, `trace`.
"""

import json
import os
import time
import warnings
from pathlib import Path

import numpy as np

__version__ = "0.0 (stand-in)"

_memory = {}
_state = {"next": 0x7000_0000_0, "runs": 0, "cycles": 0, "registers": {}, "done": False, "clock": 100.0}


def _faults():
    path = os.environ.get("FAKE_PYNQ")
    return json.loads(Path(path).read_text()) if path else {}


def _trace(word):
    path = _faults().get("trace")
    if path:
        with Path(path).open("a") as file:
            file.write(word + "\n")


class Buffer(np.ndarray):
    """Memory with a cache: the device sees what was flushed, the program what was invalidated."""

    def flush(self):
        _memory[self.device_address][:] = np.asarray(self)

    def invalidate(self):
        self[:] = _memory[self.device_address]

    def freebuffer(self):
        _trace(f"free {self.device_address:x}")
        del _memory[self.device_address]


def allocate(shape, dtype, cacheable=0):
    if _faults().get("allocate_fails"):
        raise RuntimeError("failed to allocate contiguous memory")
    buffer = np.zeros(shape, dtype).view(Buffer)
    buffer.device_address = _state["next"]
    _state["next"] += (buffer.size + 0x1FFF) & ~0xFFF
    _memory[buffer.device_address] = np.zeros(buffer.size, "u1")
    return buffer


class Overlay:
    def __init__(self, path, download=True):
        faults = _faults()
        if faults.get("overlay_fails"):
            raise RuntimeError("no such device")
        if not Path(path).with_suffix(".hwh").is_file():
            raise OSError("no handoff")
        self.ip_dict = {faults.get("ip", "accelerator_0"): {"phys_addr": 0xA000_0000, "addr_range": 0x10000}}
        self.clock_dict = {0: {"enable": 1, "divisor0": 5, "divisor1": 1, **faults.get("clock_entry", {})}}
        self._loaded = False
        if download:
            self.download()

    def download(self):
        frequency = self.clock_dict[0].get("frequency", 100.0)
        _state["clock"] = 1000 / round(1000 / frequency)  # as pynq: without a number this is a TypeError
        if not self._loaded:
            time.sleep(_faults().get("block_s", 0))
        _trace("load again" if self._loaded else f"load {frequency:g}")
        self._loaded = True


class _Clocks:
    @property
    def fclk0_mhz(self):
        return _state["clock"]

    @fclk0_mhz.setter
    def fclk0_mhz(self, value):
        faults = _faults()
        source = faults.get("clock_source_mhz")
        found = source / round(source / value) if source else value * faults.get("clock_factor", 1.0)
        if found != value:
            warnings.warn(f"{value} MHz is not reachable", stacklevel=2)  # as pynq
        _state["clock"] = faults.get("clock_stuck_mhz", found)
        _trace(f"clock {value:.3f} {_state['clock']:.3f}")


Clocks = _Clocks()


class MMIO:
    def __init__(self, base, length):
        self.length = length

    def read(self, offset):
        if offset == 0x1000:
            return _faults().get("identity", 0x41494743)
        if offset == 0x0:
            done, _state["done"] = _state["done"], False
            return 2 if done and not _faults().get("hang") else 0
        return {0x1004: 0x10000, 0x1008: _state["cycles"], 0x100C: 0, 0x1010: _state["runs"]}[offset]

    def write(self, offset, value):
        if offset:
            _state["registers"][offset] = value
        elif value & 1:
            _run()


def _find(address):
    for start, data in _memory.items():
        if start <= address < start + data.size:
            return data[address - start :]
    raise AssertionError(f"the accelerator reads 0x{address:x}, where nothing is")


def _run():
    r, faults = _state["registers"], _faults()
    m, k, n = r[16], r[24], r[32]
    multiplier, shift, relu, offset = r[40], r[48], r[56], r[64]
    a, b, c = (_find(r[low] | r[low + 4] << 32) for low in (72, 84, 96))
    stride_a, stride = -(-m // 8) * 8, -(-n // 8) * 8
    matrix_a = a[: k * stride_a].view("i1").reshape(k, stride_a)[:, :m].astype("i8")
    matrix_b = b[: k * stride].view("i1").reshape(k, stride)[:, :n].astype("i8")
    bias = a[offset * 8 : offset * 8 + 4 * m].copy().view("<i4").astype("i8")
    total = matrix_a.T @ matrix_b + bias[:, None]
    scaled = np.clip((total * multiplier + (1 << (shift - 1))) >> shift, 0 if relu else -128, 127).astype("i1")
    _state["runs"] += 1
    if faults.get("wrong") or _state["runs"] > faults.get("wrong_after", 1 << 30):
        scaled[0, 0] ^= 1
    c[: m * stride].view("i1").reshape(m, stride)[:, :n] = scaled
    _state["cycles"] = m * k * n + 100 + _state["runs"] % 3
    _state["done"] = True
    time.sleep(faults.get("run_s", 0))
