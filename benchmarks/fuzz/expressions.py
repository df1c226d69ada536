"""Random expressions without undefined behaviour: ap_int arithmetic widens or wraps, C arithmetic is done unsigned."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

_C_TYPES = {"int": (32, True), "unsigned": (32, False), "short": (16, True), "byte_t": (8, False)}
_MAX_BITS = 120  # wider operands are cut before they are combined


@dataclass(frozen=True, slots=True)
class Type:
    """A C++ integer type."""

    text: str
    width_bits: int
    signed: bool

    @property
    def is_c(self) -> bool:
        """Whether it is a built-in type."""
        return self.text in _C_TYPES


def ap_type(width_bits: int, signed: bool) -> Type:
    """ap_int or ap_uint of a width."""
    return Type(f"ap_{'' if signed else 'u'}int<{width_bits}>", width_bits, signed)


def random_type(rng: random.Random, *, c_share: float = 0.25) -> Type:
    """A type: mostly ap_int of an odd or a usual width."""
    if rng.random() < c_share:
        text = rng.choice(list(_C_TYPES))
        return Type(text, *_C_TYPES[text])
    width = rng.choice([1, 2, 3, 5, 7, 8, 9, 12, 13, 16, 17, 24, 31, 32, 33, 40, 63, 64, 65])
    signed = rng.random() < 0.5
    return ap_type(max(width, 2) if signed else width, signed)


@dataclass(frozen=True, slots=True)
class Value:
    """A variable in scope: its name, type, and whether it may be written."""

    name: str
    type: Type
    writable: bool = True


@dataclass(frozen=True, slots=True)
class Array:
    """An array in scope; each dimension is a power of two."""

    name: str
    type: Type
    index_bits: tuple[int, ...]
    writable: bool = True


@dataclass(frozen=True, slots=True)
class Scope:
    """What expressions may use."""

    values: tuple[Value, ...] = ()
    arrays: tuple[Array, ...] = ()
    functions: tuple[tuple[str, Type, tuple[Type, ...]], ...] = field(default=())


def constant(rng: random.Random, kind: Type) -> str:
    """A literal of a type: often small, 0, or an extreme."""
    low = -(1 << kind.width_bits - 1) if kind.signed else 0
    high = low + (1 << kind.width_bits) - 1
    value = rng.choice([0, 1, low, high, rng.randint(max(low, -9), min(high, 9)), rng.randint(low, high)])
    if kind.is_c or -(2**31) < value < 2**31:
        text = str(value) if value > -(2**31) else "(-2147483647 - 1)"
        return f"{kind.text}({text})"
    if -(2**63) < value < 2**63:
        return f"{kind.text}({value}ll)"
    return f"{kind.text}(-1)"


def ap_expression(rng: random.Random, scope: Scope, depth: int) -> tuple[str, int]:
    """An expression of an ap type (never a plain C one), and its width."""
    if depth == 0 or rng.random() < 0.12:
        return _leaf(rng, scope, depth)
    make = rng.choice(
        [_binary, _binary, _binary, _shift, _divide, _select, _unary, _cast, _bits, _concat, _compare, _call]
    )
    text, width = make(rng, scope, depth - 1)
    if width > _MAX_BITS:
        kept = ap_type(rng.randint(8, 64), rng.random() < 0.5)
        return f"{kept.text}({text})", kept.width_bits
    return text, width


def _leaf(rng: random.Random, scope: Scope, depth: int) -> tuple[str, int]:
    if scope.arrays and rng.random() < 0.3:
        array = rng.choice(scope.arrays)
        return _as_ap(element(rng, scope, array, min(depth, 1)), array.type)
    if scope.values and rng.random() < 0.8:
        value = rng.choice(scope.values)
        return _as_ap(value.name, value.type)
    kind = random_type(rng, c_share=0)
    return constant(rng, kind), kind.width_bits


def _as_ap(text: str, kind: Type) -> tuple[str, int]:
    return (f"{ap_type(kind.width_bits, kind.signed).text}({text})" if kind.is_c else text), kind.width_bits


def element(rng: random.Random, scope: Scope, array: Array, depth: int) -> str:
    """An element of an array, in range by the type of its subscripts."""
    subscripts = []
    for bits in array.index_bits:
        loops = [value.name for value in scope.values if not value.writable and value.type.width_bits <= 32]
        if loops and rng.random() < 0.6:
            inner = rng.choice(loops)
            if rng.random() < 0.4:
                inner += rng.choice([" + 1", " + 3", " - 1", " * 2", " ^ 1"])
        else:
            inner, _ = ap_expression(rng, Scope(values=scope.values), depth)
        subscripts.append(f"[ap_uint<{bits}>({inner})]")
    return array.name + "".join(subscripts)


def _binary(rng: random.Random, scope: Scope, depth: int) -> tuple[str, int]:
    (a, wa), (b, wb) = ap_expression(rng, scope, depth), ap_expression(rng, scope, depth)
    operator = rng.choice("+++--**&|^")
    width = wa + wb if operator == "*" else max(wa, wb) + 2
    if rng.random() < 0.15:  # an operand of a C type
        b, width = str(rng.randint(-100, 100)), (wa + 32 if operator == "*" else max(wa, 32) + 2)
    return f"({a} {operator} {b})", width


def _shift(rng: random.Random, scope: Scope, depth: int) -> tuple[str, int]:
    a, width = ap_expression(rng, scope, depth)
    operator = rng.choice(["<<", ">>"])
    if rng.random() < 0.5:
        return f"({a} {operator} {rng.randint(0, width - 1)})", width
    b, _ = ap_expression(rng, scope, min(depth, 1))
    return f"({a} {operator} ap_uint<{rng.randint(1, 5)}>({b}))", width


def _divide(rng: random.Random, scope: Scope, depth: int) -> tuple[str, int]:
    (a, _), (b, _) = ap_expression(rng, scope, min(depth, 1)), ap_expression(rng, scope, min(depth, 1))
    narrow, divisor = (ap_type(rng.randint(2, 12), rng.random() < 0.5) for _ in range(2))
    return f"({narrow.text}({a}) {rng.choice('/%')} {divisor.text}({divisor.text}({b}) | 1))", 16


def _select(rng: random.Random, scope: Scope, depth: int) -> tuple[str, int]:
    kind = random_type(rng, c_share=0)
    (a, _), (b, _) = ap_expression(rng, scope, depth), ap_expression(rng, scope, depth)
    return f"({condition(rng, scope, depth)} ? {kind.text}({a}) : {kind.text}({b}))", kind.width_bits


def _unary(rng: random.Random, scope: Scope, depth: int) -> tuple[str, int]:
    a, width = ap_expression(rng, scope, depth)
    return f"({rng.choice('-~')}{a})", width + 1


def _cast(rng: random.Random, scope: Scope, depth: int) -> tuple[str, int]:
    a, _ = ap_expression(rng, scope, depth)
    kind = random_type(rng, c_share=0)
    return f"{kind.text}({a})", kind.width_bits


def _bits(rng: random.Random, scope: Scope, depth: int) -> tuple[str, int]:
    wide = [value for value in scope.values if not value.type.is_c and value.writable]
    if not wide:
        return _leaf(rng, scope, depth)
    value = rng.choice(wide)
    high = rng.randrange(value.type.width_bits)
    low = rng.randint(0, high)
    if rng.random() < 0.3:
        return f"ap_uint<1>({value.name}[{high}])", 1
    if rng.random() < 0.15:
        return f"ap_uint<1>({value.name}.{rng.choice(['or', 'and', 'xor'])}_reduce())", 1
    return f"ap_uint<{high - low + 1}>({value.name}({high}, {low}))", high - low + 1


def _concat(rng: random.Random, scope: Scope, depth: int) -> tuple[str, int]:
    parts = [(ap_expression(rng, scope, depth)[0], rng.randint(1, 20)) for _ in range(2)]
    total = sum(width for _, width in parts)
    return f"ap_uint<{total}>(({', '.join(f'ap_uint<{width}>({text})' for text, width in parts)}))", total


def _compare(rng: random.Random, scope: Scope, depth: int) -> tuple[str, int]:
    return f"ap_uint<1>({condition(rng, scope, depth)})", 1


def _call(rng: random.Random, scope: Scope, depth: int) -> tuple[str, int]:
    if not scope.functions:
        return _leaf(rng, scope, depth)
    name, result, parameters = rng.choice(scope.functions)
    arguments = [f"{kind.text}({ap_expression(rng, scope, min(depth, 1))[0]})" for kind in parameters]
    return f"{name}({', '.join(arguments)})", result.width_bits


def condition(rng: random.Random, scope: Scope, depth: int) -> str:
    """An expression of type bool."""
    depth = max(0, depth - 1)
    if depth and rng.random() < 0.25:
        a, b = condition(rng, scope, depth), condition(rng, scope, depth)
        return f"({a} {rng.choice(['&&', '||'])} {b})"
    (a, _), (b, _) = ap_expression(rng, scope, depth), ap_expression(rng, scope, depth)
    return f"({a} {rng.choice(['<', '<=', '>', '>=', '==', '!='])} {b})"


def c_expression(rng: random.Random, scope: Scope, depth: int) -> str:
    """An unsigned expression of C types only: it wraps."""
    if depth == 0 or rng.random() < 0.15:
        usable = [value for value in scope.values if value.type.width_bits <= 64]
        if usable and rng.random() < 0.8:
            return f"(unsigned){rng.choice(usable).name}"
        return f"{rng.choice([0, 1, 3, 255, 65537, 0x80000000, rng.getrandbits(32)])}u"
    a, b = c_expression(rng, scope, depth - 1), c_expression(rng, scope, depth - 1)
    form = rng.choice(
        [
            "({a} {o} {b})",
            "({a} {o} {b})",
            "({a} {s} ({b} & 31u))",
            "({a} {d} (({b} & 255u) | 1u))",
            "({a} < {b} ? {b} : {a})",
        ]
    )
    return form.format(a=a, b=b, o=rng.choice("+-*&|^"), s=rng.choice(["<<", ">>"]), d=rng.choice("/%"))
