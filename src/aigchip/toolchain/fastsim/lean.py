"""Exchange csynth's DSP cells for their lean equivalents, and tell each instance how wide its numbers are.

Only a cell whose text is the one that the lean one was proved against is exchanged. What an instance declares is seen in the text around
it: an operand that is written as an extension is no wider than what it extends, and of a result of which lowest bits alone are taken the
others do not matter, for the cells too that hand it on in a cascade.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping

from csynth.dsp.cells import A_BITS, B_BITS, C_BITS, CELLS
from csynth.dsp.lean import LEAN

_WIDTHS = {"a": A_BITS, "d": A_BITS, "b": B_BITS, "c": C_BITS}
_NARROW_BITS = 32  # the widest result that the lean cells compute in 32 bits
_INSTANCE = re.compile(r"\b(csynth_dsp_(?:product|mac)) #\(([^;]*?)\) (\w+) \((.*?)\n\s*\);", re.DOTALL)
_PIN = re.compile(r"^\s*\.(\w+)\((.*)\),?$", re.MULTILINE)
_SIGNED = re.compile(r"\{\{(\d+)\{(\w+)(?:\[\d+\])?\}\}, (\w+)\}")
_UNSIGNED = re.compile(r"\{(\d+)'[dh]0+, (\w+)\}")
_CONSTANT = re.compile(r"(\d+)'d(\d+)")


def exchanged(files: Mapping[str, str]) -> dict[str, str]:
    """Return the Verilog files with lean cells, by file name; the same files where there is no cell to exchange.

    Args:
        files: Texts by file name; a cell lies in a file of its name.
    """
    cells = [name for name, lean in LEAN.items() if files.get(f"{name}.v", "").strip() == CELLS[name].strip() and lean]
    if not cells:
        return dict(files)
    found = {name: _declared(text, cells) for name, text in files.items()}
    found |= {f"{name}.v": LEAN[name] for name in cells}
    if not any("DSP48E2 #(" in text for name, text in found.items() if name != "DSP48E2.v"):
        found.pop("DSP48E2.v", None)
    return found


def _declared(text: str, cells: list[str]) -> str:
    """Return a module's text whose instances of cells say how wide their numbers are."""
    instances = [match for match in _INSTANCE.finditer(text) if match[1] in cells]
    if not instances:
        return text
    pins = {match[3]: {pin: value.strip() for pin, value in _PIN.findall(match[4])} for match in instances}
    needed = _needed_bits(text, pins)

    def declared(match: re.Match[str]) -> str:
        if match[3] not in pins:
            return match[0]
        more = "".join(
            f", .{pin.upper()}_BITS({bits})"
            for pin, value in pins[match[3]].items()
            if pin in _WIDTHS and (bits := _operand_bits(value, _WIDTHS[pin])) < _WIDTHS[pin]
        )
        if needed[match[3]] <= _NARROW_BITS:
            more += f", .P_BITS({_NARROW_BITS})"
        at = match.start(2) - match.start()
        return match[0][:at] + match[2] + more + match[0][at + len(match[2]) :]

    return _INSTANCE.sub(declared, text)


def _operand_bits(value: str, bits: int) -> int:
    """Return of how many bits an operand is the sign extension."""
    if (found := _SIGNED.fullmatch(value)) and found[2] == found[3]:
        return bits - int(found[1])
    if found := _UNSIGNED.fullmatch(value):
        return min(bits, bits - int(found[1]) + 1)
    if found := _CONSTANT.fullmatch(value):
        number = int(found[2])
        if number >> (bits - 1):
            number = (1 << bits) - 1 - number
        return number.bit_length() + 1
    return bits


def _needed_bits(text: str, pins: Mapping[str, Mapping[str, str]]) -> dict[str, int]:
    """Return for each instance how many lowest bits of its result matter."""
    uses: defaultdict[str, int] = defaultdict(int)
    for word in re.findall(r"\w+", re.sub(r"//[^\n]*", "", text)):
        uses[word] += 1
    needed = {name: _taken_bits(text, own.get("p", ""), uses) for name, own in pins.items()}
    adder = {own["pcin"]: name for name, own in pins.items() if re.fullmatch(r"[A-Za-z_]\w*", own.get("pcin", ""))}
    for name, own in pins.items():
        cascade = own.get("pcout", "")
        if cascade and (cascade not in adder or uses[cascade] != 3):  # its declaration and its two ends
            needed[name] = C_BITS
    changed = True
    while changed:  # a cell computes as many bits as the next one of its cascade
        changed = False
        for name, own in pins.items():
            cascade = own.get("pcout", "")
            follower = adder.get(cascade)
            for one, other in ((name, follower), (follower, name)) if follower else ():
                if needed[one] < needed[other] and (needed[other] > _NARROW_BITS) != (needed[one] > _NARROW_BITS):
                    needed[one] = needed[other]
                    changed = True
    return needed


def _taken_bits(text: str, output: str, uses: Mapping[str, int]) -> int:
    """Return how many lowest bits of an output are taken: all, unless its one use is an assignment of the lowest ones."""
    if not output:
        return 0
    found = re.search(rf"assign \w+ = {re.escape(output)}\[(\d+):0\];", text)
    return int(found[1]) + 1 if found and uses[output] == 3 else C_BITS
