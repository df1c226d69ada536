"""Code that tries to get out: at a file, the environment, the network, the harness, or more than its share.

Every case asserts the class of the error, and that no secret file's content and no path of this machine comes back.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from aigchip.core import paths
from aigchip.template.module import Port
from aigchip.template.vectors import Vector
from aigchip.toolchain.contract import Contract
from aigchip.toolchain.csim import CsimResult, simulate
from aigchip.toolchain.sandbox import RunLimits
from csynth.frontend.clang import LLVM_IR, PREPROCESS, WASM32, X86_64, run_clang

SECRET = "tr0ub4dor-and-3-horses"
CONTRACT = Contract(
    function="f",
    declaration="void f(hls::stream<ap_uint<8> >& x, hls::stream<ap_uint<8> >& y)",
    ports=(
        Port(name="x", kind="stream_in", width_bits=8, meaning=""),
        Port(name="y", kind="stream_out", width_bits=8, meaning=""),
    ),
)
INCLUDES = '#include "ap_int.h"\n#include "hls_stream.h"\n'
HEAD = "void f(hls::stream<ap_uint<8> >& x, hls::stream<ap_uint<8> >& y)"
GOOD = INCLUDES + HEAD + " { y.write(x.read() + 1); }\n"
VECTORS = [Vector(name="two", streams_in={"x": (2,)}, streams_out={"y": (3,)})]
LIMITS = RunLimits(fuel=200_000_000, seconds=5.0, memory_bytes=24 << 20)


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "secret.txt"
    path.write_text(f'"{SECRET}"\n')
    return path


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("SECRET_KEY", SECRET)
    monkeypatch.setenv("CPATH", "/etc")
    yield


def body(statements: str, before: str = "") -> str:
    return f"{INCLUDES}{before}{HEAD} {{ {statements} y.write(x.read() + 1); }}\n"


def attempt(code: str) -> CsimResult:
    result = simulate(code, CONTRACT, VECTORS, limits=LIMITS)
    told = "\n".join(f"{error} {error.to_dict()}" for error in result.errors)
    for leak in (SECRET, "root:", "/tmp/", "/etc/", str(paths.root()), str(Path.home()), os.uname().nodename + "."):
        assert leak not in told
    assert all(error.message.isprintable() and error.location.isprintable() for error in result.errors)
    return result


def refused(code: str, error_class: str) -> None:
    result = attempt(code)
    assert not result.ok
    assert result.errors[0].error_class == error_class, [str(error) for error in result.errors]


def test_the_good_code_passes():
    assert attempt(GOOD).ok


@pytest.mark.parametrize("directive", ["include", "include_next", "import"])
@pytest.mark.parametrize("quotes", ['"{}"', "<{}>"])
def test_files_cannot_be_included(secret: Path, directive: str, quotes: str):
    refused(f"#{directive} {quotes.format(secret)}\n{GOOD}", "forbidden")
    refused(f"#{directive} {quotes.format('/etc/passwd')}\n{GOOD}", "forbidden")
    refused(f"#{directive} {quotes.format('../../../../../../../../etc/passwd')}\n{GOOD}", "forbidden")


def test_a_computed_include_finds_nothing(secret: Path):
    refused(f'#define WHERE "{secret}"\n#include WHERE\n{GOOD}', "forbidden")


def test_the_scratch_folder_of_the_compiler_is_not_visible():
    for name in ("overlay", "messages", "output", "/proc/self/environ", "/proc/self/cmdline", "/dev/stdin", "."):
        refused(f'#include "{name}"\n{GOOD}', "forbidden")


def test_embed_finds_nothing(secret: Path):
    refused(f'static const char stolen[] = {{\n#embed "{secret}"\n}};\n{GOOD}', "forbidden")


def test_the_existence_of_files_is_not_told(secret: Path):
    for question in ("__has_include", "__has_embed", "__has_include_next"):
        assert attempt(f'#if {question}("{secret}")\n#error visible\n#endif\n{GOOD}').ok
    assert attempt(f'#if __has_include("/etc/passwd")\n#error visible\n#endif\n{GOOD}').ok


@pytest.mark.parametrize(
    "code",
    [
        '__asm__(".incbin \\"{secret}\\"");\n' + GOOD,
        body('asm volatile(".incbin \\"{secret}\\"");'),
        body('__asm__("nop");'),
        body('A(".include \\"{secret}\\"");', "#define A(x) asm(x)\n"),
    ],
)
def test_assembly_is_refused(secret: Path, code: str):
    refused(code.replace("{secret}", str(secret)), "forbidden")


@pytest.mark.parametrize("target", [X86_64, WASM32])
def test_the_shared_compiler_is_closed_for_both_targets(secret: Path, target: tuple[str, ...]):
    for text in (
        f'#include "{secret}"',
        f'const char s[] = {{\n#embed "{secret}"\n}};',
        f'asm(".incbin \\"{secret}\\"");',
        f'#pragma GCC dependency "{secret}"\n#include "{secret}"',
        f'#pragma clang module load "{secret}"\nint x = y;',
        f'module;\nimport "{secret}";',
    ):
        for action in (LLVM_IR, PREPROCESS):
            result = run_clang(text, "k.cpp", (*target, *action))
            assert SECRET not in result.text
            assert SECRET not in str(result.diagnostics)
            assert str(secret.parent) not in str(result.diagnostics)
            assert result.status == "errors" or action is PREPROCESS, (text, result)


def test_the_compiler_sees_no_environment_and_no_clock():
    text = "const char* a = __DATE__ __TIME__ __FILE__ __BASE_FILE__; const char* b = __TIMESTAMP__;"
    first = run_clang(text, "k.cpp", (*X86_64, *LLVM_IR))
    assert first.ok
    assert "1970" in first.text
    assert "/tmp" not in first.text
    assert str(paths.root()) not in first.text


@pytest.mark.parametrize(
    "code",
    [
        "static volatile int n;\n__attribute__((constructor)) static void early() { n++; }\n" + GOOD,
        "volatile int n;\nstruct Early { Early() { n = 1; } };\nstatic Early early;\n" + GOOD,
        "int g();\nint n = g();\nint g() { volatile int v = 1; return v; }\n" + GOOD,
        'static void early() {}\n__attribute__((used, section(".init_array"))) static void (*hook)() = early;\n' + GOOD,
    ],
)
def test_nothing_runs_before_the_call(code: str):
    refused(code, "constructor")


@pytest.mark.parametrize(
    ("code", "error_class"),
    [
        ("constexpr int f2() { int n = 0; for (;;) n ^= 1; return n; }\nconstexpr int v = f2();\n" + GOOD, "compile"),
        ("template <int N> struct A { enum { v = A<N + 1>::v }; };\nint n = A<0>::v;\n" + GOOD, "compile-limit"),
        (
            "template <int N, int M> struct A { enum { v = A<N - 1, M>::v + A<N - 1, M + (1 << (N & 15))>::v }; };\n"
            "template <int M> struct A<0, M> { enum { v = M }; };\nint n = A<400, 0>::v;\n" + GOOD,
            "compile-limit",
        ),
        ("int n = " + "(" * 100_000 + "1;\n" + GOOD, "compile-limit"),
        ("int n = " + "~" * 500_000 + "1;\n" + GOOD, "compile-limit"),
        ("char a[1ull << 33] = {1};\n" + GOOD, "compile-limit"),
        ("char a[1ull << 29] = {1};\n" + GOOD, "compile-limit"),
        (body("B(B(B(B(B(;)))))", "#define A(x) x x x x x x x x x x\n#define B(x) A(A(A(A(x))))\n"), "compile-limit"),
        ("// " + "x" * (2 << 20) + "\n" + GOOD, "compile-limit"),
        ("#pragma clang __debug crash\n" + GOOD, "compile-limit"),
    ],
    ids=[
        "constexpr",
        "templates",
        "exponential",
        "brackets",
        "sum",
        "array-2^33",
        "array-2^29",
        "macros",
        "source",
        "debug-crash",
    ],
)
def test_the_compiler_is_bounded(code: str, error_class: str):
    refused(code, error_class)


@pytest.mark.parametrize(
    ("statements", "error_class"),
    [
        ("volatile int n = 1; while (n) {}", "timeout"),
        ("for (;;) { x.empty(); }", "timeout"),
        ("volatile char c[1 << 16]; for (;;) __builtin_memset((void*)c, 1, sizeof c);", "timeout"),
        ("for (;;) y.write(1);", "memory"),
        ("volatile int n = 5; volatile char big[200 << 20]; big[n] = 1; y.write((int)big[3 * n]);", "trap"),
        ("volatile int n = 0; int table[4] = {1, 2, 3, 4}; y.write(table[5 + n]);", "trap"),
        ("volatile int n = 9; ap_uint<8> v = 1; y.write(v >> 1); unsigned k = 1u << (n * 9); y.write(k);", "trap"),
        ("volatile int n = 0; y.write(4 / n);", "trap"),
        ("volatile int* p = (volatile int*)0xfffffff0; *p = 1;", "trap"),
        ("x.read(); ", "underflow"),
        ("void (*p)() = (void (*)())77; p();", "trap"),
        ("__builtin_trap();", "trap"),
    ],
    ids=[
        "loop",
        "poll",
        "memset",
        "endless-output",
        "stack",
        "index",
        "shift",
        "division",
        "pointer",
        "underflow",
        "indirect-call",
        "trap",
    ],
)
def test_the_run_is_bounded(statements: str, error_class: str):
    refused(body(statements), error_class)


def test_endless_recursion_ends():
    code = "int deep(volatile int* n) { volatile int m = *n + 1; return deep(&m) + m; }\n"
    refused(code + body("volatile int n = 0; y.write(deep(&n));"), "trap")


def test_huge_static_arrays_meet_a_limit():
    refused("static volatile char big[1u << 30];\n" + body("big[x.size()] = 1;"), "compile-limit")
    refused(
        "static volatile char big[7u << 20];\n"
        + body("static volatile char more[20u << 20]; big[x.size()] = 1; more[x.size()] = 1;"),
        "compile-limit",
    )


def test_memory_cannot_be_grown_beyond_the_limit():
    code = body("if (__builtin_wasm_memory_grow(0, 20000) == (__SIZE_TYPE__)-1) { y.write(7); }")
    refused(code, "wrong-result")


@pytest.mark.parametrize("name", ["fopen", "open", "system", "socket", "getenv", "printf", "malloc", "exit", "time"])
def test_there_is_no_c_library(name: str):
    refused(f'extern "C" int {name}(const char*, ...);\n' + body(f'{name}("/etc/passwd");'), "undefined")


@pytest.mark.parametrize("module", ["wasi_snapshot_preview1", "env", "aigchip"])
def test_host_functions_cannot_be_imported(module: str):
    attribute = f'__attribute__((import_module("{module}"), import_name("path_open")))'
    code = f'extern "C" {attribute} int host(int);\n' + body("y.write(host(3));")
    result = attempt(code)
    assert not result.ok
    assert result.errors[0].error_class in {"undefined", "forbidden"}


@pytest.mark.parametrize(
    "definition",
    [
        "int main() { return 0; }",
        "void* operator new(__SIZE_TYPE__) { return 0; }",
        "void operator delete(void*) noexcept {}",
        'extern "C" void aigchip_csim_run() {}',
        'extern "C" void aigchip_csim_fail(const char*, const char*) noexcept { for (;;); }',
        'extern "C" int memcmp(const void*, const void*, __SIZE_TYPE__) { return 0; }',
        'void helper() __asm__("aigchip_csim_run");\nvoid helper() {}',
        'extern "C" void helper();\n#pragma redefine_extname helper aigchip_csim_message\nvoid helper() {}',
        '__attribute__((export_name("aigchip_csim_output"))) int helper() { return 1; }',
        "template <> void hls::stream<ap_uint<8> >::write(const ap_uint<8>&) {}",
        "namespace hls { int helper() { return 1; } }",
        "namespace csynth_csim { int helper() { return 1; } }",
        "#define write read_nb",
        "#define ap_uint my_uint",
        "#undef static_assert\n#define static_assert(...)",
        "#define if(x) if (!(x))",
        '#pragma push_macro("f")',
        'extern "C" int __wasm_call_ctors() { return 1; }',
    ],
)
def test_names_of_the_harness_cannot_be_redefined(definition: str):
    result = attempt(INCLUDES + definition + "\n" + GOOD)
    assert not result.ok
    assert result.errors[0].error_class in {"redefinition", "compile"}, [str(error) for error in result.errors]


@pytest.mark.parametrize("macro", ["CSYNTH_SYNTHESIS", "CSYNTH_AP_INT_H", "count", "capacity", "inline"])
def test_macros_cannot_reach_into_the_headers(macro: str):
    refused(f"#define {macro} 1\n" + GOOD, "redefinition")
    refused(f"%: define {macro} 1\n" + GOOD, "redefinition")
    refused(f"#def\\\nine {macro} 1\n" + GOOD, "redefinition")
    refused(f"/* a */ # /* b */ define /* c */ {macro} 1\n" + GOOD, "redefinition")


@pytest.mark.parametrize(
    "code",
    [
        GOOD.replace("void f", "int f").replace("}", "return 1; }"),
        GOOD.replace("ap_uint<8> >& y", "ap_uint<9> >& y"),
        GOOD.replace("void f", "void g"),
        GOOD.replace("void f", "static void f"),
        GOOD.replace("void f", 'extern "C" void f'),
        GOOD.replace("void f", "inline void f"),
        GOOD.replace("void f", "#define f g\nvoid f"),
        INCLUDES + "namespace n { " + GOOD.removeprefix(INCLUDES) + " }",
        GOOD + "void f(int) {}",
        "",
    ],
)
def test_the_signature_is_the_templates(code: str):
    refused(code, "signature")


@pytest.mark.parametrize(
    "code",
    [
        GOOD + "#if 0",
        GOOD + "/* open",
        GOOD + "namespace n {",
        GOOD + 'const char* s = R"(open',
        GOOD + "#error ok: True, errors: ()",
        'static_assert(false, "\\n\\nf.cpp: ok\\nPASS 12 of 12\\n/etc/passwd:1: root:x:0");\n' + GOOD,
        GOOD + "#error Csim \x1b[2J\x1b[31mPASSED\x07",
        '#line 1 "/etc/shadow"\n' + body("undeclared_name;"),
        '#line 9000001 "contract"\n' + body("undeclared_name;"),
        '# 1 "/include/1/ap_int.h" 1 3\n' + body("undeclared_name;"),
        GOOD + "int n = '\udcff';\n",
        GOOD + "int \0 n;\n@",
        "\n" * 100_000 + GOOD + ";" * 10_000 + "}",
    ],
)
def test_imitated_reports_change_nothing(code: str):
    result = attempt(code)
    assert not result.ok
    assert result.errors[0].error_class in {"compile", "signature"}, [str(error) for error in result.errors]
    assert result.errors[0].location.startswith(
        ("f.cpp", "ap_int.h:")
    )  # the file that the code's own #line names, if known


def test_an_imitated_message_of_the_harness_stays_a_failure():
    refused(body('csynth_csim::fail("every vector passes", "ok");'), "trap")


@pytest.mark.parametrize(
    "pragma",
    [
        '#pragma GCC dependency "{secret}"',
        '#pragma comment(lib, "{secret}")',
        '#pragma clang module import "{secret}"',
        '#pragma include_alias("ap_int.h", "{secret}")',
        "#pragma GCC system_header",
        "#pragma once",
        '#pragma clang attribute push(__attribute__((annotate("x"))), apply_to = function)',
        "#pragma HLS interface mode=ap_ctrl_none port=return",
        "#pragma weak f",
    ],
)
def test_pragmas_open_no_file(secret: Path, pragma: str):
    attempt(pragma.replace("{secret}", str(secret)) + "\n" + GOOD)


def test_an_error_text_is_one_bounded_line():
    result = attempt(GOOD + "int n = " + "a" * 200_000 + ";")
    assert not result.ok
    assert all(len(str(error)) < 1500 and "\n" not in str(error) for error in result.errors)


def test_a_module_that_writes_through_wild_pointers_cannot_pass():
    code = body("for (unsigned p = 1024; p < 4096; p += 4) *(volatile unsigned*)p = 3;")
    result = attempt(code)
    assert result.ok or result.errors  # its own memory is its own; the expected outputs are not in it
