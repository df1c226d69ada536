"""Judge a module's code: contract, C simulation, C synthesis, in this order."""

from __future__ import annotations

import functools
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from aigchip.core import paths
from aigchip.core.errors import AigchipError
from aigchip.core.hashing import digest_files
from aigchip.generate.request import ModuleRequest
from aigchip.generate.versions import versions
from aigchip.template import module as template
from aigchip.toolchain.contract import Contract
from aigchip.toolchain.csim import simulate
from aigchip.toolchain.errors import ValidationError
from csynth.errors import CsynthError, ToolError

Synthesize = Callable[..., Any]
"""`csynth.driver.synthesize`, or what stands in for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What validation says about one piece of code.

    Args:
        errors: Why the code was refused, the first to repair first; empty if it passed.
        passed: The stages that it passed, in order.
    """

    errors: tuple[ValidationError, ...]
    passed: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Whether the code passed every stage."""
        return not self.errors


class Validator(Protocol):
    """Judge code; equal arguments and inputs give an equal verdict."""

    def inputs(self) -> dict[str, Any]:
        """Return what determines the verdict beside the code, JSON-able."""
        ...

    def __call__(self, code: str, request: ModuleRequest, callees: Mapping[str, str]) -> Verdict:
        """Judge the code of a module.

        Args:
            code: The C++ text, untrusted.
            request: What it should do.
            callees: The source of each function of another module that it calls, directly or not, by the function's
                name, callees of callees first.
        """
        ...


def _csynth() -> Synthesize:
    from csynth.driver import synthesize  # noqa: PLC0415 - loads LLVM; contract and simulation do not need it

    return synthesize


@functools.cache
def _tools() -> dict[str, Any]:
    """Return versions and the hashes of the sources of simulation and synthesis, read once a process."""
    source = Path(__file__).resolve().parents[2]
    return {
        "versions": versions("ziglang", "wasmtime", "llvmlite"),
        "toolchain": digest_files(source / "aigchip" / "toolchain", ("*.py",)),
        "csynth": digest_files(source / "csynth", ("**/*.py", "include/*")),
        "harness": digest_files(paths.testbench_dir() / "csim"),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class ModuleValidator:
    """Validate with the built-in tools.

    Args:
        part: FPGA part to synthesise for.
        clock_period_ps: Clock period to synthesise for. [ps]
        seed: Seed of the random test vectors.
        synthesis: Whether C synthesis is part of it.
        synthesizer: Gives `csynth.driver.synthesize`.
    """

    part: str
    clock_period_ps: int
    seed: int = 0
    synthesis: bool = True
    synthesizer: Callable[[], Synthesize] = field(default=_csynth, compare=False)

    def inputs(self) -> dict[str, Any]:
        """Return settings, tool versions and the hash of the sources of simulation and synthesis."""
        return {
            "part": self.part if self.synthesis else None,
            "clock_period_ps": self.clock_period_ps if self.synthesis else None,
            "seed": self.seed,
            **_tools(),
        }

    def __call__(self, code: str, request: ModuleRequest, callees: Mapping[str, str]) -> Verdict:
        """Judge the code of a module.

        Raises:
            AigchipError: A tool is missing or the template is at fault; never the code.
        """
        module = template.load(request.module)
        contract = Contract.of(module, request.parameters)
        vectors = module.vectors(request.parameters, self.seed)
        result = simulate(code, contract, vectors, callees=callees)
        if not result.ok:
            passed = ("contract",) if result.errors[0].stage == "csim" else ()
            return Verdict(errors=result.errors, passed=passed)
        if not self.synthesis:
            return Verdict(errors=(), passed=("contract", "csim"))
        error = self._synthesis_error(code, contract, callees)
        if error is not None:
            return Verdict(errors=(error,), passed=("contract", "csim"))
        return Verdict(errors=(), passed=("contract", "csim", "csynth"))

    def _synthesis_error(self, code: str, contract: Contract, callees: Mapping[str, str]) -> ValidationError | None:
        with tempfile.TemporaryDirectory(prefix="aigchip-csynth-") as folder:
            source = Path(folder) / contract.file
            source.write_text(translation_unit(code, contract.file, callees), encoding="utf-8")
            try:
                self.synthesizer()(
                    source,
                    top=contract.function,
                    part=self.part,
                    clock_period_ps=self.clock_period_ps,
                    out_dir=Path(folder) / "out",
                    include_dirs=(template.include_dir(),),
                    resources=False,
                )
            except CsynthError as error:
                if isinstance(error, ToolError) and (error.code == "write" or "doctor" in error.remedy):
                    raise AigchipError("csynth", error.message, f"{error.remedy.rstrip('.')}.", code="tool") from error
                return synthesis_error(error, contract.file)
        return None


def translation_unit(code: str, file: str, callees: Mapping[str, str]) -> str:
    """Put the functions that a module calls before its code, each under its own name for messages."""
    parts = [f'#line 1 "{name}.cpp"\n{source}' for name, source in callees.items()]
    return "\n".join([*parts, f'#line 1 "{file}"\n{code}'])


def synthesis_error(error: CsynthError, file: str) -> ValidationError:
    """Classify what csynth refuses: `error_class` is its code, for example `recursion` or `compile`."""
    place = error.location
    location = file
    if place is not None and place.file:
        location = Path(place.file).name + (f":{place.line}" if place.line else "")
    return ValidationError(
        stage="csynth",
        error_class=error.code,
        message=error.message.rstrip("."),
        location=location,
        remedy=error.remedy,
    )
