"""Which functions become modules of their own, and what these are called."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field

from csynth.errors import UnsupportedError
from csynth.frontend.interfaces import read_interfaces
from csynth.frontend.llvm_loops import NaturalLoop, innermost, natural_loops
from csynth.frontend.llvm_text import Module
from csynth.frontend.locations import Locations
from csynth.frontend.names import plain, readable
from csynth.frontend.pragmas import Pragma
from csynth.ir.model import Interface, Location


@dataclass(slots=True)
class Unit:
    """A kept function on its way.

    Attributes:
        symbol: its linker name.
        name: the name of its module.
        interfaces: what its interface pragmas say, by argument.
        only_asked: it is kept for `inline off` alone, so that it may be inlined all the same.
        alone: it is the top, which takes one call after another.
        process: it is the top, a dataflow region, or runs in one, so that its parameters become ports one by one.
        pipeline: its own pipeline pragma, and the initiation interval.
        callees: linker names of the kept functions that it calls, also through functions that are inlined.
        reason: why its latency is not known, in words, once it is converted.
        state: the static variables that it writes, with their names in the source, once it is converted.
        region: it is the body of a dataflow loop, whose runs overlap.
        start_propagation_off: its dataflow pragma says disable_start_propagation.
    """

    symbol: str
    name: str
    location: Location | None
    dataflow: bool
    interfaces: dict[str, Interface]
    only_asked: bool = False
    alone: bool = False
    process: bool = False
    pipeline: tuple[Pragma, int] | None = None
    callees: list[str] = field(default_factory=list)
    region: bool = False
    start_propagation_off: bool = False
    reason: str = ""
    state: dict[str, str] = field(default_factory=dict)


def _refuse(code: str, what: str, pragma: Pragma, remedy: str) -> UnsupportedError:
    return UnsupportedError(code, f"pragma HLS {pragma.kind}{what}", pragma.location, remedy)


@dataclass(slots=True)
class _Facts:
    """The pragmas that stand in a function itself, outside its loops where that matters; `in_loops` are callees of dataflow loops."""

    off: bool = False
    on: bool = False
    dataflow: bool = False
    start_propagation_off: bool = False
    in_loops: set[str] = field(default_factory=set)
    interfaces: list[Pragma] = field(default_factory=list)
    pipeline: tuple[Pragma, int] | None = None
    allocated: list[Pragma] = field(default_factory=list)


def _facts(module: Module, pragmas: list[Pragma]) -> dict[str, _Facts]:
    found: dict[str, _Facts] = {}
    for name, function in module.functions.items():
        facts = found[name] = _Facts()
        loops = None
        pipelined: list[NaturalLoop] = []
        regions: list[tuple[Pragma, NaturalLoop]] = []
        for block in function.blocks.values():
            for i in block.instructions:
                if i.opcode != "call" or i.callee != "__csynth_scope":
                    continue
                pragma = pragmas[int(i.operands[0])]
                if pragma.kind == "inline":
                    facts.off |= "off" in pragma.options
                    facts.on |= "off" not in pragma.options
                elif pragma.kind == "dataflow":
                    facts.start_propagation_off |= "disable_start_propagation" in pragma.options
                    loops = natural_loops(function) if loops is None else loops
                    loop = innermost(loops, block.name)
                    facts.dataflow |= loop is None
                    if loop is not None:
                        regions.append((pragma, loop))
                    inside = [function.blocks[b] for b in loop.blocks] if loop is not None else []
                    facts.in_loops |= {c.callee for b in inside for c in b.instructions if c.opcode == "call"}
                elif pragma.kind == "interface" and pragma.options.get("port"):
                    facts.interfaces.append(pragma)
                elif pragma.kind == "allocation" and "function" in pragma.options:
                    facts.allocated.append(pragma)
                elif pragma.kind == "pipeline" and "off" not in pragma.options:
                    loops = natural_loops(function) if loops is None else loops
                    around = innermost(loops, block.name)
                    if around is not None:
                        pipelined.append(around)
                    elif re.fullmatch(r"-?\d+", i.operands[1]):
                        facts.pipeline = (pragma, int(i.operands[1]))
        for pragma, loop in regions:
            if any(set(loop.blocks) <= set(other.blocks) for other in pipelined):
                what = " stands in a pipelined loop; a loop's body is a pipeline or a region of processes"
                raise _refuse("pragma_place", what, pragma, "Remove one of the two pragmas")
    return found


def matches(symbol: str, wanted: str) -> bool:
    """Whether an allocation's `instances=wanted` means the function: its plain name, or with template arguments."""
    text = re.sub(r"\W+", "_", wanted.replace("-", "m")).strip("_")
    return wanted == plain(symbol) or text == readable(symbol)


def kept_functions(
    module: Module, top: str, pragmas: list[Pragma], locations: Locations, inlined: Collection[str] = ()
) -> dict[str, Unit]:
    """The functions that become modules, each before its callees.

    A function is kept when it has `inline off`, and is not one of `inlined`, or a pipeline pragma of its own, when an allocation of a
    caller names it, or when a dataflow region calls it.

    Raises:
        UnsupportedError: pragmas that contradict each other, or an allocation that names nothing.
    """
    facts = _facts(module, pragmas)
    users = {n for n, f in module.functions.items() if "dbg" in f.metadata}
    callees = {
        n: list(
            dict.fromkeys(
                i.callee
                for b in f.blocks.values()
                for i in b.instructions
                if i.opcode == "call" and i.callee in module.functions
            )
        )
        for n, f in module.functions.items()
    }
    reached = _reached(top, callees)
    kept, processes, needed = {top}, {top}, {top}
    for name in reached:
        own = facts[name]
        if name != top and ((own.off and name not in inlined) or own.pipeline is not None):
            kept.add(name)
            if own.on and own.pipeline is not None:
                raise _refuse(
                    "pragma_place",
                    f" stands in {readable(name)!r}, which is inlined",
                    own.pipeline[0],
                    "Take away inline, or put it into the loop",
                )
        for pragma in own.allocated:
            wanted = pragma.options.get("instances", "")
            named = [n for n in _reached(name, callees) if n != name and n in users and matches(n, wanted)]
            if not named:
                raise _refuse(
                    "allocation",
                    f": instances is {wanted!r}; must be a function that {readable(name)!r} calls",
                    pragma,
                    "Give its plain name",
                )
            kept.update(named)
            needed.update(named)
    for name in reached:
        if facts[name].dataflow or facts[name].in_loops:
            kept.add(name)
            processes.add(name)
            inside = callees[name] if facts[name].dataflow else facts[name].in_loops
            processes.update(c for c in inside if c in users)
    kept |= processes
    order: list[str] = []

    def visit(name: str, around: set[str]) -> None:
        for callee in callees[name]:
            if callee not in around:
                around.add(callee)
                visit(callee, around)
        if name in kept:
            order.append(name)

    visit(top, {top})
    units: dict[str, Unit] = {}
    used: set[str] = set()
    for symbol in reversed(order):
        wish = readable(symbol)
        name, count = wish, 1
        while name in used:
            count += 1
            name = f"{wish}_{count}"
        used.add(name)
        units[symbol] = Unit(
            symbol,
            name,
            locations.of_function(module.functions[symbol].metadata.get("dbg")),
            facts[symbol].dataflow,
            read_interfaces(facts[symbol].interfaces),
            only_asked=symbol not in processes | needed and facts[symbol].pipeline is None,
            process=symbol in processes,
            pipeline=facts[symbol].pipeline if symbol not in processes or _is_computed(module, symbol, top) else None,
            alone=symbol == top,
            callees=_kept_callees(symbol, callees, kept),
            start_propagation_off=facts[symbol].start_propagation_off,
        )
    return units


def _is_computed(module: Module, symbol: str, top: str) -> bool:
    """Whether the function is the top and returns what it computes, so that a pipeline pragma can be meant for all of it."""
    function = module.functions[symbol]
    returns = function.returns != "void" or any("sret(" in parameter.attributes for parameter in function.parameters)
    return symbol == top and returns


def _reached(root: str, callees: dict[str, list[str]]) -> list[str]:
    seen, work = {root: None}, [root]
    while work:
        for callee in callees[work.pop()]:
            if callee not in seen:
                seen[callee] = None
                work.append(callee)
    return list(seen)


def _kept_callees(symbol: str, callees: dict[str, list[str]], kept: set[str]) -> list[str]:
    found, seen, work = [], set[str](), list(callees[symbol])
    while work:
        name = work.pop()
        if name in seen:
            continue
        seen.add(name)
        if name in kept:
            found.append(name)
        else:
            work += callees[name]
    return found
