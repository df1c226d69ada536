"""Read and write a design as YAML or JSON."""

import json
from pathlib import Path
from typing import Any

from aigchip.core.atomic import write_text
from aigchip.space.constraints import canonical, check
from aigchip.space.design import FIELD_NAMES, Design, DesignError
from aigchip.space.families import FAMILIES


def load(path: Path, *, shown_as: str | None = None) -> Design:
    """Read one design from a YAML or JSON file and check that it can be built.

    Args:
        path: file whose top level maps the fields of `Design` to values.
        shown_as: how errors name the file; the path itself by default.

    Returns:
        The design in canonical form.

    Raises:
        DesignError: the file cannot be read, is malformed, or describes a design that cannot be built.
    """
    where = shown_as or str(path)
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise DesignError(where, "the file does not exist", "Write it, or name another design.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise DesignError(where, f"the file cannot be read: {error}", "Make it a readable UTF-8 file.") from None
    return from_data(_parse(text, where, is_json=path.suffix == ".json"), where=where)


def from_data(data: object, *, where: str) -> Design:
    """Turn parsed YAML or JSON into a canonical design that can be built; see `load`."""
    if not isinstance(data, dict):
        kind = "empty" if data is None else f"a {type(data).__name__}"
        raise DesignError(where, f"the content is {kind}; must be a mapping", f"Start with {FIELD_NAMES[0]}: 4.")
    design = Design.from_dict(data, where=where)
    for rejection in check(design):
        raise DesignError(where, rejection.explanation, rejection.remedy)
    return canonical(design)


def save(design: Design, path: Path) -> None:
    """Write a design as commented YAML, by family."""
    lines: list[str] = []
    for family in FAMILIES:
        lines.append(f"# {family.doc}")
        lines.extend(f"{gene.name}: {getattr(design, gene.name)}" for gene in family.genes)
    write_text(path, "\n".join(lines) + "\n")


def _parse(text: str, where: str, *, is_json: bool) -> Any:
    if is_json:
        try:
            return json.loads(text)
        except json.JSONDecodeError as error:
            raise DesignError(f"{where}:{error.lineno}", f"not JSON: {error.msg}", "Correct this line.") from None
    import yaml  # noqa: PLC0415 - 20 ms that a build with nothing to do must not pay

    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"{where}:{mark.line + 1}" if mark else where
        problem = getattr(error, "problem", None) or "malformed"
        raise DesignError(place, f"not YAML: {problem}", "Correct this line.") from None
