"""Misspelt names: an identifier that is declared nowhere becomes the one nearest name that can be used there."""

from __future__ import annotations

import re

from aigchip.correct.distance import nearest
from aigchip.correct.model import NOTHING, Context, Correction, Proposal, line_of
from aigchip.diagnose.source import Token, declarations, edited, line_start, tokens, visible, words
from aigchip.toolchain.errors import ValidationError

_UNDECLARED = re.compile(r"(use of undeclared identifier|unknown type name|no template named|no type named) '(\w+)'")
_MEMBER = re.compile(r"no (?:template |type )?(?:member )?named '(\w+)' in (?:namespace )?'([^']+)'")
_LIBRARY = frozenset({"ap_int", "ap_uint", "hls", "int", "unsigned", "short", "char", "long", "bool", "void", "const"})
_LIBRARY_TYPES = frozenset({"ap_int", "ap_uint", "int", "unsigned", "short", "char", "long", "bool", "void"})
_MEMBERS = {
    "stream": ("read", "write", "empty", "full", "read_nb", "write_nb", "size"),
    "burst_maxi": ("read", "write", "read_request", "write_request", "write_response"),
    "hls": ("stream", "burst_maxi"),
}


class Names:
    """Correct a typing slip in a variable, type or member."""

    name = "names"

    def __call__(self, code: str, error: ValidationError, context: Context) -> Proposal:
        """Propose the one nearest name; decline where two are equally near."""
        member = _MEMBER.search(error.message)
        undeclared = _UNDECLARED.search(error.message)
        if member is None and undeclared is None:
            return NOTHING
        wrong = member.group(1) if member else undeclared.group(2) if undeclared else ""
        place = _place(code, wrong, *line_of(error, context))
        if place is None:
            return NOTHING
        if member:
            candidates = _members(member.group(2), code, context)
        else:
            types = undeclared is not None and undeclared.group(1) != "use of undeclared identifier"
            candidates = _in_scope(code, place, context, types_only=types)
        if wrong in candidates:
            return NOTHING  # it is declared: whatever the error is, it is no slip
        found = nearest(wrong, candidates)
        if not found:
            return Proposal(declined=f"{wrong} is declared nowhere, and no name that can be used there is near it")
        if len(found) > 1:
            return Proposal(declined=f"{wrong} is declared nowhere; {' and '.join(found)} are equally near")
        places = [place] if member or _declared(code, wrong) else _all_places(code, wrong)
        after = edited(code, [(token.start, token.end, found[0]) for token in places])
        what = f"{wrong} is declared nowhere; the nearest name in scope is {found[0]}"
        return Proposal(corrections=(Correction(by=self.name, what=what, before=code, after=after),))


def _place(code: str, name: str, line: int, column: int) -> Token | None:
    """Find the word on the line of the error, at its column if that is known."""
    if not line:
        return None
    start = line_start(code, line)
    end = line_start(code, line + 1)
    here = [token for token in tokens(code) if start <= token.start < end and token.text == name]
    offset = start + len(code[start:end].encode()[: max(0, column - 1)].decode(errors="ignore"))
    exact = [token for token in here if token.start == offset]
    return next(iter(exact or here), None)


def _all_places(code: str, name: str) -> list[Token]:
    found = tokens(code)
    before = [None, *found]
    return [
        token
        for token, last in zip(found, before, strict=False)
        if token.text == name and token.kind == "word" and (last is None or last.text not in {".", "->", "::"})
    ]


def _declared(code: str, name: str) -> bool:
    return any(declared.name == name for declared in declarations(code))


def _types(text: str) -> set[str]:
    """Return the types that a text defines."""
    named = re.findall(r"\b(?:struct|class|enum|union)\s+(\w+)", text)
    aliases = re.findall(r"\btypedef\b[^;]*?\b(\w+)\s*;|\busing\s+(\w+)\s*=", text)
    return {*named, *(one or two for one, two in aliases)}


def _in_scope(code: str, place: Token, context: Context, *, types_only: bool) -> set[str]:
    included = "\n".join(text for name, text in context.headers.items() if name in code and name.startswith("aigchip"))
    types = _types(code[: place.start]) | _types(included) | _LIBRARY_TYPES
    if types_only:
        return types
    defined = set(re.findall(r"^[ \t]*#[ \t]*define[ \t]+(\w+)", code[: place.start], re.MULTILINE))
    ports = {port.name for port in context.contract.arguments} & words(code)
    callees = {match.group(1) for text in context.callees if (match := re.search(r"(\w+)\s*\(", text))}
    functions = set(re.findall(r"^(?:static |inline )*[\w:<>, ]+[ &*](\w+)\s*\(", code[: place.start], re.MULTILINE))
    visible_here = set(visible(code, place.start))
    return types | _LIBRARY | defined | callees | functions | visible_here | {p for p in ports if p in visible_here}


def _members(kind: str, code: str, context: Context) -> set[str]:
    """Return the members of a type that a message names."""
    name = re.sub(r"<.*", "", kind).rpartition("::")[2].strip()
    if name in _MEMBERS:
        return set(_MEMBERS[name])
    for text in (code, *context.headers.values()):
        found = re.search(rf"\bstruct\s+{re.escape(name)}\s*\{{(.*?)^\s*\}};", text, re.DOTALL | re.MULTILINE)
        if found:
            return {declared.name for declared in declarations("{" + found.group(1) + "}")} | set(
                re.findall(r"\b(\w+)\s*\([^)]*\)\s*(?:const\s*)?\{", found.group(1))
            )
    return set()
