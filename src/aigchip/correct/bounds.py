"""Indices outside an array that C simulation found: a loop that runs one round too far, or an array too short for it."""

from __future__ import annotations

import re

from aigchip.correct.model import NOTHING, Context, Correction, Proposal, line_of
from aigchip.diagnose.source import Token, closing, edited, line_start, tokens
from aigchip.toolchain.errors import ValidationError

_TRAP = re.compile(r"index (-?\d+) is out of bounds of (?:'[^'\[]+\[|an array of )(\d+)")
LARGEST_ARRAY = 65536
"""An array is never made longer than this. [elements]"""


class Bounds:
    """Shorten the loop, or lengthen the array to what the loop needs."""

    name = "bounds"

    def __call__(self, code: str, error: ValidationError, context: Context) -> Proposal:
        """Propose `<` for `<=` first, then an array as long as the constant bound of the loop."""
        trap = _TRAP.search(error.message)
        if trap is None:
            return NOTHING
        index, size = int(trap.group(1)), int(trap.group(2))
        line, _ = line_of(error, context)
        found = tokens(code)
        here = _tokens_of(found, code, line)
        if not here or index < size:
            return Proposal(declined=f"the index {index} is below the array's first element")
        proposed = [*self._shorter(code, found, here, index, size), *self._longer(code, found, here, size)]
        if not proposed:
            return Proposal(declined="no loop around the access has a bound that explains the index")
        return Proposal(corrections=tuple(proposed))

    def _shorter(self, code: str, found: list[Token], here: list[int], index: int, size: int) -> list[Correction]:
        used = {found[at].text for at in here if found[at].kind == "word"}
        changes: list[Correction] = []
        for at, token in enumerate(found):
            if token.text != "for" or not _holds(found, at, here[0]):
                continue
            close = closing(found, at + 1)
            for less in range(at, close or at):
                variable = found[less - 1].text
                if found[less].text == "<=" and variable in used and index == size:
                    after = edited(code, [(found[less].start, found[less].end, "<")])
                    what = f"the loop over {variable} runs one round past the array of {size} elements"
                    changes.append(Correction(by=self.name, what=what, before=code, after=after))
        return changes

    def _longer(self, code: str, found: list[Token], here: list[int], size: int) -> list[Correction]:
        changes: list[Correction] = []
        for at in here:
            if (
                found[at].kind != "word"
                or at + 3 >= len(found)
                or found[at + 1].text != "["
                or found[at + 3].text != "]"
            ):
                continue
            bound = _constant_bound(found, at, found[at + 2].text)
            declared = [
                d
                for d in range(1, at)
                if found[d].text == found[at].text
                and found[d - 1].text not in {"=", "(", ",", ".", "+", "-", "*", "["}
                and found[d + 1].text == "["
                and found[d + 2].text == str(size)
                and found[d + 3].text == "]"
            ]
            if bound is None or not size < bound <= LARGEST_ARRAY or len(declared) != 1:
                continue
            length = found[declared[0] + 2]
            after = edited(code, [(length.start, length.end, str(bound))])
            what = f"the array {found[at].text} has {size} elements; the loop over {found[at + 2].text} needs {bound}"
            change = Correction(by=self.name, what=what, before=code, after=after)
            if all(change.after != other.after for other in changes):
                changes.append(change)
        return changes


def _tokens_of(found: list[Token], code: str, line: int) -> list[int]:
    if not line:
        return []
    start, end = line_start(code, line), line_start(code, line + 1)
    return [at for at, token in enumerate(found) if start <= token.start < max(end, start + 1)]


def _holds(found: list[Token], loop: int, at: int) -> bool:
    """Say whether the loop that begins at token `loop` holds the token `at` in its body."""
    close = closing(found, loop + 1)
    if close is None or not close < at + 1:
        return loop <= at and close is not None
    if close + 1 < len(found) and found[close + 1].text == "{":
        end = closing(found, close + 1)
        return end is not None and at <= end
    end = next((i for i in range(close + 1, len(found)) if found[i].text in {";", "{"}), close)
    if found[end].text == "{":
        end = closing(found, end) or end
    return at <= end


def _constant_bound(found: list[Token], at: int, variable: str) -> int | None:
    """Return the bound N of the innermost loop `variable < N` around a token."""
    bounds = [
        int(found[i + 2].text)
        for i, token in enumerate(found[:at])
        if token.text == variable
        and found[i + 1].text == "<"
        and found[i + 2].text.isdigit()
        and found[i + 3].text == ";"
        and any(found[b].text == "for" and _holds(found, b, at) for b in range(max(0, i - 8), i))
    ]
    return bounds[-1] if bounds else None
