"""Print a Program as text, and parse it back: `parse(print_program(p)) == p`.

One line an item. `%name:w` is a value of w bits, `#5:8` a constant, `key=value` a field, `at="file:line:column"` a location.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator

from csynth.errors import IrError
from csynth.ir.model import (
    Binding,
    Block,
    Branch,
    Channel,
    Const,
    Dependence,
    Function,
    Interface,
    Jump,
    Limit,
    Location,
    Loop,
    Memory,
    Op,
    Operand,
    Phi,
    Pipeline,
    Port,
    PortKind,
    Process,
    Program,
    Ref,
    Return,
    Terminator,
    TripCount,
)

_ITEMS = ("interface", "port", "memory", "channel", "process", "loop", "dependence", "note", "limit", "block")
_TOKEN = re.compile(r'[\w]+="(?:[^"\\]|\\.)*"|\S+')


def print_program(program: Program) -> str:
    """Return `program` as text."""
    return "\n".join([f"program top={program.top}", *(print_function(f) for f in program.functions)]) + "\n"


def print_function(function: Function) -> str:
    """Return one function as text."""
    return "\n".join(["", *_function_lines(function)])


def print_operand(operand: Operand) -> str:
    """Return `%name:w` or `#value:w`."""
    if isinstance(operand, Const):
        return f"#{operand.value}:{operand.width_bits}"
    return f"%{operand.name}:{operand.width_bits}"


def _at(location: Location | None) -> list[str]:
    return [] if location is None else ["at=" + json.dumps(f"{location.file}:{location.line}:{location.column}")]


def _line(indent: int, words: Iterable[str]) -> str:
    return "  " * indent + " ".join(words)


def _function_lines(function: Function) -> Iterator[str]:
    words = ["function", function.name]
    if function.is_static:
        words += ["timing=static", f"ii={function.initiation_interval}"]
    yield _line(0, [*words, *_at(function.location)])
    for limit in function.limits:
        yield _line(1, ["limit", limit.function, f"count={limit.count}", *_at(limit.location)])
    yield from (_line(1, ["note", "text=" + json.dumps(note)]) for note in function.notes)
    for interface in function.interfaces:
        words = ["interface", interface.argument, f"mode={interface.mode}"]
        words += [f"registers={interface.registers}"] if interface.registers is not None else []
        yield _line(1, words + [f"{name}={json.dumps(value)}" for name, value in interface.options])
    for port in function.ports:
        words = ["port", port.name, str(port.kind.value), f"width={port.width_bits}", f"interface={port.interface}"]
        words += ["signed=1"] * port.signed
        words += [f"maxi={port.maxi}"] if port.maxi else []
        words += [f"role={port.role}"] if port.role else []
        words += ["fields=" + ",".join(f"{name}:{width}" for name, width in port.fields)] if port.fields else []
        words += [f"depth={port.depth}"] if port.kind is PortKind.MEMORY else []
        words += ["reads=1"] * port.reads + ["writes=1"] * port.writes
        yield _line(1, words + _at(port.location))
    for memory in function.memories:
        words = ["memory", memory.name, f"array={memory.array}", f"width={memory.width_bits}", f"depth={memory.depth}"]
        words += [f"storage={memory.storage}"] + ["read_only=1"] * memory.read_only
        words += [f"ports={memory.ports}"] if memory.ports != "auto" else []
        words += [f"latency={memory.latency_cycles}"] if memory.latency_cycles != 1 else []
        words += [f"lanes={memory.lanes}"] if memory.lanes != 1 else []
        words += [f"word={memory.word}", f"lane={memory.lane}"] if memory.word else []
        words += [f"interface={memory.interface}"] if memory.interface else []
        words += ["init=" + ",".join(map(str, memory.init))] if memory.init else []
        yield _line(1, words + _at(memory.location))
    for channel in function.channels:
        words = ["channel", channel.name, f"width={channel.width_bits}", f"depth={channel.depth}"]
        words += [f"kind={channel.kind}"] if channel.kind != "fifo" else []
        words += [f"words={channel.words}"] if channel.words else []
        words += [f"depth_from={channel.depth_from}"] if channel.depth_from != "default" else []
        yield _line(1, words + _at(channel.location))
    for process in function.processes:
        words = ["process", process.name, process.function, *map(_binding, process.bindings)]
        yield _line(1, words + _at(process.location))
    for loop in function.loops:
        words = ["loop", loop.name, f"header={loop.header}", "blocks=" + ",".join(loop.blocks)]
        words += [f"parent={loop.parent}"] if loop.parent else []
        if loop.pipeline:
            words += [f"pipeline={loop.pipeline.initiation_interval}"] + ["explicit=1"] * loop.pipeline.explicit
        words.append(f"trips={_maybe(loop.trip_count.minimum)}..{_maybe(loop.trip_count.maximum)}")
        words += ["flattened=" + ",".join(loop.flattened)] if loop.flattened else []
        words += ["keep_flat=1"] * loop.keep_flat
        words += ["notes=" + json.dumps("\n".join(loop.notes))] if loop.notes else []
        yield _line(1, words + _at(loop.location))
        for d in loop.dependences:
            words = ["dependence", f"{d.source}->{d.sink}", f"distance={d.distance}", f"kind={d.kind}"]
            yield _line(2, words + (["reason=" + json.dumps(d.reason)] if d.reason else []))
    for block in function.blocks:
        yield _line(1, ["block", block.name])
        for phi in block.phis:
            incoming = [f"[{name} {print_operand(o)}]" for name, o in phi.incoming]
            yield _line(2, [print_operand(phi.result), "=", "phi", *incoming])
        for op in block.ops:
            yield _line(2, _op_words(op))
        yield _line(2, _terminator_words(block.terminator))


def _maybe(value: int | None) -> str:
    return "?" if value is None else str(value)


def _binding(binding: Binding) -> str:
    actual = binding.actual if isinstance(binding.actual, str) else print_operand(binding.actual)
    return f"bind={binding.formal}:={actual}"


def _op_words(op: Op) -> list[str]:
    words = [print_operand(op.result), "="] if op.result else []
    words.append(op.opcode)
    words += [op.target] if op.target else []
    words += [print_operand(o) for o in op.operands]
    words += [f"low={op.low_bit}"] if op.low_bit else []
    words += [f"if={print_operand(op.predicate)}"] if op.predicate is not None else []
    words += map(_binding, op.bindings)
    words += ["overlap=1"] * op.overlap
    words += [f"impl={op.impl}"] if op.impl != "auto" else []
    words += [f"latency={op.latency}"] if op.latency is not None else []
    return [*words, f"id={op.id}", *_at(op.location)]


def _terminator_words(terminator: Terminator) -> list[str]:
    if isinstance(terminator, Jump):
        return ["jump", terminator.target]
    if isinstance(terminator, Branch):
        return ["branch", print_operand(terminator.condition), terminator.then_target, terminator.else_target]
    return ["return"]


def parse(text: str) -> Program:
    """Read what `print_program` wrote; `//` starts a comment.

    Raises:
        IrError: a line is not in the form.
    """
    top, functions, current = "", [], None
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if not line or line.startswith("//"):
            continue
        words = _TOKEN.findall(line)
        try:
            if words[0] == "program":
                top = _fields(words[1:])["top"]
            elif words[0] == "function":
                current = _FunctionParser(words[1], _fields(words[2:]))
                functions.append(current)
            elif current is None:
                raise ValueError("it stands outside a function")
            else:
                current.line(words)
        except (ValueError, KeyError, IndexError) as error:
            raise IrError(
                "ir_text",
                f"line {number} of the IR text is {line!r}; it cannot be read: {error}",
                None,
                "Write it as csynth.ir.text prints it",
            ) from error
    return Program(top=top, functions=tuple(f.finish() for f in functions))


def _fields(words: list[str]) -> dict[str, str]:
    fields = {}
    for word in words:
        key, equals, value = word.partition("=")
        if not equals:
            raise ValueError(f"{word!r} is not key=value")
        fields[key] = json.loads(value) if value.startswith('"') else value
    return fields


def _location(fields: dict[str, str]) -> Location | None:
    if "at" not in fields:
        return None
    file, line, column = fields["at"].rsplit(":", 2)
    return Location(file=file, line=int(line), column=int(column))


def _operand(word: str) -> Operand:
    body, _, width = word[1:].rpartition(":")
    if word[0] == "#":
        return Const(int(body), int(width))
    if word[0] == "%":
        return Ref(body, int(width))
    raise ValueError(f"{word!r} is neither a value nor a constant")


def _ref(word: str) -> Ref:
    operand = _operand(word)
    if not isinstance(operand, Ref):
        raise ValueError(f"{word!r} is a constant where a value is defined")
    return operand


def _bindings(words: list[str]) -> tuple[Binding, ...]:
    found = []
    for word in words:
        if word.startswith("bind="):
            formal, _, actual = word[5:].partition(":=")
            operand = _operand(actual) if actual.startswith("#") else actual
            assert not isinstance(operand, Ref)
            found.append(Binding(formal, operand))
    return tuple(found)


def _int_or_none(text: str) -> int | None:
    return None if text == "?" else int(text)


class _FunctionParser:
    """Collects the lines of one function."""

    def __init__(self, name: str, fields: dict[str, str]) -> None:
        self.name, self.location = name, _location(fields)
        self.timing, self.initiation_interval = fields.get("timing", "handshake"), int(fields.get("ii", 1))
        self.limits: list[Limit] = []
        self.ports: list[Port] = []
        self.memories: list[Memory] = []
        self.channels: list[Channel] = []
        self.processes: list[Process] = []
        self.notes: list[str] = []
        self.loops: list[tuple[dict, list[Dependence]]] = []
        self.blocks: list[dict] = []
        self.interfaces: list[Interface] = []

    def line(self, words: list[str]) -> None:
        reader = getattr(self, "_" + words[0], None) if re.fullmatch(r"[a-z]+", words[0]) else None
        if reader is not None and words[0] in _ITEMS:
            reader(words[1:])
        elif words[0] in {"jump", "branch", "return"}:
            self.blocks[-1]["terminator"] = self._terminator(words)
        elif len(words) > 2 and words[1:3] == ["=", "phi"]:
            pairs = re.findall(r"\[(\S+) (\S+)\]", " ".join(words[3:]))
            self.blocks[-1]["phis"].append(
                Phi(result=_ref(words[0]), incoming=tuple((n, _operand(o)) for n, o in pairs))
            )
        else:
            self.blocks[-1]["ops"].append(self._op(words))

    def finish(self) -> Function:
        return Function(
            name=self.name,
            location=self.location,
            notes=tuple(self.notes),
            interfaces=tuple(self.interfaces),
            timing=self.timing,
            initiation_interval=self.initiation_interval,
            limits=tuple(self.limits),
            ports=tuple(self.ports),
            memories=tuple(self.memories),
            channels=tuple(self.channels),
            processes=tuple(self.processes),
            loops=tuple(Loop(**fields, dependences=tuple(deps)) for fields, deps in self.loops),
            blocks=tuple(
                Block(name=b["name"], phis=tuple(b["phis"]), ops=tuple(b["ops"]), terminator=b["terminator"])
                for b in self.blocks
            ),
        )

    def _interface(self, words: list[str]) -> None:
        f = _fields(words[1:])
        mode, registers = f.pop("mode"), f.pop("registers", None)
        self.interfaces.append(Interface(argument=words[0], mode=mode, registers=registers, options=tuple(f.items())))

    def _note(self, words: list[str]) -> None:
        self.notes.append(_fields(words)["text"])

    def _limit(self, words: list[str]) -> None:
        f = _fields(words[1:])
        self.limits.append(Limit(function=words[0], count=int(f["count"]), location=_location(f)))

    def _port(self, words: list[str]) -> None:
        f = _fields(words[2:])
        self.ports.append(
            Port(
                name=words[0],
                kind=PortKind(words[1]),
                width_bits=int(f["width"]),
                interface=f["interface"],
                signed="signed" in f,
                maxi=f.get("maxi"),
                role=f.get("role"),
                fields=tuple((n, int(w)) for n, _, w in (part.partition(":") for part in f["fields"].split(",")))
                if "fields" in f
                else (),
                depth=int(f.get("depth", 0)),
                reads="reads" in f,
                writes="writes" in f,
                location=_location(f),
            )
        )

    def _memory(self, words: list[str]) -> None:
        f = _fields(words[1:])
        self.memories.append(
            Memory(
                name=words[0],
                array=f["array"],
                width_bits=int(f["width"]),
                depth=int(f["depth"]),
                init=tuple(int(v) for v in f["init"].split(",")) if "init" in f else (),
                read_only="read_only" in f,
                storage=f["storage"],
                ports=f.get("ports", "auto"),
                latency_cycles=int(f.get("latency", 1)),
                lanes=int(f.get("lanes", 1)),
                word=f.get("word", ""),
                lane=int(f.get("lane", 0)),
                interface=f.get("interface", ""),
                location=_location(f),
            )
        )

    def _channel(self, words: list[str]) -> None:
        f = _fields(words[1:])
        self.channels.append(
            Channel(
                name=words[0],
                width_bits=int(f["width"]),
                depth=int(f["depth"]),
                kind=f.get("kind", "fifo"),
                words=int(f.get("words", 0)),
                depth_from=f.get("depth_from", "default"),
                location=_location(f),
            )
        )

    def _process(self, words: list[str]) -> None:
        f = _fields([w for w in words[2:] if not w.startswith("bind=")])
        self.processes.append(
            Process(name=words[0], function=words[1], bindings=_bindings(words[2:]), location=_location(f))
        )

    def _loop(self, words: list[str]) -> None:
        f = _fields(words[1:])
        low, _, high = f["trips"].partition("..")
        pipeline = (
            Pipeline(initiation_interval=int(f["pipeline"]), explicit="explicit" in f) if "pipeline" in f else None
        )
        fields = {
            "name": words[0],
            "header": f["header"],
            "blocks": tuple(f["blocks"].split(",")),
            "parent": f.get("parent"),
            "pipeline": pipeline,
            "trip_count": TripCount(_int_or_none(low), _int_or_none(high)),
            "flattened": tuple(f["flattened"].split(",")) if "flattened" in f else (),
            "keep_flat": "keep_flat" in f,
            "notes": tuple(f["notes"].split("\n")) if "notes" in f else (),
            "location": _location(f),
        }
        self.loops.append((fields, []))

    def _dependence(self, words: list[str]) -> None:
        source, _, sink = words[0].partition("->")
        f = _fields(words[1:])
        self.loops[-1][1].append(
            Dependence(
                source=int(source),
                sink=int(sink),
                distance=int(f["distance"]),
                kind=f["kind"],
                reason=f.get("reason", ""),
            )
        )

    def _block(self, words: list[str]) -> None:
        self.blocks.append({"name": words[0], "phis": [], "ops": [], "terminator": Return()})

    @staticmethod
    def _terminator(words: list[str]) -> Terminator:
        if words[0] == "jump":
            return Jump(words[1])
        if words[0] == "branch":
            return Branch(_operand(words[1]), words[2], words[3])
        return Return()

    @staticmethod
    def _op(words: list[str]) -> Op:
        result = None
        if len(words) > 1 and words[1] == "=":
            result, words = _ref(words[0]), words[2:]
        opcode, rest = words[0], words[1:]
        target = None
        if rest and rest[0][0] not in "%#" and "=" not in rest[0]:
            target, rest = rest[0], rest[1:]
        operands = tuple(_operand(w) for w in rest if w[0] in "%#")
        f = _fields([w for w in rest if w[0] not in "%#" and not w.startswith("bind=")])
        return Op(
            id=int(f["id"]),
            opcode=opcode,
            result=result,
            operands=operands,
            target=target,
            predicate=_operand(f["if"]) if "if" in f else None,
            low_bit=int(f.get("low", 0)),
            bindings=_bindings(rest),
            overlap="overlap" in f,
            impl=f.get("impl", "auto"),
            latency=int(f["latency"]) if "latency" in f else None,
            location=_location(f),
        )
