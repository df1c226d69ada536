"""HLS C++ -> `csynth.ir.Program`: the whole front end."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from csynth.errors import CompileError, ToolError, UnsupportedError
from csynth.frontend import clang
from csynth.frontend.convert import FunctionConverter
from csynth.frontend.dataflow import convert_dataflow
from csynth.frontend.includes import missing_header
from csynth.frontend.llvm_passes import run_passes
from csynth.frontend.llvm_text import LlvmFunction, Module, bits_of, parse_module
from csynth.frontend.locations import Locations
from csynth.frontend.operators import bind_operators, refuse_operators
from csynth.frontend.pragmas import Pragma, Rewriter
from csynth.frontend.prepare import check_calls, demangled, normalise, scopes_of
from csynth.frontend.regions import Formal, LoopFacts, Marks, Signature, read_marks, unroll_and_clean
from csynth.ir.model import Function, Location, Program
from csynth.ir.verify import verify
from csynth.passes import optimise

INCLUDE_DIR = Path(__file__).parents[1] / "include"
_TOP_LINE = 1_000_000
_INLINE = [
    "always_inliner",
    "sroa",
    "instruction_combine",
    "simplify_cfg",
    "loop_simplify",
    "global_dead_code_eliminate",
    "instruction_namer",
]
_STAGES = [
    "O1",
    ["instruction_namer"],
    "O1",
    ["sroa", "instruction_combine", "simplify_cfg", "loop_simplify", "aggressive_dce", "instruction_namer"],
]
_FUNCTION_SCOPE = frozenset({"inline", "dataflow", "interface"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A source as it goes to clang."""

    name: str
    written: str
    text: str
    headers: dict[str, str]
    pragmas: list[Pragma]


@dataclass(slots=True)
class _Unit:
    """A kept function on its way."""

    symbol: str
    name: str
    location: Location | None
    dataflow: bool
    interfaces: dict[str, str]
    callees: list[str] = field(default_factory=list)


def compile_source(
    source: Path | tuple[str, str], *, top: str, include_dirs: Sequence[Path] = (), defines: Sequence[str] = ()
) -> Program:
    """Compile one C++ source to the IR.

    Args:
        source: a file, or a name and a text.
        top: name of the top function, with its namespaces.
        include_dirs: folders whose headers the source may include; csynth's own come first.
        defines: `NAME` or `NAME=VALUE`.

    Raises:
        CompileError: the source is not valid C++.
        UnsupportedError: it is, but csynth does not turn it into hardware.
        ToolError: clang or LLVM failed.
    """
    name, text = source if isinstance(source, tuple) else (source.name, source.read_text())
    if not re.fullmatch(r"[A-Za-z_]\w*(::[A-Za-z_]\w*)*", top):
        raise UnsupportedError(
            "top", f"top is {top!r}; must be the name of a function", None, "Give the function's plain name"
        )
    prepared = _rewrite(name, text, top, include_dirs)
    raw = _clang(prepared, top, include_dirs, defines)
    return _to_program(raw, prepared, top)


def _rewrite(name: str, text: str, top: str, include_dirs: Sequence[Path]) -> Source:
    rewriter = Rewriter()
    body = rewriter.rewrite(text, name)
    headers = {}
    for folder in include_dirs:
        for path in sorted(Path(folder).rglob("*.h*")):
            relative = path.relative_to(folder).as_posix()
            content = path.read_text(errors="replace")
            if relative not in headers and "HLS" in content and re.search(r"#\s*pragma\s+HLS", content):
                headers[relative] = rewriter.rewrite(content, relative)
    trailer = [
        f"#line {_TOP_LINE + 1}",
        *(f"#undef {word}" for word in _runtime_words()),
        '#include "csynth_runtime.h"',
    ]
    trailer += [f"#line {_TOP_LINE + 1}", f'extern "C" void __csynth_describe() {{ csynth_hw::describe(&{top}); }}']
    full = "\n".join(['#include "csynth_markers.h"', "#line 1", body, *trailer, ""])
    return Source(name=name, written=text, text=full, headers=headers, pragmas=rewriter.pragmas)


@cache
def _runtime_words() -> tuple[str, ...]:
    """What a macro of the source could change in the header that follows it."""
    text = re.sub(r'//.*|"[^"]*"', "", (INCLUDE_DIR / "csynth_runtime.h").read_text())
    words = set(re.findall(r"[A-Za-z_]\w*", text))
    return tuple(sorted(w for w in words if not w.startswith(("CSYNTH_", "__")) and w != "defined"))


def _clang(source: Source, top: str, include_dirs: Sequence[Path], defines: Sequence[str]) -> str:
    arguments = [
        *(*clang.X86_64, *clang.LLVM_IR, "-std=c++14", "-O1", "-disable-llvm-passes", "-DCSYNTH_SYNTHESIS=1"),
        *("-debug-info-kind=line-tables-only", "-dwarf-version=4", "-fno-builtin", "-fdeprecated-macro", "-w"),
        *(f"-D{d}" for d in defines),
    ]
    try:
        result = clang.run_clang(
            source.text, source.name, arguments, [INCLUDE_DIR, *include_dirs], headers=source.headers
        )
    except clang.ClangMissingError as error:
        raise ToolError("clang", str(error), None, "Run ./doit doctor") from error
    if result.ok:
        return result.text
    errors = [d for d in result.diagnostics if d.severity == "error"]
    shown = tuple(str(d) for d in result.diagnostics if d.line < _TOP_LINE)[:20]
    first = errors[0] if errors else None
    if first is None:
        raise ToolError(
            "clang", f"clang ended with status {result.status!r} and no message", None, "Simplify the source"
        )
    if result.status != "errors":
        raise CompileError("limit", first.message, Location(file=source.name, line=0), "", shown)
    if first.line >= _TOP_LINE:
        raise CompileError(
            "top",
            f"there is no single function {top!r} in {source.name}",
            Location(file=source.name, line=0),
            "Give the name of a function that is not a template",
            shown,
        )
    message = re.sub(r"^static assertion failed(?: due to requirement '.*?')?: ", "", first.message)
    place = Location(file=first.file or source.name, line=first.line, column=first.column)
    if first.file != source.name:  # inside a header: name the line of the source that led there
        at = next(
            (
                d
                for d in result.diagnostics[result.diagnostics.index(first) :]
                if d.file == source.name and 0 < d.line < _TOP_LINE
            ),
            None,
        )
        place = Location(file=source.name, line=at.line, column=at.column) if at else Location(file=source.name, line=0)
    header = missing_header(first.message, source.written, first.line if first.file == source.name else 0, first.column)
    if header is not None:
        raise CompileError("include", message, place, f'Add #include "{header}" at the top of the file', shown)
    raise CompileError("cpp", message, place, "", shown)


# -- from clang's IR to ours -------------------------------------------------------------------------------------------------------------


def _to_program(raw: str, source: Source, top: str) -> Program:
    module = parse_module(raw)
    locations = Locations(module.metadata, source.name)
    symbol = _top_symbol(raw)
    if symbol not in module.functions:
        raise UnsupportedError(
            "top_body",
            f"the top function {top!r} has no body",
            Location(file=source.name, line=0),
            "Define it in this source",
        )
    check_calls(module, symbol, locations, {})
    if "@llvm.global_ctors" in module.globals:
        raise UnsupportedError(
            "dynamic_init",
            "a global or static object needs code to run before the top function",
            Location(file=source.name, line=0),
            "Initialise it with constants",
        )
    units = _kept(module, symbol, source.pragmas, locations)
    inlined = run_passes(normalise(raw, set(units)), [_INLINE])
    stage = parse_module(inlined)
    locations = Locations(stage.metadata, source.name)
    described = _described(stage)
    done: dict[str, Function] = {}
    signatures: dict[str, Signature] = {}
    for unit in reversed(units.values()):  # callees first
        done[unit.symbol], signatures[unit.symbol] = _convert_unit(
            unit, inlined, stage, source, described if unit.symbol == symbol else {}, done, signatures, locations
        )
    functions = [done[s] for s in units if s in done]
    program = optimise(Program(top=done[symbol].name, functions=tuple(functions)))
    verify(program)
    return program


def _top_symbol(raw: str) -> str:
    body = raw[raw.index("@__csynth_describe(") :]
    match = re.search(r'call void @\S*describe\S*\(ptr noundef (?:nonnull )?@("[^"]*"|[\w.$]+)\)', body)
    assert match is not None
    return match.group(1).strip('"')


def _described(stage: Module) -> dict[int, tuple[int, int, bool]]:
    function = stage.functions["__csynth_describe"]
    found = {}
    for block in function.blocks.values():
        for i in block.instructions:
            if i.callee == "__csynth_parameter":
                index, kind, width, signed = (
                    int(o) if o not in {"true", "false"} else int(o == "true") for o in i.operands
                )
                found[index] = (kind, width, bool(signed))
    return found


def _kept(module: Module, top: str, pragmas: list[Pragma], locations: Locations) -> dict[str, _Unit]:
    """The functions that become modules, each before its callees."""
    flags: dict[str, dict[str, Pragma]] = {}
    interfaces: dict[str, dict[str, str]] = {}
    for name, function in module.functions.items():
        for pragma, _ in scopes_of(function, pragmas):
            if pragma.kind == "inline" and "off" in pragma.options:
                flags.setdefault(name, {})["off"] = pragma
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
    units: dict[str, _Unit] = {}
    used: set[str] = set()
    for symbol in reversed(order):
        function = module.functions[symbol]
        wish = re.sub(r"\W", "_", demangled(symbol))
        name, count = wish, 1
        while name in used:
            count += 1
            name = f"{wish}_{count}"
        used.add(name)
        units[symbol] = _Unit(
            symbol,
            name,
            locations.of_function(function.metadata.get("dbg")),
            "dataflow" in flags.get(symbol, {}),
            interfaces.get(symbol, {}),
        )
    return units


def _convert_unit(
    unit: _Unit,
    inlined: str,
    stage: Module,
    source: Source,
    described: dict[int, tuple[int, int, bool]],
    done: dict[str, Function],
    signatures: dict[str, Signature],
    locations: Locations,
) -> tuple[Function, Signature]:
    function = stage.functions[unit.symbol]
    scope = {k for k, p in enumerate(source.pragmas) if p.kind in _FUNCTION_SCOPE}
    signature = _signature(function, described, signatures, unit)
    marks, latches = read_marks(stage, function, source.pragmas, locations, scope)
    marks.interfaces.update(unit.interfaces)
    _check_interfaces(marks, signature, unit)
    callees = {f.name: f for s, f in done.items()}
    signature.calls = {f"hls.call.{done[s].name}": signatures[s] for s in done}
    if unit.dataflow:
        refuse_operators(marks.operators)
        return convert_dataflow(
            unit.name,
            function,
            stage,
            signature,
            marks,
            {s: (done[s], signatures[s]) for s in done},
            locations,
            unit.location,
        ), signature
    text = bind_operators(_only(inlined, unit.symbol, set(done)), stage, function, marks.operators)
    text = rewrite_calls(text, done, signatures)
    text = unroll_and_clean(text, {unit.symbol: latches})
    final = parse_module(run_passes(text, _STAGES))
    facts: dict[int, LoopFacts] = {f.number: f for f in latches.values()}
    return (
        FunctionConverter(
            final,
            final.functions[unit.symbol],
            name=unit.name,
            signature=signature,
            marks=marks,
            loops=facts,
            locations=Locations(final.metadata, source.name),
            callees=callees,
            location=unit.location,
        ).convert(),
        signature,
    )


def _check_interfaces(marks: Marks, signature: Signature, unit: _Unit) -> None:
    names = {p.name for p in signature.parameters} | {"return"}
    for port in marks.interfaces:
        if port not in names:
            raise UnsupportedError(
                "interface",
                f"pragma HLS interface: port is {port!r}; must be a parameter of {unit.name!r}",
                unit.location,
                "Name a parameter, or return",
            )


def _only(text: str, keep: str, others: set[str]) -> str:
    """Drop the bodies of all functions but one; other kept functions become declarations of nothing."""
    del others
    out, skipping = [], False
    for line in text.split("\n"):
        if line.startswith("define"):
            match = re.search(r'@("[^"]*"|[\w.$-]+)\(', line)
            skipping = match is not None and match.group(1).strip('"') != keep
        if not skipping:
            out.append(line)
        if skipping and line == "}":
            skipping = False
    return "\n".join(out)


def _signature(
    function: LlvmFunction, described: dict[int, tuple[int, int, bool]], signatures: dict[str, Signature], unit: _Unit
) -> Signature:
    result = Signature(parameters=[])
    index = 0
    uses = _uses(function, signatures)
    for p in function.parameters:
        plain = re.sub(r"\.coerce$", "", p.name.lstrip("%").strip('"'))
        if "sret(" in p.attributes:
            width = described[-1][1] if described else uses[p.name].bits
            result.return_bits, result.return_signed = width, described[-1][2] if described else False
            result.return_address = p.name
            result.outputs[p.name] = ("ap_return", width)
            continue
        known = described.get(index)
        index += 1
        use = uses.get(p.name, _Use())
        width = bits_of(p.type)
        if known is None:
            known = _guess(p.type, p.attributes, use, plain, unit)
        kind, bits, signed = known
        if kind == 1:
            result.parameters.append(
                Formal(name=plain, llvm_name=p.name, kind="stream", width_bits=bits, signed=signed)
            )
        elif kind == 2:
            result.parameters.append(Formal(name=plain, llvm_name=p.name, kind="maxi", width_bits=bits, signed=signed))
        elif kind == 3 and use.stored:
            result.parameters.append(
                Formal(name=plain, llvm_name=p.name, kind="output", width_bits=bits, signed=signed)
            )
            result.outputs[p.name] = (plain, bits)
        else:
            result.parameters.append(
                Formal(
                    name=plain,
                    llvm_name=p.name,
                    kind="scalar",
                    width_bits=bits,
                    signed=signed,
                    by_address=width is None,
                    llvm_bits=width or use.bits or bits,
                )
            )
    if bits_of(function.returns):
        result.return_bits = described[-1][1] if described else bits_of(function.returns) or 0
        result.return_signed = described[-1][2] if described else True
    return result


@dataclass(slots=True)
class _Use:
    """How a function uses one of its pointer parameters."""

    stream: int = 0
    maxi: int = 0
    bits: int = 0
    stored: bool = False
    loaded: bool = False


def _uses(function: LlvmFunction, signatures: dict[str, Signature]) -> dict[str, _Use]:
    found = {p.name: _Use() for p in function.parameters}
    alias: dict[str, str] = {}
    for block in function.blocks.values():
        for i in block.instructions:
            if i.callee == "hls.maxi_alias" and len(i.operands) > 1:
                alias[i.operands[0]] = i.operands[1]
                alias[i.operands[0]] = alias.get(i.operands[1], i.operands[1])
    for block in function.blocks.values():
        for i in block.instructions:
            if i.opcode == "call" and i.callee is not None:
                _call_use(i, found, alias, signatures)
            elif i.opcode == "load" and i.operands[0] in found:
                found[i.operands[0]].loaded, found[i.operands[0]].bits = True, bits_of(i.type) or 0
            elif i.opcode == "store" and i.operands[1] in found:
                found[i.operands[1]].stored, found[i.operands[1]].bits = True, bits_of(i.type) or 0
    return found


def _call_use(i: Any, found: dict[str, _Use], alias: dict[str, str], signatures: dict[str, Signature]) -> None:
    width = re.search(r"\.i(\d+)$", i.callee)
    for at, operand in enumerate(i.operands):
        use = found.get(str(alias.get(operand, operand)))
        if use is None:
            continue
        if i.callee.startswith("hls.stream_") and at == 0:
            use.stream = int(width.group(1)) if width else use.stream
        elif i.callee.startswith("hls.maxi_") and at == 0:
            use.maxi = int(width.group(1)) if width else use.maxi or 64
        elif i.callee in signatures:
            shift = 1 if signatures[i.callee].return_address else 0
            if at >= shift:
                formal = signatures[i.callee].parameters[at - shift]
                use.stream = formal.width_bits if formal.kind == "stream" else use.stream
                use.maxi = formal.width_bits if formal.kind == "maxi" else use.maxi
                use.bits = formal.llvm_bits if formal.kind == "scalar" else use.bits


def _guess(kind: str, attributes: str, use: _Use, name: str, unit: _Unit) -> tuple[int, int, bool]:
    width = bits_of(kind)
    if width is not None:
        return 0, width, "signext" in attributes or width == 32
    if use.stream:
        return 1, use.stream, False
    if use.maxi:
        return 2, use.maxi, False
    if (
        "dead_on_return" in attributes
        or (use.loaded and not use.stored and "dereferenceable" in attributes)
        or (use.bits and not use.stored)
    ):
        return 0, use.bits or 1, False
    if not use.stored and not use.loaded and "dereferenceable(1)" in attributes:
        raise UnsupportedError(
            "unused_stream", f"the parameter {name!r} of {unit.name!r} is never used", unit.location, "Remove it"
        )
    raise UnsupportedError(
        "kept_parameter",
        f"the parameter {name!r} of the separate function {unit.name!r} is an array or a reference that is written",
        unit.location,
        "Pass an hls::stream, return the value, or let the function be inlined",
    )


def rewrite_calls(text: str, done: dict[str, Function], signatures: dict[str, Signature]) -> str:
    """Turn calls of kept functions into calls on values: `hls.call.<name>`."""
    if not done:
        return text
    from csynth.frontend.llvm_text import split_commas, typed  # noqa: PLC0415

    memory = "nounwind willreturn memory(argmem: readwrite, inaccessiblemem: readwrite)"
    declarations: set[str] = set()
    counter = 0
    out = []
    for line in text.split("\n"):
        match = re.match(r'^( +)(?:(%\S+) = )?(?:tail |notail )?call ([^@]*)@("[^"]*"|[\w.$-]+)\((.*)\)([^()]*)$', line)
        symbol = match.group(4).strip('"') if match else ""
        if match is None or symbol not in done:
            out.append(line)
            continue
        signature, name = signatures[symbol], done[symbol].name
        pad, dbg = match.group(1), "".join(re.findall(r", !dbg !\d+", match.group(6)))
        arguments = [typed(a) for a in split_commas(match.group(5))]
        target = ""
        if signature.return_address:
            target, arguments = arguments[0][1], arguments[1:]
        passed, kinds = [], []
        for formal, (kind, value) in zip(signature.parameters, arguments, strict=True):
            if formal.kind == "scalar" and formal.by_address:
                counter += 1
                out.append(f"{pad}%csynth.arg{counter} = load i{formal.llvm_bits}, ptr {value}{dbg}")
                passed.append(f"i{formal.llvm_bits} %csynth.arg{counter}")
                kinds.append(f"i{formal.llvm_bits}")
            else:
                passed.append(f"{kind} {value}")
                kinds.append(kind + " captures(none)" if kind == "ptr" else kind)
        returns = match.group(3).strip().split(" ")[-1]
        if target:
            from csynth.frontend.prepare import storage_bits  # noqa: PLC0415

            bits = storage_bits(signature.return_bits)
            counter += 1
            out.append(f"{pad}%csynth.ret{counter} = call i{bits} @hls.call.{name}({', '.join(passed)}){dbg}")
            out.append(f"{pad}store i{bits} %csynth.ret{counter}, ptr {target}{dbg}")
            declarations.add(f"declare i{bits} @hls.call.{name}({', '.join(kinds)}) {memory}")
        else:
            head = f"{match.group(2)} = " if match.group(2) else ""
            out.append(f"{pad}{head}call {returns} @hls.call.{name}({', '.join(passed)}){dbg}")
            declarations.add(f"declare {returns} @hls.call.{name}({', '.join(kinds)}) {memory}")
    return "\n".join([*out, *sorted(declarations), ""])
