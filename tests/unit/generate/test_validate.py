"""Validation: each way to fail has its stage and class."""

from __future__ import annotations

import pytest
from support.simulation import Simulation

from aigchip.generate.ask import module_request
from aigchip.generate.validate import synthesis_error, translation_unit
from aigchip.template import module as template
from csynth.errors import UnsupportedError
from csynth.ir.model import Location

MAC = {"mac_width": 2, "pack": 1, "noc_a_mac": "unicast", "noc_b_mac": "broadcast", "noc_c_mac": "unicast"}
LANE = {
    "lane_macs": 1,
    "noc_a_lane": "unicast",
    "noc_b_lane": "unicast",
    "noc_c_lane": "unicast",
    "mac_m": 2,
    "mac_n": 1,
    "mac_k": 1,
}


def code(module="mac", parameters=None):
    return template.load(module).expert_code(parameters or MAC)


def test_a_module_is_judged_together_with_the_functions_that_it_calls():
    request = module_request("pe_lane", LANE)
    assert Simulation()(code("pe_lane", LANE), request, {"mac": code()}).passed == ("contract", "csim")


@pytest.mark.parametrize(
    ("change", "stage", "error_class"),
    [
        (("sum += left * right", "sum = left * right + 1"), "csim", "wrong-result"),
        (("return sums;", "return smus;"), "compile", "compile"),
        (("ap_uint<8> b", "ap_uint<9> b"), "contract", "signature"),
        (("return sums;", 'asm volatile("nop"); return sums;'), "contract", "forbidden"),
        (("return sums;", "while (true) sums = sums + 1; return sums;"), "csim", "timeout"),
    ],
)
def test_each_wrong_code_has_its_stage_and_class(change, stage, error_class):
    wrong = code().replace(*change)
    assert wrong != code()
    verdict = Simulation()(wrong, module_request("mac", MAC), {})
    assert not verdict.ok
    assert (verdict.errors[0].stage, verdict.errors[0].error_class) == (stage, error_class)
    assert verdict.passed == (("contract",) if stage == "csim" else ())
    assert verdict.words()[stage] == error_class


def test_what_csynth_refuses_is_classified():
    error = UnsupportedError("recursion", "f calls itself.", Location(file="/tmp/x/mac.cpp", line=7), "Use a loop.")
    found = synthesis_error(error, "mac.cpp")
    assert (found.stage, found.error_class) == ("csynth", "recursion")
    assert str(found) == "mac.cpp:7: f calls itself. Use a loop."
    assert synthesis_error(UnsupportedError("x", "y"), "mac.cpp").location == "mac.cpp"


def test_lines_keep_their_file_in_a_common_unit():
    assert translation_unit("int g;\n", "pe_lane.cpp", {"mac": "int f;\n"}) == (
        '#line 1 "mac.cpp"\nint f;\n\n#line 1 "pe_lane.cpp"\nint g;\n'
    )
