"""Every module's vectors must fail each wrong version of the expert's code, at one point of the design space."""

from __future__ import annotations

from functools import cache

import pytest
from unit.template.designs import random_design

from aigchip.space.derive import INSTANCES, local_parameters
from aigchip.template import module as template
from aigchip.toolchain.audit import AuditReport, audit
from aigchip.toolchain.contract import Contract, callee_name

DESIGN = random_design(3)
PARAMETERS = local_parameters(DESIGN)
#: Loops whose last round does not matter: (instance, loop variable).
WITHOUT_EFFECT = {("pe_array", "lane")}


def callees(instance: str) -> dict[str, str]:
    """Collect the expert's code of every function called, directly or not."""
    module = template.load(instance)
    found: dict[str, str] = {}
    for declaration in module.callees(PARAMETERS[instance]):
        name = callee_name(declaration)
        found[name] = template.load(name).expert_code(PARAMETERS[name])
        found |= callees(name)
    return found


@cache
def report(instance: str) -> AuditReport:
    module, values = template.load(instance), PARAMETERS[instance]
    contract = Contract.of(module, values)
    return audit(module.expert_code(values), contract, module.vectors(values, 0), callees=callees(instance))


@pytest.mark.parametrize("instance", INSTANCES)
def test_the_bench_fails_every_wrong_version(instance: str):
    found = report(instance)
    found.check()
    assert found.ok, found.counts()
    for verdict in found.unclear:
        assert any(instance == who and f"over {loop} " in verdict.name for who, loop in WITHOUT_EFFECT), verdict
