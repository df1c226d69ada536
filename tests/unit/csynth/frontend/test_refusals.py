"""The whole text of every refusal."""

import re
from dataclasses import replace

import pytest

from csynth.errors import CompileError, CsynthError, UnsupportedError
from csynth.frontend import compile_source
from csynth.frontend.foreign_pragmas import PASSED_OVER
from csynth.ir.interpret import Machine

HEAD = '#include "ap_int.h"\n#include "hls_stream.h"\n#include "hls_burst_maxi.h"\n'
SINK = "hls::stream<ap_int<8> >& in, hls::stream<ap_int<32> >& out"

REFUSED = {
    "missing_top": "void g() {}",
    "template_top": "template <int N> void f(hls::stream<ap_int<N> >& s) { s.read(); }",
    "no_body": f"void helper({SINK}); void f({SINK}) {{ helper(in, out); }}",
    "recursion": f"int g(int n) {{ return n < 2 ? n : g(n - 1) + g(n - 2); }}\nvoid f({SINK}) {{ out.write(g(in.read())); }}",
    "heap": f"void f({SINK}) {{\n  int n = in.read();\n  int* a = new int[n];\n  a[0] = n;\n  out.write(a[0]);\n}}",
    "indirect_call": f"int g(int x) {{ return x; }} int h(int x) {{ return -x; }}\nvoid f({SINK}) {{\n  int v = in.read();\n  int (*p)(int) = v ? g : h;\n  out.write(p(v));\n}}",
    "floating_point": f"void f({SINK}) {{\n  float x = (int)in.read();\n  out.write((int)(x * 0.5f));\n}}",
    "pointer_parameter": "void f(int* a, int i) { a[i] = 1; }",
    "interface_of_two_kinds": f"void f({SINK}) {{\n#pragma HLS interface axis port=in\n#pragma HLS interface ap_fifo port=in\n  out.write(in.read());\n}}",
    "interface_of_return": f"void f({SINK}) {{\n#pragma HLS interface axis port=return\n  out.write(in.read());\n}}",
    "interface_of_a_number": f"void f({SINK}, int n) {{\n#pragma HLS interface m_axi port=n\n  out.write(in.read() + n);\n}}",
    "interface_of_an_array": "void f(int a[8]) {\n#pragma HLS interface ap_fifo port=a\n  a[0] = 1;\n}",
    "registers_of_an_array": "void f(int a[8]) {\n#pragma HLS interface s_axilite port=a\n  a[0] = 1;\n}",
    "partition_of_an_array_argument": "void f(int a[8]) {\n#pragma HLS array_partition variable=a cyclic factor=2\n  a[0] = 1;\n}",
    "outstanding": "void f(int* a) {\n#pragma HLS interface m_axi port=a num_read_outstanding=0\n  a[0] = 1;\n}",
    "burst_length": "void f(int* a) {\n#pragma HLS interface m_axi port=a max_read_burst_length=512\n  a[0] = 1;\n}",
    "offset": "void f(int* a) {\n#pragma HLS interface m_axi port=a offset=far\n  a[0] = 1;\n}",
    "bundle_of_two_widths": "void f(int* a, char* b) {\n#pragma HLS interface m_axi port=a bundle=g\n#pragma HLS interface m_axi port=b bundle=g\n  a[0] = b[0];\n}",
    "wide_bus": "void f(ap_uint<600>* a) {\n#pragma HLS interface m_axi port=a\n  a[0] = 1;\n}",
    "unknown_type": "struct Pair { int a; float b; }; void f(hls::stream<Pair>& s) { s.read(); }",
    "unknown_name": f"void f({SINK}) {{\n  out.write(missing);\n}}",
    "syntax": f"void f({SINK}) {{\n  out.write(1)\n}}",
    "malloc": f"#include <stdlib.h>\nvoid f({SINK}) {{\n  int* a = (int*)malloc(16);\n  a[0] = in.read();\n  out.write(a[0]);\n}}",
    "heap_of_an_object": f"struct N {{ int v; N* next; }};\nvoid f({SINK}) {{\n  N* n = new N;\n  n->v = in.read();\n  out.write(n->v);\n  delete n;\n}}",
    "mutual_recursion": f"int g(int n);\nint h(int n) {{ return n ? g(n - 1) : 0; }}\nint g(int n) {{ return n ? h(n - 1) : 1; }}\nvoid f({SINK}) {{ out.write(g(in.read())); }}",
    "virtual_call": f"struct B {{ virtual int go(int x) {{ return x; }} }};\nstruct D : B {{ int go(int x) {{ return -x; }} }};\nvoid f({SINK}) {{\n  D d;\n  B& b = d;\n  out.write(b.go(in.read()));\n}}",
    "system_call": f'extern "C" int system(const char*);\nvoid f({SINK}) {{\n  out.write(system("ls") + in.read());\n}}',
    "standard_library": f"#include <vector>\nvoid f({SINK}) {{\n  std::vector<int> a;\n  a.push_back(in.read());\n}}",
    "missing_file": f'#include "nothing.h"\nvoid f({SINK}) {{ out.write(in.read()); }}',
    "inline_assembly": f'void f({SINK}) {{\n  int v = in.read();\n  asm volatile("nop" : "+r"(v));\n  out.write(v);\n}}',
    "assembly_beside_functions": f'asm(".globl x");\nvoid f({SINK}) {{ out.write(in.read()); }}',
    "throw": f"void f({SINK}) {{\n  int v = in.read();\n  if (v < 0) throw 1;\n  out.write(v);\n}}",
    "variadic": f"#include <stdarg.h>\nint g(int n, ...) {{\n  va_list l;\n  va_start(l, n);\n  int v = va_arg(l, int);\n  va_end(l);\n  return v;\n}}\nvoid f({SINK}) {{ out.write(g(1, (int)in.read())); }}",
    "thread_local": f"thread_local int t;\nvoid f({SINK}) {{\n  t += in.read();\n  out.write(t);\n}}",
    "atomic": f"void f({SINK}) {{\n  static int n;\n  __sync_fetch_and_add(&n, (int)in.read());\n  out.write(n);\n}}",
    "size_at_run_time": f"void f({SINK}) {{\n  int n = in.read();\n  int a[n];\n  for (int i = 0; i < n; i++) a[i] = in.read();\n  for (int i = 0; i < n; i++) out.write(a[n - 1 - i]);\n}}",
    "stack_at_run_time": f"void f({SINK}) {{\n  int n = in.read();\n  int* a = (int*)__builtin_alloca(4 * n);\n  for (int i = 0; i < n; i++) a[i] = in.read();\n  out.write(a[in.read()]);\n}}",
    "array_for_no_device": f"void f({SINK}) {{\n  int a[1000][1000][1000];\n  a[in.read()][1][2] = 3;\n  out.write(a[in.read()][4][5]);\n}}",
    "global_array_for_no_device": f"int a[6400000000] = {{1}};\nvoid f({SINK}) {{ out.write(in.read() + a[in.read()]); }}",
    "double": f"void f({SINK}) {{\n  double x = (int)in.read();\n  out.write((int)(x + 0.5));\n}}",
    "float_argument": f"void f(float x, {SINK}) {{ out.write(in.read() + (int)x); }}",
    "pointer_of_a_number": f"void f({SINK}) {{\n  int* p = (int*)(long)(int)in.read();\n  out.write(*p);\n}}",
    "pointer_chosen": f"void f({SINK}) {{\n  int a[4] = {{1, 2, 3, 4}}, b[4] = {{5, 6, 7, 8}};\n  int v = in.read();\n  int* p = v & 1 ? a : b;\n  p[v & 3] = v;\n  out.write(a[in.read() & 3] + b[in.read() & 3]);\n}}",
    "pointer_kept": f"void f({SINK}) {{\n  int a[4] = {{1, 2, 3, 4}}, b[4] = {{5, 6, 7, 8}};\n  int* t[2] = {{a, b}};\n  int v = in.read();\n  t[v & 1][v & 3] = v;\n  out.write(a[in.read() & 3] + b[in.read() & 3]);\n}}",
    "copy_of_unknown_size": f"#include <string.h>\nvoid f({SINK}) {{\n  char a[8], b[8];\n  for (int i = 0; i < 8; i++) a[i] = in.read();\n  memcpy(b, a, in.read());\n  out.write(b[0]);\n}}",
    "endless_template": f"template <int N> struct T {{ static const int v = T<N + 1>::v; }};\nvoid f({SINK}) {{ out.write(T<0>::v + in.read()); }}",
    "pragma": f"void f({SINK}) {{\n#pragma HLS pipelin\n  out.write(in.read());\n}}",
    "pragma_unlike_any": f"void f({SINK}) {{\n#pragma HLS xyzzy\n  out.write(in.read());\n}}",
    "pragma_protocol": f"void f({SINK}) {{\n#pragma HLS protocol fixed\n  out.write(in.read());\n}}",
    "pragma_alias": "void f(int* a, int* b) {\n#pragma HLS alias ports=a,b distance=0\n  a[0] = b[0];\n}",
    "pragma_reset": f"void f({SINK}) {{\n  static int n = 3;\n#pragma HLS reset variable=n\n  n += in.read();\n  out.write(n);\n}}",
    "pragma_of_an_older_release": f"void f({SINK}) {{\n  int a[4];\n#pragma HLS resource variable=a core=RAM_1P_BRAM\n  out.write(in.read());\n}}",
    "pragma_option": f"void f({SINK}) {{\n  for (int i = 0; i < 4; i++) {{\n#pragma HLS pipeline II=1 backwards\n    out.write(in.read());\n  }}\n}}",
    "pragma_choice": f"void f({SINK}) {{\n  int a[4];\n#pragma HLS array_partition variable=a type=diagonal\n  out.write(in.read());\n}}",
    "pragma_without_variable": f"void f({SINK}) {{\n#pragma HLS array_partition complete\n  out.write(in.read());\n}}",
    "pragma_of_unknown_variable": f"void f({SINK}) {{\n#pragma HLS array_partition variable=nothing complete\n  out.write(in.read());\n}}",
    "pipeline_outside_a_loop": f"void f({SINK}) {{\n#pragma HLS pipeline II=1\n  out.write(in.read());\n}}",
    "initiation_interval": f"void f({SINK}) {{\n  for (int i = 0; i < 4; i++) {{\n#pragma HLS pipeline II=0\n    out.write(in.read());\n  }}\n}}",
    "partition_factor": f"void f({SINK}) {{\n  int a[4];\n#pragma HLS array_partition variable=a cyclic factor=8\n"
    "  for (int i = 0; i < 4; i++) a[i] = in.read();\n  for (int i = 0; i < 4; i++) out.write(a[3 - i]);\n}",
    "partition_dimension": f"void f({SINK}) {{\n  int a[4];\n#pragma HLS array_partition variable=a complete dim=2\n"
    "  for (int i = 0; i < 4; i++) a[i] = in.read();\n  for (int i = 0; i < 4; i++) out.write(a[in.read() & 3]);\n}",
    "inner_loop": f"void f({SINK}) {{\n  OUTER: for (int i = 0; i < 4; i++) {{\n#pragma HLS pipeline\n    int n = in.read();\n    INNER: for (int j = 0; j < n; j++) out.write(in.read());\n  }}\n}}",
    "endless": f"void f({SINK}) {{\n  FOREVER: while (true) {{\n#pragma HLS pipeline\n    out.write(in.read());\n  }}\n}}",
    "interface_port": f"void f({SINK}) {{\n#pragma HLS interface axis port=nothing\n  out.write(in.read());\n}}",
    "stream_in_both_directions": f"void f({SINK}) {{\n  out.write(in.read());\n  in.write(1);\n}}",
    "dynamic_initialisation": f"int g(); struct S {{ int v; S() : v(g()) {{}} }};\nint g() {{ return 3; }}\nS s;\nvoid f({SINK}) {{ out.write(in.read() + s.v); }}",
    "dataflow_with_code": f"static void g({SINK}, int n) {{ out.write(in.read() + n); }}\nvoid f({SINK}, int n) {{\n#pragma HLS dataflow\n  g(in, out, n * n);\n}}",
    "dataflow_with_a_loop": f"static void g({SINK}) {{ out.write(in.read()); }}\nvoid f({SINK}, int n) {{\n#pragma HLS dataflow\n  for (int i = 0; i < n; i++) g(in, out);\n}}",
}


def refusal(source: str, top: str = "f") -> CsynthError:
    with pytest.raises(CsynthError) as caught:
        compile_source(("source.cpp", HEAD + source), top=top)
    return caught.value


def test_every_refusal_in_whole(golden):
    lines = []
    for name, source in REFUSED.items():
        error = refusal(source)
        assert isinstance(error, CompileError | UnsupportedError)
        lines += [f"{name} [{error.kind} {error.code}]", f"  {error}"]
    golden("csynth_frontend/refusals.txt", "\n".join(lines) + "\n")


def test_top_must_be_a_name():
    assert (
        str(refusal("void f() {}", "f(); void g"))
        == "csynth: top is 'f(); void g'; must be the name of a function. Give the function's plain name."
    )


def test_a_hostile_include_shows_nothing():
    error = refusal('#include "/etc/passwd"\nvoid f() {}')
    assert str(error) == "source.cpp:4:10: no include folder has '<path>/passwd'. Name its folder with -I."
    assert "root:" not in str(error.diagnostics)


def test_a_missing_include_says_which():
    stream = "void f(hls::stream<int>& in) { in.read(); }"
    burst = '#include "hls_stream.h"\nvoid f(hls::burst_maxi<ap_uint<8> > p) { p.read_request(0, 1); p.read(); }'
    number = "int f(int a) {\n  ap_int<9> b = a;\n  return b;\n}"
    texts = {}
    for name, text in {"stream": stream, "burst": burst, "number": number}.items():
        with pytest.raises(CompileError) as caught:
            compile_source(("source.cpp", text), top="f")
        assert caught.value.code == "include"
        texts[name] = str(caught.value)
    assert texts == {
        "stream": "source.cpp:1:8: use of undeclared identifier 'hls'. Add #include \"hls_stream.h\" at the top of the file.",
        "burst": "source.cpp:2:37: implicit instantiation of undefined template 'hls::burst_maxi<ap_uint<8>>'. "
        'Add #include "hls_burst_maxi.h" at the top of the file.',
        "number": "source.cpp:2:3: no template named 'ap_int'. Add #include \"ap_int.h\" at the top of the file.",
    }


def test_a_source_of_plain_integers_needs_no_header_and_its_macros_reach_none():
    text = "#define W 4\n#define T + 1\n#define parameter T\nint f(int a) { return a * W parameter; }"
    assert compile_source(("source.cpp", text), top="f").top == "f"


NOTED = {
    "array_stencil": "variable=n", "cache": "port=in lines=8", "expression_balance": "off", "function_instantiate": "variable=n",
    "latency": "min=1 max=4", "loop_merge": "force", "occurrence": "cycle=4", "performance": "target_ti=10", "stable": "variable=n",
    "top": "name=f", "reset": "variable=n off",
}  # fmt: skip


def test_a_pragma_without_effect_is_noted_once_and_changes_nothing():
    def program(pragma):
        body = f"void f({SINK}) {{\n{pragma}\n  int n = in.read();\n  out.write(n * 3 + 1);\n}}"
        return compile_source(("source.cpp", HEAD + body), top="f").function("f")

    plain = program("")
    assert set(PASSED_OVER) <= set(NOTED)
    forms = ("#pragma HLS {kind} {options}", '_Pragma("HLS {kind} {options}")', "#pragma HLS {upper}  {options} // why")
    for number, (kind, options) in enumerate(NOTED.items()):
        text = forms[number % len(forms)].format(kind=kind, upper=kind.upper(), options=options)
        noted = program(text)
        assert len(noted.notes) == 1
        assert re.fullmatch(rf"source\.cpp:5:1: pragma HLS {kind} has no effect: [^.]+\.", noted.notes[0])
        assert replace(noted, notes=()) == replace(plain, notes=())


def test_an_array_whose_size_folds_to_a_constant_is_an_array_of_that_size():
    body = f"void f({SINK}) {{\n  int n = 4;\n  int a[n];\n  for (int i = 0; i < n; i++) a[i] = in.read();\n  for (int i = 0; i < n; i++) out.write(a[n - 1 - i]);\n}}"
    program = compile_source(("source.cpp", HEAD + body), top="f")
    found = Machine(program).run(scalars={}, streams={"in": [1, 2, 3, 4]})
    assert found.streams["out"] == [4, 3, 2, 1]


@pytest.mark.parametrize(
    "header", ["stdint.h", "cstdint", "stddef.h", "cstddef", "climits", "assert.h", "cassert", "stdio.h", "cstdio"]
)
def test_headers_that_sources_usually_have_may_stay(header):
    body = f"#include <{header}>\nvoid f({SINK}) {{ out.write(in.read() + 1); }}"
    assert compile_source(("source.cpp", HEAD + body), top="f").function("f").notes == ()


def test_asserts_and_prints_are_no_hardware():
    text = f'#include <cassert>\n#include <cstdio>\nvoid f({SINK}) {{\n  int v = in.read();\n  assert(v > 0);\n  std::printf("%d %s\\n", v, "x");\n  puts("x");\n  out.write(v);\n}}'
    plain = f"void f({SINK}) {{\n  int v = in.read();\n  out.write(v);\n}}"
    kinds = [
        [op.opcode for op in compile_source(("s.cpp", HEAD + body), top="f").function("f").blocks[0].ops]
        for body in (text, plain)
    ]
    assert kinds[0] == kinds[1]


def test_the_source_may_know_that_it_is_synthesised():
    body = f"void f({SINK}) {{\n#ifndef __SYNTHESIS__\n  throw 1;\n#endif\n  out.write(in.read());\n}}"
    assert compile_source(("source.cpp", HEAD + body), top="f")
