"""Damage to sources: bytes, tokens and lines that are lost, doubled, swapped or replaced, and constructs that no hardware has."""

from __future__ import annotations

import re
from random import Random

#: Put where a statement may stand; `{n}` is a number, `{secret}` the path of a file that nothing may read.
STATEMENTS = (
    "int* p{n} = new int[{n}]; p{n}[0] = 1;",
    'asm volatile(".incbin \\"{secret}\\"");',
    "static int s{n} = s{n} + {n};",
    "int v{n}[{n}][{n}][{n}];",
    "goto l{n}; l{n}: ;",
    "throw {n};",
    "for (;;) { }",
    "while (true) break;",
    "switch ({n}) { default: case {n}: break; }",
    "auto f{n} = [&](auto x) { return x; }; f{n}(f{n});",
    "union { int i; float f; } u{n}; u{n}.f = {n};",
    "__builtin_trap();",
    "__builtin_unreachable();",
    "volatile int* q{n} = (volatile int*){n}; *q{n} = 1;",
    "double d{n} = {n}.5; (void)(d{n} * d{n});",
    "ap_uint<{n}> w{n} = -1; w{n} = w{n} * w{n};",
    "ap_int<0> z{n};",
    "hls::stream<int> t{n}; t{n}.read();",
    "int r{n} = 1 / 0;",
    "int h{n} = 1 << 99;",
    "struct S{n} { S{n}* next; } o{n}; o{n}.next = &o{n};",
    "#pragma HLS pipeline II={n}",
    "#pragma HLS array_partition variable=none cyclic factor={n} dim={n}",
    "#pragma HLS unroll factor=-{n}",
    "#pragma HLS interface m_axi port=return bundle={n}",
    "#pragma HLS bind_storage variable=in type=ram_{n}p impl=bram latency={n}",
    "#pragma HLS dataflow",
    "#pragma HLS inline recursive",
    "#pragma HLS",
    '_Pragma("HLS unroll factor=(((")',
)
#: Put before the source.
HEADS = (
    '#include "{secret}"',
    "#include <{secret}>",
    '#include "/dev/zero"',
    '#include "/proc/self/environ"',
    '#embed "{secret}"',
    '#if __has_include("{secret}")\n#error there\n#endif',
    "#include_next <ap_int.h>",
    '#import "{secret}"',
    "#pragma clang module import std",
    "#pragma clang attribute push",
    '#line 1 "{secret}"',
    "#define for while",
    "#define int ap_int<{n}>",
    "#define hls",
    "#pragma GCC poison read write",
    "template <int N> struct R { enum { v = R<N + 1>::v }; }; enum { r = R<0>::v };",
    'constexpr long go(long n) { long s = 0; for (long i = 0; i < n; i++) s += i; return s; } static_assert(go(1L << 60), "");',
    "int big[{n}00000000] = {1};",
    "__attribute__((constructor)) void early() { *(volatile int*)0 = 1; }",
    "extern int elsewhere; int other = elsewhere;",
    "using namespace std;",
    "typedef int (*pointer)(int); pointer table[2];",
)
_NUMBERS = (
    "0",
    "1",
    "-1",
    "2",
    "7",
    "31",
    "32",
    "63",
    "64",
    "65",
    "1024",
    "4097",
    "65536",
    "2147483648",
    "18446744073709551616",
)
_TOKEN = re.compile(r"\w+|\"[^\"\n]*\"|<<=|>>=|[-+*/%&|^=<>!]=|<<|>>|&&|\|\||\+\+|--|::|->|\S")


def mutated(source: str, others: list[str], secret: str, rng: Random) -> str:
    """Return a source with one to four faults.

    Args:
        source: C++.
        others: sources whose lines and tokens may be put in.
        secret: path of a file that nothing may read.
        rng: makes all choices.
    """
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        fault = rng.choices((_number, _statement, _tokens, _lines, _head, _bytes, _nest), (8, 8, 4, 4, 2, 1, 1))[0]
        source = fault(source, others, secret, rng)
    return source


def _filled(text: str, secret: str, rng: Random) -> str:
    return text.replace("{secret}", secret).replace("{n}", str(rng.choice((1, 2, 3, 8, 64, 1000))))


def _bytes(source: str, others: list[str], secret: str, rng: Random) -> str:
    at = rng.randrange(len(source) + 1)
    cut = rng.choice((0, 1, 1, 5, 40))
    put = rng.choice(
        ("", "\0", "\\", '"', "'", "/*", "*/", "\r", "\u00e9", "#", "{", "}", ")", "(", "??/", "\x7f", 'R"(')
    )
    return source[:at] + put + source[at + cut :]


def _tokens(source: str, others: list[str], secret: str, rng: Random) -> str:
    found = [*_TOKEN.finditer(source)]
    if not found:
        return source
    one = rng.choice(found)
    kind = rng.randrange(5)
    if kind == 0:
        new = ""
    elif kind == 1:
        new = f"{one.group()} {one.group()}"
    elif kind == 2:
        new = rng.choice(found).group()
    elif kind == 3 or one.group().isdigit():
        new = rng.choice(_NUMBERS)
    else:
        new = rng.choice([*_TOKEN.finditer(rng.choice(others))] or found).group()
    return source[: one.start()] + new + source[one.end() :]


def _number(source: str, others: list[str], secret: str, rng: Random) -> str:
    """Put another number, or another operator of C++ that takes the same operands, in place of one."""
    found = [*re.finditer(r"\b\d+\b|[-+*/%&|^]=?|<<|>>|[<>]=?", source)]
    if not found:
        return source
    one = rng.choice(found)
    new = rng.choice(
        _NUMBERS if one.group().isdigit() else ("+", "-", "*", "/", "%", "&", "|", "^", "<<", ">>", "<", ">=")
    )
    return source[: one.start()] + new + source[one.end() :]


def _lines(source: str, others: list[str], secret: str, rng: Random) -> str:
    lines = source.split("\n")
    at, kind = rng.randrange(len(lines)), rng.randrange(4)
    if kind == 0:
        del lines[at]
    elif kind == 1:
        lines.insert(at, rng.choice(lines))
    elif kind == 2:
        other = rng.randrange(len(lines))
        lines[at], lines[other] = lines[other], lines[at]
    else:
        lines.insert(at, rng.choice(rng.choice(others).split("\n")))
    return "\n".join(lines)


def _statement(source: str, others: list[str], secret: str, rng: Random) -> str:
    places = [match.end() for match in re.finditer(r"[;{}]\n", source)]
    at = rng.choice(places) if places else len(source)
    return source[:at] + _filled(rng.choice(STATEMENTS), secret, rng) + "\n" + source[at:]


def _head(source: str, others: list[str], secret: str, rng: Random) -> str:
    return _filled(rng.choice(HEADS), secret, rng) + "\n" + source


def _nest(source: str, others: list[str], secret: str, rng: Random) -> str:
    """Put deep brackets, blocks or types in place of a token."""
    deep = rng.choice((20, 300, 3000))
    text = rng.choice(
        (
            "(" * deep + "1" + ")" * deep,
            "{" * deep + "}" * deep,
            "ap_int<" * deep + "8" + ">" * deep,
            "-" + " -" * deep + "1",
        )
    )
    found = [*_TOKEN.finditer(source)]
    one = rng.choice(found) if found else None
    return source[: one.start()] + text + source[one.end() :] if one else text
