"""Static and global variables that keep their values: each must belong to one module, because each module has its own memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from csynth.errors import UnsupportedError
from csynth.frontend.affine import AddressReader
from csynth.frontend.llvm_text import LlvmFunction, Module
from csynth.frontend.prepare import demangled
from csynth.frontend.units import Unit


def check_statics(module: Module, units: Mapping[str, Unit]) -> None:
    """Check the variables that the kept functions of `module` (inlined already) write.

    Raises:
        UnsupportedError: two modules, or two instances of one, would each have a copy of a variable that is written.
    """
    functions = {symbol: module.functions[symbol] for symbol in units if symbol in module.functions}
    uses = {symbol: _globals(module, function) for symbol, function in functions.items()}
    calls = Counter(
        i.callee for f in functions.values() for b in f.blocks.values() for i in b.instructions if i.opcode == "call"
    )
    for symbol, used in uses.items():
        unit = units[symbol]
        for name, written in used.items():
            if not written:
                continue
            what = f"the static variable {demangled(name[1:]).rsplit('::', 1)[-1]!r}"
            other = next((units[s].name for s, o in uses.items() if s != symbol and name in o), None)
            if other is not None:
                raise UnsupportedError(
                    "static_shared",
                    f"{what} is written in {unit.name!r} and used in {other!r}; must belong to one module",
                    unit.location,
                    f"Make {unit.name!r} inline, or pass the value on",
                )
            if calls[symbol] > 1:
                raise UnsupportedError(
                    "static_shared",
                    f"{what} is written in {unit.name!r}, which is called in {calls[symbol]} places and becomes a module for each;"
                    " must be called in one place",
                    unit.location,
                    f"Make {unit.name!r} inline",
                )


def _globals(module: Module, function: LlvmFunction) -> dict[str, bool]:
    """The variables of static storage that a function uses, and whether it writes them."""
    reader = AddressReader(module, function)
    found: dict[str, bool] = {}
    for block in function.blocks.values():
        for i in block.instructions:
            if i.opcode in {"load", "store"}:
                base = reader.address(i.operands[-1]).base
                if base.startswith("@"):
                    found[base] = found.get(base, False) or i.opcode == "store"
    return found
