"""ap_fixed and ap_int against exact arithmetic in Python."""

from __future__ import annotations

import operator
import random
import struct
from fractions import Fraction
from itertools import product

import pytest
from unit.csynth.include.fixed_model import cast, pattern, value_of
from unit.csynth.include.native_program import build, run
from unit.csynth.include.types_program import OVERFLOWS, QUANTISATIONS, fixed

from csynth.frontend import INCLUDE_DIR, clang

HEAD = """#include "ap_int.h"
#include "ap_fixed.h"
#include <stdio.h>
#include <string.h>
template <class T> static T raw(unsigned long long u) { T v; v.range() = u; return v; }
template <class T> static void show(const T& v) { T c = v; printf("%d %d %d %llx ", c.wl(), c.iwl(), T::sign_flag, (unsigned long long)ap_uint<T::width>(c.range()).to_uint64()); }
template <int W, bool S> static void show(const ap_int_base<W, S>& v) { printf("%d %d %llx ", W, S, ap_uint<W>(v).to_uint64()); }
"""
# sources: (W, I, signed); targets cover more and fewer fraction bits, I < 0 and I > W
SOURCES = [(8, 3, True), (8, 4, False), (6, -2, True), (5, 8, True)]
TARGETS = [(5, 3), (4, 6), (7, -1)]
SATURATED = {"AP_WRAP": (0, 1, 3), "AP_WRAP_SM": (0, 1, 3)}


def test_every_mode_on_every_value(tmp_path):
    combinations = [
        (source, target, signed, q, o, n)
        for source, target, signed, q, o in product(SOURCES, TARGETS, (True, False), QUANTISATIONS, OVERFLOWS)
        for n in SATURATED.get(o, (0,))
        if signed or o != "AP_WRAP_SM"
    ]
    combinations = random.Random(7).sample(combinations, 330) if len(combinations) > 330 else combinations
    assert {c[3:5] for c in combinations} == set(product(QUANTISATIONS, OVERFLOWS))
    calls = [f"each<{fixed(*s)}, {fixed(*t, signed, q, o, n)} >();" for s, t, signed, q, o, n in combinations]
    source = HEAD + (
        "template <class A, class B> static void each() { for (int k = 0; k < 1 << A::width; k++) {"
        ' B b = raw<A>(k); printf("%x ", (unsigned)ap_uint<B::width>(b.range()).to_uint()); } printf("\\n"); }\n'
    )
    found = run(build(source + "int main() {\n" + "\n".join(calls) + "\n}\n", tmp_path, options=("-O0",)))
    for (shape, target, signed, q, o, n), words in zip(combinations, found, strict=True):
        wanted = [cast(value_of(k, *shape), *target, signed, q, o, n) for k in range(2 ** shape[0])]
        assert [int(w, 16) for w in words] == wanted, (shape, target, signed, q, o, n)


BINARY = {"+": operator.add, "-": operator.sub, "*": operator.mul}
COMPARE = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}


def test_arithmetic_is_exact_and_of_the_documented_width(tmp_path):
    generator = random.Random(3)
    shapes = [
        (w := generator.randint(2, 18), generator.randint(-3, w + 3), generator.random() < 0.6) for _ in range(24)
    ]
    pairs = list(zip(shapes[::2], shapes[1::2], strict=True))
    pairs.append(((8, 8, True), (8, 8, False)))
    lines, wanted = [], []
    for a, b in pairs:
        for _ in range(12):
            x, y = generator.getrandbits(a[0]), generator.getrandbits(b[0])
            lines.append(f"all(raw<{fixed(*a)} >({x}), raw<{fixed(*b)} >({y}));")
            wanted.append((a, b, x, y))
    body = "".join(f"show(a {op} b); " for op in BINARY) + "if (b != 0) show(a / b); else show(-a); "
    body += 'printf("%d ", ' + " | ".join(f"(a {op} b) << {k}" for k, op in enumerate(COMPARE)) + "); "
    source = f'{HEAD}template <class A, class B> static void all(A a, B b) {{ {body} show(-a); show(~a); printf("%d\\n", a.to_int()); }}\n'
    for (a, b, x, y), words in zip(
        wanted, run(build(source + "int main() {" + "\n".join(lines) + "}", tmp_path, options=("-O0",))), strict=True
    ):
        left, right = value_of(x, *a), value_of(y, *b)
        numbers = iter(words)

        def shown(numbers=numbers):
            width, integer, signed, bits = next(numbers), next(numbers), next(numbers), next(numbers)
            shape = int(width), int(integer), signed == "1"
            return shape, value_of(int(bits, 16), *shape)

        extra = max(a[1] + (b[2] and not a[2]), b[1] + (a[2] and not b[2]))
        fraction = max(a[0] - a[1], b[0] - b[1])
        shape = (extra + 1 + fraction, extra + 1)
        assert shown() == ((*shape, a[2] or b[2]), left + right)
        assert shown() == ((*shape, True), left - right)
        assert shown() == ((a[0] + b[0], a[1] + b[1], a[2] or b[2]), left * right)
        if right:
            places = b[0] - b[1]
            shape = (a[0] + max(places, 0) + b[2], a[1] + places + b[2], a[2] or b[2])
            dividend, divisor = left * 2 ** (a[0] - a[1]) * 2 ** max(places, 0), right * Fraction(2) ** places
            quotient = abs(int(dividend)) // abs(int(divisor)) * (-1 if (left < 0) != (right < 0) else 1)
            assert shown() == (shape, value_of(pattern(quotient, shape[0]), *shape))
        else:
            assert shown()[1] == -left
        assert int(next(numbers)) == sum(c(left, right) << k for k, c in enumerate(COMPARE.values()))
        assert shown() == ((a[0] + 1, a[1] + 1, True), -left)
        assert shown()[1] == value_of(x ^ (2 ** a[0] - 1), *a)
        assert int(next(numbers)) == int(left)


def test_constants_are_folded_by_the_compiler(tmp_path):
    generator = random.Random(5)
    checks = []
    for _ in range(120):
        q, o = generator.choice(QUANTISATIONS), generator.choice(OVERFLOWS)
        width, signed = generator.randint(4, 20), generator.random() < 0.5 or o == "AP_WRAP_SM"
        integer = generator.randint(-2, width + 2)
        number = generator.choice([-1, 1]) * generator.getrandbits(53) * 2.0 ** generator.randint(-70, integer - 50)
        if generator.random() < 0.5:
            number = float(round(number * 2.0 ** (width - integer + 1))) * 2.0 ** (integer - width - 1)  # ties
        wanted = cast(Fraction(number), width, integer, signed, q, o, 0)
        kind = fixed(width, integer, signed, q, o, 0)
        checks.append(
            f'static_assert({kind}({number.hex()}).bits_to_uint64() == {wanted}ull, "{kind} {number.hex()}");'
        )
        exact = value_of(wanted, width, integer, signed)
        checks.append(
            f'static_assert(({kind}({number.hex()}) < {number.hex()}) == {int(exact < Fraction(number))}, "<");'
        )
    assert run(build(HEAD + "\n".join(checks) + "\nint main() {}\n", tmp_path)) == []


def test_to_double_is_exact_up_to_53_bits(tmp_path):
    shapes = [(16, 6, True), (53, 20, False), (30, 40, True), (20, -10, True)]
    values = [(s, random.Random(k).getrandbits(s[0])) for k, s in enumerate(shapes * 5)]
    body = "".join(
        f'{{ double d = raw<{fixed(*s)} >({v}ull).to_double(); unsigned long long u; memcpy(&u, &d, 8); printf("%llx\\n", u); }}\n'
        for s, v in values
    )
    found = [
        struct.unpack("<d", struct.pack("<Q", int(w[0], 16)))[0]
        for w in run(build(f"{HEAD}int main() {{ {body} }}", tmp_path))
    ]
    assert found == [float(value_of(v, *s)) for s, v in values]


def reference_rules(left, right, width, signs):
    """Comparisons, quotient and remainder of two numbers of one width, as the reference converts them."""
    mixed, common = signs[0] != signs[1], width + any(signs)
    a, b = (left, right) if not mixed or width < 32 else (pattern(left, common), pattern(right, common))
    modulus = max(64, width)
    equal = pattern(left, modulus) == pattern(right, modulus) if mixed else left == right
    answers = [a < b, a <= b, a > b, a >= b, equal, not equal]
    if right == 0:
        return sum(c << k for k, c in enumerate(answers)), 0, 0
    quotient = abs(left) // abs(right) * (-1 if (left < 0) != (right < 0) else 1)
    remainder = left - quotient * right if signs[0] else left % pattern(right, common)
    return sum(c << k for k, c in enumerate(answers)), quotient, remainder


def test_integers_of_mixed_sign_and_shifts_in_both_directions(tmp_path):
    generator = random.Random(11)
    lines, wanted = [], []
    for _ in range(60):
        width = generator.choice([1, 2, 7, 8, 16, 33, 64])
        signs = generator.random() < 0.5, generator.random() < 0.5
        names = [f"ap_{'' if s else 'u'}int<{width}>" for s in signs]
        x, y, n = generator.getrandbits(width), generator.getrandbits(width), generator.randint(-width - 2, width + 2)
        lines.append(f"all({names[0]}({x}ull), {names[1]}({y}ull), {n});")
        left, right = (int(value_of(v, width, width, s)) for v, s in zip((x, y), signs, strict=True))
        answer, quotient, remainder = reference_rules(left, right, width, signs)
        shifts = [left << n if n >= 0 else left >> -n, left >> n if n >= 0 else left << -n]
        backwards = int(f"{x:0{width}b}"[::-1], 2)
        wanted.append((answer, quotient, remainder, *shifts, backwards, x.bit_count() % 2, width))
    body = 'printf("%d ", ' + " | ".join(f"(a {op} b) << {k}" for k, op in enumerate(COMPARE)) + "); "
    body += "if (b != 0) { show(a / b); show(a % b); } else { show(a - a); show(a - a); } show(a << n); show(a >> n); show(a << ap_int<9>(n)); "
    body += 'A r = a; r.reverse(); show(typename A::Base(r)); printf("%d\\n", a.xor_reduce());'
    source = f"{HEAD}template <class A, class B> static void all(A a, B b, int n) {{ {body} }}\nint main() {{ {chr(10).join(lines)} }}"
    for (answer, quotient, remainder, up, down, backwards, odd, width), words in zip(
        wanted, run(build(source, tmp_path)), strict=True
    ):
        assert int(words[0]) == answer
        numbers = [(int(words[k]), int(words[k + 2], 16)) for k in range(1, 19, 3)]
        for (bits, got), number in zip(numbers[:2], (quotient, remainder), strict=True):
            assert got == pattern(number, bits) % 2**64
        assert [got for _, got in numbers[2:]] == [pattern(v, width) for v in (up, down, up, backwards)]
        assert int(words[-1]) == odd


@pytest.mark.parametrize("name", ["N", "W", "S", "T", "A", "B", "I", "Q", "O", "V", "D", "DEPTH"])
def test_a_macro_of_the_user_may_have_a_short_name(name, tmp_path):
    text = '#include "ap_fixed.h"\n#include "hls_stream.h"\n#include "hls_burst_maxi.h"\nint main() { hls::stream<ap_fixed<8, 4> > s; s.write(1.5); return s.read() == 1.5 ? 0 : 1; }'
    assert run(build(text, tmp_path, options=(f"-D{name}=8", "-O0"))) == []


_USE = """#include "ap_fixed.h"
#include "hls_stream.h"
#include "csynth_pack.h"
struct Word { ap_fixed<9, 4, AP_RND, AP_SAT> a; bool b; ap_int<3> c[2]; };
int use(hls::stream<Word>& s) {
  Word w = s.read();
  ap_fixed<9, 4> x = w.a * w.c[0] + w.a / 3;
  bool equal = x == w.c[1] && w.c[0] != x && 1 < x && x > 0.5 && w.c[0] == w.c[1] && w.c[0] == 1 && x[0] == x[1];
  return (int)csynth_types::packing<Word>::bits(w) + (equal ? x.to_int() : (w.c[0], w.c[1]).to_int());
}
"""


@pytest.mark.parametrize("standard", ["c++14", "c++17", "c++20", "c++26"])
@pytest.mark.parametrize("target", [clang.X86_64, clang.WASM32], ids=["native", "wasm"])
def test_the_headers_compile_for_every_standard_and_target(standard, target):
    library = {
        "stdio.h": 'struct FILE; extern FILE* stderr; extern "C" int fprintf(FILE*, const char*, ...); extern "C" int fflush(FILE*);',
        "stdlib.h": 'extern "C" void* calloc(unsigned long, unsigned long); extern "C" void free(void*); extern "C" [[noreturn]] void abort();',
    }
    arguments = (*target, *clang.CHECK, f"-std={standard}", "-w")
    result = clang.run_clang(_USE, "use.cpp", arguments, [INCLUDE_DIR], headers=library)
    assert result.ok, [str(d) for d in result.diagnostics]
