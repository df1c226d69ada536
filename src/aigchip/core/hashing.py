"""Names for content: the hashes that decide whether anything has to be done."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any


def canonical_json(value: Any) -> str:
    """Write a JSON-able value in the one form that is hashed: sorted keys, no spaces, no NaN.

    Raises:
        TypeError: The value holds something that JSON does not know.
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def digest_bytes(data: bytes) -> str:
    """Hash bytes.

    Returns:
        40 hexadecimal digits (the first 160 bits of SHA-256).
    """
    return hashlib.sha256(data).hexdigest()[:40]


def digest_text(text: str) -> str:
    """Hash text in UTF-8."""
    return digest_bytes(text.encode())


def digest(value: Any) -> str:
    """Hash a JSON-able value by its canonical form."""
    return digest_text(canonical_json(value))


def digest_file(path: Path) -> str:
    """Hash a file's content; its name and times do not count."""
    return digest_bytes(path.read_bytes())


def digest_files(base: Path, patterns: Iterable[str] = ("**/*",)) -> str:
    """Hash every file below `base` that matches one of the glob patterns, by relative name and content.

    Compiled Python and hidden files do not count. A missing folder hashes like an empty one.
    """
    found: dict[str, str] = {}
    for pattern in patterns:
        for path in base.glob(pattern):
            name = path.relative_to(base).as_posix()
            hidden = any(part.startswith(".") or part == "__pycache__" for part in name.split("/"))
            if hidden or name in found or not path.is_file():
                continue
            found[name] = digest_file(path)
    return digest(found)
