"""Operations of DSP cells compute what the program did: interpreter before = interpreter after = RTL under random stalls."""

import pytest
from cosim.csynth.test_rtl_equals_interpreter import compare

from csynth.driver import make_hardware
from csynth.dsp.mapping import map_to_cells
from csynth.frontend import compile_source
from csynth.ir.interpret import Machine
from csynth.ir.model import Program
from csynth.ir.text import parse, print_program
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

BYTES = HEAD.replace("ap_int<16> > in_t", "ap_int<8> > in_t")
PAIRS = {  # source, number of pairs, of products that stay alone
    "a common factor": (
        """
void f(in_t& a, in_t& b, out_t& out) {
  for (int i = 0; i < 12; i++) {
#pragma HLS pipeline II=1
    ap_int<8> x = a.read(), y = b.read();
    int p = x * y;
    ap_int<8> z = x ^ 85;
    out.write(p);
    out.write(z * y);
  }
}""",
        1,
        0,
    ),
    "one of three stays, unsigned factors": (
        """
void f(in_t& a, in_t& b, out_t& out) {
  for (int i = 0; i < 12; i++) {
#pragma HLS pipeline II=1
    ap_uint<7> x = a.read(), y = b.read(), z = x ^ y;
    out.write(x * y);
    out.write(x * z);
    out.write(y * z);
  }
}""",
        1,
        1,
    ),
    "a factor made of the other product": (
        """
void f(in_t& a, in_t& b, out_t& out) {
  for (int i = 0; i < 12; i++) {
#pragma HLS pipeline II=1
    ap_int<8> x = a.read(), y = b.read();
    ap_int<16> p = x * y;
    ap_int<8> z = p >> 3;
    out.write(p);
    out.write(x * z);
  }
}""",
        0,
        2,
    ),
    "a factor read after the other product is written": (
        """
void f(in_t& a, in_t& b, out_t& out) {
  for (int i = 0; i < 12; i++) {
#pragma HLS pipeline II=1
    ap_int<8> x = a.read();
    out.write(x * 77);
    ap_int<8> y = b.read();
    out.write(x * y);
  }
}""",
        0,
        2,
    ),
}
INT8_SUMS = """
void f(in_t& a, in_t& b, out_t& out) {
  int sum = 0, sum2 = 0;
  for (int i = 0; i < 12; i++) {
#pragma HLS pipeline II=1
    ap_int<8> x = a.read(), y = b.read(), z = y ^ 37;
    sum += x * y;
    sum2 += x * z;
  }
  out.write(sum);
  out.write(sum2);
}"""


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


def opcodes(program):
    return [op.opcode for function in program.functions for block in function.blocks for op in block.ops]


@pytest.mark.verifies("csynth")
@pytest.mark.parametrize("name", PAIRS)
def test_pairs_of_int8_products(name, tmp_path):
    source, pairs, products = PAIRS[name]
    program = compile_source(("source.cpp", BYTES + source), top="f")
    mapped = Program(top=program.top, functions=tuple(map_to_cells(function) for function in program.functions))
    verify(mapped)
    codes = opcodes(mapped)
    assert (codes.count("dsp_pair"), codes.count("smul") + codes.count("umul")) == (pairs, products)
    streams = {"a": [word % 256 for word in stream(1)], "b": [word % 256 for word in stream(5)]}
    runs = [Machine(p).run(streams={k: list(v) for k, v in streams.items()}).streams for p in (program, mapped)]
    assert runs[0] == runs[1]
    compare(mapped, tmp_path, streams=streams, scalars={}, memories={})  # the pairs as they are, whether faster or not
    if pairs:
        wrong = Machine(parse(print_program(mapped).replace(" low=18 ", " "))).run(streams=streams).streams
        assert wrong != runs[0]


@pytest.mark.verifies("csynth")
def test_int8_accumulators_are_paired_when_asked(tmp_path):
    program = compile_source(("source.cpp", BYTES + INT8_SUMS), top="f")
    counts, shapes = [], []
    for pack in (False, True):
        hardware = make_hardware(program, clock_period_ps=3333, pack_int8=pack)
        text = "".join(hardware.verilog.values())
        counts.append((text.count("  csynth_dsp_mac #("), text.count("  csynth_dsp_pair #(")))
        (loop,) = [block for block in hardware.schedules["f"].blocks.values() if block.loop]
        shapes.append((loop.initiation_interval, loop.length_cycles))
    assert counts == [(2, 0), (0, 1)]
    assert shapes == [(1, 2), (1, 3)]  # the pre-adder is in the way of the multiplier
    streams = {"a": [word % 256 for word in stream(1)], "b": [word % 256 for word in stream(5)]}
    compare(program, tmp_path, streams=streams, scalars={}, memories={}, pack_int8=True)


PREADDERS = """
void f(in_t& a, in_t& b, out_t& out) {
  for (int i = 0; i < 24; i++) {
#pragma HLS pipeline II=1
    ap_int<16> x = a.read(), y = b.read(), z = x ^ y;
    ap_uint<9> u = x, v = y;
    ap_int<17> wide = (ap_int<17>)x + z;
    ap_int<16> wraps = x + y;
    out.write((x + y) * z);
    out.write((u + v) * z + y);
    out.write((u - 300) * (ap_int<7>)x);
    out.write(wraps * z);
    out.write(wide * z ^ wide);
  }
}"""


@pytest.mark.verifies("csynth")
def test_preadders(tmp_path):
    program = compile_source(("source.cpp", HEAD + PREADDERS), top="f")
    mapped = Program(top=program.top, functions=tuple(map_to_cells(function) for function in program.functions))
    verify(mapped)
    assert opcodes(mapped).count("dsp_preadd_mul_add") == 3  # not the sum that wraps, nor the one that is used twice
    streams = {"a": stream(1), "b": stream(5)}
    runs = [Machine(p).run(streams={k: list(v) for k, v in streams.items()}).streams for p in (program, mapped)]
    assert runs[0] == runs[1]
    text = "".join(make_hardware(mapped, clock_period_ps=3333).verilog.values())
    assert text.count(".PREADD(1)") == 3
    compare(program, tmp_path, streams=streams, scalars={}, memories={})
    (tmp_path / "mapped").mkdir()
    compare(mapped, tmp_path / "mapped", streams=streams, scalars={}, memories={})


@pytest.mark.parametrize("clock_period_ps, cells", [(3333, 0), (5000, 1)])
def test_a_preadder_is_used_where_it_makes_nothing_slower(clock_period_ps, cells):
    source = PREADDERS.split("    ap_uint<9> u", maxsplit=1)[0] + "    out.write((x + y) * z);\n  }\n}"
    program = compile_source(("source.cpp", HEAD + source), top="f")
    hardware = make_hardware(program, clock_period_ps=clock_period_ps)
    assert "".join(hardware.verilog.values()).count(".PREADD(1)") == cells
    (loop,) = [block for block in hardware.schedules["f"].blocks.values() if block.loop]
    assert (loop.initiation_interval, loop.length_cycles) == (1, 2)


def test_fabric_stays_out():
    source = HEAD + SOURCES["started"].replace("acc -= a.read() * b.read();", "int p;\n#pragma HLS bind_op variable=p op=mul impl=fabric\n p = a.read() * b.read(); acc -= p;")  # fmt: skip
    program = compile_source(("source.cpp", source), top="f")
    assert "csynth_dsp" not in "".join(make_hardware(program, clock_period_ps=3333).verilog.values())


USED_TWICE = """
void f(in_t& a, in_t& b, out_t& out) {
  for (int i = 0; i < 12; i++) {
#pragma HLS pipeline II=2
    ap_int<16> x = a.read(), y = b.read();
    ap_int<9> u = x, v = y;
    ap_int<@BITS@> p = x * y;
    out.write(p >> 3);
    out.write(p - u * v);
  }
}"""
CASCADES = {  # source, cells that take their addend from another, all cells that multiply
    "sums of products, chained": (
        """
void f(in_t& a, in_t& b, out_t& out) {
  for (int i = 0; i < 6; i++) {
#pragma HLS pipeline II=4
    short x = a.read(), y = b.read(), z = a.read(), w = b.read();
    ap_int<16> sum = x * y + z * w;
    ap_int<16> next = sum * x - y * w;
    out.write(next * z);
  }
}""",
        2,
        5,
    ),
    "one that is used twice": (USED_TWICE.replace("@BITS@", "40"), 1, 2),
    "one that was cut and extended again": (USED_TWICE.replace("@BITS@", "20"), 0, 2),
}


@pytest.mark.verifies("csynth")
@pytest.mark.parametrize(
    "name", [n if n != "one that is used twice" else pytest.param(n, marks=pytest.mark.slow) for n in CASCADES]
)
def test_cascades(name, tmp_path):
    source, cascades, cells = CASCADES[name]
    program = compile_source(("source.cpp", HEAD + source), top="f")
    text = make_hardware(program, clock_period_ps=2500).verilog["f"]
    assert (text.count(".ADDEND(2)"), text.count("csynth_dsp_product #(")) == (cascades, cells)
    streams = {"a": stream(1), "b": stream(5)}
    compare(program, tmp_path, streams=streams, scalars={}, memories={}, clock_period_ps=2500)
