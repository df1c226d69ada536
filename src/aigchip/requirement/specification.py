"""What a person asks of an accelerator, as data: network, bounds, objective, fixed parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from aigchip.core.atomic import write_text
from aigchip.core.config import load_yaml
from aigchip.core.errors import AigchipError, unknown
from aigchip.space.families import GENES

RESOURCES: Mapping[str, str] = {
    "dsp": "DSP blocks",
    "lut": "LUTs",
    "ff": "flip-flops",
    "bram18": "block RAMs of 18 Kbit",
    "uram": "UltraRAMs",
}
"""Resources that a requirement can bound, and their names for people."""

OBJECTIVES: Mapping[str, str] = {
    "latency": "the lowest latency first, then the fewest DSPs",
    "dsp": "the fewest DSPs first, then the lowest latency",
}


class SpecificationError(AigchipError):
    """Report a requirement that cannot be used: unknown, contradictory, or impossible."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Specification:
    """A requirement in the words of the search; None and empty where the person says nothing.

    Args:
        network: A built-in network, or the path of an ONNX file.
        resolution: Height and width of the input picture. [pixels]
        board: The board.
        latency_ms: The most that one inference may take. [ms]
        at_most: The most of each resource (see `RESOURCES`) that the accelerator may use.
        objective: One of `OBJECTIVES`.
        fixed: Genes of the design space that may not vary, with their values.
    """

    network: str | None = None
    resolution: int | None = None
    board: str | None = None
    latency_ms: float | None = None
    at_most: Mapping[str, int] = field(default_factory=dict)
    objective: str | None = None
    fixed: Mapping[str, int | str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        where = "specification"
        for name, value in (("resolution", self.resolution), ("latency_ms", self.latency_ms), *self.at_most.items()):
            if value is not None and not value > 0:
                raise SpecificationError(where, f"{name} is {value}; must be above 0", "Ask for more.")
        for name in self.at_most:
            if name not in RESOURCES:
                raise unknown(where, "resource", name, RESOURCES)
        if self.objective is not None and self.objective not in OBJECTIVES:
            raise unknown(where, "objective", self.objective, OBJECTIVES)
        for name, value in self.fixed.items():
            if name not in GENES:
                raise unknown(where, "design parameter", name, GENES)
            if value not in GENES[name].values:
                values = ", ".join(map(str, GENES[name].values))
                raise SpecificationError(where, f"{name} is {value}; must be one of {values}", "Choose one of them.")

    def to_dict(self) -> dict[str, Any]:
        """Return what the person said, as plain data; what was left open is left out."""
        values = {
            "network": self.network,
            "resolution": self.resolution,
            "board": self.board,
            "latency_ms": self.latency_ms,
            "at_most": dict(self.at_most),
            "objective": self.objective,
            "fixed": dict(self.fixed),
        }
        return {name: value for name, value in values.items() if value not in (None, {})}

    @classmethod
    def from_dict(cls, data: Any, *, where: str) -> Specification:
        """Read what `to_dict` returned, or a person wrote.

        Raises:
            SpecificationError: A key is unknown, or a value has the wrong type.
        """
        if not isinstance(data, dict):
            raise SpecificationError(where, "the file is not a mapping", "Write lines such as `network: resnet18`.")
        kinds: dict[str, tuple[type, ...]] = {
            "network": (str,),
            "resolution": (int,),
            "board": (str,),
            "latency_ms": (int, float),
            "at_most": (dict,),
            "objective": (str,),
            "fixed": (dict,),
        }
        for name, value in data.items():
            if name not in kinds:
                raise unknown(where, "key", str(name), kinds)
            inner = value.values() if isinstance(value, dict) else ()
            whole = name == "at_most"
            if (
                not isinstance(value, kinds[name])
                or isinstance(value, bool)
                or any(isinstance(v, bool) or not isinstance(v, int if whole else (int, str)) for v in inner)
            ):
                raise SpecificationError(where, f"{name} is {value!r}; must be {_WORDS[name]}", "Correct this line.")
        try:
            return cls(**data)
        except AigchipError as error:
            raise SpecificationError(where, error.what, error.remedy, code=error.code) from None

    @classmethod
    def read(cls, path: Path, *, where: str) -> Specification:
        """Read a YAML file; raises as `from_dict`."""
        return cls.from_dict(load_yaml(path, where=where, error=SpecificationError) or {}, where=where)

    def write(self, path: Path, *, comment: str) -> None:
        """Write a YAML file with a comment on top."""
        lines = "".join(f"# {line}\n" for line in comment.splitlines())
        write_text(path, lines + yaml.safe_dump(self.to_dict(), sort_keys=False, allow_unicode=True))


_WORDS = {
    "network": "a name or a file",
    "resolution": "a whole number",
    "board": "a name",
    "latency_ms": "a number",
    "at_most": "a mapping of resources to whole numbers",
    "objective": "a word",
    "fixed": "a mapping of design parameters to values",
}
