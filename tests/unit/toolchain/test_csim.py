"""Every class of error of the contract, the compiler and the simulation, with its whole text."""

from __future__ import annotations

from pathlib import Path

import pytest

from aigchip.core.errors import ToolMissingError
from aigchip.template.module import Port
from aigchip.template.vectors import Vector
from aigchip.toolchain.contract import Contract, callee_name
from aigchip.toolchain.csim import simulate
from aigchip.toolchain.errors import CLASSES, ModuleRejectedError
from aigchip.toolchain.harness import harness_source
from aigchip.toolchain.sandbox import RunLimits
from aigchip.toolchain.words import VectorError
from csynth.errors import CompileError
from csynth.frontend import compile_source

pytestmark = pytest.mark.verifies("csim")

LIMITS = RunLimits(fuel=100_000_000, memory_bytes=24 << 20)


def port(name: str, kind: str, width_bits: int) -> Port:
    return Port(name=name, kind=kind, width_bits=width_bits, meaning="")


ADD = Contract(
    function="add",
    declaration="void add(hls::stream<ap_uint<12> >& x, ap_uint<4> k, hls::stream<ap_uint<12> >& y)",
    ports=(port("x", "stream_in", 12), port("k", "scalar_in", 4), port("y", "stream_out", 12)),
)
HEAD = '#include "ap_int.h"\n#include "hls_stream.h"\n' + ADD.declaration
VECTORS = [
    Vector(name="three", scalars_in={"k": 2}, streams_in={"x": (1, 2, 0xFFF)}, streams_out={"y": (3, 4, 1)}),
    Vector(name="one", scalars_in={"k": 1}, streams_in={"x": (4,)}, streams_out={"y": (5,)}),
]
COPY = Contract(
    function="copy",
    declaration="void copy(hls::burst_maxi<ap_uint<64> > g, ap_uint<8> n)",
    ports=(port("g", "maxi", 64), port("n", "scalar_in", 8)),
)
COPY_HEAD = '#include "ap_int.h"\n#include "hls_burst_maxi.h"\n' + COPY.declaration
COPY_VECTORS = [
    Vector(
        name="copy two",
        scalars_in={"n": 2},
        memories_in={"g": (7, 1 << 63, 0, 0)},
        memories_out={"g": (7, 1 << 63, 7, 1 << 63)},
    )
]
SUM = Contract(
    function="sum",
    declaration="ap_uint<100> sum(ap_uint<100> a, ap_uint<100> b)",
    ports=(port("a", "scalar_in", 100), port("b", "scalar_in", 100), port("return", "return", 100)),
)
SUM_VECTORS = [Vector(name="carry", scalars_in={"a": (1 << 99) - 1, "b": 1}, returns=1 << 99)]


def run(body: str, before: str = ""):
    return simulate(HEAD.replace("void add", before + "void add") + body, ADD, VECTORS, limits=LIMITS)


def first(body: str, before: str = "") -> tuple[str, str]:
    result = run(body, before)
    assert not result.ok
    assert result.errors[0].error_class in CLASSES
    return result.errors[0].error_class, str(result.errors[0])


def test_right_code_passes_and_says_what_it_cost():
    result = run("{ for (int i = x.size(); i > 0; i--) y.write(x.read() + k); }")
    assert result.ok
    assert result.errors == ()
    assert result.vectors == 2
    assert result.fuel > 100
    assert 0 < result.compile_seconds <= result.seconds
    assert run("{ for (int i = x.size(); i > 0; i--) y.write(x.read() + k); }").fuel == result.fuel


def test_memory_ports():
    body = (
        "{ g.read_request(0, n); ap_uint<64> w[4]; for (int i = 0; i < n; i++) w[i] = g.read();"
        " g.write_request(n, n); for (int i = 0; i < n; i++) g.write(w[i]); g.write_response(); }"
    )
    assert simulate(COPY_HEAD + body, COPY, COPY_VECTORS).ok


def test_scalar_functions():
    code = '#include "ap_int.h"\n' + SUM.declaration
    assert simulate(code + " { return a + b; }", SUM, SUM_VECTORS).ok
    wrong = simulate(code + " { return a ^ b; }", SUM, SUM_VECTORS).errors[0]
    assert str(wrong) == (
        "sum.cpp: the returned value is 0x7fffffffffffffffffffffffe; must be 0x8000000000000000000000000"
        " (vector 'carry'). Correct how the value is computed."
    )


def test_wide_division_and_products():
    code = '#include "ap_int.h"\n' + SUM.declaration
    a, b = 0xFEDCBA9876543210F0E1D2C3B, 0x123456789AB
    vectors = [Vector(name="divide", scalars_in={"a": a, "b": b}, returns=(a // b) * 3 + a % b)]
    assert simulate(code + " { return a / b * 3 + a % b; }", SUM, vectors).ok


def test_words_that_are_turned_round():
    """clang makes llvm.bitreverse.i2 and llvm.bswap.i16 of it, which WebAssembly does not have."""
    code = '#include "ap_int.h"\n' + SUM.declaration + " { ap_uint<100> r = 0;"
    code += "".join(f" r[{1 - at}] = a[{at}];" for at in range(2))
    code += " r(41, 34) = a(49, 42); r(49, 42) = a(41, 34); return r; }"
    vectors = [
        Vector(
            name=f"{low}",
            scalars_in={"a": low | 0xAB << 34 | 0xCD << 42, "b": 0},
            returns=high | 0xCD << 34 | 0xAB << 42,
        )
        for low, high in enumerate((0, 2, 1, 3))
    ]
    assert simulate(code, SUM, vectors).ok


def test_functions_of_other_modules_are_linked():
    contract = Contract(
        function="sum", declaration=SUM.declaration, ports=SUM.ports, callees=("ap_uint<100> half(ap_uint<100> v)",)
    )
    code = '#include "ap_int.h"\nap_uint<100> half(ap_uint<100> v);\n' + SUM.declaration + " { return half(a) + b; }"
    half = '#include "ap_int.h"\nap_uint<100> half(ap_uint<100> v) { return v + 0; }'
    assert simulate(code, contract, SUM_VECTORS, callees={"half": half}).ok
    absent = simulate(code, contract, SUM_VECTORS).errors[0]
    assert absent.error_class == "undefined"
    twice = half + "\nap_uint<100> sum(ap_uint<100> a, ap_uint<100> b) { return a; }"
    clash = simulate(code, contract, SUM_VECTORS, callees={"half": twice}).errors[0]
    assert clash.error_class == "redefinition"
    assert clash.remedy == "Make helper functions static, and define each function once."


@pytest.mark.parametrize(
    ("body", "error_class", "text"),
    [
        (
            "{ for (int i = x.size(); i > 0; i--) y.write(x.read() + k + (k == 1)); }",
            "wrong-result",
            "add.cpp: word 0 of y is 0x006; must be 0x005 (vector 'one'). Correct how word 0 of y is computed.",
        ),
        (
            "{ y.write(x.read() + k); y.write(7); while (!x.empty()) x.read(); }",
            "excess-output",
            "add.cpp: y has 2 words; must have 1 (vector 'one'). Write no more than the instruction says to y.",
        ),
        (
            "{ while (!x.empty()) x.read(); }",
            "missing-output",
            "add.cpp: y has 0 words; must have 1 (vector 'one'). Write the missing words to y.",
        ),
        (
            "{ ap_uint<12> v = x.read(); y.write(v + k); if (k == 2) { y.write(4); y.write(1); } }",
            "leftover",
            "add.cpp: 2 of 3 words of x are not read (vector 'three'). Read every word of x.",
        ),
        (
            "{ for (int i = 0; i < 4; i++) y.write(x.read() + k); }",
            "underflow",
            "add.cpp: read from an empty stream: x (vector 'one'). "
            "Read only as many words as the command or the instruction says.",
        ),
        (
            "{ for (;;) y.full(); }",
            "timeout",
            "add.cpp: the call does not end within its limit of instructions (vector 'three'). Make every loop end.",
        ),
        (
            "{ for (;;) y.write(0); }",
            "memory",
            "add.cpp: the call needs too much memory (vector 'three'). Write no endless output and use smaller arrays.",
        ),
        (
            "{\n  int t[2] = {1, 2};\n  int v = t[x.size() + k];\n  y.write(v);\n}",
            "trap",
            "add.cpp:5:11: index 2 is out of bounds of 'int[2]' (vector 'one'). Keep the index inside the array.",
        ),
        (
            "{ volatile int zero = 0; y.write(1 / zero); }",
            "trap",
            "add.cpp:3:118: division by zero (vector 'one'). Divide only by numbers that are not 0.",
        ),
        (
            "{ static int calls = 0; calls++; while (!x.empty()) y.write(x.read() + k + calls - 1); }",
            "state",
            "add.cpp: word 0 of y is 0x006; must be 0x005 (vector 'one'), but only after 1 other call(s): state is "
            "kept between calls. Initialise every variable and array inside the function.",
        ),
        (
            "{ undeclared = 1; }",
            "compile",
            "add.cpp:3:85: use of undeclared identifier 'undeclared'. Declare the name, or include its header.",
        ),
        (
            '{ asm("nop"); }',
            "forbidden",
            "add.cpp:3:88: GNU-style inline assembly is disabled. Write the operation in C++.",
        ),
        (
            "{ throw 1; }",
            "forbidden",
            "add.cpp:3:85: cannot use 'throw' with exceptions disabled. "
            "Remove try, catch and throw; hardware has no exceptions.",
        ),
        (
            "{ y.write(x.read());",
            "compile",
            "add.cpp:3: expected '}' at the end of the code. Close every brace, comment and #if.",
        ),
        (
            "{ }\n#define ap_uint other",
            "redefinition",
            "add.cpp:4: the macro ap_uint has a name of the language or the headers; must have a name of its own. "
            "Rename the macro.",
        ),
    ],
    ids=lambda value: value if value in CLASSES else "",
)
def test_each_error_is_classified_and_names_its_remedy(body: str, error_class: str, text: str):
    assert first(body) == (error_class, text)


@pytest.mark.parametrize(
    ("before", "error_class", "text"),
    [
        (
            "int early();\nint global = early();\nint early() { volatile int v = 1; return v; }\n",
            "constructor",
            "add.cpp: 1 function(s) run before the call, such as the constructor of a global object. "
            "Set globals by constants, or inside the function.",
        ),
        (
            "int main() { return 0; }\n",
            "redefinition",
            "add.cpp: main is defined; the name belongs to the headers or the harness. Rename or remove it.",
        ),
        (
            "void* operator new(__SIZE_TYPE__) { return 0; }\n",
            "redefinition",
            "add.cpp: operator new is defined; the name belongs to the headers or the harness. Rename or remove it.",
        ),
        (
            "static ",
            "signature",
            f"add.cpp: the function add is not defined for other files; must be {ADD.declaration}. "
            'Define it outside every namespace, without static, inline, template or extern "C".',
        ),
        (
            "#include <vector>\n",
            "forbidden",
            "add.cpp:3:10: 'vector' file not found. "
            "Include only ap_int.h, hls_stream.h, hls_burst_maxi.h and the template's headers.",
        ),
        (
            "namespace hls { static int own; }\n",
            "redefinition",
            "add.cpp:3: the namespace hls is opened; it is the headers'. Remove the definition.",
        ),
    ],
)
def test_the_contract_refuses(before: str, error_class: str, text: str):
    assert first("{ while (!x.empty()) y.write(x.read() + k); }", before) == (error_class, text)


def test_a_missing_include_is_named_and_refused_as_c_synthesis_refuses_it():
    body = ADD.declaration + " { while (!x.empty()) y.write(x.read() + k); }"
    texts = [str(simulate(code, ADD, VECTORS).errors[0]) for code in (body, '#include "ap_int.h"\n' + body)]
    assert texts == [
        "add.cpp:1:10: use of undeclared identifier 'hls'. Add #include \"hls_stream.h\" at the top of the file.",
        "add.cpp:2:10: use of undeclared identifier 'hls'. Add #include \"hls_stream.h\" at the top of the file.",
    ]
    scalar = SUM.declaration + " { return a + b; }"
    error = simulate(scalar, SUM, []).errors[0]
    assert error.error_class == "include"
    assert str(error) == ("sum.cpp:1:1: no template named 'ap_uint'. Add #include \"ap_int.h\" at the top of the file.")
    for code, contract in ((body, ADD), (scalar, SUM)):
        with pytest.raises(CompileError) as caught:
            compile_source((contract.file, code), top=contract.function)
        assert str(caught.value) == str(simulate(code, contract, []).errors[0])


def test_a_missing_function_and_a_wrong_type():
    empty = simulate('#include "ap_int.h"\n', ADD, VECTORS).errors[0]
    assert str(empty) == f"add.cpp: the function add is missing; must be {ADD.declaration}. Use exactly this signature."
    other = simulate('#include "ap_int.h"\nvoid add(ap_uint<12> x) {}\n', ADD, VECTORS).errors[0]
    assert str(other) == f"add.cpp: add has another type; must be {ADD.declaration}. Use exactly this signature."


def test_what_has_no_library():
    text = first('{ y.write(strlen("a")); }', 'extern "C" __SIZE_TYPE__ strlen(const char*);\n')
    assert text[0] == "undefined"
    assert text[1] == (
        "add.cpp: strlen is called but defined nowhere. Define it in this file; there is no C or C++ library."
    )


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("{ g.read(); }", "burst_maxi read without a request"),
        ("{ g.read_request(0, 5); }", "burst outside the memory: read_request"),
        ("{ g.write_request(2, 2); g.write(7); g.write_response(); }", "write_response before the burst is written"),
    ],
)
def test_bursts_are_checked(body: str, message: str):
    error = simulate(COPY_HEAD + body, COPY, COPY_VECTORS).errors[0]
    assert error.error_class == "burst"
    assert str(error) == (
        f"copy.cpp: {message} (vector 'copy two'). "
        "Request inside the memory, then read or write exactly the requested words."
    )


def test_an_unanswered_burst_is_an_error():
    body = (
        "{ g.read_request(0, 2); ap_uint<64> a = g.read(), b = g.read(); g.write_request(2, 2);"
        " g.write(a); g.write(b); }"
    )
    error = simulate(COPY_HEAD + body, COPY, COPY_VECTORS).errors[0]
    assert str(error) == (
        "copy.cpp: a burst on g is not completed or not answered (vector 'copy two'). "
        "Read or write every word of each request, and call write_response once for each write_request."
    )


def test_a_wrong_word_in_memory_is_shown():
    error = simulate(COPY_HEAD + "{}", COPY, COPY_VECTORS).errors[0]
    assert str(error) == (
        "copy.cpp: word 2 of g is 0x0000000000000000; must be 0x0000000000000007 (vector 'copy two'). "
        "Correct how word 2 of g is computed."
    )


@pytest.mark.parametrize(
    ("vector", "text"),
    [
        (
            Vector(name="v", scalars_in={"k": 16}, streams_in={"x": ()}),
            "vector 'v', port k: a word is 0x10; must have at most 4 bits. Correct model.py.",
        ),
        (
            Vector(name="v", scalars_in={"k": 1}),
            "vector 'v', port x: the words are missing. Give them in model.py.",
        ),
        (
            Vector(name="v", scalars_in={"k": 1, "z": 1}, streams_in={"x": ()}),
            "vector 'v': the port z is unknown. Correct model.py.",
        ),
    ],
)
def test_a_vector_that_does_not_fit_is_the_models_fault(vector: Vector, text: str):
    with pytest.raises(VectorError) as caught:
        simulate(HEAD + "{}", ADD, [vector])
    assert str(caught.value) == text


def test_no_vectors_only_compile():
    assert simulate(HEAD + "{}", ADD, []).ok


def test_a_missing_compiler_is_no_fault_of_the_code(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr("csynth.frontend.clang.zig_folder", lambda: tmp_path)
    with pytest.raises(ToolMissingError) as caught:
        run("{}")
    assert str(caught.value) == "clang: the wheel 'ziglang' is missing; must be installed. Run ./doit doctor."


def test_errors_can_be_raised():
    error = ModuleRejectedError(run("{ while (!x.empty()) x.read(); }").errors)
    assert str(error) == ("add.cpp: y has 0 words; must have 1 (vector 'one'). Write the missing words to y.")
    assert error.code == "missing-output"


def test_the_harness_calls_the_function_by_its_signature():
    text = harness_source(ADD)
    assert f"{ADD.declaration};" in text
    assert "add(port_x, port_k, port_y);" in text


def test_the_name_of_a_callee():
    assert callee_name("ap_uint<32> mac(ap_uint<32> acc, ap_uint<8> a)") == "mac"


@pytest.mark.parametrize("index", ["i", "i + z"])
@pytest.mark.parametrize("last", ["x.read()", "i < 3 ? x.read() : ap_uint<8>(0)"])
def test_an_index_one_past_an_array_of_ap_uint_is_found_where_it_is(index: str, last: str):
    head = "void f(hls::stream<ap_uint<8> >& x, hls::stream<ap_uint<8> >& y)"
    ports = (
        Port(name="x", kind="stream_in", width_bits=8, meaning=""),
        Port(name="y", kind="stream_out", width_bits=8, meaning=""),
    )
    code = (
        f'#include "ap_int.h"\n#include "hls_stream.h"\n{head} {{\n  ap_uint<8> kept[3];\n  volatile int z = 0;\n'
        f"  for (int i = 0; i < 4; i++) kept[{index}] = {last};\n  for (int i = 0; i < 3; i++) y.write(kept[i]);\n}}\n"
    )
    count = 3 if "i < 3" in last else 4
    vectors = [Vector(name="v", streams_in={"x": (1, 2, 3, 4)[:count]}, streams_out={"y": (1, 2, 3)})]
    result = simulate(code, Contract(function="f", declaration=head, ports=ports), vectors)
    assert [str(error) for error in result.errors] == [
        "f.cpp:6: index 3 is out of bounds of an array of 3 elements (vector 'v'). Keep the index inside the array."
    ]
