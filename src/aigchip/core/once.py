"""A folder of files made once, by whichever process comes first."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from aigchip.core.atomic import storage_errors
from aigchip.core.lock import file_lock


def made_once(folder: Path, names: Sequence[str], make: Callable[[Path], None]) -> list[Path]:
    """Return the files `names` of `folder`; make them where they are missing.

    Args:
        folder: It appears whole or not at all.
        names: The files that it holds.
        make: Writes them into the folder that it is given. Other processes wait for it.

    Raises:
        StorageError: The file system refuses.
    """
    files = [folder / name for name in names]
    if all(file.exists() for file in files):
        return files
    with storage_errors(folder), file_lock(folder.parent / f"{folder.name}.lock"):
        if all(file.exists() for file in files):
            return files
        scratch = Path(tempfile.mkdtemp(prefix=".making-", dir=folder.parent))
        try:
            make(scratch)
            shutil.rmtree(folder, ignore_errors=True)
            scratch.rename(folder)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
    return files
