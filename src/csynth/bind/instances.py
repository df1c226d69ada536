"""Which call uses which instance of the called module."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from csynth.ir.model import Op, Program
from csynth.schedule.calls import limit_of, shared_callees
from csynth.schedule.exclusive import are_exclusive, literals
from csynth.schedule.function import BlockSchedule, FunctionSchedule


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """One instance of a called module.

    Attributes:
        name: `<module>_<number>`, numbered from 1 in each caller.
        callee: the function.
        calls: (block, op) of each call that it serves.
        free: it never stops, and each call keeps its own results: calls of several iterations are in it at once.
    """

    name: str
    callee: str
    calls: tuple[tuple[str, Op], ...]
    free: bool = False

    @property
    def overlaps(self) -> bool:
        """Whether it is a dataflow region that takes a call before the last one has ended."""
        return any(op.overlap for _, op in self.calls)


def _calls(schedule: FunctionSchedule) -> dict[str, list[tuple[BlockSchedule, Op]]]:
    found: dict[str, list[tuple[BlockSchedule, Op]]] = {}
    for block in schedule.blocks.values():
        for op in block.block.ops:
            if op.opcode == "call" and op.target is not None:
                found.setdefault(op.target, []).append((block, op))
    return found


def _copies(calls: Iterable[Op], block: BlockSchedule, *, shared: bool) -> list[int]:
    """Number of the instance of each call of one pipelined block, as the scheduler has counted them."""
    if not shared:
        return [number for number, _ in enumerate(calls)]
    definitions = {op.result.name: op for op in block.block.ops if op.result is not None}
    slots: dict[int, list[list[Op]]] = {}
    numbers: list[int] = []
    for op in calls:
        start = block.start_cycle[op.id]
        copies = slots.setdefault(start % (block.initiation_interval or 1), [])
        facts = literals(op.predicate, definitions)

        def joins(users: list[Op], start: int = start, facts=facts) -> bool:
            return bool(facts) and all(
                block.start_cycle[other.id] == start and are_exclusive(facts, literals(other.predicate, definitions))
                for other in users
            )

        number = next((n for n, users in enumerate(copies) if joins(users)), len(copies))
        if number == len(copies):
            copies.append([])
        copies[number].append(op)
        numbers.append(number)
    return numbers


def _spread(calls: list[Op], block: BlockSchedule, apart: int) -> list[int]:
    """Number of the instance of each call of a block that is not pipelined: the first that is free by then."""
    last: list[int] = []
    numbers: dict[int, int] = {}
    for op in sorted(calls, key=lambda o: block.start_cycle[o.id]):
        start = block.start_cycle[op.id]
        number = next((n for n, before in enumerate(last) if start - before >= apart), len(last))
        last[number : number + 1] = [start]
        numbers[op.id] = number
    return [numbers[op.id] for op in calls]


def instances(schedule: FunctionSchedule, program: Program) -> list[Instance]:
    """The instances in one function.

    Calls of a function with a handshake share one instance when their streams are the same. Calls of a static function share instances
    in states; a pipelined loop has one for each of its calls, unless an allocation limits them.
    """
    shared = shared_callees(schedule.function)
    pools: dict[tuple[object, ...], list[tuple[str, Op]]] = {}
    for callee, calls in _calls(schedule).items():
        if not program.function(callee).is_static:
            for block, op in calls:
                pools.setdefault((callee, op.bindings), []).append((block.block.name, op))
            continue
        limited = limit_of(schedule.function, callee) is not None
        by_block: dict[str, list[Op]] = {}
        for block, op in calls:
            by_block.setdefault(block.block.name, []).append(op)
        for name, ops in by_block.items():
            block = schedule.blocks[name]
            if block.is_pipelined:
                numbers = _copies(ops, block, shared=callee in shared)
                pool = "" if limited else name
            else:
                numbers = _spread(ops, block, schedule.callees[callee].initiation_interval)
                pool = ""
            for op, number in zip(ops, numbers, strict=True):
                pools.setdefault((callee, pool, number), []).append((name, op))
    counts: dict[str, int] = {}
    found: list[Instance] = []
    for key, calls in pools.items():
        callee = str(key[0])
        counts[callee] = counts.get(callee, 0) + 1
        free = callee in shared and schedule.callees[callee].latency_cycles > 0
        found.append(Instance(name=f"{callee}_{counts[callee]}", callee=callee, calls=tuple(calls), free=free))
    return found
