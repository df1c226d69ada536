"""Readable names of functions from their linker names (Itanium C++ ABI, section 5.1): `_Z3macILi8ELi32EEvRiaa` -> `mac_8_32`."""

from __future__ import annotations

import re

_BUILTIN = {
    "v": "void", "w": "wchar", "b": "bool", "c": "char", "a": "schar", "h": "uchar", "s": "short", "t": "ushort", "i": "int",
    "j": "uint", "l": "long", "m": "ulong", "x": "llong", "y": "ullong", "n": "int128", "o": "uint128", "f": "float", "d": "double",
}  # fmt: skip
_STANDARD = {"a": "allocator", "b": "basic_string", "s": "string", "i": "istream", "o": "ostream", "d": "iostream"}
_OPERATORS = {
    "pl": "add", "mi": "sub", "ml": "mul", "dv": "div", "rm": "rem", "an": "and", "or": "or", "eo": "xor", "aS": "assign", "cl": "call",
    "ix": "index", "eq": "eq", "ne": "ne", "lt": "lt", "gt": "gt", "le": "le", "ge": "ge", "ls": "shl", "rs": "shr",
}  # fmt: skip


class _UnreadError(ValueError):
    """Something that this reader does not know."""


class _Reader:
    """Reads the name of an encoding; `known` are the components that `S_`, `S0_`, ... stand for."""

    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0
        self.known: list[str] = []

    def take(self, start: str) -> bool:
        if self.text.startswith(start, self.at):
            self.at += len(start)
            return True
        return False

    def match(self, pattern: str) -> re.Match[str] | None:
        found = re.compile(pattern).match(self.text, self.at)
        if found:
            self.at = found.end()
        return found

    def source_name(self) -> str | None:
        found = self.match(r"(\d+)")
        if found is None:
            return None
        length = int(found[1])
        name = self.text[self.at : self.at + length]
        self.at += length
        return "anonymous" if name.startswith("_GLOBAL__N") else name

    def unqualified(self) -> str:
        self.take("L")
        name = self.source_name()
        if name is not None:
            return name
        for code, word in _OPERATORS.items():
            if self.take(code):
                return f"operator_{word}"
        raise _UnreadError(self.text)

    def substitution(self) -> str:
        """After an `S`."""
        if self.take("t"):
            return "std_" + self.unqualified()
        found = self.match(r"([0-9A-Z]*)_")
        if found:
            number = int(found[1], 36) + 1 if found[1] else 0
            if number < len(self.known):
                return self.known[number]
        elif (letter := self.match(r"[absiod]")) is not None:
            return "std_" + _STANDARD[letter[0]]
        raise _UnreadError(self.text)

    def arguments(self) -> str:
        """After an `I`."""
        parts = []
        while not self.take("E"):
            parts.append(self.argument())
        return "".join(f"_{part}" for part in parts if part)

    def argument(self) -> str:
        if self.take("L"):
            if self.take("b"):
                found = self.match(r"([01])E")
                if found:
                    return "true" if found[1] == "1" else "false"
                raise _UnreadError(self.text)
            if self.take("_Z"):
                name = self.name()
                while not self.take("E"):
                    self.type()
                return name
            self.type()
            found = self.match(r"(n?)(\d+)E")
            if found is None:
                raise _UnreadError(self.text)
            return ("m" if found[1] else "") + found[2]
        if self.take("J"):
            return self.arguments().lstrip("_")
        return self.type()

    def type(self) -> str:
        for code, word in (("K", "const"), ("V", "volatile"), ("R", "ref"), ("O", "rref"), ("P", "ptr")):
            if self.take(code):
                made = f"{word}_{self.type()}"
                self.known.append(made)
                return made
        if self.take("A"):
            found = self.match(r"(\d*)_")
            made = f"{self.type()}_x{found[1] if found else ''}"
            self.known.append(made)
            return made
        if found := self.match(r"D([BU])(\d+)_"):
            return f"{'int' if found[1] == 'B' else 'uint'}{found[2]}"
        letter = self.text[self.at : self.at + 1]
        if letter in _BUILTIN:
            self.at += 1
            return _BUILTIN[letter]
        return self.name()

    def name(self) -> str:
        if self.take("N"):
            return self.nested()
        if self.text.startswith("S", self.at):
            self.at += 1
            standard = self.text.startswith("t", self.at)
            made = self.substitution()
            if standard:
                self.known.append(made)
            if self.take("I"):
                made += self.arguments()
                self.known.append(made)
            return made
        made = self.unqualified()
        self.known.append(made)
        if self.take("I"):
            made += self.arguments()
            self.known.append(made)
        return made

    def nested(self) -> str:
        self.match(r"[rVK]*[RO]?")
        made = ""
        while not self.take("E"):
            if self.take("S"):
                made = self.substitution()
                continue
            if self.take("I"):
                made += self.arguments()
            elif ctor := self.match(r"([CD])\d"):
                made += "_new" if ctor[1] == "C" else "_delete"
            else:
                part = self.unqualified()
                made = f"{made}__{part}" if made else part
            self.known.append(made)
        return made


def readable(symbol: str) -> str:
    """A name for the module of the function with linker name `symbol`: its namespaces, its name and its template arguments.

    Namespaces and classes are joined by two underscores, template arguments by one; a negative number begins with `m`.
    """
    if not symbol.startswith("_Z"):
        return re.sub(r"\W", "_", symbol)
    reader = _Reader(symbol[2:])
    try:
        made = reader.name()
    except (_UnreadError, IndexError):
        from csynth.frontend.prepare import demangled  # noqa: PLC0415 - only for what is not known here

        made = demangled(symbol)
    return re.sub(r"\W", "_", made)


def variable(symbol: str) -> str:
    """The name in the source of a global or static variable, which may stand in a function (`_ZZ1fiE5total` -> `total`)."""
    if symbol.startswith("_ZZ"):
        for start in range(3, len(symbol)):
            found = re.match(r"E(\d+)", symbol[start:])
            if found and len(symbol) - start - found.end() >= int(found[1]) > 0:
                rest = symbol[start + found.end() :]
                if re.fullmatch(r"(_\d*_?|_\d+)?(\.\d+)?", rest[int(found[1]) :]):
                    return rest[: int(found[1])]
    return plain(symbol)


def plain(symbol: str) -> str:
    """The function's own name, without namespaces and template arguments."""
    from csynth.frontend.prepare import demangled  # noqa: PLC0415

    return demangled(symbol).rsplit("::", 1)[-1]
