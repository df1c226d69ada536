"""Arrays that are set and copied as a whole: C simulation = the IR's interpreter, one element of each bank a cycle."""

import pytest
from unit.csynth.frontend.cases import HEAD
from unit.csynth.frontend.copy_cases import COPIES, WALKS
from unit.csynth.frontend.native import agree

from csynth.errors import UnsupportedError
from csynth.frontend import compile_source
from csynth.ir.text import parse, print_program


@pytest.mark.parametrize("name", [*COPIES, *WALKS])
def test_csim_equals_interpreter(name, tmp_path):
    case = {**COPIES, **WALKS}[name]
    program = compile_source((f"{name}.cpp", case.source), top=case.top)
    assert parse(print_program(program)) == program
    agree(case, program, tmp_path)


def _loops(body: str, trips: str = "init_a"):
    source = f"{HEAD}void f(hls::stream<int>& in, hls::stream<int>& out) {{\n{body}\n  a[in.read() & 63] = in.read();\n  out.write(a[in.read() & 63]);\n}}"
    function = compile_source(("loops.cpp", source), top="f").functions[0]
    return [(x.name, x.pipeline and x.pipeline.initiation_interval, x.trip_count.maximum) for x in function.loops]


def test_a_whole_array_is_set_by_a_pipelined_loop():
    assert _loops("int a[64] = {0};") == [("init_a", 1, 64)]


def test_banks_are_set_in_parallel():
    cyclic = "int a[64] = {0};\n#pragma HLS array_partition variable=a cyclic factor=8"
    assert _loops(cyclic) == [("init_a", 1, 8)]
    assert _loops(cyclic.replace("cyclic", "block")) == [("init_a", 1, 8)]
    assert _loops(cyclic.replace("cyclic factor=8", "complete")) == []


def test_a_size_that_is_not_constant_is_refused():
    source = f"{HEAD}#include <string.h>\nvoid f(hls::stream<int>& in, hls::stream<int>& out) {{\n  int a[64];\n  memset(a, 0, in.read());\n  out.write(a[in.read()]);\n}}"
    with pytest.raises(UnsupportedError) as caught:
        compile_source(("source.cpp", source), top="f")
    assert str(caught.value) == (
        "source.cpp:7:3: an array is set or copied as a whole, of a size or a type that is not known. "
        "Give a constant number of bytes and elements of one integer type, or write a loop over its elements."
    )


def test_a_pointer_into_two_arrays_is_refused():
    body = "int a[9], b[9];\n  int* p = in.read() ? a : b;\n  for (int i = 0; i < 9; i++) a[i] = b[i] = in.read();\n  for (int i = 0; i < 9; i++) {\n    out.write(*p);\n    p = *p & 1 ? p + 1 : a;\n  }"
    source = f"{HEAD}void f(hls::stream<int>& in, hls::stream<int>& out) {{\n  {body}\n}}"
    with pytest.raises(UnsupportedError) as caught:
        compile_source(("source.cpp", source), top="f")
    assert caught.value.code == "pointer_phi"
    assert str(caught.value).endswith(
        "a pointer changes at run time and does not stay within one array. "
        "Let it walk over one array only, or use array subscripts."
    )


def test_a_copy_from_a_bus_is_one_burst():
    source = "#include <cstring>\nvoid f(int* from, int* to) {\n#pragma HLS interface m_axi port=from bundle=g\n#pragma HLS interface m_axi port=to bundle=g\n  int a[64];\n  std::memcpy(a, from, sizeof a);\n  for (int i = 0; i < 64; i++) a[i] += i;\n  memcpy(to + 8, a, sizeof a);\n}"
    function = compile_source(("bus.cpp", source), top="f").functions[0]
    loops = {name for loop in function.loops for name in loop.blocks}
    requests = {
        op.target: block.name in loops for block in function.blocks for op in block.ops if op.target in {"g_AR", "g_AW"}
    }
    assert requests == {"g_AR": False, "g_AW": False}
    assert [loop.name for loop in function.loops if loop.pipeline] == ["copy_to", "copy_a"]
