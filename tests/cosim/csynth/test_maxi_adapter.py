"""The AXI4 master `csynth_maxi` against a memory: every alignment, 4 KiB, burst limits, outstanding requests, errors, stalls."""

import random
from pathlib import Path

import pytest

from aigchip.core import paths
from aigchip.toolchain import verilator
from csynth.rtl.cells import FIFO
from csynth.rtl.maxi import MAXI

BENCHES = Path(__file__).parent / "benches"


def simulate(tmp_path, runs, parameters, maxi=MAXI):
    sources = []
    for name, text in (("csynth_maxi", maxi), ("csynth_fifo", FIFO)):
        (tmp_path / f"{name}.v").write_text(text)
        sources.append(tmp_path / f"{name}.v")
    cache = paths.cache_dir() / "verilator"
    cache.mkdir(parents=True, exist_ok=True)
    model = verilator.build(sources, top="csynth_maxi", cache=cache, parameters=parameters)
    defaults = {"stall": 0.0, "base": 0, "one_read": False, "bad": [], "reads": [], "writes": [], "seed": 1}
    return verilator.run(
        model,
        bench="adapter_bench",
        bench_dir=bench_path(),
        work=tmp_path / "work",
        request={"runs": [{**defaults, **run} for run in runs]},
        seed=1,
        timeout_seconds=200.0,
    )["runs"]


def bench_path():
    return Path(f"{BENCHES}:{paths.testbench_dir()}")


def random_run(seed, stall, width, **more):
    """Reads below the middle, writes above it, bases at odd words of a page."""
    rng = random.Random(seed)
    reads = [(rng.randrange(0, 1500), rng.choice([1, 2, 3, 17, 64, rng.randrange(1, 500)])) for _ in range(10)]
    writes, at = [], 2048
    while at < 3600:
        length = rng.choice([1, 2, 5, 31, rng.randrange(1, 400)])
        writes.append((at, length))
        at += length + rng.randrange(0, 9)
    base = rng.randrange(0, 4096) * (width // 8) % 8192
    return {"seed": seed, "stall": stall, "reads": reads, "writes": writes, "base": base, **more}


@pytest.mark.parametrize(("width", "read_beats", "write_beats"), [(8, 256, 256), (64, 16, 7), (512, 256, 64)])
def test_bursts_at_every_alignment(tmp_path, width, read_beats, write_beats):
    runs = [random_run(seed, stall, width) for seed, stall in ((1, 0.0), (2, 0.3), (3, 0.6))]
    runs[1]["one_read"] = True
    parameters = {"WIDTH": width, "READ_BEATS": read_beats, "WRITE_BEATS": write_beats, "READS": 4, "WRITES": 3}
    for result in simulate(tmp_path, runs, parameters):
        assert not result["stuck"]
        assert result["faults"] == []
        assert result["right"]
        assert result["error"] == 0
        assert max(n for kind, _, n in result["bursts"] if kind == "AR") <= read_beats
        assert max(n for kind, _, n in result["bursts"] if kind == "AW") <= write_beats
        assert result["most_reads"] <= 4
        assert result["most_writes"] <= 3


def test_a_burst_is_split_at_4_kib_and_at_the_limit(tmp_path):
    runs = [{"base": 4096 - 24, "reads": [(0, 300)]}]
    (result,) = simulate(tmp_path, runs, {"WIDTH": 64, "READ_BEATS": 256})
    assert result["bursts"] == [["AR", 4072, 3], ["AR", 4096, 256], ["AR", 6144, 41]]


def test_requests_never_wait_while_fewer_than_the_limit_are_outstanding(tmp_path):
    """A module that asks for 8 bursts before it takes a word, behind a memory that takes one read at a time."""
    runs = [{"reads": [(9 * k, 9) for k in range(8)], "one_read": True, "hold_reads_until_requests": True}]
    (result,) = simulate(tmp_path, runs, {"WIDTH": 32, "READS": 8})
    assert not result["stuck"]
    assert result["right"]
    (result,) = simulate(tmp_path, [{**runs[0], "reads": [(9 * k, 9) for k in range(20)]}], {"WIDTH": 32, "READS": 8})
    assert result["stuck"], "20 requests exceed a limit of 8: else this test shows nothing"


def test_an_error_answer_is_kept(tmp_path):
    for run in ({"reads": [(0, 4), (100, 4)], "bad": [12]}, {"writes": [(2100, 4)], "bad": [8404]}):
        (result,) = simulate(tmp_path, [run], {"WIDTH": 32})
        assert result["error"] == 1
    good, bad, again = simulate(
        tmp_path, [{"reads": [(0, 4)]}, {"reads": [(0, 4)], "bad": [0]}, {"reads": [(9, 4)]}], {"WIDTH": 32}
    )
    assert (good["error"], bad["error"], again["error"]) == (0, 1, 0), "until reset"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("(32'd4096 - {20'd0, address[11:0]})", "(32'd8192 - {20'd0, address[11:0]})"),
        ("m_axi_WLAST = w_left == 9'd1", "m_axi_WLAST = w_left == 9'd2"),
        ("reads_open != READS_WORD[READ_BITS-1:0]", "1'd1"),
        ("ar_part_len <= ar_beats_less[7:0]", "ar_part_len <= ar_beats[7:0]"),
        ("answer_now = (b_now && last_part[0])", "answer_now = b_now"),
    ],
)
def test_the_bench_sees_wrong_adapters(tmp_path, right, wrong):
    assert right in MAXI
    run = random_run(5, 0.2, 32)
    parameters = {"WIDTH": 32, "READS": 2, "WRITES": 3}
    (result,) = simulate(tmp_path, [run], parameters, MAXI.replace(right, wrong))
    seen = result["stuck"] or result["faults"] or not result["right"] or result["most_reads"] > 2
    assert seen
