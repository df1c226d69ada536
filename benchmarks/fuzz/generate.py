"""Random HLS programs: streams with predicated accesses, loops with pragmas, arrays with partitions, static state, two-stage dataflow.

A program is a tree of statements, so that a counterexample can be made smaller by dropping them. The same seed gives the same program.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from benchmarks.fuzz.expressions import (
    Array,
    Scope,
    Type,
    Value,
    ap_expression,
    ap_type,
    c_expression,
    condition,
    constant,
    element,
    random_type,
)

_HEAD = '#include "ap_int.h"\n#include "hls_stream.h"\n\ntypedef unsigned char byte_t;\n'


@dataclass(frozen=True, slots=True)
class Statement:
    """A line, or a block: a head ending in `{`, statements, `}`. `fixed` ones may not be dropped."""

    text: str
    body: tuple[Statement, ...] | None = None
    fixed: bool = False

    def render(self, indent: int = 0) -> str:
        """The C++ text."""
        pad = "  " * indent
        if self.body is None:
            return self.text if self.text.startswith("#") else pad + self.text
        return "\n".join([pad + self.text + " {", *(s.render(indent + 1) for s in self.body), pad + "}"])


@dataclass(frozen=True, slots=True)
class StreamPort:
    """A stream parameter; `most`: words that the program may at most read."""

    name: str
    type: Type
    output: bool
    most: int = 0


@dataclass(frozen=True, slots=True)
class Program:
    """A program: its statements, and what it must be fed with."""

    top: str
    statements: tuple[Statement, ...]
    streams: tuple[StreamPort, ...]
    scalars: tuple[Value, ...]

    @property
    def source(self) -> str:
        """The C++ text."""
        return _HEAD + "\n".join(s.render() for s in self.statements) + "\n"

    def smaller(self) -> Iterator[Program]:
        """Programs with one statement less, or with a block replaced by its body; larger cuts first."""
        for statements in _smaller(self.statements):
            yield replace(self, statements=statements)


def _smaller(statements: tuple[Statement, ...]) -> Iterator[tuple[Statement, ...]]:
    for k, statement in enumerate(statements):
        if not statement.fixed:
            yield statements[:k] + statements[k + 1 :]
    for k, statement in enumerate(statements):
        if statement.body is not None:
            if not statement.fixed and not statement.text.startswith(("static", "void")):
                yield statements[:k] + tuple(s for s in statement.body if "#pragma" not in s.text) + statements[k + 1 :]
            for body in _smaller(statement.body):
                yield (*statements[:k], replace(statement, body=body), *statements[k + 1 :])


class Generator:
    """Makes one program. Names are numbered, so that they never repeat."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)  # noqa: S311 (test programs)
        self.numbers: dict[str, int] = {}
        self.reads: dict[str, int] = {}
        self.used: dict[str, set[str]] = {}  # parameters of each process

    def name(self, stem: str) -> str:
        """A new name."""
        self.numbers[stem] = self.numbers.get(stem, -1) + 1
        return f"{stem}{self.numbers[stem]}"

    def program(self, top: str) -> Program:
        """The whole program."""
        rng = self.rng
        functions = tuple(self._function() for _ in range(rng.choice([0, 0, 1, 2])))
        scope = Scope(functions=tuple(signature for _, signature in functions))
        inputs = [StreamPort(self.name("in"), random_type(rng), False) for _ in range(rng.choice([1, 1, 2, 3]))]
        outputs = [StreamPort(self.name("out"), random_type(rng), True) for _ in range(rng.choice([1, 1, 2]))]
        scalars = tuple(
            Value(self.name("arg"), random_type(rng), writable=False) for _ in range(rng.choice([0, 1, 1, 2]))
        )
        if rng.random() < 0.2:
            # csynth refuses to hand a scalar of another width on to a process
            scalars = tuple(replace(v, type=ap_type(rng.choice([8, 16, 32]), v.type.signed)) for v in scalars)
            body = self._dataflow(top, inputs, outputs, scalars, scope)
        else:
            body = [self._process(top, inputs, outputs, scalars, scope, static=False)]
        used = set().union(*self.used.values())
        scalars = tuple(v for v in scalars if v.name in used)
        streams = [replace(s, most=self.reads.get(s.name, 0)) for s in inputs + outputs if s.name in used]
        return Program(
            top=top,
            statements=(*(statement for statement, _ in functions), *body),
            streams=tuple(streams),
            scalars=scalars,
        )

    def _function(self) -> tuple[Statement, tuple[str, Type, tuple[Type, ...]]]:
        rng = self.rng
        result = random_type(rng, c_share=0)
        parameters = [Value(self.name("p"), random_type(rng, c_share=0)) for _ in range(rng.randint(1, 2))]
        name = self.name("helper")
        scope = Scope(values=tuple(parameters))
        text, _ = ap_expression(rng, scope, 2)
        lines = [Statement(f"return {result.text}({text});", fixed=True)]
        if rng.random() < 0.4:
            early, _ = ap_expression(rng, scope, 1)
            lines.insert(0, Statement(f"if ({condition(rng, scope, 2)}) return {result.text}({early});"))
        head = ", ".join(f"{p.type.text} {p.name}" for p in parameters)
        statement = Statement(f"static {result.text} {name}({head})", tuple(lines))
        return statement, (name, result, tuple(p.type for p in parameters))

    def _parameters(self, streams: list[StreamPort], scalars: tuple[Value, ...]) -> str:
        return ", ".join(
            [
                *(f"hls::stream<{s.type.text} >& {s.name}" for s in streams),
                *(f"{v.type.text} {v.name}" for v in scalars),
            ]
        )

    def _dataflow(
        self, top: str, inputs: list[StreamPort], outputs: list[StreamPort], scalars: tuple[Value, ...], scope: Scope
    ) -> list[Statement]:
        rng = self.rng
        words, depth = rng.randint(1, 24), rng.choice([1, 2, 2, 5, 16])
        middle = StreamPort("middle", random_type(rng, c_share=0), True)
        first = self._process("first", inputs, [], scalars, scope, static=True, sends=(middle, words))
        second = self._process("second", [], outputs, scalars, scope, static=True, takes=(middle, words))
        order = [*(s.name for s in inputs), "middle", *(s.name for s in outputs), *(v.name for v in scalars)]
        calls = [f"{name}({', '.join(n for n in order if n in self.used[name])});" for name in ("first", "second")]
        used = self.used["first"] | self.used["second"]
        parameters = self._parameters(
            [s for s in inputs + outputs if s.name in used], tuple(v for v in scalars if v.name in used)
        )
        body = (
            Statement("#pragma HLS dataflow", fixed=True),
            Statement(f"hls::stream<{middle.type.text} > middle;", fixed=True),
            Statement(f"#pragma HLS stream variable=middle depth={depth}"),
            *(Statement(call, fixed=True) for call in calls),
        )
        head = f"void {top}({parameters})"
        return [first, second, Statement(head, body, fixed=True)]

    def _process(
        self,
        name: str,
        inputs: list[StreamPort],
        outputs: list[StreamPort],
        scalars: tuple[Value, ...],
        scope: Scope,
        *,
        static: bool,
        sends: tuple[StreamPort, int] | None = None,
        takes: tuple[StreamPort, int] | None = None,
    ) -> Statement:
        rng = self.rng
        body: list[Statement] = []
        values, arrays = list(scalars), []
        for _ in range(rng.randint(1, 4)):
            kind = random_type(rng)
            values.append(Value(self.name("v"), kind))
            keeps = "static " if rng.random() < 0.2 else ""
            body.append(Statement(f"{keeps}{kind.text} {values[-1].name} = {constant(rng, kind)};"))
        for _ in range(rng.choice([0, 1, 1, 2])):
            declaration, array = self._array()
            body += declaration
            arrays.append(array)
        scope = replace(scope, values=tuple(values), arrays=tuple(arrays))
        port = takes[0] if takes else None
        if takes and port:
            body.append(self._loop(scope, [], outputs, times=1, trips=takes[1], takes=port))
        for _ in range(rng.randint(1, 3)):
            body.append(self._loop(scope, inputs, outputs, times=1))
        body += self._statements(scope, inputs, outputs, times=1, count=rng.randint(0, 2), nest=1)
        if sends:
            body.append(self._loop(scope, inputs, outputs, times=1, trips=sends[1], sends=sends[0]))
        for output in outputs:
            body.append(Statement(f"{output.name}.write({output.type.text}({ap_expression(rng, scope, 1)[0]}));"))
        result = random_type(rng, c_share=0.3) if not static and rng.random() < 0.2 else None
        if result:
            body.append(Statement(f"return {result.text}({ap_expression(rng, scope, 1)[0]});", fixed=True))
        text = "\n".join(statement.render() for statement in body)
        extra = [s for s in (port,) if s] + inputs + outputs + ([sends[0]] if sends else [])
        used = [s for s in extra if _uses(text, s.name)]
        self.used[name] = {s.name for s in used} | {v.name for v in scalars if _uses(text, v.name)}
        order = self._parameters(used, tuple(v for v in scalars if _uses(text, v.name)))
        prefix = "static " if static else ""
        return Statement(f"{prefix}{result.text if result else 'void'} {name}({order})", tuple(body), fixed=True)

    def _array(self) -> tuple[list[Statement], Array]:
        rng = self.rng
        kind = random_type(rng, c_share=0.2)
        bits = (rng.randint(1, 4),) if rng.random() < 0.7 else (rng.randint(1, 2), rng.randint(1, 2))
        name, index = self.name("a"), self.name("k")
        size = "".join(f"[{1 << b}]" for b in bits)
        keeps = "static " if rng.random() < 0.15 else ""
        lines: list[Statement] = []
        dimension = rng.randint(1, len(bits))
        extent = 1 << bits[dimension - 1]
        style = rng.choice(["", "", "complete", "cyclic", "block"])
        if style == "complete":
            lines.append(
                Statement(f"#pragma HLS array_partition variable={name} complete dim={rng.choice([0, dimension])}")
            )
        elif style and extent > 1:
            factor = rng.choice([f for f in (2, 4) if f <= extent])
            lines.append(
                Statement(f"#pragma HLS array_partition variable={name} {style} factor={factor} dim={dimension}")
            )
        if len(bits) == 1:
            fill, head = f"{name}[{index}]", f"for (int {index} = 0; {index} < {1 << bits[0]}; {index}++)"
        else:
            fill = f"{name}[{index} >> {bits[1]}][{index} & {(1 << bits[1]) - 1}]"
            head = f"for (int {index} = 0; {index} < {1 << sum(bits)}; {index}++)"
        step = rng.choice([1, 3, -7])
        pragma = "#pragma HLS pipeline\n" if rng.random() < 0.5 else ""
        # one statement: an array that is dropped takes its first values along, and none is read before it has them
        value = f"{index} * {step} + {rng.randint(-5, 5)}"
        declared = f"{keeps}{kind.text} {name}{size};\n  {head} {{\n{pragma}    {fill} = {value};\n  }}"
        return [Statement(declared), *lines], Array(name, kind, bits)

    def _loop(
        self,
        scope: Scope,
        inputs: list[StreamPort],
        outputs: list[StreamPort],
        *,
        times: int,
        trips: int | None = None,
        sends: StreamPort | None = None,
        takes: StreamPort | None = None,
        nest: int = 0,
    ) -> Statement:
        rng = self.rng
        counter = self.name("i")
        count = trips or rng.choice([1, 2, 3, 4, 5, 8, 9, 16, 17] if nest == 0 else [1, 2, 3, 4])
        bound = str(count)
        if trips is None and rng.random() < 0.2:
            names = [v for v in scope.values if not v.writable and v.name.startswith("arg")]
            if names:
                bound = f"(int)(ap_uint<3>({rng.choice(names).name})) + {rng.randint(0, 2)}"
                count = 9
        pragmas = []
        style = rng.choice(["pipeline", "pipeline", "pipeline", "unroll", "factor", ""])
        if trips is not None and style in ("unroll", "factor"):
            style = "pipeline"
        if style == "pipeline":
            pragmas.append(Statement(f"#pragma HLS pipeline II={rng.choice([1, 1, 1, 2, 3])}"))
        elif style == "unroll" and count <= 5 and bound == str(count):
            pragmas.append(Statement("#pragma HLS unroll"))
        elif style == "factor" and bound == str(count):
            pragmas.append(Statement(f"#pragma HLS unroll factor={rng.choice([2, 3])}"))
        kind = rng.choice([Type("int", 32, True), Type("int", 32, True), ap_type(6, False)])
        inner = replace(scope, values=(*scope.values, Value(counter, kind, writable=False)))
        body: list[Statement] = []
        if takes:
            variable = Value(self.name("w"), takes.type)
            body.append(Statement(f"{takes.type.text} {variable.name} = {takes.name}.read();", fixed=True))
            inner = replace(inner, values=(*inner.values, variable))
        body += self._statements(
            inner,
            inputs,
            outputs,
            times=times * count,
            count=rng.randint(1, 4),
            nest=nest + 1,
            pipelined=style == "pipeline",
        )
        if sends:
            text, _ = ap_expression(rng, inner, 2)
            body.append(Statement(f"{sends.name}.write({sends.type.text}({text}));", fixed=True))
        head = f"for ({kind.text} {counter} = 0; {counter} < {bound}; {counter}++)"
        return Statement(head, (*pragmas, *body), fixed=bool(sends or takes))

    def _statements(
        self,
        scope: Scope,
        inputs: list[StreamPort],
        outputs: list[StreamPort],
        *,
        times: int,
        count: int,
        nest: int,
        pipelined: bool = False,
    ) -> list[Statement]:
        rng, lines = self.rng, []
        for _ in range(count):
            form = rng.choice(
                [
                    "assign",
                    "assign",
                    "assign",
                    "c",
                    "store",
                    "read",
                    "read",
                    "write",
                    "write",
                    "if",
                    "loop",
                    "local",
                    "bit",
                ]
            )
            if form == "read" and inputs:
                port = rng.choice(inputs)
                variable = Value(self.name("w"), port.type)
                self.reads[port.name] = self.reads.get(port.name, 0) + times
                lines.append(Statement(f"{port.type.text} {variable.name} = {port.name}.read();"))
                scope = replace(scope, values=(*scope.values, variable))
            elif form == "write" and outputs:
                port = rng.choice(outputs)
                text = f"{port.name}.write(({port.type.text})({ap_expression(rng, scope, 2)[0]}));"
                lines.append(Statement(f"if ({condition(rng, scope, 2)}) {text}" if rng.random() < 0.4 else text))
            elif form == "store" and scope.arrays:
                array = rng.choice(scope.arrays)
                target = element(rng, scope, array, 1)
                operator = rng.choice(["=", "=", "+=", "^="]) if not array.type.is_c else "="
                lines.append(Statement(f"{target} {operator} {ap_expression(rng, scope, 2)[0]};"))
            elif form == "if" and nest < 4:
                body = self._statements(
                    scope, inputs, outputs, times=times, count=rng.randint(1, 2), nest=nest + 1, pipelined=pipelined
                )
                lines.append(Statement(f"if ({condition(rng, scope, 2)})", tuple(body)))
                if rng.random() < 0.5:
                    body = self._statements(
                        scope, inputs, outputs, times=times, count=1, nest=nest + 1, pipelined=pipelined
                    )
                    lines.append(Statement(f"if (!({condition(rng, scope, 1)}))", tuple(body)))
            elif form == "loop" and nest < 2 and not pipelined:
                lines.append(self._loop(scope, inputs, outputs, times=times, nest=nest))
            elif form == "local":
                kind = random_type(rng, c_share=0)
                variable = Value(self.name("t"), kind)
                lines.append(Statement(f"{kind.text} {variable.name} = {ap_expression(rng, scope, 2)[0]};"))
                scope = replace(scope, values=(*scope.values, variable))
            else:
                lines += self._assignment(scope, form)
        return lines

    def _assignment(self, scope: Scope, form: str) -> list[Statement]:
        rng = self.rng
        targets = [v for v in scope.values if v.writable]
        if not targets:
            return []
        target = rng.choice(targets)
        if target.type.is_c or form == "c":
            return [Statement(f"{target.name} = ({target.type.text})({c_expression(rng, scope, 2)});")]
        if form == "bit":
            high = rng.randrange(target.type.width_bits)
            low = rng.randint(0, high)
            return [Statement(f"{target.name}({high}, {low}) = {ap_expression(rng, scope, 1)[0]};")]
        operator = rng.choice(["=", "=", "=", "+=", "-=", "*=", "^=", "|="])
        return [Statement(f"{target.name} {operator} {ap_expression(rng, scope, 3)[0]};")]


def _uses(text: str, name: str) -> bool:
    return re.search(rf"\b{name}\b", text) is not None


def generate(seed: int, top: str = "top") -> Program:
    """The program of a seed."""
    return Generator(seed).program(top)


def stimuli(program: Program, seed: int, calls: int = 2) -> list[dict[str, dict[str, int] | dict[str, list[int]]]]:
    """Words and scalars for each call: random, with many small and extreme ones."""
    rng = random.Random(seed)  # noqa: S311 (test data)

    def word(kind: Type) -> int:
        full = (1 << kind.width_bits) - 1
        return rng.choice(
            [
                rng.getrandbits(kind.width_bits),
                rng.getrandbits(kind.width_bits),
                0,
                full,
                full >> 1,
                rng.randint(0, 9) & full,
            ]
        )

    return [
        {
            "scalars": {v.name: word(v.type) for v in program.scalars},
            "streams": {s.name: [word(s.type) for _ in range(s.most + 2)] for s in program.streams if not s.output},
        }
        for _ in range(calls)
    ]
