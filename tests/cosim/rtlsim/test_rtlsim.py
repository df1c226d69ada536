"""The fast RTL simulation: outputs, cycles, stalls, memories, a watchdog that names ports; Icarus agrees; refusals in whole texts."""

import dataclasses
import shutil

import pytest

from aigchip.core import paths
from aigchip.core.errors import ToolMissingError
from aigchip.toolchain.rtlsim import icarus, verilated
from aigchip.toolchain.rtlsim.from_csynth import design_of
from aigchip.toolchain.rtlsim.model import Call, Job, RequestError
from aigchip.toolchain.verilator_tools import RtlBuildError
from csynth.driver import make_hardware
from csynth.frontend import compile_source

HEAD = '#include "ap_int.h"\n#include "hls_stream.h"\n#include "hls_burst_maxi.h"\n'
SOURCES = {
    "adder": """
int adder(hls::stream<ap_int<70> >& a, hls::stream<ap_int<9> >& b, hls::stream<ap_int<71> >& out, ap_uint<5> n) {
  int count = 0;
  MAIN: for (int i = 0; i < n; i++) {
#pragma HLS pipeline II=1
    ap_int<71> sum = a.read() + b.read();
    if (sum > 0) count++;
    out.write(sum);
  }
  return count;
}""",
    "copy": """
void copy(hls::burst_maxi<ap_uint<32> > from, hls::burst_maxi<ap_uint<32> > to, ap_uint<8> n) {
  from.read_request(1, n);
  to.write_request(0, n);
  for (int i = 0; i < n; i++) {
#pragma HLS pipeline II=1
    to.write(from.read() + 1);
  }
  to.write_response();
}""",
}
ADDER_CALL = Call(scalars={"n": 3}, streams={"a": (5, (1 << 70) - 9, 7 << 60), "b": (1, 511, 3)})
SUMS = [6, (1 << 71) - 10, (7 << 60) + 3]


pytestmark = pytest.mark.xdist_group("rtlsim")  # the fixtures are made once


@pytest.fixture(scope="module")
def designs(tmp_path_factory):
    made = {}
    for name, source in SOURCES.items():
        program = compile_source((f"{name}.cpp", HEAD + source), top=name)
        verilog = make_hardware(program, clock_period_ps=3333).verilog
        made[name] = design_of(program, verilog, name=name, folder=tmp_path_factory.mktemp(name))
    return made


@pytest.fixture(scope="module")
def program(designs):
    return verilated.build(list(designs.values()), cache=paths.cache_dir() / "rtlsim")


def test_wide_and_narrow_words_scalars_and_the_returned_value(program):
    for stall in (0.0, 0.5):
        result = verilated.run(program, [Job(design=0, calls=(ADDER_CALL,) * 2, stall_in=stall, stall_out=stall)])[0]
        for outcome in result.outcomes:
            assert outcome.streams == {"out": SUMS}
            assert outcome.scalars == {"ap_return": 2}
            assert outcome.left == {"a": 0, "b": 0}
            assert outcome.waiting is None
            assert outcome.faults == ()
        assert result.simulated_cycles > sum(outcome.cycles for outcome in result.outcomes)


def test_stalls_repeat_for_a_seed_and_cost_cycles(program):
    def cycles(**settings):
        return verilated.run(program, [Job(design=0, calls=(ADDER_CALL,), **settings)])[0].outcomes[0].cycles

    free = cycles()
    assert cycles(seed=9) == free
    assert cycles(stall_in=0.8, seed=3) == cycles(stall_in=0.8, seed=3) > free
    assert len({cycles(stall_in=0.8, stall_out=0.5, seed=seed) for seed in range(8)}) > 1


def test_a_word_that_is_not_taken_is_left_and_a_missing_one_is_named(program):
    more = dataclasses.replace(ADDER_CALL, streams={"a": (1, 2, 3, 4, 5), "b": (0, 0, 0)})
    assert verilated.run(program, [Job(design=0, calls=(more,))])[0].outcomes[0].left == {"a": 2, "b": 0}
    fewer = dataclasses.replace(ADDER_CALL, streams={"a": (1, 2, 3), "b": (0,)})
    result = verilated.run(program, [Job(design=0, calls=(fewer, ADDER_CALL), watchdog_cycles=50)])[0]
    assert len(result.outcomes) == 1  # a stuck call is the last
    assert result.outcomes[0].waiting == (
        "a: a word is offered and not taken (2 left)",
        "b: all words were taken",
    )


def test_memories_answer_bursts_and_name_what_they_do_not_have(program):
    call = Call(scalars={"n": 4}, memories={"from": (9, 10, 11, 12, 13), "to": (0, 0, 0, 0, 77)})
    for stall in (0.0, 0.5):
        outcome = verilated.run(program, [Job(design=1, calls=(call,), stall_in=stall, stall_out=stall)])[0].outcomes[0]
        assert outcome.memories == {"from": [9, 10, 11, 12, 13], "to": [11, 12, 13, 14, 77]}
        assert outcome.faults == ()
    short = dataclasses.replace(call, memories={"from": (9, 10), "to": (0,) * 5})
    outcome = verilated.run(program, [Job(design=1, calls=(short,))])[0].outcomes[0]
    assert outcome.faults == ("from: read of 4 words from 1; the memory has 2",)
    slow, fast = (
        verilated.run(program, [Job(design=1, calls=(call,), response_delay_cycles=delay)])[0].outcomes[0].cycles
        for delay in (50, 8)
    )
    assert slow - fast == 84  # once to the first word, once to the response


def test_a_known_program_is_not_built_again(designs, tmp_path):
    first = verilated.build([designs["copy"]], cache=tmp_path, optimisation="-O0")
    written = first.executable.stat().st_mtime_ns
    again = verilated.build([designs["copy"]], cache=tmp_path, optimisation="-O0")
    assert (again.executable, again.executable.stat().st_mtime_ns) == (first.executable, written)


def test_what_does_not_fit_is_refused(program):
    for call, text in (
        (
            dataclasses.replace(ADDER_CALL, scalars={}),
            "adder: scalar inputs are []; must be ['n']. Give each port its values.",
        ),
        (
            dataclasses.replace(ADDER_CALL, streams={"a": (), "b": (512,)}),
            "adder: b: a word is 512; must be 0 or more and fit 9 bits. Give the bit pattern.",
        ),
    ):
        with pytest.raises(RequestError) as error:
            verilated.run(program, [Job(design=0, calls=(call,))])
        assert str(error.value) == text


def test_a_warning_of_verilator_refuses_the_design(designs, tmp_path):
    wrong = tmp_path / "adder.v"
    text = designs["adder"].sources[0].read_text()
    wrong.write_text(text.replace("endmodule", "wire [3:0] odd = 5'd9;\nendmodule"))
    with pytest.raises(RtlBuildError, match=r"^adder: verilator refuses the RTL: %Warning-WIDTHTRUNC: adder\.v:"):
        verilated.build([dataclasses.replace(designs["adder"], sources=(wrong,))], cache=tmp_path / "models")


needs_icarus = pytest.mark.skipif(shutil.which("iverilog") is None, reason="iverilog is not installed")


@needs_icarus
@pytest.mark.parametrize("stalls", [(0.0, 0.0), (0.4, 0.4), (0.0, 0.75)])
def test_icarus_gives_the_same_words_and_cycles(program, designs, stalls):
    fewer = dataclasses.replace(ADDER_CALL, streams={"a": (1, 2, 3), "b": (0,)})
    for calls in ((ADDER_CALL,) * 3, (ADDER_CALL, fewer)):
        job = Job(design=0, calls=calls, stall_in=stalls[0], stall_out=stalls[1], seed=77, watchdog_cycles=60)
        assert icarus.run(designs["adder"], job).outcomes == verilated.run(program, [job])[0].outcomes


LANES = """#include "ap_int.h"
#include "hls_stream.h"
void lanes(hls::stream<ap_uint<64> >& as, hls::stream<ap_uint<64> >& bs, hls::stream<ap_uint<32> >& out) {
  ap_int<32> sums[8][8];
#pragma HLS array_partition variable=sums complete dim=0
  for (int r = 0; r < 8; r++)
    for (int c = 0; c < 8; c++) sums[r][c] = r;
  for (int k = 0; k < 20; k++) {
#pragma HLS pipeline II=1
    ap_uint<64> a = as.read(), b = bs.read();
    ap_int<32> all = 0;
    for (int r = 0; r < 8; r++)
      for (int c = 0; c < 8; c++) {
        ap_int<8> x = a(8 * r + 7, 8 * r), y = b(8 * c + 7, 8 * c);
        sums[r][c] += x * y;
        all ^= sums[r][c];
      }
    out.write(all);
  }
}
"""


@needs_icarus
def test_a_design_built_as_a_large_one_gives_the_same_words_and_cycles(tmp_path, monkeypatch):
    program = compile_source(("lanes.cpp", LANES), top="lanes")
    verilog = make_hardware(program, clock_period_ps=3333).verilog
    design = design_of(program, verilog, name="lanes", folder=tmp_path)
    words = {name: tuple(pow(k, seed, (1 << 64) - 59) for k in range(9, 29)) for name, seed in (("as", 77), ("bs", 99))}
    jobs = [
        Job(
            design=0,
            calls=(Call(scalars={}, streams=words),) * 2,
            stall_in=stall,
            stall_out=stall,
            seed=5,
            watchdog_cycles=60,
        )
        for stall in (0.0, 0.4)
    ]
    compiled = []
    right = verilated._compile

    def note(source, flags, timeout_seconds):
        compiled.append((source.name, "-O0" in flags))
        return right(source, flags, timeout_seconds)

    monkeypatch.setattr(verilated, "_LARGE_BYTES", 0)
    monkeypatch.setattr(verilated, "_compile", note)
    built = verilated.build([design], cache=tmp_path / "models")
    assert ("unit2.cpp", True) in compiled
    assert ("unit0.cpp", False) in compiled
    assert [r.outcomes for r in verilated.run(built, jobs)] == [icarus.run(design, job).outcomes for job in jobs]


@needs_icarus
def test_icarus_refuses_memories(designs):
    with pytest.raises(RequestError) as error:
        icarus.run(designs["copy"], Job(design=0, calls=()))
    assert str(error.value) == (
        "copy: memories are ['from', 'to']; must be none for Icarus. Simulate it with Verilator."
    )


def test_a_missing_icarus_is_named(monkeypatch):
    monkeypatch.setattr(icarus.shutil, "which", lambda _: None)
    with pytest.raises(ToolMissingError) as error:
        icarus.compiler()
    assert str(error.value) == ("iverilog: Icarus Verilog is not on PATH. Run: sudo apt-get install iverilog")
