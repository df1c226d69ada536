"""What the last whole build of a design was made from: `build` sees at once that nothing changed, `why` compares."""

from __future__ import annotations

import importlib.metadata
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aigchip.core import paths
from aigchip.core.atomic import write_json
from aigchip.core.hashing import digest, digest_file, digest_files
from aigchip.core.store import is_whole

FILE_NAME = "made-from.json"


def fingerprint(settings: Mapping[str, Any], source: Path, overrides: Mapping[str, str], board: str) -> dict[str, str]:
    """Hash, by area, every file that a design's result can depend on; unequal areas have to be looked at closely.

    Args:
        settings: The arguments that matter.
        source: The file of the design.
        overrides: The instructions that a person wrote for it.
        board: The board's name.
    """
    sources = paths.source_dir()
    network = Path(str(settings.get("network", "")))
    return {
        "arguments": digest(dict(settings)),
        "design": digest(json.loads(source.read_text())["design"])
        if source.suffix == ".json"
        else digest(source.read_text()),
        "instructions": digest(dict(overrides)),
        "template": digest_files(paths.template_dir()),
        "demonstrations": digest_files(paths.demos_dir()),
        "board": digest_files(paths.boards_dir() / board, ["board.yaml"]),
        "test benches": digest_files(paths.testbench_dir()),
        "csynth": digest_files(sources / "csynth", ["**/*.py", "include/*", "**/*.v"]),
        "aigchip": digest_files(sources / "aigchip", ["**/*.py"]),
        "tools": _tools(),
        "network": digest_file(network) if network.is_file() else "",
        "settings": digest(_model_settings()) if settings.get("generator") == "llm" else "",
        "records": digest_files(paths.records_dir()) if settings.get("generator") == "recorded" else "",
    }


def _tools() -> str:
    """Hash the versions of the tools: the lock file of a checkout, else what is installed beside the wheel."""
    lock = paths.root() / "requirements.lock"
    if lock.is_file() and not paths.is_installed():
        return digest(lock.read_text())
    needed = (re.split(r"[^\w.-]", text, maxsplit=1)[0] for text in importlib.metadata.requires("aigchip") or ())
    return digest({name: importlib.metadata.version(name) for name in needed})


def _model_settings() -> list[str]:
    """Return what says which model writes the modules."""
    file = paths.root() / "aigchip.yaml"
    return [digest_file(file) if file.is_file() else "", os.environ.get("AIGCHIP_MODEL", "")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A finished build.

    Attributes:
        areas: The fingerprint then.
        steps: Node name to its key's parts: kind, key and inputs.
    """

    areas: Mapping[str, str]
    steps: Mapping[str, Mapping[str, Any]]

    def is_whole(self, names: tuple[str, ...] = ()) -> bool:
        """Say whether every result (of the named nodes, or all) is still in the store, undamaged."""
        store = paths.store_dir()
        entries = [self.steps[name] for name in names] if names else list(self.steps.values())
        return all(is_whole(store / entry["kind"] / entry["key"]) for entry in entries)


def _file(folder: Path, toolchain: str) -> Path:
    """Return where the record of a design's build with a toolchain is: a build with one says nothing of the other's."""
    return folder / (FILE_NAME if toolchain == "csynth" else f"made-from-{toolchain}.json")


def read(folder: Path, toolchain: str = "csynth") -> Record | None:
    """Return the record in a design's folder; None where there is none that can be used."""
    try:
        data = json.loads(_file(folder, toolchain).read_text())
        return Record(areas=data["areas"], steps=data["steps"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write(folder: Path, record: Record, toolchain: str = "csynth") -> None:
    """Keep the record of a finished build."""
    write_json(
        _file(folder, toolchain), {"areas": dict(record.areas), "steps": {k: dict(v) for k, v in record.steps.items()}}
    )
