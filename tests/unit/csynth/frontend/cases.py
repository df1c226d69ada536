"""Small functions with stimuli, one for each thing that the front end has to get right."""

from __future__ import annotations

import random

from unit.csynth.frontend.native import Case

HEAD = '#include "ap_int.h"\n#include "hls_stream.h"\n#include "hls_burst_maxi.h"\n'


def words(seed: int, count: int, width: int) -> list[int]:
    generator = random.Random(seed)
    return [generator.getrandbits(width) for _ in range(count)]


CASES: dict[str, Case] = {}

CASES["dot_product"] = Case(
    source=HEAD
    + """
template <int LENGTH>
static void accumulate(hls::stream<ap_int<8> >& left, hls::stream<ap_int<8> >& right, hls::stream<ap_int<32> >& total) {
  ap_int<32> sum = 0;
  PRODUCTS: for (int i = 0; i < LENGTH; i++) {
#pragma HLS pipeline II=1
    sum += left.read() * right.read();
  }
  total.write(sum);
}
void dot(hls::stream<ap_int<8> >& left, hls::stream<ap_int<8> >& right, hls::stream<ap_int<32> >& total) {
#pragma HLS interface mode=axis port=left
#pragma HLS interface mode=axis port=right
  accumulate<64>(left, right, total);
}
""",
    top="dot",
    ports=(("in", "ap_int<8>", 8, "left"), ("in", "ap_int<8>", 8, "right"), ("out", "ap_int<32>", 32, "total")),
    streams={"left": words(1, 64, 8), "right": words(2, 64, 8)},
)

CASES["tiled_gemm"] = Case(
    source=HEAD
    + """
typedef ap_int<8> Element;
typedef ap_int<32> Sum;
static const int ROWS = 4, COLUMNS = 4, DEPTH = 8;
void gemm(hls::stream<Element>& as, hls::stream<Element>& bs, hls::stream<Sum>& cs, int tiles) {
  Element a[ROWS][DEPTH], b[DEPTH][COLUMNS];
  Sum c[ROWS][COLUMNS];
#pragma HLS array_partition variable=b type=complete dim=2
#pragma HLS array_partition variable=c cyclic factor=COLUMNS dim=2
  CLEAR: for (int i = 0; i < ROWS; i++)
    for (int j = 0; j < COLUMNS; j++) c[i][j] = 0;
  TILES: for (int t = 0; t < tiles; t++) {
#pragma HLS loop_tripcount min=1 max=8
    READ_A: for (int i = 0; i < ROWS * DEPTH; i++) {
#pragma HLS pipeline
      a[i / DEPTH][i % DEPTH] = as.read();
    }
    READ_B: for (int i = 0; i < COLUMNS * DEPTH; i++) {
#pragma HLS pipeline
      b[i / COLUMNS][i % COLUMNS] = bs.read();
    }
    for (int k = 0; k < DEPTH; k++)
      ROW: for (int i = 0; i < ROWS; i++) {
#pragma HLS pipeline II=1
        for (int j = 0; j < COLUMNS; j++) c[i][j] += a[i][k] * b[k][j];
      }
  }
  WRITE: for (int i = 0; i < ROWS; i++)
    for (int j = 0; j < COLUMNS; j++) {
#pragma HLS pipeline
      cs.write(c[i][j]);
    }
}
""",
    top="gemm",
    ports=(
        ("in", "ap_int<8>", 8, "as"),
        ("in", "ap_int<8>", 8, "bs"),
        ("out", "ap_int<32>", 32, "cs"),
        ("scalar", "int", 32, "tiles"),
    ),
    streams={"as": words(3, 96, 8), "bs": words(4, 96, 8)},
    scalars={"tiles": 3},
)

CASES["wide_words"] = Case(
    source=HEAD
    + """
void slices(hls::stream<ap_uint<512> >& in, hls::stream<ap_uint<512> >& out, ap_uint<8> n) {
  for (ap_uint<8> i = 0; i < n; i++) {
#pragma HLS pipeline II=1
    ap_uint<512> word = in.read();
    ap_uint<512> turned = 0;
    for (int k = 0; k < 64; k++) {
#pragma HLS unroll
      ap_int<8> byte = word(8 * k + 7, 8 * k);
      turned(511 - 8 * k, 504 - 8 * k) = byte < 0 ? ap_int<8>(-byte) : byte;
    }
    ap_uint<6> place = word(5, 0);
    turned[place] = 1;
    ap_uint<16> pair = (ap_uint<8>(word.range(15, 8)), ap_uint<8>(word.range(7, 0)));
    turned(47, 32) = pair + place;
    out.write(turned);
  }
}
""",
    top="slices",
    ports=(("in", "ap_uint<512>", 512, "in"), ("out", "ap_uint<512>", 512, "out"), ("scalar", "ap_uint<8>", 8, "n")),
    streams={"in": words(5, 20, 512)},
    scalars={"n": 20},
)

CASES["conditional_reads"] = Case(
    source=HEAD
    + """
void merge(hls::stream<ap_uint<9> >& choice, hls::stream<ap_int<13> >& a, hls::stream<ap_int<13> >& b, hls::stream<ap_int<27> >& out, int n) {
  ap_int<27> total = -3;
  MERGE: for (int i = 0; i < n; i++) {
#pragma HLS pipeline II=1
    ap_uint<9> c = choice.read();
    ap_int<13> v = 0;
    switch (c % 4) {
      case 0: v = a.read(); break;
      case 1: v = b.read(); break;
      case 2: v = a.read() - b.read(); break;
      default: break;
    }
    if (c[8] && v > -1000) total += v * c;
    else if (c == 17) continue;
    else total ^= v;
    if (c[0]) out.write(total);
  }
}
""",
    top="merge",
    ports=(
        ("in", "ap_uint<9>", 9, "choice"),
        ("in", "ap_int<13>", 13, "a"),
        ("in", "ap_int<13>", 13, "b"),
        ("out", "ap_int<27>", 27, "out"),
        ("scalar", "int", 32, "n"),
    ),
    streams={
        "choice": [4 * v % 512 + k % 4 for k, v in enumerate(words(6, 40, 9))],
        "a": words(7, 20, 13),
        "b": words(8, 20, 13),
    },
    scalars={"n": 40},
)

CASES["banks"] = Case(
    source=HEAD
    + """
static const ap_int<11> TABLE[5] = {100, -200, 300, -400, 500};
void banks(hls::stream<ap_uint<10> >& in, hls::stream<ap_int<24> >& out) {
  ap_int<11> cyclic[6][8];
  ap_uint<10> blocks[12];
#pragma HLS array_partition variable=cyclic type=complete dim=1
#pragma HLS array_partition variable=cyclic type=cyclic factor=2 dim=2
#pragma HLS array_partition variable=blocks type=block factor=3
  FILL: for (int i = 0; i < 48; i++) {
#pragma HLS pipeline
    ap_uint<10> v = in.read();
    cyclic[i % 6][i / 6] = TABLE[i % 5] + v;
    if (i < 12) blocks[i] = v;
  }
  LOOK: for (int i = 0; i < 40; i++) {
#pragma HLS pipeline
    ap_uint<10> v = in.read();
    ap_uint<3> row = v % 6;
    ap_uint<3> column = v(9, 7);
    out.write(cyclic[row][column] * blocks[v % 12] - TABLE[column % 5]);
    cyclic[row][column ^ 1] = v;
    blocks[11 - v % 12] += 3;
  }
}
""",
    top="banks",
    ports=(("in", "ap_uint<10>", 10, "in"), ("out", "ap_int<24>", 24, "out")),
    streams={"in": words(9, 88, 10)},
)

CASES["bursts"] = Case(
    source=HEAD
    + """
void bursts(hls::burst_maxi<ap_uint<64> > from, hls::burst_maxi<ap_uint<64> > to, ap_uint<16> words) {
  from.read_request(2, words);
  to.write_request(1, words);
  ap_uint<64> before = 7;
  COPY: for (ap_uint<16> i = 0; i < words; i++) {
#pragma HLS pipeline II=1
    ap_uint<64> v = from.read();
    to.write(v ^ before);
    before = v;
  }
  to.write_response();
}
""",
    top="bursts",
    ports=(
        ("maxi", "ap_uint<64>", 64, "from"),
        ("maxi", "ap_uint<64>", 64, "to"),
        ("scalar", "ap_uint<16>", 16, "words"),
    ),
    memories={"from": words(10, 20, 64), "to": [0] * 20},
    scalars={"words": 15},
)

CASES["dataflow"] = Case(
    source=HEAD
    + """
static void scale(hls::stream<ap_int<12> >& in, hls::stream<ap_int<20> >& out, ap_int<8> factor, int n) {
  for (int i = 0; i < n; i++) {
#pragma HLS pipeline
    out.write(in.read() * factor);
  }
}
static void pairs(hls::stream<ap_int<20> >& in, hls::stream<ap_int<21> >& out, int n) {
  ap_int<20> last = 0;
  for (int i = 0; i < n; i++) {
#pragma HLS pipeline
    ap_int<20> v = in.read();
    if (i % 2) out.write(v + last);
    last = v;
  }
}
static void finish(hls::stream<ap_int<21> >& in, hls::stream<ap_int<32> >& out, int n) {
  ap_int<32> sum = 0;
  for (int i = 0; i < n; i++) {
#pragma HLS pipeline
    if (i % 2) {
      sum -= in.read();
      out.write(sum);
    }
  }
}
void flow(hls::stream<ap_int<12> >& in, hls::stream<ap_int<32> >& out, ap_int<8> factor, int n) {
#pragma HLS dataflow
  hls::stream<ap_int<20> > scaled;
  hls::stream<ap_int<21>, 4> paired;
#pragma HLS stream variable=scaled depth=16
  scale(in, scaled, factor, n);
  pairs(scaled, paired, n);
  finish(paired, out, n);
}
""",
    top="flow",
    ports=(
        ("in", "ap_int<12>", 12, "in"),
        ("out", "ap_int<32>", 32, "out"),
        ("scalar", "ap_int<8>", 8, "factor"),
        ("scalar", "int", 32, "n"),
    ),
    streams={"in": words(11, 32, 12)},
    scalars={"factor": 0xF3, "n": 32},
)

CASES["separate_functions"] = Case(
    source=HEAD
    + """
static ap_int<17> clamp(ap_int<17> v, ap_int<9> low, int high) {
#pragma HLS inline off
  if (v < low) return low;
  if (v > high) return high;
  return v;
}
static void send(hls::stream<ap_int<17> >& out, ap_int<17> v) {
#pragma HLS inline off
  out.write(v);
  out.write(-v);
}
void calls(hls::stream<ap_int<17> >& in, hls::stream<ap_int<17> >& out, int n) {
  for (int i = 0; i < n; i++) {
    ap_int<17> v = in.read();
    ap_int<17> c = clamp(v, -200, 3000);
    if (c != v) send(out, c);
    else out.write(v);
  }
}
""",
    top="calls",
    ports=(("in", "ap_int<17>", 17, "in"), ("out", "ap_int<17>", 17, "out"), ("scalar", "int", 32, "n")),
    streams={"in": [*words(12, 20, 17), *words(13, 10, 10)]},
    scalars={"n": 30},
)

CASES["odd_widths"] = Case(
    source=HEAD
    + """
ap_int<65> odd(hls::stream<ap_int<33> >& in, hls::stream<ap_int<66> >& out, ap_uint<3> s) {
  ap_int<65> total = -1;
  for (int i = 0; i < 25; i++) {
#pragma HLS pipeline
    ap_int<33> v = in.read();
    ap_int<7> small = v;
    ap_uint<5> part = v(12, 8);
    ap_int<66> r = (v * small) / (part + 1) + v % (small * small + 3) - (v >> s) + (ap_int<66>(small) << (part * 3));
    r = small < part ? ap_int<66>(r ^ v) : ap_int<66>(~r);
    if (v < -5 && part >= 4u) r += 1000000007;
    total += r;
    out.write(r);
  }
  return total;
}
""",
    top="odd",
    ports=(("in", "ap_int<33>", 33, "in"), ("out", "ap_int<66>", 66, "out"), ("scalar", "ap_uint<3>", 3, "s")),
    streams={"in": words(14, 25, 33)},
    scalars={"s": 5},
    returns="ap_int<65>",
)

CASES["exits"] = Case(
    source=HEAD
    + """
void exits(hls::stream<ap_uint<8> >& in, hls::stream<ap_uint<16> >& out) {
  ap_uint<16> sum = 0;
  int rounds = 0;
  UNTIL: while (true) {
#pragma HLS pipeline
    ap_uint<8> v = in.read();
    if (v == 255) break;
    sum += v;
    if (sum > 1000) {
      out.write(sum);
      sum = 0;
      rounds++;
      if (rounds == 3) break;
    }
  }
  out.write(sum + rounds);
}
""",
    top="exits",
    ports=(("in", "ap_uint<8>", 8, "in"), ("out", "ap_uint<16>", 16, "out")),
    streams={"in": [200, 100, 250, 9, 254, 230, 250, 100, 250, 250, 250, 250, 11, 250, 250, 250, 251, 77]},
)

CASES["partial_unroll"] = Case(
    source=HEAD
    + """
void partial(hls::stream<ap_int<16> >& in, hls::stream<ap_int<32> >& out) {
  ap_int<16> v[30];
#pragma HLS array_partition variable=v cyclic factor=3
  static ap_uint<8> runs = 0;
  for (int i = 0; i < 30; i++) v[i] = in.read();
  ap_int<32> sum = 0;
  for (int i = 0; i < 30; i++) {
#pragma HLS unroll factor=3
    sum += v[i] * (i - 10);
  }
  runs++;
  out.write(sum);
  out.write(runs);
}
""",
    top="partial",
    ports=(("in", "ap_int<16>", 16, "in"), ("out", "ap_int<32>", 32, "out")),
    streams={"in": words(15, 30, 16)},
)

CASES["bound_operators"] = Case(
    source=HEAD
    + """
template <int W> static ap_int<2 * W> product(ap_int<W> a, ap_int<W> b) {
  ap_int<2 * W> r = a * b;
#pragma HLS bind_op variable=r op=mul impl=fabric latency=2
  return r;
}
void bound(hls::stream<ap_int<8> >& left, hls::stream<ap_uint<6> >& right, hls::stream<ap_int<32> >& out) {
  ap_int<32> sum = 0;
  ap_int<16> square[2];
#pragma HLS array_partition variable=square complete
#pragma HLS bind_op variable=square op=mul impl=dsp latency=3
  MAIN: for (int i = 0; i < 24; i++) {
#pragma HLS pipeline
    ap_int<8> a = left.read();
    ap_uint<6> b = right.read();
    ap_int<14> p;
#pragma HLS bind_op variable=p op=mul impl=fabric
    ap_uint<12> u;
#pragma HLS bind_op variable=u op=mul impl=fabric latency=0
    ap_int<9> plus;
#pragma HLS bind_op variable=plus op=add impl=fabric latency=2
    int minus;
#pragma HLS bind_op variable=minus op=sub latency=1
    int dropped;
#pragma HLS bind_op variable=dropped op=sub latency=1
    int scaled;
#pragma HLS bind_op variable=scaled op=mul impl=fabric latency=1
    int less;
#pragma HLS bind_op variable=less op=mul impl=fabric
    p = a * b;
    u = b * b;
    plus = a + b;
    minus = (int)a - (int)b;
    dropped = (int)a - 77;
    scaled = a * 107;
    less = a * -53;
    for (int j = 0; j < 2; j++) {
#pragma HLS unroll
      ap_int<8> shifted = a + j;
      square[j] = shifted * shifted;
    }
    if (b[0]) sum += product<8>(a, plus);
    out.write(p);
    out.write(u);
    out.write(plus + minus + dropped);
    out.write(scaled - less);
    out.write(square[0] - square[1]);
    out.write(sum);
  }
}
""",
    top="bound",
    ports=(("in", "ap_int<8>", 8, "left"), ("in", "ap_uint<6>", 6, "right"), ("out", "ap_int<32>", 32, "out")),
    streams={"left": [128, 127, 255, 0, *words(16, 20, 8)], "right": [63, 0, 63, 1, *words(17, 20, 6)]},
)

CASES["constant_tables"] = Case(
    source=HEAD
    + """
static const ap_int<9> WHOLE[6] = {3, -100, 77, 255, -256, 0};
static const int COLUMNS[3][4] = {{1, 2, 3, 4}, {-5, 6, -7, 8}, {9, -10, 11, -12}};
void tables(hls::stream<ap_uint<3> >& in, hls::stream<ap_int<32> >& out) {
#pragma HLS array_partition variable=WHOLE complete
#pragma HLS array_partition variable=COLUMNS complete dim=2
  LOOK: for (int i = 0; i < 20; i++) {
#pragma HLS pipeline II=1
    ap_uint<3> v = in.read();
    ap_uint<3> at = v % 6;
    ap_int<32> sum = WHOLE[at] * WHOLE[5 - at];
    for (int k = 0; k < 4; k++) sum += COLUMNS[v % 3][k] << k;
    out.write(sum);
  }
}
""",
    top="tables",
    ports=(("in", "ap_uint<3>", 3, "in"), ("out", "ap_int<32>", 32, "out")),
    streams={"in": words(18, 20, 3)},
)

# clang forms llvm.bitreverse, also of odd widths, and llvm.bswap of such code
CASES["reversed_bits"] = Case(
    source=HEAD
    + """
template <int W, int PART> ap_uint<W> reversed(ap_uint<W> v) {
#pragma HLS inline
  ap_uint<W> r = 0;
  for (int i = 0; i < W / PART; i++) {
#pragma HLS unroll
    r(W - 1 - PART * i, W - PART - PART * i) = v(PART * i + PART - 1, PART * i);
  }
  return r;
}
void reverse(hls::stream<ap_uint<64> >& in, hls::stream<ap_uint<64> >& out) {
  for (int i = 0; i < 12; i++) {
#pragma HLS pipeline II=1
    ap_uint<64> v = in.read();
    ap_uint<64> w = 0;
    w(1, 0) = reversed<2, 1>(v(1, 0));
    w(6, 2) = reversed<5, 1>(v(6, 2));
    w(14, 7) = reversed<8, 1>(v(14, 7));
    w(30, 15) = reversed<16, 8>(v(30, 15));
    w(63, 32) = reversed<32, 8>(v(63, 32));
    out.write(w);
  }
}
""",
    top="reverse",
    ports=(("in", "ap_uint<64>", 64, "in"), ("out", "ap_uint<64>", 64, "out")),
    streams={"in": [1, 1 << 63, (1 << 64) - 1, 0x0123456789ABCDEF, *words(19, 8, 64)]},
)
