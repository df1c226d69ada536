"""The person's settings: aigchip.yaml beside dodo.py, optional."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aigchip.core import paths
from aigchip.core.errors import AigchipError, InputError, unknown

FILE_NAME = "aigchip.yaml"
SECTIONS = ("llm", "vendor")
_WORDS = {object: "anything", str: "a text", int: "a whole number", float: "a number", bool: "true or false"}


def load_yaml(path: Path, *, where: str | None = None, error: type[AigchipError] = InputError) -> Any:
    """Read a YAML file that a person wrote.

    Args:
        path: The file.
        where: How errors name it; relative to the project by default.
        error: The type of the errors.

    Raises:
        AigchipError: As `error`: the file cannot be read, is not YAML or names a key twice; the line is named.
    """
    import yaml

    where = where or paths.relative(path)
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise error(where, "this is not UTF-8 text", "Save it as UTF-8.", code="malformed") from None
    except OSError as problem:
        raise error(
            where, f"the file cannot be read ({problem.strerror})", "Make it a readable file.", code="unreadable"
        ) from None
    try:
        _refuse_twice(yaml.compose(text, Loader=yaml.SafeLoader))
        return yaml.safe_load(text)
    except yaml.YAMLError as problem:
        mark = getattr(problem, "problem_mark", None)
        place = f"{where}:{mark.line + 1}" if mark else where
        what = getattr(problem, "problem", None) or "it holds a character that YAML does not allow"
        raise error(place, f"not YAML: {what}", "Correct this line.", code="malformed") from None


def _refuse_twice(node: Any) -> None:
    """Refuse a mapping that names a key twice; YAML forbids it, and the parser would take the last in silence."""
    import yaml

    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in seen:
                    raise yaml.MarkedYAMLError(problem=f"{key.value} is given twice", problem_mark=key.start_mark)
                seen.add(key.value)
            _refuse_twice(value)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            _refuse_twice(item)


def section(name: str, schema: Mapping[str, type | tuple[type, ...]]) -> dict[str, Any]:
    """Return one section of aigchip.yaml, checked against the keys and types that its reader knows.

    Args:
        name: One of SECTIONS.
        schema: Key to type or types (the widest last); a key that is not in it is refused.

    Returns:
        The values that the file sets; empty where file or section is missing.

    Raises:
        InputError: The file is malformed, or holds an unknown section or key, or a value of the wrong type.
    """
    path = paths.root() / FILE_NAME
    if not path.exists():
        return {}
    data = load_yaml(path)
    if data is None:
        return {}
    if not isinstance(data, dict):
        raise InputError(FILE_NAME, "the top level is not a mapping", "Write sections, for example `llm:`.")
    for word in data:
        if word not in SECTIONS:
            raise unknown(FILE_NAME, "section", str(word), SECTIONS)
    values = data.get(name) or {}
    if not isinstance(values, dict):
        raise InputError(f"{FILE_NAME}: {name}", "the section is not a mapping", "Write `key: value` lines below it.")
    for key, value in values.items():
        if key not in schema:
            raise unknown(f"{FILE_NAME}: {name}", "setting", str(key), schema)
        kinds = schema[key]
        wanted: tuple[type, ...] = kinds if isinstance(kinds, tuple) else (kinds,)
        if not isinstance(value, wanted) or (isinstance(value, bool) and bool not in wanted):
            rule = _WORDS[wanted[-1]]
            raise InputError(f"{FILE_NAME}: {name}.{key}", f"the value is {value!r}; must be {rule}", "Correct it.")
    return dict(values)
