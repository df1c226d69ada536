"""Write files whole or not at all: beside, then rename."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from aigchip.core.errors import StorageError

_UNWRITABLE = {
    errno.ENOSPC: (
        "the disk is full",
        "Free some space and run the same command again; nothing is half written.",
        "disk-full",
    ),
    errno.EDQUOT: (
        "the disk quota is used up",
        "Free some space and run the same command again; nothing is half written.",
        "disk-full",
    ),
    errno.EROFS: (
        "the file system is read-only",
        "Set AIGCHIP_BUILD_DIR to a folder that can be written.",
        "read-only",
    ),
    errno.EACCES: ("permission is denied", "Make the folder writable for you, or set AIGCHIP_BUILD_DIR.", "permission"),
}


def of_system(error: OSError, path: Path | None = None) -> StorageError | None:
    """Return the clear line for a refusal of the file system (full, read-only, not permitted); None for other errors.

    Args:
        error: What the system said.
        path: What was to be written; the error's own file name by default.
    """
    known = _UNWRITABLE.get(error.errno or 0)
    if known is None:
        return None
    what, remedy, code = known
    return StorageError(str(path or error.filename or "disk"), what, remedy, code=code)


@contextlib.contextmanager
def storage_errors(path: Path) -> Iterator[None]:
    """Turn the file system's refusals (full, read-only, not permitted) into one clear line that names `path`.

    Raises:
        StorageError: The file system refused; nothing else of the OSError family is touched.
    """
    try:
        yield
    except OSError as error:
        refused = of_system(error, path)
        if refused is None:
            raise
        raise refused from error


def usable_folder(path: Path, remedy: str) -> None:
    """Make a folder where it is missing, and see that it can be written.

    Args:
        path: The folder.
        remedy: What to do where it cannot.

    Raises:
        StorageError: It cannot be made or written, whatever the reason.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path):
            pass
    except OSError as error:
        raise StorageError(
            str(path), f"the folder cannot be used ({error.strerror})", remedy, code="permission"
        ) from error


def write_bytes(path: Path, data: bytes) -> None:
    """Replace `path` by `data` in one step; a reader sees the old content or the new, never a part."""
    with storage_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            Path(name).chmod(0o644)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise


def write_text(path: Path, text: str) -> None:
    """Replace `path` by `text` (UTF-8) in one step."""
    write_bytes(path, text.encode())


def write_json(path: Path, value: Any) -> None:
    """Replace `path` by `value` as indented JSON, keys sorted, in one step."""
    write_text(path, json.dumps(value, indent=2, sort_keys=True, allow_nan=False) + "\n")
