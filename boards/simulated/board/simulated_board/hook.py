"""Put the device behind `pynq` as soon as a program has imported it."""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import sys
from collections.abc import Sequence
from types import ModuleType

from simulated_board import configuration, disk


class _AfterImport(importlib.abc.Loader):
    """The loader of `pynq`, with one step more."""

    def __init__(self, loader: importlib.abc.Loader) -> None:
        self._loader = loader

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        configuration.put_shims_on_path()
        self._loader.exec_module(module)
        from simulated_board import device  # noqa: PLC0415 - it imports pynq

        device.register()


class _Finder(importlib.abc.MetaPathFinder):
    """Find `pynq` as the other finders do, and wrap its loader."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != "pynq":
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(fullname)
        if spec is not None and spec.loader is not None:
            spec.loader = _AfterImport(spec.loader)
        return spec


def install() -> None:
    """Wait for `import pynq`, where the board's marker file is there."""
    if not configuration.MARKER.is_file():
        return
    board = configuration.load()
    if board.fault() == "disk-full":
        disk.fill(board.folder / "work")
    sys.meta_path.insert(0, _Finder())
