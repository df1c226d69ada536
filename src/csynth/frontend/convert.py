"""One function in LLVM form -> `csynth.ir`: memories, streams, scalars, blocks, and one block for each pipelined loop."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from math import prod
from typing import Any

from csynth.errors import UnsupportedError
from csynth.frontend.affine import AddressReader
from csynth.frontend.array_accesses import ArrayAccesses
from csynth.frontend.builder import Builder
from csynth.frontend.bus_accesses import BusAccesses
from csynth.frontend.dependences import Dependences
from csynth.frontend.flatten import Region
from csynth.frontend.flatten_nests import facts_of
from csynth.frontend.induction import trip_count
from csynth.frontend.intrinsics import convert_intrinsic
from csynth.frontend.layout import Array, Split, constants, dimensions, make_array
from csynth.frontend.llvm_loops import NaturalLoop, natural_loops, predecessors, reverse_postorder
from csynth.frontend.llvm_text import Instruction, LlvmFunction, Module, bits_of, size_of
from csynth.frontend.locations import Locations
from csynth.frontend.members import leaves_of
from csynth.frontend.names import variable
from csynth.frontend.nests import Nest
from csynth.frontend.operators import parsed
from csynth.frontend.prepare import demangled, storage_bits
from csynth.frontend.regions import Formal, LoopFacts, Marks, Signature
from csynth.frontend.storage import apply_storage
from csynth.frontend.straight import convert_straight, obstacle
from csynth.frontend.stream_accesses import StreamAccesses
from csynth.frontend.values import ValueFacts
from csynth.ir.model import (
    Binding,
    Block,
    Branch,
    Channel,
    Const,
    Function,
    Jump,
    Location,
    Loop,
    Op,
    Operand,
    Phi,
    Port,
    PortKind,
    Ref,
    Return,
    Terminator,
    TripCount,
)

#: Twice what the largest device has.
LARGEST_ARRAY_BYTES = 1 << 27
_BINARY = frozenset(["add", "sub", "mul", "udiv", "sdiv", "urem", "srem", "and", "or", "xor", "shl", "lshr", "ashr"])
_IGNORED = (
    "llvm.lifetime",
    "llvm.assume",
    "llvm.experimental.noalias",
    "llvm.dbg",
    "llvm.invariant",
    "hls.stream_declare",
    "hls.maxi_alias",
)


@dataclass(slots=True)
class Draft:
    """A block under construction."""

    name: str
    phis: list[tuple[Ref, list[tuple[str, str]], int]] = field(default_factory=list)
    ops: list[Op] = field(default_factory=list)
    terminator: Terminator = field(default_factory=Return)


class FunctionConverter:
    """Converts one kept function."""

    def __init__(
        self,
        module: Module,
        llvm: LlvmFunction,
        *,
        name: str,
        signature: Signature,
        marks: Marks,
        loops: dict[int, LoopFacts],
        locations: Locations,
        callees: dict[str, Function],
        location: Location | None,
        may_be_static: bool = False,
    ) -> None:
        self.may_be_static, self.obstacle = may_be_static, ""
        self.module, self.llvm, self.function_name = module, llvm, name
        self.signature, self.marks, self.loop_facts = signature, marks, loops
        self.locations, self.callees, self.location = locations, callees, location
        self.build = Builder()
        self.reader = AddressReader(module, llvm)
        self.known = ValueFacts(self)
        self.values: dict[str, Operand] = {}
        self.pointers: dict[str, tuple[Operand, str, str]] = {}
        self.ports: dict[str, Port] = {}
        self.channels: dict[str, Channel] = {}
        self.arrays: dict[str, Array] = {}
        self.array_accesses = ArrayAccesses(self)
        self.stream_accesses = StreamAccesses(self)
        self.dependences = Dependences(self)
        self.bus = BusAccesses(self)
        self.extra_blocks: dict[str, list[str]] = {}
        self.exit_values: dict[tuple[str, str], Operand] = {}
        self.phi_home: dict[str, tuple[str, str]] = {}

    # -- values --------------------------------------------------------------------------------------------------------------------------

    def operand(self, text: str, width: int) -> Operand:
        """The operand for an LLVM value of `width` bits."""
        if text.startswith("%"):
            if text not in self.values:
                self.values[text] = Ref(self.build.name(text), width)
            return self.values[text]
        number = {"true": 1, "false": 0, "undef": 0, "poison": 0, "zeroinitializer": 0}.get(text)
        if number is None:
            if not re.fullmatch(r"-?\d+", text):
                raise UnsupportedError(
                    "pointer_value",
                    f"an address is used as a number ({text[:40]})",
                    self.build.location,
                    "Use array subscripts",
                )
            number = int(text)
        return Const(number % (1 << width), width)

    def define(self, i: Instruction, value: Operand) -> None:
        """Record what an LLVM value has become; keeps a name that was promised before."""
        known = self.values.get(i.name)
        if isinstance(known, Ref):
            raise AssertionError(f"{i.name} was used before its definition")
        self.values[i.name] = value

    def result(self, i: Instruction, opcode: str, *operands: Operand, width: int, **more: Any) -> None:
        """Emit the op that computes an LLVM value."""
        self.define(i, self.build.emit(opcode, *operands, width=width, wish=i.name, **more))

    def unsupported(self, code: str, what: str, remedy: str) -> UnsupportedError:
        """An error at the current place."""
        return UnsupportedError(code, what, self.build.location or self.location, remedy)

    # -- the whole function --------------------------------------------------------------------------------------------------------------

    def convert(self) -> Function:
        """Return the function.

        Raises:
            UnsupportedError: a construct that does not become hardware.
        """
        self._ports()
        self._objects()
        self.obstacle = obstacle(self) if self.may_be_static else ""
        if self.may_be_static and not self.obstacle:
            return convert_straight(self)
        loops = natural_loops(self.llvm)
        self.bus.prepare(loops)
        order = reverse_postorder(self.llvm)
        before = predecessors(self.llvm)
        regions: dict[str, NaturalLoop] = {}
        for loop in loops:
            facts = self.loop_of(loop)
            if facts is not None and facts.initiation_interval is not None:
                if loop.children:
                    inner = self.loop_of(loop.children[0])
                    place = inner.location if inner else facts.location
                    raise UnsupportedError(
                        "inner_loop",
                        f"the loop {inner.name if inner else 'inside'!r} in the pipelined loop {facts.name!r} cannot be unrolled: "
                        "its trip count is not constant",
                        place,
                        "Give it a constant bound, or pipeline the inner loop instead",
                    )
                for name in loop.blocks:
                    regions[name] = loop
        drafts: list[Draft] = []
        self.edge_name: dict[tuple[str, str], str] = {}
        self.pending: list[tuple[Draft, Instruction]] = []
        found_loops: list[tuple[NaturalLoop, list[str], LoopFacts | None]] = []
        self.draft_blocks: dict[str, list[str]] = {}
        entry_ops = self._scalars()
        for name in order:
            if name in regions:
                loop = regions[name]
                if name == loop.header:
                    made = Region(self, loop, order, before).convert()
                    drafts += made
                    for inside in loop.blocks:
                        self.draft_blocks[inside] = [made[0].name]
                    self.draft_blocks[name] = [made[0].name]
                continue
            made = self._block(name)
            self.draft_blocks[name] = [d.name for d in made]
            drafts += made
        drafts[0].ops[:0] = entry_ops
        for loop in reversed(loops):
            if loop.header in regions and regions[loop.header] is not loop:
                continue
            blocks = list(
                dict.fromkeys(
                    n for b in order if b in loop.blocks for n in (*self.draft_blocks[b], *self.extra_blocks.get(b, ()))
                )
            )
            if loop.header in regions:
                blocks = blocks[:1]
            found_loops.append((loop, blocks, self.loop_of(loop)))
        blocks = tuple(self._finish(d) for d in drafts)
        self.ports |= {port.name: port for port in self.array_accesses.memory_ports()}
        return Function(
            name=self.function_name,
            ports=tuple(self.ports[p] for p in self._port_order()),
            blocks=blocks,
            loops=self._loops(found_loops),
            memories=tuple(self.array_accesses.memories()),
            channels=tuple(self.channels.values()),
            notes=tuple(self.array_accesses.banks.notes),
            location=self.location,
        )

    def state(self) -> dict[str, str]:
        """Static variables that the function uses and that are not constant: linker name to name in the source."""
        arrays = [array for array, _ in self.array_accesses.used_banks.values()]
        return {array.base: array.name for array in arrays if array.is_global and not array.read_only}

    def loop_of(self, loop: NaturalLoop) -> LoopFacts | None:
        """What the source says of a loop."""
        return facts_of(self.module, self.llvm, loop, self.loop_facts)

    def nest(self, loop: NaturalLoop) -> Nest:
        """The levels of a flattened loop; none for others."""
        facts = self.loop_of(loop)
        return facts.nest if facts is not None else ()

    def _loops(self, found: list[tuple[NaturalLoop, list[str], LoopFacts | None]]) -> tuple[Loop, ...]:
        names: dict[str, str] = {}
        used: set[str] = set()
        result = []
        for loop, blocks, facts in found:
            wish = facts.name if facts else f"loop_{len(used)}"
            name, count = wish, 1
            while name in used:
                count += 1
                name = f"{wish}_{count}"
            used.add(name)
            names[loop.header] = name
            parent = loop.parent
            trip = facts.trip_count if facts else TripCount(None, None)
            known = trip_count(self, loop)
            if known is not None:
                trip = TripCount(known, known)
            result.append(
                Loop(
                    name=name,
                    header=blocks[0],
                    blocks=tuple(blocks),
                    parent=names.get(parent.header) if parent else None,
                    pipeline=facts.pipeline if facts else None,
                    trip_count=trip,
                    dependences=tuple(self.dependences.by_header.get(loop.header, ())),
                    flattened=facts.flattened if facts else (),
                    keep_flat=facts is not None and facts.flatten == "on",
                    notes=tuple(facts.notes) if facts else (),
                    location=facts.location if facts else None,
                )
            )
        return tuple(result)

    # -- ports and objects ---------------------------------------------------------------------------------------------------------------

    def _ports(self) -> None:
        self.stream_parameters = {}
        for p in self.signature.parameters:
            if p.kind in {"stream", "maxi"}:
                self.stream_parameters[p.llvm_name] = p

    def _port_order(self) -> list[str]:
        order = []
        for p in self.signature.parameters:
            order += [
                n
                for n in self.ports
                if n == p.name
                or n.startswith(p.name + "[")
                or (p.kind == "inout" and n in {f"{p.name}_i", f"{p.name}_o"})
                or (self.ports[n].maxi == p.name)
            ]
            order += [n for n in self.ports if re.fullmatch(re.escape(p.name) + r"_\d+", n)]
            order += [n for n in (f"{p.name}_i", f"{p.name}_o") if p.written and n in self.ports]
        order = list(dict.fromkeys(order))
        return order + [n for n in self.ports if n not in order]

    def _scalars(self) -> list[Op]:
        """Make the scalar ports and the ops that read them."""
        kept = self.build.ops
        self.build.ops = []
        self.bus.base_ports()
        for p in self.signature.parameters:
            if p.kind == "inout":
                self._inout(p)
            if p.kind not in {"scalar", "value"}:
                continue
            value = self._input(p, f"{p.name}_i" if p.written else p.name)
            if not p.by_address:
                self.values[p.llvm_name] = self.build.resized(value, p.llvm_bits, "s" if p.signed else "z")
            else:
                self.array_accesses.by_value[p.llvm_name] = (value, p.signed)
        ops, self.build.ops = self.build.ops, kept
        return ops

    def _input(self, p: Formal, name: str) -> Operand:
        """The value of an input, which is stable, or with a handshake is taken once at the start."""
        mode = self.marks.interface(p.name)
        taken = mode in {"ap_vld", "ap_ack", "ap_hs"}
        self.ports[name] = Port(
            name=name,
            kind=PortKind.STREAM_IN if taken else PortKind.SCALAR_IN,
            width_bits=p.width_bits,
            signed=p.signed,
            interface=mode,
            location=self.location,
        )
        return self.build.emit("read" if taken else "scalar", width=p.width_bits, wish=name, target=name)

    def _inout(self, p: Formal) -> None:
        """A number that is read and written: `<name>_i` at the start into a register, each write to `<name>_o` too."""
        self.arrays[p.llvm_name] = Array(
            base=p.llvm_name, name=p.name, element_bytes=storage_bits(p.width_bits) // 8, splits=[Split(extent=1)]
        )
        value = self._input(p, f"{p.name}_i")
        self.array_accesses.first(p.llvm_name, self.build.resized(value, p.llvm_bits, "s" if p.signed else "z"))

    def _objects(self) -> None:
        """Find allocas and globals that are arrays, and local streams."""
        streams: dict[str, tuple[int, int]] = {}
        for block in self.llvm.blocks.values():
            for i in block.instructions:
                if i.opcode == "call" and i.callee == "hls.stream_declare":
                    base = self.reader.address(i.operands[0]).base
                    streams[base] = (int(i.operands[1]), int(i.operands[2]))
        self.local_streams = streams
        for block in self.llvm.blocks.values():
            for i in block.instructions:
                if i.opcode == "alloca" and i.name not in streams and i.name not in self.marks.aliases:
                    if i.operands:
                        raise UnsupportedError(
                            "variable_array",
                            "an array has a size that is known only at run time",
                            self.locations.of(i.metadata.get("dbg")),
                            "Give it a constant size",
                        )
                    self.arrays[i.name] = self._made(i.name, self._plain(i.name), i.element)
        for p in self.signature.parameters:
            if p.kind == "array":
                size = storage_bits(p.width_bits) // 8
                interface = self.marks.memories[p.name]
                self.arrays[p.llvm_name] = Array(
                    base=p.llvm_name,
                    name=p.name,
                    element_bytes=size,
                    splits=[Split(extent=p.extent)],
                    ports="1p" if interface == "ap_memory_1p" else "s2p",
                    interface=interface,
                )
        for name, text in self.module.globals.items():
            match = re.match(r"(?:\w+ )*?(?:\w+\([^)]*\) )*(constant|global) (.*)$", text)
            if match is None or name.startswith("@llvm."):
                continue
            self._global(name, match.group(1) == "constant", match.group(2))
        self.arrays |= {a.base: a for a in self.signature.arrays}
        for mark in self.marks.variables:
            array = self.arrays.get(mark.base) or self._constant_of(mark.base)
            if array is None or array.outside:
                continue
            apply_storage(array, mark)

    def _made(self, base: str, name: str, kind: str) -> Array:
        self._check_size(name, kind)
        array = make_array(base, name, kind, self.module.types)
        leaves = leaves_of(dimensions(kind, self.module.types)[1], self.module.types)
        array.leaves = tuple(leaves) if len(leaves) > 1 else ()
        return array

    def _check_size(self, name: str, kind: str) -> None:
        try:
            size = size_of(kind, self.module.types)
        except ValueError:
            return  # no array of integers
        if size > LARGEST_ARRAY_BYTES:
            raise self.unsupported(
                "array_size",
                f"the array {name!r} takes {size:,} bytes; must be at most {LARGEST_ARRAY_BYTES:,}",
                "Make it smaller, or keep it in memory behind m_axi",
            )

    def _constant_of(self, local: str) -> Array | None:
        """The table that LLVM reads in place of a local constant array, which it has removed."""
        name = self._plain(local) if local.startswith("%") else ""
        found = [a for base, a in self.arrays.items() if base.startswith("@__const.") and a.name == name]
        return found[0] if len(found) == 1 else None

    @staticmethod
    def _plain(name: str) -> str:
        return (
            re.sub(r"\.(i|addr|sroa\.\d+)(?=\.|\d*$)|\.\d+$", "", re.sub(r"[^\w.]", "_", name[1:].strip('"'))).rstrip(
                "."
            )
            or "array"
        )

    def _global(self, name: str, constant: bool, text: str) -> None:
        from csynth.frontend.llvm_text import split_commas, typed  # noqa: PLC0415

        kind, value = typed(split_commas(text)[0])
        self._check_size(name[1:], kind)
        try:
            leaves = constants(kind, value, self.module.types)
        except (ValueError, IndexError):
            return
        array = self._made(
            name,
            variable(name[1:]) if name[1:3] == "_Z" else self._plain(re.sub(r"^@__const\.[^.]*\.", "@", name)),
            kind,
        )
        if len(leaves) != prod(s.extent for s in array.splits) * max(len(array.leaves), 1):
            return
        array.init, array.read_only, array.is_global = leaves, constant, True
        self.arrays[name] = array

    # -- blocks --------------------------------------------------------------------------------------------------------------------------

    def block_name(self, name: str) -> str:
        """The IR's name of an LLVM block."""
        return re.sub(r"[^\w.]", "_", name)

    def _block(self, name: str) -> list[Draft]:
        block = self.llvm.blocks[name]
        draft = Draft(self.block_name(name))
        self.build.ops = draft.ops
        self.bus.enter(name)
        for i in block.instructions:
            if i.opcode == "phi":
                self.phi(draft, i)
            elif i is not block.terminator:
                self.instruction(i, Const(1, 1))
        self.bus.leave(name)
        drafts = [draft]
        last = block.terminator
        self.build.location = self.locations.of(last.metadata.get("dbg"))
        if last.opcode == "ret":
            if last.operands:
                self.returned(last, Const(1, 1))
            draft.terminator = Return()
        elif last.opcode == "br" and len(last.targets) == 1:
            draft.terminator = Jump(self.block_name(last.targets[0]))
        elif last.opcode == "br":
            condition = self.operand(last.operands[0], 1)
            draft.terminator = Branch(condition, self.block_name(last.targets[0]), self.block_name(last.targets[1]))
        elif last.opcode == "switch":
            drafts += self._switch(draft, name, last)
        elif last.opcode == "unreachable":
            draft.terminator = Return()
        else:
            raise self.unsupported(
                "terminator", f"the construct {last.opcode!r} is not supported", "Use plain branches and loops"
            )
        return drafts

    def _switch(self, draft: Draft, name: str, last: Instruction) -> list[Draft]:
        width = bits_of(last.type) or 32
        value = self.operand(last.operands[0], width)
        default = last.targets[0]
        targets: dict[str, list[int]] = {}
        for case, target in zip(last.cases, last.targets[1:], strict=True):
            if target != default:
                targets.setdefault(target, []).append(case)
        made = []
        current = draft
        items = list(targets.items())
        for at, (target, cases) in enumerate(items):
            self.build.ops = current.ops
            condition: Operand = Const(0, 1)
            for case in cases:
                condition = self.build.either(condition, self.build.equals(value, case % (1 << width)))
            self.edge_name[name, target] = current.name
            if at + 1 < len(items):
                following = Draft(self.build.name(f"{draft.name}.case"))
                current.terminator = Branch(condition, self.block_name(target), following.name)
                made.append(following)
                current = following
            else:
                current.terminator = Branch(condition, self.block_name(target), self.block_name(default))
        if not items:
            current.terminator = Jump(self.block_name(default))
        self.edge_name[name, default] = current.name
        return made

    def phi(self, draft: Draft, i: Instruction) -> None:
        """Promise a phi; its operands are filled in at the end."""
        width = bits_of(i.type)
        if width is None:
            raise self.unsupported(
                "pointer_phi",
                "a pointer changes at run time and does not stay within one array",
                "Let it walk over one array only, or use array subscripts",
            )
        ref = self.operand(i.name, width)
        assert isinstance(ref, Ref)
        incoming = list(zip(i.targets, i.operands, strict=True))
        draft.phis.append((ref, [(t, v) for t, v in incoming], width))
        self.phi_home[ref.name] = (self._home(i), i.name)

    def _home(self, i: Instruction) -> str:
        return self.known.home[i.name]

    def _finish(self, draft: Draft) -> Block:
        phis = []
        for ref, incoming, width in draft.phis:
            home, llvm_name = self.phi_home[ref.name]
            pairs = []
            for source, text in incoming:
                name = (
                    self.edge_name.get((source, home)) or self.draft_blocks.get(source, [self.block_name(source)])[-1]
                )
                value = self.exit_values.get((llvm_name, source))
                pairs.append((name, value if value is not None else self.operand(text, width)))
            phis.append(Phi(result=ref, incoming=tuple(dict(pairs).items())))
        return Block(name=draft.name, phis=tuple(phis), ops=tuple(draft.ops), terminator=draft.terminator)

    # -- instructions --------------------------------------------------------------------------------------------------------------------

    def instruction(self, i: Instruction, predicate: Operand) -> None:
        """Convert one instruction that is neither a phi nor a terminator."""
        self.build.location = self.locations.of(i.metadata.get("dbg")) or self.build.location
        op = i.opcode
        width = bits_of(i.type) or 0
        if op in _BINARY:
            self.result(i, op, self.operand(i.operands[0], width), self.operand(i.operands[1], width), width=width)
        elif op == "icmp":
            self._compare(i)
        elif op in {"zext", "sext", "trunc"}:
            source = bits_of(i.types[0])
            if source is None or not width:
                raise self.unsupported(
                    "type", f"a conversion of {i.types[0]} to {i.type} is not supported", "Use integers"
                )
            self.result(i, op, self.operand(i.operands[0], source), width=width)
        elif op == "freeze" and width:
            self.define(i, self.operand(i.operands[0], width))
        elif op == "select":
            condition = self.operand(i.operands[0], 1)
            if i.type == "ptr":
                self.pointers[i.name] = (condition, i.operands[1], i.operands[2])
            else:
                self.result(
                    i,
                    "select",
                    condition,
                    self.operand(i.operands[1], width),
                    self.operand(i.operands[2], width),
                    width=width,
                )
        elif op == "load":
            self.define(i, self.array_accesses.load(i, predicate))
        elif op == "store":
            self.array_accesses.store(i, predicate)
        elif op == "call":
            self._call(i, predicate)
        elif op in {"getelementptr", "alloca", "bitcast"}:
            return
        elif op in {
            "fadd",
            "fsub",
            "fmul",
            "fdiv",
            "fcmp",
            "fneg",
            "frem",
            "sitofp",
            "uitofp",
            "fptosi",
            "fptoui",
            "fpext",
            "fptrunc",
        }:
            raise self.unsupported(
                "floating_point",
                "floating-point arithmetic is not supported",
                "Use ap_fixed; constants may be floating",
            )
        else:
            raise self.unsupported(
                "construct", f"the construct {op!r} is not supported", "Use integers, arrays and streams"
            )

    def _compare(self, i: Instruction) -> None:
        width = bits_of(i.types[0])
        if width is None:
            raise self.unsupported("pointer_compare", "pointers are compared", "Compare subscripts instead")
        self.result(i, i.predicate, self.operand(i.operands[0], width), self.operand(i.operands[1], width), width=1)

    def _call(self, i: Instruction, predicate: Operand) -> None:
        callee = i.callee
        if callee.startswith(_IGNORED):
            return
        if convert_intrinsic(self, i):
            return
        if callee.startswith("hls.stream_"):
            self.stream_accesses.stream(i, predicate)
        elif callee.startswith("hls.maxi_"):
            self.stream_accesses.maxi(i, predicate)
        elif callee.startswith("hls.call."):
            self._kept_call(i, predicate)
        elif output := re.fullmatch(r"hls\.output\.(.+)\.i(\d+)", callee):
            port, bits = output.group(1), int(output.group(2))
            value = self.operand(i.operands[0], bits)
            self.set_scalar(port if port == "ap_return" else f"{port}_o", value, bits, predicate)
        elif callee.startswith("hls.bind."):
            width = bits_of(i.type) or 0
            opcode, impl, latency = parsed(callee)
            a, b = (self.operand(o, width) for o in i.operands[:2])
            self.result(i, opcode, a, b, width=width, impl=impl, latency=latency)
        elif callee.startswith(("llvm.memset", "llvm.memcpy", "llvm.memmove")):
            raise self.unsupported(
                "block_copy",
                "an array is set or copied as a whole, of a size or a type that is not known",
                "Give a constant number of bytes and elements of one integer type, or write a loop over its elements",
            )
        else:
            raise self.unsupported("call", f"the function {demangled(callee)!r} is not supported", "Leave it out")

    def _kept_call(self, i: Instruction, predicate: Operand) -> None:
        callee = self.callees[i.callee.removeprefix("hls.call.")]
        scalars = [p for p in callee.ports if p.kind is PortKind.SCALAR_IN]
        operands: list[Operand] = []
        bindings: list[Binding] = []
        passed = self.signature.calls[i.callee]
        for parameter, text, kind in zip(passed.parameters, i.operands, i.types, strict=True):
            if parameter.kind in {"scalar", "value"}:
                width = bits_of(kind) or 0
                operands.append(self.build.resized(self.operand(text, width), parameter.width_bits))
            else:
                for port in callee.ports:
                    if (
                        port.name == parameter.name
                        or port.maxi == parameter.name
                        or re.fullmatch(re.escape(parameter.name) + r"_\d+", port.name)
                    ):
                        bindings.append(Binding(port.name, self.stream_accesses.bind(text, parameter.name, port)))
        if len(operands) != len(scalars):
            raise self.unsupported(
                "call", f"the call of {callee.name!r} cannot be tied to its ports", "Make the function inline"
            )
        width = bits_of(i.type) or 0
        outputs = callee.outputs
        more: dict[str, Any] = {} if isinstance(predicate, Const) else {"predicate": predicate}
        ref = self.build.emit(
            "call",
            *operands,
            width=sum(p.width_bits for p in outputs) if width else 0,
            wish=i.name or callee.name,
            target=callee.name,
            bindings=tuple(bindings),
            overlap=passed.region,
            **more,
        )
        if width and outputs:
            self.define(i, self.build.resized(ref, width, "s" if len(outputs) == 1 and outputs[0].signed else "z"))

    def returned(self, last: Instruction, predicate: Operand) -> None:
        """Set `ap_return` from a `ret`."""
        width = bits_of(last.type)
        if width is None:
            raise self.unsupported("return_type", "the returned type is not supported", "Return a number or void")
        self.set_scalar(
            "ap_return", self.operand(last.operands[0], width), self.signature.return_bits or width, predicate
        )

    def set_scalar(self, name: str, value: Operand, width: int, predicate: Operand) -> None:
        """Emit a `set` of a scalar output."""
        signed = (
            self.signature.return_signed
            if name == "ap_return"
            else any(p.name == name and p.signed for p in self.signature.parameters)
        )
        inout = any(p.kind == "inout" and name == f"{p.name}_o" for p in self.signature.parameters)
        mode = self.marks.interface(name.removesuffix("_o") if inout else name)
        waits = mode in {"ap_ack", "ap_hs"}
        self.ports.setdefault(
            name,
            Port(
                name=name,
                kind=PortKind.STREAM_OUT if waits else PortKind.SCALAR_OUT,
                width_bits=width,
                signed=signed,
                interface=mode,
                location=self.location,
            ),
        )
        more: dict[str, Any] = {} if isinstance(predicate, Const) else {"predicate": predicate}
        self.build.emit("write" if waits else "set", self.build.resized(value, width), target=name, **more)
