"""Functions on fixed-point numbers and structs, with stimuli.

`HEAD` has what the native harness needs to write a word of any type and to read it back: csynth's own packing.
"""

from __future__ import annotations

from unit.csynth.frontend.cases import words
from unit.csynth.frontend.native import Case

HEAD = '#include "ap_int.h"\n#include "ap_fixed.h"\n#include "hls_stream.h"\n'

TYPES_CASES: dict[str, Case] = {}

TYPES_CASES["fir"] = Case(
    source=HEAD
    + """
typedef ap_fixed<16, 6, AP_RND, AP_SAT> Sample;
void fir(hls::stream<Sample>& in, hls::stream<Sample>& out, Sample gain) {
  static const ap_fixed<10, 2> taps[4] = {0.5, -0.25, 1.125, ap_fixed<10, 2>(-1)};
  Sample line[4] = {0, 0, 0, 0};
#pragma HLS array_partition variable=line complete
  for (int n = 0; n < 40; n++) {
#pragma HLS pipeline II=1
    ap_fixed<28, 10> sum = 0;
    for (int k = 3; k > 0; k--) line[k] = line[k - 1];
    line[0] = in.read();
    for (int k = 0; k < 4; k++) sum += line[k] * taps[k];
    out.write(sum * gain);
  }
}
""",
    top="fir",
    ports=(("in", "Sample", 16, "in"), ("out", "Sample", 16, "out"), ("scalar", "Sample", 16, "gain")),
    streams={"in": words(1, 40, 16)},
    scalars={"gain": 1500},
)

TYPES_CASES["accumulators"] = Case(
    source=HEAD
    + """
typedef ap_fixed<12, 4> In;
struct Sums {
  ap_fixed<14, 6, AP_RND_CONV, AP_SAT> a;
  ap_fixed<13, 5, AP_TRN_ZERO, AP_SAT_SYM> b;
  ap_ufixed<9, 6, AP_RND_INF, AP_SAT_ZERO> c;
  ap_fixed<10, 3, AP_RND_ZERO, AP_WRAP, 2> d;
  ap_fixed<11, 4, AP_RND_MIN_INF, AP_WRAP_SM> e;
};
void accumulators(hls::stream<In>& in, hls::stream<Sums>& out) {
  Sums s = {0, 0, 0, 0, 0};
  for (int n = 0; n < 50; n++) {
#pragma HLS pipeline II=1
    In x = in.read();
    s.a += x * In(0.75);
    s.b -= x;
    s.c = s.c + x;
    s.d += x >> 1;
    s.e += x * x;
    out.write(s);
  }
}
""",
    top="accumulators",
    ports=(("in", "In", 12, "in"), ("out", "Sums", 57, "out")),
    streams={"in": words(2, 50, 12)},
)

TYPES_CASES["softmax_like"] = Case(
    source=HEAD
    + """
typedef ap_fixed<8, 4> Logit;
typedef ap_ufixed<12, 1, AP_RND, AP_SAT> Share;
static const ap_ufixed<10, 1> exponential[8] = {1.0, 0.8824969, 0.7788008, 0.6872893, 0.6065307, 0.5352614, 0.4723666, 0.4168620};
void softmax_like(hls::stream<Logit>& in, hls::stream<Share>& out) {
  for (int group = 0; group < 4; group++) {
    Logit x[8];
    ap_ufixed<16, 6> powers[8], sum = 0;
    Logit top = -8;
    for (int k = 0; k < 8; k++) {
#pragma HLS pipeline
      x[k] = in.read();
      if (x[k] > top) top = x[k];
    }
    for (int k = 0; k < 8; k++) {
#pragma HLS pipeline
      ap_ufixed<8, 5> d = top - x[k];
      powers[k] = exponential[(d.range(2, 0)).to_int()] >> d.to_int();
      sum += powers[k];
    }
    for (int k = 0; k < 8; k++) {
#pragma HLS pipeline
      out.write(powers[k] / sum);
    }
  }
}
""",
    top="softmax_like",
    ports=(("in", "Logit", 8, "in"), ("out", "Share", 12, "out")),
    streams={"in": words(3, 32, 8)},
)

NESTED = """
enum Kind { IDLE, ADD, SCALE };
enum class Small : unsigned char { ZERO, ONE };
typedef ap_fixed<12, 5, AP_RND, AP_SAT> Fix;
struct Inner { ap_int<9> a; bool b; Fix c[2]; };
struct Outer { Inner in[2]; ap_uint<3> tag; short s; Kind kind; Small small; };
"""

TYPES_CASES["nested_structs"] = Case(
    source=HEAD
    + NESTED
    + """
static void first(hls::stream<Outer>& in, hls::stream<Outer>& middle, int n) {
  for (int i = 0; i < n; i++) {
#pragma HLS pipeline
    Outer v = in.read();
    v.in[0].c[0] = v.in[0].c[1] * v.in[1].c[0];
    v.in[1].b = v.in[0].b ^ (v.in[0].a > v.in[1].a);
    v.kind = v.kind == ADD ? SCALE : ADD;
    middle.write(v);
  }
}
static void second(hls::stream<Outer>& middle, hls::stream<Outer>& out, int n) {
  Outer held[4];
  for (int i = 0; i < n; i++) {
#pragma HLS pipeline
    Outer v = middle.read();
    Outer old = held[i & 3];
    held[i & 3] = v;
    if (i >= 4) v.s += old.s;
    v.tag++;
    v.small = v.in[1].b ? Small::ONE : Small::ZERO;
    out.write(v);
  }
}
void nested_structs(hls::stream<Outer>& in, hls::stream<Outer>& out, int n) {
#pragma HLS dataflow
#pragma HLS aggregate variable=in compact=bit
  hls::stream<Outer> middle;
#pragma HLS stream variable=middle depth=4
#pragma HLS aggregate variable=middle
  first(in, middle, n);
  second(middle, out, n);
}
""",
    top="nested_structs",
    ports=(("in", "Outer", 127, "in"), ("out", "Outer", 127, "out"), ("scalar", "int", 32, "n")),
    streams={"in": words(4, 20, 127)},
    scalars={"n": 20},
)

TYPES_CASES["arrays_of_structs"] = Case(
    source=HEAD
    + """
struct Step { ap_fixed<10, 4> slope; short base; bool negate; };
static const Step table[4] = {{0.5, 3, false}, {-1.25, -40, true}, {2, 0, false}, {0.0625, 1000, true}};
struct Entry { int sum; ap_uint<5> count; short last[2]; };
void arrays_of_structs(hls::stream<ap_int<10> >& in, hls::stream<Entry>& out) {
  Entry entries[8];
  for (int k = 0; k < 8; k++) {
    entries[k].sum = 0;
    entries[k].count = 0;
    entries[k].last[0] = entries[k].last[1] = -1;
  }
  for (int n = 0; n < 64; n++) {
#pragma HLS pipeline
    ap_int<10> x = in.read();
    Step s = table[x.range(9, 8).to_int()];
    ap_fixed<24, 14> y = s.slope * x + s.base;
    Entry& e = entries[x.range(2, 0).to_int()];
    e.sum += s.negate ? -(int)y.to_int() : y.to_int();
    e.count++;
    e.last[1] = e.last[0];
    e.last[0] = x;
  }
  for (int k = 0; k < 8; k++) {
#pragma HLS pipeline
    Entry copy = entries[7 - k];
    out.write(copy);
  }
}
""",
    top="arrays_of_structs",
    ports=(("in", "ap_int<10>", 10, "in"), ("out", "Entry", 69, "out")),
    streams={"in": words(5, 64, 10)},
)
