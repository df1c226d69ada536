"""Which functions become modules of their own, and what these are called."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from csynth.frontend.llvm_loops import innermost, natural_loops
from csynth.frontend.llvm_text import Module
from csynth.frontend.locations import Locations
from csynth.frontend.pragmas import Pragma
from csynth.frontend.prepare import demangled, scopes_of
from csynth.ir.model import Location


@dataclass(slots=True)
class Unit:
    """A kept function on its way.

    Attributes:
        symbol: its linker name.
        name: the name of its module.
        interfaces: port to mode, from its interface pragmas.
        start_propagation_off: its dataflow pragma says disable_start_propagation.
        region: it is the body of a dataflow loop, whose runs overlap.
    """

    symbol: str
    name: str
    location: Location | None
    dataflow: bool
    interfaces: dict[str, str]
    callees: list[str] = field(default_factory=list)
    region: bool = False
    start_propagation_off: bool = False


def kept_functions(module: Module, top: str, pragmas: list[Pragma], locations: Locations) -> dict[str, Unit]:
    """The functions that become modules, each before its callees."""
    flags: dict[str, dict[str, Pragma]] = {}
    interfaces: dict[str, dict[str, str]] = {}
    in_loops: dict[str, set[str]] = {}
    for name, function in module.functions.items():
        loops = natural_loops(function)
        for pragma, block in scopes_of(function, pragmas):
            if pragma.kind == "inline" and "off" in pragma.options:
                flags.setdefault(name, {})["off"] = pragma
            elif pragma.kind == "dataflow" and (loop := innermost(loops, block)) is not None:
                flags.setdefault(name, {})["loop"] = pragma
                in_loops.setdefault(name, set()).update(
                    i.callee for b in loop.blocks for i in function.blocks[b].instructions if i.opcode == "call"
                )
            elif pragma.kind == "dataflow":
                flags.setdefault(name, {})["dataflow"] = pragma
            elif pragma.kind == "interface" and pragma.options.get("port"):
                interfaces.setdefault(name, {})[pragma.options["port"]] = pragma.options.get("mode", "default")
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
    kept = {top}
    work, seen = [top], {top}
    while work:
        name = work.pop()
        for callee in callees[name]:
            process = "dataflow" in flags.get(name, {}) or callee in in_loops.get(name, ())
            if flags.get(callee) or (callee in users and process and name in kept):
                kept.add(callee)
            if callee not in seen or (callee in kept and callee not in seen):
                seen.add(callee)
                work.append(callee)
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
        function = module.functions[symbol]
        wish = re.sub(r"\W", "_", demangled(symbol))
        name, count = wish, 1
        while name in used:
            count += 1
            name = f"{wish}_{count}"
        used.add(name)
        units[symbol] = Unit(
            symbol,
            name,
            locations.of_function(function.metadata.get("dbg")),
            "dataflow" in flags.get(symbol, {}),
            interfaces.get(symbol, {}),
            start_propagation_off=any(
                "disable_start_propagation" in pragma.options for pragma in flags.get(symbol, {}).values()
            ),
        )
    return units
