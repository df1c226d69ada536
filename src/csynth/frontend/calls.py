"""Calls of functions that stay modules, in LLVM's text."""

from __future__ import annotations

import re
from math import prod

from csynth.errors import UnsupportedError
from csynth.frontend.by_value import returned_bits
from csynth.frontend.layout import dimensions
from csynth.frontend.llvm_text import bits_of, split_commas, typed
from csynth.frontend.locations import Locations
from csynth.frontend.prepare import storage_bits
from csynth.frontend.regions import Signature
from csynth.ir.model import Function

_HANDSHAKE = "nounwind willreturn memory(argmem: readwrite, inaccessiblemem: readwrite)"
_STATIC = "nounwind willreturn memory(none)"
_CALL = re.compile(r'^( +)(?:(%\S+) = )?(?:tail |notail )?call ([^@]*)@("[^"]*"|[\w.$-]+)\((.*)\)([^()]*)$')


def only_body(text: str, keep: str) -> str:
    """Drop the bodies of all functions but one; other kept functions become declarations of nothing."""
    out, skipping = [], False
    for line in text.split("\n"):
        if line.startswith("define"):
            match = re.search(r'@("[^"]*"|[\w.$-]+)\(', line)
            skipping = match is not None and match.group(1).strip('"') != keep
        if not skipping:
            out.append(line)
        if skipping and line == "}":
            skipping = False
    return "\n".join(out)


def rewrite_calls(text: str, done: dict[str, Function], signatures: dict[str, Signature], locations: Locations) -> str:
    """Turn calls of kept functions into calls on values: `hls.call.<name>`.

    Raises:
        UnsupportedError: one object is passed twice, and written.
    """
    if not done:
        return text
    rewriter = _Rewriter(done, signatures, locations, _local_arrays(text))
    out: list[str] = []
    for line in text.split("\n"):
        match = _CALL.match(line) if "call " in line else None
        if match is None or match.group(4).strip('"') not in done:
            out.append(line)
        else:
            out += rewriter.call(match)
    return "\n".join([*out, *sorted(rewriter.declarations), ""])


def _local_arrays(text: str) -> dict[str, tuple[int, int]]:
    """Local arrays of numbers: elements and the bits of one."""
    found: dict[str, tuple[int, int]] = {}
    for name, kind in re.findall(r"^  (%\S+) = alloca (\[.*?\d\]+)(?:, .*)?$", text, re.M):
        extents, element = dimensions(kind, {})
        width = bits_of(element)
        if width is not None and width in {8, 16, 32, 64}:
            found[name] = (prod(extents), width)
    return found


class _Rewriter:
    def __init__(
        self,
        done: dict[str, Function],
        signatures: dict[str, Signature],
        locations: Locations,
        arrays: dict[str, tuple[int, int]],
    ) -> None:
        self.arrays = arrays
        self.done, self.signatures, self.locations = done, signatures, locations
        self.declarations: set[str] = set()
        self.counter = 0

    def fresh(self, kind: str) -> str:
        self.counter += 1
        return f"%csynth.{kind}{self.counter}"

    def call(self, match: re.Match[str]) -> list[str]:
        symbol = match.group(4).strip('"')
        signature, callee = self.signatures[symbol], self.done[symbol]
        pad, dbg = match.group(1), "".join(re.findall(r", !dbg !\d+", match.group(6)))
        arguments = [typed(a) for a in split_commas(match.group(5))]
        target = ""
        if signature.return_address:
            target, arguments = arguments[0][1], arguments[1:]
        self._check_aliases(signature, arguments, callee, dbg)
        lines: list[str] = []
        passed, kinds = [], []
        stores: list[tuple[int, str]] = []
        for formal, (kind, value) in zip(signature.parameters, arguments, strict=True):
            if formal.kind == "value" or (formal.kind == "scalar" and formal.by_address):
                name = self._loaded(lines, pad, dbg, formal.llvm_bits, value)
                passed.append(f"i{formal.llvm_bits} {name}")
                kinds.append(f"i{formal.llvm_bits}")
                if formal.written:
                    stores.append((formal.llvm_bits, value))
            else:
                passed.append(f"{kind} {value}")
                kinds.append(kind + " captures(none)" if kind == "ptr" else kind)
        returns = re.sub(r"^.*?(\{[^}]*\}|\S+)$", r"\1", match.group(3).strip())
        own = signature.return_bits if target else returned_bits(returns)
        if target and not signature.by_value:
            own = storage_bits(own)
        total = sum(bits for bits, _ in stores) + own
        memory = _STATIC if callee.is_static else _HANDSHAKE
        result = f"i{total}" if total else "void"
        self.declarations.add(f"declare {result} @hls.call.{callee.name}({', '.join(kinds)}) {memory}")
        plain = not stores and not target and bits_of(returns) is not None and match.group(2)
        whole = match.group(2) if plain else self.fresh("ret") if total else ""
        lines.append(
            f"{pad}{f'{whole} = ' if whole else ''}call {result} @hls.call.{callee.name}({', '.join(passed)}){dbg}"
        )
        if plain or not total:
            return lines
        low = 0
        for bits, pointer in stores:
            self._store(lines, pad, dbg, self._bits(lines, pad, whole, total, low, bits), bits, pointer)
            low += bits
        if target:
            lines.append(
                f"{pad}store i{own} {self._bits(lines, pad, whole, total, low, own)}, ptr {target}, align 1{dbg}"
            )
        elif match.group(2) and returns.startswith("{"):
            value = "undef"
            members = split_commas(returns[1:-1])
            for at, kind in enumerate(members):
                part = self._bits(lines, pad, whole, total, low, bits_of(kind) or 0)
                name = match.group(2) if at == len(members) - 1 else self.fresh("agg")
                lines.append(f"{pad}{name} = insertvalue {returns} {value}, {kind} {part}, {at}")
                value, low = name, low + (bits_of(kind) or 0)
        elif match.group(2):
            self._bits(lines, pad, whole, total, low, own, match.group(2))
        return lines

    def _elements(self, bits: int, pointer: str) -> tuple[int, int] | None:
        """Elements and bits of one when `pointer` is a local array of `bits` bits that is better accessed element by element."""
        found = self.arrays.get(pointer)
        return found if found is not None and found[0] > 1 and found[0] * found[1] == bits else None

    def _loaded(self, lines: list[str], pad: str, dbg: str, bits: int, pointer: str) -> str:
        """Append lines that load an object as one word; return the word's name."""
        array = self._elements(bits, pointer)
        if array is None:
            name = self.fresh("arg")
            lines.append(f"{pad}{name} = load i{bits}, ptr {pointer}, align 1{dbg}")
            return name
        count, width = array
        word = "0"
        for at in range(count):
            p, x = self.fresh("at"), self.fresh("element")
            lines.append(f"{pad}{p} = getelementptr inbounds i8, ptr {pointer}, i64 {at * width // 8}")
            lines.append(f"{pad}{x} = load i{width}, ptr {p}, align 1{dbg}")
            lines.append(f"{pad}{x}.x = zext i{width} {x} to i{bits}")
            lines.append(f"{pad}{x}.s = shl i{bits} {x}.x, {at * width}")
            lines.append(f"{pad}{x}.o = or i{bits} {word}, {x}.s")
            word = f"{x}.o"
        return word

    def _store(self, lines: list[str], pad: str, dbg: str, word: str, bits: int, pointer: str) -> None:
        """Append lines that store a word to an object."""
        array = self._elements(bits, pointer)
        if array is None:
            lines.append(f"{pad}store i{bits} {word}, ptr {pointer}, align 1{dbg}")
            return
        count, width = array
        for at in range(count):
            p = self.fresh("at")
            part = self._bits(lines, pad, word, bits, at * width, width)
            lines.append(f"{pad}{p} = getelementptr inbounds i8, ptr {pointer}, i64 {at * width // 8}")
            lines.append(f"{pad}store i{width} {part}, ptr {p}, align 1{dbg}")

    def _bits(self, lines: list[str], pad: str, whole: str, total: int, low: int, width: int, name: str = "") -> str:
        """Append lines that take bits of a word; return their name."""
        shifted = whole
        if low:
            shifted = self.fresh("shr")
            lines.append(f"{pad}{shifted} = lshr i{total} {whole}, {low}")
        if width == total:
            if name:
                lines.append(f"{pad}{name} = add i{total} {shifted}, 0")
            return name or shifted
        name = name or self.fresh("part")
        lines.append(f"{pad}{name} = trunc i{total} {shifted} to i{width}")
        return name

    def _check_aliases(
        self, signature: Signature, arguments: list[tuple[str, str]], callee: Function, dbg: str
    ) -> None:
        values = [v for f, (_, v) in zip(signature.parameters, arguments, strict=True) if f.kind == "value"]
        for formal, (_, value) in zip(signature.parameters, arguments, strict=True):
            if formal.kind == "value" and formal.written and values.count(value) > 1:
                place = self.locations.of(dbg.rpartition(" ")[2]) if dbg else None
                raise UnsupportedError(
                    "alias",
                    f"the call of {callee.name!r} passes one object twice, and its parameter {formal.name!r} is written",
                    place,
                    "Copy the object first, or let the function be inlined",
                )
