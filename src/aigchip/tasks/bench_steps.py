"""The steps of a module's test bench: its audit, and the simulation of the module's RTL with the same vectors."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aigchip.core import hashing, paths
from aigchip.core.atomic import write_json
from aigchip.tasks.steps import VECTOR_SEED, csim_tools, tool_of_csim, version


def bench_inputs(module: str, parameters: Mapping[str, int | str]) -> dict[str, Any]:
    """Return what determines the vectors of a module at one point of its parameters."""
    folder = paths.template_dir() / module
    return {
        "module": module,
        "parameters": dict(parameters),
        "interface": hashing.digest_files(folder, ["module.yaml"]),
        "model": hashing.digest_files(folder, ["model.py"]),
        "seed": VECTOR_SEED,
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditBench:
    """Let a module's vectors judge the expert's code and wrong versions of it, before they judge anybody's code.

    Attributes:
        module: The template's folder.
        parameters: The module's local parameters.
        expert: The expert's C++ for them.
        callees: The expert's C++ of the functions that it calls, directly or not, by the function's name.
    """

    module: str
    parameters: Mapping[str, int | str]
    expert: str
    callees: Mapping[str, str]
    kind: str = field(default="audit", init=False)

    def inputs(self) -> dict[str, Any]:
        """Return what determines the verdict; whose code is judged later is no part of it."""
        sources = paths.source_dir() / "aigchip" / "toolchain"
        return {
            **bench_inputs(self.module, self.parameters),
            "expert": hashing.digest_text(self.expert),
            "callees": {name: hashing.digest_text(text) for name, text in self.callees.items()},
            "wrong_versions": hashing.digest_files(sources, ["audit.py", "wrong_versions.py"]),
            "tools": csim_tools(),
        }

    def run(self, out: Path) -> None:
        """Write result.json.

        Raises:
            AuditError: The vectors pass a wrong version, or fail the expert.
        """
        from aigchip.template import module as template
        from aigchip.toolchain.audit import audit
        from aigchip.toolchain.contract import Contract

        module = template.load(self.module)
        contract = Contract.of(module, self.parameters)
        vectors = module.vectors(self.parameters, VECTOR_SEED)
        report = audit(self.expert, contract, vectors, callees=self.callees)
        report.check(self.parameters)
        write_json(out / "result.json", {**report.to_dict(), "tool": tool_of_csim()})


@functools.cache
def rtlsim_tools() -> dict[str, str]:
    """Return what the simulation of a module's RTL is made of."""
    toolchain = paths.source_dir() / "aigchip" / "toolchain"
    return {
        "toolchain": hashing.digest_files(toolchain, ["module_rtl.py", "verilator.py", "verilator_tools.py"]),
        "bench": hashing.digest_files(paths.testbench_dir(), ["cosim_module.py"]),
        "verilator": version("verilator"),
        "cocotb": version("cocotb"),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulateModuleRtl:
    """Compare a module's RTL with its vectors, at full rate and with random stalls on every port.

    Attributes:
        module: The template's folder.
        parameters: The module's local parameters.
        folder: Where the RTL is; no input of its own.
        rtl: The hash of the RTL.
    """

    module: str
    parameters: Mapping[str, int | str]
    folder: Path
    rtl: str
    kind: str = field(default="rtlsim", init=False)

    def inputs(self) -> dict[str, Any]:
        """Return what determines the verdict."""
        return {**bench_inputs(self.module, self.parameters), "rtl": self.rtl, "tools": rtlsim_tools()}

    def run(self, out: Path) -> None:
        """Write result.json.

        Raises:
            RtlMismatchError: A word is wrong, missing or too many, or the module does not end.
        """
        import tempfile

        from aigchip.template import module as template
        from aigchip.toolchain.contract import Contract
        from aigchip.toolchain.module_rtl import check_module

        module = template.load(self.module)
        contract = Contract.of(module, self.parameters)
        with tempfile.TemporaryDirectory(prefix="work-", dir=out.parent) as work:
            result = check_module(
                sorted((self.folder / "rtl").glob("*.v")),
                function=contract.function,
                ports=contract.ports,
                vectors=module.vectors(self.parameters, VECTOR_SEED),
                cache=paths.cache_dir() / "verilator",
                work=Path(work) / "run",
            )
        write_json(out / "result.json", result.to_dict())
