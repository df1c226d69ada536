"""Registers with any values before the reset: its first edge changes nothing that a static variable or an array starts with."""

import pytest

from aigchip.toolchain.rtlsim import verilated
from aigchip.toolchain.rtlsim.from_csynth import design_of
from aigchip.toolchain.rtlsim.model import Call, Job
from csynth.driver import make_hardware
from csynth.frontend import compile_source
from csynth.ir.interpret import Machine

HEAD = '#include "ap_int.h"\n#include "hls_stream.h"\n'
PROGRAMS = {
    "register": """
void f(hls::stream<ap_uint<31> >& out) {
  static ap_uint<31> kept = 2147483647;
  out.write(kept);
  kept = kept * 3 + 7;
}""",
    "register in a loop": """
void f(hls::stream<ap_uint<31> >& out) {
  static ap_uint<31> kept = 12345;
  for (int i = 0; i < 6; i++) {
#pragma HLS pipeline II=1
    kept = kept + 7;
    out.write(kept);
  }
}""",
    "memory": """
void f(hls::stream<int>& out) {
  static int kept[4] = {5, 6, 7, 8};
  for (int i = 0; i < 4; i++) kept[i] = kept[i] * 3 + kept[3 - i];
  for (int i = 0; i < 4; i++) out.write(kept[i]);
}""",
    "memory of zeros": """
void f(hls::stream<int>& out) {
  static int kept[16];
  for (int i = 0; i < 16; i++) out.write(kept[i]);
  for (int i = 0; i < 16; i++) kept[i] = kept[i] * 3 + i;
}""",
    "memory in a process": """
void first(hls::stream<int>& middle) {
  static int kept[4] = {5, 6, 7, 8};
  for (int i = 0; i < 4; i++) {
#pragma HLS pipeline II=2
    middle.write(kept[i]);
    kept[i] = kept[i] * 3 + i;
  }
}
void second(hls::stream<int>& middle, hls::stream<int>& out) {
  static int last = 77;
  for (int i = 0; i < 4; i++) {
    last = last * 5 + middle.read();
    out.write(last);
  }
}
void f(hls::stream<int>& out) {
#pragma HLS dataflow
  hls::stream<int> middle;
  first(middle);
  second(middle, out);
}""",
}
SEEDS = range(1, 41)


@pytest.mark.verifies("csynth")
def test_random_first_values_do_not_show(tmp_path):
    designs, wanted = [], []
    for number, text in enumerate(PROGRAMS.values()):
        program = compile_source((f"p{number}.cpp", HEAD + text), top="f")
        verilog = make_hardware(program, clock_period_ps=3333).verilog
        designs.append(design_of(program, verilog, name=f"p{number}", folder=tmp_path / f"p{number}"))
        machine = Machine(program)
        wanted.append([machine.run(scalars={}, streams={}).streams for _ in range(2)])
    built = verilated.build(designs, cache=tmp_path / "models", optimisation="-O0")
    jobs = [Job(design=at, calls=(Call(), Call()), seed=seed) for at in range(len(designs)) for seed in SEEDS]
    wrong = [
        (list(PROGRAMS)[job.design], job.seed)
        for job, result in zip(jobs, verilated.run(built, jobs), strict=True)
        if [outcome.streams for outcome in result.outcomes] != wanted[job.design]
    ]
    assert wrong == []
