"""Every module's vectors must fail each wrong version of the expert's code, at one point of the design space."""

from __future__ import annotations

import pytest
from unit.template.designs import random_design

from aigchip.space.derive import INSTANCES, local_parameters
from aigchip.tasks.steps import VECTOR_SEED
from aigchip.template import module as template
from aigchip.toolchain.audit import audit, audit_loops
from aigchip.toolchain.contract import Contract, callee_name

DESIGN = random_design(3)
PARAMETERS = local_parameters(DESIGN)
#: Loops whose last round does not matter: (instance, loop variable).
#: In the buffers the first words wait a cycle longer, where their queue seems to have no room.
WITHOUT_EFFECT = {("pe_array", "lane"), ("buffer_a", "slot"), ("buffer_b", "slot")}


def callees(instance: str) -> dict[str, str]:
    """Collect the expert's code of every function called, directly or not."""
    module = template.load(instance)
    found: dict[str, str] = {}
    for declaration in module.callees(PARAMETERS[instance]):
        name = callee_name(declaration)
        found[name] = template.load(name).expert_code(PARAMETERS[name])
        found |= callees(name)
    return found


@pytest.mark.parametrize("instance", INSTANCES)
def test_the_bench_fails_every_wrong_version(instance: str):
    module, values = template.load(instance), PARAMETERS[instance]
    contract, vectors = Contract.of(module, values), module.vectors(values, VECTOR_SEED)
    found = audit(module.expert_code(values), contract, vectors, callees=callees(instance))
    found.check(values)
    assert found.ok, found.counts()
    for loop in audit_loops(module.expert_code(values), contract, vectors, callees=callees(instance)):
        without_effect = any(instance == who and f"over {name} " in loop.name for who, name in WITHOUT_EFFECT)
        assert loop.caught or without_effect, loop


@pytest.mark.parametrize("reuse", ["first", "second", "output"])
def test_ctrl_of_every_reuse(reuse: str):
    module, values = template.load("ctrl"), local_parameters(random_design(7, reuse=reuse))["ctrl"]
    found = audit(
        module.expert_code(values), Contract.of(module, values), module.vectors(values, VECTOR_SEED), callees={}
    )
    found.check(values)
