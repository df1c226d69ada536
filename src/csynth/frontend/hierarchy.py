"""Rules between kept functions: who may be called where, state that must not be copied, limits on instances."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from csynth.errors import UnsupportedError
from csynth.frontend.regions import Marks
from csynth.frontend.units import Unit, matches
from csynth.ir.model import Function, Limit
from csynth.passes.outline import OperatorLimit


def check_calls_in_pipelines(function: Function, units: Mapping[str, Unit]) -> None:
    """Refuse a call of a function whose latency is not known in a pipelined loop.

    Raises:
        UnsupportedError: with the reason why it is not known.
    """
    by_name = {unit.name: unit for unit in units.values()}
    headers = {loop.header: loop.name for loop in function.loops if loop.pipeline is not None}
    for block in function.blocks:
        for op in block.ops:
            unit = by_name.get(op.target or "") if op.opcode == "call" else None
            if block.name in headers and unit is not None and unit.reason:
                raise UnsupportedError(
                    "call_in_pipeline",
                    f"the pipelined loop {headers[block.name]!r} calls {unit.name!r}, whose latency is not known: {unit.reason}",
                    op.location,
                    f"Let {unit.name!r} be inlined, or change what stands against it",
                )


def check_state(units: Mapping[str, Unit], functions: Mapping[str, Function]) -> None:
    """Refuse what would make two copies of a static variable.

    Raises:
        UnsupportedError: two modules use one static variable, or there are two instances of a module that has one.
    """
    owner: dict[str, Unit] = {}
    for unit in units.values():
        for symbol, name in unit.state.items():
            other = owner.setdefault(symbol, unit)
            if other is not unit:
                raise UnsupportedError(
                    "static_state",
                    f"the static variable {name!r} is used by {other.name!r} and by {unit.name!r}, which are modules of their own",
                    unit.location,
                    "Use it in one function only, or let one of them be inlined",
                )
    counts = _instance_counts(units, functions)
    for unit in units.values():
        if unit.state and counts[unit.name] > 1:
            name = next(iter(unit.state.values()))
            raise UnsupportedError(
                "static_state",
                f"{unit.name!r} keeps the static variable {name!r} and has {counts[unit.name]} instances, each with a copy of its own",
                unit.location,
                "Pass the state as a reference, or call the function in one place only",
            )


def _instance_counts(units: Mapping[str, Unit], functions: Mapping[str, Function]) -> dict[str, int]:
    """Instances of each module in the whole design, of functions with a handshake (others keep no state)."""
    counts = {unit.name: 0 for unit in units.values()}
    first = next(iter(units.values()))
    counts[first.name] = 1
    for unit in units.values():  # callers first
        function = functions[unit.symbol]
        called = {(op.target, op.bindings) for b in function.blocks for op in b.ops if op.opcode == "call"}
        for target in [t for t, _ in called] + [p.function for p in function.processes]:
            counts[target or ""] += counts[unit.name]
    return counts


def operator_limits(function: Function, marks: Marks) -> list[OperatorLimit]:
    """The limits on operators of a function; of several on one operation the smallest counts."""
    found: dict[str, OperatorLimit] = {}
    for pragma, count in marks.limits:
        if "operation" in pragma.options:
            operation = pragma.options["instances"]
            if operation not in found or found[operation].count > count:
                found[operation] = OperatorLimit(
                    function=function.name, operation=operation, count=count, location=pragma.location
                )
    return list(found.values())


def with_limits(function: Function, marks: Marks, units: Mapping[str, Unit]) -> Function:
    """`function` with the limits of its allocation pragmas; of several on one function the smallest counts.

    Raises:
        UnsupportedError: a limit below 1, or on a function with a handshake that could not share anyway.
    """
    limits: dict[str, Limit] = {}
    for pragma, count in marks.limits:
        if count < 1:
            raise UnsupportedError(
                "allocation",
                f"pragma HLS allocation: limit is {count}; must be 1 or more",
                pragma.location,
                "Use limit=1",
            )
        if "function" not in pragma.options:
            continue
        for unit in units.values():
            if matches(unit.symbol, pragma.options.get("instances", "")) and unit.name != function.name:
                known = limits.get(unit.name)
                if known is None or known.count > count:
                    limits[unit.name] = Limit(function=unit.name, count=count, location=pragma.location)
    called = {op.target for b in function.blocks for op in b.ops if op.opcode == "call"}
    return replace(function, limits=tuple(limit for name, limit in limits.items() if name in called))
