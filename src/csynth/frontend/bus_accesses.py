"""Pointers behind m_axi: loads and stores become bursts of their bundle's five streams.

A loop that walks a pointer word by word asks for all its words once, before it starts; a loop's written words are answered once, after
it. Everything else is a transfer of one word, and a note says why. Pointers of different arguments are taken to reach different memory,
as Vitis HLS takes them (UG1399, "AXI Burst Transfers").
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from csynth.frontend.affine import Address, Affine
from csynth.frontend.induction import induction_step
from csynth.frontend.llvm_loops import NaturalLoop, innermost
from csynth.frontend.llvm_text import Instruction
from csynth.frontend.prepare import storage_bits
from csynth.frontend.regions import Formal
from csynth.frontend.trips import Trips, trips_of
from csynth.ir.model import Const, Operand, Port, PortKind

if TYPE_CHECKING:
    from csynth.frontend.convert import FunctionConverter

MAX_BITS = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class _Access:
    """A load or store of a bus pointer: where it stands and which bytes it touches."""

    instruction: Instruction
    block: str
    formal: Formal
    offset: Affine
    writes: bool
    loop: NaturalLoop | None


@dataclass(slots=True, kw_only=True)
class _Burst:
    """One burst for a whole loop."""

    access: _Access
    trips: Trips
    start: Affine  # byte offset of the first word


@dataclass(slots=True)
class _Plan:
    bursts: dict[int, _Burst] = field(default_factory=dict)  # by id() of the load or store
    before: dict[str, list[_Burst]] = field(default_factory=dict)  # by preheader
    after: dict[str, list[_Burst]] = field(default_factory=dict)  # by the block that the loop leaves to


class BusAccesses:
    """The pointers behind m_axi of one function."""

    def __init__(self, owner: FunctionConverter) -> None:
        self.owner = owner
        self.formals = {p.llvm_name: p for p in owner.signature.parameters if p.kind == "bus"}
        self.bases: dict[str, Operand] = {}
        self.notes: list[str] = []
        self.plan = _Plan()

    # -- what is asked for once a loop ---------------------------------------------------------------------------------------------------

    def prepare(self, loops: list[NaturalLoop]) -> None:
        """Decide which accesses become bursts of their loop."""
        if not self.formals:
            return
        self._check_widths()
        accesses = [
            found
            for name, block in self.owner.llvm.blocks.items()
            for i in block.instructions
            if (found := self._access(i, name, loops)) is not None
        ]
        told: set[str] = set()
        for access in accesses:
            if access.loop is None:
                continue
            burst = self._burst(access, accesses)
            if isinstance(burst, str):
                facts = self.owner.loop_of(access.loop)
                kind = "writes" if access.writes else "reads"
                place = f"loop {facts.name}" if facts else "a loop"
                note = f"{self.owner.function_name}, {place}: {kind} of {access.formal.name} are transfers of one word: {burst}"
                if note not in told:
                    self.notes.append(note)
                told.add(note)
                continue
            self.plan.bursts[id(access.instruction)] = burst
            self.plan.before.setdefault(self._preheader(access.loop), []).append(burst)
            if access.writes:
                self.plan.after.setdefault(self._exit(access.loop), []).append(burst)

    def _check_widths(self) -> None:
        widths: dict[str, tuple[str, int]] = {}
        for formal in self.formals.values():
            bits, bundle = self._bits(formal), self._bundle(formal)
            if bits > MAX_BITS:
                raise self.owner.unsupported(
                    "bus_width",
                    f"m_axi: an element of {formal.name!r} has {bits} bits; must be at most {MAX_BITS}",
                    "Use narrower words",
                )
            other, known = widths.setdefault(bundle, (formal.name, bits))
            if known != bits:
                raise self.owner.unsupported(
                    "bundle_width",
                    f"m_axi: bundle {bundle!r} has elements of {known} bits ({other}) and {bits} bits ({formal.name}); must be one width",
                    f"Give {formal.name} a bundle of its own",
                )

    def _access(self, i: Instruction, block: str, loops: list[NaturalLoop]) -> _Access | None:
        if i.opcode not in {"load", "store"}:
            return None
        address = self.owner.reader.address(i.operands[1 if i.opcode == "store" else 0])
        formal = self.formals.get(address.base)
        if formal is None:
            return None
        return _Access(
            instruction=i,
            block=block,
            formal=formal,
            offset=address.offset,
            writes=i.opcode == "store",
            loop=innermost(loops, block),
        )

    def _burst(self, access: _Access, accesses: list[_Access]) -> _Burst | str:
        """The burst of an access in a loop, or why there is none."""
        loop = access.loop
        assert loop is not None
        bundle = self._bundle(access.formal)
        others = [
            o for o in accesses if o is not access and o.block in loop.blocks and self._bundle(o.formal) == bundle
        ]
        if any(o.formal is access.formal and o.writes != access.writes for o in others):
            return "the loop both reads and writes it"
        if any(o.writes == access.writes for o in others):
            return f"the loop has several accesses of bundle {bundle} in that direction"
        if access.writes and any(not o.writes and o.loop is not loop for o in others):
            return f"an inner loop reads bundle {bundle}"
        if len(loop.latches) != 1 or not self._preheader(loop) or not self._exit(loop):
            return "the loop has several ways in or out"
        if self._avoidable(loop, access.block):
            return "not every iteration makes it"
        trips = trips_of(self.owner, loop)
        if trips is None:
            return "the number of iterations is not known before the loop"
        start = self._start(loop, access.offset, self._bits(access.formal) // 8)
        if start is None:
            return "consecutive iterations do not touch consecutive words"
        return _Burst(access=access, trips=trips, start=start)

    def _preheader(self, loop: NaturalLoop) -> str:
        outside = [n for n, b in self.owner.llvm.blocks.items() if loop.header in b.successors and n not in loop.blocks]
        return outside[0] if len(outside) == 1 and len(self.owner.llvm.blocks[outside[0]].successors) == 1 else ""

    def _exit(self, loop: NaturalLoop) -> str:
        blocks = self.owner.llvm.blocks
        ways = [(b, t) for b in loop.blocks for t in blocks[b].successors if t not in loop.blocks]
        if len(ways) != 1 or ways[0][0] not in loop.latches:
            return ""
        target = ways[0][1]
        return target if all(n in loop.blocks for n, b in blocks.items() if target in b.successors) else ""

    def _avoidable(self, loop: NaturalLoop, block: str) -> bool:
        """Whether an iteration can pass `block` by."""
        seen, work = {block}, [loop.header]
        while work:
            name = work.pop()
            if name in seen:
                continue
            if name in loop.latches:
                return True
            seen.add(name)
            work += [t for t in self.owner.llvm.blocks[name].successors if t in loop.blocks and t != loop.header]
        return False

    def _start(self, loop: NaturalLoop, offset: Affine, unit: int) -> Affine | None:
        """Byte offset in the first iteration, when each iteration adds one element."""
        start, moving = Affine((), offset.constant), 0
        for term, factor in offset.terms:
            step = induction_step(self.owner, loop, term)
            if step is None:
                return None
            if step == (0, 0):
                start = start.plus(Affine(((term, factor),), 0))
                continue
            first = self._first(loop, term.value, term.width_bits, term.extension)
            if first is None:
                return None
            moving += factor * step[0]
            start = start.plus(first.plus(Affine((), step[1])).scaled(factor))
        return start if moving == unit else None

    def _first(self, loop: NaturalLoop, value: str, width: int, extension: str) -> Affine | None:
        """Value of an induction variable before the loop; None when it might wrap round."""
        define = self.owner.reader.definitions
        phi = define[value]
        if phi.opcode != "phi":
            phi = define[phi.operands[0]]
        text = next(t for s, t in zip(phi.targets, phi.operands, strict=True) if s not in loop.blocks)
        following = define[next(t for s, t in zip(phi.targets, phi.operands, strict=True) if s in loop.blocks)]
        flag = {"s": "nsw", "z": "nuw"}.get(extension, "")
        if width < 64 and flag and flag not in following.flags:
            return None
        return self.owner.reader.value(text, width, extension)

    # -- ops -----------------------------------------------------------------------------------------------------------------------------

    def base_ports(self) -> None:
        """Make the address port of each pointer (the caller collects the ops)."""
        owner = self.owner
        for formal in self.formals.values():
            owner.ports[formal.name] = Port(
                name=formal.name, kind=PortKind.SCALAR_IN, width_bits=64, interface="m_axi", location=owner.location
            )
            self.bases[formal.llvm_name] = owner.build.emit("scalar", width=64, wish=formal.name, target=formal.name)

    def enter(self, block: str) -> None:
        """At the head of a block: take the answers of the bursts that the loop before it wrote."""
        for burst in self.plan.after.get(block, ()):
            self._answer(burst.access.formal, Const(1, 1))

    def leave(self, block: str) -> None:
        """At the end of a block: ask for the bursts of the loop after it."""
        for burst in self.plan.before.get(block, ()):
            length = self.owner.build.resized(burst.trips.emit(self.owner), 32)
            self._request(burst.access.formal, burst.access.writes, burst.start, length, Const(1, 1))

    def owns(self, i: Instruction) -> bool:
        """Whether a load or store touches the bus."""
        at = {"load": 0, "store": 1}.get(i.opcode)
        return at is not None and self.owner.reader.address(i.operands[at]).base in self.formals

    def load(self, i: Instruction, address: Address, width: int, predicate: Operand) -> Operand:
        """Convert a load."""
        formal = self.formals[address.base]
        once = id(i) in self.plan.bursts
        if not once:
            self._request(formal, False, address.offset, Const(1, 32), predicate)
        bits = self._bits(formal)
        self._fits(formal, width)
        word = self.owner.build.emit(
            "read",
            width=bits,
            wish=f"{formal.name}_word",
            target=self._port(formal, "R", bits),
            **self._when(predicate),
        )
        self._ordered(formal, once, False)
        return self.owner.build.resized(word, width)

    def store(self, i: Instruction, address: Address, value: Operand, predicate: Operand) -> None:
        """Convert a store."""
        formal = self.formals[address.base]
        once = id(i) in self.plan.bursts
        if not once:
            self._request(formal, True, address.offset, Const(1, 32), predicate)
        bits = self._bits(formal)
        self._fits(formal, value.width_bits)
        word = self.owner.build.resized(value, bits)
        self.owner.build.emit("write", word, target=self._port(formal, "W", bits), **self._when(predicate))
        self._ordered(formal, once, True)
        if not once:
            self._answer(formal, predicate)

    def _fits(self, formal: Formal, width: int) -> None:
        if storage_bits(width) != storage_bits(formal.width_bits):
            raise self.owner.unsupported(
                "reinterpret",
                f"the memory behind {formal.name!r} is accessed with words of different widths",
                "Access its elements only",
            )

    def _request(self, formal: Formal, writes: bool, offset: Affine, length: Operand, predicate: Operand) -> None:
        owner, build = self.owner, self.owner.build
        unit = self._bits(formal) // 8
        if offset.constant % unit or any(c % unit for _, c in offset.terms):
            raise owner.unsupported(
                "reinterpret",
                f"the memory behind {formal.name!r} is not accessed element by element",
                "Access its elements only",
            )
        shift = unit.bit_length() - 1
        base = build.resized(build.bits(self.bases[formal.llvm_name], shift, 64 - shift), 64)
        elements = Affine(tuple((t, c // unit) for t, c in offset.terms), offset.constant // unit)
        at = owner.array_accesses.banks.sum_of(base, owner.array_accesses.banks.number(elements, 64))
        word = build.emit("concat", length, at, width=96, wish=f"{formal.name}_request")
        build.emit("write", word, target=self._port(formal, "AW" if writes else "AR", 96), **self._when(predicate))
        self._ordered(formal, False, writes)

    def _answer(self, formal: Formal, predicate: Operand) -> None:
        target = self._port(formal, "B", 1)
        self.owner.build.emit("read", width=1, wish=f"{formal.name}_done", target=target, **self._when(predicate))
        self._ordered(formal, False, True)

    def _ordered(self, formal: Formal, once: bool, writes: bool) -> None:
        """In a pipelined loop transfers of one word keep their order; a burst's words keep theirs by their stream."""
        bundle = self._bundle(formal)
        self.owner.dependences.burst(f"{bundle} {'write' if writes else 'read'} burst" if once else bundle)

    @staticmethod
    def _when(predicate: Operand) -> dict[str, Any]:
        return {} if isinstance(predicate, Const) else {"predicate": predicate}

    def _port(self, formal: Formal, role: str, bits: int) -> str:
        bundle = self._bundle(formal)
        kind = PortKind.STREAM_IN if role in {"R", "B"} else PortKind.STREAM_OUT
        self.owner.stream_accesses.port(f"{bundle}_{role}", kind, bits, maxi=bundle, role=role)
        return f"{bundle}_{role}"

    def _bundle(self, formal: Formal) -> str:
        return self.owner.marks.bundles.get(formal.name, "gmem")

    @staticmethod
    def _bits(formal: Formal) -> int:
        bits = 8
        while bits < storage_bits(formal.width_bits):
            bits *= 2
        return bits
