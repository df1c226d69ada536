"""The demonstration library: pairs of an instruction and the code that carries it out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from aigchip.core import paths
from aigchip.core.config import load_yaml
from aigchip.core.errors import AigchipError

FIELDS = ("module", "parameters", "made_by", "licence", "source")
"""Every key that demo.yaml must have; it may have no other."""


class DemonstrationError(AigchipError):
    """Report a demonstration that cannot be used."""


@dataclass(frozen=True, kw_only=True)
class Demonstration:
    """One pair of an instruction and its code.

    Args:
        module: The template's module that it shows.
        name: The folder's name, unique within the module.
        parameters: The module's local parameters that it shows.
        instruction: The instruction, as a generator would get it.
        code: The C++ text that carries it out.
        made_by: Who wrote the code, for example `expert`.
        licence: SPDX identifier.
        source: Where the code comes from.
    """

    module: str
    name: str
    parameters: Mapping[str, int | str]
    instruction: str
    code: str
    made_by: str
    licence: str
    source: str

    @property
    def title(self) -> str:
        """`<module>/<name>`."""
        return f"{self.module}/{self.name}"


@dataclass(frozen=True, kw_only=True)
class Library:
    """The demonstrations below one folder, `<module>/<name>/{instruction.md, code.cpp, demo.yaml}`.

    Args:
        root: The library's folder.
    """

    root: Path

    @cached_property
    def demonstrations(self) -> tuple[Demonstration, ...]:
        """Every demonstration, ordered by module and name.

        Raises:
            DemonstrationError: A folder is incomplete or its demo.yaml is wrong.
        """
        return tuple(_load(path.parent) for path in sorted(self.root.glob("*/*/demo.yaml")))

    def candidates(
        self, module: str, *, parameters: Mapping[str, int | str], instruction: str, wanted: int
    ) -> tuple[Demonstration, ...]:
        """Return the demonstrations that may be shown for a question.

        They are those of the same module and, where it has fewer than `wanted`, those of all others too. One with the
        question's own parameters or instruction is left out: it would be the answer.
        """
        asked = instruction.split()
        same = tuple(
            demo
            for demo in self.demonstrations
            if demo.module == module and demo.parameters != dict(parameters) and demo.instruction.split() != asked
        )
        if len(same) >= wanted:
            return same
        return same + tuple(demo for demo in self.demonstrations if demo.module != module)


def _load(folder: Path) -> Demonstration:
    where = paths.relative(folder / "demo.yaml")
    data = _checked(where, load_yaml(folder / "demo.yaml"))
    if data["module"] != folder.parent.name:
        raise DemonstrationError(
            where,
            f"module is {data['module']!r}; must be {folder.parent.name!r}, the folder it lies in",
            "Move the folder or correct the name.",
        )
    return Demonstration(
        name=folder.name, instruction=_text(folder / "instruction.md"), code=_text(folder / "code.cpp"), **data
    )


def _checked(where: str, data: Any) -> dict[str, Any]:
    if not isinstance(data, dict) or sorted(map(str, data)) != sorted(FIELDS):
        found = ", ".join(sorted(map(str, data))) if isinstance(data, dict) and data else "nothing"
        raise DemonstrationError(
            where,
            f"the keys are {found}; must be {', '.join(FIELDS)}",
            "Correct the file, or run ./doit demos refresh.",
        )
    parameters = data["parameters"]
    if not isinstance(parameters, dict) or not all(isinstance(value, (int, str)) for value in parameters.values()):
        raise DemonstrationError(
            where, f"parameters is {parameters!r}; must be a mapping of names to numbers or words", "Correct the file."
        )
    for name in ("module", "made_by", "licence", "source"):
        if not isinstance(data[name], str) or not data[name]:
            raise DemonstrationError(where, f"{name} is {data[name]!r}; must be a word or sentence", "Correct it.")
    return data


def _text(path: Path) -> str:
    where = paths.relative(path)
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise DemonstrationError(where, "the file is missing", "Write it, or delete the folder.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise DemonstrationError(where, f"the file cannot be read ({error})", "Correct it.") from error
