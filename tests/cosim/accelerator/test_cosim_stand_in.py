"""Shell and co-simulation bench on a hand-written kernel: what is right passes, what is wrong is named."""

import re
from pathlib import Path

import pytest

from aigchip.toolchain import cosim, shell
from aigchip.toolchain.gemm import Gemm
from cosim.accelerator import stand_in

GEMMS = (
    Gemm(m=3, k=5, n=9),
    Gemm(m=9, k=7, n=4, relu=True, seed=2, stall=0.4),
    Gemm(m=5, k=3, n=11, seed=3, latency_cycles=20),
)


pytestmark = pytest.mark.xdist_group("cosim_stand_in")  # the fixtures are made once


@pytest.fixture(scope="module")
def models(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture
def run(models, tmp_path):
    def go(fault: int = 0, gemms=GEMMS):
        rtl, network = stand_in.write(tmp_path / "kernel", fault=fault)
        return cosim.cosimulate(
            rtl, network=network, gemms=gemms, cache=models, work=tmp_path / "run", where="stand-in"
        )

    return go


def test_several_gemms_without_a_reset_come_out_bit_exact(run):
    result = run()
    assert [g.gemm for g in result.gemms] == list(GEMMS)
    plain, stalled, late = (g.cycles for g in result.gemms)
    assert plain > 3 * 5 * 9 * 3
    assert stalled / GEMMS[1].macs > 1.3 * plain / GEMMS[0].macs
    assert late / GEMMS[2].macs > 3 * plain / GEMMS[0].macs
    assert all(0 <= g.bench_cycles - g.cycles <= 8 for g in result.gemms)
    assert {figure.kind for figure in result.figures()} == {"simulated"}
    assert "verilator" in result.tool
    assert "cocotb" in result.tool


def test_one_wrong_bit_fails(run):
    with pytest.raises(cosim.CosimError) as caught:
        run(fault=1)
    assert caught.value.code == "wrong-result"
    c = GEMMS[0].reference()[1, 2]
    assert str(caught.value) == (
        f"stand-in: GEMM 1 (m 3, k 5, n 9): C[1, 2] is {c ^ 1}; must be {c} (1 of 27 elements are wrong). "
        "Compare the modules' RTL with their vectors to find the one that differs."
    )


@pytest.mark.slow
def test_a_forgotten_bias_fails(run):
    with pytest.raises(cosim.CosimError) as caught:
        run(fault=3)
    assert caught.value.code == "wrong-result"


def test_a_kernel_that_never_ends_is_a_deadlock(run):
    with pytest.raises(cosim.CosimError) as caught:
        run(fault=2, gemms=GEMMS[:1])
    assert caught.value.code == "deadlock"


def spoilt(folder: Path, changes: dict[str, str]) -> tuple[Path, Path]:
    """Write the kernel with pieces of its text replaced, each of which must be there once."""
    rtl, network = stand_in.write(folder)
    text = (rtl / "accelerator.v").read_text()
    for old, new in changes.items():
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    (rtl / "accelerator.v").write_text(text)
    return rtl, network


C_BYTE = "wire [63:0] c_byte = c_base + {32'd0, m} * ldb + {32'd0, n};"
FIRST = "(m == 0 && n == 0)"
LAST = "(m + 32'd1 == m_size && n + 32'd1 == n_size)"
LATE_WORD = (
    "assign m_axi_gmem_c_WDATA = {8{clamped[7:0] ^ {7'd0, wrong}}} ^ "
    "(m_axi_gmem_c_WREADY ? 64'd0 : ~(64'hff << {c_byte[2:0], 3'd0}));"
)


@pytest.mark.parametrize(
    ("changes", "code", "text"),
    [
        (
            {C_BYTE: f"wire [63:0] c_byte = c_base + {{32'd0, m}} * ldb + {{32'd0, n}} - ({FIRST} ? 64'd8 : 64'd0);"},
            "wrong-result",
            r"stand-in: GEMM 1 \(m 9, k 7, n 4\): memory before C was overwritten\. Correct store_c's addresses\.",
        ),
        (
            {C_BYTE: f"wire [63:0] c_byte = c_base + {{32'd0, m}} * ldb + {{32'd0, n}} + ({LAST} ? 64'd16 : 64'd0);"},
            "wrong-result",
            r"stand-in: GEMM 1 \(m 9, k 7, n 4\): memory after C was overwritten\. Correct store_c's addresses\.",
        ),
        (
            {"assign m_axi_gmem_c_WDATA = {8{clamped[7:0] ^ {7'd0, wrong}}};": LATE_WORD},
            "protocol",
            r"stand-in: GEMM 1 \(m 9, k 7, n 4\): [1-9]\d* times an AXI rule is broken on the memory ports "
            r"\(an offer that changes or is withdrawn, or a burst across 4 KiB\)\. Report the design\.",
        ),
    ],
)
def test_what_only_the_bench_sees_is_told_in_full(models, tmp_path, changes, code, text):
    rtl, network = spoilt(tmp_path / "kernel", changes)
    with pytest.raises(cosim.CosimError) as caught:
        cosim.cosimulate(rtl, network=network, gemms=GEMMS[1:2], cache=models, work=tmp_path / "run", where="stand-in")
    assert caught.value.code == code
    assert re.fullmatch(text, str(caught.value)), str(caught.value)


def test_a_counter_that_runs_twice_as_fast_is_told(models, tmp_path):
    rtl, network = stand_in.write(tmp_path / "kernel")
    memories = [shell.MemoryPort(name=name, width_bits=64) for name in stand_in.MEMORIES]
    text = shell.render((rtl / "accelerator.v").read_text(), kernel="accelerator", memories=memories)
    assert text.count("cycles <= cycles + 64'd1;") == 1
    (rtl / "accelerator_shell.v").write_text(text.replace("cycles + 64'd1;", "cycles + 64'd2;"))
    with pytest.raises(cosim.CosimError) as caught:
        cosim.cosimulate(rtl, network=network, gemms=GEMMS[:1], cache=models, work=tmp_path / "run", where="stand-in")
    assert caught.value.code == "counter"
    found = re.fullmatch(
        r"stand-in: GEMM 1 \(m 3, k 5, n 9\): the shell counted (\d+) cycles and 1 runs; the bench saw (\d+) cycles "
        r"and 1 runs\. Report the design\.",
        str(caught.value),
    )
    assert found is not None, str(caught.value)
    assert abs(int(found[1]) - 2 * int(found[2])) < 20
