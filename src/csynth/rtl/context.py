"""What the emitters of one function share: names of values, grouped register updates, users of streams and memories."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from csynth.bind.instances import Instance
from csynth.bind.lifetimes import Lifetime
from csynth.ir.model import Const, Function, Location, Memory, Op, Operand
from csynth.rtl.text import ModuleText, Names, literal
from csynth.schedule.function import BlockSchedule, FunctionSchedule

CELLS = frozenset({"dsp_mul_add", "dsp_mul_sub", "dsp_mac", "dsp_mac_sub", "dsp_pair", "dsp_preadd_mul_add"})
REGISTERED = frozenset({"add", "sub", "mul", "smul", "umul", "udiv", "sdiv", "urem", "srem"}) | CELLS


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One state, or one stage of a pipeline.

    Attributes:
        active: expression that is 1 while the step waits or works.
        fire: expression that is 1 in the cycle in which the step completes.
        advance: like fire, but may also be 1 for an empty stage: enough for registers that nobody reads then.
    """

    active: str
    fire: str
    advance: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamUse:
    """One operation on a stream: its step, its predicate (None = always) and, for a write, its data."""

    step: Step
    predicate: str | None
    data: str | None = None

    def when(self, signal: str) -> str:
        """`signal` and the predicate."""
        return f"{signal} && {self.predicate}" if self.predicate is not None else signal


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryUse:
    """One access: its step, predicate, port, index and, for a store, its data and the mask of lanes (None: the whole word)."""

    step: Step
    predicate: str | None
    port: int
    index: str
    data: str | None = None
    mask: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MacUse:
    """The operation that accumulates in a memory of one word: its operands' texts and the steps of its registers, P last."""

    op: Op
    operands: tuple[str, ...]
    steps: tuple[Step, ...]


@dataclass(slots=True)
class Context:
    """State of the emission of one function."""

    function: Function
    schedule: FunctionSchedule
    lives: dict[str, Lifetime]
    text: ModuleText
    names: Names
    scalars: dict[str, str] = field(default_factory=dict)
    updates: dict[str, list[str]] = field(default_factory=dict)
    reads: dict[str, list[StreamUse]] = field(default_factory=dict)
    writes: dict[str, list[StreamUse]] = field(default_factory=dict)
    loads: dict[str, list[MemoryUse]] = field(default_factory=dict)
    stores: dict[str, list[MemoryUse]] = field(default_factory=dict)
    macs: dict[str, MacUse] = field(default_factory=dict)
    instances: dict[int, Instance] = field(default_factory=dict)
    instance_names: dict[str, str] = field(default_factory=dict)
    call_uses: dict[str, list[Any]] = field(default_factory=dict)
    cascades: dict[str, str] = field(default_factory=dict)  # sum: the value whose cell's PCOUT it takes
    cascading: frozenset[str] = frozenset()  # those values
    unmasked: frozenset[int] = frozenset()  # reads whose data may be anything when they do not happen

    def memory(self, name: str) -> Memory:
        """The memory called `name`."""
        return next(memory for memory in self.function.banks if memory.name == name)

    def on(self, condition: str, statement: str) -> None:
        """Do `statement` at the clock edge when `condition` holds."""
        self.updates.setdefault(condition, []).append(statement)

    def comment(self, location: Location | None) -> str:
        """A trailing comment that names the source line."""
        if location is None or not location.line:
            return ""
        return f"  // {location.file.rsplit('/', 1)[-1]}:{location.line}"

    def is_pipelined(self, block: str) -> bool:
        """Whether `block` is a pipelined loop."""
        return self.schedule.blocks[block].is_pipelined

    def base(self, name: str) -> str:
        """Identifier of value `name` in the cycle in which it is ready."""
        return self.names.get(name)

    def at_stage(self, name: str, stage: int) -> str:
        """Identifier of value `name` in a later stage of its pipeline."""
        if stage == self.lives[name].ready_cycle:
            return self.base(name)
        return self.names.get(f"{name}@{stage}", f"{self.base(name)}_s{stage}")

    def held(self, name: str) -> str:
        """Identifier of the register that keeps value `name` after its cycle (state machine) or its loop (pipeline)."""
        life = self.lives[name]
        pipelined = self.is_pipelined(life.block)
        if not pipelined and (life.op is None or self.is_registered(life.op)):
            return self.base(name)
        return self.names.get(f"{name}@held", f"{self.base(name)}_q")

    def is_registered(self, op: Op) -> bool:
        """Whether the operator itself ends in a register."""
        assert op.result is not None
        schedule = self.schedule.blocks[self.lives[op.result.name].block]
        return op.opcode in REGISTERED and self.lives[op.result.name].ready_cycle > schedule.start_cycle[op.id]

    def value(self, operand: Operand, block: str, cycle: int) -> str:
        """Text of `operand` as seen from `cycle` of `block`: a name or a literal."""
        if isinstance(operand, Const):
            return literal(operand.value, operand.width_bits)
        if operand.name in self.scalars:
            return self.scalars[operand.name]
        life = self.lives[operand.name]
        if life.block != block:
            return self.held(operand.name)
        if self.is_pipelined(block):
            return self.at_stage(operand.name, cycle)
        if life.op is None or cycle == life.ready_cycle:
            return self.base(operand.name)
        return self.held(operand.name)

    def block_of(self, name: str) -> BlockSchedule:
        """Schedule of the block that defines value `name`."""
        return self.schedule.blocks[self.lives[name].block]
