"""A stand-in for pynq: no hardware and no RTL, a model of the accelerator in numpy behind the names that the runner uses.

What it does wrong is read from the JSON file that FAKE_PYNQ names: `clock_factor`, `clock_source_mhz` (divided by the nearest whole number), `clock_stuck_mhz`, `wrong`, `wrong_after`, `wrong_run` (the number of a run), `hang`,
`block_s`, `identity`, `ip`, `allocate_fails`, `misaligned` (bytes), `beyond` (C is written there too: -1, 1), `overlay_fails`, `clock_entry` (of clock_dict, beside the divisors), `run_s`, `trace`, `no_lists`, `list_error`, `lost_job`.
"""

import json
import os
import time
import warnings
from pathlib import Path

import numpy as np

__version__ = "0.0 (stand-in)"

ARGUMENTS = """
    m_subtiles tile_m out_rows out_columns tile_rows tile_columns k_groups tile_k kernel_rows kernel_columns dilation stride row_step
    row_stride row_phases column_phases span_rows span_columns pad_top pad_left in_rows in_columns in_pitch in_plane out_plane grouped
    share_m share_k window pitch plane step_positions a_address a_tile_words p_address p_tile_words b_address c_address padding
    zero_point low high group
""".split()  # noqa: SIM905 - in the order of their registers
_SIGNED = ("padding", "zero_point", "low", "high")

_memory = {}
_state = {"next": 0x7000_0000_0, "runs": 0, "cycles": 0, "registers": {}, "list": {}, "done": False, "clock": 100.0}


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
    buffer.device_address = _state["next"] + _faults().get("misaligned", 0)
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
        handoff = Path(path).with_suffix(".hwh").read_text()
        _state["sizes"] = json.loads(handoff.partition("<!--")[2].partition("-->")[0])
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
        if 0x1018 <= offset < 0x1038:
            return _state["list"].get(offset, 0)
        return {0x1004: 0x10000, 0x1008: _state["cycles"], 0x100C: 0, 0x1010: _state["runs"]}[offset]

    def write(self, offset, value):
        if offset == 0x1020:
            _walk()
        elif offset in {0x1018, 0x101C}:
            _state["list"][offset] = 0 if _faults().get("no_lists") else value
        elif offset:
            _state["registers"][offset] = value
        elif value & 1:
            _run()


def _walk():
    """Do a list of jobs as template/shell/jobs.v.j2 walks it; `list_error` is the error that ends it, `lost_job` one that it leaves out, with all after it."""
    faults, told = _faults(), _state["list"]
    words = _find(told[0x1018] | told[0x101C] << 32)
    words = words[: len(words) // 8 * 8].view("<u8")
    at, jobs, total = 0, 0, 20
    while int(words[at]) >> 56 != 3:
        word = int(words[at])
        at += 1
        if word >> 56 == 1:
            _state["registers"][word >> 32 & 0xFFFF] = word & 0xFFFFFFFF
            continue
        assert word >> 56 == 2, hex(word)
        _run()
        words[at] = _state["cycles"]
        at += 1
        jobs += faults.get("lost_job") != jobs
        total += _state["cycles"] + 30
    _state["done"] = False
    told.update({0x1024: jobs, 0x1028: total, 0x102C: 0, 0x1030: faults.get("list_error", 0), 0x1034: at})


def _find(address):
    for start, data in _memory.items():
        if start <= address < start + data.size:
            return data[address - start :]
    raise AssertionError(f"the accelerator reads 0x{address:x}, where nothing is")


def _address(index):
    low = 16 + 8 * len(ARGUMENTS) + 12 * index
    return _state["registers"][low] | _state["registers"][low + 4] << 32


def _arguments():
    """Return the scalar arguments by name, and the memories from their addresses on."""
    r = _state["registers"]
    v = {name: r[16 + 8 * index] for index, name in enumerate(ARGUMENTS)}
    for name in _SIGNED:
        v[name] = int(np.uint8(v[name] & 0xFF).astype("i1"))
    addresses = [_address(index) for index in range(3)]
    assert all(address % _state["sizes"]["word"] == 0 for address in addresses), addresses
    return v, [_find(address) for address in addresses]


def _run():
    """Do a layer as template/README.md lays it out, without windows."""
    faults, sizes = _faults(), _state["sizes"]
    v, (a, b, c) = _arguments()
    sm, sk, word = sizes["m"], sizes["k"], sizes["word"]
    block = min(sm, sk, word)
    pixels = word // block
    assert not v["window"]
    rows, columns, stride = v["out_rows"], v["out_columns"], v["stride"]

    plane = v["in_plane"] * pixels
    planes = v["k_groups"] * sk // block
    begin = v["b_address"] * word
    stored = b[begin : begin + planes * plane * block].view("i1").reshape(planes, plane, block).transpose(0, 2, 1)
    stored = stored.reshape(planes * block, plane)[:, : v["in_rows"] * v["in_pitch"]]
    stored = stored.reshape(-1, v["in_rows"], v["in_pitch"])[:, :, : v["in_columns"]]
    height = max((rows - 1) * stride + v["span_rows"], v["pad_top"] + v["in_rows"])
    width = max((columns - 1) * stride + v["span_columns"], v["pad_left"] + v["in_columns"])
    canvas = np.full((planes * block, height, width), v["padding"], "f8")
    canvas[:, v["pad_top"] : v["pad_top"] + v["in_rows"], v["pad_left"] : v["pad_left"] + v["in_columns"]] = stored

    taps = v["kernel_rows"] * v["kernel_columns"]
    k_tiles = 1 if v["grouped"] else -(-v["k_groups"] // v["tile_k"])
    total = np.zeros((v["m_subtiles"] * sm, rows * columns))
    table = np.zeros((v["m_subtiles"] * sm, 8), "u1")
    for tile_m, first in enumerate(range(0, v["m_subtiles"], v["tile_m"])):
        subtiles = range(first, min(first + v["tile_m"], v["m_subtiles"]))
        begin = (v["p_address"] + tile_m * v["p_tile_words"]) * word
        table[first * sm : subtiles.stop * sm] = a[begin : begin + len(subtiles) * sm * 8].reshape(-1, 8)
        for tile_k in range(k_tiles):
            low = tile_k * v["tile_k"]
            groups = v["share_k"] if v["grouped"] else min(v["tile_k"], v["k_groups"] - low)
            begin = (v["a_address"] + (tile_m * k_tiles + tile_k) * v["a_tile_words"]) * word
            weights = a[begin : begin + len(subtiles) * taps * groups * sm * sk].view("i1")
            weights = weights.reshape(len(subtiles), taps, groups, sm, sk).astype("f8")
            for index, subtile in enumerate(subtiles):
                base = (subtile // v["share_m"] * v["share_k"] if v["grouped"] else low) * sk
                for tap in range(taps):
                    y, x = (v["dilation"] * place for place in divmod(tap, v["kernel_columns"]))
                    seen = canvas[base : base + groups * sk, y::stride, x::stride][:, :rows, :columns]
                    seen = seen.reshape(len(seen), -1)
                    flat = weights[index, tap].transpose(1, 0, 2).reshape(sm, -1)[:, : len(seen)]
                    total[subtile * sm : (subtile + 1) * sm] += flat @ seen

    bias = table[:, :4].copy().view("<i4").astype("i8")
    factor = table[:, 4:6].copy().view("<u2").astype("i8")
    shift = table[:, 6:7].astype("i8")
    half = np.where(shift > 0, 1 << np.maximum(shift - 1, 0), 0)
    scaled = (((total.astype("i8") + bias) * factor + half) >> shift) + v["zero_point"]
    results = np.clip(scaled, v["low"], v["high"]).astype("i1")
    _state["runs"] += 1
    if (
        faults.get("wrong")
        or faults.get("wrong_run") == _state["runs"]
        or _state["runs"] > faults.get("wrong_after", 1 << 30)
    ):
        results[0, 0] ^= 1
    plane = v["out_plane"] * pixels
    begin = v["c_address"] * word
    out = c[begin : begin + len(results) * plane].view("i1").reshape(-1, plane, block)
    out[:, : rows * columns] = results.reshape(-1, block, rows * columns).transpose(0, 2, 1)
    if faults.get("beyond", 0) > 0:
        c[begin + out.size] ^= 1
    elif faults.get("beyond"):
        _find(_address(2) - 1)[0] ^= 1
    _state["cycles"] = v["m_subtiles"] * taps * v["k_groups"] * rows * columns + 100 + _state["runs"] % 3
    _state["done"] = True
    time.sleep(faults.get("run_s", 0))
