"""Shell and co-simulation bench on a hand-written kernel: what is right passes, what is wrong is named."""

from pathlib import Path

import pytest

from aigchip.toolchain import cosim
from aigchip.toolchain.gemm import Gemm
from cosim.accelerator import stand_in

GEMMS = (
    Gemm(m=3, k=5, n=9),
    Gemm(m=9, k=7, n=4, relu=True, seed=2, stall=0.4),
    Gemm(m=5, k=3, n=11, seed=3, latency_cycles=20),
)


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


def test_a_forgotten_bias_fails(run):
    with pytest.raises(cosim.CosimError) as caught:
        run(fault=3)
    assert caught.value.code == "wrong-result"


def test_a_kernel_that_never_ends_is_a_deadlock(run):
    with pytest.raises(cosim.CosimError) as caught:
        run(fault=2, gemms=GEMMS[:1])
    assert caught.value.code == "deadlock"
