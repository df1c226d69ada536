"""Compile and run a C++ program with csynth's headers, natively."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from csynth.frontend import INCLUDE_DIR


def build(source: str, folder: Path, *, options: tuple[str, ...] = ()) -> Path:
    """Compile with clang; the binary."""
    (folder / "program.cpp").write_text(source)
    environment = {**os.environ}
    environment.setdefault("ZIG_GLOBAL_CACHE_DIR", str(Path.home() / ".cache" / "csynth-tests-zig"))
    command = [sys.executable, "-m", "ziglang", "cc", "-x", "c++", "-std=c++14", "-O1", "-w", "-fno-sanitize=all"]
    command += ["-fno-exceptions", "-I", str(INCLUDE_DIR), *options]
    compiled = subprocess.run(
        [*command, str(folder / "program.cpp"), "-o", str(folder / "program")],
        check=False,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert compiled.returncode == 0, compiled.stderr[:4000]
    return folder / "program"


def run(binary: Path, *arguments: str) -> list[list[str]]:
    """The words of each line that it prints."""
    done = subprocess.run([str(binary), *arguments], check=True, capture_output=True, text=True, timeout=300)
    return [line.split() for line in done.stdout.splitlines()]
