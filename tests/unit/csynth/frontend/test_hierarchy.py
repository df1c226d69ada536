"""Kept functions: C simulation = interpreter, names, refusals, and how often a module is compiled."""

import re

import pytest
from unit.csynth.frontend.cases import HEAD
from unit.csynth.frontend.hierarchy_cases import HIERARCHY
from unit.csynth.frontend.native import simulate

from csynth.driver import make_hardware
from csynth.errors import ScheduleError, UnsupportedError
from csynth.frontend import compile_source
from csynth.frontend.names import readable
from csynth.ir.interpret import Machine
from csynth.ir.text import parse, print_program
from csynth.report.build import build_report


def _compiled(name):
    case = HIERARCHY[name]
    return compile_source((f"{name}.cpp", case.source), top=case.top)


@pytest.mark.parametrize("name", HIERARCHY)
def test_csim_equals_interpreter(name, tmp_path):
    case = HIERARCHY[name]
    wanted = simulate(case, tmp_path)
    program = compile_source((f"{name}.cpp", case.source), top=case.top)
    assert parse(print_program(program)) == program
    outcome = Machine(program).run(streams=case.streams)
    assert outcome.streams["out"] == wanted["out"]
    assert outcome.left["in"] == []


@pytest.mark.parametrize("latency", [1, 3, 5])
@pytest.mark.parametrize("interval", [1, 2])
def test_a_pipelined_callee_has_its_latency_and_interval(latency, interval):
    hardware = make_hardware(_compiled(f"pipelined_{latency}_ii{interval}"), clock_period_ps=3333)
    timing = hardware.schedules["f"].timing
    assert timing is not None
    assert (timing.latency_cycles, timing.initiation_interval) == (latency, interval)
    assert [b.initiation_interval for b in hardware.schedules["top"].blocks.values() if b.loop] == [interval]


@pytest.mark.parametrize(
    ("name", "interval", "reason", "counts"),
    [
        ("shared_1", 4, "the one instance of f is used 4 times in an iteration and needs II >= 4", {"f": 1}),
        ("shared_2", 2, "the 2 instances of f are used 4 times in an iteration and need II >= 2", {"f": 2}),
        ("shared_under_a_condition", 1, None, {"f": 1}),
        (
            "shared_products_1",
            4,
            "the one instance of top_mul_29x16 is used 4 times in an iteration and needs II >= 4",
            {"top_mul_29x16": 1},
        ),
        ("pipelined_1_ii2", 2, "the call of f takes new operands every 2 cycles and needs II >= 2", {"f": 1}),
        ("accumulator", 1, None, {"mac_1_0": 1}),
    ],
)
def test_limits_set_the_interval_and_the_report_says_why(name, interval, reason, counts):
    program = _compiled(name)
    hardware = make_hardware(program, clock_period_ps=3333)
    report = build_report(program, hardware.schedules, part="xczu7ev", clock_period_ps=3333, tool="test")
    (loop,) = report.loops
    assert (loop.ii, loop.ii_limited_by) == (interval, reason)
    assert {module.name: module.instances for module in report.modules} == {"top": 1, **counts}


def test_many_calls_are_one_module():
    program = _compiled("array_of_macs")
    hardware = make_hardware(program, clock_period_ps=3333)
    assert [f.name for f in program.functions] == ["top", "mac_1_2"]
    assert list(hardware.verilog) == ["top", "mac_1_2", "csynth_dsp_product", "DSP48E2"]
    assert len(re.findall(r"^  mac_1_2 mac_1_2_\d+ \($", hardware.verilog["top"], re.MULTILINE)) == 16
    report = build_report(program, hardware.schedules, part="xczu7ev", clock_period_ps=3333, tool="test")
    mac = report.modules[1]
    assert (mac.instances, mac.latency_cycles.maximum, mac.ii) == (16, 1, 1)


def test_instances_multiply_down_the_hierarchy():
    program = _compiled("nested")
    hardware = make_hardware(program, clock_period_ps=3333)
    report = build_report(program, hardware.schedules, part="xczu7ev", clock_period_ps=3333, tool="test")
    assert {module.name: module.instances for module in report.modules} == {"top": 1, "outer": 1, "inner": 3}


def test_states_share_one_instance():
    hardware = make_hardware(_compiled("in_states"), clock_period_ps=3333)
    assert len(re.findall(r"^  f f_\d+ \($", hardware.verilog["top"], re.MULTILINE)) == 1


NAMES = (
    HEAD
    + """
#include <stdint.h>
struct Pair { int a; };
namespace deep { template <int N, bool B> struct Box { static int run(int x) {
#pragma HLS inline off
  return B ? x + N : x; } }; }
template <int A, int B> int mac(int x) {
#pragma HLS inline off
  return x * A + B; }
template <class T> int typed(int x) {
#pragma HLS inline off
  return x ^ (int)sizeof(T); }
template <class T, class U> struct Two {};
static int twice(int x) {
#pragma HLS inline off
  return x * 2; }
static int twice(short x) {
#pragma HLS inline off
  return x * 3; }
void top(hls::stream<ap_int<32> >& in, hls::stream<ap_int<32> >& out) {
  int x = in.read();
  x = mac<8, 32>(x) + mac<-3, 0>(x) + deep::Box<-5, true>::run(x) + deep::Box<2, false>::run(x);
  x += typed<ap_int<8> >(x) + typed<Two<Pair, ap_uint<3> > >(x) + typed<uint8_t>(x) + typed<const Pair*>(x);
  x += typed<Two<Two<Pair, Pair>, Two<Pair, ap_int<8> > > >(x) + typed<int[4]>(x);
  out.write(x + twice(x) + twice((short)x));
}
"""
)


def test_names_of_instances(golden):
    program = compile_source(("names.cpp", NAMES), top="top")
    golden("csynth_frontend/names.txt", "\n".join(sorted(f.name for f in program.functions)) + "\n")


@pytest.mark.parametrize(
    ("symbol", "name"),
    [
        ("_Z3macILi8ELi32EEvRiaa", "mac_8_32"),
        ("_ZN12_GLOBAL__N_13fooILi3EEEvi", "anonymous__foo_3"),
        ("_ZL5localILi2EEvv", "local_2"),
        ("_Z1fI6ap_intILi8EE4PairIS1_S1_EEvv", "f_ap_int_8_Pair_ap_int_8_ap_int_8"),
        ("_Z1hIDB8_DU7_aEvv", "h_int8_uint7_schar"),
        ("_Z1vIJLi1ELi2EEEvv", "v_1_2"),
        ("plain", "plain"),
        ("_Z3oddI?", "odd"),
    ],
)
def test_readable(symbol, name):
    assert readable(symbol) == name


KEPT = "#pragma HLS inline off\n"
SINK = "(hls::stream<ap_int<32> >& in, hls::stream<ap_int<32> >& out)"


def _in_a_loop(functions: str, call: str) -> str:
    return (
        f"{functions}\nvoid top{SINK} {{\n  LOOP: for (int i = 0; i < 4; i++) {{\n#pragma HLS pipeline\n"
        f"    int x = in.read();\n    {call}\n    out.write(x);\n  }}\n}}"
    )


REFUSED = {
    "a loop in a callee of a pipeline": _in_a_loop(
        f"int f(int n) {{\n{KEPT}  int s = 0;\n  SUM: for (int i = 0; i < n; i++) s += i * s + 1;\n  return s;\n}}",
        "x = f(x);",
    ),
    "a stream in a callee of a pipeline": _in_a_loop(
        f"void f(int n, hls::stream<ap_int<32> >& o) {{\n{KEPT}  o.write(n);\n}}", "f(x, out);"
    ),
    "state in a callee of a pipeline": _in_a_loop(
        f"int f(int n) {{\n{KEPT}  static int total = 0;\n  total += n;\n  return total;\n}}", "x = f(x);"
    ),
    "a memory in a callee of a pipeline": _in_a_loop(
        f"int f(int n) {{\n{KEPT}  int a[4];\n  a[n & 3] = n;\n  return a[(n >> 2) & 3];\n}}", "x = f(x);"
    ),
    "what it calls": _in_a_loop(
        f"int g(int n) {{\n{KEPT}  static int total = 0;\n  total += n;\n  return total;\n}}\n"
        f"int f(int n) {{\n{KEPT}  return g(n) + 1;\n}}",
        "x = f(x);",
    ),
    "two users of one static variable": (
        f"static int total = 0;\nint f(int n) {{\n{KEPT}  total += n;\n  return total;\n}}\n"
        f"void top{SINK} {{\n  total++;\n  out.write(f(in.read()) + total);\n}}"
    ),
    "two instances of a static variable": (
        f"int g(int n) {{\n{KEPT}  static int total = 0;\n  total += n;\n  return total;\n}}\n"
        f"int f(int n) {{\n{KEPT}  return g(n) + 1;\n}}\nint h(int n) {{\n{KEPT}  return g(n) + 2;\n}}\n"
        f"void top{SINK} {{\n  out.write(f(in.read()) + h(in.read()));\n}}"
    ),
    "a pipelined function with a stream": (
        f"void f{SINK} {{\n#pragma HLS pipeline II=1\n  out.write(in.read());\n}}\nvoid top{SINK} {{ f(in, out); }}"
    ),
    "a pipelined function with an open loop": (
        "int f(int n) {\n#pragma HLS pipeline II=1\n  int s = 1;\n  OPEN: for (int i = 0; i < n; i++) s = s * s + i;\n  return s;\n}\n"
        f"void top{SINK} {{ out.write(f(in.read())); }}"
    ),
    "an interval of a function": (
        f"int f(int n) {{\n#pragma HLS pipeline II=0\n  return n + 1;\n}}\nvoid top{SINK} {{ out.write(f(in.read())); }}"
    ),
    "inline and pipeline": (
        f"int f(int n) {{\n#pragma HLS inline\n#pragma HLS pipeline II=1\n  return n + 1;\n}}\nvoid top{SINK} {{ out.write(f(in.read())); }}"
    ),
    "an array of unknown size": (
        f"int f(const int* a, int n) {{\n#pragma HLS pipeline II=1\n  return a[n & 7];\n}}\nvoid top{SINK} {{\n  int a[8];\n"
        "  for (int i = 0; i < 8; i++) a[i] = in.read();\n  out.write(f(a, in.read()));\n}"
    ),
    "a large array": (
        f"int f(const int (&a)[999], int n) {{\n#pragma HLS pipeline II=1\n  return a[n & 7];\n}}\nvoid top{SINK} {{\n  int a[999];\n"
        "  for (int i = 0; i < 999; i++) a[i] = in.read();\n  out.write(f(a, in.read()));\n}"
    ),
    "one object twice": (
        f"void f(int& a, const int& b) {{\n{KEPT}  a += b;\n  a += b;\n}}\nvoid top{SINK} {{\n  int a = in.read();\n  f(a, a);\n  out.write(a);\n}}"
    ),
    "an allocation of nothing": f"void top{SINK} {{\n#pragma HLS allocation function instances=f limit=1\n  out.write(in.read());\n}}",
    "an allocation without a limit": f"void top{SINK} {{\n#pragma HLS allocation function instances=f\n  out.write(in.read());\n}}",
    "an allocation of neither": f"void top{SINK} {{\n#pragma HLS allocation instances=f limit=1\n  out.write(in.read());\n}}",
    "an allocation of an unknown operation": f"void top{SINK} {{\n#pragma HLS allocation operation instances=icmp limit=1\n  out.write(in.read());\n}}",
    "a limit of 0": (
        f"int f(int n) {{ return n + 1; }}\nvoid top{SINK} {{\n#pragma HLS allocation function instances=f limit=0\n  out.write(f(in.read()));\n}}"
    ),
}


def test_every_refusal_in_whole(golden):
    texts = []
    for name, source in REFUSED.items():
        with pytest.raises(UnsupportedError) as caught:
            compile_source((f"{name.replace(' ', '_')}.cpp", HEAD + source), top="top")
        texts.append(f"{name}\n  {caught.value.code}\n  {caught.value}\n")
    golden("csynth_frontend/hierarchy_refusals.txt", "\n".join(texts))


def test_a_limit_on_a_module_that_shares_inside_is_refused():
    source = (
        f"{HEAD}static int inner(short a, short b) {{\n{KEPT}  return a * b;\n}}\n"
        "static int outer(short a, short b) {\n#pragma HLS pipeline II=2\n#pragma HLS allocation function instances=inner limit=1\n"
        "  return inner(a, b) + inner(b, 3);\n}\n"
        + _in_a_loop("#define LIMIT", "x = outer(x, x >> 16) + outer(x, 3);").replace(
            "#pragma HLS pipeline\n", "#pragma HLS pipeline\n#pragma HLS allocation function instances=outer limit=1\n"
        )
    )
    program = compile_source(("shares.cpp", source), top="top")
    with pytest.raises(ScheduleError) as caught:
        make_hardware(program, clock_period_ps=3333)
    assert str(caught.value) == (
        "shares.cpp:17:1: pragma HLS allocation: limit of 'outer' is 1, and 'outer' itself shares an operator or a memory port between its "
        "cycles. Take away the limit, or what 'outer' shares."
    )


INLINED = f"""
void scale(int (&a)[999], int by) {{
{KEPT}  for (int i = 0; i < 999; i++) a[i] *= by;
}}
int pick(const int (&a)[16], int n) {{
{KEPT}  return a[n & 15];
}}
int tail(int* a, int n) {{
{KEPT}  return a[n & 7];
}}
int twice(int n) {{
{KEPT}  return n * 2;
}}
void top{SINK} {{
  int a[999], b[16];
  for (int i = 0; i < 999; i++) a[i] = i ^ 5;
  for (int i = 0; i < 16; i++) b[i] = in.read();
  scale(a, 3);
  int s = 0;
  for (int i = 0; i < 999; i++) s += a[i];
  out.write(twice(s));
  out.write(pick(b, s));
  out.write(tail(b, s));
}}"""


def test_what_cannot_be_a_module_of_its_own_is_inlined_with_a_note():
    """`inline off` gives way where a parameter does not fit into a word; a function that can be kept is."""
    program = compile_source(("given.cpp", HEAD + INLINED), top="top")
    assert [function.name for function in program.functions] == ["top", "twice"]
    place, kept = HEAD.count("\n"), "of the separate function"
    assert program.function("top").notes == (
        f"given.cpp:{place + 2}: the parameter 'a' {kept} 'scale' has 31968 bits; must be at most 4096: inlined",
        f"given.cpp:{place + 8}:10: the array 'a' is not accessed element by element in the separate function 'pick', which takes "
        "it as one word: inlined",
        f"given.cpp:{place + 10}: the parameter 'a' {kept} 'tail' is an array of unknown size: inlined",
    )
    words = [100 + 7 * k for k in range(16)]
    total = 3 * sum(i ^ 5 for i in range(999))
    out = Machine(program).run(streams={"in": list(words)}).streams["out"]
    assert out == [2 * total, words[total & 15], words[total & 7]]


def test_a_later_refusal_names_what_was_inlined_before_it():
    source = (
        f"static int g(int* a, int n) {{\n{KEPT}  static int s = 0;\n  s += n;\n  a[n & 7] = s;\n  return s;\n}}\n"
        f"int k(int n) {{\n{KEPT}  int b[8] = {{0}};\n  return g(b, n);\n}}\n"
        f"void top{SINK} {{\n  int a[8] = {{0}};\n  int n = in.read();\n  out.write(g(a, n) + k(n));\n}}"
    )
    with pytest.raises(UnsupportedError) as caught:
        compile_source(("given.cpp", HEAD + source), top="top")
    assert caught.value.code == "static_state"
    assert caught.value.remedy.endswith(
        f"given.cpp:{HEAD.count(chr(10)) + 1}: the parameter 'a' of the separate function 'g' is an array of unknown size: inlined"
    )


def test_a_pipeline_pragma_of_the_top_unrolls_its_loops_and_is_told():
    """The top takes one call after another, so that its calls cannot overlap."""
    code = """#include "ap_int.h"
ap_int<20> top(ap_uint<32> a, ap_int<8> b) {
#pragma HLS pipeline II=1
  ap_int<20> sum = 0;
  for (int i = 0; i < 4; i++) sum += ap_int<8>(a(8 * i + 7, 8 * i)) * b;
  return sum;
}
"""
    program = compile_source(("top.cpp", code), top="top")
    top = program.function("top")
    assert [note for note in top.notes if "pipeline" in note] == [
        "top.cpp:3:1: pragma HLS pipeline: its loops are unrolled, and calls of the top follow one another."
    ]
    assert not top.loops
    outcome = Machine(program).run(scalars={"a": 0x01020304, "b": -2})
    assert set(outcome.scalars.values()) == {(1 << 20) - 20}
