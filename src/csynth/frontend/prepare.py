"""Make clang's IR text ready for the passes: intrinsics on values instead of pointers, everything but kept functions inlined."""

from __future__ import annotations

import re

from csynth.errors import UnsupportedError
from csynth.frontend.llvm_text import LlvmFunction, Module
from csynth.frontend.locations import Locations
from csynth.frontend.pragmas import Pragma

_MEMORY = "nounwind willreturn memory(argmem: readwrite, inaccessiblemem: readwrite)"
_MARKERS = {
    "__csynth_scope": f"declare void @__csynth_scope(i32, i64, i64) {_MEMORY}",
    "__csynth_variable": f"declare void @__csynth_variable(i32, ptr captures(none), i32, i32, i64, i64, i64, i64, i64, i64) {_MEMORY}",
    "__csynth_top": f"declare void @__csynth_top(ptr captures(none)) {_MEMORY}",
    "__csynth_parameter": f"declare void @__csynth_parameter(i32, i32, i32, i32) {_MEMORY}",
}
_INTRINSIC = re.compile(r"_ZN9csynth_hw\d+(stream_[a-z_]+?|maxi_[a-z]+?)(?:ILi(\d+)E\w*|EPKv\w*)$")


def storage_bits(width_bits: int) -> int:
    """Bits that clang stores a _BitInt in on x86-64."""
    for size in (8, 16, 32, 64):
        if width_bits <= size:
            return size
    return (width_bits + 63) // 64 * 64


def _define(name: str, parameters: str, body: list[str], declarations: set[str], returns: str = "void") -> str:
    del declarations
    return (
        f"define internal {returns} @{name}({parameters}) alwaysinline nounwind {{\n"
        + "\n".join("  " + b for b in body)
        + "\n}\n"
    )


def _intrinsic(name: str, kind: str, width: int, declarations: set[str]) -> str:
    s = storage_bits(width)
    out = "ptr %p"
    load = [f"%l = load i{s}, ptr %p", f"%v = trunc i{s} %l to i{width}" if s != width else f"%v = add i{s} %l, 0"]

    def store(value: str) -> list[str]:
        if s == width:
            return [f"store i{s} {value}, ptr %p"]
        return [f"%e = zext i{width} {value} to i{s}", f"store i{s} %e, ptr %p"]

    def declare(returns: str, called: str, parameters: str) -> None:
        declarations.add(f"declare {returns} @{called}({parameters}) {_MEMORY}")

    if kind in {"stream_read", "maxi_read"}:
        called = f"hls.{kind}.i{width}"
        declare(f"i{width}", called, "ptr captures(none)")
        body = [f"%v = call i{width} @{called}(ptr %s)", *store("%v"), "ret void"]
        return _define(name, f"ptr %s, {out}", body, declarations)
    if kind in {"stream_write", "maxi_write"}:
        called = f"hls.{kind}.i{width}"
        declare("void", called, f"ptr captures(none), i{width}")
        return _define(
            name, f"ptr %s, {out}", [*load, f"call void @{called}(ptr %s, i{width} %v)", "ret void"], declarations
        )
    if kind == "stream_read_nb":
        called = f"hls.{kind}.i{width}"
        declare(f"i{width + 1}", called, "ptr captures(none)")
        body = [f"%r = call i{width + 1} @{called}(ptr %s)", f"%d = trunc i{width + 1} %r to i{width}", *store("%d")]
        body += [f"%h = lshr i{width + 1} %r, {width}", f"%b = trunc i{width + 1} %h to i1", "ret i1 %b"]
        return _define(name, f"ptr %s, {out}", body, declarations, "i1")
    if kind == "stream_write_nb":
        called = f"hls.{kind}.i{width}"
        declare("i1", called, f"ptr captures(none), i{width}")
        body = [*load, f"%b = call i1 @{called}(ptr %s, i{width} %v)", "ret i1 %b"]
        return _define(name, f"ptr %s, {out}", body, declarations, "i1")
    if kind in {"stream_empty", "stream_full"}:
        called = f"hls.{kind}.i{width}"
        declare("i1", called, "ptr captures(none)")
        return _define(name, "ptr %s", [f"%b = call i1 @{called}(ptr %s)", "ret i1 %b"], declarations, "i1")
    if kind == "stream_declare":
        declare("void", f"hls.{kind}", "ptr captures(none), i32, i32")
        return _define(
            name, "ptr %s, i32 %d", [f"call void @hls.{kind}(ptr %s, i32 {width}, i32 %d)", "ret void"], declarations
        )
    if kind == "maxi_request":
        declare("void", f"hls.{kind}", "ptr captures(none), i32, i64, i32")
        body = [f"call void @hls.{kind}(ptr %s, i32 %w, i64 %o, i32 %l)", "ret void"]
        return _define(name, "ptr %s, i32 %w, i64 %o, i32 %l", body, declarations)
    if kind == "maxi_response":
        declare("void", f"hls.{kind}", "ptr captures(none)")
        return _define(name, "ptr %s", [f"call void @hls.{kind}(ptr %s)", "ret void"], declarations)
    assert kind == "maxi_alias", name
    declare("void", f"hls.{kind}", "ptr captures(none), ptr captures(none)")
    return _define(name, "ptr %s, ptr %o", [f"call void @hls.{kind}(ptr %s, ptr %o)", "ret void"], declarations)


def normalise(text: str, kept: set[str]) -> str:
    """Give intrinsics bodies, drop linkage details, mark all but `kept` for inlining; `kept` are linker names."""
    declarations: set[str] = set()
    lines = []
    for line in text.split("\n"):
        if line.startswith("$"):
            continue
        if line.startswith("attributes #"):
            line = re.sub(r"\b(noinline|optnone|alwaysinline|inlinehint)\b ?", "", line)
        elif line.startswith("declare"):
            name = re.search(r'@("[^"]*"|[\w.$-]+)\(', line)
            plain = name.group(1).strip('"') if name else ""
            if plain in _MARKERS:
                line = _MARKERS[plain]
            elif match := _INTRINSIC.match(plain):
                line = _intrinsic(plain, match.group(1), int(match.group(2) or 1), declarations)
        elif line.startswith("define"):
            line = re.sub(r" comdat(\([^)]*\))?", "", line)
            name = re.search(r'@("[^"]*"|[\w.$-]+)\(', line)
            plain = name.group(1).strip('"') if name else ""
            attribute = "noinline" if plain in kept else "alwaysinline"
            if plain not in kept and plain != "__csynth_describe":
                line = re.sub(
                    r"^define (?:(?:linkonce_odr|weak_odr|internal|private|dso_local|hidden|protected) )*",
                    "define internal ",
                    line,
                )
            elif plain in kept:
                line = re.sub(
                    r"^define (?:(?:linkonce_odr|weak_odr|internal|private|dso_local|hidden|protected) )*",
                    "define ",
                    line,
                )
            line = re.sub(r" #(\d+)", rf" {attribute} #\1", line, count=1)
        elif line.startswith("@"):
            line = re.sub(r", comdat(\([^)]*\))?", "", line)
            line = re.sub(
                r" = (?:(?:linkonce_odr|weak_odr|internal|private|dso_local|hidden|protected|unnamed_addr|local_unnamed_addr) )*",
                " = ",
                line,
            )
            line = re.sub(r" = constant ", " = internal constant ", line)
        elif line.startswith("  "):
            line = _odd_slots(line, len(lines))
        lines.append(line)
    return "\n".join([*lines, *sorted(declarations), ""])


_ODD = re.compile(r"^  (?:(%\S+) = load|(store)|(%\S+) = alloca) i(\d+)\b(.*)$")


def _odd_slots(line: str, number: int) -> str:
    """Give slots of odd width, which clang makes for values that are returned in registers, whole words: SROA splits only those."""
    match = _ODD.match(line)
    if match is None or (width := int(match.group(4))) < 64 or width == storage_bits(width):
        return line
    wide = storage_bits(width)
    if match.group(1):
        return f"  %csynth.odd{number} = load i{wide}{match.group(5)}\n  {match.group(1)} = trunc i{wide} %csynth.odd{number} to i{width}"
    if match.group(2):
        value, _, rest = match.group(5).strip().partition(", ")
        return f"  %csynth.odd{number} = zext i{width} {value} to i{wide}\n  store i{wide} %csynth.odd{number}, {rest}"
    return line.replace(f"alloca i{width}", f"alloca i{wide}")


def call_graph(module: Module) -> dict[str, list[tuple[str, str | None]]]:
    """For each defined function the functions that it calls, with the `!dbg` reference of the call."""
    graph = {}
    for name, function in module.functions.items():
        calls = []
        for block in function.blocks.values():
            for i in block.instructions:
                if i.opcode in {"call", "invoke"}:
                    calls.append((i.callee, i.metadata.get("dbg")))
        graph[name] = calls
    return graph


_ALLOWED = re.compile(r"llvm\.|__csynth_|_ZN9csynth_hw|hls\.")
_HEAP = {"_Znwm", "_Znam", "_ZdlPv", "_ZdlPvm", "_ZdaPv", "malloc", "free", "calloc", "realloc"}


def check_calls(module: Module, root: str, locations: Locations, where: dict[str, str | None]) -> None:
    """Refuse recursion, indirect calls and calls of functions without a body, in what `root` reaches.

    Raises:
        UnsupportedError: with the place of the call.
    """
    graph = call_graph(module)
    state: dict[str, int] = {}

    def visit(name: str) -> None:
        state[name] = 1
        for callee, dbg in graph[name]:
            if dbg is not None:
                where[name] = dbg
            place = locations.of(dbg or where.get(name))
            if callee == "<indirect>":
                raise UnsupportedError(
                    "indirect_call", "a function is called through a pointer", place, "Call the function by its name"
                )
            if callee.startswith("llvm.va_"):
                raise UnsupportedError(
                    "variadic", "a function takes any number of arguments", place, "Give every argument a parameter"
                )
            if callee.startswith("llvm.threadlocal"):
                raise UnsupportedError(
                    "thread_local", "a variable belongs to a thread, of which hardware has none", place, "Use static"
                )
            if callee not in graph:
                if _ALLOWED.match(callee):
                    continue
                if callee in _HEAP:
                    raise UnsupportedError(
                        "heap", "memory is allocated at run time", place, "Use an array of constant size"
                    )
                raise UnsupportedError(
                    "no_body",
                    f"the function {demangled(callee)!r} has no body that csynth can see",
                    place,
                    "Define it in this source, or leave it out",
                )
            if state.get(callee) == 1:
                raise UnsupportedError(
                    "recursion", f"the function {demangled(callee)!r} calls itself", place, "Write it as a loop"
                )
            if callee not in state:
                where.setdefault(callee, dbg or where.get(name))
                visit(callee)
        state[name] = 2

    visit(root)


def demangled(name: str) -> str:
    """The plain name inside a linker name: `_Z3addii` -> `add`, `_ZN3foo3barEv` -> `foo::bar`."""
    if not name.startswith("_Z"):
        return name
    text, parts = name[2:], []
    nested = text.startswith("N")
    text = re.sub(r"^NK?", "", text) if nested else text
    if text.startswith("L"):
        text = text[1:]
    while match := re.match(r"(\d+)", text):
        length = int(match.group(1))
        parts.append(text[match.end() : match.end() + length])
        text = text[match.end() + length :]
        if not nested:
            break
    return "::".join(parts) or name


def scopes_of(function: LlvmFunction, pragmas: list[Pragma]) -> list[tuple[Pragma, str]]:
    """Scope markers written directly in a function (before inlining), with their blocks."""
    found = []
    for block in function.blocks.values():
        for i in block.instructions:
            if i.opcode == "call" and i.callee == "__csynth_scope":
                found.append((pragmas[int(i.operands[0])], block.name))
    return found
