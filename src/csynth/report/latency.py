"""Latency of loops and functions from their schedules, when nothing stalls."""

from __future__ import annotations

from csynth.bind.lifetimes import successors
from csynth.ir.model import Loop, Program
from csynth.report.model import Range
from csynth.schedule.function import FunctionSchedule

_ENTER_AND_LEAVE = 2  # cycles from ap_start to the first state, and in the done state


def add(one: Range, two: Range) -> Range:
    """Sum of two ranges."""
    return Range(
        minimum=None if one.minimum is None or two.minimum is None else one.minimum + two.minimum,
        maximum=None if one.maximum is None or two.maximum is None else one.maximum + two.maximum,
    )


def _times(count: Range, cycles: Range) -> Range:
    return Range(
        minimum=None if count.minimum is None or cycles.minimum is None else count.minimum * cycles.minimum,
        maximum=None if count.maximum is None or cycles.maximum is None else count.maximum * cycles.maximum,
    )


def _widest(ranges: list[Range]) -> Range:
    lows, highs = [item.minimum for item in ranges], [item.maximum for item in ranges]
    return Range(
        minimum=min((low for low in lows if low is not None), default=None) if None not in lows else None,
        maximum=None if None in highs or not highs else max(high for high in highs if high is not None),
    )


def trip_count(loop: Loop) -> Range:
    """Iterations of `loop`."""
    return Range(minimum=loop.trip_count.minimum, maximum=loop.trip_count.maximum)


class LatencyModel:
    """Latencies of one function. `callees` are the latencies of the functions it calls."""

    def __init__(self, schedule: FunctionSchedule, callees: dict[str, Range]) -> None:
        self._schedule = schedule
        self._callees = callees
        self._loops = {loop.name: loop for loop in schedule.function.loops}

    def _block(self, name: str) -> Range:
        schedule = self._schedule.blocks[name]
        total = Range(minimum=schedule.length_cycles, maximum=schedule.length_cycles)
        for op in schedule.block.ops:
            if op.opcode == "call" and op.target is not None and op.target not in self._schedule.callees:
                total = add(total, self._callees.get(op.target, Range()))
        return total

    def iteration(self, loop: Loop) -> Range:
        """Cycles of one iteration of a loop that is not pipelined."""
        return self._region(loop.header, set(loop.blocks), loop.name)

    def loop(self, loop: Loop) -> Range:
        """Cycles of all iterations of `loop`."""
        trips = trip_count(loop)
        if loop.pipeline is not None:
            schedule = self._schedule.blocks[loop.header]
            interval, depth = schedule.initiation_interval or 1, schedule.length_cycles

            def cycles(count: int | None) -> int | None:
                return None if count is None else max(count - 1, 0) * interval + depth + 1

            return Range(minimum=cycles(trips.minimum), maximum=cycles(trips.maximum))
        return _times(trips, self.iteration(loop))

    def _owner(self, block: str, parent: str | None) -> Loop | None:
        """The outermost loop inside `parent` that contains `block`."""
        return next((loop for loop in self._loops.values() if loop.parent == parent and block in loop.blocks), None)

    def _region(self, entry: str, blocks: set[str], parent: str | None) -> Range:
        """Longest and shortest path from `entry` to the end of a region whose inner loops count as one node."""
        memo: dict[str, Range] = {}

        def from_block(name: str) -> Range:
            if name in memo:
                return memo[name]
            inner = self._owner(name, parent)
            if inner is not None:
                own = self.loop(inner)
                targets = {t for b in inner.blocks for t in successors(self._schedule.blocks[b].block)} - set(
                    inner.blocks
                )
            else:
                own = self._block(name)
                targets = set(successors(self._schedule.blocks[name].block))
            following = [from_block(target) for target in sorted(targets) if target in blocks and target != entry]
            if any(target not in blocks or target == entry for target in targets):
                following.append(Range(minimum=0, maximum=0))
            memo[name] = add(own, _widest(following)) if following else own
            return memo[name]

        return from_block(entry)

    def function(self) -> Range:
        """Cycles from ap_start to ap_done."""
        function = self._schedule.function
        body = self._region(function.blocks[0].name, {block.name for block in function.blocks}, None)
        return add(body, Range(minimum=_ENTER_AND_LEAVE, maximum=_ENTER_AND_LEAVE))


def function_latencies(program: Program, schedules: dict[str, FunctionSchedule]) -> dict[str, Range]:
    """Latency of every function, callees first."""
    found: dict[str, Range] = {}

    def visit(name: str) -> Range:
        if name in found:
            return found[name]
        function = program.function(name)
        if function.is_dataflow:
            parts = [visit(process.function) for process in function.processes]
            lows = [part.minimum for part in parts if part.minimum is not None]
            found[name] = Range(minimum=max(lows, default=None), maximum=None)
            return found[name]
        timing = schedules[name].timing
        if timing is not None:
            found[name] = Range(minimum=timing.latency_cycles, maximum=timing.latency_cycles)
            return found[name]
        callees = {
            op.target: visit(op.target) for b in function.blocks for op in b.ops if op.opcode == "call" and op.target
        }
        found[name] = LatencyModel(schedules[name], callees).function()
        return found[name]

    for function in program.functions:
        visit(function.name)
    return found
