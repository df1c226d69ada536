"""Pointers that walk over one array become subscripts of it, in LLVM's text: `*p++` is `a[n]` with n one more each time.

A phi or select of pointers whose sources all lie in one object becomes a phi or select of offsets. Comparisons and differences of
such pointers are those of the offsets.
"""

from __future__ import annotations

import re
from math import gcd

from csynth.frontend.affine import Address, AddressReader
from csynth.frontend.llvm_edit import body_start, join_function, label, split_function, terminator_at
from csynth.frontend.llvm_text import Instruction, LlvmFunction, Module, parse_module

_CHOOSING = frozenset({"phi", "select"})
_NOWHERE = frozenset({"undef", "poison"})
_WALKS = re.compile(r" = phi ptr ")


def resolve_pointer_walks(text: str) -> str:
    """Replace pointers that change, where they stay within one object; others are as they were."""
    if not _WALKS.search(text):
        return text
    module = parse_module(text)
    for symbol, function in module.functions.items():
        walks = _Walks(text, symbol, module, function)
        if walks.offsets:
            text = walks.run()
    return text


class _Walks:
    """The pointers of one function that change within one object."""

    def __init__(self, text: str, symbol: str, module: Module, function: LlvmFunction) -> None:
        self.reader = AddressReader(module, function)
        self.source = text, symbol
        self.count = 0
        self.instructions = {
            i.name: i
            for b in function.blocks.values()
            for i in b.instructions
            if i.type == "ptr" and i.opcode in _CHOOSING and i.name
        }
        entry = next(iter(function.blocks.values()))
        fixed = {p.name for p in function.parameters} | {i.name for i in entry.instructions if i.opcode == "alloca"}
        self.base_of: dict[str, str] = {}
        if any(i.opcode == "phi" for i in self.instructions.values()):
            for name in self.instructions:
                roots = self._roots(name, set())
                if len(roots) == 1 and ((root := next(iter(roots))) in fixed or root.startswith("@")):
                    self.base_of[name] = root
        walked = {self.base_of[n] for n in self.base_of if self.instructions[n].opcode == "phi"}
        self.base_of = {n: b for n, b in self.base_of.items() if b in walked}
        self.offsets = {name: f"%csynth.walk{at}{self._tag(text)}" for at, name in enumerate(self.base_of)}
        self.uses = [i for b in function.blocks.values() for i in b.instructions if self._uses_offsets(i)]
        self.units = self._units()

    @staticmethod
    def _tag(text: str) -> str:
        """What names of an earlier round in the same text do not have."""
        rounds = {int(n) for n in re.findall(r"%csynth\.walk\d+\.r(\d+)", text)}
        return f".r{max(rounds, default=-1) + 1}"

    def _roots(self, pointer: str, seen: set[str]) -> set[str]:
        base = self.reader.address(pointer).base
        i = self.instructions.get(base)
        if i is None:
            return set() if base in _NOWHERE else {base}
        if base in seen:
            return set()
        seen.add(base)
        return {root for o in self._sources(i) for root in self._roots(o, seen)}

    @staticmethod
    def _sources(i: Instruction) -> list[str]:
        return i.operands if i.opcode == "phi" else i.operands[1:]

    def _object(self, pointer: str) -> str:
        """The object that a pointer of this kind stays in; "" for others."""
        base = self.reader.address(pointer).base
        return self.base_of.get(base, base if base not in self.instructions else "")

    def _uses_offsets(self, i: Instruction) -> bool:
        """Whether it compares two pointers into one object that is walked over, or takes their difference."""
        if i.opcode == "icmp" and i.types[0] == "ptr":
            pointers = i.operands
        elif i.opcode == "sub":
            numbers = [self.reader.definitions.get(o) for o in i.operands]
            if any(n is None or n.opcode != "ptrtoint" for n in numbers):
                return False
            pointers = [n.operands[0] for n in numbers if n is not None]
        else:
            return False
        objects = {self._object(o) for o in pointers}
        return len(objects) == 1 and objects <= set(self.base_of.values())

    def _units(self) -> dict[str, int]:
        """By object, the largest number of bytes that all offsets are a multiple of."""
        found: dict[str, int] = {}

        def note(pointer: str) -> None:
            address = self.reader.address(pointer)
            name = self._object(pointer)
            found[name] = gcd(found.get(name, 0), address.offset.constant, *(c for _, c in address.offset.terms))

        for name in self.base_of:
            for source in self._sources(self.instructions[name]):
                if source not in _NOWHERE:
                    note(source)
        for i in self.uses:
            for pointer in self._compared(i):
                note(pointer)
        return {name: unit or 1 for name, unit in found.items()}

    def _compared(self, i: Instruction) -> list[str]:
        return i.operands if i.opcode == "icmp" else [self.reader.definitions[o].operands[0] for o in i.operands]

    def _fresh(self) -> str:
        self.count += 1
        return f"{next(iter(self.offsets.values()))}.{self.count}"

    def _offset(self, pointer: str, lines: list[str]) -> str:
        """Append lines that compute the offset of `pointer` in units; return its name."""
        if pointer in _NOWHERE:
            return "0"
        address: Address = self.reader.address(pointer)
        unit = self.units[self._object(pointer)]
        word = self.offsets.get(address.base, "")
        for term, coefficient in address.offset.terms:
            part = term.value
            if term.width_bits < 64:
                part = self._fresh()
                kind = "zext" if term.extension == "z" else "sext"
                lines.append(f"  {part} = {kind} i{term.width_bits} {term.value} to i64")
            if coefficient != unit:
                scaled = self._fresh()
                lines.append(f"  {scaled} = mul nsw i64 {part}, {coefficient // unit}")
                part = scaled
            word = self._sum(word, part, lines)
        constant = address.offset.constant // unit
        return self._sum(word, str(constant), lines) if constant or not word else word

    def _sum(self, one: str, two: str, lines: list[str]) -> str:
        if not one:
            return two
        name = self._fresh()
        lines.append(f"  {name} = add nsw i64 {one}, {two}")
        return name

    def run(self) -> str:
        """The text with offsets in place of pointers."""
        before, blocks, after = split_function(*self.source)
        at_ends: dict[tuple[str, str], str] = {}
        ends: dict[str, list[str]] = {}
        heads: dict[str, list[str]] = {}
        for block, lines in blocks.items():
            out: list[str] = []
            for line in lines:
                match = re.match(r"  (%(?:\"[^\"]*\"|[-\w.$]+)) = ", line)
                name = match.group(1) if match else ""
                debug = "".join(re.findall(r", !dbg !\d+", line))
                i = self.instructions.get(name) if name in self.offsets else None
                if i is not None and i.opcode == "phi":
                    pairs = []
                    for target, source in zip(i.targets, i.operands, strict=True):
                        if (target, source) not in at_ends:
                            at_ends[target, source] = self._offset(source, ends.setdefault(target, []))
                        pairs.append(f"[ {at_ends[target, source]}, {label(target)} ]")
                    out.append(f"  {self.offsets[name]} = phi i64 {', '.join(pairs)}{debug}")
                    heads.setdefault(block, []).append(self._address(name))
                elif i is not None:
                    one, two = (self._offset(o, out) for o in i.operands[1:])
                    out.append(f"  {self.offsets[name]} = select i1 {i.operands[0]}, i64 {one}, i64 {two}{debug}")
                    out.append(self._address(name))
                elif name and (use := next((u for u in self.uses if u.name == name), None)) is not None:
                    self._use(use, name, debug, out)
                else:
                    out.append(line)
            blocks[block] = out
        for block, lines in heads.items():
            at = body_start(blocks[block])
            blocks[block][at:at] = lines
        for block, lines in ends.items():
            at = terminator_at(blocks[block])
            blocks[block][at:at] = lines
        return join_function(before, blocks, after)

    def _address(self, name: str) -> str:
        base = self.base_of[name]
        return f"  {name} = getelementptr inbounds [{self.units[base]} x i8], ptr {base}, i64 {self.offsets[name]}"

    def _use(self, i: Instruction, name: str, debug: str, out: list[str]) -> None:
        """A comparison or a difference of offsets."""
        pointers = self._compared(i)
        one, two = (self._offset(o, out) for o in pointers)
        if i.opcode == "icmp":
            predicate = i.predicate.replace("u", "s") if i.predicate[0] == "u" else i.predicate
            out.append(f"  {name} = icmp {predicate} i64 {one}, {two}{debug}")
            return
        difference = self._fresh()
        out.append(f"  {difference} = sub nsw i64 {one}, {two}")
        out.append(f"  {name} = mul nsw i64 {difference}, {self.units[self._object(pointers[0])]}{debug}")
