"""Functions that stay modules: every kind of callee, parameter and place of a call."""

from unit.csynth.frontend.cases import HEAD, words
from unit.csynth.frontend.native import Case

HIERARCHY: dict[str, Case] = {}

_PORTS = (("in", "ap_int<32>", 32, "in"), ("out", "ap_int<32>", 32, "out"))
_SIGNATURE = "(hls::stream<ap_int<32> >& in, hls::stream<ap_int<32> >& out)"


def _case(name: str, functions: str, body: str, count: int = 24) -> None:
    HIERARCHY[name] = Case(
        source=f"{HEAD}#include <stdint.h>\n{functions}\nvoid top{_SIGNATURE} {{\n{body}\n}}\n",
        top="top",
        ports=_PORTS,
        streams={"in": words(3, count, 32)},
    )


_LOOP = "  for (int i = 0; i < 24; i++) {{\n#pragma HLS pipeline II={ii}\n    int x = in.read();\n{body}\n  }}"


def _loop(body: str, ii: int = 1) -> str:
    return _LOOP.format(ii=ii, body=body)


_case(
    "combinational",
    "static ap_int<9> mix(ap_int<8> a, int b, bool up) {\n#pragma HLS inline off\n  return up ? ap_int<9>(a + 1) : ap_int<9>(b ^ a);\n}",
    _loop("    out.write(mix(x, x >> 8, x & 1) + mix(x >> 3, 5, x & 2));"),
)
_MAC = "template <int A, int B> static void mac(int32_t& acc, int8_t a, int8_t b) {\n#pragma HLS inline off\n  acc += A * a * b + B;\n}"
_case(
    "accumulator",
    _MAC,
    "  int32_t acc = 7;\n" + _loop("    mac<1, 0>(acc, x, x >> 8);\n    out.write(acc);") + "\n  out.write(acc);",
)
for _latency, _expression in (
    (1, "a * b"),
    (3, "(a * b + 3) * (b + 5)"),
    (5, "(int16_t)((int16_t)((int16_t)((int16_t)(a * b ^ 5) * a ^ 3) * b ^ 9) * a ^ 6) * b - a"),
):
    for _ii in (1, 2):
        _case(
            f"pipelined_{_latency}_ii{_ii}",
            f"static int32_t f(int16_t a, int16_t b) {{\n#pragma HLS pipeline II={_ii}\n  return {_expression};\n}}",
            _loop("    out.write(f(x, x >> 16) + x);"),
        )
for _limit in (1, 2):
    _case(
        f"shared_{_limit}",
        "static int32_t f(int16_t a, int32_t b) {\n#pragma HLS inline off\n  return (a * (int16_t)b + 1) * (int16_t)(b >> 3) + b;\n}",
        f"#pragma HLS allocation function instances=f limit={_limit}\n"
        + _loop("    int p = f(x, 3), q = f(x >> 4, p), r = f(x >> 8, x);\n    out.write(f(p, r) - q);"),
    )
_case(
    "shared_under_a_condition",
    "static int32_t f(int16_t a, int16_t b) {\n#pragma HLS inline off\n  return a * b + 1;\n}",
    "#pragma HLS allocation function instances=f limit=1\n"
    + _loop("    int r;\n    if (x & 1) r = f(x, x >> 16);\n    else r = f(x >> 8, 7) + 1;\n    out.write(r);"),
)
_case(
    "shared_by_two_loops",
    "static int32_t f(int16_t a, int16_t b) {\n#pragma HLS inline off\n  return a * b + (a ^ b);\n}",
    "#pragma HLS allocation function instances=f limit=1\n  int t = 1;\n"
    "  for (int i = 0; i < 12; i++) {\n#pragma HLS pipeline\n    t = f(in.read(), t);\n    out.write(t);\n  }\n"
    "  t = f(t, 3);\n  t = f(t, t);\n"
    "  for (int i = 0; i < 12; i++) {\n#pragma HLS pipeline\n    int x = in.read();\n    out.write(f(x, x >> 5) + t);\n  }",
)
_case(
    "nested",
    "static int32_t inner(int16_t a, int16_t b) {\n#pragma HLS inline off\n  return a * b;\n}\n"
    "static int32_t outer(int16_t a, int16_t b, int32_t& most) {\n#pragma HLS inline off\n"
    "  int32_t r = inner(a, b) + inner(b, 3);\n  if (r > most) most = r;\n  return inner(r, a) - most;\n}",
    "  int32_t most = 0;\n" + _loop("    out.write(outer(x, x >> 16, most));") + "\n  out.write(most);",
)
_case(
    "nested_and_shared",
    "static int32_t inner(int16_t a, int16_t b) {\n#pragma HLS inline off\n  return (a * b) * (int16_t)(a + b);\n}\n"
    "static int32_t outer(int16_t a, int16_t b) {\n#pragma HLS pipeline II=2\n#pragma HLS allocation function instances=inner limit=1\n"
    "  return inner(a, b) + inner(b, 3);\n}",
    _loop("    out.write(outer(x, x >> 16));"),
)
_case(
    "under_a_condition",
    "static void bump(int32_t& n, int32_t by) {\n#pragma HLS inline off\n  n = (n ^ by) * 5;\n}\n"
    "static int32_t half(int32_t n) {\n#pragma HLS inline off\n  return n / 2;\n}",
    "  int32_t n = 1;\n"
    + _loop(
        "    if (x & 4) bump(n, x);\n    else if (x & 8) n = half(n);\n    if (x & 16) out.write(n);\n    out.write(x & 1 ? half(x) : n);"
    ),
)
_case(
    "in_states",
    "static int32_t f(int16_t a, int16_t b, int32_t& low) {\n#pragma HLS inline off\n  low = a - b;\n  return (a * b + 3) * (b + 5);\n}",
    "  int32_t low = 0;\n  int32_t x = in.read();\n  int32_t r = f(x, x >> 16, low);\n  out.write(r);\n  out.write(low);\n"
    "  if (r & 1) r = f(r, low, low);\n  int32_t a = f(in.read(), 2, low), b = f(in.read(), 3, r);\n  out.write(a + b + low + r);\n"
    "  for (int i = 0; i < 5; i++) {\n    r = f(r, in.read(), low);\n    out.write(r ^ low);\n  }",
    count=8,
)
_case(
    "structs",
    "struct Small { int8_t a; int16_t b; };\nstruct Big { ap_int<20> x; ap_uint<7> y; int32_t z[3]; };\n"
    "static Small turn(Small s, const Big& b) {\n#pragma HLS inline off\n  Small r;\n  r.a = s.b + b.y;\n  r.b = s.a - b.z[1];\n  return r;\n}\n"
    "static Big grow(Big b, Small& s) {\n#pragma HLS inline off\n  b.x += s.a;\n  b.y++;\n  b.z[2] = b.z[0] * s.b;\n  s.a = b.z[2];\n  return b;\n}",
    "  Small s;\n  s.a = 1;\n  s.b = 2;\n  Big b;\n  b.x = 3;\n  b.y = 4;\n  for (int k = 0; k < 3; k++) {\n#pragma HLS unroll\n    b.z[k] = k;\n  }\n"
    + _loop(
        "    b.z[0] = x;\n    s = turn(s, b);\n    b = grow(b, s);\n    out.write(b.x + b.y + b.z[2] + s.a * 3 + s.b);"
    ),
)
_case(
    "array_of_macs",
    _MAC,
    "  int32_t acc[4][4];\n#pragma HLS array_partition variable=acc complete dim=0\n"
    "  for (int i = 0; i < 4; i++)\n    for (int j = 0; j < 4; j++) {\n#pragma HLS pipeline\n      acc[i][j] = i - j;\n    }\n"
    "  for (int k = 0; k < 12; k++) {\n#pragma HLS pipeline II=1\n    ap_int<32> a = in.read(), b = in.read();\n"
    "    for (int i = 0; i < 4; i++) {\n#pragma HLS unroll\n      for (int j = 0; j < 4; j++) {\n#pragma HLS unroll\n"
    "        mac<1, 2>(acc[i][j], a >> (8 * i), b >> (8 * j));\n      }\n    }\n  }\n"
    "  for (int i = 0; i < 4; i++)\n    for (int j = 0; j < 4; j++) {\n#pragma HLS pipeline\n      out.write(acc[i][j]);\n    }",
)
_case(
    "array_by_reference",
    "template <int N> static int32_t dot(const int8_t (&a)[N], int8_t (&b)[N]) {\n#pragma HLS pipeline\n"
    "  int32_t s = 0;\n  for (int i = 0; i < N; i++) s += a[i] * b[i];\n  b[0] = s;\n  return s;\n}",
    "  int8_t a[4], b[4];\n#pragma HLS array_partition variable=a complete\n#pragma HLS array_partition variable=b complete\n"
    "  for (int i = 0; i < 4; i++) {\n#pragma HLS unroll\n    a[i] = b[i] = i;\n  }\n"
    + _loop(
        "    for (int i = 0; i < 3; i++) a[i] = a[i + 1];\n    a[3] = x;\n    b[1 + (i & 1)] = x >> 8;\n    out.write(dot<4>(a, b));"
    ),
)
_case(
    "rom",
    "static int32_t look(ap_uint<3> i, ap_uint<3> j) {\n#pragma HLS pipeline II=2\n"
    "  static const int16_t table[8] = {3, -5, 7, 900, -1, 0, 12, 8};\n  return table[i] * table[j] + table[i];\n}",
    _loop("    out.write(look(x, x >> 3));", 2),
)
_case(
    "one_static_variable",
    "static int32_t count(int32_t by) {\n#pragma HLS inline off\n  static int32_t total = 5;\n  total += by;\n  return total;\n}",
    "  for (int i = 0; i < 8; i++) {\n    int x = in.read();\n    if (x & 1) out.write(count(x));\n    else out.write(-count(3));\n  }",
    count=8,
)
_case(
    "a_static_variable_that_restarts",
    "static int32_t count(int32_t by, bool first) {\n#pragma HLS inline off\n  static int32_t total;\n"
    "  if (first) total = 5;\n  total += by;\n  return total;\n}",
    "  for (int i = 0; i < 8; i++) {\n    int x = in.read();\n    if (x & 1) out.write(count(x, i == 0));\n    else out.write(-count(3, i == 0));\n  }",
    count=8,
)
_case(
    "a_loop_inside",
    "static uint32_t gcd(uint32_t a, uint32_t b, uint32_t& steps) {\n#pragma HLS inline off\n"
    "  while (b != 0) {\n    uint32_t t = a % b;\n    a = b;\n    b = t;\n    steps++;\n  }\n  return a;\n}",
    "  uint32_t steps = 0;\n  for (int i = 0; i < 4; i++) {\n    uint32_t x = in.read(), y = in.read();\n    out.write(gcd(x, y, steps));\n  }\n  out.write(steps);",
    count=8,
)
for _limit in (1, 3):
    _case(
        f"shared_products_{_limit}",
        "",
        f"#pragma HLS allocation operation instances=mul limit={_limit}\n"
        + _loop(
            "    int16_t a = x, b = x >> 16;\n    ap_uint<9> u = x >> 3;\n    int p = a * b, q = u * b;\n"
            "    out.write((p >> 3) * a + (q ^ (a * u)) + p * 3);"
        ),
    )
_case(
    "shared_division",
    "",
    "#pragma HLS allocation operation instances=sdiv limit=1\n"
    + _loop("    int16_t a = x, b = (x >> 16) | 1;\n    out.write(a / b + (b / (a | 1)) * 3);"),
)
