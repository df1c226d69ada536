"""Judge generated code by the flow's own steps, so that their results are there when the flow comes to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aigchip.core.store import Step, Store
from aigchip.generate.request import ModuleRequest
from aigchip.generate.validate import Verdict
from aigchip.tasks import bench_steps, steps, vendor_steps
from aigchip.template import module as template
from aigchip.toolchain.errors import ModuleRejectedError


@dataclass(frozen=True, slots=True, kw_only=True)
class StepValidator:
    """Validate with the steps `csim` and `csynth`; what passes stays in the store, what fails leaves nothing.

    Args:
        store: The store's folder.
        part: FPGA part to synthesise for.
        clock_period_ps: Clock period to synthesise for. [ps]
        vitis: The Vitis HLS that synthesises; None for csynth.
    """

    store: Path
    part: str
    clock_period_ps: int
    vitis: vendor_steps.Vitis | None = None

    def inputs(self, request: ModuleRequest) -> dict[str, Any]:
        """Return the bench, the settings and the tools."""
        return {
            **bench_steps.bench_inputs(request.module, request.parameters),
            "part": self.part,
            "clock_period_ps": self.clock_period_ps,
            "csim": steps.csim_tools(),
            **({"csynth": steps.csynth_tools()} if self.vitis is None else {"vitis": self.vitis.inputs()}),
        }

    def __call__(self, code: str, request: ModuleRequest, callees: Mapping[str, str]) -> Verdict:
        """Judge the code of a module.

        Raises:
            AigchipError: A tool is missing or the template is at fault; never the code.
        """
        stages: tuple[tuple[Step, tuple[str, ...]], ...] = (
            (
                steps.SimulateModule(
                    module=request.module, parameters=request.parameters, code=code, callees=dict(callees)
                ),
                ("contract", "csim"),
            ),
            (self._synthesis(code, request, callees), ("csynth",)),
        )
        passed: tuple[str, ...] = ()
        for step, names in stages:
            try:
                Store(self.store).make(step)
            except ModuleRejectedError as error:
                return Verdict(errors=error.errors, passed=("contract",) if _simulated(error) else passed)
            passed += names
        return Verdict(errors=(), passed=passed)

    def synthesises(self, code: str, request: ModuleRequest, callees: Mapping[str, str]) -> bool:
        """Say whether C synthesis takes the code, whatever it computes.

        Raises:
            AigchipError: A tool is missing.
        """
        try:
            Store(self.store).make(self._synthesis(code, request, callees))
        except ModuleRejectedError:
            return False
        return True

    def _synthesis(self, code: str, request: ModuleRequest, callees: Mapping[str, str]) -> Step:
        return vendor_steps.synthesis_step(
            function=template.load(request.module).function(request.parameters),
            code=code,
            callees=dict(callees),
            part=self.part,
            clock_period_ps=self.clock_period_ps,
            vitis=self.vitis,
        )


def _simulated(error: ModuleRejectedError) -> bool:
    return error.errors[0].stage == "csim"
