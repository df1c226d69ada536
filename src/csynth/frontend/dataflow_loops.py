"""`#pragma HLS dataflow` in the body of a loop: the calls of the body become a function of their own, whose runs overlap.

Works on the inlined LLVM text. What the loop itself needs, and what computes scalar arguments, stays in the loop.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from csynth.errors import UnsupportedError
from csynth.frontend.affine import AddressReader
from csynth.frontend.llvm_loops import innermost, natural_loops
from csynth.frontend.llvm_text import Instruction, LlvmFunction, Module, parse_module
from csynth.frontend.locations import Locations
from csynth.frontend.pragmas import Pragma
from csynth.frontend.regions import Signature
from csynth.frontend.units import Unit

_NAME = re.compile(r'%(?:"[^"]*"|[-\w.$]+)')
_DECLARES = ("hls.stream_declare", "__csynth_variable", "llvm.lifetime")
_LABEL = re.compile(r'("[^"]+"|[-\w.$]+):')


@dataclass(slots=True)
class _Body:
    """The text of one function by block, and its head."""

    head: str
    blocks: dict[str, list[str]] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)

    def text(self) -> list[str]:
        lines = [self.head]
        for name, block in self.blocks.items():
            lines += [self.labels[name], *block] if self.labels[name] else block
        return [*lines, "}"]


def outline_regions(
    text: str, stage: Module, units: dict[str, Unit], pragmas: list[Pragma], locations: Locations
) -> tuple[str, dict[str, Unit]]:
    """Move the body of every dataflow loop into a function.

    Returns:
        The new text, and the kept functions with the new ones, each before its callees.

    Raises:
        UnsupportedError: the body is not in the canonical form.
    """
    numbers = {at for at, pragma in enumerate(pragmas) if pragma.kind == "dataflow"}
    made: dict[str, Unit] = {}
    for symbol, unit in units.items():
        made[symbol] = unit
        function = stage.functions[symbol]
        loops = natural_loops(function)
        for block in function.blocks.values():
            marks = [
                int(i.operands[0])
                for i in block.instructions
                if i.callee == "__csynth_scope" and int(i.operands[0]) in numbers
            ]
            if not marks or innermost(loops, block.name) is None:
                continue
            name = f"{unit.name}_{pragmas[marks[0]].location.line}"
            off = "disable_start_propagation" in pragmas[marks[0]].options
            region = Unit(
                f"{symbol}.region{marks[0]}",
                name,
                pragmas[marks[0]].location,
                True,
                {},
                process=True,
                region=True,
                start_propagation_off=off,
            )
            _check(unit, function, block.name, units, pragmas[marks[0]], locations)
            text = _outline(text, stage, function, block.name, units, region)
            made[region.symbol] = region
            stage = parse_module(text)
            function = stage.functions[symbol]
    return text, made


def refuse_shared(signature: Signature, unit: Unit) -> None:
    """Refuse a loop's region that writes what lies outside of it.

    Raises:
        UnsupportedError: an array or a variable of the function around the loop.
    """
    for formal in signature.parameters:
        if formal.kind in {"memory", "output"}:
            raise _shared("array" if formal.kind == "memory" else "variable", formal.name, unit)


def _shared(what: str, name: str, unit: Unit) -> UnsupportedError:
    return UnsupportedError(
        "dataflow-loop-shared",
        f"a process of the dataflow loop uses the {what} {name!r}, which is declared outside of the loop; "
        "iterations that overlap would share it",
        unit.location,
        "Declare it in the loop's body",
    )


def _check(
    unit: Unit, function: LlvmFunction, at: str, units: dict[str, Unit], pragma: Pragma, locations: Locations
) -> None:
    loops = natural_loops(function)
    loop = innermost(loops, at)
    assert loop is not None
    for name in loop.blocks - {at}:
        for i in function.blocks[name].instructions:
            if i.opcode == "call" and i.callee in units:
                raise UnsupportedError(
                    "dataflow-condition",
                    f"the dataflow loop of {unit.name!r} calls {units[i.callee].name!r} in an inner loop or under a condition; "
                    "a process that does not run would leave its channels without an end",
                    locations.of(i.metadata.get("dbg")) or pragma.location,
                    "Call every process once in each iteration, and decide inside it",
                )


def _local(base: str, reader: AddressReader, function: LlvmFunction, at: str) -> bool:
    """Whether an object is used in block `at` only, apart from its declaration."""
    definition = reader.definitions.get(base)
    if definition is None or definition.opcode != "alloca":
        return False
    for block in function.blocks.values():
        for i in block.instructions:
            if i is definition or block.name == at or (i.opcode == "call" and i.callee.startswith(_DECLARES)):
                continue
            if any(base == o or reader.address(o).base == base for o in i.operands if o.startswith("%")):
                return False
    return True


def _outline(text: str, stage: Module, function: LlvmFunction, at: str, units: dict[str, Unit], region: Unit) -> str:
    reader = AddressReader(stage, function)
    before, body, after = _split(text, function.name)
    objects = {o for i in function.blocks[at].instructions for o in i.operands if o.startswith("%")}
    local = {b for b in {reader.address(o).base for o in objects} if _local(b, reader, function, at)}
    inside: list[str] = []
    stay: list[str] = []
    defined: set[str] = set()
    place = 0
    instructions = function.blocks[at].instructions
    assert len(instructions) == len(body.blocks[at]), "one line for each instruction"
    for i, line in zip(instructions, body.blocks[at], strict=True):
        if _belongs(i, reader, local, defined, units):
            inside.append(line)
            defined |= {i.name} if i.name else set()
            place = len(stay)
        elif i.callee == "__csynth_scope" and region.symbol.endswith(f".region{i.operands[0]}"):
            continue
        else:
            stay.append(line)
            if defined & set(_NAME.findall(line)):
                raise UnsupportedError(
                    "dataflow-loop-value",
                    f"the dataflow loop of {units[function.name].name!r} uses a value of a process to control itself; "
                    "the next iteration starts before that value is there",
                    region.location,
                    "Let the loop depend on parameters and its own counter only",
                )
    moved: list[str] = []
    for name, lines in body.blocks.items():
        kept: list[str] = []
        for i, line in zip(function.blocks[name].instructions, lines if name != at else [], strict=False):
            bases = {reader.address(o).base for o in i.operands if o.startswith("%")}
            if i.name in local or (i.opcode == "call" and i.callee.startswith(_DECLARES) and bases & local):
                moved.append(line)
                defined |= {i.name} if i.name else set()
            else:
                kept.append(line)
        if name != at:
            body.blocks[name] = kept
    body.blocks[at] = stay
    used = dict.fromkeys(n for line in [*moved, *inside] for n in _NAME.findall(line))
    types = {p.name: p.type for p in function.parameters}
    inputs = [
        (_type_of(n, reader, types), n) for n in used if n not in defined and (n in types or n in reader.definitions)
    ]
    for _, name in inputs:
        definition = reader.definitions.get(reader.address(name).base)
        if definition is not None and definition.opcode == "alloca" and re.search(r"^\[|stream", definition.element):
            raise _shared("array" if "stream" not in definition.element else "stream", definition.name[1:], region)
    for i in instructions:
        if i.name and i.name in local and i.name not in defined:  # an alloca that stands in the body itself
            moved.append(next(line for line in stay if line.lstrip().startswith(f"{i.name} = ")))
    dbg = re.findall(r", !dbg !\d+", inside[-1]) if inside else []
    call = f'  call void @"{region.symbol}"({", ".join(f"{kind} {name}" for kind, name in inputs)}){"".join(dbg)}'
    body.blocks[at].insert(place, call)
    made = [
        f'define void @"{region.symbol}"({", ".join(f"{kind} {name}" for kind, name in inputs)}) noinline {{',
        "entry:",
        *moved,
        *inside,
        "  ret void",
        "}",
    ]
    return "\n".join([*before, *body.text(), *made, *after])


def _belongs(i: Instruction, reader: AddressReader, local: set[str], defined: set[str], units: dict[str, Unit]) -> bool:
    if i.opcode == "call" and i.callee in units:
        return True
    if set(i.operands) & defined and i.opcode not in {"br", "phi", "switch"}:
        return True
    if i.opcode == "alloca":
        return i.name in local
    pointers = [reader.address(o).base for o in i.operands if o.startswith("%")]
    declares = i.opcode == "call" and i.callee.startswith(_DECLARES)
    return any(p in local for p in pointers) and (declares or i.opcode in {"load", "store", "getelementptr", "bitcast"})


def _type_of(name: str, reader: AddressReader, parameters: dict[str, str]) -> str:
    if name in parameters:
        return parameters[name]
    i = reader.definitions[name]
    return "ptr" if i.opcode in {"getelementptr", "alloca"} else "i1" if i.opcode == "icmp" else i.type


def _split(text: str, symbol: str) -> tuple[list[str], _Body, list[str]]:
    """The lines before a function, its body, and the lines after it."""
    lines = text.split("\n")
    start = next(
        at
        for at, line in enumerate(lines)
        if line.startswith("define")
        and (m := re.search(r'@("[^"]*"|[\w.$-]+)\(', line))
        and m.group(1).strip('"') == symbol
    )
    end = next(at for at in range(start, len(lines)) if lines[at] == "}")
    body = _Body(lines[start])
    current = "entry"
    for line in lines[start + 1 : end]:
        if line and line[0] not in " \t;" and (label := _LABEL.match(line)):
            current = label.group(1).strip('"')
            body.blocks[current], body.labels[current] = [], line
        elif line.strip() and not line.lstrip().startswith(";"):
            body.labels.setdefault(current, "")
            body.blocks.setdefault(current, []).append(line)
    return lines[:start], body, lines[end + 1 :]
