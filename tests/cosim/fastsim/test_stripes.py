"""A memory port on several masters: the bytes lie where they should, each master takes its time, and a wrong stripe fails."""

from pathlib import Path

import numpy as np
import pytest

from aigchip.toolchain import fastsim, program, shell
from aigchip.toolchain.fastsim import Dump, Load, MemorySystem, PhysicalPort, Read, Run, Write
from cosim.fastsim import combine

pytestmark = pytest.mark.xdist_group("fastsim-stripes")  # the models are made once
AT = (0x0000_0FC0, 0x0100_0F00, 0x0200_0E00)  # in the kernel's space
WORDS = 700


@pytest.fixture(scope="module")
def cache(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture
def built(cache, tmp_path):
    def go(width_bits: int, ports: int, *, jobs: bool = False, change: tuple[str, str] | None = None) -> fastsim.Model:
        rtl, network = combine.write(tmp_path / "kernel", width_bits=width_bits)
        options = shell.Options(ports=ports, jobs=jobs)
        if change is None:
            return fastsim.build(rtl, network=network, cache=cache, options=options)
        memories = [shell.MemoryPort(name=name, width_bits=width_bits) for name in combine.MEMORIES]
        kernel = (rtl / "accelerator.v").read_text()
        text = shell.render(kernel, kernel="accelerator", memories=memories, options=options)
        assert text.count(change[0]) == 1, change[0]
        (rtl / "accelerator_shell.v").write_text(text.replace(*change))
        return fastsim.build(rtl, network=network, cache=cache)

    return go


def bases(width_bits: int, ports: int) -> dict[str, int]:
    """Return a base for each master, none like another, above and below 4 GiB."""
    memories = [shell.MemoryPort(name=name, width_bits=width_bits) for name in combine.MEMORIES]
    masters = [base.master for base in shell.bases(memories, shell.Options(ports=ports))]
    return {
        name: 0x1_0000_0000 * (index % 3) + 0x0600_0000 * (index + 1) + 0x1000 * index
        for index, name in enumerate(masters)
    }


def striped(data: bytes, width_bits: int, ports: int) -> list[bytes]:
    words = np.frombuffer(data, np.uint8).reshape(-1, ports, width_bits // 8 // ports)
    return [words[:, part].tobytes() for part in range(ports)]


def placed(name: str, where: dict[str, int], at: int, ports: int) -> list[int]:
    return [where[f"{name}_{part}"] + at // ports for part in range(ports)]


def settings(width_bits: int, ports: int, where: dict[str, int]) -> list[Write]:
    memories = [shell.MemoryPort(name=name, width_bits=width_bits) for name in combine.MEMORIES]
    found = []
    for base in shell.bases(memories, shell.Options(ports=ports)):
        value = where[base.master]
        found += [
            Write(base.register, value & 0xFFFFFFFF | 0xABC),
            Write(base.register + 4, value >> 32),
        ]  # low bits are ignored
    return found


def loads(width_bits: int, ports: int, where: dict[str, int], words: int = WORDS) -> list[Load]:
    found = []
    for name, at, data in zip(combine.MEMORIES, AT, combine.images(words, width_bits=width_bits), strict=False):
        found += [
            Load(a, part)
            for a, part in zip(placed(name, where, at, ports), striped(data, width_bits, ports), strict=True)
        ]
    return found


def whole(model: fastsim.Model, width_bits: int, ports: int, *, stall: float, beats: int = 16) -> fastsim.FastResult:
    """Run one job and judge every byte of every master's memory."""
    where = bases(width_bits, ports)
    part_bytes = WORDS * width_bits // 8 // ports
    memory = fastsim.ideal_memory(model.masters, latency_cycles=20, stall=stall, size=1 << 34, seed=3)
    places = placed("gmem_c", where, AT[2], ports)
    actions = [
        *settings(width_bits, ports, where), *loads(width_bits, ports, where), *fastsim.ENABLE_INTERRUPT,
        *(Write(*pair) for pair in combine.register_writes(WORDS, AT, width_bits=width_bits, beats=beats)), Run(),
        *(Dump(f"c{part}", place - 64, part_bytes + 128) for part, place in enumerate(places)), Read(0x50),
    ]  # fmt: skip
    result = fastsim.run(model, memory, actions, watchdog_cycles=2000)
    expected = striped(
        combine.expected(*combine.images(WORDS, width_bits=width_bits), width_bits=width_bits), width_bits, ports
    )
    for part in range(ports):
        c = result.dumps[f"c{part}"]
        assert c[64:-64] == expected[part], part
        assert c[:64] + c[-64:] == bytes(128)
    assert result.reads == (0,)
    counts = [result.jobs[0].masters[f"gmem_a_{part}"] for part in range(ports)]
    assert {count.bytes_read for count in counts} == {part_bytes}
    return result


@pytest.mark.parametrize(
    ("width_bits", "ports", "stall", "beats"), [(64, 2, 0.0, 16), (64, 2, 0.5, 7), (512, 4, 0.3, 64), (512, 4, 0.0, 64)]
)
def test_words_lie_in_stripes_and_come_back_whole(built, width_bits, ports, stall, beats):
    result = whole(built(width_bits, ports), width_bits, ports, stall=stall, beats=beats)
    if not stall:
        assert result.jobs[0].cycles < WORDS + 80  # a word a cycle, as without stripes


def test_an_error_of_one_master_is_an_error_of_the_word(built):
    model = built(64, 2)
    where = bases(64, 2)
    where["gmem_b_1"] = 1 << 40  # outside the memory
    actions = [
        *settings(64, 2, where), *fastsim.ENABLE_INTERRUPT,
        *(Write(*pair) for pair in combine.register_writes(5, AT)), Run(), Read(0x50),
    ]  # fmt: skip
    result = fastsim.run(model, fastsim.ideal_memory(model.masters, size=1 << 34), actions)
    assert result.reads == (5,)


def test_a_slow_master_holds_the_others_and_stripes_raise_the_bandwidth(built):
    """512 bits on four ports of 16 bytes a cycle are a word a cycle; with one of them at half its pace, half of that."""
    model = built(512, 4)

    def cycles(slow: float) -> float:
        ports = [
            PhysicalPort(name=f"HP{part}", read_bytes_per_cycle=slow if part == 2 else 16, write_bytes_per_cycle=16)
            for part in range(4)
        ]
        memory = MemorySystem(
            read_latency_cycles=30, write_latency_cycles=30, bytes_per_cycle=1024, ports=ports, size=1 << 34,
            attached={name: f"HP{name[-1]}" for name in model.masters},
        )  # fmt: skip
        writes = combine.register_writes(2000, AT, width_bits=512, beats=64, mode=combine.READ_A)
        actions = [*fastsim.ENABLE_INTERRUPT, *(Write(*pair) for pair in writes), Run()]
        return fastsim.run(model, memory, actions).jobs[0].cycles / 2000

    assert cycles(16) == pytest.approx(1.0, rel=0.05)
    assert cycles(8) == pytest.approx(2.0, rel=0.05)


@pytest.mark.parametrize("buffer_bytes", [0, 1024])
@pytest.mark.parametrize(("mode", "masters"), [(combine.READ_A | combine.READ_B | combine.APART, 2), (combine.ALL, 3)])
def test_stripes_of_all_ports_share_the_whole_bandwidth(built, buffer_bytes, mode, masters):
    """Whole words of A and B, or of A, B and C, on four ports that share 48 bytes a cycle, which 64 bytes of each want."""
    model = built(512, 4)
    ports = [
        PhysicalPort(name=f"HP{part}", read_bytes_per_cycle=16, write_bytes_per_cycle=16, buffer_bytes=buffer_bytes)
        for part in range(4)
    ]
    memory = MemorySystem(
        read_latency_cycles=30, write_latency_cycles=30, bytes_per_cycle=48, ports=ports, size=1 << 34,
        attached={name: f"HP{name[-1]}" for name in model.masters},
    )  # fmt: skip
    writes = combine.register_writes(3000, AT, width_bits=512, beats=64, mode=mode)
    actions = [*fastsim.ENABLE_INTERRUPT, *(Write(*pair) for pair in writes), Run()]
    cycles = fastsim.run(model, memory, actions).jobs[0].cycles
    assert 0.98 < masters * 3000 * 64 / 48 / cycles <= 1.0


def test_bases_are_read_back_without_their_low_bits_and_are_locked_while_a_program_runs(built):
    model = built(64, 2, jobs=True)
    where = bases(64, 2)
    registers = [
        base.register
        for base in shell.bases(
            [shell.MemoryPort(name=n, width_bits=64) for n in combine.MEMORIES], shell.Options(ports=2)
        )
    ]
    made = program.assemble([combine.register_writes(300, AT)])
    at = 0x3_0000_0008
    actions = [
        *settings(64, 2, where), *(Read(register + half) for register in registers for half in (0, 4)),
        *loads(64, 2, where, 300), Load(at, made.image), *fastsim.ENABLE_INTERRUPT,
        Write(shell.REGISTER_PROGRAM, at & 0xFFFFFFFF), Write(shell.REGISTER_PROGRAM + 4, at >> 32), fastsim.Start(shell.REGISTER_COMMAND, 1),
        Write(registers[-1], 0), fastsim.Wait(), Read(registers[-1]), Read(shell.REGISTER_COMMAND), Read(shell.REGISTER_ERROR),
        *(Dump(f"c{part}", place, 1200) for part, place in enumerate(placed("gmem_c", where, AT[2], 2))),
    ]  # fmt: skip
    result = fastsim.run(model, fastsim.ideal_memory(model.masters, size=1 << 34), actions)
    read = [value for name in where for value in (where[name] & 0xFFFFFFFF, where[name] >> 32)]
    assert list(result.reads) == [*read, where["gmem_c_1"] & 0xFFFFFFFF, 2, 0]
    assert [result.dumps[f"c{part}"] for part in range(2)] == striped(combine.expected(*combine.images(300)), 64, 2)


WRONG = {
    "a request goes once only to the first master": ("assign m_arvalid = {PORTS{k_arvalid}} & ~ar_sent;", "assign m_arvalid = {{(PORTS-1){1'b0}}, k_arvalid};"),
    "a request is offered again": ("assign m_awvalid = {PORTS{k_awvalid}} & ~aw_sent;", "assign m_awvalid = {PORTS{k_awvalid}};"),
    "a word is taken when one master takes it": ("assign k_wready  = &(w_sent | m_wready);", "assign k_wready  = |(w_sent | m_wready);"),
    "a read word does not wait": ("assign k_rvalid = &m_rvalid;", "assign k_rvalid = |m_rvalid;"),
    "an answer does not wait": ("assign k_bvalid = &m_bvalid;", "assign k_bvalid = m_bvalid[0];"),
    "addresses are not divided": ("k_araddr >> SHIFT", "k_araddr"),
    "the parts change places": (".m_rdata({m_axi_gmem_a_1_RDATA, m_axi_gmem_a_0_RDATA})", ".m_rdata({m_axi_gmem_a_0_RDATA, m_axi_gmem_a_1_RDATA})"),
    "a base is forgotten": ("base_gmem_c_1[51:20] <= w_data;", "base_gmem_c_1[51:20] <= 32'd0;"),
}  # fmt: skip


@pytest.mark.parametrize(
    "name", [name if index < 3 else pytest.param(name, marks=pytest.mark.slow) for index, name in enumerate(WRONG)]
)
def test_a_wrong_stripe_fails(built, name):
    model = built(64, 2, change=WRONG[name])
    with pytest.raises((AssertionError, fastsim.FastsimError)):
        whole(model, 64, 2, stall=0.4, beats=7)
