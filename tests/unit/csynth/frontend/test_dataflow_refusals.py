"""The whole text of every refusal of a dataflow region."""

import pytest

from csynth.driver import make_hardware
from csynth.errors import CsynthError
from csynth.frontend import compile_source

HEAD = '#include "hls_stream.h"\n'
S = "hls::stream<int>"
COPY = f"static void copy({S}& a, {S}& b) {{ for (int i = 0; i < 8; i++) b.write(a.read()); }}\n"
FILL = f"static void fill({S}& in, int b[8]) {{ for (int i = 0; i < 8; i++) b[i] = in.read(); }}\n"
SHOW = f"static void show(int b[8], {S}& out) {{ for (int i = 0; i < 8; i++) out.write(b[7 - i]); }}\n"
ADD = f"static void add({S}& a, {S}& b, {S}& o) {{ for (int i = 0; i < 8; i++) o.write(a.read() + b.read()); }}\n"
DEAL = f"static void deal({S}& a, {S}& b, {S}& c) {{ for (int i = 0; i < 8; i++) {{ int v = a.read(); b.write(v); c.write(v); }} }}\n"
F = f"void f({S}& in, {S}& out) {{\n#pragma HLS dataflow\n"

REFUSED = {
    "conditional_call": COPY + f"void f({S}& in, {S}& out, int n) {{\n#pragma HLS dataflow\n  {S} s;\n  copy(in, s);\n  if (n) copy(s, out);\n}}",
    "call_in_a_loop": COPY + f"void f({S}& in, {S}& out, int n) {{\n#pragma HLS dataflow\n  for (int i = 0; i < n; i++) copy(in, out);\n}}",
    "no_process": "void f(int& m) {\n#pragma HLS dataflow\n  m = 1;\n}",
    "no_process_in_a_loop": f"void f({S}& in, {S}& out) {{\n  int v = 0;\n  for (int i = 0; i < 4; i++) {{\n#pragma HLS dataflow\n    v += 3;\n  }}\n  out.write(v + in.read());\n}}",
    "pipelined_loop": COPY + f"void f({S}& in, {S}& out) {{\n  for (int i = 0; i < 4; i++) {{\n#pragma HLS pipeline\n#pragma HLS dataflow\n    copy(in, out);\n  }}\n}}",
    "other_code": COPY + f"void f({S}& in, {S}& out, int n, int& m) {{\n#pragma HLS dataflow\n  copy(in, out);\n  m = n + 1;\n}}",
    "returned_value": f"static int g({S}& in) {{ return in.read(); }}\nvoid f({S}& in, int& m) {{\n#pragma HLS dataflow\n  m = g(in);\n}}",
    "computed_argument": f"static void g({S}& in, {S}& out, int n) {{ out.write(in.read() + n); }}\nvoid f({S}& in, {S}& out, int n) {{\n#pragma HLS dataflow\n  g(in, out, n & 255);\n}}",
    "two_writers": FILL + "static void zero(int b[8]) { for (int i = 0; i < 8; i++) b[i] = 0; }\n" + SHOW
    + F + "  int b[8];\n  zero(b);\n  fill(in, b);\n  show(b, out);\n}",
    "two_readers": COPY + ADD + F + f"  {S} s, t, u;\n  copy(in, s);\n  copy(s, t);\n  copy(s, u);\n  add(t, u, out);\n}}",
    "no_reader": COPY + DEAL + F + f"  {S} s, t;\n  deal(in, s, t);\n  copy(s, out);\n}}",
    "feedback_of_an_array": FILL + SHOW + F + f"  int b[8];\n  {S} s;\n  show(b, out);\n  fill(in, b);\n}}",
    "feedback_of_a_stream": ADD + DEAL + F + f"  {S} s, t;\n  add(in, t, s);\n  deal(s, t, out);\n}}",
    "stream_shared_outside": COPY + F + "  copy(in, out);\n  copy(in, out);\n}",
    "part_of_an_array": FILL + SHOW + F + "  int b[16];\n  fill(in, b + 8);\n  show(b, out);\n}",
    "partitioned_in_two_ways": f"static void fill({S}& in, int b[8]) {{\n#pragma HLS array_partition variable=b complete\n  for (int i = 0; i < 8; i++) b[i] = in.read();\n}}\n"
    + SHOW + F + "  int b[8];\n#pragma HLS array_partition variable=b cyclic factor=2\n  fill(in, b);\n  show(b, out);\n}",
    "unsync": FILL + SHOW + F + "  int b[8];\n#pragma HLS stream variable=b type=unsync\n  fill(in, b);\n  show(b, out);\n}",
    "pipo_of_one": FILL + SHOW + F + "  int b[8];\n#pragma HLS stream variable=b type=pipo depth=1\n  fill(in, b);\n  show(b, out);\n}",
    "pipo_of_a_stream": COPY + F + f"  {S} s;\n#pragma HLS stream variable=s type=pipo\n  copy(in, s);\n  copy(s, out);\n}}",
    "array_out_of_order": FILL + SHOW + F + "  int b[8];\n#pragma HLS stream variable=b type=fifo\n  fill(in, b);\n  show(b, out);\n}",
    "array_by_data": f"static void fill({S}& in, int b[8]) {{ for (int i = 0; i < 8; i++) b[in.read() & 7] = i; }}\n"
    + SHOW + F + "  int b[8];\n#pragma HLS stream variable=b type=fifo\n  fill(in, b);\n  show(b, out);\n}",
    "array_around_the_loop": FILL + SHOW + f"void f({S}& in, {S}& out, int n) {{\n  int b[8];\n  for (int i = 0; i < n; i++) {{\n#pragma HLS dataflow\n    fill(in, b);\n    show(b, out);\n  }}\n  show(b, out);\n}}",
    "condition_in_the_loop": COPY + f"void f({S}& in, {S}& out, int n) {{\n  for (int i = 0; i < n; i++) {{\n#pragma HLS dataflow\n    {S} s;\n    copy(in, s);\n    if (i & 1) copy(s, out);\n  }}\n}}",
    "too_shallow": DEAL + ADD + f"static void last({S}& a, {S}& b) {{ int s = 0; for (int i = 0; i < 8; i++) s += a.read(); for (int i = 0; i < 8; i++) b.write(s); }}\n"
    + F + f"  {S} s, t, u;\n#pragma HLS stream variable=t depth=3\n  deal(in, s, t);\n  last(s, u);\n  add(u, t, out);\n}}",
    "reads_too_much": COPY + f"static void more({S}& a, {S}& b) {{ for (int i = 0; i < 9; i++) b.write(a.read()); }}\n"
    + F + f"  {S} s;\n  copy(in, s);\n  more(s, out);\n}}",
    "waits_in_a_circle": f"static void one({S}& in, {S}& back, {S}& to) {{ for (int i = 0; i < 8; i++) to.write(in.read() + back.read()); }}\n"
    f"static void two({S}& from, {S}& back, {S}& out) {{ for (int i = 0; i < 8; i++) {{ int v = from.read(); out.write(v); back.write(v); }} }}\n"
    + F + f"  {S} s, t;\n#pragma HLS stream variable=t depth=8\n  one(in, t, s);\n  two(s, t, out);\n}}",
    "array_beside_a_stream": f"static void both({S}& in, int b[8], {S}& s) {{ for (int i = 0; i < 8; i++) {{ int v = in.read(); b[i] = v; s.write(v); }} }}\n"
    f"static void use(int b[8], {S}& s, {S}& out) {{ for (int i = 0; i < 8; i++) out.write(b[7 - i] + s.read()); }}\n"
    + F + f"  int b[8];\n  {S} s;\n#pragma HLS stream variable=s depth=4\n  both(in, b, s);\n  use(b, s, out);\n}}",
    "element_of_an_array": f"static void g({S}& in, int& m) {{ m = in.read(); }}\n" + SHOW
    + F + "  int b[8];\n  g(in, b[2]);\n  show(b, out);\n}",
    "variable_of_two": f"static void g({S}& in, int& m) {{ m = in.read(); }}\nstatic void use(int m, {S}& out) {{ out.write(m); }}\n"
    f"static void inner({S}& in, {S}& b, int& m) {{\n#pragma HLS dataflow\n  g(in, m);\n  g(b, m);\n}}\n"
    f"void f({S}& in, {S}& b, {S}& out) {{\n#pragma HLS dataflow\n  int m;\n  inner(in, b, m);\n  use(m, out);\n}}",
    "chosen_stream": COPY + DEAL + f"void f({S}& in, {S}& out, int n) {{\n#pragma HLS dataflow\n  {S} s[2];\n  deal(in, s[0], s[1]);\n  copy(s[n], out);\n}}",
    "two_on_a_bus": f'#include "hls_burst_maxi.h"\nstatic void r(hls::burst_maxi<int> m, {S}& out) {{ m.read_request(0, 8); for (int i = 0; i < 8; i++) out.write(m.read()); }}\n'
    f"void f(hls::burst_maxi<int> m, {S}& out, {S}& out2) {{\n#pragma HLS dataflow\n  r(m, out);\n  r(m, out2);\n}}",
    "variable_twice": f"static void g({S}& in, int& m) {{ m = in.read(); }}\nstatic void use(int m, {S}& out) {{ out.write(m); }}\nstruct P {{ int a, b; }};\n"
    + F + "  P p;\n  p.a = 3;\n  g(in, p.b);\n  use(p.a, out);\n}",
    "static_variable": f"static void g({S}& in, int& m) {{ m = in.read(); }}\nstatic void use(int m, {S}& out) {{ out.write(m); }}\nstatic int kept;\n"
    f"void f({S}& in, {S}& in2, {S}& out) {{\n#pragma HLS dataflow\n  int m;\n  g(in, m);\n  use(m, out);\n  g(in2, kept);\n}}",
    "both_ends_outside": COPY + f"void f({S}& in, {S}& middle, {S}& out) {{\n#pragma HLS dataflow\n  copy(in, middle);\n  copy(middle, out);\n}}",
    "reshaped": FILL + SHOW + F + "  int b[8];\n#pragma HLS array_reshape variable=b complete\n  fill(in, b);\n  show(b, out);\n}",
    "no_writer": COPY + ADD + F + f"  {S} s, t;\n  copy(in, s);\n  add(s, t, out);\n}}",
    "two_sizes": f"static void fill({S}& in, int* b) {{ for (int i = 0; i < 8; i++) b[i] = in.read(); }}\n"
    f"static void show(int* b, {S}& out) {{ for (int i = 0; i < 8; i++) out.write(b[7 - i]); }}\n"
    f"void f({S}& in, {S}& in2, {S}& out, {S}& out2) {{\n#pragma HLS dataflow\n  int b[8], c[16];\n  fill(in, b);\n  show(b, out);\n  fill(in2, c);\n  show(c, out2);\n}}",
    "stream_around_the_loop": COPY + f"void f({S}& in, {S}& out, int n) {{\n  {S} s;\n  for (int i = 0; i < n; i++) {{\n#pragma HLS dataflow\n    copy(in, s);\n    copy(s, out);\n  }}\n  s.empty();\n}}",
    "loop_value": f"static void g({S}& in, {S}& out, int& m) {{ m = in.read(); out.write(m); }}\nvoid f({S}& in, {S}& out, int n) {{\n"
    "  for (int i = 0; i < n; i++) {\n#pragma HLS dataflow\n    int m;\n    g(in, out, m);\n    if (m == 5) i++;\n  }\n}",
    "array_twice": f"static void show(int b[8], {S}& out) {{ for (int i = 0; i < 8; i++) out.write(b[i / 2]); }}\n" + FILL
    + F + "  int b[8];\n#pragma HLS stream variable=b type=fifo\n  fill(in, b);\n  show(b, out);\n}",
    "array_read_back": f"static void fill({S}& in, int b[8]) {{ for (int i = 0; i < 8; i++) {{ b[i] = in.read(); b[i] += b[i / 2]; }} }}\n" + SHOW
    + F + "  int b[8];\n#pragma HLS stream variable=b type=fifo\n  fill(in, b);\n  show(b, out);\n}",
    "array_of_an_inner_region": FILL + f"static void show(int b[8], {S}& out) {{ for (int i = 0; i < 8; i++) out.write(b[i]); }}\n"
    f"static void inner(int b[8], {S}& out) {{\n#pragma HLS dataflow\n  show(b, out);\n}}\n"
    + F + "  int b[8];\n#pragma HLS stream variable=b type=fifo\n  fill(in, b);\n  inner(b, out);\n}",
    "array_by_a_parameter": f"static void show(int b[8], {S}& out, int n) {{ for (int i = 0; i < n; i++) out.write(b[i]); }}\n" + FILL
    + f"void f({S}& in, {S}& out, int n) {{\n#pragma HLS dataflow\n  int b[8];\n#pragma HLS stream variable=b type=fifo\n  fill(in, b);\n  show(b, out, n);\n}}",
    "fifo_and_buffer": f"static void show(int b[8], {S}& out) {{ for (int i = 0; i < 8; i++) out.write(b[i]); }}\n" + FILL
    + f"void f({S}& in, {S}& in2, {S}& out, {S}& out2) {{\n#pragma HLS dataflow\n  int b[8], c[8];\n#pragma HLS stream variable=b type=fifo\n"
    "  fill(in, b);\n  show(b, out);\n  fill(in2, c);\n  show(c, out2);\n}",
    "shallow_stream": COPY + F + f"  {S} s;\n#pragma HLS stream variable=s depth=0\n  copy(in, s);\n  copy(s, out);\n}}",
}  # fmt: skip


def test_every_refusal_in_whole(golden):
    lines = []
    for name, source in REFUSED.items():
        with pytest.raises(CsynthError) as caught:
            make_hardware(compile_source(("source.cpp", HEAD + source), top="f"), clock_period_ps=3333)
        lines += [f"{name} [{caught.value.kind} {caught.value.code}]", f"  {caught.value}"]
    golden("csynth_frontend/dataflow_refusals.txt", "\n".join(lines) + "\n")
