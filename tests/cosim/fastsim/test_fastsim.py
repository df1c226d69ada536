"""The fast harness: what is right passes bit by bit, what is wrong is named, and the memory takes the time that it states."""

from pathlib import Path

import numpy as np
import pytest

from aigchip.toolchain import fastsim, shell
from aigchip.toolchain.fastsim import Dump, Idle, Load, MemorySystem, PhysicalPort, Read, Run, Write
from cosim.fastsim import combine

pytestmark = pytest.mark.xdist_group("fastsim")  # the models are made once
A, B, C = 0x10000FC0, 0x20000F80, 0x30000E40  # each near the end of a page


@pytest.fixture(scope="module")
def cache(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture
def built(cache, tmp_path):
    def go(**options):
        rtl, network = combine.write(tmp_path / "kernel", **options)
        return fastsim.build(rtl, network=network, cache=cache)

    return go


def job(
    words: int, *, width_bits: int = 64, beats: int = 16, mode: int = combine.ALL, fault: int = 0, at=(A, B, C)
) -> list:
    pairs = combine.register_writes(words, at, width_bits=width_bits, beats=beats, mode=mode, fault=fault)
    writes = [Write(*pair) for pair in pairs]
    return [*fastsim.ENABLE_INTERRUPT, *writes, Run(), fastsim.CLEAR_INTERRUPT]


@pytest.mark.parametrize(("width_bits", "stall"), [(64, 0.0), (64, 0.4), (512, 0.3)])
def test_every_byte_is_right_and_the_shell_counts_the_same_cycles(built, width_bits, stall):
    words = 700
    a, b = combine.images(words, width_bits=width_bits)
    model = built(width_bits=width_bits)
    size = words * width_bits // 8
    result = fastsim.run(
        model,
        fastsim.ideal_memory(model.masters, latency_cycles=20, stall=stall, seed=5),
        [
            Load(A, a),
            Load(B, b),
            *job(words, width_bits=width_bits),
            *fastsim.read_cycles(),
            Dump("c", C - 64, size + 128),
        ],
    )
    c = result.dumps["c"]
    assert c[64 : 64 + size] == combine.expected(a, b, width_bits=width_bits)
    assert c[:64] + c[64 + size :] == bytes(128)
    [found] = result.jobs
    assert result.reads == (found.cycles, 0)
    assert 0 <= result.runs[0].cycles - found.cycles < 16
    assert (found.figure.kind, found.figure.unit) == ("simulated", "cycles")
    assert found.figure.tool.startswith("verilator 5.")
    assert found.masters["gmem_a"].bytes_read == found.masters["gmem_c"].bytes_written == size
    assert found.masters["gmem_b"].channels["R"].moved == words
    assert (found.cycles > 1.3 * words) == (stall > 0)


def test_several_jobs_without_a_reset_and_a_pause_between_them(built):
    model = built()
    data = {words: combine.images(words) for words in (9, 300)}
    actions = []
    for index, (words, (a, b)) in enumerate(data.items()):
        shift = index << 24
        at = (A + shift, B + shift, C + shift)
        actions += [Load(at[0], a), Load(at[1], b), *job(words, at=at), Dump(str(words), at[2], 8 * words), Idle(100)]
    result = fastsim.run(
        model, fastsim.ideal_memory(model.masters, latency_cycles=7), [*actions, Read(shell.REGISTER_RUNS)]
    )
    for words, (a, b) in data.items():
        assert result.dumps[str(words)] == combine.expected(a, b)
    assert [found.masters["gmem_a"].bytes_read for found in result.jobs] == [72, 2400]
    assert result.reads == (2,)
    assert result.simulated_cycles > sum(run.cycles for run in result.runs) + 200


def test_a_wrong_bit_is_in_the_memory_that_comes_back(built):
    a, b = combine.images(40)
    model = built()
    memory = fastsim.ideal_memory(model.masters)
    result = fastsim.run(model, memory, [Load(A, a), Load(B, b), *job(40, fault=1), Dump("c", C, 320)])
    differing = np.flatnonzero(
        np.frombuffer(result.dumps["c"], np.uint8) != np.frombuffer(combine.expected(a, b), np.uint8)
    )
    assert differing.tolist() == [40]


def test_a_kernel_that_never_ends_is_a_deadlock(built):
    model = built()
    with pytest.raises(fastsim.FastsimError) as caught:
        fastsim.run(model, fastsim.ideal_memory(model.masters), job(4, fault=2), where="combine", watchdog_cycles=500)
    assert caught.value.code == "deadlock"
    assert str(caught.value) == (
        "combine: deadlock: no progress for 500 cycles. Deepen the FIFO that is full or correct its two ends."
    )


def test_a_run_that_takes_too_long_is_told(built):
    model = built()
    with pytest.raises(fastsim.FastsimError) as caught:
        fastsim.run(model, fastsim.ideal_memory(model.masters), job(4000), where="combine", limit_cycles=1000)
    assert caught.value.code == "deadlock"
    assert str(caught.value).startswith("combine: deadlock: no end for 1000 cycles")


@pytest.mark.parametrize(
    ("fault", "stall", "text"),
    [
        (3, 0.0, "read burst of 16 words at 0x10000fc0 crosses 4 KiB"),
        (4, 0.5, "a read request that was not taken changed"),
        (5, 0.0, "WLAST is 1 with 14 words left"),
        (6, 0.5, "a written word that was not taken changed"),
    ],
)
def test_a_broken_rule_of_axi_is_told(built, fault, stall, text):
    model = built()
    with pytest.raises(fastsim.FastsimError) as caught:
        fastsim.run(model, fastsim.ideal_memory(model.masters, stall=stall), job(60, fault=fault))
    assert caught.value.code == "protocol"
    assert text in str(caught.value)


def test_an_address_outside_the_memory_is_answered_with_an_error(built):
    model = built()
    memory = fastsim.ideal_memory(model.masters, size=1 << 30)
    at = (A, 1 << 30, C)
    result = fastsim.run(model, memory, [*job(3, at=at), Read(0x50)])
    assert result.reads == (3,)
    assert result.decode_errors == 3


def test_a_port_that_cannot_write_refuses_a_writer(built):
    model = built()
    ports = [PhysicalPort(name="HP0", read_bytes_per_cycle=16, write_bytes_per_cycle=0)]
    memory = MemorySystem(
        read_latency_cycles=10,
        write_latency_cycles=10,
        bytes_per_cycle=48,
        ports=ports,
        attached=dict.fromkeys(model.masters, "HP0"),
    )
    with pytest.raises(
        fastsim.FastsimError, match=r"gmem_c: write burst of 3 words at 0x.* is on port HP0, which cannot write"
    ):
        fastsim.run(model, memory, job(3), watchdog_cycles=300)


def timed(model, memory: MemorySystem, words: int, *, width_bits: int, mode: int, beats: int = 16, **more):
    at = (0x10000000, 0x20000000, 0x30000000)
    return fastsim.run(model, memory, job(words, width_bits=width_bits, beats=beats, mode=mode, at=at), **more).jobs[0]


def system(
    bytes_per_cycle: float, ports: dict[str, tuple[float, float]], attached: dict[str, str], **more
) -> MemorySystem:
    return MemorySystem(
        read_latency_cycles=more.pop("latency", 30),
        write_latency_cycles=30,
        bytes_per_cycle=bytes_per_cycle,
        ports=[
            PhysicalPort(name=name, read_bytes_per_cycle=r, write_bytes_per_cycle=w, **more.pop("port", {}))
            for name, (r, w) in ports.items()
        ],
        attached=attached,
        **more,
    )


OWN = dict(zip(combine.MEMORIES, combine.MEMORIES, strict=True))
WIDE = dict.fromkeys(combine.MEMORIES, (64.0, 64.0))


@pytest.mark.parametrize(
    ("bytes_per_cycle", "mode", "cycles_per_word"),
    [
        (48.0, combine.READ_A, 1.0),  # a port moves no more than a word a cycle
        (10.67, combine.READ_A, 16 / 10.67),
        (24.5, combine.READ_A | combine.READ_B, 32 / 24.5),
        (30.0, combine.ALL, 48 / 30),
    ],
)
def test_bandwidth_is_shared_by_all_ports_and_may_be_a_fraction(built, bytes_per_cycle, mode, cycles_per_word):
    model = built(width_bits=128)
    words = 4096
    found = timed(model, system(bytes_per_cycle, WIDE, OWN), words, width_bits=128, mode=mode, beats=64)
    assert found.cycles / words == pytest.approx(cycles_per_word, rel=0.03)


def test_a_narrow_port_bounds_the_masters_on_it(built):
    model = built(width_bits=128)
    narrow = system(
        1024.0, {"HP0": (10.6, 10.6), "HP1": (16.0, 16.0)}, {"gmem_a": "HP0", "gmem_b": "HP1", "gmem_c": "HP1"}
    )
    shared = system(1024.0, {"HP0": (16.0, 16.0)}, dict.fromkeys(combine.MEMORIES, "HP0"))
    both = combine.READ_A | combine.READ_B
    assert timed(model, narrow, 4096, width_bits=128, mode=both, beats=64).cycles / 4096 == pytest.approx(
        16 / 10.6, rel=0.03
    )
    assert timed(model, shared, 4096, width_bits=128, mode=both, beats=64).cycles / 4096 == pytest.approx(2.0, rel=0.03)
    # the two directions of a port do not share
    assert timed(
        model, shared, 4096, width_bits=128, mode=combine.READ_A | combine.WRITE_C, beats=64
    ).cycles / 4096 == pytest.approx(1.0, rel=0.05)


def test_a_master_that_wants_less_than_its_share_gets_all_of_it(built):
    """12 bytes for two: B on its slow port takes 3 of them from the first cycle on, though A would take all 12."""
    model = built(width_bits=128)
    memory = system(12.0, {"HP0": (16.0, 16.0), "HP1": (3.0, 3.0)}, {"gmem_a": "HP0", "gmem_b": "HP1", "gmem_c": "HP0"})
    mode = combine.READ_A | combine.READ_B | combine.APART
    assert timed(model, memory, 3000, width_bits=128, mode=mode, beats=64).cycles / 3000 == pytest.approx(
        16 / 3, rel=0.03
    )
    equal = system(
        12.0, {"HP0": (16.0, 16.0), "HP1": (16.0, 16.0)}, {"gmem_a": "HP0", "gmem_b": "HP1", "gmem_c": "HP0"}
    )
    assert timed(model, equal, 3000, width_bits=128, mode=mode, beats=64).cycles / 3000 == pytest.approx(
        32 / 12, rel=0.03
    )


def test_latency_and_bursts_under_way_bound_a_reader(built):
    """One burst of 4 words each 30 cycles and a bit, where only one may be under way; 8 of them fill the time."""
    model = built(width_bits=128)

    def cycles(reads: int) -> int:
        port = {"reads": reads}
        memory = system(1024.0, {"HP0": (64.0, 64.0)}, dict.fromkeys(combine.MEMORIES, "HP0"), latency=30, port=port)
        return timed(model, memory, 1024, width_bits=128, mode=combine.READ_A, beats=4).cycles

    assert cycles(1) / 256 == pytest.approx(34, abs=1.1)
    assert cycles(2) / 256 == pytest.approx(17, abs=0.6)
    assert cycles(16) / 1024 == pytest.approx(1.0, abs=0.06)


def test_read_latency_is_what_it_says(built):
    model = built(width_bits=128)

    def cycles(latency: int) -> int:
        return timed(model, system(1024.0, WIDE, OWN, latency=latency), 1, width_bits=128, mode=combine.READ_A).cycles

    assert cycles(77) - cycles(30) == 47


def test_bursts_and_rows_cost_what_they_say(built):
    model = built(width_bits=128)
    words, beats = 4096, 16

    def cycles(**costs) -> int:
        memory = system(16.0, WIDE, OWN, **costs)
        return timed(model, memory, words, width_bits=128, mode=combine.READ_A, beats=beats).cycles

    plain = cycles()
    assert cycles(burst_cost_cycles=2.5) - plain == pytest.approx(2.5 * words / beats, rel=0.03)
    rows = words * 16 // 2048
    assert cycles(row_change_cost_cycles=20, row_bytes=2048) - plain == pytest.approx(20 * rows, rel=0.05)


def test_the_same_request_gives_the_same_cycles(built):
    model = built(width_bits=128)
    memory = system(20.0, WIDE, OWN, stall=0.2)
    first, second = (timed(model, memory, 500, width_bits=128, mode=combine.ALL).cycles for _ in range(2))
    assert first == second


def test_a_model_is_built_once(built):
    assert built().executable == built().executable
    assert built().build_seconds < 0.5
