"""Finds which array access left its array, where the checks of the compiler cannot tell.

clang checks the index of an array of numbers, but lets one of `ap_uint` go one past its end, since only a reference is
made there. The code is run again with a number array of the same length beside each array, read with the same index.
"""

from __future__ import annotations

from aigchip.diagnose.source import Token, closing, declarations, edited, tokens, visible

PROBE = "const volatile signed char"
"""The element type of a probe, by which its errors are known."""

_WITH_EFFECT = frozenset({"++", "--", "=", "("})


def probed(code: str) -> str:
    """Return the code with each index of an array of constant size read through a number array first.

    Lines stay where they are. Indices with an effect, such as `i++` or a call, stay as they are. The result is only for a
    run that looks for a place, never for a verdict.
    """
    found = tokens(code)
    arrays = {name.start: f"aigchip_probe_{number}" for number, name in enumerate(declarations(code)) if name.array}
    edits: list[tuple[int, int, str]] = []
    probes: dict[tuple[int, int], str] = {}
    for at, token in enumerate(found):
        if token.kind == "word" and token.start in arrays:
            edits += _declared(code, found, at, arrays[token.start], probes)
    for at, token in enumerate(found[:-1]):
        if (
            token.kind != "word"
            or token.start in arrays
            or found[at + 1].text != "["
            or found[at - 1].text in {".", "->"}
        ):
            continue
        declared = visible(code, token.start).get(token.text)
        if declared is not None:
            edits += _used(code, found, at, declared.start, probes)
    return edited(code, edits)


def _dimensions(found: list[Token], at: int) -> list[tuple[int, int]]:
    """Return the (opening, closing) brackets that follow a name."""
    brackets, index = [], at + 1
    while index < len(found) and found[index].text == "[":
        close = closing(found, index)
        if close is None:
            break
        brackets.append((index, close))
        index = close + 1
    return brackets


def _declared(
    code: str, found: list[Token], at: int, probe: str, probes: dict[tuple[int, int], str]
) -> list[tuple[int, int, str]]:
    """Declare a number array for each dimension, behind the statement that declares the array."""
    brackets = _dimensions(found, at)
    end = brackets[-1][1] + 1 if brackets else at
    while end < len(found) and found[end].text not in {";", ")"}:
        end = (closing(found, end) or end) + 1 if found[end].text in {"{", "(", "["} else end + 1
    if end >= len(found) or found[end].text != ";" or any(close == first + 1 for first, close in brackets):
        return []
    text = ""
    for number, (first, close) in enumerate(brackets):
        size = code[found[first].end : found[close].start]
        probes[found[at].start, number] = f"{probe}_{number}"
        text += f" static {PROBE} {probe}_{number}[{size}] = {{}};"
    return [(found[end].end, found[end].end, text)]


def _used(
    code: str, found: list[Token], at: int, declared: int, probes: dict[tuple[int, int], str]
) -> list[tuple[int, int, str]]:
    edits = []
    for number, (first, close) in enumerate(_dimensions(found, at)):
        inside = found[first + 1 : close]
        probe = probes.get((declared, number))
        if probe is None or not inside or any(token.text in _WITH_EFFECT or token.text == "[" for token in inside):
            continue
        index = code[found[first].end : found[close].start]
        edits.append((found[first].end, found[first].end, f"(void)+{probe}[{index}], "))
    return edits
