"""The links between an instruction's lines and the code that carries them out: comments `// [3]` or `// [3, 4] why`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_LINE = re.compile(r"^(\d+)\. ", re.MULTILINE)
_TAG = re.compile(r"//\s*\[(\d+(?:\s*,\s*\d+)*)\]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """How an instruction and its code hang together.

    Args:
        places: Line of the instruction to the lines of the code that name it; empty where none does.
        unknown: Number that the code names and no line of the instruction has, to the lines of the code.
    """

    places: Mapping[int, tuple[int, ...]]
    unknown: Mapping[int, tuple[int, ...]]

    @property
    def unlinked(self) -> tuple[int, ...]:
        """Lines of the instruction that no code names."""
        return tuple(number for number, places in self.places.items() if not places)

    @property
    def ok(self) -> bool:
        """Whether every line has code and every comment names a line."""
        return bool(self.places) and not self.unlinked and not self.unknown

    def problems(self) -> list[str]:
        """Say what is missing, one sentence each; empty if nothing is."""
        if not self.places:
            return ["the instruction has no numbered line"]
        found = [f"line {number} of the instruction has no comment // [{number}]" for number in self.unlinked]
        return found + [
            f"the comment // [{number}] in line {places[0]} of the code names no line of the instruction"
            for number, places in sorted(self.unknown.items())
        ]


def numbered_lines(instruction: str) -> tuple[int, ...]:
    """Return the numbers of an instruction's lines, in order."""
    return tuple(int(number) for number in _LINE.findall(instruction))


def resolve(instruction: str, code: str) -> Links:
    """Find the code of every line of an instruction, and the line of every comment in the code."""
    named: dict[int, list[int]] = {}
    for place, text in enumerate(code.split("\n"), 1):
        for match in _TAG.finditer(text):
            for number in match[1].split(","):
                named.setdefault(int(number), []).append(place)
    lines = numbered_lines(instruction)
    return Links(
        places={number: tuple(named.get(number, ())) for number in lines},
        unknown={number: tuple(places) for number, places in named.items() if number not in lines},
    )
