"""The person's settings: aigchip.yaml beside dodo.py, optional."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aigchip.core import paths
from aigchip.core.errors import InputError, unknown

FILE_NAME = "aigchip.yaml"
SECTIONS = ("llm", "search", "toolchain", "board")


def load_yaml(path: Path) -> Any:
    """Read a YAML file.

    Raises:
        InputError: The file cannot be read or is not YAML; the line is named.
    """
    import yaml

    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = paths.relative(path) + (f":{mark.line + 1}" if mark else "")
        problem = getattr(error, "problem", None) or "cannot be parsed"
        raise InputError(where, f"this is not YAML: {problem}", "Correct the file.", code="malformed") from error
    except UnicodeDecodeError as error:
        raise InputError(
            paths.relative(path), "this is not UTF-8 text", "Save it as UTF-8.", code="malformed"
        ) from error
    except OSError as error:
        raise InputError(
            paths.relative(path), f"the file cannot be read ({error.strerror})", "Check its name.", code="unreadable"
        ) from error


def section(name: str, schema: Mapping[str, type | tuple[type, ...]]) -> dict[str, Any]:
    """Return one section of aigchip.yaml, checked against the keys and types that its reader knows.

    Args:
        name: One of SECTIONS.
        schema: Key to type or types; a key that is not in it is refused.

    Returns:
        The values that the file sets; empty where file or section is missing.

    Raises:
        InputError: The file is malformed, or holds an unknown section or key, or a value of the wrong type.
    """
    path = paths.root() / FILE_NAME
    if not path.is_file():
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
        wanted = schema[key] if isinstance(schema[key], tuple) else (schema[key],)
        if not isinstance(value, wanted) or (isinstance(value, bool) and bool not in wanted):  # type: ignore[arg-type]
            rule = " or ".join(kind.__name__ for kind in wanted)  # type: ignore[union-attr]
            raise InputError(f"{FILE_NAME}: {name}.{key}", f"the value is {value!r}; must be {rule}", "Correct it.")
    return dict(values)
