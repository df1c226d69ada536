"""Operations of DSP cells compute what the program did: interpreter before = interpreter after = RTL under random stalls."""

import pytest
from cosim.csynth.test_rtl_equals_interpreter import compare

from csynth.driver import make_hardware
from csynth.dsp.mapping import map_to_cells
from csynth.frontend import compile_source
from csynth.ir.interpret import Machine
from csynth.ir.model import Program
from csynth.ir.verify import verify

HEAD = '#include "ap_int.h"\n#include "hls_stream.h"\ntypedef hls::stream<ap_int<16> > in_t;\ntypedef hls::stream<int> out_t;\n'
SOURCES = {
    # an accumulator that outlives its loop and is cleared by a flag
    "cleared": """
void f(in_t& a, in_t& b, out_t& out) {
  int acc = 0;
  for (int row = 0; row < 3; row++) {
    for (int i = 0; i < 8; i++) {
#pragma HLS pipeline II=1
      int old = i == 4 ? 0 : acc;
      acc = old + a.read() * b.read();
      if (i % 4 == 3) out.write(acc);
    }
  }
}""",
    # one that starts anew for each row, from a value that is no constant, and is used after its loop only
    "started": """
void f(in_t& a, in_t& b, out_t& out) {
  int bias = 7;
  for (int row = 0; row < 3; row++) {
    int acc = bias;
    for (int i = 0; i < 8; i++) {
#pragma HLS pipeline II=1
      acc -= a.read() * b.read();
    }
    out.write(acc);
    bias = acc >> 3;
  }
}""",
    # two accumulators that exchange their values between rows: no variable of one register each
    "exchanged": """
void f(in_t& a, in_t& b, out_t& out) {
  int one = 1, two = 2;
  for (int row = 0; row < 3; row++) {
    for (int i = 0; i < 8; i++) {
#pragma HLS pipeline II=1
      short x = a.read(), y = b.read();
      one += x * y;
      two += x * x;
    }
    out.write(one);
    out.write(two);
    int old = one;
    one = two;
    two = old;
  }
}""",
    # the accumulator before the loop is needed after it
    "kept": """
void f(in_t& a, in_t& b, out_t& out) {
  int acc = 3;
  for (int row = 0; row < 3; row++) {
    int before = acc;
    for (int i = 0; i < 8; i++) {
#pragma HLS pipeline II=1
      acc += a.read() * b.read();
    }
    out.write(acc - before);
    out.write(before);
  }
}""",
    "unsigned factors and a sum that wraps": """
void f(in_t& a, in_t& b, out_t& out) {
  for (int i = 0; i < 24; i++) {
#pragma HLS pipeline II=1
    unsigned short x = a.read(), y = b.read();
    ap_uint<10> u = x, v = y;
    ap_uint<12> c = x;
    ap_uint<12> sum = c + u * v;
    out.write(sum);
    out.write(c - (ap_int<11>)x * (ap_int<9>)y);
  }
}""",
}
# which accumulators and multiply-adds each must have
CELLS = {
    "cleared": (1, 0),
    "started": (1, 0),
    "exchanged": (2, 0),
    "kept": (1, 0),
    "unsigned factors and a sum that wraps": (0, 1),
}


def stream(seed):
    return [(seed * 40503 + 30103 * k * k + 977 * k) % 65536 for k in range(24)]


@pytest.mark.verifies("csynth")
@pytest.mark.parametrize("name", SOURCES)
def test_mapped(name, tmp_path):
    program = compile_source(("source.cpp", HEAD + SOURCES[name]), top="f")
    mapped = Program(top=program.top, functions=tuple(map_to_cells(function) for function in program.functions))
    verify(mapped)
    streams = {"a": stream(1), "b": stream(5)}
    runs = []
    for each in (program, mapped):
        machine = Machine(each)
        runs.append([machine.run(streams={k: list(v) for k, v in streams.items()}).streams for _ in range(2)])
    assert runs[0] == runs[1]
    codes = [op.opcode for function in mapped.functions for block in function.blocks for op in block.ops]
    macs, sums = CELLS[name]
    assert sum(code.startswith("dsp_mac") for code in codes) == macs
    assert sum(code.startswith("dsp_mul") for code in codes) >= sums
    compare(program, tmp_path, streams=streams, scalars={}, memories={})


def test_fabric_stays_out():
    source = HEAD + SOURCES["started"].replace("acc -= a.read() * b.read();", "int p;\n#pragma HLS bind_op variable=p op=mul impl=fabric\n p = a.read() * b.read(); acc -= p;")  # fmt: skip
    program = compile_source(("source.cpp", source), top="f")
    assert "csynth_dsp" not in "".join(make_hardware(program, clock_period_ps=3333).verilog.values())
