"""The content-addressed store: a step is run once for all who need its result."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

from aigchip.core.atomic import storage_errors, write_json
from aigchip.core.hashing import digest, digest_file
from aigchip.core.lock import file_lock

INPUTS_FILE = "inputs.json"
"""Kept with every result: the step's kind, everything that its key was made from, and the hash of every file."""


class Step(Protocol):
    """A pure piece of work: equal inputs give an equal result.

    Implementations are frozen dataclasses that can be pickled. `inputs` names everything that determines the result:
    sources and upstream results by content, parameters, the tool and its version.
    """

    @property
    def kind(self) -> str:
        """A short word for the sort of step; a folder name."""
        ...

    def inputs(self) -> dict[str, Any]:
        """Return what determines the result, JSON-able."""
        ...

    def run(self, out: Path) -> None:
        """Write the result into the empty folder `out`; raise on failure."""
        ...


def is_whole(folder: Path) -> bool:
    """Say whether a result is there with every file as it was made; a damaged one counts as missing."""
    try:
        files = json.loads((folder / INPUTS_FILE).read_text())["files"]
        return all(digest_file(folder / name) == made for name, made in files.items())
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


class Store:
    """Keep results under the hash of what determines them.

    Each result is a folder, written beside and renamed, so it is whole or absent; one that was damaged later is made
    anew. A failure leaves nothing. Two processes that need one step at once run it once: the second waits at a file
    lock and takes the result.

    Args:
        root: The store's folder; made on the first write.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def key(self, step: Step) -> str:
        """Return the step's key: the hash of its kind and inputs."""
        return digest({"kind": step.kind, "inputs": step.inputs()})

    def path(self, step: Step) -> Path:
        """Return where the step's result is or would be."""
        return self.path_of(step.kind, self.key(step))

    def path_of(self, kind: str, key: str) -> Path:
        """Return where the result of a key is or would be."""
        return self.root / kind / key

    def has(self, step: Step) -> bool:
        """Say whether the step's result is there, whole."""
        return is_whole(self.path(step))

    def make(self, step: Step) -> Path:
        """Return the folder of the step's result; run the step first where it is missing.

        Raises:
            StorageError: The disk is full or cannot be written.
            Exception: Whatever the step's `run` raised; nothing is stored then.
        """
        inputs = step.inputs()
        key = digest({"kind": step.kind, "inputs": inputs})
        final = self.path_of(step.kind, key)
        if is_whole(final):
            return final
        with file_lock(self.root / "locks" / f"{step.kind}-{key}.lock"):
            if is_whole(final):
                return final
            with self._folder_beside(step.kind, key) as beside:
                with storage_errors(final):
                    step.run(beside)
                files = {path.relative_to(beside).as_posix(): digest_file(path) for path in _files(beside)}
                write_json(beside / INPUTS_FILE, {"kind": step.kind, "inputs": inputs, "files": files})
                with storage_errors(final):
                    final.parent.mkdir(parents=True, exist_ok=True)
                    _rename(beside, final)
        return final

    @contextlib.contextmanager
    def _folder_beside(self, kind: str, key: str) -> Iterator[Path]:
        """Give a fresh folder on the store's file system; the caller holds the key's lock, so older ones are dead."""
        parent = self.root / "tmp"
        with storage_errors(parent):
            parent.mkdir(parents=True, exist_ok=True)
            for dead in parent.glob(f"{kind}-{key}-*"):
                shutil.rmtree(dead, ignore_errors=True)
            beside = parent / f"{kind}-{key}-{os.getpid()}-{secrets.token_hex(4)}"
            beside.mkdir()
        try:
            yield beside
        finally:
            if beside.exists():
                shutil.rmtree(beside, ignore_errors=True)


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file())


def _rename(beside: Path, final: Path) -> None:
    try:
        beside.rename(final)
    except OSError as error:
        if error.errno not in {errno.ENOTEMPTY, errno.EEXIST}:
            raise
        shutil.rmtree(final)  # no whole result: damaged, a person's, or an old version's leaving
        beside.rename(final)
