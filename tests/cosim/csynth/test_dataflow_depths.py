"""Computed FIFO depths in RTL: with the least depth a region runs, with one word less it deadlocks; the rate that a depth gives."""

from dataclasses import replace

import pytest
from cosim.csynth.test_rtl_equals_interpreter import compare

from aigchip.toolchain.module_rtl import RtlMismatchError
from csynth.driver import make_hardware
from csynth.errors import CsynthError
from csynth.frontend import compile_source
from csynth.link.dataflow import dataflow_network
from csynth.link.link import describe

HEAD = '#include "hls_stream.h"\ntypedef hls::stream<int> S;\n'
REGION = """
void f(S& in, S& out) {
#pragma HLS dataflow
  S a, b, t;
%s
  split(in, a, b);
  total(a, t);
  join(t, b, out);
}
"""
DIAMONDS = {
    # emits a sum of 12, so that the other branch has to keep the 12 words
    "sum": """
static void split(S& in, S& a, S& b) {
  for (int i = 0; i < 48; i++) {
#pragma HLS pipeline
    int v = in.read();
    a.write(v); b.write(v);
  }
}
static void total(S& a, S& t) {
  for (int k = 0; k < 4; k++) {
    int sum = 0;
    for (int i = 0; i < 12; i++) {
#pragma HLS pipeline
      sum += a.read();
    }
    t.write(sum);
  }
}
static void join(S& t, S& b, S& out) {
  for (int k = 0; k < 4; k++) {
    int sum = t.read();
    for (int i = 0; i < 12; i++) {
#pragma HLS pipeline
      out.write(b.read() * sum);
    }
  }
}
""",
    # two words at a time on one side, one after the other on the other, without a pipeline
    "pairs": """
static void split(S& in, S& a, S& b) {
  for (int i = 0; i < 20; i++) {
    int v = in.read();
    b.write(v);
    a.write(v + 1);
  }
}
static void total(S& a, S& t) {
  for (int k = 0; k < 2; k++) {
    int last = 0;
    for (int i = 0; i < 10; i++) last = last * 3 + a.read();
    t.write(last);
  }
}
static void join(S& t, S& b, S& out) {
  for (int k = 0; k < 2; k++) {
    int sum = t.read();
    for (int i = 0; i < 10; i++) out.write(b.read() ^ sum);
  }
}
""",
    # a FIFO of more than 64 words has one more in its output register
    "deep": """
static void split(S& in, S& a, S& b) {
  for (int i = 0; i < 100; i++) {
#pragma HLS pipeline
    int v = in.read();
    a.write(v); b.write(v);
  }
}
static void total(S& a, S& t) {
  int sum = 0;
  for (int i = 0; i < 100; i++) {
#pragma HLS pipeline
    sum += a.read();
  }
  t.write(sum);
}
static void join(S& t, S& b, S& out) {
  int sum = t.read();
  for (int i = 0; i < 100; i++) {
#pragma HLS pipeline
    out.write(b.read() - sum);
  }
}
""",
}
LEAST = {"sum": 11, "pairs": 9, "deep": 98}
WORDS = {"sum": 48, "pairs": 20, "deep": 100}


def program_of(name, depth=None):
    pragma = f"#pragma HLS stream variable=b depth={depth}" if depth else ""
    return compile_source((f"{name}.cpp", HEAD + DIAMONDS[name] + REGION % pragma), top="f")


def simulate(name, folder, depth):
    program = program_of(name)
    top = program.function("f")
    channels = tuple(replace(c, depth=depth) if c.name == "b" else c for c in top.channels)
    top = replace(top, channels=channels)
    program = replace(program, functions=tuple(top if f.name == "f" else f for f in program.functions))
    folder.mkdir()
    region = describe(dataflow_network(program, top))
    streams = {"in": list(range(5, 5 + WORDS[name]))}
    return compare(
        program, folder, streams=streams, scalars={}, memories={}, calls=1, region=region, compute_depths=False
    )


@pytest.mark.parametrize("name", ["sum", *(pytest.param(n, marks=pytest.mark.slow) for n in DIAMONDS if n != "sum")])
def test_the_least_depth_runs_and_one_word_less_deadlocks(name, tmp_path):
    least = LEAST[name]
    with pytest.raises(CsynthError) as caught:
        make_hardware(program_of(name, least - 1), clock_period_ps=3333)
    assert caught.value.code == "dataflow-deadlock"
    assert f"must be {least} or more" in str(caught.value)
    make_hardware(program_of(name, least), clock_period_ps=3333)
    simulate(name, tmp_path / "least", least)
    with pytest.raises(RtlMismatchError) as stuck:
        simulate(name, tmp_path / "less", least - 1)
    assert stuck.value.code == "deadlock"
    for text in ("process split waits to write the full FIFO b", "process total waits to read the empty FIFO a",
                 "process join waits to read the empty FIFO t"):  # fmt: skip
        assert text in str(stuck.value)


def test_the_computed_depth_is_as_fast_as_any(tmp_path):
    hardware = make_hardware(program_of("sum"), clock_period_ps=3333)
    chosen = next(c.depth for c in hardware.program.function("f").channels if c.name == "b")
    assert hardware.program.function("f").notes[1] == (
        f"f: FIFO 'b' has depth {chosen} as computed (at least 11 without deadlock, {chosen} at full rate)"
    )
    cycles = {d: simulate("sum", tmp_path / str(d), d).calls[0].cycles for d in (11, chosen - 1, chosen, 60)}
    assert cycles[11] > cycles[chosen - 1] > cycles[chosen] == cycles[60]
