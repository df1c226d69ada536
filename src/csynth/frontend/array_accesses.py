"""Loads and stores: which bank of which array, and where in it."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

from csynth.frontend.affine import Address, Affine
from csynth.frontend.banks import Banks, Place
from csynth.frontend.layout import Array
from csynth.frontend.llvm_text import Instruction, bits_of
from csynth.frontend.members import Members
from csynth.ir.model import Const, Memory, Operand, Port, PortKind

if TYPE_CHECKING:
    from csynth.frontend.convert import FunctionConverter


class ArrayAccesses:
    """Loads and stores of one function."""

    def __init__(self, owner: FunctionConverter) -> None:
        self.owner = owner
        self.banks = Banks(owner)
        self.members = Members()
        self.by_value: dict[str, tuple[Operand, bool]] = {}
        self.used_banks: dict[str, tuple[Array, int]] = {}
        self.sides: set[tuple[str, str]] = set()

    def load(self, i: Instruction, predicate: Operand) -> Operand:
        """Convert a load; a select of pointers becomes a select of loads."""
        width = bits_of(i.type)
        if width is None:
            raise self.owner.unsupported("pointer_load", "a pointer is kept in memory", "Use arrays and subscripts")
        if self.owner.bus.owns(i):
            return self.owner.bus.load(i, self.owner.reader.address(i.operands[0]), width, predicate)
        return self._load(i.operands[0], width)

    def _load(self, pointer: str, width: int) -> Operand:
        owner = self.owner
        if pointer in owner.pointers:
            condition, a, b = owner.pointers[pointer]
            return owner.build.select(condition, self._load(a, width), self._load(b, width))
        address = owner.reader.address(pointer)
        if address.base in owner.pointers and address.base != pointer:
            raise owner.unsupported(
                "pointer_select", "an array is chosen at run time", "Write the access in each branch"
            )
        if address.base in self.by_value and not address.offset.terms and address.offset.constant == 0:
            value, signed = self.by_value[address.base]
            return owner.build.resized(value, width, "s" if signed else "z")
        array, address = self.members.of(self._array(address), address, width)
        place = self._place(array, address, width)
        at = address.offset.constant // array.element_bytes
        if array.read_only and array.init is not None and not address.offset.terms and 0 <= at < len(array.init):
            return Const(array.init[at] % (1 << width), width)
        values = {k: self._load_bank(array, k, place.index, address.offset, width) for k in place.parts}
        return values[place.parts[0]] if len(values) == 1 else self._pick(place.part, values)

    def _pick(self, part: Operand, values: dict[int, Operand]) -> Operand:
        """A tree of selects over the bits of the part's number; parts that are never meant are left out."""
        build = self.owner.build
        level = 0
        while len(values) > 1:
            bit = build.bits(part, level, 1)
            pairs: dict[int, Operand] = {}
            for k, value in values.items():
                other = values.get(k ^ 1)
                pairs[k >> 1] = value if other is None else build.select(bit, values[k | 1], values[k & ~1])
            values, level = pairs, level + 1
        return next(iter(values.values()))

    def _load_bank(self, array: Array, bank: int, index: Operand, offset: Affine, width: int) -> Operand:
        name = self._bank(array, bank, width)
        self.sides.add(("load", array.base))
        made = self.owner.build.emit("load", index, width=width, wish=f"{array.name}_q", target=name)
        self.owner.dependences.touch(array, False, name, offset)
        return made

    def store(self, i: Instruction, predicate: Operand) -> None:
        """Convert a store."""
        owner = self.owner
        width = bits_of(i.type)
        if width is None:
            raise owner.unsupported("pointer_store", "a pointer is kept in memory", "Use arrays and subscripts")
        if owner.bus.owns(i):
            owner.bus.store(i, owner.reader.address(i.operands[1]), owner.operand(i.operands[0], width), predicate)
            return
        self._store(i.operands[1], owner.operand(i.operands[0], width), predicate)

    def _store(self, pointer: str, value: Operand, predicate: Operand) -> None:
        owner, build = self.owner, self.owner.build
        if pointer in owner.pointers:
            condition, a, b = owner.pointers[pointer]
            self._store(a, value, build.both(predicate, condition))
            self._store(b, value, build.both(predicate, build.negated(condition)))
            return
        address = owner.reader.address(pointer)
        out = owner.signature.outputs.get(address.base)
        if out is not None and not address.offset.terms and address.offset.constant == 0:
            name, bits = out
            owner.set_scalar(name, value, bits, predicate)
            if address.base not in owner.arrays:
                return
        array, address = self.members.of(self._array(address), address, value.width_bits)
        if array.read_only:
            raise owner.unsupported("constant", f"the constant array {array.name!r} is written", "Remove const")
        place = self._place(array, address, value.width_bits)
        self.sides.add(("store", array.base))
        for k in place.parts:
            name = self._bank(array, k, value.width_bits)
            enable = predicate if len(place.parts) == 1 else build.both(predicate, build.equals(place.part, k))
            more: dict[str, Any] = {} if isinstance(enable, Const) else {"predicate": enable}
            build.emit("store", place.index, value, target=name, **more)
            self.owner.dependences.touch(array, True, name, address.offset)

    def first(self, base: str, value: Operand) -> None:
        """Store the first value of an object of one word."""
        array = self.owner.arrays[base]
        self.owner.build.emit("store", Const(0, 1), value, target=self._bank(array, 0, value.width_bits))

    def _array(self, address: Address) -> Array:
        owner = self.owner
        array = owner.arrays.get(address.base)
        if array is not None:
            return array
        parameter = next((p for p in owner.signature.parameters if p.llvm_name == address.base), None)
        if parameter is not None and (address.offset.terms or address.offset.constant):
            raise owner.unsupported(
                "pointer",
                f"the pointer {parameter.name!r} reaches more than one element, and its size is not known",
                f"Write its size, as in {parameter.name}[64], or use #pragma HLS interface m_axi port={parameter.name}",
            )
        if parameter is not None and parameter.kind in {"output", "scalar"}:
            raise owner.unsupported(
                "inout",
                f"the reference parameter {parameter.name!r} is both read and written",
                "Use a local variable and write it once",
            )
        what = f"the array parameter {parameter.name!r}" if parameter else "memory behind a pointer"
        raise owner.unsupported(
            "memory", f"{what} is not supported here", "Use hls::stream, hls::burst_maxi or a local array"
        )

    def _bank(self, array: Array, bank: int, width: int) -> str:
        name = array.name if array.banks == 1 else f"{array.name}_{bank}"
        known = self.used_banks.get(name)
        if known is not None and known[0] is not array and not array.outside:
            array.name = self.owner.build.name(array.name)
            return self._bank(array, bank, width)
        array.width_bits = array.width_bits or width
        if array.width_bits != width or width > 8 * array.element_bytes:
            raise self.owner.unsupported(
                "reinterpret",
                f"the array {array.name!r} is accessed with words of different widths",
                "Access its elements only",
            )
        self.used_banks[name] = (array, bank)
        return name

    def _place(self, array: Array, address: Address, width: int) -> Place:
        place = self.banks.place(array, address.offset)
        if place is None or width > 8 * array.element_bytes:
            raise self.owner.unsupported(
                "reinterpret",
                f"the array {array.name!r} is not accessed element by element",
                "Access its elements only",
            )
        return place

    def memory_ports(self) -> list[Port]:
        """A port for each bank of the arrays that lie outside; all banks of one array have the sides that any of them needs."""
        found = []
        for array in (a for a in self.owner.arrays.values() if a.outside):
            names = [array.name if array.banks == 1 else f"{array.name}_{bank}" for bank in range(array.banks)]
            found += [
                Port(
                    name=name,
                    kind=PortKind.MEMORY,
                    width_bits=array.width_bits,
                    depth=array.depth,
                    reads=("load", array.base) in self.sides,
                    writes=("store", array.base) in self.sides,
                    location=self.owner.location,
                )
                for name in names
            ]
        return found

    def memories(self) -> list[Memory]:
        """All banks that are used and lie in the function."""
        found = []
        for name, (array, bank) in self.used_banks.items():
            if array.outside:
                continue
            init: tuple[int, ...] = ()
            if array.init is not None and array.storage != "uram":
                values = self._bank_init(array, bank)
                init = tuple(v % (1 << array.width_bits) for v in values)
            group, lane = array.word_of(bank)
            words = prod(s.banks for s in array.splits if not s.word)
            word = "" if array.lanes == 1 else array.name if words == 1 else f"{array.name}_{group}"
            found.append(
                Memory(
                    name=name,
                    array=array.name,
                    width_bits=array.width_bits,
                    depth=array.depth,
                    init=init,
                    read_only=array.read_only,
                    storage=array.storage,
                    ports=array.ports,
                    latency_cycles=array.latency_cycles if array.depth > 1 else 1,
                    word=word,
                    lane=lane if word else 0,
                    interface=array.interface,
                    location=array.location,
                )
            )
        return found

    @staticmethod
    def _bank_init(array: Array, bank: int) -> list[int]:
        values = [0] * array.depth
        for at, value in enumerate(array.init or ()):
            rest, where = at, list[int]()
            for s in reversed(array.splits):
                rest, position = divmod(rest, s.extent)
                where.insert(0, position)
            part, index = array.place(where)
            if part == bank:
                values[index] = value
        return values
