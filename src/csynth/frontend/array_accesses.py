"""Loads and stores: which bank of which array, and where in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from csynth.frontend.affine import Address, Affine
from csynth.frontend.layout import Array
from csynth.frontend.llvm_text import Instruction, bits_of
from csynth.ir.model import Const, Memory, Operand

if TYPE_CHECKING:
    from csynth.frontend.convert import FunctionConverter


class ArrayAccesses:
    """Loads and stores of one function."""

    def __init__(self, owner: FunctionConverter) -> None:
        self.owner = owner
        self.by_value: dict[str, tuple[Operand, bool]] = {}
        self.used_banks: dict[str, tuple[Array, int]] = {}

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
        array = self._array(address)
        bank, index, subscripts = self._place(array, address, width)
        if (
            array.read_only
            and array.init is not None
            and not subscripts.terms
            and isinstance(index, Const)
            and isinstance(bank, int)
        ):
            at = subscripts.constant // array.element_bytes
            if 0 <= at < len(array.init):
                return Const(array.init[at] % (1 << width), width)
        if isinstance(bank, int):
            return self._load_bank(array, bank, index, address.offset, width)
        values = [self._load_bank(array, k, index, address.offset, width) for k in range(array.banks)]
        return self._pick(bank, values)

    def _pick(self, bank: Operand, values: list[Operand]) -> Operand:
        """A tree of selects over the bits of the bank's number."""
        build = self.owner.build
        level = 0
        while len(values) > 1:
            bit = build.bits(bank, level, 1)
            values = [
                build.select(bit, values[k + 1], values[k]) if k + 1 < len(values) else values[k]
                for k in range(0, len(values), 2)
            ]
            level += 1
        return values[0]

    def _load_bank(self, array: Array, bank: int, index: Operand, offset: Affine, width: int) -> Operand:
        name = self._bank(array, bank, width)
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
        if out is not None:
            name, bits = out
            owner.set_scalar(name, value, bits, predicate)
            if address.base not in owner.arrays:
                return
        array = self._array(address)
        if array.read_only:
            raise owner.unsupported("constant", f"the constant array {array.name!r} is written", "Remove const")
        bank, index, _ = self._place(array, address, value.width_bits)
        for k in [bank] if isinstance(bank, int) else range(array.banks):
            name = self._bank(array, k, value.width_bits)
            enable = predicate if isinstance(bank, int) else build.both(predicate, build.equals(bank, k))
            more: dict[str, Any] = {} if isinstance(enable, Const) else {"predicate": enable}
            build.emit("store", index, value, target=name, **more)
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
        if known is not None and known[0] is not array:
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

    def _place(self, array: Array, address: Address, width: int) -> tuple[int | Operand, Operand, Affine]:
        """Bank (a number when it is known), index in the bank, and the offset in bytes."""
        owner, build = self.owner, self.owner.build
        subscripts = array.subscripts(address.offset)
        if subscripts is None or width > 8 * array.element_bytes:
            raise owner.unsupported(
                "reinterpret",
                f"the array {array.name!r} is not accessed element by element",
                "Access its elements only",
            )
        if array.banks == 1:
            unit = array.element_bytes
            whole = Affine(tuple((t, c // unit) for t, c in address.offset.terms), address.offset.constant // unit)
            return 0, self._number(whole, max(1, (array.depth - 1).bit_length())), address.offset
        bank: int | Operand = 0
        index: Operand = Const(0, 1)
        need = max(1, (array.depth - 1).bit_length())
        index = Const(0, need)
        banks_width = max(1, (array.banks - 1).bit_length())
        for split, subscript in zip(array.splits, subscripts, strict=True):
            part, inner = self._split(split.banks, split.size, split.extent, split.block, subscript)
            if isinstance(bank, int) and isinstance(part, int):
                bank = bank * split.banks + part
            else:
                left = Const(bank, banks_width) if isinstance(bank, int) else bank
                right = Const(part, banks_width) if isinstance(part, int) else build.resized(part, banks_width)
                bank = self._sum(self._times(left, split.banks), right)
            index = self._sum(self._times(index, split.size), build.resized(inner, need))
        return bank, index, address.offset

    def _split(
        self, banks: int, size: int, extent: int, block: bool, subscript: Affine
    ) -> tuple[int | Operand, Operand]:
        build = self.owner.build
        width = max(1, (extent - 1).bit_length())
        if banks == 1:
            return 0, self._number(subscript, width)
        if not subscript.terms:
            s = subscript.constant
            if not 0 <= s < extent:
                s %= extent
            return (s // size, Const(s % size, width)) if block else (s % banks, Const(s // banks, width))
        if not block and all(c % banks == 0 for _, c in subscript.terms):
            inner = Affine(tuple((t, c // banks) for t, c in subscript.terms), subscript.constant // banks)
            return subscript.constant % banks, self._number(inner, width)
        s = self._number(subscript, width)
        if size == 1:
            return s, Const(0, 1)
        step = size if block else banks
        if step & (step - 1) == 0:
            shift = step.bit_length() - 1
            low, high = build.bits(s, 0, shift), build.bits(s, shift, width - shift)
        else:
            low = build.emit("urem", s, Const(step, width), width=width, wish="rem")
            high = build.emit("udiv", s, Const(step, width), width=width, wish="quo")
        return (high, low) if block else (low, high)

    def _number(self, affine: Affine, width: int) -> Operand:
        """The value of an affine expression, modulo 2**width."""
        total: Operand = Const(affine.constant % (1 << width), width)
        for term, c in affine.terms:
            value = self.owner.operand(term.value, term.width_bits)
            value = self.owner.build.resized(value, width, "s" if term.extension == "s" else "z")
            total = self._sum(total, self._times(value, c % (1 << width)))
        return total

    def _times(self, a: Operand, factor: int) -> Operand:
        width = a.width_bits
        if isinstance(a, Const):
            return Const(a.value * factor % (1 << width), width)
        if factor == 1:
            return a
        if factor % (1 << width) == 0:
            return Const(0, width)
        if factor & (factor - 1) == 0:
            return self.owner.build.emit("shl", a, Const(factor.bit_length() - 1, width), width=width, wish="scaled")
        return self.owner.build.emit("mul", a, Const(factor % (1 << width), width), width=width, wish="scaled")

    def _sum(self, a: Operand, b: Operand) -> Operand:
        if isinstance(a, Const) and isinstance(b, Const):
            return Const((a.value + b.value) % (1 << a.width_bits), a.width_bits)
        for x, y in ((a, b), (b, a)):
            if isinstance(x, Const) and x.value == 0:
                return y
        return self.owner.build.emit("add", a, b, width=a.width_bits, wish="index")

    def memories(self) -> list[Memory]:
        """All banks that are used."""
        found = []
        for name, (array, bank) in self.used_banks.items():
            init: tuple[int, ...] = ()
            if array.init is not None and (array.read_only or any(array.init)):
                values = self._bank_init(array, bank)
                init = tuple(v % (1 << array.width_bits) for v in values)
            found.append(
                Memory(
                    name=name,
                    array=array.name,
                    width_bits=array.width_bits,
                    depth=array.depth,
                    init=init,
                    read_only=array.read_only,
                    storage=array.storage,
                    interface=array.interface,
                    location=array.location,
                )
            )
        return found

    @staticmethod
    def _bank_init(array: Array, bank: int) -> list[int]:
        values = [0] * array.depth
        for at, value in enumerate(array.init or ()):
            rest, where = at, []
            for s in reversed(array.splits):
                rest, position = divmod(rest, s.extent)
                where.insert(0, position)
            number = index = 0
            for s, position in zip(array.splits, where, strict=True):
                part, inner = (
                    (position // s.size, position % s.size) if s.block else (position % s.banks, position // s.banks)
                )
                number, index = number * s.banks + part, index * s.size + inner
            if number == bank:
                values[index] = value
        return values
