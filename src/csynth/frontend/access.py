"""Loads, stores, streams and bursts; and what of them depends on earlier iterations."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from csynth.frontend.affine import Address, Affine, Term
from csynth.frontend.layout import Array
from csynth.frontend.llvm_loops import NaturalLoop
from csynth.frontend.llvm_text import Instruction, LlvmFunction, bits_of
from csynth.ir.model import Channel, Const, Dependence, Memory, Operand, Port, PortKind

if TYPE_CHECKING:
    from csynth.frontend.convert import FunctionConverter


@dataclass(slots=True)
class _Touch:
    """One load or store of one bank in a pipelined loop."""

    op: int
    store: bool
    bank: str
    offset: Affine


@dataclass(slots=True)
class _LoopState:
    loop: NaturalLoop
    touches: list[tuple[Array, _Touch]] = field(default_factory=list)
    bursts: list[tuple[str, int]] = field(default_factory=list)


class Accesses:
    """Everything of one function that reaches beyond its values."""

    def __init__(self, owner: FunctionConverter) -> None:
        self.owner = owner
        self.by_value: dict[str, tuple[Operand, bool]] = {}
        self.dependences: dict[str, list[Dependence]] = {}
        self.used_banks: dict[str, tuple[Array, int]] = {}
        self._state: _LoopState | None = None

    # -- arrays --------------------------------------------------------------------------------------------------------------------------

    def load(self, i: Instruction, predicate: Operand) -> Operand:
        """Convert a load; a select of pointers becomes a select of loads."""
        del predicate
        width = bits_of(i.type)
        if width is None:
            raise self.owner.unsupported("pointer_load", "a pointer is kept in memory", "Use arrays and subscripts")
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
        self._touch(array, False, name, offset)
        return made

    def store(self, i: Instruction, predicate: Operand) -> None:
        """Convert a store."""
        owner = self.owner
        width = bits_of(i.type)
        if width is None:
            raise owner.unsupported("pointer_store", "a pointer is kept in memory", "Use arrays and subscripts")
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
            self._touch(array, True, name, address.offset)

    def _array(self, address: Address) -> Array:
        owner = self.owner
        array = owner.arrays.get(address.base)
        if array is not None:
            return array
        parameter = next((p for p in owner.signature.parameters if p.llvm_name == address.base), None)
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

    # -- streams and bursts --------------------------------------------------------------------------------------------------------------

    def _stream_name(self, pointer: str) -> tuple[str, bool]:
        """Name of a stream and whether it is local."""
        owner = self.owner
        address = owner.reader.address(pointer)
        if address.offset.terms:
            raise owner.unsupported(
                "stream_index", "a stream is chosen at run time", "Unroll the loop, or write the access in each branch"
            )
        base = owner.marks.aliases.get(address.base, address.base)
        at = address.offset.constant
        if base in owner.stream_parameters:
            name = owner.stream_parameters[base].name
            return (f"{name}_{at}" if at else name), False
        if base in owner.local_streams:
            width, depth = owner.local_streams[base]
            name = owner._plain(base) + (f"_{at}" if at else "")
            for mark in owner.marks.variables:
                if mark.base == base and mark.pragma.kind == "stream" and mark.first > 0:
                    depth = mark.first
            owner.channels.setdefault(
                name, Channel(name=name, width_bits=width, depth=depth or 2, location=owner.build.location)
            )
            return name, True
        raise owner.unsupported(
            "stream_object", "a stream is neither a parameter nor a local variable", "Pass it as hls::stream<...>&"
        )

    def stream(self, i: Instruction, predicate: Operand) -> None:
        """Convert a stream access."""
        owner, build = self.owner, self.owner.build
        name, local = self._stream_name(i.operands[0])
        kind = re.match(r"hls\.stream_(\w+)\.i(\d+)", i.callee)
        assert kind is not None, i.callee
        opcode, width = kind.group(1), int(kind.group(2))
        if not local:
            parameter = next(p for p in owner.signature.parameters if p.name == name or name.startswith(p.name + "_"))
            wanted = PortKind.STREAM_IN if opcode in {"read", "read_nb", "empty"} else PortKind.STREAM_OUT
            self.port(name, wanted, width, signed=parameter.signed)
        more: dict[str, Any] = (
            {} if isinstance(predicate, Const) or opcode in {"empty", "full"} else {"predicate": predicate}
        )
        if opcode in {"write", "write_nb"}:
            value = owner.operand(i.operands[1], width)
            made = build.emit(opcode, value, width=1 if opcode == "write_nb" else 0, wish=i.name, target=name, **more)
        else:
            size = {"read": width, "read_nb": width + 1}.get(opcode, 1)
            made = build.emit(opcode, width=size, wish=i.name or name, target=name, **more)
        if i.name:
            owner.define(i, made)

    def port(self, name: str, kind: PortKind, width: int, **more: Any) -> None:
        """Make a stream port at its first use.

        Raises:
            UnsupportedError: it is used in both directions.
        """
        owner = self.owner
        known = owner.ports.get(name)
        if known is None:
            owner.ports[name] = Port(
                name=name,
                kind=kind,
                width_bits=width,
                interface=owner.marks.interface(str(more.get("maxi") or name)),
                location=owner.location,
                **more,
            )  # type: ignore[arg-type]
        elif known.kind is not kind:
            raise owner.unsupported(
                "stream_direction", f"the stream {name!r} is both read and written", "Use one stream for each direction"
            )

    def maxi(self, i: Instruction, predicate: Operand) -> None:
        """Convert an access of a burst_maxi argument to its five streams."""
        owner, build = self.owner, self.owner.build
        base = owner.reader.address(i.operands[0]).base
        for _ in range(64):
            base = owner.marks.aliases.get(base, base)
        parameter = owner.stream_parameters.get(base)
        if parameter is None:
            raise owner.unsupported("burst_object", "a burst_maxi is not a parameter", "Pass it as a parameter")
        name = parameter.name
        more: dict[str, Any] = {} if isinstance(predicate, Const) else {"predicate": predicate}
        kind = re.match(r"hls\.maxi_(\w+?)(?:\.i(\d+))?$", i.callee)
        assert kind is not None
        what, width = kind.group(1), int(kind.group(2) or 1)

        def use(role: str, bits: int) -> str:
            direction = PortKind.STREAM_IN if role in {"R", "B"} else PortKind.STREAM_OUT
            self.port(f"{name}_{role}", direction, bits, maxi=name, role=role)
            return f"{name}_{role}"

        if what == "request":
            is_write = i.operands[1] not in {"0", "false"}
            offset, length = owner.operand(i.operands[2], 64), owner.operand(i.operands[3], 32)
            word = build.emit("concat", length, offset, width=96, wish=f"{name}_request")
            build.emit("write", word, target=use("AW" if is_write else "AR", 96), **more)
            role = "AW" if is_write else "AR"
        elif what == "read":
            made = build.emit("read", width=width, wish=i.name or name, target=use("R", width), **more)
            if i.name:
                owner.define(i, made)
            role = "R"
        elif what == "write":
            build.emit("write", owner.operand(i.operands[1], width), target=use("W", width), **more)
            role = "W"
        else:
            build.emit("read", width=1, wish=f"{name}_done", target=use("B", 1), **more)
            role = "B"
        if self._state is not None:
            self._state.bursts.append((f"{name} {'read' if role in {'AR', 'R'} else 'write'}", build.ops[-1].id))

    def bind(self, pointer: str, formal: str, port: Port) -> str:
        """Name of the caller's port or channel behind a stream argument of a kept call."""
        owner = self.owner
        if port.maxi is not None:
            base = owner.reader.address(pointer).base
            for _ in range(64):
                base = owner.marks.aliases.get(base, base)
            parameter = owner.stream_parameters.get(base)
            if parameter is None:
                raise owner.unsupported("burst_object", "a burst_maxi is not a parameter", "Pass it as a parameter")
            name = f"{parameter.name}_{port.role}"
            self.port(name, port.kind, port.width_bits, maxi=parameter.name, role=port.role)
            return name
        name, local = self._stream_name(pointer)
        if port.name != formal:
            name += port.name.removeprefix(formal)
        if not local:
            self.port(name, port.kind, port.width_bits, signed=port.signed)
        return name

    # -- dependences ---------------------------------------------------------------------------------------------------------------------

    def enter(self, loop: NaturalLoop) -> None:
        """Start to note what a pipelined loop touches."""
        self._state = _LoopState(loop)

    def _touch(self, array: Array, store: bool, bank: str, offset: Affine) -> None:
        if self._state is not None:
            self._state.touches.append((array, _Touch(self.owner.build.ops[-1].id, store, bank, offset)))

    def leave(self) -> None:
        """End of the loop: write its dependences down."""
        state, self._state = self._state, None
        assert state is not None
        found: dict[tuple[int, int, int], Dependence] = {}

        def note(source: int, sink: int, distance: int, kind: str = "memory") -> None:
            found[source, sink, distance] = Dependence(source=source, sink=sink, distance=distance, kind=kind)

        groups: dict[str, list[tuple[Array, _Touch]]] = {}
        for array, touch in state.touches:
            groups.setdefault(touch.bank, []).append((array, touch))
        for touches in groups.values():
            if not any(t.store for _, t in touches):
                continue
            array = touches[0][0]
            within, between, fixed = self._wishes(array)
            for at, (_, a) in enumerate(touches):
                for later, (_, b) in enumerate(touches):
                    if not (a.store or b.store):
                        continue
                    if at < later and within and self._may_meet(a.offset, b.offset):
                        note(a.op, b.op, 0)
                    if between and (at != later):
                        distance = self._distance(state.loop, a.offset, b.offset)
                        if distance is not None:
                            note(a.op, b.op, fixed or distance)
        for at, (name, first) in enumerate(state.bursts):
            for other, second in state.bursts[at + 1 :]:
                if name == other:
                    note(first, second, 0, "order")
                    note(second, first, 1, "order")
        if found:
            self.dependences[state.loop.header] = list(found.values())

    def _wishes(self, array: Array) -> tuple[bool, bool, int]:
        """What the dependence pragmas of an array say: keep those within an iteration, those between, distance given."""
        within = between = True
        fixed = 0
        for mark in self.owner.marks.dependences:
            if mark.base not in {array.base, ""}:
                continue
            options = mark.pragma.options
            false = options.get("dependent", "false") == "false"
            if options.get("type", "inter") == "inter":
                between = between and not false
                fixed = mark.first if not false and mark.first > 0 else fixed
            else:
                within = within and not false
        return within, between, fixed

    @staticmethod
    def _may_meet(a: Affine, b: Affine) -> bool:
        return not (dict(a.terms) == dict(b.terms) and a.constant != b.constant)

    def _step(self, loop: NaturalLoop, term: Term) -> tuple[int, int] | None:
        """(step an iteration, constant ahead of the phi) of an induction term; None when it varies otherwise; (0, 0) invariant."""
        i = self.owner.reader.definitions.get(term.value)
        if i is None:
            return (0, 0)
        home = next((n for n, b in self.owner.llvm.blocks.items() if any(x is i for x in b.instructions)), "")
        if home not in loop.blocks:
            return (0, 0)
        ahead = 0
        if i.opcode == "add" and re.fullmatch(r"-?\d+", i.operands[1]):
            ahead, base = int(i.operands[1]), self.owner.reader.definitions.get(i.operands[0])
            if base is None or base.opcode != "phi":
                return None
            i = base
        if i.opcode != "phi" or not any(x is i for x in self.owner.llvm.blocks[loop.header].instructions):
            return None
        for source, text in zip(i.targets, i.operands, strict=True):
            if source in loop.blocks:
                following = self.owner.reader.definitions.get(text)
                if following is None or following.opcode != "add" or following.operands[0] != i.name:
                    return None
                if not re.fullmatch(r"-?\d+", following.operands[1]):
                    return None
                return int(following.operands[1]), ahead
        return None

    def _distance(self, loop: NaturalLoop, source: Affine, sink: Affine) -> int | None:
        """Least d >= 1 for which `source` of iteration i may be the address of `sink` of iteration i + d; None = never."""
        total: list[dict[str, int]] = []
        constants = []
        step = 0
        modulus = 0
        for affine in (source, sink):
            fixed: dict[str, int] = {}
            constant = affine.constant
            moving = 0
            for term, c in affine.terms:
                found = self._step(loop, term)
                if found is None:
                    return 1
                constant += c * found[1]
                i = self.owner.reader.definitions.get(term.value)
                name = i.operands[0] if i is not None and found[1] else term.value
                fixed[name] = fixed.get(name, 0) + c
                moving += c * found[0]
                if found[0]:
                    modulus = abs(c) << term.width_bits
            total.append(fixed)
            constants.append(constant)
            step = moving
        if total[0] != total[1]:
            return 1
        gap = constants[0] - constants[1]
        if step == 0:
            return 1 if gap == 0 else None
        if gap % step == 0 and gap // step >= 1:
            return gap // step
        if modulus and gap % step == 0:
            around = (gap // step) % (modulus // abs(step) or 1)
            return around if 1 <= around <= 64 else None
        return None

    # -- trip counts ---------------------------------------------------------------------------------------------------------------------

    def trip_count(self, loop: NaturalLoop, llvm: LlvmFunction) -> int | None:
        """The exact number of iterations when start, step and bound are constants and there is one exit."""
        exits = [(b, t) for b in loop.blocks for t in llvm.blocks[b].successors if t not in loop.blocks]
        if len(exits) != 1 or exits[0][0] not in loop.latches:
            return None
        last = llvm.blocks[exits[0][0]].terminator
        define = self.owner.reader.definitions
        test = define.get(last.operands[0]) if last.opcode == "br" and last.operands else None
        if test is None or test.opcode != "icmp" or not re.fullmatch(r"-?\d+", test.operands[1]):
            return None
        value = define.get(test.operands[0])
        width = bits_of(test.types[0]) or 32
        ahead = 0
        if value is not None and value.opcode == "add" and re.fullmatch(r"-?\d+", value.operands[1]):
            ahead, value = int(value.operands[1]), define.get(value.operands[0])
        if value is None or value.opcode != "phi" or not any(x is value for x in llvm.blocks[loop.header].instructions):
            return None
        found = self._step(loop, Term(value.name, width, ""))
        start = next((t for s, t in zip(value.targets, value.operands, strict=True) if s not in loop.blocks), "")
        if found is None or found[0] == 0 or not re.fullmatch(r"-?\d+", start):
            return None
        stays = last.targets[0] in loop.blocks
        bound, mask = int(test.operands[1]) % (1 << width), (1 << width) - 1
        at = int(start)

        def signed(v: int) -> int:
            v &= mask
            return v - ((v >> (width - 1)) << width)

        for count in range(1, 1 << 22):
            now = (at + ahead) & mask
            a, b = (signed(now), signed(bound)) if test.predicate[0] == "s" else (now, bound)
            holds = {"eq": a == b, "ne": a != b, "lt": a < b, "le": a <= b, "gt": a > b, "ge": a >= b}[
                test.predicate if test.predicate in {"eq", "ne"} else test.predicate[1:]
            ]
            if holds != stays:
                return count
            at += found[0]
        return None
