"""The simulated board's logic and memory, as the board's device drives them, with a hand-written kernel and real Verilator."""

import sys
from pathlib import Path

import numpy as np
import pytest

from aigchip.core.store import Store
from aigchip.mapping import Convolution, LayerRun
from aigchip.simboard import model
from aigchip.toolchain import registers, shell
from cosim.accelerator import stand_in

sys.path.append(str(Path(__file__).resolve().parents[3] / "boards" / "simulated" / "board"))
from simulated_board.fabric import Fabric

BASE, SIZE = 0x6000_0000, 1 << 24
PLACES = {"gmem_a": BASE + 0xFF0, "gmem_b": BASE + 0x10_0000, "gmem_c": BASE + 0x20_0FF0}
RUN = LayerRun(layer=Convolution.of_product(3, 5, 9))
OTHER = LayerRun(
    layer=Convolution(channels=3, rows=3, columns=4, outputs=6, kernel=(2, 3), padding=(1, 1, 0, 1)), seed=2, padding=5
)


pytestmark = pytest.mark.xdist_group("fabric")  # the fixtures are made once


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return Store(tmp_path_factory.mktemp("store"))


@pytest.fixture
def load(store, tmp_path):
    """Build the kernel with one of its faults, and load it."""
    loaded = []

    def go(fault=0):
        stand_in.write(tmp_path / f"kernel{fault}", fault=fault)
        built = model.build(tmp_path / f"kernel{fault}", store)
        loaded.append(Fabric(built.library, base=BASE, size=SIZE))
        slow(loaded[-1])
        return loaded[-1]

    yield go
    for fabric in loaded:
        fabric.close()


def slow(fabric, *, read_ns=0, write_ns=0, bytes_per_second=10**12):
    fabric.set_timing(clock_hz=1e9, read_ns=read_ns, write_ns=write_ns, bytes_per_second=bytes_per_second)


def start(fabric, asked, places=PLACES):
    operands = asked.operands(stand_in.GEOMETRY)
    fabric.to_memory(PLACES["gmem_a"], operands.image_a)
    fabric.to_memory(PLACES["gmem_b"], operands.image_b)
    for offset, value in registers.writes(stand_in.description(), operands.job.to_dict() | places):
        fabric.write(offset, value)
    fabric.write(0, 1)
    return operands


def finish(fabric):
    polls = 1
    while not fabric.read(0) & 2:
        polls += 1
        assert polls < 10
    return fabric.read(shell.REGISTER_CYCLES_LOW)


def run(fabric, asked=RUN):
    operands = start(fabric, asked)
    cycles = finish(fabric)
    memory = fabric.from_memory(PLACES["gmem_c"], operands.bytes_c)
    return cycles, asked.found(stand_in.GEOMETRY, operands.job, memory)


def test_a_layer_is_bit_exact_and_takes_the_same_cycles_every_time(load):
    fabric = load()
    assert fabric.read(shell.REGISTER_ID) == shell.ID
    cycles, found = run(fabric)
    assert np.array_equal(found, RUN.reference())
    assert [run(fabric)[0] for _ in range(3)] == [cycles] * 3
    assert np.array_equal(run(fabric, OTHER)[1], OTHER.reference())
    assert run(fabric)[0] == cycles  # whatever ran before
    assert fabric.read(shell.REGISTER_RUNS) == 6
    counters = fabric.counters()
    assert (counters.decode_errors, counters.protocol_errors) == (0, 0)
    assert counters.bytes_read > 5 * 16 * RUN.layer.macs and counters.bytes_written > 0


def test_latency_and_bandwidth_of_the_memory_show_in_the_cycles(load):
    fabric = load()
    fast, _ = run(fabric)
    slow(fabric, read_ns=50)
    late, found = run(fabric)
    reads = 2 * RUN.layer.macs
    assert late - fast > 40 * reads / 2
    assert np.array_equal(found, RUN.reference())
    slow(fabric, write_ns=50)
    assert run(fabric)[0] - fast > 40 * 3 * 9
    slow(fabric, bytes_per_second=10**8)  # a word of 16 bytes in 160 cycles
    narrow, found = run(fabric)
    assert narrow > 80 * reads
    assert np.array_equal(found, RUN.reference())


@pytest.mark.slow
def test_a_fault_of_the_kernel_shows(load):
    assert not np.array_equal(run(load(fault=1))[1], RUN.reference())


def test_the_fault_of_wrong_results_shows(load):
    fabric = load()
    fabric.corrupt_results()
    assert not np.array_equal(run(fabric)[1], RUN.reference())


def test_a_kernel_that_never_ends_stays_busy_and_the_caller_gets_control_back(load):
    fabric = load(fault=2)
    start(fabric, RUN)
    before = fabric.counters().cycles
    assert not any(fabric.read(0) & 2 for _ in range(3))
    assert 3 << 16 <= fabric.counters().cycles - before < 4 << 16


def test_a_burst_outside_the_memory_is_an_error_and_never_a_crash(load):
    fabric = load()
    start(fabric, RUN, PLACES | {"gmem_c": 0x1000, "gmem_b": 2**40})
    finish(fabric)
    assert fabric.counters().decode_errors >= 3 * 9


def test_an_address_that_is_not_memory_is_refused(load):
    with pytest.raises(ValueError, match="0x1000 to 0x1001 is outside the simulated memory"):
        load().to_memory(0x1000, b"x")


def test_the_model_is_built_once_and_anew_when_the_rtl_changes(store, tmp_path):
    first = model.BuildFabric(tmp_path / "a")
    for name, fault in (("a", 0), ("b", 0), ("c", 1)):
        stand_in.write(tmp_path / name, fault=fault)
    assert store.key(first) == store.key(model.BuildFabric(tmp_path / "b"))
    assert store.key(first) != store.key(model.BuildFabric(tmp_path / "c"))
    built = model.build(tmp_path / "a", store)
    made = built.library.stat().st_mtime_ns
    assert model.build(tmp_path / "b", store).library.stat().st_mtime_ns == made
    assert built.library == model.fabrics_dir(store) / built.key / "libfabric.so"
    assert built.tool.startswith("verilator ")
