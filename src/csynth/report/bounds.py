"""What limits the interval of one loop, in terms of the source."""

from __future__ import annotations

from collections.abc import Iterable

from csynth.ir.model import Function, Loop, Op
from csynth.report.model import BoundsReport, OperationReport
from csynth.schedule.bounds import Bounds
from csynth.schedule.build import STREAM_OPS, op_key, phi_key
from csynth.schedule.delays import WIRES, timing_of
from csynth.schedule.function import BlockSchedule, FunctionSchedule

_SUMS = frozenset({"add", "sub"})
_PRODUCTS = frozenset({"mul", "smul", "umul"})
_CHOICES = frozenset({"select"})


def bounds_report(owner: FunctionSchedule, loop: Loop, schedule: BlockSchedule) -> BoundsReport:
    """The bounds of a pipelined loop, with the smallest remedy when its interval is longer than wanted."""
    bounds, function = schedule.bounds or Bounds(), owner.function
    ops = {op_key(op): op for op in schedule.block.ops}
    phis = {phi_key(phi.result.name): phi.result.name for phi in schedule.block.phis}

    def described(keys: Iterable[str]) -> tuple[OperationReport, ...]:
        known = [
            _operation(owner, ops[key]) if key in ops else _value(phis[key], loop)
            for key in keys
            if key in ops or key in phis
        ]
        return tuple(item for item in known if item is not None)

    recurrence, resource = bounds.recurrence, bounds.resource
    wanted = loop.pipeline.initiation_interval if loop.pipeline else 1
    interval = schedule.initiation_interval or 1
    return BoundsReport(
        recurrence_ii=bounds.recurrence_interval,
        recurrence=described(recurrence.nodes) if recurrence else (),
        recurrence_cycles=recurrence.cycles if recurrence else 1,
        recurrence_distance=recurrence.distance if recurrence else 1,
        resource_ii=bounds.resource_interval,
        resource=resource[0] if resource else "",
        resource_users=described(resource[1]) if resource else (),
        exit_ii=bounds.exit_interval,
        exit_path=described(bounds.exit_path),
        remedy=_remedy(function, bounds, ops, wanted, interval) if interval > wanted else "",
    )


def _operation(owner: FunctionSchedule, op: Op) -> OperationReport | None:
    if op.opcode in WIRES:
        return None
    memory = next((memory for memory in owner.function.memories if memory.name == op.target), None)
    timing = timing_of(op, memory, owner.table)
    what = op.opcode
    if memory is not None:
        what = f"{op.opcode} {memory.array}" + (f" (bank {memory.name})" if memory.name != memory.array else "")
    elif op.target:
        what = f"{op.opcode} {op.target}"
    place = op.location
    return OperationReport(
        label=what,
        file=place.file if place else "",
        line=place.line if place else 0,
        delay_ps=timing.delay_ps,
        latency_cycles=timing.latency_cycles,
    )


def _value(name: str, loop: Loop) -> OperationReport:
    place = loop.location
    return OperationReport(
        label=f"{name} of the iteration before",
        file=place.file if place else "",
        line=place.line if place else 0,
        delay_ps=0,
        latency_cycles=0,
    )


def _remedy(function: Function, bounds: Bounds, ops: dict[str, Op], wanted: int, interval: int) -> str:
    """The change that removes the highest bound."""
    instead = f"or use II={interval}."
    if bounds.resource is not None and bounds.resource_interval == bounds.minimum:
        return f"{_resource_remedy(function, bounds, ops, wanted)}, {instead}"
    if bounds.recurrence is not None and bounds.recurrence_interval == bounds.minimum:
        return f"{_recurrence_remedy(function, bounds, ops)}, {instead}"
    if bounds.exit_interval == bounds.minimum > wanted:
        return f"Count the iterations with a bound that is known before the loop, and skip the rest of the body once it is over, {instead}"
    return f"Use II={interval}: the bounds allow less, but no schedule was found."


def _resource_remedy(function: Function, bounds: Bounds, ops: dict[str, Op], wanted: int) -> str:
    assert bounds.resource is not None
    users = [ops[key] for key in bounds.resource[1]]
    factor = -(-bounds.resource_interval // wanted)
    first = users[0]
    memory = next((memory for memory in function.memories if memory.name == first.target), None)
    if memory is not None:
        return f"Partition the array: #pragma HLS array_partition variable={memory.array} type=cyclic factor={factor}"
    if first.opcode in STREAM_OPS:
        return f"Make the words of {first.target} {factor} times as wide, and pass {factor} values in one"
    if first.opcode == "call":
        return f"Raise the limit of {first.target} in its allocation pragma"
    return f"Set {first.target} once in an iteration"


def _recurrence_remedy(function: Function, bounds: Bounds, ops: dict[str, Op]) -> str:
    assert bounds.recurrence is not None
    along = [ops[key] for key in bounds.recurrence.nodes if key in ops]
    store = next((op for op in along if op.opcode == "store"), None)
    if store is not None:
        array = next((memory.array for memory in function.memories if memory.name == store.target), store.target)
        apart = bounds.recurrence_interval
        return (
            f"Keep the newest element of {array} in a variable, or, if no {apart} iterations in a row touch the same"
            f" element twice, say so: #pragma HLS dependence variable={array} type=inter dependent=false"
        )
    streams = [op.target for op in along if op.opcode in STREAM_OPS]
    if streams:
        return f"Make what {' and '.join(dict.fromkeys(str(name) for name in streams))} carries independent of the iteration before"
    working = {op.opcode for op in along} - WIRES - _CHOICES
    count = -(-bounds.recurrence.cycles // bounds.recurrence.distance)
    if working and working <= _SUMS:
        return f"Accumulate into {count} partial sums, one iteration after another, and add them after the loop"
    if working and working <= _PRODUCTS:
        return f"Multiply into {count} partial products, one iteration after another, and multiply them after the loop"
    return "Shorten the chain: compute what does not need the iteration before ahead of it"
