"""HLS C++ -> `csynth.ir.Program`: the whole front end."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from csynth.errors import CannotKeepError, CompileError, ToolError, UnsupportedError, place_text
from csynth.frontend import clang
from csynth.frontend.alignment import check_alignment
from csynth.frontend.array_fifos import arrays_to_fifos
from csynth.frontend.array_parameters import Place, Shape, parameter_shapes
from csynth.frontend.block_copies import lower_block_copies
from csynth.frontend.by_value import by_value
from csynth.frontend.calls import only_body, rewrite_calls
from csynth.frontend.clang_refusals import told
from csynth.frontend.convert import FunctionConverter
from csynth.frontend.dataflow import convert_dataflow
from csynth.frontend.dataflow_loops import outline_regions, refuse_shared
from csynth.frontend.extents import array_extents
from csynth.frontend.flatten_nests import flatten_nests
from csynth.frontend.hierarchy import check_calls_in_pipelines, check_state, operator_limits, with_limits
from csynth.frontend.includes import missing_header
from csynth.frontend.interfaces import array_interfaces, notes_of
from csynth.frontend.llvm_passes import run_passes
from csynth.frontend.llvm_text import Module, parse_module
from csynth.frontend.locations import Locations
from csynth.frontend.operators import bind_operators, refuse_operators
from csynth.frontend.pointer_walks import resolve_pointer_walks
from csynth.frontend.pragmas import Pragma, Rewriter
from csynth.frontend.prepare import check_calls, normalise
from csynth.frontend.regions import LoopFacts, Marks, Signature, read_marks, unroll_and_clean
from csynth.frontend.signatures import EXTENTS, described_parameters, signature_of
from csynth.frontend.straight import check_pipeline
from csynth.frontend.units import Unit, kept_functions
from csynth.frontend.unreachable import without_unreachable
from csynth.ir.model import Function, Location, Program
from csynth.ir.verify import verify
from csynth.passes import optimise
from csynth.passes.outline import OperatorLimit, outline
from csynth.passes.words import join_words

INCLUDE_DIR = Path(__file__).parents[1] / "include"
_TOP_LINE = 1_000_000
_EXPAND = ["always_inliner", "sroa", "sccp", "instruction_namer"]
_WHOLE_OR_WALKED = re.compile(r"@llvm\.mem|%(?:incdec\.ptr|add\.ptr|arrayinit)")  # as clang names them
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
    notes: list[str]


def compile_source(
    source: Path | tuple[str, str],
    *,
    top: str,
    include_dirs: Sequence[Path] = (),
    defines: Sequence[str] = (),
    kept_nests: Collection[tuple[str, str]] = (),
) -> Program:
    """Compile one C++ source to the IR.

    Args:
        source: a file, or a name and a text.
        top: name of the top function, with its namespaces.
        include_dirs: folders whose headers the source may include; csynth's own come first.
        defines: `NAME` or `NAME=VALUE`.
        kept_nests: names of (outer, inner) loops that are not to be flattened.

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
    inlined: dict[str, str] = {}
    while True:
        try:
            notes = dict.fromkeys([*prepared.notes, *inlined.values()])
            return _with_notes(_to_program(raw, prepared, top, kept_nests, inlined), notes)
        except UnsupportedError as error:
            if isinstance(error, CannotKeepError) and error.symbol and error.symbol not in inlined:
                inlined[error.symbol] = f"{place_text(error.location)}: {error.message}: inlined"
            elif inlined:
                remedy = ". ".join([error.remedy, *inlined.values()]).removeprefix(". ")
                raise UnsupportedError(error.code, error.message, error.location, remedy) from error
            else:
                raise


def _with_notes(program: Program, notes: Iterable[str]) -> Program:
    """`program` whose top says which pragmas have no effect, and what was inlined against `inline off`."""
    top = program.function(program.top)
    noted = replace(top, notes=(*top.notes, *notes))
    return replace(program, functions=tuple(noted if f is top else f for f in program.functions))


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
    told = "".join(
        f" __csynth_parameter({EXTENTS + at}, 7, (int)({size}), 0);" for at, size in array_extents(text, top)
    )
    scope = f" using namespace {top.rpartition('::')[0]};" if told and "::" in top else ""
    trailer += [
        f"#line {_TOP_LINE + 1}",
        f'extern "C" void __csynth_describe() {{ csynth_hw::describe(&{top});{scope}{told} }}',
    ]
    full = "\n".join(['#include "csynth_markers.h"', "#line 1", body, *trailer, ""])
    return Source(name=name, written=text, text=full, headers=headers, pragmas=rewriter.pragmas, notes=rewriter.notes)


@cache
def _runtime_words() -> tuple[str, ...]:
    """What a macro of the source could change in the header that follows it."""
    text = re.sub(r'//.*|"[^"]*"', "", (INCLUDE_DIR / "csynth_runtime.h").read_text())
    words = set(re.findall(r"[A-Za-z_]\w*", text))
    return tuple(sorted(w for w in words if not w.startswith(("CSYNTH_", "__")) and w != "defined"))


def _clang(source: Source, top: str, include_dirs: Sequence[Path], defines: Sequence[str]) -> str:
    arguments = [
        *(
            *clang.X86_64,
            *clang.LLVM_IR,
            "-std=c++14",
            "-O1",
            "-disable-llvm-passes",
            "-DCSYNTH_SYNTHESIS=1",
            "-D__SYNTHESIS__=1",
        ),
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
        place = Location(
            file=source.name, line=at.line if at else _line_of(top, source.written), column=at.column if at else 0
        )
    header = missing_header(first.message, source.written, first.line if first.file == source.name else 0, first.column)
    if header is not None:
        raise CompileError("include", message, place, f'Add #include "{header}" at the top of the file', shown)
    refusal = told(message)
    if refusal is not None:
        raise CompileError(refusal.code, refusal.message, place, refusal.remedy, shown)
    raise CompileError("cpp", message, place, "", shown)


def _line_of(top: str, text: str) -> int:
    """Return the line where a function is defined or declared first; 0 if it cannot be told."""
    found = re.search(rf"\b{re.escape(top.rpartition('::')[2])}\s*\(", text)
    return text.count("\n", 0, found.start()) + 1 if found else 0


def _first_initialised(module: Module, locations: Locations) -> Location | None:
    """Return the place of the first object whose constructor or destructor runs code."""
    for name, function in module.functions.items():
        if name.startswith("__cxx_global_var_init"):
            for block in function.blocks.values():
                for instruction in block.instructions:
                    if place := locations.of(instruction.metadata.get("dbg")):
                        return place
    return None


# -- from clang's IR to ours -------------------------------------------------------------------------------------------------------------


def _to_program(
    raw: str, source: Source, top: str, kept_nests: Collection[tuple[str, str]], inlined_units: Collection[str]
) -> Program:
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
            _first_initialised(module, locations) or Location(file=source.name, line=0),
            "Initialise it with constants",
        )
    units = kept_functions(module, symbol, source.pragmas, locations, inlined_units)
    inlined = _inline(normalise(raw, set(units)), source)
    stage = parse_module(inlined)
    locations = Locations(stage.metadata, source.name)
    inlined, units = outline_regions(inlined, stage, units, source.pragmas, locations)
    stage = parse_module(inlined)
    described = described_parameters(stage)
    scope = {k for k, p in enumerate(source.pragmas) if p.kind in _FUNCTION_SCOPE}
    scope |= {k for k, p in enumerate(source.pragmas) if any(u.pipeline and u.pipeline[0] is p for u in units.values())}
    variables = {s: read_marks(stage, stage.functions[s], source.pragmas, locations, scope)[0].variables for s in units}
    shapes = parameter_shapes(stage.functions, stage, units, variables)
    done: dict[str, Function] = {}
    signatures: dict[str, Signature] = {}
    operators: list[OperatorLimit] = []
    for unit in reversed(units.values()):  # callees first
        done[unit.symbol], signatures[unit.symbol] = _convert_unit(
            unit,
            inlined,
            stage,
            source,
            described if unit.symbol == symbol else {},
            done,
            signatures,
            locations,
            kept_nests,
            shapes,
            units,
            operators,
        )
        check_calls_in_pipelines(done[unit.symbol], units)
    check_state(units, done)
    functions = [done[s] for s in units if s in done]
    fifo_arrays = {done[s].name: signatures[s].fifo_arrays for s in done}
    program = arrays_to_fifos(Program(top=done[symbol].name, functions=tuple(functions)), fifo_arrays)
    program = outline(join_words(optimise(program)), operators)
    verify(program)
    return program


def _inline(text: str, source: Source) -> str:
    """Inline what is not kept; block copies and pointers that walk become accesses of elements before LLVM makes words of them."""
    if _WHOLE_OR_WALKED.search(text):
        text = resolve_pointer_walks(run_passes(text, [_EXPAND]))
        text = lower_block_copies(text, source.pragmas, source.name)
    return resolve_pointer_walks(run_passes(text, [_INLINE]))


def _top_symbol(raw: str) -> str:
    body = raw[raw.index("@__csynth_describe(") :]
    match = re.search(r'call void @\S*describe\S*\(ptr noundef (?:nonnull )?@("[^"]*"|[\w.$]+)\)', body)
    assert match is not None
    return match.group(1).strip('"')


def _convert_unit(
    unit: Unit,
    inlined: str,
    stage: Module,
    source: Source,
    described: dict[int, tuple[int, int, bool]],
    done: dict[str, Function],
    signatures: dict[str, Signature],
    locations: Locations,
    kept_nests: Collection[tuple[str, str]],
    shapes: dict[Place, Shape],
    units: dict[str, Unit],
    operators: list[OperatorLimit],
) -> tuple[Function, Signature]:
    function = stage.functions[unit.symbol]
    scope = {k for k, p in enumerate(source.pragmas) if p.kind in _FUNCTION_SCOPE}
    scope |= {k for k, p in enumerate(source.pragmas) if unit.pipeline is not None and p is unit.pipeline[0]}
    own_shapes = {name: shape for (owner, name), shape in shapes.items() if owner == unit.symbol}
    signature = signature_of(stage, function, described, signatures, unit, own_shapes)
    signature.start_propagation_off = unit.start_propagation_off
    if unit.region:
        signature.region = True
        refuse_shared(signature, unit)
    marks, latches = read_marks(stage, function, source.pragmas, locations, scope)
    marks.interfaces.update({name: interface.mode for name, interface in unit.interfaces.items()})
    marks.bundles.update({name: interface.option("bundle", "gmem") for name, interface in unit.interfaces.items()})
    marks.memories.update(array_interfaces(signature, unit.interfaces, unit.location))
    _check_interfaces(marks, signature, unit)
    check_alignment(described, signature, marks.interfaces, unit.location)
    callees = {f.name: f for s, f in done.items()}
    signature.calls = {f"hls.call.{done[s].name}": signatures[s] for s in done}
    if unit.dataflow:
        refuse_operators(marks.operators)
        callable_ = {s: (done[s], signatures[s]) for s in done}
        if len(function.blocks) > 1:  # calls in loops that are unrolled
            text = rewrite_calls(only_body(inlined, unit.symbol), done, signatures, locations)
            stage = parse_module(run_passes(unroll_and_clean(text, {unit.symbol: latches}), _STAGES))
            function, locations = stage.functions[unit.symbol], Locations(stage.metadata, source.name)
            callable_ = {f"hls.call.{done[s].name}": pair for s, pair in callable_.items()}
        made = convert_dataflow(unit.name, function, stage, signature, marks, callable_, locations, unit.location)
        return _with_interfaces(made, unit, []), signature
    if unit.pipeline is not None:
        for own in latches.values():
            own.unroll, own.pipeline = 0, None
    text = bind_operators(only_body(inlined, unit.symbol), stage, function, marks.operators)
    text = rewrite_calls(text, done, signatures, locations)
    if signature.by_value:
        text = by_value(text, function, signature)
    text = unroll_and_clean(text, {unit.symbol: latches})
    facts: dict[int, LoopFacts] = {f.number: f for f in latches.values()}
    text = resolve_pointer_walks(run_passes(text, _STAGES))
    text = resolve_pointer_walks(flatten_nests(text, unit.symbol, facts, kept=kept_nests))
    final = parse_module(text)
    without_unreachable(final.functions[unit.symbol])
    converter = FunctionConverter(
        final,
        final.functions[unit.symbol],
        name=unit.name,
        signature=signature,
        marks=marks,
        loops=facts,
        locations=Locations(final.metadata, source.name),
        callees=callees,
        location=unit.location,
        may_be_static=signature.by_value,
    )
    try:
        converted = converter.convert()
    except UnsupportedError as error:
        if error.code != "reinterpret" or not (signature.by_value and unit.only_asked):
            raise
        raise CannotKeepError(
            "kept_parameter",
            f"{error.message} in the separate function {unit.name!r}, which takes it as one word",
            error.location,
            error.remedy,
            symbol=unit.symbol,
        ) from error
    check_pipeline(unit, converter.obstacle)
    unit.reason, unit.state = converter.obstacle, converter.state()
    if unit.pipeline is not None and unit.alone:
        what = "pragma HLS pipeline: its loops are unrolled, and calls of the top follow one another"
        converted = replace(converted, notes=(*converted.notes, f"{place_text(unit.pipeline[0].location)}: {what}."))
    elif unit.pipeline is not None:
        converted = replace(converted, initiation_interval=max(1, unit.pipeline[1]))
    operators += operator_limits(converted, marks)
    return _with_interfaces(with_limits(converted, marks, units), unit, converter.bus.notes), signature


def _with_interfaces(function: Function, unit: Unit, notes: list[str]) -> Function:
    interfaces = tuple(unit.interfaces.values())
    return replace(function, interfaces=interfaces, notes=(*function.notes, *notes_of(interfaces), *notes))


def _check_interfaces(marks: Marks, signature: Signature, unit: Unit) -> None:
    names = {p.name for p in signature.parameters} | {"return"}
    for port in marks.interfaces:
        if port not in names:
            raise UnsupportedError(
                "interface",
                f"pragma HLS interface: port is {port!r}; must be a parameter of {unit.name!r}",
                unit.location,
                "Name a parameter, or return",
            )
