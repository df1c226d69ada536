"""Edit the text of one function block by block."""

from __future__ import annotations

import re
from collections.abc import Callable

_LABEL = re.compile(r'("[^"]+"|[-\w.$]+):')
_NAME = re.compile(r'%("[^"]*"|[-\w.$]+)')
_TERMINATOR = re.compile(r"  (br|switch|ret|unreachable)\b")


def split_function(text: str, symbol: str) -> tuple[list[str], dict[str, list[str]], list[str]]:
    """Lines before the body of function `symbol`, its blocks' lines without labels, and the lines after the body."""
    lines = text.split("\n")
    name = re.compile(rf'@"?{re.escape(symbol)}"?\(')
    first = next(at for at, line in enumerate(lines) if line.startswith("define") and name.search(line))
    end = next(at for at in range(first, len(lines)) if lines[at] == "}")
    blocks: dict[str, list[str]] = {}
    current = ""
    for line in lines[first + 1 : end]:
        label = _LABEL.match(line)
        if label is not None:
            current = label.group(1).strip('"')
            blocks[current] = []
        elif line.strip():
            blocks.setdefault(current or "entry", []).append(line)
    return lines[: first + 1], blocks, lines[end:]


def join_function(before: list[str], blocks: dict[str, list[str]], after: list[str]) -> str:
    """The text of the parts that `split_function` gave."""
    body = [line for name, lines in blocks.items() for line in (f"{_quoted(name)}:", *lines)]
    return "\n".join([*before, *body, *after])


def _quoted(name: str) -> str:
    return name if re.fullmatch(r"[-\w.$]+", name) else f'"{name}"'


def label(name: str) -> str:
    """A block's name as an operand."""
    return f"%{_quoted(name)}"


def renamed(line: str, new: Callable[[str], str]) -> str:
    """`line` with every `%name` replaced by `new("%name")`."""
    return _NAME.sub(lambda match: new(match.group()), line)


def terminator_at(lines: list[str]) -> int:
    """Where the terminator of a block starts."""
    return max(at for at, line in enumerate(lines) if _TERMINATOR.match(line))


def retarget(lines: list[str], old: str, new: str, *, drop_loop: bool) -> None:
    """Let the terminator of a block go to `new` instead of `old`; with `drop_loop` it closes no loop any more."""
    for at in range(terminator_at(lines), len(lines)):
        line = renamed(lines[at], lambda name: label(new) if name == label(old) else name)
        lines[at] = re.sub(r", !llvm\.loop !\d+", "", line) if drop_loop else line


def body_start(lines: list[str]) -> int:
    """Where the first line that is no phi stands."""
    return next(at for at, line in enumerate(lines) if not re.match(r"  %\S+ = phi ", line))
