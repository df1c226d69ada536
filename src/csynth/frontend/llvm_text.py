"""Read LLVM's textual IR (as LLVM 22 prints it) into plain Python objects."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_FLAGS = frozenset(
    [
        "nsw",
        "nuw",
        "exact",
        "inbounds",
        "nusw",
        "disjoint",
        "nneg",
        "samesign",
        "tail",
        "musttail",
        "notail",
        "volatile",
        "fast",
        "nnan",
        "ninf",
        "nsz",
        "arcp",
        "contract",
        "afn",
        "reassoc",
    ]
)
_NAME = r'(?:"[^"]*"|[-\w.$]+)'
_LABEL = re.compile(rf"({_NAME}):")
_ASSIGN = re.compile(rf"(%{_NAME}) = ")
_BRACKETS = re.compile(r'[(\[{<"]')
_METADATA = re.compile(r", !([\w.]+) (!\d+)")
_ATTRIBUTE = re.compile(
    r"\b(?:noundef|nonnull|signext|zeroext|inreg|writeonly|readonly|readnone|noalias|returned|dead_on_return|dead_on_unwind|writable|immarg"
    r"|nofree|noinline|noext|swiftself|nest)\b"
    r"|\b(?:align|dereferenceable|dereferenceable_or_null|captures|range|initializes|sret|byval|memory|nocapture)\s*"
    r"(?:\((?:[^()]|\([^()]*\))*\)|\d+)"
)
_CASTS = frozenset(
    [
        "zext",
        "sext",
        "trunc",
        "bitcast",
        "ptrtoint",
        "inttoptr",
        "fptosi",
        "fptoui",
        "sitofp",
        "uitofp",
        "fpext",
        "fptrunc",
        "addrspacecast",
        "ptrtoaddr",
    ]
)


@dataclass(slots=True, eq=False)
class Instruction:
    """One instruction; `operands` are texts (`%x`, `5`, `undef`, constant expressions)."""

    opcode: str
    name: str
    type: str
    operands: list[str]
    types: list[str] = field(default_factory=list)
    flags: frozenset[str] = frozenset()
    metadata: dict[str, str] = field(default_factory=dict)
    callee: str = ""
    predicate: str = ""
    targets: list[str] = field(default_factory=list)  # blocks of br, switch, phi
    cases: list[int] = field(default_factory=list)
    element: str = ""  # source type of a getelementptr, type of an alloca


@dataclass(slots=True, eq=False)
class BasicBlock:
    """One block; `name` without the percent sign."""

    name: str
    instructions: list[Instruction] = field(default_factory=list)

    @property
    def terminator(self) -> Instruction:
        """The last instruction."""
        return self.instructions[-1]

    @property
    def successors(self) -> list[str]:
        """Blocks it may go to, without repeats."""
        return list(dict.fromkeys(self.terminator.targets)) if self.terminator.opcode in {"br", "switch"} else []


@dataclass(slots=True, eq=False)
class Parameter:
    """One parameter as LLVM sees it, its attributes as text."""

    name: str
    type: str
    attributes: str


@dataclass(slots=True, eq=False)
class LlvmFunction:
    """A defined function; blocks in order, entry first."""

    name: str
    parameters: list[Parameter]
    returns: str
    blocks: dict[str, BasicBlock]
    metadata: dict[str, str]


@dataclass(slots=True, eq=False)
class Module:
    """A parsed module; `metadata` maps `!5` to its text, `globals` maps `@name` to what stands after the equals sign."""

    functions: dict[str, LlvmFunction]
    declared: set[str]
    globals: dict[str, str]
    types: dict[str, str]
    metadata: dict[str, str]


def split_commas(text: str) -> list[str]:
    """Split at commas outside brackets and strings."""
    if not _BRACKETS.search(text):
        return [part.strip() for part in text.split(",")] if text.strip() else []
    parts, depth, start, quoted = [], 0, 0, False
    for at, c in enumerate(text):
        if c == '"':
            quoted = not quoted
        elif quoted:
            continue
        elif c in "([{<":
            depth += 1
        elif c in ")]}>":
            depth -= 1
        elif c == "," and depth == 0:
            parts.append(text[start:at].strip())
            start = at + 1
    last = text[start:].strip()
    return [*parts, last] if last else parts


def typed(text: str) -> tuple[str, str]:
    """Split `i32 %x` or `[4 x i8] zeroinitializer` into type and value."""
    text = _ATTRIBUTE.sub("", text).strip() if "(" in text or text.count(" ") > 1 else text.strip()
    if text[0] in "[{<":
        depth = 0
        for at, c in enumerate(text):
            depth += (c in "[{<") - (c in "]}>")
            if depth == 0:
                return text[: at + 1], text[at + 1 :].strip()
    kind, _, value = text.partition(" ")
    return kind, value.strip()


def parse_module(text: str) -> Module:
    """Parse a whole module."""
    functions: dict[str, LlvmFunction] = {}
    declared: set[str] = set()
    global_values: dict[str, str] = {}
    types: dict[str, str] = {}
    metadata: dict[str, str] = {}
    lines = iter(text.split("\n"))
    for line in lines:
        if not line:
            continue
        first = line[0]
        if first == "d" and line.startswith("define"):
            function = _header(line)
            _body(function, lines)
            functions[function.name] = function
        elif first == "d" and line.startswith("declare"):
            if found := re.search(rf"@({_NAME})\(", line):
                declared.add(found.group(1).strip('"'))
        elif first == "@":
            name, _, value = line.partition(" = ")
            global_values[name] = value
        elif first == "%":
            name, _, value = line.partition(" = type ")
            types[name] = value
        elif first == "!":
            name, _, value = line.partition(" = ")
            metadata[name] = value
    return Module(functions=functions, declared=declared, globals=global_values, types=types, metadata=metadata)


def _header(line: str) -> LlvmFunction:
    match = re.match(rf"define (.*?)@({_NAME})\(", line)
    assert match is not None, line
    depth, at = 1, match.end()
    while depth:
        depth += (line[at] == "(") - (line[at] == ")")
        at += 1
    parameters = []
    for text in split_commas(line[match.end() : at - 1]):
        if text == "...":
            continue
        kind, name = typed(text)
        parameters.append(Parameter(name=name.split(" ")[-1], type=kind, attributes=text))
    before = _ATTRIBUTE.sub("", match.group(1)).strip()
    returns = (
        before.split(" ")[-1]
        if before[-1:] not in {"}", "]"}
        else before[before.index("{" if before[-1] == "}" else "[") :]
    )
    tail = dict(re.findall(r"!(\w+) (!\d+)", line[at:]))
    return LlvmFunction(
        name=match.group(2).strip('"'), parameters=parameters, returns=returns, blocks={}, metadata=tail
    )


def _body(function: LlvmFunction, lines) -> None:
    block: BasicBlock | None = None
    switch: Instruction | None = None
    for line in lines:
        if line == "}":
            return
        if not line or line.startswith(";"):
            continue
        if line[0] not in " \t":
            label = _LABEL.match(line)
            assert label is not None, line
            block = BasicBlock(label.group(1).strip('"'))
            function.blocks[block.name] = block
            continue
        text = line.strip()
        if text.startswith("#dbg"):
            continue
        if switch is not None:
            if text.startswith("]"):
                switch = None
                if "!dbg" in text and block is not None:
                    block.instructions[-1].metadata.update(_METADATA.findall(text))
            elif case := re.match(rf"i\d+ (-?\d+), label %({_NAME})", text):
                switch.cases.append(int(case.group(1)))
                switch.targets.append(case.group(2).strip('"'))
            continue
        if block is None:
            block = BasicBlock("entry")
            function.blocks["entry"] = block
        instruction = _instruction(text)
        block.instructions.append(instruction)
        if instruction.opcode == "switch":
            switch = instruction


def _label(text: str) -> str:
    return text.split("%", 1)[1].strip().strip('"')


def _instruction(text: str) -> Instruction:
    metadata = {}
    if ", !" in text:
        metadata = dict(_METADATA.findall(text))
        text = _METADATA.sub("", text)
    name = ""
    if match := _ASSIGN.match(text):
        name, text = match.group(1), text[match.end() :]
    opcode, _, rest = text.partition(" ")
    flags = set()
    while opcode in _FLAGS:
        flags.add(opcode)
        opcode, _, rest = rest.partition(" ")
    while (word := rest.split(" ", 1)[0]) in _FLAGS:
        flags.add(word)
        rest = rest[len(word) + 1 :]

    def make(kind: str, operands: list[str], **more: object) -> Instruction:
        return Instruction(opcode, name, kind, operands, flags=frozenset(flags), metadata=metadata, **more)  # type: ignore[arg-type]

    if opcode == "br":
        parts = split_commas(rest)
        if len(parts) == 1:
            return make("", [], targets=[_label(parts[0])])
        return make("", [typed(parts[0])[1]], targets=[_label(parts[1]), _label(parts[2])])
    if opcode == "switch":
        head, default = split_commas(rest.rstrip("[ "))[:2]
        kind, value = typed(head)
        return make(kind, [value], targets=[_label(default)])
    if opcode == "ret":
        return make("void", []) if rest == "void" else make(typed(rest)[0], [typed(rest)[1]])
    if opcode == "phi":
        kind, pairs = typed(rest)
        found = re.findall(rf"\[ (.*?), %({_NAME}) \]", pairs)
        return make(kind, [v for v, _ in found], targets=[b.strip('"') for _, b in found])
    if opcode == "load":
        parts = split_commas(rest)
        return make(parts[0], [typed(parts[1])[1]])
    if opcode == "store":
        parts = split_commas(rest)
        kind, value = typed(parts[0])
        return make(kind, [value, typed(parts[1])[1]])
    if opcode == "alloca":
        kind, *more = split_commas(rest)
        counts = [typed(part)[1] for part in more[:1] if re.match(r"i\d", part)]
        return make("ptr", counts, element=kind)
    if opcode == "getelementptr":
        parts = split_commas(rest)
        pairs = [typed(p) for p in parts[1:]]
        return make("ptr", [v for _, v in pairs], types=[k for k, _ in pairs], element=parts[0])
    if opcode in {"icmp", "fcmp"}:
        predicate, _, rest = rest.partition(" ")
        if predicate in _FLAGS:
            predicate, _, rest = rest.partition(" ")
        parts = split_commas(rest)
        kind, value = typed(parts[0])
        return make("i1", [value, parts[1]], types=[kind, kind], predicate=predicate)
    if opcode in _CASTS:
        source, _, kind = rest.rpartition(" to ")
        from_kind, value = typed(source)
        return make(kind, [value], types=[from_kind])
    if opcode == "select":
        pairs = [typed(p) for p in split_commas(rest)]
        return make(pairs[1][0], [v for _, v in pairs])
    if opcode == "call":
        match = re.search(rf"@({_NAME})\(", rest)
        if match is None:
            return make("", [], callee="<indirect>")
        depth, at = 1, match.end()
        while depth and at < len(rest):
            depth += (rest[at] == "(") - (rest[at] == ")")
            at += 1
        pairs = [typed(p) for p in split_commas(rest[match.end() : at - 1])]
        before = _ATTRIBUTE.sub("", rest[: match.start()]).strip()
        kind = before if before[-1:] in {"}", "]"} else before.split(" ")[-1]
        return make(kind, [v for _, v in pairs], types=[k for k, _ in pairs], callee=match.group(1).strip('"'))
    if opcode == "unreachable":
        return make("", [])
    parts = split_commas(rest)
    kind, value = typed(parts[0])
    return make(kind, [value, *parts[1:]])


def bits_of(kind: str) -> int | None:
    """Width of an integer type, or None."""
    return int(kind[1:]) if kind[0] == "i" and kind[1:].isdigit() else None


def size_of(kind: str, types: dict[str, str]) -> int:
    """Bytes that a value of a type takes in memory, padding included (x86-64)."""
    kind = kind.strip()
    width = bits_of(kind)
    if width is not None:
        size = (width + 7) // 8
        power = 1 << (size - 1).bit_length()
        return power if size <= 16 else (size + 15) // 16 * 16
    if kind in {"ptr", "double"}:
        return 8
    if kind == "float":
        return 4
    if match := re.match(r"\[(\d+) x (.*)\]$", kind):
        return int(match.group(1)) * size_of(match.group(2), types)
    if kind in types:
        return size_of(types[kind], types)
    if kind[0] in "{<":
        packed = kind[0] == "<"
        offset = alignment = 1
        offset = 0
        for member in split_commas(kind.strip("<>").strip()[1:-1]):
            step = 1 if packed else align_of(member, types)
            alignment = max(alignment, step)
            offset = (offset + step - 1) // step * step + size_of(member, types)
        return (offset + alignment - 1) // alignment * alignment
    raise ValueError(kind)


def align_of(kind: str, types: dict[str, str]) -> int:
    """Alignment of a type in bytes (x86-64)."""
    kind = kind.strip()
    if match := re.match(r"\[(\d+) x (.*)\]$", kind):
        return align_of(match.group(2), types)
    if kind in types:
        return align_of(types[kind], types)
    if kind[0] == "<":
        return 1
    if kind[0] == "{":
        return max([align_of(m, types) for m in split_commas(kind[1:-1])] or [1])
    return min(size_of(kind, types), 16)


def member_of(kind: str, index: int, types: dict[str, str]) -> tuple[int, str]:
    """Byte offset and type of member or element `index` of an aggregate."""
    kind = types.get(kind, kind).strip()
    if match := re.match(r"\[(\d+) x (.*)\]$", kind):
        return index * size_of(match.group(2), types), match.group(2)
    packed = kind[0] == "<"
    offset = 0
    for at, member in enumerate(split_commas(kind.strip("<>").strip()[1:-1])):
        step = 1 if packed else align_of(member, types)
        offset = (offset + step - 1) // step * step
        if at == index:
            return offset, member
        offset += size_of(member, types)
    raise ValueError(f"{kind} has no member {index}")
