"""What a module that csynth made waits for, read from its RTL: the conditions under which each port holds it up.

csynth writes the waiting of a pipeline's stage as `<loop>_stall_<stage> = <occupied> && (<term> || ..)` and that of a state as
`<state>_fire = <state> && !(<term> || ..)`; a term about a port is `!<port>_TVALID` (nothing there) or `!<port>_space` (no place), with a
condition where the access has one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_STALL = re.compile(r"assign \w+_stall_\d+ = (?P<guard>\w+(?:\[\d+\])?) && \((?P<terms>.*)\);")
_FIRE = re.compile(r"assign (?P<guard>\w+)_fire = (?P=guard) && !\((?P<terms>.*)\);")
_PORT = re.compile(r"!(\w+)_(?:TVALID|space)\b")
_NAME = re.compile(r"(?<![\w'])[A-Za-z_]\w*")


def waits(module: str, path: str) -> dict[str, str]:
    """Return for each port that the module can wait for the condition that it does, as Verilog.

    Args:
        module: The module's text.
        path: The instance's path, for example `shell.kernel.pe_array`.
    """
    found: dict[str, list[str]] = {}
    for guard, terms in _waitings(module):
        for term in _split(terms):
            for port in sorted(set(_PORT.findall(term))):
                found.setdefault(port, []).append(f"({_under(path, guard)} && {_under(path, term)})")
    return {port: " || ".join(conditions) for port, conditions in found.items()}


def _waitings(module: str) -> Iterator[tuple[str, str]]:
    for line in module.splitlines():
        match = _STALL.search(line) or _FIRE.search(line)
        if match:
            yield match["guard"], match["terms"]


def _split(terms: str) -> list[str]:
    """Split at the `||` that lie in no parentheses."""
    parts, depth, start = [], 0, 0
    for at, character in enumerate(terms):
        depth += {"(": 1, ")": -1}.get(character, 0)
        if depth == 0 and terms.startswith("||", at):
            parts.append(terms[start:at].strip())
            start = at + 2
    parts.append(terms[start:].strip())
    if len(parts) == 1 and parts[0].startswith("(") and parts[0].endswith(")") and _closes_last(parts[0]):
        return _split(parts[0][1:-1])
    return parts


def _closes_last(text: str) -> bool:
    depth = 0
    for at, character in enumerate(text):
        depth += {"(": 1, ")": -1}.get(character, 0)
        if depth == 0:
            return at == len(text) - 1
    return False


def _under(path: str, expression: str) -> str:
    return _NAME.sub(lambda match: f"{path}.{match.group(0)}", expression)
