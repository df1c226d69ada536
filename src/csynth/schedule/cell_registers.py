"""Let cells of DSP48E2 take their factors early: registers of the cell in place of flip-flops before it.

The terms of a chain of sums are there in one cycle and are added one a cycle: each cell takes its factors later than the one before.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from csynth.dsp.products import PRODUCTS, fits_cell
from csynth.ir.model import Branch, Const, Op, Operand, Ref
from csynth.part import DSP48E2
from csynth.schedule.build import uses_of
from csynth.schedule.delays import WIRES

if TYPE_CHECKING:
    from csynth.schedule.function import BlockSchedule

_FACTORS = {"smul": 2, "umul": 2, "dsp_mul_add": 2, "dsp_mul_sub": 2, "dsp_preadd_mul_add": 3}
MOST_BEFORE_P = 3  # registers on the way of every factor: A1 B1, A2 B2, M, or with a pre-adder A D B1, AD B2, M


def with_cell_registers(schedule: BlockSchedule) -> BlockSchedule:
    """`schedule`, of a pipeline on a part with DSP48E2, with the factors of cells taken as early as their registers allow.

    A cell whose result waits for its user, with the cells before it in a cascade, adds later where its registers have room for that.
    """
    cells = _Cells(schedule)
    for op in reversed(schedule.block.ops):
        cells.delay(op)
    for op in schedule.block.ops:
        cells.take(op)
    return replace(
        schedule,
        start_cycle=cells.start,
        ready_cycle=cells.ready,
        operand_cycles=cells.operand_cycles,
    )


class _Cells:
    def __init__(self, schedule: BlockSchedule) -> None:
        block = schedule.block
        self.defined = {op.result.name: op for op in block.ops if op.result is not None}
        self.start, self.ready = dict(schedule.start_cycle), dict(schedule.ready_cycle)
        self.operand_cycles = dict(schedule.operand_cycles)
        self.users: dict[str, list[Op]] = {}
        for op in block.ops:
            for operand in uses_of(op):
                if isinstance(operand, Ref):
                    self.users.setdefault(operand.name, []).append(op)
        self.fixed = {value.name for phi in block.phis for _, value in phi.incoming if isinstance(value, Ref)}
        if isinstance(block.terminator, Branch) and isinstance(block.terminator.condition, Ref):
            self.fixed.add(block.terminator.condition.name)

    def delay(self, op: Op) -> None:
        """Let cell `op`, and those whose sums it adds on to, add as late as the first user of its result and their registers allow."""
        if not self._is_cell(op) or op.result is None:
            return
        chain = [op]
        while (before := self._before(chain[-1])) is not None:
            chain.append(before)
        later = min(self._first_use(op.result.name) - self.ready[op.result.name], *(self._room(cell) for cell in chain))
        head = chain[-1]
        if later > 0 and (head.opcode in PRODUCTS or isinstance(head.operands[-1], Const)):
            for cell in chain:
                assert cell.result is not None
                self.start[cell.id] += later
                self._postpone(cell.result.name, self.ready[cell.result.name] + later)

    def _first_use(self, name: str) -> int:
        """The first cycle in which something uses a value, wires apart; that in which it is ready when it leaves the block."""
        users = self.users.get(name, [])
        if name in self.fixed or not users or any(user.id not in self.start for user in users):
            return self.ready[name]
        cycles: list[int] = []
        for user in users:
            if _is_wire(user) and user.result is not None:
                cycles.append(self._first_use(user.result.name))
                continue
            operands = uses_of(user)
            after = self.operand_cycles.get(user.id) or (0,) * len(operands)
            uses = zip(operands, after, strict=True)
            cycles += [
                self.start[user.id] + n for operand, n in uses if isinstance(operand, Ref) and operand.name == name
            ]
        return min(cycles)

    def _postpone(self, name: str, cycle: int) -> None:
        """Let value `name`, and what wires make of it, be ready in `cycle` at the earliest."""
        self.ready[name] = cycle
        for user in self.users.get(name, ()):
            if _is_wire(user) and user.result is not None and self.start[user.id] < cycle:
                self.start[user.id] = cycle
                self._postpone(user.result.name, cycle)

    def _room(self, op: Op) -> int:
        """Cycles by which cell `op` can add later, with the registers that it has."""
        taken = max(self._available(factor) for factor in op.operands[: _FACTORS[op.opcode]])
        return MOST_BEFORE_P - (self.start[op.id] - taken)

    def _before(self, op: Op) -> Op | None:
        """The cell in whose P the addend of cell `op` is when it is added; None = no cell's, or one that others use too."""
        operand = op.operands[-1]
        while op.opcode not in PRODUCTS and isinstance(operand, Ref):
            source = self.defined.get(operand.name)
            if source is None or len(self.users[operand.name]) != 1 or operand.name in self.fixed:
                return None
            if source.opcode not in ("sext", "zext"):
                return source if self._is_cell(source) and self.ready[operand.name] == self.start[op.id] else None
            operand = source.operands[0]
        return None

    def _is_cell(self, op: Op) -> bool:
        """Whether `op` is a cell whose only register is P."""
        if op.opcode not in _FACTORS or op.result is None or self.ready[op.result.name] - self.start[op.id] != 1:
            return False
        return op.opcode not in PRODUCTS or (op.latency is None and fits_cell(op, DSP48E2))

    def take(self, op: Op) -> None:
        """Let `op`, if it is a cell whose only register is P, take its factors early."""
        if not self._is_cell(op):
            return
        factors, start = op.operands[: _FACTORS[op.opcode]], self.start[op.id]
        taken = max(start - MOST_BEFORE_P, *(self._available(factor) for factor in factors))
        if taken < start:
            for factor in factors:
                self._move(factor, taken)
            addends = len(op.operands) - len(factors)
            self.operand_cycles[op.id] = (taken - start,) * len(factors) + (0,) * addends

    def _available(self, operand: Operand) -> int:
        """The first cycle in which `operand` can be had, wires moved; a value of another block is there always."""
        if isinstance(operand, Const) or operand.name not in self.ready:
            return 0
        op = self.defined.get(operand.name)
        if op is not None and _is_wire(op):
            return max((self._available(source) for source in op.operands), default=0)
        return self.ready[operand.name]

    def _move(self, operand: Operand, cycle: int) -> None:
        """Let wires give `operand` in `cycle` at the latest."""
        if isinstance(operand, Const) or self.ready.get(operand.name, 0) <= cycle:
            return
        op = self.defined[operand.name]
        self.start[op.id] = self.ready[operand.name] = cycle
        for source in op.operands:
            self._move(source, cycle)


def _is_wire(op: Op) -> bool:
    return op.opcode in WIRES and op.predicate is None
