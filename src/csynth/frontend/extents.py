"""The sizes of array parameters, which C++ forgets: read from the text of the top's definition."""

from __future__ import annotations

import re


def array_extents(text: str, top: str) -> list[tuple[int, str]]:
    """(position, expression for the number of elements) of each parameter of `top` that is written with extents."""
    plain = re.sub(r"//[^\n]*|/\*.*?\*/", " ", text, flags=re.S)
    for start in re.finditer(rf"\b{re.escape(top.rpartition('::')[2])}\s*\(", plain):
        inside = _inside(plain, start.end())
        if inside is None or not re.match(r"\s*\{", plain[start.end() + len(inside) + 1 :]):
            continue
        found = []
        for at, parameter in enumerate(_split(inside)):
            match = re.search(r"\w\s*((?:\[[^\]]+\]\s*)+)$", parameter.strip())
            if match:
                found.append((at, " * ".join(f"({size})" for size in re.findall(r"\[([^\]]+)\]", match.group(1)))))
        return found
    return []


def _inside(text: str, start: int) -> str | None:
    depth = 1
    for at in range(start, len(text)):
        depth += (text[at] == "(") - (text[at] == ")")
        if depth == 0:
            return text[start:at]
    return None


def _split(text: str) -> list[str]:
    parts, depth, last = [], 0, 0
    for at, sign in enumerate(text):
        depth += (sign in "(<[") - (sign in ")>]")
        if sign == "," and depth == 0:
            parts.append(text[last:at])
            last = at + 1
    return [*parts, text[last:]]
