"""C++ text as tokens with positions, and what is declared where: enough to place a small change, no more."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""(?P<space>\s+|//[^\n]*|/\*.*?(?:\*/|\Z))
    |(?P<text>R"(?P<delimiter>[^(\s]*)\(.*?\)(?P=delimiter)"|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')
    |(?P<word>[A-Za-z_]\w*)|(?P<number>\.?\d(?:[\w.']|[eE][+-])*)|(?P<mark>::|->|<=|>=|==|!=|&&|\|\||\+\+|--|.)""",
    re.DOTALL | re.VERBOSE,
)
_DIRECTIVE = re.compile(r"[ \t]*#(?:[^\n\\]|\\\r?\n|\\.)*")
_STATEMENT_TEXT = (
    "return else case goto delete throw new sizeof typename operator break continue default using namespace do if for "
    "while switch struct class enum union template public private protected not and or"
)
_STATEMENT_WORDS = frozenset(_STATEMENT_TEXT.split())
_CLOSER = {"(": ")", "{": "}", "[": "]"}


@dataclass(frozen=True, slots=True)
class Token:
    """A word, number, literal, mark or directive.

    Attributes:
        kind: "word", "number", "text", "mark" or "directive".
        text: as written.
        start: offset in the source.
    """

    kind: str
    text: str
    start: int

    @property
    def end(self) -> int:
        """Give the offset just past it."""
        return self.start + len(self.text)


def tokens(source: str) -> list[Token]:
    """Split a source; comments and space are left out, a preprocessor directive is one token."""
    return list(_tokens(source))


@functools.lru_cache(maxsize=16)  # a correction asks of one source many times
def _tokens(source: str) -> tuple[Token, ...]:
    found: list[Token] = []
    position, fresh = 0, True
    while position < len(source):
        if fresh and (directive := _DIRECTIVE.match(source, position)):
            text = directive.group()
            lead = len(text) - len(text.lstrip())
            found.append(Token("directive", text[lead:], position + lead))
            position = directive.end()
            continue
        match = _TOKEN.match(source, position)
        if match is None:
            break
        kind = "space" if match["space"] else "text" if match["text"] else match.lastgroup or "mark"
        if kind == "space":
            fresh = fresh or "\n" in match.group()
        else:
            found.append(Token(kind, match.group(), position))
            fresh = False
        position = match.end()
    return tuple(found)


def line_start(source: str, line: int) -> int:
    """Return the offset of a line, counted from 1."""
    position = 0
    for _ in range(line - 1):
        position = source.find("\n", position) + 1
        if not position:
            return len(source)
    return position


def line_number(source: str, offset: int) -> int:
    """Return the line of an offset, counted from 1."""
    return source.count("\n", 0, offset) + 1


def edited(source: str, edits: Iterable[tuple[int, int, str]]) -> str:
    """Replace each (start, end) by its text; the parts do not overlap."""
    parts, last = [], 0
    for start, end, text in sorted(edits):
        parts += [source[last:start], text]
        last = end
    return "".join(parts) + source[last:]


def closing(found: Sequence[Token], index: int) -> int | None:
    """Return the index of the bracket that closes the one at `index`."""
    opener = found[index].text
    closer = _CLOSER.get(opener)
    depth = 0
    for at in range(index, len(found)):
        if found[at].kind == "mark":
            depth += (found[at].text == opener) - (found[at].text == closer)
            if depth == 0:
                return at
    return None


def _closings(found: Sequence[Token]) -> dict[int, int]:
    """Return what `closing` says of every bracket that is closed."""
    opener = {close: opening for opening, close in _CLOSER.items()}
    opened: dict[str, list[int]] = {opening: [] for opening in _CLOSER}
    pairs: dict[int, int] = {}
    for at, token in enumerate(found):
        if token.kind == "mark" and token.text in opened:
            opened[token.text].append(at)
        elif token.kind == "mark" and (waiting := opened.get(opener.get(token.text, ""))):
            pairs[waiting.pop()] = at
    return pairs


@dataclass(frozen=True, slots=True)
class Declared:
    """A name that the code declares.

    Attributes:
        name: as written.
        start: offset of the name.
        end: offset where its scope ends.
        array: whether brackets follow it.
    """

    name: str
    start: int
    end: int
    array: bool = False


def _statement_end(found: Sequence[Token], index: int, pairs: Mapping[int, int]) -> int:
    """Return the index of the last token of the statement that begins at `index`."""
    while index < len(found):
        text = found[index].text
        if text == "{":
            return pairs.get(index, len(found) - 1)
        if text == ";":
            return index
        if text == "(":
            index = pairs.get(index, len(found) - 1)
        index += 1
    return len(found) - 1


def _ends_type(found: Sequence[Token], index: int) -> bool:
    """Say whether the marks that end at `index`, such as `> &`, end a type rather than part of an expression."""
    while index > 0 and found[index].text in {"&", "*"}:
        index -= 1
    if found[index].text != ">":
        return found[index].kind == "word" and (
            index == 0 or found[index - 1].text in {";", "{", "}", "(", ",", "const", "static"}
        )
    depth = 0
    while index > 0:
        depth += (found[index].text == ">") - (found[index].text == "<")
        if depth == 0:
            return found[index - 1].kind == "word"
        if found[index].text in {";", "{", "}", "=", "&&", "||"}:
            return False
        index -= 1
    return False


def _is_declarator(found: Sequence[Token], index: int) -> bool:
    """Say whether the word at `index` looks like the name that a declaration introduces."""
    before, after = found[index - 1] if index else None, found[index + 1] if index + 1 < len(found) else None
    if before is None or after is None or after.text not in {"=", ";", ",", "[", "(", ")", "{", ":"}:
        return False
    if before.kind == "word":
        return before.text not in _STATEMENT_WORDS or before.text in {"struct", "class", "enum"}
    if before.text in {">", "&", "*"}:
        return _ends_type(found, index - 1)
    if before.text == ",":
        back = index - 1
        depth = 0
        while back >= 0 and found[back].text not in {";", "{", "}"}:
            depth += (found[back].text in {")", "]"}) - (found[back].text in {"(", "["})
            if depth < 0:
                return False
            back -= 1
        return any(_is_declarator(found, at) for at in range(back + 1, index - 1) if found[at].kind == "word")
    return False


def declarations(source: str) -> list[Declared]:
    """Find the names that the code declares, with the part of the text where each can be used."""
    return list(_declarations(source))


@functools.lru_cache(maxsize=16)
def _declarations(source: str) -> tuple[Declared, ...]:
    found = _tokens(source)
    pairs = _closings(found)
    names: list[Declared] = []
    blocks: list[int] = []  # indices of the braces that are open
    heads: list[tuple[int, int]] = []  # (closing parenthesis, end of the statement it heads)
    for index, token in enumerate(found):
        if token.text == "{" and token.kind == "mark":
            blocks.append(index)
        elif token.text == "}" and token.kind == "mark" and blocks:
            blocks.pop()
        elif token.text == "(" and token.kind == "mark":
            close = pairs.get(index)
            if close is not None:
                heads.append((close, _statement_end(found, close + 1, pairs)))
        if token.kind != "word" or not _is_declarator(found, index):
            continue
        inside = next((end for close, end in reversed(heads) if index < close), None)
        if inside is None:
            close = pairs.get(blocks[-1]) if blocks else None
            inside = close if close is not None else len(found) - 1
        array = found[index + 1].text == "["
        names.append(Declared(token.text, token.start, found[min(inside, len(found) - 1)].end, array))
    return tuple(names)


def visible(source: str, offset: int) -> dict[str, Declared]:
    """Return the names that the code itself declares and that can be used at an offset; inner ones win."""
    return {name.name: name for name in declarations(source) if name.start <= offset <= name.end}


def words(text: str) -> set[str]:
    """Return all identifiers of a text without comments and literals."""
    return {token.text for token in tokens(text) if token.kind == "word"}
