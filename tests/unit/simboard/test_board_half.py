"""What stands in for hardware on the board, without pynq: buffers, registers of the processing system, the hook."""

import subprocess
import sys
from types import SimpleNamespace

import pytest
from simulated_board import buffers, configuration, hook, registers

from aigchip.board.board import PROCESSING_SYSTEMS, boards, load
from aigchip.simboard.processing_system import PROCESSING_SYSTEMS as HOST_SYSTEMS


class Memory:
    def __init__(self, size=1 << 20):
        self.pool = buffers.Pool(0x1000, size)
        self.bytes = bytearray(0x1000 + size)

    def to_memory(self, address, data):
        self.bytes[address : address + len(data)] = data

    def from_memory(self, address, length):
        return bytes(self.bytes[address : address + length])


@pytest.fixture
def xrt():
    memory = Memory()
    module = buffers.as_pyxrt(memory)
    return SimpleNamespace(memory=memory, module=module, handle=module.device(0))


def test_what_is_written_reaches_the_memory_only_by_a_flush(xrt):
    buffer = xrt.module.bo(xrt.handle, 16, 0, 0)
    buffer.map()[:4] = b"abcd"
    assert xrt.memory.from_memory(buffer.address(), 4) == b"\xa5" * 4
    buffer.sync(xrt.module.xclBOSyncDirection.XCL_BO_SYNC_BO_TO_DEVICE)
    assert xrt.memory.from_memory(buffer.address(), 4) == b"abcd"


def test_what_the_design_wrote_is_seen_only_after_an_invalidate(xrt):
    buffer = xrt.module.bo(xrt.handle, 16, 0, 0)
    xrt.memory.to_memory(buffer.address(), b"new!")
    assert bytes(buffer.map()[:4]) == bytes(4)
    buffer.sync(xrt.module.xclBOSyncDirection.XCL_BO_SYNC_BO_FROM_DEVICE)
    assert bytes(buffer.map()[:4]) == b"new!"


def test_buffers_lie_on_pages_of_their_own_and_are_given_back(xrt):
    first, second = (xrt.module.bo(xrt.handle, 5000, 0, 0) for _ in range(2))
    places = (first.address(), second.address())
    assert places == (0x1000, 0x3000)
    del first
    third = xrt.module.bo(xrt.handle, 8192, 0, 0)
    assert third.address() == 0x1000
    with pytest.raises(buffers.OutOfMemoryError, match="no 1048576 bytes of contiguous memory are free"):
        xrt.module.bo(xrt.handle, 1 << 20, 0, 0)


@pytest.mark.parametrize(
    ("name", "control", "value", "megahertz"),
    [
        ("zynqmp", 0xFF5E00C0, 1 << 24 | 1 << 16 | 5 << 8, (99.999, 299.997, 49.9995, 499.995)),
        ("zynq", 0xF8000170, 1 << 20 | 8 << 8, (100.0, 125.0, 50.0, 500.0)),
    ],
)
def test_the_clock_follows_the_divisors_unless_it_is_stuck(name, control, value, megahertz):
    after_boot, reached, slow, fast = megahertz
    system = registers.PROCESSING_SYSTEMS[name]
    free = registers.Registers(system, system.stuck("hang"))
    assert free.clock_hz() == pytest.approx(after_boot * 1e6)
    free.write(control, value)
    assert free.clock_hz() == pytest.approx(reached * 1e6)
    for fault, mhz in (("slow-clock", slow), ("fast-clock", fast)):
        stuck = registers.Registers(system, system.stuck(fault))
        stuck.write(control, value)
        assert stuck.clock_hz() == pytest.approx(mhz * 1e6)


def test_only_registers_that_are_simulated_are_there():
    ultrascale, zynq = (registers.Registers(registers.PROCESSING_SYSTEMS[name]) for name in ("zynqmp", "zynq"))
    assert ultrascale.is_there(0xFF5E00C0) and ultrascale.is_there(0xFD360014)
    assert zynq.is_there(0xF8000170) and not zynq.is_there(0xFF5E00C0)
    assert not ultrascale.is_there(0xA0000000) and not zynq.is_there(0x43C00000)


def test_both_halves_know_the_same_families_and_the_same_source_of_the_clock():
    """The board's half shares no code with the host's; what divisors divide is written down twice."""
    assert set(registers.PROCESSING_SYSTEMS) == set(HOST_SYSTEMS) == set(PROCESSING_SYSTEMS)
    for name, system in registers.PROCESSING_SYSTEMS.items():
        free = registers.Registers(system)
        free.write(system.clock_control, system.divided_by(10))
        assert free.clock_hz() == pytest.approx(HOST_SYSTEMS[name].pll_mhz / 10 * 1e6)
        assert not any(known.part == system.other_part for known in map(load, boards()))


def test_without_a_marker_file_nothing_is_put_behind_pynq(tmp_path, monkeypatch):
    before = list(sys.meta_path)
    hook.install()
    assert sys.meta_path == before and not configuration.MARKER.exists()


def test_the_stand_in_for_xclbinutil_needs_no_xrt(tmp_path):
    from aigchip.simboard import machine

    default = tmp_path / "default.xclbin"
    default.write_bytes(b"xclbin2\0")
    shim = tmp_path / "xclbinutil"
    shim.write_text(machine._XCLBINUTIL.format(default=default))
    words = ["--add-section=MEM_TOPOLOGY:JSON:mem.json", "--output", "t.xclbin", "--skip-bank-grouping"]
    subprocess.run(["sh", str(shim), *words], cwd=tmp_path, check=True, timeout=10)
    assert (tmp_path / "t.xclbin").read_bytes() == b"xclbin2\0"
