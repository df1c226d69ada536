"""What a model is told about code that was refused; equal verdicts give equal texts."""

from __future__ import annotations

from collections.abc import Sequence

from aigchip.generate.request import ModuleRequest
from aigchip.generate.validate import Verdict
from aigchip.template import module as template
from aigchip.template.vectors import Vector
from aigchip.toolchain.errors import ValidationError

BENCH_SEED = 1
"""Seed of the vectors that a build judges by."""
_ERRORS_SHOWN = 3
_LINES_AROUND = 1
_WORDS_SHOWN = 24
_REASON_LENGTH = 6000
_STAGES = {
    "contract": "It breaks the module's contract.",
    "compile": "It does not compile.",
    "csim": "It compiles, but C simulation against the reference fails.",
    "csynth": "It simulates correctly, but C synthesis refuses it.",
    "cosim": "It synthesises, but the RTL differs from the reference.",
}


def reason_of(
    verdict: Verdict, code: str = "", request: ModuleRequest | None = None, corrected: Sequence[str] = ()
) -> str:
    """Write a verdict for a model: the stage, the first errors with their lines of code, and the input that fails.

    Args:
        verdict: What was refused and why.
        code: The code that the errors are about; empty shows no lines.
        request: What was asked for; None shows no input.
        corrected: What was corrected in the reply before it got as far as these errors, one sentence each.
    """
    parts = [_STAGES[verdict.errors[0].stage]]
    if corrected:
        parts += ["After these corrections of the reply, which you should keep:", *(f"- {what}" for what in corrected)]
    for error in verdict.errors[:_ERRORS_SHOWN]:
        parts += [f"- {error}", *_lines(code, error)]
    if (hidden := len(verdict.errors) - _ERRORS_SHOWN) > 0:
        parts.append(f"- and {hidden} more")
    if request is not None and verdict.errors[0].vector:
        parts += _example(request, verdict.errors[0].vector)
    text = "\n".join(parts)
    return text if len(text) <= _REASON_LENGTH else text[:_REASON_LENGTH] + "\n..."


def _lines(code: str, error: ValidationError) -> list[str]:
    """Quote the lines of the code that an error names, with one line around them."""
    file, *numbers = error.location.split(":")
    if not code or not numbers or not numbers[0].isdigit() or not file.endswith(".cpp"):
        return []
    lines, at = [_printable(line) for line in code.split("\n")], int(numbers[0])
    if not 1 <= at <= len(lines):
        return []
    first, last = max(1, at - _LINES_AROUND), min(len(lines), at + _LINES_AROUND)
    return [f"  {n}{'>' if n == at else ' '} {lines[n - 1][:200]}" for n in range(first, last + 1)]


def _printable(line: str) -> str:
    return "".join(c if c.isprintable() else " " for c in line)


def _example(request: ModuleRequest, name: str) -> list[str]:
    """Write the vector that fails: its inputs and the expected outputs; the error says what came instead."""
    vectors = template.load(request.module).vectors(request.parameters, BENCH_SEED)
    vector = next((vector for vector in vectors if vector.name == name), None)
    if vector is None:
        return []
    return [f"The smallest input that fails ({name}), words in hexadecimal:", *_described(vector)]


def _described(vector: Vector) -> list[str]:
    lines = [f"- {port} = {_words((value,))}" for port, value in vector.scalars_in.items()]
    lines += [f"- {port} gives {_words(words)}" for port, words in vector.streams_in.items()]
    lines += [f"- memory {port} holds {_words(words)}" for port, words in vector.memories_in.items()]
    lines += [f"- {port} must get {_words(words)}" for port, words in vector.streams_out.items()]
    lines += [f"- memory {port} must then hold {_words(words)}" for port, words in vector.memories_out.items()]
    if vector.returns is not None:
        lines.append(f"- the returned value must be {_words((vector.returns,))}")
    return lines


def _words(words: Sequence[int]) -> str:
    shown = " ".join(f"{word:x}" for word in words[:_WORDS_SHOWN])
    return f"{len(words)} words: {shown} ..." if len(words) > _WORDS_SHOWN else shown or "nothing"
