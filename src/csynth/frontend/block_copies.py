"""Arrays and structs that are set or copied as a whole become accesses of their elements, in LLVM's text.

clang makes `llvm.memset` and `llvm.memcpy` of initialisers, of assignments of structs, and of the library's memset and memcpy. Those of
constant size are replaced: by one access for each element where the array is small or cut completely, else by a pipelined loop that
reaches every bank in each iteration.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import prod

from csynth.frontend.affine import Address, AddressReader
from csynth.frontend.copy_loops import CopyLoops
from csynth.frontend.layout import Array, Split, constants, dimensions, make_array
from csynth.frontend.llvm_edit import join_function, split_function
from csynth.frontend.llvm_text import Instruction, LlvmFunction, Module, parse_module, size_of, split_commas, typed
from csynth.frontend.locations import Locations
from csynth.frontend.members import Leaf, leaves_of
from csynth.frontend.pragmas import Pragma
from csynth.ir.model import Location

_SMALL = 16  # elements up to which an array is set without a loop
_MAX_ACCESSES = 1 << 16
_INTEGER_BYTES = 8  # up to which LLVM makes one word of a copy
_PASSIVE = ("llvm.lifetime", "llvm.assume", "llvm.dbg", "__csynth_")
_CUTS = frozenset({"array_partition", "array_reshape"})
_SCOPE = "declare void @__csynth_scope(i32, i64, i64) nounwind willreturn memory(argmem: readwrite, inaccessiblemem: readwrite)"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Object:
    """What lies behind a pointer: its array, and the numbers in one element."""

    address: Address
    array: Array
    leaves: tuple[Leaf, ...]

    def fits(self, other: _Object) -> bool:
        """Whether both have the same element."""
        return self.leaves == other.leaves and self.array.element_bytes == other.array.element_bytes


def lower_block_copies(text: str, pragmas: list[Pragma], file: str) -> str:
    """Replace block copies and settings in all functions of `text`; `pragmas` gains those of the loops that are made.

    What cannot be told apart into elements stays.
    """
    if "@llvm.mem" not in text:
        return text
    module = parse_module(text)
    locations = Locations(module.metadata, file)
    added: list[str] = []
    for symbol, function in module.functions.items():
        found = [i for b in function.blocks.values() for i in b.instructions if i.callee.startswith("llvm.mem")]
        if found:
            lowering = _Lowering(text, symbol, module, function, pragmas, locations, len(added))
            for i in found:
                lowering.one(i)
            text = lowering.text()
            added += lowering.tables
    if added:
        text = "\n".join([text, *added, ""])
    if "call void @__csynth_scope(" in text and "declare void @__csynth_scope(" not in text:
        text += f"\n{_SCOPE}\n"
    return text


class _Lowering:
    """The block copies of one function."""

    def __init__(
        self,
        text: str,
        symbol: str,
        module: Module,
        function: LlvmFunction,
        pragmas: list[Pragma],
        locations: Locations,
        table_count: int,
    ) -> None:
        self.module, self.function, self.pragmas, self.locations = module, function, pragmas, locations
        self.reader = AddressReader(module, function)
        self.before, self.blocks, self.after = split_function(text, symbol)
        self.tables: list[str] = []
        self.table_count = table_count
        self.count = 0
        self.marks = [
            i
            for b in function.blocks.values()
            for i in b.instructions
            if i.callee == "__csynth_variable" and pragmas[int(i.operands[0])].kind in _CUTS
        ]

    def text(self) -> str:
        """The whole text as it is now."""
        return join_function(self.before, self.blocks, self.after)

    def one(self, i: Instruction) -> None:
        """Replace one call, if its object is known."""
        size = i.operands[2]
        if not re.fullmatch(r"\d+", size) or i.operands[3] != "false":
            return
        setting = i.callee.startswith("llvm.memset")
        if size == "0":
            self._replace(i, [], None)
            return
        target, source = self._object(i.operands[0], int(size)), None
        values: list[list[int]] | None = None
        if setting:
            target = target or self._bytes_at(i.operands[0], int(size))
        else:
            source = self._object(i.operands[1], int(size))
            target = target or (source and self._like(i.operands[0], source))
        if target is None or not target.array.on_element(target.address.offset):
            return
        splits = _region(target, int(size))
        if splits is None or prod(s.banks for s in splits) * len(target.leaves) > _MAX_ACCESSES:
            return
        straight = prod(s.extent for s in splits) <= _SMALL
        if straight:
            splits = [Split(extent=s.extent, banks=s.extent) for s in splits]
        if not setting:
            image = self._image(i.operands[1], int(size))
            if image is not None:
                if self._only_copy(i, target):
                    return  # LLVM reads the constant instead
                values = [_numbers(image, target, leaf) for leaf in target.leaves]
            else:
                source = source or self._like(i.operands[1], target)
                if source is None or not source.fits(target) or not source.array.on_element(source.address.offset):
                    return
                if not straight and "memmove" in i.callee and source.address.base == target.address.base:
                    return
        elif re.fullmatch(r"-?\d+", i.operands[1]):
            byte = int(i.operands[1]) % 256
            values = [[int.from_bytes(bytes([byte]) * leaf.size, "little")] for leaf in target.leaves]
        elif any(leaf.size != 1 for leaf in target.leaves):
            return
        name = _plain(target.address.base)
        loops = CopyLoops(
            tag=f"%csynth.copy{self.count}",
            target=i.operands[0],
            source=i.operands[1],
            splits=splits,
            element_bytes=target.array.element_bytes,
            leaves=target.leaves,
            debug=f", !dbg {i.metadata['dbg']}" if "dbg" in i.metadata else "",
            scopes=self._scopes(("init_" if values or setting else "copy_") + name, i),
        )
        self.count += 1
        marks: list[str] = []
        for at, numbers in enumerate(values or ()):
            if straight or len(set(numbers)) == 1:
                loops.values[at] = numbers
            else:
                loops.tables[at] = self._table(name, splits, numbers, target.leaves[at], target, marks)
        if setting and values is None:
            loops.variable = i.operands[1]
        self._replace(i, marks, loops)

    def _scopes(self, name: str, i: Instruction) -> tuple[int, int]:
        """Indices of pragmas: the label of a loop, and its pipeline."""
        place = self.locations.of(i.metadata.get("dbg")) or Location(file="", line=0)
        self.pragmas.append(Pragma(kind="label", options={"name": name}, location=place))
        self.pragmas.append(Pragma(kind="pipeline", location=place))
        return len(self.pragmas) - 2, len(self.pragmas) - 1

    def _table(
        self, name: str, splits: list[Split], numbers: list[int], leaf: Leaf, target: _Object, marks: list[str]
    ) -> str:
        """Make a constant array of `numbers`, cut as the target is; return its name."""
        table = f"@csynth.{name}_init{self.table_count + len(self.tables) or ''}"
        kind, value, step = f"i{8 * leaf.size}", [f"i{8 * leaf.size} {n}" for n in numbers], 1
        for s in reversed(splits):
            step = s.extent
            kind = f"[{step} x {kind}]"
            value = [f"{kind} [{', '.join(value[at : at + step])}]" for at in range(0, len(value), step)]
        self.tables.append(f"{table} = internal constant {value[0]}")
        whole = [s.extent for s in splits] == [s.extent for s in target.array.splits]
        for mark in self.marks if whole else ():
            if self.reader.address(mark.operands[1]).base == target.address.base:
                operands = [f"{k} {o}" for k, o in zip(mark.types, mark.operands, strict=True)]
                operands[1] = f"ptr {table}"
                marks.append(f"  call void @__csynth_variable({', '.join(operands)})")
        return table

    def _replace(self, i: Instruction, marks: list[str], loops: CopyLoops | None) -> None:
        """Put what replaces call `i` into its place."""
        words = f"({i.types[0]} "
        for name, lines in self.blocks.items():
            for at, line in enumerate(lines):
                if f"@{i.callee}(" not in line or words not in line or not self._is(i, line):
                    continue
                if loops is None:
                    del lines[at]
                    return
                made = loops.blocks(name, [*lines[:at], *marks], lines[at + 1 :])
                last = list(made)[-1]
                ordered: dict[str, list[str]] = {}
                for other, body in self.blocks.items():
                    ordered |= made if other == name else {other: body}
                self.blocks = ordered
                if last != name:
                    self._rename_in_phis(name, last)
                return
        raise AssertionError(i.operands)

    @staticmethod
    def _is(i: Instruction, line: str) -> bool:
        """Whether `line` is the call `i`: the same arguments at the same place."""
        arguments = line[line.index("(") + 1 : line.rindex(")")]
        same = [typed(a)[1] for a in split_commas(arguments)] == i.operands
        dbg = re.search(r"!dbg (!\d+)", line)
        return same and (dbg.group(1) if dbg else None) == i.metadata.get("dbg")

    def _rename_in_phis(self, old: str, new: str) -> None:
        quoted = {n: n if re.fullmatch(r"[-\w.$]+", n) else f'"{n}"' for n in (old, new)}
        for name in re.findall(r'label %("[^"]*"|[-\w.$]+)', "\n".join(self.blocks[new])):
            lines = self.blocks[name.strip('"')]
            for at, line in enumerate(lines):
                if re.match(r"  %\S+ = phi ", line):
                    lines[at] = line.replace(f", %{quoted[old]} ]", f", %{quoted[new]} ]")

    # -- objects -------------------------------------------------------------------------------------------------------------------------

    def _object(self, pointer: str, size: int) -> _Object | None:
        """The object behind a pointer, when its type is known."""
        address = self.reader.address(pointer)
        kind = self._kind(address.base)
        if kind is None:
            return self._by_accesses(address, size)
        array = make_array(address.base, _plain(address.base), kind, self.module.types)
        leaves = _leaves(kind, self.module)
        if leaves is None or not array.element_bytes:
            return None
        for mark in self.marks:
            if self.reader.address(mark.operands[1]).base == address.base:
                pragma = self.pragmas[int(mark.operands[0])]
                how, factor, dim = pragma.options.get("type", "complete"), mark.operands[8], mark.operands[9]
                if re.fullmatch(r"-?\d+", factor) and re.fullmatch(r"-?\d+", dim):
                    array.split(pragma.kind, how, int(factor), int(dim), pragma.location)
        return _Object(address=address, array=array, leaves=leaves)

    def _kind(self, base: str) -> str | None:
        """LLVM type of an alloca, a global, or a copied argument."""
        i = self.reader.definitions.get(base)
        if i is not None:
            return i.element if i.opcode == "alloca" else None
        if base in self.module.globals:
            return _initialiser(self.module.globals[base])[0] or None
        parameter = next((p for p in self.function.parameters if p.name == base), None)
        found = re.search(r"(?:byval|sret)\(((?:[^()]|\([^()]*\))*)\)", parameter.attributes) if parameter else None
        return found.group(1) if found else None

    def _by_accesses(self, address: Address, size: int) -> _Object | None:
        """The array behind a parameter, judged by its other accesses: all of one width."""
        kinds = set[str]()
        for i in (i for b in self.function.blocks.values() for i in b.instructions):
            if (
                i.opcode in {"load", "store"}
                and self.reader.address(i.operands[i.opcode == "store"]).base == address.base
            ):
                kinds.add(i.type)
        if len(kinds) != 1 or not re.fullmatch(r"i\d+", kind := kinds.pop()):
            return None
        return _numbers_of(address, size_of(kind, {}), size)

    def _like(self, pointer: str, other: _Object) -> _Object | None:
        """An object of unknown type that is copied from or to `other`."""
        address = self.reader.address(pointer)
        if self._kind(address.base) is not None:
            return None
        array = Array(
            base=address.base,
            name=_plain(address.base),
            element_bytes=other.array.element_bytes,
            splits=[Split(extent=s.extent) for s in other.array.splits],
        )
        return _Object(address=address, array=array, leaves=other.leaves)

    def _bytes_at(self, pointer: str, size: int) -> _Object | None:
        """An object of unknown type that is only set: the step of its pointer tells the element."""
        i = self.reader.definitions.get(pointer)
        step = size_of(i.element, self.module.types) if i is not None and i.opcode == "getelementptr" else 0
        return _numbers_of(self.reader.address(pointer), step, size) if step in {1, 2, 4, 8} else None

    def _image(self, pointer: str, size: int) -> bytes | None:
        """The bytes of a constant."""
        address = self.reader.address(pointer)
        text = self.module.globals.get(address.base, "")
        if address.offset.terms or not re.search(r"\bconstant\b", text):
            return None
        kind, value = _initialiser(text)
        leaves = leaves_of(kind, self.module.types)
        try:
            found = constants(kind, value, self.module.types)
        except (ValueError, IndexError):
            return None
        if len(found) != len(leaves) or any(not leaf.size for leaf in leaves):
            return None
        image = bytearray(size_of(kind, self.module.types))
        for leaf, number in zip(leaves, found, strict=True):
            image[leaf.offset : leaf.offset + leaf.size] = number.to_bytes(leaf.size, "little")
        first = address.offset.constant
        return bytes(image[first : first + size]) if 0 <= first <= len(image) - size else None

    def _only_copy(self, i: Instruction, target: _Object) -> bool:
        """Whether nothing but the copy `i` writes an array, so that LLVM reads the constant in its place."""
        base, marked = target.address.base, False
        for other in (x for b in self.function.blocks.values() for x in b.instructions):
            if other is i or not any(o.startswith("%") and self.reader.address(o).base == base for o in other.operands):
                continue
            if other.opcode == "call":
                marked |= other.callee.startswith("__csynth_")
                if not other.callee.startswith(_PASSIVE):
                    return False
            elif other.opcode not in {"load", "getelementptr"}:
                return False
        return base.startswith("%") and (not marked or int(i.operands[2]) > _INTEGER_BYTES)


def _leaves(kind: str, module: Module) -> tuple[Leaf, ...] | None:
    """The numbers in one element of an array of type `kind`."""
    leaves = tuple(leaves_of(dimensions(kind, module.types)[1], module.types))
    return leaves if leaves and all(leaf.size for leaf in leaves) else None


def _numbers_of(address: Address, element_bytes: int, size: int) -> _Object:
    """An array of numbers that is as large as what is copied."""
    array = Array(
        base=address.base,
        name=_plain(address.base),
        element_bytes=element_bytes,
        splits=[Split(extent=max(1, size // element_bytes))],
    )
    return _Object(address=address, array=array, leaves=(Leaf(0, element_bytes),))


def _numbers(image: bytes, target: _Object, leaf: Leaf) -> list[int]:
    """The numbers at one leaf of each element."""
    step = target.array.element_bytes
    return [
        int.from_bytes(image[at + leaf.offset : at + leaf.offset + leaf.size], "little")
        for at in range(0, len(image), step)
    ]


def _region(target: _Object, size: int) -> list[Split] | None:
    """The dimensions of a part of an array of `size` bytes, each with its cut; None when it is no whole number of rows."""
    array = target.array
    if size % array.element_bytes:
        return None
    if array.banks == 1:
        return [Split(extent=size // array.element_bytes)]
    for at, stride in enumerate(array.strides()):
        count, rest = divmod(size, stride)
        head = array.splits[at]
        if not rest and count and (at == 0 or count <= head.extent):
            if count != head.extent:
                head = Split(extent=count, banks=min(head.banks, count), block=head.block)
            return [head, *array.splits[at + 1 :]]
    return None


def _initialiser(text: str) -> tuple[str, str]:
    """Type and value of a global."""
    match = re.match(r"(?:\w+ )*?(?:\w+\([^)]*\) )*(?:constant|global) (.*)$", text)
    return typed(split_commas(match.group(1))[0]) if match else ("", "")


def _plain(base: str) -> str:
    return re.sub(r"\W", "_", base[1:].split(".", maxsplit=1)[0].strip('"')) or "array"
