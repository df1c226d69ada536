"""Read a requirement without a model: fixed phrases, and a list of the words that none of them explains."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from aigchip.requirement.specification import Specification, SpecificationError
from aigchip.space.families import GENES
from aigchip.workload.networks import NETWORKS

_NUMBER = r"(?P<number>\d[\d,]*(?:\.\d+)?|\.\d+)\s*(?P<times>k\b)?"
_AT_MOST = (
    r"(?:(?:under|below|less than|fewer than|within|at most|no more than|not more than|up to|a maximum of|maximum|max\.?|"
    r"faster than|using|use|<=|≤|<)\s*)?"
)
_OR_LESS = r"(?:\s*(?:or less|or fewer|or faster|at most|at the most|maximum|max))?"
_AT_LEAST = r"(?:(?:at least|no less than|not less than|(?<!no )(?<!not )more than|over|above|exactly|>=|≥|>)\s*)"
_BELOW = r"(?:(?:under|below|less than|within|at most|no more than|not more than|up to|a maximum of|maximum|max\.?|<=|≤|<)\s*)"
_CLOCK = r"mhz\b|megahertz\b"
_TIME_MS = {"s": 1000.0, "ms": 1.0, "us": 0.001}
_TIME = (
    r"(?P<unit>ms\b|milliseconds?\b|msec\b|us\b|µs\b|microseconds?\b|s\b|sec\b|seconds?\b)"
    r"(?:\s*(?:per|an?|each)\s+(?:inference|image|picture|frame))?"
)
_RATE = r"(?:fps\b|(?:frames?|images?|pictures?|inferences?)\s*(?:/|per|a)\s*(?:s|sec|second)\b)"
_RESOURCES = {
    "dsp": r"dsps?(?:48(?:e2)?s?)?(?:\s*(?:blocks?|slices?))?",
    "lut": r"luts?",
    "ff": r"ffs?|flip-?flops?|registers",
    "bram18": r"bram18s?|brams?|block\s*rams?",
    "uram": r"urams?(?:288s?)?|ultra\s?rams?",
    "bram36": r"bram36s?|ramb36s?",
}
_OBJECTIVES = {
    "dsp": r"(?:as\s+)?(?:small(?:est)?|cheap(?:est)?|tiny)(?:\s+as\s+possible)?|"
    r"(?:fewest|least|minimal|minimum|lowest)\s+(?:dsps?|area|resources)|"
    r"(?:minimi[sz]e|minimi[sz]ing)\s+(?:the\s+)?(?:dsps?|area|resources|size)",
    "latency": r"(?:as\s+)?(?:fast(?:est)?|quick(?:est)?)(?:\s+as\s+possible)?|"
    r"(?:lowest|least|minimal|minimum|low)\s+latency|(?:minimi[sz]e|minimi[sz]ing)\s+(?:the\s+)?latency",
}
_STATIONARY = {"weight": "first", "weights": "first", "input": "second", "inputs": "second", "output": "output"}
_FILLER_WORDS = """
a an the i we you it its want wants need needs would like please build make design create give me us generate run runs
running for of on at in to with and or is be must should shall may can that which as by my our network model neural
accelerator fpga board chip hardware latency inference inferences per one time takes take taking finish classify images
pictures image picture input size resolution pixels px requirement requirements using use uses only target targets
targeting keep stay less than but also has have having bound limit under below within int8 8-bit quantised quantized
"""
_FILLERS = frozenset(_FILLER_WORDS.split())
_WORD = re.compile(r"[^\s,;:.!?()]+(?:\.[^\s,;:.!?()]+)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood:
    """A requirement as it was understood.

    Args:
        specification: What the known phrases say.
        not_understood: The words that no phrase explains, in their order.
    """

    specification: Specification
    not_understood: tuple[str, ...] = ()


@dataclass(slots=True)
class _Reading:
    """The text, from which every phrase that is understood is taken out."""

    text: str
    values: dict[str, Any] = field(default_factory=dict)
    at_most: dict[str, int] = field(default_factory=dict)
    fixed: dict[str, int | str] = field(default_factory=dict)

    def take(self, pattern: str, found: Callable[[re.Match[str]], None]) -> None:
        for match in re.finditer(rf"(?<![\w.-])(?:{pattern})(?![\w-])", self.text, re.IGNORECASE):
            found(match)
            self.text = self.text[: match.start()] + " " * len(match[0]) + self.text[match.end() :]

    def set(self, into: dict[str, Any], name: str, value: Any, said: str) -> None:
        """Note a value; two different ones contradict each other."""
        before = into.get(name, value)
        if before != value:
            raise SpecificationError(
                "prompt",
                f"{said} contradicts an earlier phrase: {name} would be both {before} and {value}",
                "Say one of them.",
                code="contradiction",
            )
        into[name] = value


def read(prompt: str, boards: Iterable[str]) -> Understood:
    """Read a requirement in plain English.

    Args:
        prompt: The person's sentence.
        boards: Names of the known boards.

    Raises:
        SpecificationError: Two phrases contradict each other, or a value is not possible.
    """
    reading = _Reading(text=prompt.replace("\u00d7", "x"))
    _read_networks(reading)
    _read_boards(reading, boards)
    unkept = _read_unkept_bounds(reading)
    _read_parameters(reading)
    _read_clock(reading)
    _read_bounds(reading)
    _read_resolution(reading)
    _read_objective(reading)
    left = tuple(word for word in _WORD.findall(reading.text) if word.lower() not in _FILLERS)
    specification = Specification(**reading.values, at_most=reading.at_most, fixed=reading.fixed)
    return Understood(specification=specification, not_understood=(*unkept, *left))


def _loose(name: str) -> str:
    """Return a pattern for a name in any spelling: `resnet50` is ResNet-50, RESNET 50 and resnet_50.

    A version may stand apart (MobileNet V2, SqueezeNet 1.1), and the data that YOLO was trained on need not be said.
    """
    parts = re.findall(r"[a-z]+?(?=v\d|[^a-z]|$)|\d+", name)
    pattern = r"[\s_.-]?".join(parts)
    return re.sub(r"(\[[^]]*\]\?)(voc|coco)$", r"(?:\1\2)?", pattern)


def _read_networks(reading: _Reading) -> None:
    reading.take(r"\S+\.onnx", lambda match: reading.set(reading.values, "network", match[0], match[0]))
    for name in sorted(NETWORKS, key=len, reverse=True):
        reading.take(_loose(name), lambda match, n=name: reading.set(reading.values, "network", n, match[0].strip()))


def _read_boards(reading: _Reading, boards: Iterable[str]) -> None:
    for name in sorted(boards, key=len, reverse=True):
        reading.take(_loose(name), lambda match, n=name: reading.set(reading.values, "board", n, match[0].strip()))


def _read_unkept_bounds(reading: _Reading) -> tuple[str, ...]:
    """Take out bounds that no search keeps: from below (but frames a second are one on the latency), and on the clock."""
    found: list[str] = []
    resources = "|".join(_RESOURCES.values())

    def note(match: re.Match[str]) -> None:
        found.append(" ".join(match[0].split()))

    reading.take(rf"{_AT_LEAST}{_NUMBER}\s*(?:{_TIME}|(?:{resources})|{_CLOCK})", note)
    reading.take(rf"{_BELOW}{_NUMBER}\s*(?:{_CLOCK})", note)
    return tuple(found)


def _read_parameters(reading: _Reading) -> None:
    for name, gene in GENES.items():
        spelling = name.replace("_", r"[\s_-]")

        def fix(match: re.Match[str], name: str = name, values: tuple[int | str, ...] = gene.values) -> None:
            text = match["value"].lower()
            value = int(text) if isinstance(values[0], int) and text.isdigit() else text
            reading.set(reading.fixed, name, value, match[0].strip())

        words = r"\d+" if isinstance(gene.values[0], int) else "|".join(map(str, gene.values))
        reading.take(rf"{spelling}\s*(?:=|:|of|is)?\s*(?P<value>{words})", fix)
    operands = "|".join(_STATIONARY)
    reading.take(
        rf"(?P<operand>{operands})[\s-](?:stationary|reuse)",
        lambda match: reading.set(reading.fixed, "reuse", _STATIONARY[match["operand"].lower()], match[0].strip()),
    )


def _read_clock(reading: _Reading) -> None:
    def clock(match: re.Match[str]) -> None:
        mhz = _value(match)
        if mhz not in GENES["clock_mhz"].values:
            values = ", ".join(map(str, GENES["clock_mhz"].values))
            what = f"the clock is {match[0].strip()}; must be one of {values} MHz"
            raise SpecificationError("prompt", what, "Choose one of them.")
        reading.set(reading.fixed, "clock_mhz", int(mhz), match[0].strip())

    reading.take(
        rf"(?:(?:at|with)\s+)?(?:(?:a\s+)?clock(?:ed)?\s+(?:(?:of|at|is)\s+)?)?{_NUMBER}\s*(?:{_CLOCK})(?:\s+clock)?",
        clock,
    )


def _read_bounds(reading: _Reading) -> None:
    def time(match: re.Match[str]) -> None:
        unit = match["unit"].lower()
        kind = "s" if unit[0] == "s" else "us" if unit[0] in "uµ" or unit.startswith("micro") else "ms"
        reading.set(reading.values, "latency_ms", round(_value(match) * _TIME_MS[kind], 9), match[0].strip())

    def rate(match: re.Match[str]) -> None:
        if _value(match) <= 0:
            raise SpecificationError("prompt", f"{match[0].strip()} is no rate", "Ask for more than 0.")
        reading.set(reading.values, "latency_ms", round(1000.0 / _value(match), 9), match[0].strip())

    reading.take(rf"{_AT_MOST}{_NUMBER}\s*{_TIME}{_OR_LESS}", time)
    reading.take(rf"(?:(?:at least|more than|over|>=?|≥)\s*)?{_NUMBER}\s*{_RATE}(?:\s*or more)?", rate)
    for name, words in _RESOURCES.items():

        def bound(match: re.Match[str], name: str = name) -> None:
            amount = int(_value(match)) * (2 if name == "bram36" else 1)
            reading.set(reading.at_most, "bram18" if name == "bram36" else name, amount, match[0].strip())

        reading.take(rf"{_AT_MOST}{_NUMBER}\s*(?:{words}){_OR_LESS}", bound)


def _read_resolution(reading: _Reading) -> None:
    def of(match: re.Match[str]) -> None:
        if match["other"] and match["other"] != match["size"]:
            raise SpecificationError(
                "prompt", f"the picture is {match[0].strip()}; must be square", "Give one number.", code="contradiction"
            )
        reading.set(reading.values, "resolution", int(match["size"]), match[0].strip())

    square = r"(?P<size>\d{2,4})(?:\s*(?:x|by)\s*(?P<other>\d{2,4}))?"
    reading.take(rf"(?:at|resolution(?: of)?|input(?: size)?(?: of)?)\s+{square}(?:\s*(?:px|pixels))?", of)
    reading.take(r"(?P<size>\d{2,4})\s*(?:x|by)\s*(?P<other>\d{2,4})(?:\s*(?:px|pixels))?", of)
    reading.take(r"(?P<size>\d{2,4})\s*(?:px|pixels)(?P<other>)", of)


def _read_objective(reading: _Reading) -> None:
    for objective, words in _OBJECTIVES.items():
        reading.take(words, lambda match, o=objective: reading.set(reading.values, "objective", o, match[0].strip()))


def _value(match: re.Match[str]) -> float:
    return float(match["number"].replace(",", "")) * (1000 if match["times"] else 1)
