"""Let cells of DSP48E2 take their factors early: registers of the cell in place of flip-flops before it.

The terms of a chain of sums are there in one cycle and are added one a cycle: each cell takes its factors later than the one before.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from csynth.dsp.products import PRODUCTS, fits_cell
from csynth.ir.model import Const, Op, Operand
from csynth.part import DSP48E2
from csynth.schedule.delays import WIRES

if TYPE_CHECKING:
    from csynth.schedule.function import BlockSchedule

_FACTORS = {"smul": 2, "umul": 2, "dsp_mul_add": 2, "dsp_mul_sub": 2, "dsp_preadd_mul_add": 3}
MOST_BEFORE_P = 3  # registers on the way of every factor: A1 B1, A2 B2, M, or with a pre-adder A D B1, AD B2, M


def with_cell_registers(schedule: BlockSchedule) -> BlockSchedule:
    """`schedule`, of a pipeline on a part with DSP48E2, with the factors of cells taken as early as their registers allow."""
    early = _Early(schedule)
    for op in schedule.block.ops:
        early.take(op)
    return replace(
        schedule,
        start_cycle=early.start,
        ready_cycle=early.ready,
        operand_cycles=schedule.operand_cycles | early.operand_cycles,
    )


class _Early:
    def __init__(self, schedule: BlockSchedule) -> None:
        self.defined = {op.result.name: op for op in schedule.block.ops if op.result is not None}
        self.start, self.ready = dict(schedule.start_cycle), dict(schedule.ready_cycle)
        self.operand_cycles: dict[int, tuple[int, ...]] = {}

    def take(self, op: Op) -> None:
        """Let `op`, if it is a cell whose only register is P, take its factors early."""
        if op.opcode not in _FACTORS or op.result is None or self.ready[op.result.name] - self.start[op.id] != 1:
            return
        if op.opcode in PRODUCTS and (op.latency is not None or not fits_cell(op, DSP48E2)):
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
        if op is not None and op.opcode in WIRES and op.predicate is None:
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
