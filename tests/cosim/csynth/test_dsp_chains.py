"""Chains of cells in kept functions: as many cells as products, no flip-flop, and the interpreter's results under random stalls."""

import pytest
from benchmarks import packed_dot
from cosim.csynth.test_rtl_equals_interpreter import compare

from csynth.driver import make_hardware
from csynth.frontend import compile_source
from csynth.ir.text import parse, print_program

HEAD = '#include "ap_int.h"\n#include "hls_stream.h"\n'
TOP = """
void top(hls::stream<ap_uint<64> >& as, hls::stream<ap_uint<64> >& bs, hls::stream<int>& out) {
  for (int i = 0; i < 24; i++) {
#pragma HLS pipeline II=1
    out.write(dot(as.read(), bs.read()));
  }
}
"""
KEPT = "#pragma HLS inline off\n#pragma HLS pipeline II=1\n"
SOURCES = {  # body of dot(a, b), and its cells: all, those that add another cell's P, those that add a number, those with a pre-adder
    "eight products": (
        "int s = 0; for (int k = 0; k < 8; k++) { ap_int<8> x = a(8 * k + 7, 8 * k), y = b(8 * k + 7, 8 * k); s += x * y; } return s;",
        (8, 6, 0, 0),
    ),
    "five, unsigned": (
        "unsigned s = 0; for (int k = 0; k < 5; k++) { ap_uint<8> x = a(8 * k + 7, 8 * k), y = b(8 * k + 7, 8 * k); s += x * y; } return s;",
        (5, 3, 0, 0),
    ),
    "three of mixed signs and widths, and two numbers": (
        "ap_int<8> x = a(7, 0); ap_uint<16> y = a(31, 16); ap_int<17> u = b(16, 0); ap_uint<9> v = b(40, 32);"
        " return x * u + y * v + 1234567 + ap_int<26>(y * u) + x;",
        (3, 1, 1, 0),  # y * u was cut: it is no exact product
    ),
    "a sum that wraps": (
        "ap_int<12> s = 77; for (int k = 0; k < 4; k++) { ap_int<8> x = a(8 * k + 7, 8 * k), y = b(8 * k + 7, 8 * k); s += x * y; } return s;",
        (4, 3, 1, 0),
    ),
    "sums as factors": (
        "int s = 0; for (int k = 0; k < 4; k++) { ap_int<8> x = a(8 * k + 7, 8 * k), y = b(8 * k + 7, 8 * k), z = a(39 + 4 * k, 32 + 4 * k);"
        " s += (x + z) * y; } return s;",
        (4, 3, 0, 4),
    ),
    "a difference and a product that is used twice": (
        "ap_int<8> x = a(7, 0), y = a(15, 8), z = b(7, 0), w = b(15, 8); int p = x * w;"
        " int s = x * z + y * w + x * y; return (s - z * w) ^ (p + s);",
        (
            4,
            1,
            2,
            1,
        ),  # x * (z + y), y * w behind it; s is used twice and goes through the C port; p + s is a sum of LUTs
    ),
}


def source_of(body):
    return f"{HEAD}static int dot(ap_uint<64> a, ap_uint<64> b) {{\n{KEPT}{body}\n}}\n{TOP}"


def words(seed):
    return [(seed * 0x9E3779B97F4A7C15 + 0xD1B54A32D192ED03 * k * k) % (1 << 64) for k in range(12)] + [
        0x8080808080808080,
        0,
        (1 << 64) - 1,
        0x7F7F7F7F7F7F7F7F,
    ] * 3


def counts(text):
    return tuple(text.count(part) for part in ("csynth_dsp_product #(", ".ADDEND(2)", ".ADDEND(1)", ".PREADD(1)"))


@pytest.mark.verifies("csynth")
@pytest.mark.parametrize("name", SOURCES)
def test_a_kept_sum_of_products(name, tmp_path):
    body, cells = SOURCES[name]
    program = compile_source(("source.cpp", source_of(body)), top="top")
    hardware = make_hardware(program, clock_period_ps=3333)
    assert counts(hardware.verilog["dot"]) == cells
    if name not in (
        "three of mixed signs and widths, and two numbers",
        "a difference and a product that is used twice",
    ):
        assert " reg " not in hardware.verilog["dot"]  # other terms wait for the chains
    (loop,) = [block for block in hardware.schedules["top"].blocks.values() if block.loop]
    assert loop.initiation_interval == 1
    compare(program, tmp_path, streams={"as": words(1), "bs": words(5)}, scalars={}, memories={})


CARRIED = """
static int step(int sum, ap_uint<64> a, ap_uint<64> b) {
#pragma HLS inline off
#pragma HLS pipeline II=1
  for (int k = 0; k < 4; k++) { ap_int<8> x = a(8 * k + 7, 8 * k), y = b(8 * k + 7, 8 * k); sum += x * y; }
  return sum;
}
static int add(int sum, ap_uint<64> a, ap_uint<64> b) {
#pragma HLS inline off
#pragma HLS pipeline II=1
  for (int k = 0; k < 4; k++) { ap_int<8> x = a(8 * k + 7, 8 * k), y = b(8 * k + 7, 8 * k); sum += x * y; }
  return sum;
}
void top(hls::stream<ap_uint<64> >& as, hls::stream<ap_uint<64> >& bs, hls::stream<int>& out) {
  int sum = 0;
  for (int i = 0; i < 24; i++) {
#pragma HLS pipeline II=1
    ap_uint<64> a = as.read(), b = bs.read();
    sum = step(sum, a, b);
    out.write(add(i, b, a) ^ sum);
  }
}
"""


@pytest.mark.verifies("csynth")
def test_what_a_recurrence_waits_for_stays_fast_and_inputs_are_added_last(tmp_path):
    program = compile_source(("source.cpp", HEAD + CARRIED), top="top")
    hardware = make_hardware(program, clock_period_ps=3333)
    assert counts(hardware.verilog["step"]) == (4, 0, 0, 0)
    assert counts(hardware.verilog["add"]) == (4, 3, 0, 0)
    step, add = (hardware.schedules[name].timing for name in ("step", "add"))
    assert (step.latency_cycles, step.taken_cycles) == (1, (1, 0, 0))
    assert (add.latency_cycles, add.taken_cycles) == (
        4,
        (4, 0, 0),
    )  # the sum that comes in is taken when the others are there
    (loop,) = [block for block in hardware.schedules["top"].blocks.values() if block.loop]
    assert loop.initiation_interval == 1
    compare(program, tmp_path, streams={"as": words(3), "bs": words(4)}, scalars={}, memories={})


@pytest.mark.verifies("csynth")
def test_two_int8_rows_in_one_cell(tmp_path):
    program = compile_source(("dots.cpp", packed_dot.source_of(8)), top="dots")
    hardware = make_hardware(program, clock_period_ps=3333)
    text = hardware.verilog["dot2"]
    assert counts(text) == (8, 6, 2, 8)
    assert [text.count(f".REGISTERS({registers})") for registers in (1, 2, 3, 4)] == [2, 2, 2, 2]
    assert hardware.schedules["dot2"].timing.latency_cycles == 4
    ends = [0x80, 0x7F, 0xFF, 0x00, 0x01]
    vectors = [int.from_bytes(bytes([x] * 8 + [y] * 8 + [z] * 8), "little") for x in ends for y in ends for z in ends]
    streams = {"words": vectors}
    compare(program, tmp_path, streams=streams, scalars={"n": len(vectors)}, memories={})
    wrong = parse(
        print_program(program).replace("#131072:36", "#0:36")
    )  # without 2^17 the upper half is short of a borrow
    a0, a1, b = -1, 0, 1
    from csynth.ir.interpret import run

    word = int.from_bytes(bytes([a0 & 255] * 8 + [a1 & 255] * 8 + [b & 255] * 8), "little")
    right, off = (run(p, streams={"words": [word]}, scalars={"n": 1}).streams["sums"] for p in (program, wrong))
    bits = packed_dot.sum_bits(8)
    assert right == [(-8 & (1 << bits) - 1)]
    assert off != right
