"""Programs that set and copy arrays and structs as a whole."""

from __future__ import annotations

from unit.csynth.frontend.cases import HEAD, words
from unit.csynth.frontend.native import Case

COPIES: dict[str, Case] = {}


def _case(name: str, body: str, count: int, *, before: str = "", width: int = 32, kind: str = "int") -> None:
    sink = f"hls::stream<{kind}>& in, hls::stream<{kind}>& out"
    COPIES[name] = Case(
        source=f"{HEAD}#include <string.h>\n{before}\nvoid {name}({sink}) {{\n{body}}}\n",
        top=name,
        ports=(("in", kind, width, "in"), ("out", kind, width, "out")),
        streams={"in": words(len(name), count, width)},
    )


_case(
    "init_lists",
    """
  int zero[4] = {0};
  int b[6] = {1, 2, 3};
  short t[2][3] = {{1, 2, 3}, {4, 5, -6}};
  char big[300] = {1};
  long long odd[40] = {7, -1};
  const int table[8] = {3, 1, 4, 1, 5, 9, 2, 6};
  char text[8] = "csynth";
  for (int i = 0; i < 40; i++) {
#pragma HLS pipeline
    unsigned x = in.read();
    zero[x & 3] += x; b[(x >> 2) % 6] ^= x; t[x & 1][(x >> 3) % 3] += x; big[x % 300] += 3;
    odd[(x >> 4) % 40] += x; text[x & 7] += table[(x >> 6) & 7];
  }
  for (int i = 0; i < 300; i++) {
#pragma HLS pipeline
    out.write(zero[i & 3] + b[i % 6] + t[i & 1][i % 3] + big[i] + odd[i % 40] + text[i & 7]);
  }
""",
    40,
)


def _cut(pragma: str) -> str:
    return f"""
  {{
    int m[23] = {{5, -4, 3, 2, 1, 0, 9, 8, 7, 6, 5, 4, 3, 2, 1, 1 << 30, -9, 8, 7, 6}};
#pragma HLS {pragma} variable=m dim=1
    int z[23] = {{0}};
#pragma HLS {pragma} variable=z dim=1
    for (int i = 0; i < 10; i++) {{
#pragma HLS pipeline
      unsigned x = in.read();
      m[x % 23] += x; z[(x >> 5) % 23] ^= x;
    }}
    for (int i = 0; i < 23; i++) {{
#pragma HLS pipeline
      out.write(m[i] ^ z[22 - i]);
    }}
  }}
"""


_case(
    "init_cut",
    "".join(_cut(f"array_partition type={how}") for how in ("complete", "cyclic factor=4", "block factor=5")),
    30,
)
_case("init_reshaped", "".join(_cut(f"array_reshape type={how}") for how in ("cyclic factor=3", "block factor=4")), 20)
_case(
    "init_matrix",
    """
  short m[5][7] = {{1, 2, 3, 4, 5, 6, 7}, {-1}, {8, 9}, {}, {1, 1, 1, 1, 1, 1, 1}};
#pragma HLS array_partition variable=m cyclic factor=2 dim=1
#pragma HLS array_partition variable=m block factor=3 dim=2
  short other[5][7];
#pragma HLS array_partition variable=other complete dim=2
  for (int i = 0; i < 12; i++) {
#pragma HLS pipeline
    unsigned x = in.read();
    m[x % 5][(x >> 4) % 7] += x;
  }
  memcpy(other, m, sizeof m);
  memset(m[3], 0xff, sizeof m[3]);
  memcpy(m[0], other[4], 5 * sizeof(short));
  for (int i = 0; i < 5; i++)
    for (int j = 0; j < 7; j++) {
#pragma HLS pipeline
      out.write(m[i][j] * 3 + other[i][j]);
    }
""",
    12,
)
_case(
    "copy_kinds",
    """
  int a[50], b[50], small[4];
  char raw[24];
  Pair p[20], q[20];
  Box box, copy;
  for (int i = 0; i < 50; i++) {
#pragma HLS pipeline
    a[i] = in.read();
  }
  char fill = in.read();
  memset(raw, fill, sizeof(raw));
  memcpy(b + 10, a, 40 * sizeof(int));
  memcpy(b, a + 40, 10 * sizeof(int));
  memmove(a + 3, a, 4 * sizeof(int));
  memcpy(small, b + 7, sizeof small);
  memset(p, 0, sizeof(p));
  for (int i = 0; i < 20; i++) {
#pragma HLS pipeline
    p[(a[i] & 0xff) % 20].low += i;
    p[i].high = a[i];
    box.v[i] = b[i];
  }
  memcpy(q, p, sizeof(q));
  copy = box;
  box.v[a[1] & 15] = 1;
  q[3] = q[(unsigned)a[2] % 20];
  for (int i = 0; i < 50; i++) {
#pragma HLS pipeline
    out.write(a[i] + b[i] * 3 + small[i & 3] + raw[i % 24] + q[i % 20].low * 7 + q[i % 20].high + copy.v[i % 20] * 5 - box.v[i % 20]);
  }
""",
    51,
    before="struct Pair { short low; int high; };\nstruct Box { int v[20]; };",
)
_case(
    "init_in_loops",
    """
  for (int i = 0; i < 6; i++) {
    int sum[20] = {0};
    for (int j = 0; j < 5; j++) {
#pragma HLS pipeline
      unsigned x = in.read();
      sum[x % 20] += x;
    }
    int total = 0;
    for (int j = 0; j < 20; j++) {
#pragma HLS pipeline
      total = total * 3 + sum[j];
    }
    out.write(total);
  }
  for (int i = 0; i < 8; i++) {
#pragma HLS pipeline
    int window[18] = {9, 8, 7, 6, 5, 4, 3, 2, 1};
    int other[18];
    for (int j = 0; j < 18; j += 3) window[j] += in.read();
    memcpy(other, window, sizeof other);
    int sum = 0;
    for (int j = 0; j < 18; j++) sum = sum * 5 + other[j];
    out.write(sum);
  }
""",
    78,
)
_case(
    "init_numbers",
    """
  ap_uint<13> w[20] = {};
  ap_int<70> wide[9] = {1, -2};
  for (int i = 0; i < 20; i++) {
#pragma HLS pipeline
    unsigned x = in.read();
    w[x % 20] += x;
    wide[x % 9] += x;
  }
  for (int i = 0; i < 20; i++) {
#pragma HLS pipeline
    out.write(w[i] * 3 + (int)wide[i % 9]);
  }
""",
    20,
)

WALKS: dict[str, Case] = {}
_case(
    "walk_once",
    """
  int a[40], b[40];
  int* p = a;
  for (int i = 0; i < 40; i++) {
#pragma HLS pipeline
    *p++ = in.read();
  }
  int* q = b + 39;
  for (const int* r = a; r != a + 40; r++) {
#pragma HLS pipeline
    *q-- = *r * 3;
  }
  int sum = 0;
  for (const int* r = b; r < b + 38; r += 2) {
#pragma HLS pipeline
    sum = sum * 5 + r[0] + r[3];
  }
  out.write(sum);
  int* limit = a;
  while (*limit & 7) {
    if (++limit == a + 40) break;
  }
  out.write(limit - a);
""",
    40,
)
_case(
    "walk_chosen",
    """
  short t[4][8];
  for (int i = 0; i < 4; i++) {
    short* row = t[i];
    for (int j = 0; j < 8; j++) {
#pragma HLS pipeline
      *row++ = in.read();
    }
  }
  int a[32];
  int* kept = a;
  const short* s = &t[0][0];
  for (int i = 0; i < 32; i++) {
#pragma HLS pipeline
    short x = s[i];
    if (x & 1) *kept++ = x;
  }
  int n = kept - a;
  out.write(n);
  for (int i = 0; i < n; i++) {
#pragma HLS pipeline
    out.write(a[i]);
  }
  int steps = in.read() & 3;
  const int* p = a;
  for (int i = 0; i < 5; i++) {
#pragma HLS pipeline
    out.write(*p);
    p += n ? steps : 0;
    if (p >= a + n) p = a;
  }
""",
    33,
)
_case(
    "walk_function",
    """
  int a[24], b[24];
#pragma HLS array_partition variable=b cyclic factor=2
  for (int i = 0; i < 24; i++) a[i] = in.read();
  scale(a, b, 24);
  for (int i = 0; i < 24; i++) out.write(b[i] - a[23 - i]);
""",
    24,
    before="static void scale(const int* from, int* to, int n) {\n  while (n--) *to++ = *from++ * 3 + 1;\n}",
)
WALKS.update({name: COPIES.pop(name) for name in [n for n in COPIES if n.startswith("walk_")]})
