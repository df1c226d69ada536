"""Signature drift: the head of the module's function becomes the template's; renamed arguments are renamed in its body."""

from __future__ import annotations

import re
from dataclasses import dataclass

from aigchip.correct.model import NOTHING, Context, Correction, Proposal
from aigchip.diagnose.source import Token, closing, edited, tokens, words
from aigchip.toolchain.errors import ValidationError


@dataclass(frozen=True, slots=True)
class _Head:
    """A function's head in a text.

    Attributes:
        start: offset of its first word.
        open: offset of the brace that opens the body.
        close: offset of the brace that closes it.
        before: the words before the name, without what is dropped.
        arguments: (type, name) of each argument.
        extern: offsets of the braces of an `extern "C"` block around it, and of its first word.
    """

    start: int
    open: int
    close: int
    arguments: tuple[tuple[str, str], ...]
    extern: tuple[tuple[int, int], ...] = ()


class Signature:
    """Give the function exactly the head that the template declares."""

    name = "signature"

    def __call__(self, code: str, error: ValidationError, context: Context) -> Proposal:
        """Propose the template's head; decline where the arguments cannot be told apart."""
        if error.error_class != "signature":
            return NOTHING
        function, declaration = context.contract.function, context.contract.declaration
        heads = _definitions(code, function)
        if len(heads) != 1:
            return Proposal(declined=f"{function} is defined {len(heads)} times; must be once")
        head = heads[0]
        wanted = _arguments(tokens(declaration[declaration.index("(") :]))
        renamed = _renamed(head.arguments, wanted)
        if renamed is None:
            return Proposal(declined=f"the arguments of {function} cannot be matched with those of the template")
        body = code[head.open : head.close]
        clash = sorted(set(renamed.values()) & words(body) - set(renamed))
        if clash:
            return Proposal(declined=f"an argument should be called {clash[0]}, but the body has that name already")
        after = edited(
            code,
            [
                *head_edits(code, head, declaration),
                (head.open, head.close, _rename(body, renamed)),
                *_prototypes(code, function, declaration),
            ],
        )
        if after == code:
            return NOTHING
        what = f"{function} has another head than the template's"
        if renamed:
            what += "; renamed " + ", ".join(f"{old} to {new}" for old, new in sorted(renamed.items()))
        return Proposal(corrections=(Correction(by=self.name, what=what, before=code, after=after),))


def head_edits(code: str, head: _Head, declaration: str) -> list[tuple[int, int, str]]:
    """Return the edits that replace the head, or none if it is the declaration already."""
    text = code[head.start : head.open]
    outer = [(start, end, "") for start, end in head.extern]
    if [token.text for token in tokens(text)] == [token.text for token in tokens(declaration)]:
        return outer
    return [*outer, (head.start, head.open, declaration + " ")]


def _definitions(code: str, function: str) -> list[_Head]:
    """Find the definitions of a function outside every block but `extern "C"`."""
    found = tokens(code)
    heads: list[_Head] = []
    start, index = 0, 0
    extern: list[tuple[int, int]] = []  # (opening token, closing token) of extern "C" blocks
    while index < len(found):
        token = found[index]
        if token.kind == "directive" or token.text in {";", "}"}:
            start = index + 1
        elif token.text == "{":
            close = closing(found, index)
            if index >= 2 and found[index - 2].text == "extern" and found[index - 1].kind == "text":
                if close is not None:
                    extern.append((index, close))
                start = index + 1
            else:
                index = close if close is not None else len(found)
                start = index + 1
        elif token.text == function and index + 1 < len(found) and found[index + 1].text == "(":
            end = closing(found, index + 1)
            after = end + 1 if end is not None else len(found)
            while after < len(found) and found[after].text in {"noexcept", "const"}:
                after += 1
            if end is not None and after < len(found) and found[after].text == "{":
                last = closing(found, after)
                around = [(o, c) for o, c in extern if o < index < c]
                pieces: list[tuple[int, int]] = []
                for o, c in around:
                    pieces += [(found[o - 2].start, found[o].end), (found[c].start, found[c].end)]
                if last is not None:
                    heads.append(
                        _Head(
                            found[start].start,
                            found[after].start,
                            found[last].end,
                            _arguments(found[index + 1 : end + 1]),
                            tuple(pieces),
                        )
                    )
                    index, start = last, last + 1
        index += 1
    return heads


def _prototypes(code: str, function: str, declaration: str) -> list[tuple[int, int, str]]:
    """Return the edits that replace declarations of the function that differ from the template's."""
    edits: list[tuple[int, int, str]] = []
    for match in re.finditer(rf"^[^\n;{{}}#/()]*\b{function}\s*\([^;{{}}]*\)\s*;", code, re.MULTILINE):
        if [t.text for t in tokens(match.group())] != [t.text for t in tokens(declaration + ";")]:
            edits.append((match.start(), match.end(), declaration + ";"))
    return edits


def _arguments(found: list[Token]) -> tuple[tuple[str, str], ...]:
    """Split the tokens from `(` to its `)` into (type, name) of each argument."""
    close = closing(found, 0) if found else None
    inside = found[1:close] if close is not None else []
    parts: list[list[Token]] = [[]]
    depth = 0
    for token in inside:
        if token.text == "," and depth == 0:
            parts.append([])
            continue
        depth += (token.text in {"<", "(", "["}) - (token.text in {">", ")", "]"})
        parts[-1].append(token)
    result = []
    for part in parts:
        plain = [token.text for token in part]
        if "=" in plain:
            plain = plain[: plain.index("=")]
        if not plain or plain == ["void"]:
            continue
        name = plain[-1] if len(plain) > 1 and re.match(r"[A-Za-z_]\w*$", plain[-1]) else ""
        kind = plain[:-1] if name else plain
        result.append((" ".join(word for word in kind if word not in {"const", "&", "volatile"}), name))
    return tuple(result)


def _renamed(own: tuple[tuple[str, str], ...], wanted: tuple[tuple[str, str], ...]) -> dict[str, str] | None:
    """Match arguments with the template's: by name where all names agree, else by place where the types do.

    Returns:
        Old names to new ones; None if there is no single match.
    """
    if len(own) != len(wanted):
        return None
    if {name for _, name in own} == {name for _, name in wanted}:
        return {}
    if [kind for kind, _ in own] != [kind for kind, _ in wanted]:
        kept = [(a, b) for (_, a), (_, b) in zip(own, wanted, strict=True) if a != b]
        others = [(k, w) for (k, a), (w, b) in zip(own, wanted, strict=True) if a != b and k != w]
        if others or len(kept) > 1:
            return None
    return {old: new for (_, old), (_, new) in zip(own, wanted, strict=True) if old and old != new}


def _rename(body: str, renamed: dict[str, str]) -> str:
    """Rename the arguments in a body, also in its pragmas."""
    if not renamed:
        return body
    edits: list[tuple[int, int, str]] = []
    found = tokens(body)
    for last, token in zip([None, *found], found, strict=False):
        if token.kind == "word" and token.text in renamed and (last is None or last.text not in {".", "->", "::"}):
            edits.append((token.start, token.end, renamed[token.text]))
        elif token.kind == "directive":
            pattern = re.compile(r"\b(variable|port)(\s*=\s*)(\w+)")
            text = pattern.sub(lambda m: m[1] + m[2] + renamed.get(m[3], m[3]), token.text)
            edits.append((token.start, token.end, text))
    return edited(body, edits)
