from __future__ import annotations

from pathlib import Path

import pytest

from csynth.frontend import clang
from csynth.frontend.clang import LLVM_IR, OBJECT, PREPROCESS, WASM32, X86_64, Limits, link_wasm, run_clang


def test_ir_for_the_synthesis_target():
    result = run_clang("int f(unsigned _BitInt(300) a) { return (int)a; }", "k.cpp", (*X86_64, *LLVM_IR, "-O1"))
    assert result.ok
    assert "define" in result.text
    assert 'source_filename = "/source/k.cpp"' in result.text
    assert result.diagnostics == ()
    assert result.first_error is None


def test_wide_integers_for_the_simulation_target():
    text = 'extern "C" unsigned _BitInt(4096) f(unsigned _BitInt(4096) a) { return a + a; }'
    assert run_clang(text, "k.cpp", (*WASM32, *OBJECT, "-O2")).output.startswith(b"\0asm")


def test_the_same_source_gives_the_same_bytes():
    first, second = (run_clang("int v = __COUNTER__;\n", "k.cpp", (*X86_64, *LLVM_IR)).output for _ in range(2))
    assert first == second


def test_headers_come_from_the_given_folders_and_texts(tmp_path: Path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "a.h").write_text("#define A 1\n")
    (tmp_path / "sub" / "b.h").write_text('#include "a.h"\n#define B A\n')
    source = '#include "sub/b.h"\n#include <c.h>\n#include <stdint.h>\nint32_t v = A + B + C;\n'
    assert run_clang(source, "k.cpp", (*X86_64, *LLVM_IR), [tmp_path], headers={"c.h": "#define C 1\n"}).ok


def test_a_link_that_leaves_the_folder_is_not_followed(tmp_path: Path):
    (tmp_path / "outside.h").write_text("#define OUTSIDE 1\n")
    (tmp_path / "include").mkdir()
    (tmp_path / "include" / "link.h").symlink_to(tmp_path / "outside.h")
    result = run_clang('#include "link.h"\n', "k.cpp", (*X86_64, *PREPROCESS), [tmp_path / "include"])
    assert [str(d) for d in result.diagnostics] == ["k.cpp:1:10: error: 'link.h' file not found"]


def test_messages_name_the_source_as_it_was_given():
    result = run_clang("int f() { return x; }\n", "designs/7/mac.cpp", (*X86_64, *LLVM_IR))
    assert result.status == "errors"
    assert result.output == b""
    assert str(result.first_error) == "designs/7/mac.cpp:1:18: error: use of undeclared identifier 'x'"


def test_messages_name_headers_by_their_own_name(tmp_path: Path):
    (tmp_path / "own.h").write_text("int v = x;\n")
    result = run_clang('#include "own.h"\n', "k.cpp", (*X86_64, *LLVM_IR), [tmp_path])
    assert str(result.first_error) == "own.h:1:9: error: use of undeclared identifier 'x'"


def test_a_warning_carries_its_group():
    result = run_clang("int f() { int a; return 1; }\n", "k.cpp", (*X86_64, *LLVM_IR, "-Wall"))
    assert result.ok
    assert [(d.severity, d.code) for d in result.diagnostics] == [("warning", "-Wunused-variable")]


def test_what_is_no_message_is_dropped():
    text = (
        "PLEASE submit a bug report\n0.\tProgram arguments: /opt/zig clang -cc1 /tmp/x\n"
        "/source/k.cpp:3:4: error: bad thing in '/usr/include/secret.h' [-Wbad]\nroot:x:0:0\n1 error generated.\n"
        "/etc/passwd:1:2: note: from here\nfatal error: too many errors emitted\n"
    )
    found = clang.parse_diagnostics(text, "k.cpp")
    assert [(str(d), d.code) for d in found] == [
        ("k.cpp:3:4: error: bad thing in '<path>/secret.h'", "-Wbad"),
        ("k.cpp:1:2: note: from here", ""),
        ("error: too many errors emitted", ""),
    ]


@pytest.mark.parametrize(
    ("source", "limits", "status", "message"),
    [
        (
            "x" * 2000,
            Limits(source_bytes=1000),
            "source",
            "k.cpp: error: the source has 2000 bytes; must be at most 1000",
        ),
        (
            "template <int N, int M> struct A { enum { v = A<N - 1, M>::v + A<N - 1, M + (1 << (N & 15))>::v }; };\n"
            "template <int M> struct A<0, M> { enum { v = M }; };\nint n = A<400, 0>::v;\n",
            Limits(cpu_seconds=1),
            "timeout",
            "the compiler ran out of time; look for unbounded constexpr loops, template recursion or unrolling",
        ),
        (
            "template <int N, int M> struct A { enum { v = A<N - 1, M>::v + A<N - 1, M + (1 << (N & 15))>::v }; };\n"
            "template <int M> struct A<0, M> { enum { v = M }; };\nint n = A<400, 0>::v;\n",
            Limits(wall_seconds=0.5),
            "timeout",
            "the compiler ran out of time; look for unbounded constexpr loops, template recursion or unrolling",
        ),
        (
            "char a[1 << 22] = {1};",
            Limits(output_bytes=1 << 20),
            "output",
            "the compiler's output is too large; look for huge initialised arrays",
        ),
        (
            "#pragma clang __debug crash",
            Limits(),
            "crash",
            "the compiler gave up on this source; look for very deep nesting or unusual pragmas",
        ),
        (
            "int f() { int a = 0; " + "for (int i = 0; i < 2; i++) a += i; " * 20_000 + "return a; }",
            Limits(memory_bytes=300 << 20),
            "memory",
            "the compiler ran out of memory; look for huge arrays with initialisers, template recursion or unrolling",
        ),
    ],
    ids=["source", "cpu", "wall", "output", "crash", "memory"],
)
def test_each_limit_ends_the_compilation_with_its_reason(source: str, limits: Limits, status: str, message: str):
    result = run_clang(source, "k.cpp", (*WASM32, *OBJECT, "-O2"), (), limits)
    assert result.status == status
    assert result.first_error is not None
    assert message in f"k.cpp: {result.first_error}"
    assert result.output == b""


def test_linking_gives_a_module_without_imports():
    compiled = run_clang(
        'extern "C" __attribute__((export_name("one"))) int one() { return 1; }', "k.cpp", (*WASM32, *OBJECT, "-O2")
    )
    linked = link_wasm([compiled.output])
    assert linked.ok
    assert linked.output.startswith(b"\0asm")


def test_linking_names_what_is_missing_and_what_is_there_twice():
    code = 'extern "C" int two(); extern "C" __attribute__((export_name("one"))) int one() { return two(); }'
    compiled = run_clang(code, "k.cpp", (*WASM32, *OBJECT, "-O2")).output
    missing = link_wasm([compiled])
    assert missing.status == "errors"
    assert [str(d) for d in missing.diagnostics] == ["error: 0.o: undefined symbol: two"]
    twice = link_wasm([compiled, compiled])
    assert "duplicate symbol: one" in str(twice.diagnostics[0])


def test_a_missing_wheel_is_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(clang.importlib.util, "find_spec", lambda name: None)
    clang.zig_folder.cache_clear()
    try:
        with pytest.raises(clang.ClangMissingError) as caught:
            clang.zig_folder()
    finally:
        clang.zig_folder.cache_clear()
    text = "clang: the wheel 'ziglang' is missing; must be installed. Run ./doit doctor, or pip install ziglang."
    assert str(caught.value) == text


def test_a_compiler_that_cannot_start_is_no_fault_of_the_source(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr(clang, "zig_folder", lambda: tmp_path)
    with pytest.raises(clang.ClangMissingError):
        run_clang("int v;", "k.cpp", (*X86_64, *LLVM_IR))


def test_a_full_disk_is_no_fault_of_the_source(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    (tmp_path / "zig").write_text("#!/bin/sh\necho 'error: unable to write: No space left on device' >&2\nexit 1\n")
    (tmp_path / "zig").chmod(0o755)
    monkeypatch.setattr(clang, "zig_folder", lambda: tmp_path)
    monkeypatch.setattr(clang, "_SCARCE_BYTES", 1 << 62)
    with pytest.raises(OSError, match="No space left on device"):
        run_clang("int v;", "k.cpp", (*X86_64, *LLVM_IR))


def test_a_source_cannot_pretend_that_the_disk_is_full():
    result = run_clang("#error No space left on device\n", "k.cpp", (*X86_64, *LLVM_IR))
    assert (result.status, result.diagnostics[0].message) == ("errors", "No space left on device")


def test_the_version_is_known():
    assert clang.clang_version().count(".") == 2
