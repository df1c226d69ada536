"""Addresses as affine expressions of LLVM values, and values as affine expressions of others."""

from __future__ import annotations

import re
from dataclasses import dataclass

from csynth.frontend.llvm_text import (
    Instruction,
    LlvmFunction,
    Module,
    bits_of,
    member_of,
    size_of,
    split_commas,
    typed,
)


@dataclass(frozen=True, slots=True)
class Term:
    """An LLVM value, sign-extended (`s`), zero-extended (`z`) or taken as it is."""

    value: str
    width_bits: int
    extension: str


@dataclass(frozen=True, slots=True)
class Affine:
    """constant + sum of coefficient * term."""

    terms: tuple[tuple[Term, int], ...]
    constant: int

    def scaled(self, factor: int) -> Affine:
        """This times a constant."""
        return Affine(tuple((t, c * factor) for t, c in self.terms if c * factor), self.constant * factor)

    def plus(self, other: Affine) -> Affine:
        """The sum."""
        total: dict[Term, int] = dict(self.terms)
        for term, c in other.terms:
            total[term] = total.get(term, 0) + c
        return Affine(tuple((t, c) for t, c in total.items() if c), self.constant + other.constant)


@dataclass(frozen=True, slots=True)
class Address:
    """A place in memory: the object, and the byte offset in it."""

    base: str
    offset: Affine


ZERO = Affine((), 0)
_ADDRESS_BITS = 64


class AddressReader:
    """Reads addresses and subscripts of one function."""

    def __init__(self, module: Module, function: LlvmFunction) -> None:
        self.types = module.types
        self.definitions: dict[str, Instruction] = {
            i.name: i for b in function.blocks.values() for i in b.instructions if i.name
        }
        self._known: dict[tuple[str, str], Affine] = {}

    def value(self, text: str, width: int, extension: str = "") -> Affine:
        """`text` of `width` bits as an affine expression, read as a signed (`s`) or unsigned (`z`) number."""
        if re.fullmatch(r"-?\d+", text):
            number = int(text)
            return Affine((), number % (1 << width) if extension == "z" else number)
        if text in {"true", "false"}:
            return Affine((), int(text == "true"))
        if text in {"undef", "poison"}:
            return ZERO
        key = (text, extension)
        if key not in self._known:
            self._known[key] = Affine(((Term(text, width, extension), 1),), 0)
            self._known[key] = self._value(text, width, extension)
        return self._known[key]

    def _value(self, text: str, width: int, extension: str) -> Affine:
        opaque = Affine(((Term(text, width, extension), 1),), 0)
        i = self.definitions.get(text)
        if i is None:
            return opaque
        exact = not extension or ("nsw" if extension == "s" else "nuw") in i.flags
        if i.opcode in {"zext", "sext"} or (i.opcode == "freeze" and not extension):
            source = bits_of(i.types[0]) if i.types else bits_of(i.type)
            kind = "z" if i.opcode == "zext" else "s" if i.opcode == "sext" else extension
            if extension == "z" and kind == "s" and "nneg" not in i.flags:
                return opaque
            return self.value(i.operands[0], source or width, kind)
        if i.opcode == "or" and "disjoint" in i.flags and (extension != "s" or re.fullmatch(r"\d+", i.operands[1])):
            # (a positive constant has no sign bit, so that this sum does not overflow either)
            return self.value(i.operands[0], width, extension).plus(self.value(i.operands[1], width, extension))
        if not exact:
            return opaque
        if i.opcode == "add":
            return self.value(i.operands[0], width, extension).plus(self.value(i.operands[1], width, extension))
        if i.opcode == "sub":
            return self.value(i.operands[0], width, extension).plus(
                self.value(i.operands[1], width, extension).scaled(-1)
            )
        if i.opcode in {"mul", "shl"}:
            left, right = self.value(i.operands[0], width, extension), self.value(i.operands[1], width, extension)
            if not right.terms:
                return left.scaled(right.constant if i.opcode == "mul" else 1 << right.constant)
        return opaque

    def address(self, pointer: str) -> Address:
        """Where `pointer` points; the base is an alloca, a global, a parameter, a phi or a select."""
        if pointer.startswith("getelementptr"):
            match = re.match(r"getelementptr\s+(?:\w+\s+)*?(?:\([^)]*\)\s*)*\((.*)\)$", pointer)
            assert match is not None, pointer
            element, *rest = split_commas(match.group(1))
            pairs = [typed(p) for p in rest]
            return self._element(element, [k for k, _ in pairs], [v for _, v in pairs])
        i = self.definitions.get(pointer)
        if i is not None and i.opcode == "getelementptr":
            return self._element(i.element, i.types, i.operands)
        if i is not None and i.opcode in {"bitcast", "addrspacecast"}:
            return self.address(i.operands[0])
        return Address(pointer, ZERO)

    def _element(self, element: str, kinds: list[str], operands: list[str]) -> Address:
        start = self.address(operands[0])
        offset = start.offset.plus(self._index(operands[1], kinds[1]).scaled(size_of(element, self.types)))
        for kind, operand in zip(kinds[2:], operands[2:], strict=True):
            plain = self.types.get(element, element)
            if plain[0] in "{<":
                step, element = member_of(plain, int(operand), self.types)
                offset = offset.plus(Affine((), step))
            else:
                step, element = member_of(plain, 1, self.types)
                offset = offset.plus(self._index(operand, kind).scaled(step))
        return Address(start.base, offset)

    def _index(self, operand: str, kind: str) -> Affine:
        bits = bits_of(kind) or _ADDRESS_BITS
        return self.value(operand, bits, "s" if bits < _ADDRESS_BITS else "")  # addresses are sums modulo 2**64
