"""A validator without a store: contract and C simulation, as a build judges, without C synthesis."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aigchip.generate.reason import BENCH_SEED
from aigchip.generate.request import ModuleRequest
from aigchip.generate.validate import Verdict
from aigchip.template import module as template
from aigchip.toolchain.contract import Contract
from aigchip.toolchain.csim import simulate
from aigchip.toolchain.sandbox import RunLimits


@dataclass(frozen=True)
class Simulation:
    limits: RunLimits | None = None

    def inputs(self, request: ModuleRequest) -> dict[str, Any]:
        return {"seed": BENCH_SEED}

    def __call__(self, code: str, request: ModuleRequest, callees: Mapping[str, str]) -> Verdict:
        module = template.load(request.module)
        vectors = module.vectors(request.parameters, BENCH_SEED)
        contract = Contract.of(module, request.parameters)
        errors = simulate(code, contract, vectors, callees=callees, limits=self.limits).errors
        if not errors:
            return Verdict(errors=(), passed=("contract", "csim"))
        return Verdict(errors=errors, passed=("contract",) if errors[0].stage == "csim" else ())
