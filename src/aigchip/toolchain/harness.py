"""The trusted half of a simulation program: runtime and harness, compiled once for each signature and then cached."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from aigchip.core import atomic, paths
from aigchip.core.errors import AigchipError
from aigchip.template.module import environment
from aigchip.toolchain import confined
from aigchip.toolchain.contract import COMPILE_ARGS, Contract, include_dirs
from csynth.frontend import clang

_STACK_BYTES = 8 << 20
_RUNTIME_ARGS = (*clang.WASM32, *clang.OBJECT, "-std=c++14", "-O2")


class HarnessError(AigchipError):
    """The harness itself does not compile: the project's own files are at fault, not the module's code."""


@cache
def digest() -> str:
    """Hash what determines a simulation's result beside code and vectors: harness, headers, compiler and options."""
    found = hashlib.sha256(repr((confined.version(), COMPILE_ARGS, _RUNTIME_ARGS)).encode())
    for folder in (paths.testbench_dir() / "csim", *include_dirs()):
        for path in sorted(p for p in folder.rglob("*") if p.is_file()):
            found.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return found.hexdigest()


def harness_source(contract: Contract) -> str:
    """Render the harness for a signature."""
    text = (paths.testbench_dir() / "csim" / "harness.cpp.j2").read_text()
    env = environment()
    return env.from_string(text).render(
        function=contract.function,
        declaration=contract.declaration,
        ports=contract.arguments,
        returned=contract.returned,
        arguments=[f"port_{port.name}" for port in contract.arguments],
    )


def _cached(source: str, name: str, args: tuple[str, ...]) -> bytes:
    key = hashlib.sha256(f"{digest()}\0{args}\0{source}".encode()).hexdigest()
    path: Path = paths.cache_dir() / "csim" / f"{key}.o"
    if path.is_file():
        return path.read_bytes()
    result = confined.run_clang(source, name, args, include_dirs())
    if not result.ok:
        first = result.first_error
        raise HarnessError(name, str(first or result.status), "Restore testbench/csim from the repository.")
    path.parent.mkdir(parents=True, exist_ok=True)
    atomic.write_bytes(path, result.output)
    return result.output


def trusted_objects(contract: Contract) -> tuple[bytes, bytes]:
    """Return the harness of a signature and the runtime.

    Raises:
        HarnessError: one of the project's own files does not compile.
    """
    runtime = (paths.testbench_dir() / "csim" / "runtime.cpp").read_text()
    return (
        _cached(harness_source(contract), f"harness_{contract.function}.cpp", COMPILE_ARGS),
        _cached(runtime, "runtime.cpp", _RUNTIME_ARGS),
    )


def link(contract: Contract, objects: list[bytes]) -> clang.ClangResult:
    """Link checked objects with the trusted ones, whose definitions win."""
    return confined.link_wasm(
        [*trusted_objects(contract), *objects], ("-z", f"stack-size={_STACK_BYTES}", "--stack-first")
    )
