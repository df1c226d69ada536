from __future__ import annotations

import pytest

from aigchip.toolchain.wasm_object import read_object
from csynth.frontend.clang import OBJECT, WASM32, run_clang


def compiled(text: str):
    result = run_clang(text, "k.cpp", (*WASM32, *OBJECT, "-O1"))
    assert result.ok, result.diagnostics
    return read_object(result.output)


def test_definitions_and_needs():
    found = compiled(
        'extern "C" int other(int); static int own; extern "C" int f(int n) { own += n; return other(own); }'
    )
    assert "f" in found.names(defined=True)
    assert "other" in found.names(defined=False)
    assert "own" not in found.names(defined=True) | found.names(defined=False)
    assert found.constructors == 0


def test_weak_definitions_are_marked():
    found = compiled("template <class T> T twice(T t) { return t + t; }\nint (*p)(int) = twice<int>;")
    assert [symbol.weak for symbol in found.symbols if symbol.name == "_Z5twiceIiET_S0_"] == [True]


def test_constructors_exports_and_imports():
    found = compiled(
        'extern "C" __attribute__((import_module("host"), import_name("open"))) int host_open();\n'
        'extern "C" __attribute__((export_name("out"))) int out() { return host_open(); }\n'
        "volatile int n; __attribute__((constructor)) static void early() { n = 1; }\n"
    )
    assert ("host", "open") in found.imports
    assert [symbol.name for symbol in found.symbols if symbol.exported] == ["out"]
    assert found.constructors == 1


def test_something_else_is_refused():
    with pytest.raises(ValueError, match=r"^object: the bytes are not a WebAssembly module$"):
        read_object(b"\x7fELF")
