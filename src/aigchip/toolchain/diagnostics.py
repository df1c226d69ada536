"""Turns the compiler's messages into classified errors with a remedy."""

from __future__ import annotations

import re

from aigchip.toolchain.errors import ValidationError
from csynth.frontend.clang import ClangResult, Diagnostic

_RULES: tuple[tuple[str, str, str], ...] = (
    (r"inline assembly", "forbidden", "Write the operation in C++."),
    (
        r"file not found$",
        "forbidden",
        "Include only ap_int.h, hls_stream.h, hls_burst_maxi.h and the template's headers.",
    ),
    (r"exceptions disabled", "forbidden", "Remove try, catch and throw; hardware has no exceptions."),
    (
        r"constexpr evaluation|constant expression",
        "compile",
        "Compute the value with fewer steps, or outside constexpr.",
    ),
    (r"recursive template instantiation", "compile-limit", "Replace the recursion by a loop."),
    (r"bracket nesting level", "compile-limit", "Split the expression."),
    (r"array is too large|too large", "compile-limit", "Make the array smaller."),
    (r"use of undeclared identifier|unknown type name", "compile", "Declare the name, or include its header."),
    (r"redefinition of|redeclar", "compile", "Define each name once, and none of the headers' names."),
    (r"no member named", "compile", "Use only members that the type has."),
    (r"no matching function|no viable", "compile", "Match the types and the number of the arguments."),
    (r"^expected|unterminated|extraneous closing", "compile", "Correct the syntax at this place."),
    (r"ambiguous", "compile", "Give both operands the same ap_uint or ap_int type with a cast."),
)
_LIMITS = {
    "timeout": "Remove unbounded constexpr loops and template recursion.",
    "memory": "Make arrays and unrolled loops smaller.",
    "output": "Make initialised arrays smaller.",
    "source": "Write the module without repetition.",
    "crash": "Simplify the code: less nesting, no unusual pragmas.",
}


def _location(diagnostic: Diagnostic, name: str) -> str:
    if not diagnostic.line:
        return diagnostic.file or name
    return f"{diagnostic.file or name}:{diagnostic.line}:{diagnostic.column}"


def _one(diagnostic: Diagnostic, name: str, notes: list[str]) -> ValidationError:
    text = " ".join([diagnostic.message, *notes])
    error_class, remedy = next(
        ((kind, advice) for pattern, kind, advice in _RULES if re.search(pattern, text)),
        ("compile", "Correct the code at this place."),
    )
    message = "; ".join([diagnostic.message, *notes[:2]])
    return ValidationError(
        stage="contract" if error_class == "forbidden" else "compile",
        error_class=error_class,
        message=message.rstrip("."),
        location=_location(diagnostic, name),
        remedy=remedy,
    )


def compile_errors(result: ClangResult, name: str, *, limit: int = 5) -> tuple[ValidationError, ...]:
    """Classify why a compilation failed.

    Args:
        result: a result whose status is not "ok".
        name: what to call the source where clang names no place.
        limit: number of errors to report; later ones mostly follow from the first.

    Returns:
        At least one error; `str()` of each is one line without source text.
    """
    if result.status != "errors":
        first = result.first_error
        return (
            ValidationError(
                stage="compile",
                error_class="compile-limit",
                message=first.message if first else result.status,
                location=name,
                remedy=_LIMITS.get(result.status, _LIMITS["crash"]),
            ),
        )
    found: list[ValidationError] = []
    for index, diagnostic in enumerate(result.diagnostics):
        if diagnostic.severity != "error" or diagnostic.message.startswith("too many errors"):
            continue
        notes = []
        for note in result.diagnostics[index + 1 :]:
            if note.severity != "note":
                break
            if re.search(r"maximum step limit|evaluated to|candidate|match this", note.message):
                notes.append(note.message)
        error = _one(diagnostic, name, notes)
        if error not in found:
            found.append(error)
    return tuple(found[:limit])
