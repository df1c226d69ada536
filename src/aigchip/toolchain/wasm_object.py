"""Reads what a relocatable WebAssembly object defines, needs, exports and runs before main.

Reference: WebAssembly core specification, "Modules"; WebAssembly tool conventions, "Linking".
"""

from __future__ import annotations

from dataclasses import dataclass

_BINDING_WEAK, _BINDING_LOCAL, _UNDEFINED, _EXPORTED, _EXPLICIT_NAME = 0x01, 0x02, 0x10, 0x20, 0x40
_FUNCTION, _DATA, _GLOBAL, _SECTION, _TAG, _TABLE = range(6)
_WASM_INIT_FUNCS, _WASM_SYMBOL_TABLE = 6, 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Symbol:
    """A function or datum by its name in the linker's table."""

    name: str
    is_function: bool
    defined: bool
    weak: bool
    local: bool
    exported: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WasmObject:
    """What the linker sees of an object.

    Attributes:
        symbols: functions and data.
        imports: (module, name) of what the host would have to give.
        constructors: number of functions that run before anything is called.
    """

    symbols: tuple[Symbol, ...]
    imports: tuple[tuple[str, str], ...]
    constructors: int

    def names(self, *, defined: bool) -> frozenset[str]:
        """Return the names of all defined or all undefined symbols that are visible outside the object."""
        return frozenset(s.name for s in self.symbols if s.defined == defined and not s.local)


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def leb(self) -> int:
        value = shift = 0
        while True:
            byte = self.data[self.at]
            self.at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if not byte & 0x80:
                return value

    def take(self, count: int) -> bytes:
        taken = self.data[self.at : self.at + count]
        self.at += count
        return taken

    def name(self) -> str:
        return self.take(self.leb()).decode("utf-8", errors="replace")


def _imports(reader: _Reader) -> list[tuple[str, str, int]]:
    found = []
    for _ in range(reader.leb()):
        module, name, kind = reader.name(), reader.name(), reader.take(1)[0]
        if kind == 0:
            reader.leb()
        elif kind in {1, 2}:
            if kind == 1:
                reader.take(1)
            flags = reader.leb()
            reader.leb()
            if flags & 1:
                reader.leb()
        elif kind == 3:
            reader.take(2)
        else:
            reader.take(1)
            reader.leb()
        found.append((module, name, kind))
    return found


def _symbols(reader: _Reader, functions: list[str]) -> list[Symbol]:
    found = []
    for _ in range(reader.leb()):
        kind, flags = reader.take(1)[0], reader.leb()
        defined = not flags & _UNDEFINED
        if kind == _DATA:
            name = reader.name()
            if defined:
                for _ in range(3):
                    reader.leb()
        elif kind == _SECTION:
            reader.leb()
            continue
        else:
            index = reader.leb()
            explicit = defined or flags & _EXPLICIT_NAME
            name = reader.name() if explicit else (functions[index] if kind == _FUNCTION else "")
        if kind in {_FUNCTION, _DATA}:
            found.append(
                Symbol(
                    name=name,
                    is_function=kind == _FUNCTION,
                    defined=defined,
                    weak=bool(flags & _BINDING_WEAK),
                    local=bool(flags & _BINDING_LOCAL),
                    exported=bool(flags & _EXPORTED),
                )
            )
    return found


def read_object(data: bytes) -> WasmObject:
    """Read an object that our own compiler wrote.

    Raises:
        ValueError: the bytes are no WebAssembly module.
    """
    if data[:8] != b"\0asm\1\0\0\0":
        msg = "object: the bytes are not a WebAssembly module"
        raise ValueError(msg)
    reader = _Reader(data)
    reader.at = 8
    imports: list[tuple[str, str, int]] = []
    symbols: list[Symbol] = []
    constructors = 0
    while reader.at < len(data):
        kind, size = reader.take(1)[0], reader.leb()
        section = _Reader(reader.take(size))
        if kind == 2:
            imports = _imports(section)
        elif kind == 0 and section.name() == "linking":
            section.leb()
            functions = [name for _, name, what in imports if what == 0]
            while section.at < len(section.data):
                part, length = section.take(1)[0], section.leb()
                body = _Reader(section.take(length))
                if part == _WASM_SYMBOL_TABLE:
                    symbols = _symbols(body, functions)
                elif part == _WASM_INIT_FUNCS:
                    constructors = body.leb()
    return WasmObject(
        symbols=tuple(symbols), imports=tuple((module, name) for module, name, _ in imports), constructors=constructors
    )
