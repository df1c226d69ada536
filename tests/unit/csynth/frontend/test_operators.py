"""`#pragma HLS bind_op`: which operation a mark means, what it changes in the schedule, and what is refused."""

import pytest

from csynth.driver import make_hardware
from csynth.errors import UnsupportedError
from csynth.frontend import compile_source

HEAD = '#include "ap_int.h"\n#include "hls_stream.h"\n'


def compiled(body, mark=""):
    source = f"{HEAD}int f(int a, int b) {{\n  int p;\n#pragma HLS bind_op {mark}\n  {body}\n  return p;\n}}"
    return compile_source(("source.cpp", source), top="f")


def bound(program):
    """(opcode, impl, latency) of every marked op."""
    ops = [op for block in program.function(program.top).blocks for op in block.ops]
    return [(op.opcode, op.impl, op.latency) for op in ops if op.impl != "auto" or op.latency is not None]


def refusal(body, mark):
    with pytest.raises(UnsupportedError) as caught:
        compiled(body, mark)
    return str(caught.value)


@pytest.mark.parametrize(
    ("body", "mark", "found"),
    [
        ("p = a * b;", "variable=p op=mul impl=dsp", [("umul", "dsp", None)]),
        ("p = a * b;", "VARIABLE=p OP=MUL IMPL=FABRIC LATENCY=1+1", [("umul", "fabric", 2)]),
        ("p = a * b;", "variable=p op=mul impl=fabric latency=-1", [("umul", "fabric", None)]),
        ("p = a + b;", "variable=p op=add latency=1", [("add", "auto", 1)]),
        ("p = a - b;", "variable=p op=sub impl=fabric", [("sub", "fabric", None)]),
        ("p = a - 5;", "variable=p op=sub latency=1", [("add", "auto", 1)]),
        ("p = a * b; p = p + a;", "variable=p op=mul latency=3", [("umul", "auto", 3)]),
        ("p = a > b ? (a * b) >> 3 : 7;", "variable=p op=mul impl=fabric", [("umul", "fabric", None)]),
    ],
)
def test_a_mark_means_the_operation_whose_result_the_variable_takes(body, mark, found):
    assert bound(compiled(body, mark)) == found


def test_an_equal_operation_without_a_mark_is_not_shared_with_a_marked_one():
    source = HEAD + (
        "int f(short a, short b) {\n  int p, q = a * b;\n#pragma HLS bind_op variable=p op=mul impl=fabric\n"
        "  p = a * b;\n  return p ^ (q >> 3);\n}"
    )
    ops = [op for block in compile_source(("source.cpp", source), top="f").function("f").blocks for op in block.ops]
    assert sorted((op.impl, op.result.width_bits) for op in ops if op.opcode == "smul") == [
        ("auto", 32),
        ("fabric", 32),
    ]


@pytest.mark.parametrize(("op", "sign"), [("mul", "*"), ("add", "+"), ("sub", "-")])
@pytest.mark.parametrize("latency", [0, 1, 4])
def test_the_schedule_obeys_the_latency(op, sign, latency):
    program = compiled(f"p = (short)a {sign} (short)b;", f"variable=p op={op} latency={latency}")
    (block,) = make_hardware(program, clock_period_ps=10_000).schedules["f"].blocks.values()
    ops = {op.opcode: block.start_cycle[op.id] for op in block.block.ops if op.opcode != "scalar"}
    (start,) = (ops[name] for name in ("smul", "add", "sub") if name in ops)
    assert ops["set"] - start == latency


def test_what_is_refused_in_whole():
    product = "p = a * b;"
    assert refusal(product, "variable=p op=fmul impl=dsp") == (
        "source.cpp:5:1: pragma HLS bind_op: op is 'fmul'; must be one of add, mul, sub. Use op=add."
    )
    assert refusal(product, "variable=p op=mul impl=dsp48") == (
        "source.cpp:5:1: pragma HLS bind_op: impl is 'dsp48'; must be one of dsp, fabric. Use impl=dsp."
    )
    assert refusal(product, "variable=p op=mul latency=7") == (
        "source.cpp:5:1: pragma HLS bind_op: latency is 7; must be between 0 and 4, or -1 for any. Use latency=4."
    )
    assert refusal(product, "variable=p op=mul latency=-2") == (
        "source.cpp:5:1: pragma HLS bind_op: latency is -2; must be between 0 and 4, or -1 for any. Use latency=0."
    )
    assert refusal(product, "variable=p impl=dsp") == (
        "source.cpp:5:1: pragma HLS bind_op names no operation. Add op=mul."
    )
    assert refusal(product, "op=mul impl=dsp") == (
        "source.cpp:5:1: pragma HLS bind_op names no variable. Add variable=<name>."
    )
    assert refusal(product, "variable=p.real op=mul impl=dsp") == (
        "source.cpp:5:1: pragma HLS bind_op: variable is 'p.real'; must be the name of a variable. Give the result a variable "
        "of its own."
    )
    assert refusal(product, "variable=p op=mul") == (
        "source.cpp:5:1: pragma HLS bind_op asks for neither impl nor latency. Add impl=dsp or latency=1."
    )
    assert refusal("p = a + b;", "variable=p op=add impl=dsp") == (
        "source.cpp:5:1: pragma HLS bind_op: impl is 'dsp' for op=add; must be 'fabric', csynth puts only products into "
        "DSPs. Use impl=fabric."
    )
    assert refusal("p = a * b + 3;", "variable=p op=mul impl=dsp") == (
        "source.cpp:5:1: pragma HLS bind_op: variable 'p' is given no result of op=mul: the last operation of its value is "
        "add. Assign the result of one mul of two values to the variable, or remove the pragma."
    )
    assert refusal("p = a * 8;", "variable=p op=mul impl=dsp") == (
        "source.cpp:5:1: pragma HLS bind_op: variable 'p' is given no result of op=mul: none is left of its value. "
        "Assign the result of one mul of two values to the variable, or remove the pragma."
    )


def test_two_marks_that_disagree_are_refused():
    mark = "variable=p op=mul impl=dsp\n#pragma HLS bind_op variable=p op=mul impl=fabric"
    assert refusal("p = a * b;", mark) == (
        "source.cpp:6:1: pragma HLS bind_op: variable 'p' takes the result of an operation that another bind_op asks something "
        "else of. Keep one of the two."
    )


def test_a_mark_in_a_dataflow_region_is_refused():
    source = HEAD + (
        "static void g(hls::stream<int>& in, hls::stream<int>& out) { out.write(in.read()); }\n"
        "void f(hls::stream<int>& in, hls::stream<int>& out) {\n#pragma HLS dataflow\n  int p;\n"
        "#pragma HLS bind_op variable=p op=mul impl=dsp\n  g(in, out);\n}"
    )
    with pytest.raises(UnsupportedError) as caught:
        compile_source(("source.cpp", source), top="f")
    assert str(caught.value) == (
        "source.cpp:7:1: pragma HLS bind_op stands in a dataflow region. Put it into the function that computes the value."
    )
