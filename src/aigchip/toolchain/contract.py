"""The contract of a module's code: the function has the template's type, and the code defines only what is its own.

The interface belongs to the template. The headers come before the code, so that no macro of it reaches them; a
static_assert compares the function's type; the object's symbol table shows what no preprocessor trick can hide.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import csynth
from aigchip.core import paths
from aigchip.template.module import Module, Port
from aigchip.toolchain import confined
from aigchip.toolchain.diagnostics import compile_errors
from aigchip.toolchain.errors import ValidationError
from aigchip.toolchain.wasm_object import WasmObject, read_object
from csynth.frontend import clang
from csynth.frontend.includes import HEADERS, missing_header

RUNTIME_SYMBOLS = frozenset(
    {"memcpy", "memmove", "memset", "memcmp", "calloc", "free", "abort", "__multi3", "__ashlti3", "__lshrti3"}
    | {"__ashrti3", "__udivti3", "__umodti3", "__divti3", "__modti3", "aigchip_csim_fail", "__stack_pointer"}
    | {
        "__ubsan_handle_out_of_bounds_abort",
        "__ubsan_handle_shift_out_of_bounds_abort",
        "__ubsan_handle_missing_return",
        "__ubsan_handle_divrem_overflow_abort",
    }
    | {"__linear_memory", "__indirect_function_table", "__dso_handle"}
)
LANGUAGE_ARGS = ("-std=c++14", "-Wno-everything")
COMPILE_ARGS = (
    *clang.WASM32,
    *clang.OBJECT,
    *LANGUAGE_ARGS,
    *(
        "-O2",
        "-fsanitize=array-bounds,local-bounds,shift-exponent,integer-divide-by-zero,return",
        "-fsanitize-trap=local-bounds",
        "-ftrivial-auto-var-init=pattern",
    ),
    *("-ftrivial-auto-var-init-max-size=65536", "-fno-finite-loops"),
    "-fc++-static-destructors=none",
)
_TRAILER_LINE = 9_000_001
_RESERVED = re.compile(r"^(_Zn[wa]|_Zd[la]|__|_start$|main$|_initialize$|aigchip_csim)|csynth_|3hls|6ap_int|7ap_uint")
_KEYWORD_TEXT = (
    "alignas alignof auto bool break case char class const constexpr continue decltype default delete do "
    "double else enum explicit extern false float for friend goto if inline int long mutable namespace "
    "new noexcept nullptr operator private protected public register return short signed sizeof static "
    "static_assert struct switch template this throw true try typedef typename union unsigned using "
    "virtual void volatile while "
)
_KEYWORDS = frozenset(_KEYWORD_TEXT.split())
_PUBLIC_TEXT = (
    "hls stream burst_maxi ap_int ap_uint read write read_nb write_nb empty full size read_request "
    "write_request write_response range static_assert "
)
_PUBLIC_NAMES = frozenset(_PUBLIC_TEXT.split())


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """The fixed interface of one module at one point of its parameters.

    Attributes:
        function: name of the C++ function.
        declaration: its declaration without the final semicolon.
        ports: its ports in the order of the arguments; the returned value, if any, last.
        callees: declarations of the functions of other modules that it may call.
    """

    function: str
    declaration: str
    ports: tuple[Port, ...]
    callees: tuple[str, ...] = ()

    @staticmethod
    def of(module: Module, params: Mapping[str, int | str]) -> Contract:
        """Take the contract from a module of the template."""
        return Contract(
            function=module.function(params),
            declaration=module.signature(params),
            ports=tuple(module.ports(params)),
            callees=tuple(module.callees(params)),
        )

    @property
    def returned(self) -> Port | None:
        """Give the returned value."""
        return next((port for port in self.ports if port.kind == "return"), None)

    @property
    def arguments(self) -> tuple[Port, ...]:
        """Give the ports that are arguments."""
        return tuple(port for port in self.ports if port.kind != "return")

    @property
    def type(self) -> str:
        """Give the function's type as C++ writes it, without the parameters' names."""
        return self.declaration.replace(f" {self.function}(", "(", 1)

    @property
    def file(self) -> str:
        """Give the name that messages use for the code."""
        return f"{self.function}.cpp"


def include_dirs() -> list[Path]:
    """Return the folders whose headers a module may include in C simulation."""
    own = Path(csynth.__file__).parent / "include"
    return [paths.testbench_dir() / "csim" / "include", own, paths.template_dir() / "include"]


@cache
def _header_identifiers() -> frozenset[str]:
    folder = Path(csynth.__file__).parent / "include"
    return frozenset(word for path in folder.glob("*.h") for word in re.findall(r"[A-Za-z_]\w*", path.read_text()))


def _error(error_class: str, message: str, location: str, remedy: str) -> ValidationError:
    return ValidationError(stage="contract", error_class=error_class, message=message, location=location, remedy=remedy)


def _blank(match: re.Match[str]) -> str:
    """Replace comments and literals by nothing of the same number of lines; what `#include` names stays."""
    text = match.group(0)
    return text if match.lastgroup == "include" else "\n" * text.count("\n") + " "


_INVISIBLE = re.compile(
    r"(?P<include>^[ \t]*(?:#|%:)[ \t]*include[^\n]*)|//[^\n]*|/\*.*?\*/"
    r"|R\"([^(\s]*)\(.*?\)\2\"|\"(?:\\.|[^\"\\\n])*\"",
    re.S | re.M,
)


def _text_errors(code: str, contract: Contract) -> tuple[ValidationError, ...]:
    """Refuse what is no text: code points that UTF-8 cannot write, and NUL."""
    for index, character in enumerate(code):
        if character == "\0" or "\ud800" <= character <= "\udfff":
            message = f"the code has the character U+{ord(character):04X}; must be text"
            where = f"{contract.file}:{code.count(chr(10), 0, index) + 1}"
            return (_error("compile", message, where, "Remove the character."),)
    return ()


def source_errors(code: str, contract: Contract) -> tuple[ValidationError, ...]:
    """Refuse macros and definitions that would change the headers for C synthesis, which reads only the code."""
    text = _INVISIBLE.sub(_blank, re.sub(r"\\[ \t]*\r?\n", "", code))
    found = []
    includes = re.finditer(r"^[ \t]*(?:#|%:)[ \t]*include", text, re.M)
    last_include = max((match.start() for match in includes), default=-1)
    for match in re.finditer(r"(?:#|%:)[ \t]*(?:define|undef)[ \t]+(\w+)|push_macro|pop_macro", text):
        name = match.group(1) or match.group(0)
        where = f"{contract.file}:{text.count(chr(10), 0, match.start()) + 1}"
        if name in _PUBLIC_NAMES | _KEYWORDS or name.startswith(("CSYNTH_", "AIGCHIP_", "push_", "pop_")):
            message = f"the macro {name} has a name of the language or the headers; must have a name of its own"
            found.append(_error("redefinition", message, where, "Rename the macro."))
        elif match.start() < last_include and name in _header_identifiers():
            message = f"the macro {name} comes before an #include and would change the headers"
            found.append(_error("redefinition", message, where, "Define it below the #include lines, or rename it."))
    patterns = (
        (
            r"\bnamespace\s+(hls|csynth_\w+|aigchip_\w+)\b\s*\{",
            "the namespace {0} is opened; it is the headers'",
        ),
        (
            r"\btemplate\s*<\s*>[^;{{(]*\b(hls|ap_u?int(?:_base)?|csynth_\w+)\b",
            "{0} is specialised; it belongs to the headers",
        ),
    )
    for pattern, message in patterns:
        for match in re.finditer(pattern.replace("{{", "{"), text):
            where = f"{contract.file}:{text.count(chr(10), 0, match.start()) + 1}"
            found.append(_error("redefinition", message.format(match.group(1)), where, "Remove the definition."))
    return tuple(found)


def as_written(code: str, file: str, limits: clang.Limits) -> clang.ClangResult:
    """Compile code with none of its headers in front of it, as C synthesis does, for its errors only."""
    text = f'#include "csim_fail.h"\n#line 1 "{file}"\n{code}'
    return confined.run_clang(text, file, (*clang.WASM32, *clang.CHECK, *LANGUAGE_ARGS), include_dirs(), limits)


def include_errors(written: clang.ClangResult, code: str, file: str) -> tuple[ValidationError, ...]:
    """Tell an `#include` that is missing from other errors, which the compilation behind the headers reports."""
    first = written.first_error
    if written.status != "errors" or first is None:
        return ()
    header = missing_header(first.message, code, first.line if first.file == file else 0, first.column)
    if header is None:
        return ()
    where = f"{first.file or file}:{first.line}:{first.column}"
    remedy = f'Add #include "{header}" at the top of the file.'
    return (
        ValidationError(stage="compile", error_class="include", message=first.message, location=where, remedy=remedy),
    )


def unit(code: str, contract: Contract) -> str:
    """Put the headers before the code and the check of the function's type after it."""
    names = {"static_assert", "_Static_assert", "decltype", "__is_same", "void", "unsigned", "int"}
    names |= _PUBLIC_NAMES | set(re.findall(r"[A-Za-z_]\w*", contract.type)) | {contract.function}
    return "\n".join(
        (
            '#include "csim_fail.h"',
            *(f'#include "{header}"' for header in HEADERS),
            f'#line 1 "{contract.file}"',
            code,
            f'#line {_TRAILER_LINE} "{contract.file}"',
            *(f"#undef {name}" for name in sorted(names)),
            f'static_assert(__is_same(decltype(::{contract.function}), {contract.type}), "contract");',
            "",
        )
    )


def _contract_errors(result: clang.ClangResult, code: str, contract: Contract) -> tuple[ValidationError, ...]:
    """Tell what the trailer found from what is wrong with the code."""
    own = [d for d in result.diagnostics if d.severity == "error" and d.line < _TRAILER_LINE]
    late = [d for d in result.diagnostics if d.severity == "error" and d.line >= _TRAILER_LINE]
    if result.status == "errors" and own:
        errors = compile_errors(replace(result, diagnostics=tuple(_before_trailer(result))), contract.file)
        drifted = any(d.message.startswith("static assertion failed") for d in late)
        return (_other_type(contract), *errors) if drifted else errors
    if result.status != "errors" or not late:
        return compile_errors(result, contract.file)
    message, lines = late[0].message, code.count("\n") + 1
    if re.match(r"expected|unterminated|extraneous", message):
        syntax = f"{message} at the end of the code"
        error = ValidationError(
            stage="compile",
            error_class="compile",
            message=syntax,
            location=f"{contract.file}:{lines}",
            remedy="Close every brace, comment and #if.",
        )
        return (error,)
    if "no member named" in message or "undeclared" in message:
        what = f"the function {contract.function} is missing; must be {contract.declaration}"
        return (_error("signature", what, contract.file, "Use exactly this signature."),)
    return (_other_type(contract),)


def _before_trailer(result: clang.ClangResult) -> Iterator[clang.Diagnostic]:
    """Give the messages about the code itself, with their notes."""
    late = False
    for diagnostic in result.diagnostics:
        if diagnostic.severity != "note":
            late = diagnostic.line >= _TRAILER_LINE
        if not late:
            yield diagnostic


def _other_type(contract: Contract) -> ValidationError:
    what = f"{contract.function} has another type; must be {contract.declaration}"
    return _error("signature", what, contract.file, "Use exactly this signature.")


def symbol_errors(unit_object: WasmObject, contract: Contract) -> tuple[ValidationError, ...]:
    """Refuse definitions that are not the module's own, what runs before the call, and calls of what does not exist."""
    found = []
    where = contract.file
    prefix = f"_Z{len(contract.function)}{contract.function}"
    if not any(s.defined and s.is_function and not s.local and s.name.startswith(prefix) for s in unit_object.symbols):
        message = f"the function {contract.function} is not defined for other files; must be {contract.declaration}"
        remedy = 'Define it outside every namespace, without static, inline, template or extern "C".'
        found.append(_error("signature", message, where, remedy))
    if unit_object.constructors:
        message = (
            f"{unit_object.constructors} function(s) run before the call, such as the constructor of a global object"
        )
        found.append(_error("constructor", message, where, "Set globals by constants, or inside the function."))
    for symbol in unit_object.symbols:
        if symbol.defined and not symbol.local:
            reserved = symbol.name in RUNTIME_SYMBOLS or (not symbol.weak and _RESERVED.search(_head(symbol.name)))
            if reserved and not symbol.name.startswith(prefix):
                message = f"{_readable(symbol.name)} is defined; the name belongs to the headers or the harness"
                found.append(_error("redefinition", message, where, "Rename or remove it."))
        if symbol.exported:
            message = f"{_readable(symbol.name)} is exported; only the harness exports functions"
            found.append(_error("redefinition", message, where, "Remove the attribute."))
    callees = tuple(f"_Z{len(name)}{name}" for name in map(callee_name, contract.callees))
    for name in sorted(unit_object.names(defined=False) - RUNTIME_SYMBOLS):
        if not name.startswith(callees or ("\0",)):
            message = f"{_readable(name)} is called but defined nowhere"
            found.append(_error("undefined", message, where, "Define it in this file; there is no C or C++ library."))
    foreign = [f"{module}.{name}" for module, name in unit_object.imports if module != "env"]
    found += [_error("forbidden", f"{name} is imported from the host", where, "Remove the import.") for name in foreign]
    return tuple(found)


def callee_name(declaration: str) -> str:
    """Give the function's name in a declaration."""
    match = re.search(r"(\w+)\s*\(", declaration)
    return match.group(1) if match else declaration


def _head(name: str) -> str:
    """Give the part of a mangled name that says what is defined, without the types of its arguments."""
    match = re.match(r"_ZN?[VK]*(?:St)?(\d+)", name)
    if match is None:
        return name
    if name.startswith("_ZN"):
        return name[: match.end() + int(match.group(1))]
    return name[match.end() : match.end() + int(match.group(1))]


def _readable(name: str) -> str:
    """Give a symbol as a person knows it."""
    special = {"_Znw": "operator new", "_Zna": "operator new[]", "_Zdl": "operator delete", "_Zda": "operator delete[]"}
    for start, readable in special.items():
        if name.startswith(start):
            return readable
    parts = re.match(r"_ZN?[VK]*(\d+)", name)
    if parts is None:
        return name[:80]
    return name[parts.end() : parts.end() + int(parts.group(1))][:80]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedObject:
    """The code's object, or why there is none."""

    data: bytes
    errors: tuple[ValidationError, ...]
    seconds: float


def check(code: str, contract: Contract, limits: clang.Limits | None = None) -> CheckedObject:
    """Compile a module's code in the confined compiler and check its contract.

    Args:
        code: the module's C++ source, untrusted.
        contract: the fixed interface.
        limits: bounds of the compiler.
    """
    limits = limits or clang.Limits(output_bytes=8 << 20, source_bytes=1 << 20, cpu_seconds=10, wall_seconds=30.0)
    errors = _text_errors(code, contract) or source_errors(code, contract)
    if errors:
        return CheckedObject(data=b"", errors=errors, seconds=0.0)
    written = as_written(code, contract.file, limits)
    errors = include_errors(written, code, contract.file)
    if errors:
        return CheckedObject(data=b"", errors=errors, seconds=written.seconds)
    result = confined.run_clang(unit(code, contract), contract.file, COMPILE_ARGS, include_dirs(), limits)
    if not result.ok:
        return CheckedObject(data=b"", errors=_contract_errors(result, code, contract), seconds=result.seconds)
    errors = symbol_errors(read_object(result.output), contract)
    if not errors and not written.ok:
        errors = compile_errors(written, contract.file)
    return CheckedObject(data=b"" if errors else result.output, errors=errors, seconds=result.seconds)


def check_callee(code: str, function: str, limits: clang.Limits | None = None) -> CheckedObject:
    """Compile a function of another module that is called here; its own contract is checked elsewhere.

    Args:
        code: its C++ source, untrusted.
        function: its name.
        limits: bounds of the compiler.
    """
    limits = limits or clang.Limits(output_bytes=8 << 20, source_bytes=1 << 20, cpu_seconds=10, wall_seconds=30.0)
    file = f"{function}.cpp"
    written = as_written(code, file, limits)
    errors = include_errors(written, code, file)
    if errors:
        return CheckedObject(data=b"", errors=errors, seconds=written.seconds)
    headers = "".join(f'#include "{header}"\n' for header in ("csim_fail.h", *HEADERS))
    result = confined.run_clang(f'{headers}#line 1 "{file}"\n{code}', file, COMPILE_ARGS, include_dirs(), limits)
    if not result.ok:
        return CheckedObject(data=b"", errors=compile_errors(result, file), seconds=result.seconds)
    if not written.ok:
        return CheckedObject(data=b"", errors=compile_errors(written, file), seconds=result.seconds)
    return CheckedObject(data=result.output, errors=(), seconds=result.seconds)
