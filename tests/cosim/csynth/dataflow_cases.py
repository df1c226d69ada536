"""Dataflow regions, one for each kind of channel and shape of region."""

from __future__ import annotations

from unit.csynth.frontend.cases import HEAD, words
from unit.csynth.frontend.native import Case

CASES: dict[str, Case] = {}
IN, OUT = ("in", "int", 32, "in"), ("out", "int", 32, "out")


def case(name: str, body: str, count: int, *, top: str = "f", **more) -> None:
    ports = more.pop("ports", (IN, OUT))
    CASES[name] = Case(source=HEAD + body, top=top, ports=ports, streams={"in": words(len(name), count, 32)}, **more)


LOAD = """
static void load(hls::stream<int>& in, int buf[32]) {
  for (int i = 0; i < 32; i++) {
#pragma HLS pipeline
    buf[i] = in.read();
  }
}
"""
MIX = """
static void mix(int from[32], int to[32]) {
  for (int i = 0; i < 32; i++) {
#pragma HLS pipeline
    to[i] = from[i] * 3 + from[31 - i];
  }
}
"""
EMIT = """
static void emit(int buf[32], hls::stream<int>& out) {
  for (int i = 0; i < 32; i++) {
#pragma HLS pipeline
    out.write(buf[31 - i]);
  }
}
"""
PIPO = LOAD + MIX + EMIT
FLAT = """
void f(hls::stream<int>& in, hls::stream<int>& out) {
#pragma HLS dataflow
  int a[32], b[32];
%s
  load(in, a);
  mix(a, b);
  emit(b, out);
}
"""
LOOP = """
void f(hls::stream<int>& in, hls::stream<int>& out, int n) {
  FRAMES: for (int i = 0; i < n; i++) {
#pragma HLS dataflow
    int a[32], b[32];
%s
    load(in, a);
    mix(a, b);
    emit(b, out);
  }
}
"""
LOOP_PORTS = (IN, OUT, ("scalar", "int", 32, "n"))

case("pipo", PIPO + FLAT % "", 32)
case("pipo_of_three", PIPO + FLAT % "#pragma HLS stream variable=a type=pipo depth=3", 32)
case(
    "pipo_in_banks",
    PIPO
    + FLAT
    % "#pragma HLS array_partition variable=a cyclic factor=4\n#pragma HLS array_partition variable=b type=complete\n",
    32,
)
case("frames_in_a_loop", PIPO + LOOP % "", 32 * 8, ports=LOOP_PORTS, scalars={"n": 8})
case(
    "array_as_fifo",
    LOAD
    + """
static void twice(int from[32], hls::stream<int>& out) {
  for (int i = 0; i < 32; i++) {
#pragma HLS pipeline
    out.write(from[i] * 2);
  }
}
void f(hls::stream<int>& in, hls::stream<int>& out) {
#pragma HLS dataflow
  int a[32];
#pragma HLS stream variable=a type=fifo depth=4
  load(in, a);
  twice(a, out);
}
""",
    32,
)
case(
    "scalars",
    """
static void head(hls::stream<int>& in, int buf[16], int& length, ap_uint<12>& key) {
  length = in.read() & 15;
  key = in.read();
  for (int i = 0; i < 16; i++) {
#pragma HLS pipeline
    buf[i] = in.read();
  }
}
static void body(int buf[16], int length, ap_uint<12> key, hls::stream<int>& out) {
  for (int i = 0; i < 16; i++) {
#pragma HLS pipeline
    out.write(i < length ? buf[i] ^ (int)key : 0);
  }
}
void f(hls::stream<int>& in, hls::stream<int>& out, int n) {
  for (int i = 0; i < n; i++) {
#pragma HLS dataflow
    int buf[16];
    int length;
    ap_uint<12> key;
    head(in, buf, length, key);
    body(buf, length, key, out);
  }
}
""",
    18 * 5,
    ports=LOOP_PORTS,
    scalars={"n": 5},
)
case(
    "stream_array",
    """
static void deal(hls::stream<int>& in, hls::stream<int> s[4]) {
  for (int i = 0; i < 8; i++)
    for (int k = 0; k < 4; k++) {
#pragma HLS unroll
      s[k].write(in.read());
    }
}
static void work(hls::stream<int>& from, hls::stream<int>& to, int k) {
  for (int i = 0; i < 8; i++) {
#pragma HLS pipeline
    to.write(from.read() * (k + 1));
  }
}
static void gather(hls::stream<int> s[4], hls::stream<int>& out) {
  for (int i = 0; i < 8; i++) {
    int sum = 0;
    for (int k = 0; k < 4; k++) {
#pragma HLS unroll
      int v = s[k].read();
      sum += v;
      out.write(v);
    }
    out.write(sum);
  }
}
void f(hls::stream<int>& in, hls::stream<int>& out) {
#pragma HLS dataflow
  hls::stream<int> s[4], t[4];
  deal(in, s);
  for (int k = 0; k < 4; k++) {
#pragma HLS unroll
    work(s[k], t[k], k);
  }
  gather(t, out);
}
""",
    32,
)
case(
    "writer_reads_back",
    """
static void sort(hls::stream<int>& in, int buf[16]) {
  for (int i = 0; i < 16; i++) buf[i] = in.read();
  for (int i = 0; i < 15; i++)
    for (int j = 0; j < 15 - i; j++) {
      int a = buf[j], b = buf[j + 1];
      if (a > b) { buf[j] = b; buf[j + 1] = a; }
    }
}
static void show(int buf[16], hls::stream<int>& out) {
  for (int i = 0; i < 16; i++) out.write(buf[i]);
}
void f(hls::stream<int>& in, hls::stream<int>& out) {
#pragma HLS dataflow
  int buf[16];
  sort(in, buf);
  show(buf, out);
}
""",
    16,
)
case(
    "nested",
    PIPO
    + """
static void inner(hls::stream<int>& in, hls::stream<int>& out) {
#pragma HLS dataflow
  int a[32], b[32];
  load(in, a);
  mix(a, b);
  emit(b, out);
}
static void outer(hls::stream<int>& in, hls::stream<int>& out) {
  for (int i = 0; i < 32; i++) {
#pragma HLS pipeline
    out.write(in.read() + 7);
  }
}
void f(hls::stream<int>& in, hls::stream<int>& out, int n) {
  for (int i = 0; i < n; i++) {
#pragma HLS dataflow
    hls::stream<int> mid;
    inner(in, mid);
    outer(mid, out);
  }
}
""",
    32 * 4,
    ports=LOOP_PORTS,
    scalars={"n": 4},
)
case(
    "two_dimensions",
    """
static void fill(hls::stream<int>& in, int m[4][8]) {
  for (int i = 0; i < 32; i++) {
#pragma HLS pipeline
    m[i / 8][i % 8] = in.read();
  }
}
static void columns(int m[4][8], hls::stream<int>& out) {
  for (int j = 0; j < 8; j++) {
#pragma HLS pipeline
    out.write(m[0][j] + m[1][j] + m[2][j] - m[3][j]);
  }
}
void f(hls::stream<int>& in, hls::stream<int>& out) {
#pragma HLS dataflow
  int m[4][8];
#pragma HLS array_partition variable=m complete dim=1
  fill(in, m);
  columns(m, out);
}
""",
    32,
)
CASES["streams_of_structs"] = Case(
    source=HEAD
    + """
struct Pixel {
  ap_uint<5> r;
  ap_int<9> g;
  bool last;
  short b[2];
};
static void brighten(hls::stream<Pixel>& in, hls::stream<Pixel>& even, hls::stream<Pixel>& odd) {
  for (int i = 0; i < 16; i++) {
#pragma HLS pipeline
    Pixel p = in.read();
    p.r += 3;
    p.b[1] = p.b[0] - p.g;
    if (i & 1) odd.write(p);
    else even.write(p);
  }
}
static void mark(hls::stream<Pixel>& from, hls::stream<Pixel>& to) {
  for (int i = 0; i < 8; i++) {
#pragma HLS pipeline
    Pixel p = from.read();
    p.last = i == 7;
    p.g = -p.g;
    to.write(p);
  }
}
static void join(hls::stream<Pixel>& even, hls::stream<Pixel>& odd, hls::stream<Pixel>& out) {
  for (int i = 0; i < 16; i++) {
#pragma HLS pipeline
    Pixel p;
    if (i & 1) p = odd.read();
    else p = even.read();
    out.write(p);
  }
}
void f(hls::stream<Pixel>& in, hls::stream<Pixel>& out, int n) {
#pragma HLS aggregate variable=in compact=bit
#pragma HLS aggregate variable=out compact=bit
  for (int i = 0; i < n; i++) {
#pragma HLS dataflow
    hls::stream<Pixel> even, odd, marked;
#pragma HLS stream variable=odd depth=16
    brighten(in, even, odd);
    mark(even, marked);
    join(marked, odd, out);
  }
}
""",
    top="f",
    ports=(("in", "Pixel", 47, "in"), ("out", "Pixel", 47, "out"), ("scalar", "int", 32, "n")),
    streams={"in": words(9, 16 * 3, 47)},
    scalars={"n": 3},
)
