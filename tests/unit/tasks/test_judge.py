"""Judging generated code by the flow's steps: what passes is in the store under the flow's own keys."""

import pytest

from aigchip.core.store import Store
from aigchip.generate.ask import module_request
from aigchip.tasks.judge import StepValidator
from aigchip.tasks.steps import SimulateModule, SynthesiseModule
from aigchip.template import module as template

MAC = {"mac_width": 2, "pack": 1, "noc_a_mac": "unicast", "noc_b_mac": "unicast", "noc_c_mac": "broadcast"}
PART, CLOCK_PS = "xczu7ev-ffvc1156-2-e", 3333


def code():
    return template.load("mac").expert_code(MAC)


def judge(folder, clock_period_ps=CLOCK_PS):
    return StepValidator(store=folder, part=PART, clock_period_ps=clock_period_ps)


def test_what_passes_is_the_result_of_the_flows_steps(tmp_path):
    verdict = judge(tmp_path)(code(), module_request("mac", MAC), {})
    assert (verdict.errors, verdict.passed) == ((), ("contract", "csim", "csynth"))
    store, function = Store(tmp_path), template.load("mac").function(MAC)
    assert store.has(SimulateModule(module="mac", parameters=MAC, code=code(), callees={}))
    assert store.has(SynthesiseModule(function=function, code=code(), callees={}, part=PART, clock_period_ps=CLOCK_PS))


@pytest.mark.parametrize(
    ("change", "stage", "error_class", "passed"),
    [
        (("sum += left * right", "sum = left * right + 1"), "csim", "wrong-result", ("contract",)),
        (("return sums;", "return smus;"), "compile", "compile", ()),
        (("(ap_uint<", "(ap_uint<1"), "contract", "signature", ()),
    ],
)
def test_what_fails_is_classified_and_leaves_nothing(change, stage, error_class, passed, tmp_path):
    wrong = code().replace(*change)
    assert wrong != code()
    verdict = judge(tmp_path)(wrong, module_request("mac", MAC), {})
    assert (verdict.errors[0].stage, verdict.errors[0].error_class, verdict.passed) == (stage, error_class, passed)
    assert not list(tmp_path.glob("csim/*"))
    assert not list(tmp_path.glob("csynth/*"))


def test_inputs_name_bench_settings_and_tools(tmp_path):
    request = module_request("mac", MAC)
    inputs = judge(tmp_path).inputs(request)
    assert {"model", "seed", "part", "clock_period_ps", "csim", "csynth"} <= set(inputs)
    assert inputs != judge(tmp_path, CLOCK_PS + 1).inputs(request)
