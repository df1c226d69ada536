"""Fixed-point numbers and structs through the front end: C simulation = interpreter, and the whole text of what is refused."""

import pytest
from unit.csynth.frontend.native import simulate
from unit.csynth.frontend.test_refusals import refusal
from unit.csynth.frontend.types_cases import HEAD, NESTED, TYPES_CASES

from csynth.frontend import compile_source
from csynth.ir.interpret import Machine


@pytest.mark.parametrize("name", TYPES_CASES)
def test_csim_equals_interpreter(name, tmp_path):
    case = TYPES_CASES[name]
    wanted = simulate(case, tmp_path)
    program = compile_source((f"{name}.cpp", case.source), top=case.top)
    outcome = Machine(program).run(streams=case.streams, scalars=case.scalars)
    assert outcome.streams["out"] == wanted["out"]


def test_a_struct_lies_in_its_word_from_the_first_member_up():
    source = (
        NESTED
        + "void f(hls::stream<Outer>& in, hls::stream<ap_uint<44> >& out) {\n"
        + """
  Outer v = in.read();
  out.write((v.in[1].c[1], v.in[1].c[0], v.in[0].b, v.tag, v.in[0].a, ap_uint<7>(v.s)));
}"""
    )
    source = source.replace("(v.in[1].c[1], v.in[1].c[0], ", "(v.in[1].c[1].range(), v.in[1].c[0].range(), ").replace(
        "v.in[0].b,", "ap_uint<1>(v.in[0].b),"
    )
    program = compile_source(("f.cpp", HEAD + source), top="f")
    port = program.function("f").ports[0]
    assert port.width_bits == 127
    word = 0b1_0000_0001 | 1 << 9 | 0xABC << (34 + 10) | 0x123 << (34 + 22) | 0b101 << 68 | 0x55 << 71
    out = Machine(program).run(streams={"in": [word]}).streams["out"]
    assert out == [0x123 << 32 | 0xABC << 20 | 1 << 19 | 0b101 << 16 | 0b1_0000_0001 << 7 | 0x55]


@pytest.mark.parametrize(
    ("modes", "most_bits"),
    [("AP_TRN, AP_WRAP", 16), ("AP_RND, AP_SAT", 18), ("AP_RND_CONV, AP_SAT_SYM", 18), ("AP_TRN_ZERO, AP_WRAP_SM", 18)],
)
def test_hardware_of_a_conversion_is_no_wider_than_its_numbers(modes, most_bits):
    source = f"void f(hls::stream<ap_fixed<16, 8> >& in, hls::stream<ap_fixed<8, 4, {modes}> >& out) {{ out.write(in.read() + ap_fixed<8, 2>(0.25)); }}"
    program = compile_source(("f.cpp", HEAD + source), top="f")
    widths = [op.result.width_bits for block in program.function("f").blocks for op in block.ops if op.result]
    assert max(widths) <= most_bits


_STREAMS = "hls::stream<{0} >& in, hls::stream<{0} >& out"
_COPY = "{{\n  out.write(in.read());\n}}"


def _through(members: str) -> str:
    return f"struct Word {{ {members} }};\nvoid f({_STREAMS.format('Word')}) {_COPY.format()}"


REFUSED = {
    "run_time_double": f"void f({_STREAMS.format('ap_fixed<8, 4>')}) {{\n  double d = in.read().to_int();\n  out.write(ap_fixed<8, 4>(d * 0.3));\n}}",
    "to_double": f"void f({_STREAMS.format('ap_fixed<8, 4>')}) {{\n  out.write(in.read().to_double());\n}}",
    "pointer_member": _through("int* p;"),
    "reference_member": _through("int& p;"),
    "union_member": _through("int a; union { int b; short c; } u;"),
    "virtual_member": _through("int a; virtual int g() { return a; }"),
    "float_member": _through("int a; float b;"),
    "double_stream": f"void f({_STREAMS.format('double')}) {_COPY.format()}",
    "empty_struct": _through(""),
    "bit_field": _through("unsigned a : 3; unsigned b : 5;"),
    "private_member": "class Word { int a; };\n" + f"void f({_STREAMS.format('Word')}) {_COPY.format()}",
    "member_in_two_classes": "struct Base { int a; };\nstruct Word : Base { int b; };\n"
    + f"void f({_STREAMS.format('Word')}) {_COPY.format()}",
    "struct_parameter": "struct Word { int a; short b; };\nvoid f(Word w, hls::stream<int>& out) {\n  out.write(w.a);\n}",
    "unsigned_wrap_sm": f"void f({_STREAMS.format('ap_ufixed<8, 4, AP_TRN, AP_WRAP_SM>')}) {{\n  out.write(in.read() + 1);\n}}",
    "aggregate_byte": f"void f({_STREAMS.format('int')}) {{\n#pragma HLS aggregate variable=in compact=byte\n  out.write(in.read());\n}}",
    "aggregate_a_variable": f"struct Word {{ int a; short b; }};\nvoid f({_STREAMS.format('int')}) {{\n  Word w;\n#pragma HLS aggregate variable=w\n  w.a = in.read();\n  out.write(w.a);\n}}",
    "disaggregate_a_stream": f"void f({_STREAMS.format('int')}) {{\n#pragma HLS disaggregate variable=in\n  out.write(in.read());\n}}",
    "aggregate_nothing": f"void f({_STREAMS.format('int')}) {{\n#pragma HLS aggregate\n  out.write(in.read());\n}}",
    "padded_axis": f"struct Word {{ ap_uint<5> a; short b; }};\nvoid f({_STREAMS.format('Word')}) {{\n#pragma HLS interface axis port=in\n  out.write(in.read());\n}}",
}


def test_every_refusal_in_whole(golden):
    lines = []
    for name, source in REFUSED.items():
        error = refusal('#include "ap_fixed.h"\n' + source)
        lines += [f"{name} [{error.kind} {error.code}]", f"  {error}"]
    golden("csynth_frontend/types_refusals.txt", "\n".join(lines) + "\n")


def test_a_struct_without_padding_may_stand_on_an_axis_port():
    source = f"struct Word {{ ap_uint<16> a; short b; int c; }};\nvoid f({_STREAMS.format('Word')}) {{\n#pragma HLS interface axis port=in\n  out.write(in.read());\n}}"
    assert compile_source(("f.cpp", HEAD + source), top="f").function("f").ports[0].width_bits == 64
