"""The confined compiler as the build system calls it: what is no fault of the code becomes an error for the person."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from aigchip.core.atomic import storage_errors
from aigchip.core.errors import ToolMissingError
from csynth.frontend import clang


@contextmanager
def _translated() -> Iterator[None]:
    try:
        with storage_errors(Path(tempfile.gettempdir())):
            yield
    except clang.ClangMissingError as error:
        remedy = "Run ./doit doctor."
        raise ToolMissingError("clang", "the wheel 'ziglang' is missing; must be installed", remedy) from error


def run_clang(
    source_text: str, name: str, args: Sequence[str], include_dirs: Sequence[Path], limits: clang.Limits | None = None
) -> clang.ClangResult:
    """Compile as `csynth.frontend.clang.run_clang` does.

    Raises:
        ToolMissingError: the compiler is not installed.
        StorageError: the disk is full.
    """
    with _translated():
        return clang.run_clang(source_text, name, args, include_dirs, limits)


def link_wasm(objects: Sequence[bytes], options: Sequence[str]) -> clang.ClangResult:
    """Link as `csynth.frontend.clang.link_wasm` does.

    Raises:
        ToolMissingError: the compiler is not installed.
        StorageError: the disk is full.
    """
    with _translated():
        return clang.link_wasm(objects, options=options)


def version() -> str:
    """Return the compiler's version.

    Raises:
        ToolMissingError: the compiler is not installed.
    """
    with _translated():
        return clang.clang_version()
