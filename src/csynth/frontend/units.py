"""Which functions become modules of their own, and what these are called."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from csynth.frontend.interfaces import read_interfaces
from csynth.frontend.llvm_text import Module
from csynth.frontend.locations import Locations
from csynth.frontend.pragmas import Pragma
from csynth.frontend.prepare import demangled, scopes_of
from csynth.ir.model import Interface, Location


@dataclass(slots=True)
class Unit:
    """A kept function on its way.

    Attributes:
        symbol: its linker name.
        name: the name of its module.
        interfaces: what its interface pragmas say, by argument.
    """

    symbol: str
    name: str
    location: Location | None
    dataflow: bool
    interfaces: dict[str, Interface]
    callees: list[str] = field(default_factory=list)


def kept_functions(module: Module, top: str, pragmas: list[Pragma], locations: Locations) -> dict[str, Unit]:
    """The functions that become modules, each before its callees."""
    flags: dict[str, dict[str, Pragma]] = {}
    interfaces: dict[str, list[Pragma]] = {}
    for name, function in module.functions.items():
        for pragma, _ in scopes_of(function, pragmas):
            if pragma.kind == "inline" and "off" in pragma.options:
                flags.setdefault(name, {})["off"] = pragma
            elif pragma.kind == "dataflow":
                flags.setdefault(name, {})["dataflow"] = pragma
            elif pragma.kind == "interface" and pragma.options.get("port"):
                interfaces.setdefault(name, []).append(pragma)
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
            if "off" in flags.get(callee, {}) or (
                callee in users and "dataflow" in flags.get(name, {}) and name in kept
            ):
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
            read_interfaces(interfaces.get(symbol, [])),
        )
    return units
