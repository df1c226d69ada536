"""How long each value of a scheduled function lives, which decides its registers."""

from __future__ import annotations

from dataclasses import dataclass

from csynth.ir.model import Block, Branch, Jump, Op, Ref
from csynth.schedule.build import scheduled_ops
from csynth.schedule.function import BlockSchedule, FunctionSchedule


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifetime:
    """Where a value is made and used.

    Attributes:
        name: the value.
        width_bits: its width.
        block: the block that defines it.
        op: the defining operation; None for a phi.
        ready_cycle: cycle (stage) of its block from which it can be used.
        last_use_cycle: last cycle of its own block that uses it; -1 when none does.
        escapes: another block uses it, or a phi on an edge that leaves a pipelined loop.
    """

    name: str
    width_bits: int
    block: str
    op: Op | None
    ready_cycle: int
    last_use_cycle: int
    escapes: bool


def successors(block: Block) -> tuple[str, ...]:
    """Names of the blocks that may follow `block`, each once."""
    terminator = block.terminator
    if isinstance(terminator, Jump):
        return (terminator.target,)
    if isinstance(terminator, Branch):
        return tuple(dict.fromkeys((terminator.then_target, terminator.else_target)))
    return ()


def _uses(schedule: BlockSchedule, blocks: dict[str, BlockSchedule]) -> list[tuple[Ref, int | None]]:
    """Uses of values by `schedule`'s block: (value, cycle); cycle None means after the block has ended."""
    block = schedule.block
    uses: list[tuple[Ref, int | None]] = []
    for op in scheduled_ops(block):
        uses.extend((use, cycle) for use, cycle in schedule.uses(op) if isinstance(use, Ref))
    last = schedule.length_cycles - 1
    pipelined = schedule.is_pipelined
    if isinstance(block.terminator, Branch) and isinstance(block.terminator.condition, Ref):
        condition = block.terminator.condition
        uses.append((condition, schedule.ready_cycle.get(condition.name, 0) if pipelined else last))
    for successor in successors(block):
        for phi in blocks[successor].block.phis:
            value = dict(phi.incoming)[block.name]
            if not isinstance(value, Ref):
                continue
            if pipelined:
                uses.append((value, schedule.phi_write_cycle(phi) if successor == block.name else None))
            else:
                uses.append((value, last))
    return uses


def lifetimes(schedule: FunctionSchedule) -> dict[str, Lifetime]:
    """Lifetimes of all values of a function, scalar inputs excepted, by value name."""
    found: dict[str, Lifetime] = {}
    for name, block_schedule in schedule.blocks.items():
        for phi in block_schedule.block.phis:
            ready = block_schedule.phi_cycle.get(phi.result.name, 0)
            found[phi.result.name] = Lifetime(
                name=phi.result.name,
                width_bits=phi.result.width_bits,
                block=name,
                op=None,
                ready_cycle=ready,
                last_use_cycle=-1,
                escapes=False,
            )
        for op in scheduled_ops(block_schedule.block):
            if op.result is not None:
                ready = block_schedule.ready_cycle[op.result.name]
                found[op.result.name] = Lifetime(
                    name=op.result.name,
                    width_bits=op.result.width_bits,
                    block=name,
                    op=op,
                    ready_cycle=ready,
                    last_use_cycle=-1,
                    escapes=False,
                )
    last_use = dict.fromkeys(found, -1)
    escaping: set[str] = set()
    for name, block_schedule in schedule.blocks.items():
        for value, cycle in _uses(block_schedule, schedule.blocks):
            if value.name not in found:
                continue
            if found[value.name].block == name and cycle is not None:
                last_use[value.name] = max(last_use[value.name], cycle)
            else:
                escaping.add(value.name)
    return {
        name: Lifetime(
            name=name,
            width_bits=life.width_bits,
            block=life.block,
            op=life.op,
            ready_cycle=life.ready_cycle,
            last_use_cycle=last_use[name],
            escapes=name in escaping,
        )
        for name, life in found.items()
    }
