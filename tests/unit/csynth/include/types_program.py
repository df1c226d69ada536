"""A C++ program that both csynth's headers and the reference ap_types compile: it prints one checksum for each case.

`program values <case>` prints the hashed words of one case instead, so that the first difference can be shown.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

QUANTISATIONS = ("AP_RND", "AP_RND_ZERO", "AP_RND_MIN_INF", "AP_RND_INF", "AP_RND_CONV", "AP_TRN", "AP_TRN_ZERO")
OVERFLOWS = ("AP_SAT", "AP_SAT_ZERO", "AP_SAT_SYM", "AP_WRAP", "AP_WRAP_SM")

_HEAD = r"""
#include "ap_int.h"
#include "ap_fixed.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
static unsigned long long seed = 1, hash_, words;
static bool shown;
static unsigned rnd() { seed = seed * 6364136223846793005ull + 1442695040888963407ull; return (unsigned)(seed >> 32); }
static void mix(unsigned v) {
  hash_ = (hash_ ^ v) * 1099511628211ull;
  words++;
  if (shown) printf("%x\n", v);
}
template <int W> static ap_uint<W> random_bits() {
  ap_uint<W> v = rnd();
  for (int k = 32; k < W; k += 32) v = (v << 32) | ap_uint<W>(rnd());
  const unsigned kind = rnd() & 15;  // the ends of the range more often than by chance
  if (kind == 0) v = 0;
  if (kind == 1) v = ~ap_uint<W>(0);
  if (kind == 2) v = ap_uint<W>(1) << (W - 1);
  if (kind == 3) v = ~(ap_uint<W>(1) << (W - 1));
  if (kind == 4) v = v >> (int)(rnd() % W);
  return v;
}
template <int W> static void mix_bits(const ap_uint<W>& v) { for (int k = 0; k < W; k += 32) mix((unsigned)(ap_uint<W>(v >> k)).to_uint()); }
template <class T> struct W_ { static const int value = T::width; };
template <class T> static T any() { T v; v.range(T::width - 1, 0) = random_bits<T::width>(); return v; }
template <class T> static void mix_number(const T& v) { ap_uint<T::width> u; T c = v; u = c.range(T::width - 1, 0); mix(T::width); mix_bits<T::width>(u); }
template <class T> static void mix_fixed(const T& v) { mix(v.iwl()); mix_number(v); }
template <class T> static void mix_double(const T& v) { double d = v.to_double(); unsigned long long u; memcpy(&u, &d, 8); mix((unsigned)u); mix((unsigned)(u >> 32)); }

template <class From, class To> static void cast(int count) {
  for (int k = 0; k < count; k++) { From f = any<From>(); To t = f; mix_fixed(t); To u; u = f; mix_fixed(u); }
}
// The reference lets the quotient of the lowest number by -1 overflow, although its result has a bit for it.
template <class A, class B> static bool overflows(A a, B b) {
  ap_uint<A::width> x; ap_uint<B::width> y;
  x = a.range(A::width - 1, 0); y = b.range(B::width - 1, 0);
  return a < 0 && (x << 1) == 0 && b < 0 && y.and_reduce();
}
template <class A, class B> static void operators(int count) {
  for (int k = 0; k < count; k++) {
    A a = any<A>(); B b = any<B>();
    mix_fixed(a + b); mix_fixed(a - b); mix_fixed(a * b); mix_fixed(a & b); mix_fixed(a | b); mix_fixed(a ^ b);
    if (b != 0 && !overflows(a, b)) { mix_fixed(a / b); A q = a; q /= b; mix_fixed(q); }
    mix_fixed(-a); mix_fixed(~a);
    mix((a == b) | (a != b) << 1 | (a < b) << 2 | (a <= b) << 3 | (a > b) << 4 | (a >= b) << 5 | (!a) << 6);
    A c = a; c += b; mix_fixed(c); c = a; c -= b; mix_fixed(c); c = a; c *= b; mix_fixed(c);
    int n = (int)(rnd() % (2 * A::width + 5)) - A::width - 2;
    mix_fixed(a << n); mix_fixed(a >> n); c = a; c <<= n; mix_fixed(c); c = a; c >>= n; mix_fixed(c);
    if (A::iwidth > 0) { mix(a.to_int()); mix(a.to_uint()); mix((unsigned)(a.to_int64() >> 20)); }  // the reference makes -1 of -0.1 there
    mix_double(a);
    mix(a.is_neg()); mix(a.is_zero()); mix(a.length()); mix(a[rnd() % A::width]);
    int l = rnd() % A::width, h = l + rnd() % (A::width - l); c = a; ap_uint<A::width> r = c.range(h, l); mix_bits<A::width>(r);
    c.range(h, l) = random_bits<A::width>(); mix_fixed(c);
    ap_int<9> i = random_bits<9>(); mix_fixed(a + i); mix_fixed(i * a); mix_fixed(i - a); mix((a < i) | (i == a) << 1);
    short s = (short)rnd(); mix_fixed(a + s); mix_fixed(s - a); mix_fixed(a * s); mix((a > s) | (s <= a) << 1);
    if (s) mix_fixed(a / s);
    if (A::iwidth > 0) { ap_int<13> from = a; mix_number(from); ap_uint<7> fu = a; mix_number(fu); }
    A t = i; mix_fixed(t); t = s; mix_fixed(t);
  }
}
template <class A> static void steps(int count) {
  for (int k = 0; k < count; k++) { A a = any<A>(); mix_fixed(++a); mix_fixed(--a); mix_fixed(a++); mix_fixed(a--); mix_fixed(a); }
}
template <class T> static void doubles(int count) {
  for (int k = 0; k < count; k++) {
    unsigned long long u = (unsigned long long)rnd() << 32 | rnd();
    const int power = (int)(rnd() % (T::width + 24)) - 12 - (T::width - T::iwidth);
    u = (u & 0x800fffffffffffffull) | (unsigned long long)(1023 + power) << 52;
    if (rnd() & 1) u &= ~((1ull << (rnd() % 52)) - 1);
    double d;
    memcpy(&d, &u, 8);
    T t = d;
    mix_fixed(t);
    T f = (float)d;
    mix_fixed(f);
    mix((t < d) | (t == d) << 1 | (t >= d) << 2);
  }
}
template <class A, class B> static void integers(int count) {
  for (int k = 0; k < count; k++) {
    A a = any<A>(); B b = any<B>();
    mix_number(a + b); mix_number(a - b); mix_number(a * b); mix_number(a & b); mix_number(a | b); mix_number(a ^ b);
    if (b != 0) { mix_number(a / b); mix_number(a % b); A q = a; q /= b; mix_number(q); q = a; q %= b; mix_number(q); }
    mix((a == b) | (a != b) << 1 | (a < b) << 2 | (a <= b) << 3 | (a > b) << 4 | (a >= b) << 5 | (!a) << 6);
    mix_number(-a); mix_number(~a);
    ap_int<10> n = (int)(rnd() % (2 * A::width + 5)) - A::width - 2;
    ap_uint<10> m = rnd() % (A::width + 3);
    mix_number(a << n); mix_number(a >> n); mix_number(a << m); mix_number(a >> m); A c = a; c <<= n; mix_number(c); c = a; c >>= m; mix_number(c);
    mix_number(a << (int)n); mix_number(a >> (int)n);
    ap_uint<A::width> plain = a;  // the reference's parity and rotation of a signed number take in bits that it does not have
    mix(a.and_reduce() | a.or_reduce() << 1 | plain.xor_reduce() << 2 | (A::width <= 64 && a.nand_reduce()) << 3 | a.nor_reduce() << 4 | plain.xnor_reduce() << 5 | a.sign() << 6);
    c = a; c.reverse(); mix_number(c); c.b_not(); mix_number(c);
    int at = rnd() % A::width; c = a; c.set(at); mix_number(c); c.clear(at); mix_number(c); mix(c.test(at)); c.invert(at); mix_number(c); c.set(at, rnd() & 1); mix_number(c);
    plain.lrotate(at); mix_number(plain); plain.rrotate(at); mix_number(plain);
    ap_uint<A::width + B::width> j = (a, b); mix_number(j); j = a.concat(b); mix_number(j);
    int l = rnd() % A::width, h = l + rnd() % (A::width - l); c = a; ap_uint<A::width> r = c.range(h, l); mix_number(r);
    c(h, l) = b; mix_number(c); mix(c.length()); mix(a.to_int()); mix((unsigned)(a.to_uint64() >> 30));
    int s = (int)rnd() >> (rnd() & 31); mix_number(a + s); mix_number(s - a); mix_number(a * s); mix((a < s) | (a == s) << 1 | (s >= a) << 2);
    unsigned z = rnd() >> (rnd() & 31); mix_number(a - z); mix((a < z) | (a > z) << 1);
    if (s) { mix_number(a / s); mix_number(a % s); }
    c = a; mix_number(++c); mix_number(c--); mix_number(c);
  }
}
"""


@dataclass(frozen=True, kw_only=True)
class TypesCase:
    """One call: its name in the output, and the call."""

    name: str
    call: str


def fixed(  # noqa: PLR0917 - the order of the C++ type
    width: int, integer: int, signed: bool, quantisation: str = "", overflow: str = "", saturated: int = 0
) -> str:
    """The C++ type."""
    modes = f", {quantisation}, {overflow}, {saturated}" if quantisation else ""
    return f"ap_{'' if signed else 'u'}fixed<{width}, {integer}{modes}>"


def cases(seed: int, *, casts: int, operators: int, values: int) -> list[TypesCase]:
    """Random types; `casts` of them for every pair of modes, `operators` pairs for the operators of each kind."""
    generator = random.Random(seed)
    found = []

    def shape(widest: int) -> tuple[int, int, bool]:
        width = generator.randint(2, widest)
        return width, generator.randint(-4, width + 4), generator.random() < 0.6

    def target(quantisation: str, overflow: str, widest: int = 24, floor: int = -99) -> str:
        """`floor`: the least number of fraction bits."""
        width, integer, signed = shape(widest)
        integer = min(integer, width - floor)
        signed |= overflow == "AP_WRAP_SM"
        saturated = generator.choice([0, 0, 1, min(3, width)]) if overflow.startswith("AP_WRAP") else 0
        return fixed(width, integer, signed, quantisation, overflow, saturated)

    modes = [(q, o) for q in QUANTISATIONS for o in OVERFLOWS]
    for number, (quantisation, overflow) in enumerate(modes * casts):
        wide = shape(90 if number % 5 == 0 else 20)
        # the reference stops where a rounding mode asks for a bit above the source's highest: no less fraction bits than -I
        found.append(f"cast<{fixed(*wide)}, {target(quantisation, overflow, floor=-wide[1])} >({values})")
        if number % 3 == 0:
            found.append(f"doubles<{target(quantisation, overflow)} >({values})")
    for _ in range(operators):
        left, right = target(*generator.choice(modes)), target(*generator.choice(modes), widest=40)
        found.append(f"operators<{left}, {right} >({values // 4})")
        width = generator.randint(3, 20)
        kind = generator.choice(modes)
        signed = generator.random() < 0.5 or kind[1] == "AP_WRAP_SM"
        found.append(f"steps<{fixed(width, generator.randint(2, width), signed, *kind)} >({values // 4})")
        widths = [generator.choice([1, 2, 7, 8, 13, 16, 31, 32, 33, 64, 65, 100]) for _ in range(2)]
        if generator.random() < 0.4:
            widths[1] = widths[0]  # equal widths, often of mixed sign
        signs = [generator.choice(["int", "uint"]) for _ in widths]
        if max(widths) > 63 and widths[1] > widths[0] and signs == ["int", "uint"]:
            signs[1] = "int"  # there the reference's remainder is wrong
        names = [f"ap_{sign}<{width}>" for sign, width in zip(signs, widths, strict=True)]
        found.append(f"integers<{names[0]}, {names[1]} >({values // 4})")
    return [TypesCase(name=str(k), call=call) for k, call in enumerate(found)]


def program(chosen: Sequence[TypesCase]) -> str:
    """The whole source."""
    calls = [
        f'if (!only || !strcmp(only, "{c.name}")) {{ seed = {k + 1}; hash_ = 14695981039346656037ull; words = 0; {c.call};'
        f' if (!only) printf("{c.name} %016llx %llu\\n", hash_, words); }}'
        for k, c in enumerate(chosen)
    ]
    body = "\n  ".join(calls)
    return f"""{_HEAD}
int main(int argc, char** argv) {{
  const char* only = argc > 2 ? argv[2] : 0;
  shown = only != 0;
  {body}
}}
"""
