"""The simulated board's own Python packages: the real pynq with the versions that it needs, apart from the project's.

They are installed once, from a hash-checked lock file, into the person's cache, where every checkout finds them.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from aigchip.core import paths
from aigchip.core.atomic import storage_errors, write_text
from aigchip.core.errors import ToolMissingError
from aigchip.core.lock import file_lock
from aigchip.simboard.errors import SimulatedBoardError

_VERSIONS = ((3, 11), (3, 12))  # those that numpy 1.26 and grpcio 1.64 have wheels for
_LIMIT_SECONDS = 1800.0
_READY = ".ready"


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """What a board's interpreter needs.

    Attributes:
        python: The interpreter that the packages are for.
        packages: The folder of the packages, to be put on its path.
    """

    python: Path
    packages: Path


def lock_file() -> Path:
    """Return the list of packages with their hashes."""
    return paths.boards_dir() / "simulated" / "requirements.lock"


def ensure(say: Callable[[str], None] = print, *, lock: Path | None = None) -> Environment:
    """Return the packages; install them first where they are missing or half made.

    Args:
        say: Is told what is done and how long it took.
        lock: The list of packages; the project's by default.

    Raises:
        ToolMissingError: There is no Python of a version that the packages exist for.
        SimulatedBoardError: They cannot be installed.
        StorageError: The disk is full or cannot be written.
    """
    listed = lock or lock_file()
    python = interpreter()
    key = hashlib.sha256(listed.read_bytes() + _version_of(python).encode()).hexdigest()[:16]
    folder = paths.cache_dir() / "simulated-board" / key
    found = Environment(python=python, packages=folder)
    if (folder / _READY).is_file():
        return found
    with storage_errors(folder), file_lock(folder.parent / f"{key}.lock"):
        if (folder / _READY).is_file():
            return found
        say(f"Installing pynq for the simulated board into {folder} (once; about a minute, 250 MB, needs the network).")
        started = time.monotonic()
        for old in folder.parent.glob(f".{key}-*"):  # left by a process that was killed
            shutil.rmtree(old, ignore_errors=True)
        scratch = Path(tempfile.mkdtemp(prefix=f".{key}-", dir=folder.parent))
        try:
            _install(python, listed, scratch)
            write_text(scratch / _READY, f"{python}\n")
            shutil.rmtree(folder, ignore_errors=True)
            scratch.rename(folder)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
        say(f"Installed in {time.monotonic() - started:.0f} s.")
    return found


def interpreter() -> Path:
    """Return a Python that the packages exist for: the running one by preference.

    Raises:
        ToolMissingError: There is none.
    """
    running = Path(sys.base_prefix) / "bin" / f"python{sys.version_info.major}.{sys.version_info.minor}"
    names = [f"python{major}.{minor}" for major, minor in reversed(_VERSIONS)]
    candidates = [running] if sys.version_info[:2] in _VERSIONS else []
    candidates += [Path(place) for name in names if (place := shutil.which(name))]
    for candidate in candidates:
        if candidate.is_file():
            return candidate
    raise ToolMissingError(
        "board=sim",
        f"pynq needs Python {' or '.join(f'{major}.{minor}' for major, minor in _VERSIONS)}, and there is none",
        "Run: sudo apt-get install python3.12, or: uv python install 3.12 --default.",
        code="tool-missing",
    )


def _version_of(python: Path) -> str:
    done = subprocess.run(
        [str(python), "-c", "import sys, sysconfig; print(sys.version_info[:2], sysconfig.get_platform())"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return done.stdout.strip()


def _install(python: Path, lock: Path, target: Path) -> None:
    surroundings = {name: value for name, value in os.environ.items() if name not in {"BOARD", "PYTHONPATH"}}
    surroundings["PIP_DISABLE_PIP_VERSION_CHECK"] = "1"  # BOARD would make pynq fetch overlays of that board
    uv = shutil.which("uv")
    what = ["--require-hashes", "--target", str(target), "-r", str(lock)]
    if uv:
        command = [uv, "--no-config", "pip", "install", "--quiet", "--compile-bytecode", "--python", str(python), *what]
        _run(command, surroundings)
        return
    with tempfile.TemporaryDirectory(prefix="pip-") as folder:
        pip = Path(folder) / "bin" / "python"
        _run([str(python), "-m", "venv", folder], surroundings)
        _run([str(pip), "-m", "pip", "install", "--quiet", *what], surroundings)


def _run(command: Sequence[str], surroundings: dict[str, str]) -> None:
    try:
        done = subprocess.run(
            command,
            env=surroundings,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
            timeout=_LIMIT_SECONDS,
        )
    except subprocess.TimeoutExpired:
        raise SimulatedBoardError(
            "board=sim",
            f"installing pynq took longer than {_LIMIT_SECONDS:g} s",
            "See that the network works and run the same command again.",
            code="timeout",
        ) from None
    if done.returncode:
        lines = [line.strip() for line in done.stdout.splitlines() if line.strip()]
        said = next((line for line in reversed(lines) if "error" in line.lower()), lines[-1] if lines else "no output")
        raise SimulatedBoardError(
            "board=sim",
            f"pynq cannot be installed: {said}",
            "With network and disk in order, run the same command again; nothing is half made.",
            code="install",
        )
