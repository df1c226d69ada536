"""Shell and co-simulation bench on a hand-written kernel: what is right passes, what is wrong is named."""

import re
from pathlib import Path

import pytest

from aigchip.mapping import Convolution, LayerRun
from aigchip.toolchain import cosim, shell
from cosim.accelerator import stand_in

PADDED = Convolution(channels=3, rows=3, columns=3, outputs=2, kernel=(3, 3), padding=(1, 1, 1, 1))
STRIDED = Convolution(channels=5, rows=5, columns=4, outputs=4, kernel=(2, 2), stride=2)
RUNS = (
    cosim.CosimRun(run=LayerRun(layer=Convolution.of_product(3, 5, 9))),
    cosim.CosimRun(run=LayerRun(layer=PADDED, relu=True, seed=2, padding=9, zero_point=-4), stall=0.4),
    cosim.CosimRun(run=LayerRun(layer=STRIDED, seed=3), latency_cycles=20),
)


pytestmark = pytest.mark.xdist_group("cosim_stand_in")  # the fixtures are made once


@pytest.fixture(scope="module")
def models(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("models")


def simulate(rtl, network, models, folder, runs) -> cosim.CosimResult:
    return cosim.cosimulate(
        rtl,
        network=network,
        geometry=stand_in.GEOMETRY,
        runs=runs,
        cache=models,
        work=folder / "run",
        where="stand-in",
    )


@pytest.fixture
def run(models, tmp_path):
    def go(fault: int = 0, runs=RUNS):
        return simulate(*stand_in.write(tmp_path / "kernel", fault=fault), models, tmp_path, runs)

    return go


def products(asked: cosim.CosimRun) -> int:
    """Return the products that the kernel forms: with all channels of blocks, and pixels of padded rows."""
    job = asked.run.operands(stand_in.GEOMETRY).job
    return 16 * job.m_subtiles * job.k_groups * job.taps * job.out_rows * job.out_columns


def test_several_layers_without_a_reset_come_out_bit_exact(run):
    result = run()
    assert [layer.run for layer in result.layers] == list(RUNS)
    plain, stalled, late = (layer.cycles / products(asked) for layer, asked in zip(result.layers, RUNS, strict=True))
    assert plain > 3
    assert stalled > 1.2 * plain
    assert late > 3 * plain
    assert all(0 <= layer.bench_cycles - layer.cycles <= 8 for layer in result.layers)
    assert {figure.kind for figure in result.figures()} == {"simulated"}
    assert "verilator" in result.tool
    assert "cocotb" in result.tool


def test_one_wrong_bit_fails(run):
    with pytest.raises(cosim.CosimError) as caught:
        run(fault=1)
    assert caught.value.code == "wrong-result"
    c = RUNS[0].run.reference()[1, 0, 2]
    assert str(caught.value) == (
        f"stand-in: layer 1 (m 3, k 5, n 9): C[1, 0, 2] is {c ^ 1}; must be {c} (1 of 27 elements are wrong). "
        "Compare the modules' RTL with their vectors to find the one that differs."
    )


@pytest.mark.slow
def test_a_forgotten_bias_fails(run):
    with pytest.raises(cosim.CosimError) as caught:
        run(fault=3)
    assert caught.value.code == "wrong-result"


def test_a_kernel_that_never_ends_is_a_deadlock(run):
    with pytest.raises(cosim.CosimError) as caught:
        run(fault=2, runs=RUNS[:1])
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


C_BYTE = "wire [63:0] c_byte = c_base + {32'd0, c_at};"
FIRST = "(m == 0 && y == 0 && x == 0)"
LAST = "(m + 32'd1 == m_subtiles * M && y + 32'd1 == out_rows && x + 32'd1 == out_columns)"
LATE_WORD = (
    "assign m_axi_gmem_c_WDATA = {WORD{clamped[7:0] ^ {7'd0, wrong}}} ^ "
    "(m_axi_gmem_c_WREADY ? 128'd0 : ~(128'hff << {c_byte[3:0], 3'd0}));"
)


@pytest.mark.parametrize(
    ("changes", "code", "text"),
    [
        (
            {C_BYTE: f"wire [63:0] c_byte = c_base + {{32'd0, c_at}} - ({FIRST} ? 64'd16 : 64'd0);"},
            "wrong-result",
            r"stand-in: layer 1 \(3 x 3, 3 x 3 x 3 to 2\): memory before C was overwritten\. Correct store_c's addresses\.",
        ),
        (
            {C_BYTE: f"wire [63:0] c_byte = c_base + {{32'd0, c_at}} + ({LAST} ? 64'd16 : 64'd0);"},
            "wrong-result",
            r"stand-in: layer 1 \(3 x 3, 3 x 3 x 3 to 2\): memory after C was overwritten\. Correct store_c's addresses\.",
        ),
        (
            {"assign m_axi_gmem_c_WDATA = {WORD{clamped[7:0] ^ {7'd0, wrong}}};": LATE_WORD},
            "protocol",
            r"stand-in: layer 1 \(3 x 3, 3 x 3 x 3 to 2\): [1-9]\d* times an AXI rule is broken on the memory ports "
            r"\(an offer that changes or is withdrawn, or a burst across 4 KiB\)\. Report the design\.",
        ),
    ],
)
def test_what_only_the_bench_sees_is_told_in_full(models, tmp_path, changes, code, text):
    rtl, network = spoilt(tmp_path / "kernel", changes)
    with pytest.raises(cosim.CosimError) as caught:
        simulate(rtl, network, models, tmp_path, RUNS[1:2])
    assert caught.value.code == code
    assert re.fullmatch(text, str(caught.value)), str(caught.value)


def test_a_counter_that_runs_twice_as_fast_is_told(models, tmp_path):
    rtl, network = stand_in.write(tmp_path / "kernel")
    memories = [shell.MemoryPort(name=name, width_bits=128) for name in stand_in.MEMORIES]
    text = shell.render((rtl / "accelerator.v").read_text(), kernel="accelerator", memories=memories)
    assert text.count("cycles <= cycles + 64'd1;") == 1
    (rtl / "accelerator_shell.v").write_text(text.replace("cycles + 64'd1;", "cycles + 64'd2;"))
    with pytest.raises(cosim.CosimError) as caught:
        simulate(rtl, network, models, tmp_path, RUNS[:1])
    assert caught.value.code == "counter"
    found = re.fullmatch(
        r"stand-in: layer 1 \(m 3, k 5, n 9\): the shell counted (\d+) cycles and 1 runs; the bench saw (\d+) cycles "
        r"and 1 runs\. Report the design\.",
        str(caught.value),
    )
    assert found is not None, str(caught.value)
    assert abs(int(found[1]) - 2 * int(found[2])) < 20
