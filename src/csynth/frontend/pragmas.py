"""Rewrite `#pragma HLS ...` to calls of markers at the same place, so that clang itself evaluates the operands.

Line numbers are kept. Labels of loops become markers too. A pragma, option or value that csynth does not obey is refused, where Vitis
HLS would pass over it in silence or with a warning, or noted (`csynth.frontend.foreign_pragmas`).

Reference: UG1399, "HLS Pragmas".
"""

from __future__ import annotations

import bisect
import difflib
import re
from dataclasses import dataclass, field

from csynth.errors import UnsupportedError, place_text
from csynth.frontend.foreign_pragmas import PASSED_OVER, REFUSED, note_of
from csynth.ir.model import Location

_ADVICE = frozenset(
    [
        "bundle",
        "depth",
        "offset",
        "name",
        "register",
        "latency",
        "max_read_burst_length",
        "max_write_burst_length",
        "num_read_outstanding",
        "num_write_outstanding",
        "max_widen_bitwidth",
        "storage_type",
    ]
)
_CONTROL = ("ap_ctrl_hs", "ap_ctrl_chain", "ap_ctrl_none")
_SIGNAL = ("ap_none", "ap_vld", "ap_ovld", "ap_ack", "ap_hs", "ap_fifo", "ap_memory")
INTERFACE_MODES = frozenset({"axis", "s_axilite", "m_axi", *_SIGNAL, *_CONTROL})
KINDS: dict[str, frozenset[str]] = {
    "pipeline": frozenset({"ii", "off", "style", "rewind"}),
    "unroll": frozenset({"factor", "skip_exit_check"}),
    "aggregate": frozenset({"variable", "compact"}),
    "disaggregate": frozenset({"variable"}),
    "array_partition": frozenset({"variable", "type", "factor", "dim", "complete", "cyclic", "block"}),
    "array_reshape": frozenset({"variable", "type", "factor", "dim", "complete", "cyclic", "block"}),
    "dataflow": frozenset({"disable_start_propagation"}),
    "inline": frozenset({"off"}),
    "interface": frozenset({"mode", "port"}) | INTERFACE_MODES | _ADVICE,
    "stream": frozenset({"variable", "depth", "type"}),
    "loop_tripcount": frozenset({"min", "max", "avg"}),
    "bind_op": frozenset({"variable", "op", "impl", "latency"}),
    "bind_storage": frozenset({"variable", "type", "impl", "latency"}),
    "dependence": frozenset(
        {
            "variable",
            "class",
            "type",
            "direction",
            "distance",
            "dependent",
            "inter",
            "intra",
            "raw",
            "war",
            "waw",
            "true",
            "false",
            "array",
            "pointer",
        }
    ),
    "loop_flatten": frozenset({"off"}),
    "allocation": frozenset({"function", "operation", "instances", "limit"}),
}
VALUES: dict[tuple[str, str], frozenset[str]] = {
    ("array_partition", "type"): frozenset({"complete", "cyclic", "block"}),
    ("array_reshape", "type"): frozenset({"complete", "cyclic", "block"}),
    ("aggregate", "compact"): frozenset({"auto", "bit"}),
    ("interface", "mode"): INTERFACE_MODES,
    ("stream", "type"): frozenset({"fifo", "pipo", "shared", "unsync"}),
    ("bind_op", "op"): frozenset({"add", "mul", "sub"}),
    ("bind_op", "impl"): frozenset({"dsp", "fabric"}),
    ("bind_storage", "type"): frozenset(
        {"ram_1p", "ram_2p", "ram_s2p", "ram_t2p", "rom_1p", "rom_2p", "rom_np", "fifo"}
    ),
    ("bind_storage", "impl"): frozenset({"lutram", "bram", "uram", "srl", "auto"}),
    ("dependence", "class"): frozenset({"array", "pointer"}),
    ("dependence", "type"): frozenset({"inter", "intra"}),
    ("dependence", "direction"): frozenset({"raw", "war", "waw"}),
    ("dependence", "dependent"): frozenset({"true", "false"}),
    ("pipeline", "style"): frozenset({"stp", "flp", "frp"}),
}
_FLAGS = {  # a word without "=" that stands for key=word
    "array_partition": {"complete": "type", "cyclic": "type", "block": "type"},
    "array_reshape": {"complete": "type", "cyclic": "type", "block": "type"},
    "interface": dict.fromkeys(sorted(INTERFACE_MODES), "mode"),
    "dependence": {
        **dict.fromkeys(("inter", "intra"), "type"),
        **dict.fromkeys(("raw", "war", "waw"), "direction"),
        **dict.fromkeys(("true", "false"), "dependent"),
        **dict.fromkeys(("array", "pointer"), "class"),
    },
}
_NUMBERS = {  # operands that clang evaluates, in marker order, with the value of an absent one
    "pipeline": (("ii", -1),),
    "unroll": (("factor", 0),),
    "array_partition": (("factor", 0), ("dim", 1)),
    "array_reshape": (("factor", 0), ("dim", 1)),
    "bind_storage": (("latency", -1),),
    "stream": (("depth", 0),),
    "loop_tripcount": (("min", 0), ("max", -1)),
    "bind_op": (("latency", -1),),
    "dependence": (("distance", -1),),
    "allocation": (("limit", 0),),
}
_ON_VARIABLE = frozenset(
    {"aggregate", "disaggregate", "array_partition", "array_reshape", "stream", "bind_op", "bind_storage", "dependence"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pragma:
    """One pragma or loop label of the source; markers refer to it by its index.

    Attributes:
        kind: its name in lower case; `label` for a loop's label.
        options: option names in lower case to their text; flags are mapped to the option they stand for.
    """

    kind: str
    options: dict[str, str] = field(default_factory=dict)
    location: Location


_TOKEN = re.compile(
    r"""(?P<skip>//[^\n]*|/\*.*?\*/|\s+)
    |(?P<text>R"(?P<d>[^(\s]*)\(.*?\)(?P=d)"|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')
    |(?P<operator>_Pragma\s*\(\s*"\s*HLS\s(?P<body>[^"]*)"\s*\))
    |(?P<word>\w+)|(?P<mark>::|.)""",
    re.S | re.X,
)
_WORD = re.compile(r"\s*([A-Za-z_]\w*)(\s*=(?!=))?")
_DIRECTIVE = re.compile(r"[ \t]*#(?:[^\n\\]|\\\r?\n|\\.)*")
_LOOP_WORDS = frozenset({"for", "while", "do"})


@dataclass(slots=True)
class _Token:
    kind: str  # text operator word mark directive
    text: str
    start: int
    end: int
    body: str = ""


def _tokens(source: str) -> list[_Token]:
    found, position, line_start = [], 0, True
    while position < len(source):
        if line_start and (directive := _DIRECTIVE.match(source, position)):
            found.append(_Token("directive", directive.group(), position, directive.end()))
            position = directive.end()
            continue
        match = _TOKEN.match(source, position)
        if match is None:
            break
        kind = (
            match.lastgroup if match.lastgroup not in {"d", "body"} else ("text" if match.group("text") else "operator")
        )
        if kind != "skip":
            found.append(_Token(kind or "mark", match.group(), position, match.end(), match.group("body") or ""))
            line_start = False
        if "\n" in match.group() and kind == "skip":
            line_start = True
        position = match.end()
    return found


class Rewriter:
    """Rewrites one file after another; `pragmas` collects what it found, `notes` what has no effect."""

    def __init__(self) -> None:
        self.pragmas: list[Pragma] = []
        self.notes: list[str] = []

    def rewrite(self, source: str, file: str) -> str:
        """Return `source` with markers in place of pragmas.

        Raises:
            UnsupportedError: a pragma or option that csynth does not obey.
        """
        if "HLS" not in source and ":" not in source:
            return source
        return _FileRewriter(self, source, file).run()

    def add(self, pragma: Pragma) -> int:
        """Register a pragma and return its index."""
        self.pragmas.append(pragma)
        return len(self.pragmas) - 1


class _FileRewriter:
    def __init__(self, owner: Rewriter, source: str, file: str) -> None:
        self.owner, self.source, self.file = owner, source, file
        self.lines = [0, *(m.end() for m in re.finditer("\n", source))]
        self.tokens = _tokens(source)
        self.edits: list[tuple[int, int, str]] = []

    def location(self, position: int) -> Location:
        line = bisect.bisect_right(self.lines, position)
        return Location(file=self.file, line=line, column=position - self.lines[line - 1] + 1)

    def run(self) -> str:
        for index, token in enumerate(self.tokens):
            if token.kind == "directive":
                self._directive(token)
            elif token.kind == "operator":
                self.edits.append((token.start, token.end, self._marker(token.body, token.start).rstrip(";")))
            elif token.text in _LOOP_WORDS:
                self._loop(index)
        out, last = [], 0
        for start, end, text in sorted(self.edits, key=lambda e: (e[0], e[1])):
            out += [self.source[last:start], text]
            last = end
        return "".join(out) + self.source[last:]

    def _directive(self, token: _Token) -> None:
        flat = re.sub(r"\\\r?\n", "  ", token.text)
        match = re.match(r"\s*#\s*pragma\s+HLS\b(.*)$", flat, re.S | re.I)
        start = token.start + len(token.text) - len(token.text.lstrip())
        if match:
            body = re.sub(r"//.*|/\*.*?\*/", "", match.group(1), flags=re.S)
            self.edits.append((start, token.end, self._marker(body, start) + "\n" * token.text.count("\n")))
        elif "_Pragma" in flat and re.match(r"\s*#\s*define\b", flat):
            for inner in re.finditer(r'_Pragma\s*\(\s*"\s*HLS\s([^"]*)"\s*\)', token.text):
                text = self._marker(inner.group(1), start).rstrip(";")
                self.edits.append((token.start + inner.start(), token.start + inner.end(), text))

    # -- loops ---------------------------------------------------------------------------------------------------------------------------

    def _loop(self, index: int) -> None:
        label = ""
        before = [t.text for t in self.tokens[max(0, index - 3) : index]]
        if (
            len(before) >= 2
            and before[-1] == ":"
            and re.fullmatch(r"[A-Za-z_]\w*", before[-2])
            and before[-2] != "default"
        ):
            if (
                len(before) < 3
                or before[-3] in {";", "{", "}", ":", ")", "else"}
                or self.tokens[index - 3].kind == "directive"
            ):
                label = before[-2]
        body = self._body(index)
        if body is None:
            return
        pragma_first = False
        first = body
        while first < len(self.tokens) and self.tokens[first].kind in {"directive", "operator"}:
            pragma_first |= "HLS" in self.tokens[first].text
            first += 1
        if first >= len(self.tokens):
            return
        text = ""
        if label:
            place = self.location(self.tokens[index - 2].start)
            text = f"__csynth_scope({self.owner.add(Pragma(kind='label', options={'name': label}, location=place))}, 0, 0);"
        opening = self.tokens[first]
        if opening.text == "{" and first == body:
            if text:
                self.edits.append((opening.end, opening.end, text))
        elif text or pragma_first:
            end = self._statement_end(first)
            at = self.tokens[index].end if self.tokens[index].text == "do" else self.tokens[body - 1].end
            self.edits.append((at, at, "{" + text))
            self.edits.append((end, end, "}"))

    def _body(self, index: int) -> int | None:
        """Index of the token where the body of the loop at `index` starts."""
        if self.tokens[index].text == "do":
            return index + 1
        close = self._closing(index + 1)
        return None if close is None or close + 1 >= len(self.tokens) else close + 1

    def _closing(self, index: int) -> int | None:
        if index >= len(self.tokens) or self.tokens[index].text not in {"(", "{"}:
            return None
        opener = self.tokens[index].text
        closer = {"(": ")", "{": "}"}[opener]
        depth = 0
        for at in range(index, len(self.tokens)):
            if self.tokens[at].kind != "mark":
                continue
            depth += (self.tokens[at].text == opener) - (self.tokens[at].text == closer)
            if depth == 0:
                return at
        return None

    def _statement_end(self, index: int) -> int:
        """Position just past the statement that starts at token `index`."""
        tokens = self.tokens
        while index < len(tokens):
            token = tokens[index]
            if token.text == "{":
                close = self._closing(index)
                return tokens[close].end if close is not None else token.end
            if token.text in {"for", "while", "if", "switch"}:
                close = self._closing(index + 1)
                if close is None:
                    return token.end
                end = self._statement_end(close + 1)
                after = next((i for i in range(close, len(tokens)) if tokens[i].start >= end), None)
                if token.text == "if" and after is not None and tokens[after].text == "else":
                    return self._statement_end(after + 1)
                return end
            if token.text == ";":
                return token.end
            if token.text == "(":
                index = self._closing(index) or index
            index += 1
        return len(self.source)

    # -- pragmas -------------------------------------------------------------------------------------------------------------------------

    def _marker(self, body: str, position: int) -> str:
        place = self.location(position)
        kind, _, rest = body.strip().partition(" ")
        kind = kind.strip().lower()
        if (reason := note_of(kind, rest)) is not None:
            self.owner.notes.append(f"{place_text(place)}: pragma HLS {kind} has no effect: {reason}.")
            return ""
        if kind not in KINDS:
            raise _unknown(kind, place)
        options = self._options(kind, rest.strip(), place)
        if kind == "bind_op":
            _check_operator(options, place)
        if kind == "allocation":
            _check_allocation(options, place)
        if kind in {"aggregate", "disaggregate"} and "variable" in options:
            return f"csynth_hw::mark_{kind}({options['variable']});"  # csynth_runtime.h checks the variable's type
        number = self.owner.add(Pragma(kind=kind, options=options, location=place))
        values = [
            f"(long)({options[key]})" if key in options else f"{default}L" for key, default in _NUMBERS.get(kind, ())
        ]
        values += ["0L"] * (2 - len(values))
        if kind in _ON_VARIABLE and "variable" in options:
            return f"csynth_hw::mark_variable({number}, {options['variable']}, {', '.join(values)});"
        if kind in _ON_VARIABLE - {"dependence"}:
            raise UnsupportedError("pragma", f"pragma HLS {kind} names no variable", place, "Add variable=<name>")
        return f"__csynth_scope({number}, {', '.join(values)});"

    def _options(self, kind: str, rest: str, place: Location) -> dict[str, str]:
        known = KINDS[kind]
        options: dict[str, str] = {}
        at = 0
        while match := _WORD.match(rest, at):
            name, assigned = match.group(1).lower(), match.group(2)
            if name not in known:
                raise UnsupportedError(
                    "pragma_option",
                    f"pragma HLS {kind} has the option {match.group(1)!r}; must be one of {', '.join(sorted(known))}",
                    place,
                    "Remove the option",
                )
            if not assigned:
                options[_FLAGS.get(kind, {}).get(name, name)] = name
                at = match.end()
                continue
            end = self._value_end(rest, match.end(), known)
            value = rest[match.end() : end].strip()
            allowed = VALUES.get((kind, name))
            if allowed is not None:
                value = value.lower()
                if value not in allowed:
                    raise UnsupportedError(
                        "pragma_option",
                        f"pragma HLS {kind}: {name} is {value!r}; must be one of {', '.join(sorted(allowed))}",
                        place,
                        f"Use {name}={sorted(allowed)[0]}",
                    )
            options[name] = value
            at = end
        if rest[at:].strip():
            raise UnsupportedError(
                "pragma_option", f"pragma HLS {kind}: {rest[at:].strip()!r} is not an option", place, "Remove it"
            )
        return options

    @staticmethod
    def _value_end(rest: str, start: int, known: frozenset[str]) -> int:
        """Where the value that starts at `start` ends: before the next `key=` or known word outside brackets."""
        first = True
        for word in re.finditer(r"(?<![\w.:>])([A-Za-z_]\w*)(\s*=(?!=))?|\d\w*|[^\s\w]", rest[start:]):
            position = start + word.start()
            outside = _depth(rest, position) == _depth(rest, start)
            if outside and word.group(2):
                return position
            before = rest[start:position].rstrip()
            if outside and not first and word.group(1) and (before[-1].isalnum() or before[-1] in "_)]\"'"):
                return position  # two operands side by side: the second is an option
            first = False
        return len(rest)


def _unknown(kind: str, place: Location) -> UnsupportedError:
    """Return the refusal of a pragma that csynth does not obey."""
    if kind in REFUSED:
        refusal = REFUSED[kind]
        return UnsupportedError("pragma", f"pragma HLS {kind} is refused: {refusal.reason}", place, refusal.remedy)
    near = difflib.get_close_matches(kind, sorted({*KINDS, *PASSED_OVER, *REFUSED}), 1)
    remedy = f"Did you mean {near[0]}" if near else f"Remove it, or use one of {', '.join(sorted(KINDS))}"
    return UnsupportedError(
        "pragma", f"pragma HLS {kind or '(empty)'} is not known", place, f"{remedy}?" if near else remedy
    )


def _check_operator(options: dict[str, str], place: Location) -> None:
    """Refuse a bind_op that leaves out what it needs, or asks for a sum in a DSP."""
    if not re.fullmatch(r"\w+", options.get("variable", "x")):
        raise UnsupportedError(
            "pragma_option",
            f"pragma HLS bind_op: variable is {options['variable']!r}; must be the name of a variable",
            place,
            "Give the result a variable of its own",
        )
    if "op" not in options:
        raise UnsupportedError("pragma_option", "pragma HLS bind_op names no operation", place, "Add op=mul")
    if "impl" not in options and "latency" not in options:
        raise UnsupportedError(
            "pragma_option", "pragma HLS bind_op asks for neither impl nor latency", place, "Add impl=dsp or latency=1"
        )
    if options["op"] != "mul" and options.get("impl") == "dsp":
        raise UnsupportedError(
            "pragma_option",
            f"pragma HLS bind_op: impl is 'dsp' for op={options['op']}; must be 'fabric', csynth puts only products into DSPs",
            place,
            "Use impl=fabric",
        )


_OPERATIONS = ("add", "mul", "sdiv", "srem", "sub", "udiv", "urem")


def _check_allocation(options: dict[str, str], place: Location) -> None:
    """Refuse an allocation that leaves out what it needs, or limits what csynth does not share."""
    if ("function" in options) == ("operation" in options):
        raise UnsupportedError(
            "pragma_option", "pragma HLS allocation must say either function or operation", place, "Add function"
        )
    for key in ("instances", "limit"):
        if key not in options:
            raise UnsupportedError(
                "pragma_option",
                f"pragma HLS allocation has no {key}",
                place,
                f"Add {key}={'f' if key == 'instances' else '1'}",
            )
    if "operation" in options and options["instances"] not in _OPERATIONS:
        raise UnsupportedError(
            "pragma_option",
            f"pragma HLS allocation: the operation is {options['instances']!r}; must be one of {', '.join(_OPERATIONS)}",
            place,
            "Use instances=mul",
        )


def _depth(text: str, position: int) -> int:
    head = text[:position]
    return sum(head.count(c) for c in "([{") - sum(head.count(c) for c in ")]}")
