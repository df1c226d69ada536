"""Validation: each way to fail has its stage and class."""

from __future__ import annotations

import pytest

from aigchip.core.errors import AigchipError
from aigchip.generate.ask import module_request
from aigchip.generate.validate import ModuleValidator, synthesis_error, translation_unit
from aigchip.template import module as template
from csynth.errors import ToolError, UnsupportedError
from csynth.ir.model import Location

MAC = {"mac_width": 2, "noc_a_mac": "unicast", "noc_b_mac": "broadcast"}
LANE = {"lane_macs": 1, "noc_a_lane": "unicast", "noc_b_lane": "unicast", "mac_m": 2, "mac_n": 1, "mac_k": 1}
PART, CLOCK_PS = "xczu7ev-ffvc1156-2-e", 3333


def code(module="mac", parameters=None):
    return template.load(module).expert_code(parameters or MAC)


def refuse(error):
    def synthesize(*_args, **_kwargs):
        raise error

    return lambda: synthesize


def test_good_code_passes_every_stage():
    verdict = ModuleValidator(part=PART, clock_period_ps=CLOCK_PS)(code(), module_request("mac", MAC), {})
    assert verdict.errors == ()
    assert verdict.passed == ("contract", "csim", "csynth")


def test_a_module_is_judged_together_with_the_functions_that_it_calls():
    request = module_request("pe_lane", LANE)
    validate = ModuleValidator(part=PART, clock_period_ps=CLOCK_PS)
    verdict = validate(code("pe_lane", LANE), request, {"mac": code()})
    assert verdict.errors == ()


@pytest.mark.parametrize(
    ("change", "stage", "error_class"),
    [
        (("dot += left * right", "dot = left * right + 1"), "csim", "wrong-result"),
        (("return next;", "return nixt;"), "compile", "compile"),
        (("ap_uint<1> clear", "ap_uint<2> clear"), "contract", "signature"),
        (("return next;", 'asm volatile("nop"); return next;'), "contract", "forbidden"),
        (("return next;", "while (true) next = next + 1; return next;"), "csim", "timeout"),
    ],
)
def test_each_wrong_code_has_its_stage_and_class(change, stage, error_class):
    wrong = code().replace(*change)
    assert wrong != code()
    verdict = ModuleValidator(part=PART, clock_period_ps=CLOCK_PS)(wrong, module_request("mac", MAC), {})
    assert not verdict.ok
    assert (verdict.errors[0].stage, verdict.errors[0].error_class) == (stage, error_class)
    assert verdict.passed == (("contract",) if stage == "csim" else ())


def test_what_csynth_refuses_is_classified():
    error = UnsupportedError("recursion", "f calls itself.", Location(file="/tmp/x/mac.cpp", line=7), "Use a loop.")
    validate = ModuleValidator(part=PART, clock_period_ps=CLOCK_PS, synthesizer=refuse(error))
    verdict = validate(code(), module_request("mac", MAC), {})
    assert verdict.passed == ("contract", "csim")
    found = verdict.errors[0]
    assert (found.stage, found.error_class, str(found)) == (
        "csynth",
        "recursion",
        "mac.cpp:7: f calls itself. Use a loop.",
    )
    assert synthesis_error(UnsupportedError("x", "y"), "mac.cpp").location == "mac.cpp"


def test_a_missing_tool_is_no_fault_of_the_code():
    error = ToolError("clang", "zig is not there", None, "Run ./doit doctor")
    validate = ModuleValidator(part=PART, clock_period_ps=CLOCK_PS, synthesizer=refuse(error))
    with pytest.raises(AigchipError) as caught:
        validate(code(), module_request("mac", MAC), {})
    assert str(caught.value) == "csynth: zig is not there. Run ./doit doctor."


def test_code_that_exhausts_a_tool_is_refused_like_other_code():
    error = ToolError("llvm_end", "LLVM's passes ended before an answer", None, "Unroll less")
    validate = ModuleValidator(part=PART, clock_period_ps=CLOCK_PS, synthesizer=refuse(error))
    verdict = validate(code(), module_request("mac", MAC), {})
    assert [(found.stage, found.error_class) for found in verdict.errors] == [("csynth", "llvm_end")]


def test_lines_keep_their_file_in_a_common_unit():
    assert translation_unit("int g;\n", "pe_lane.cpp", {"mac": "int f;\n"}) == (
        '#line 1 "mac.cpp"\nint f;\n\n#line 1 "pe_lane.cpp"\nint g;\n'
    )


def test_inputs_name_the_tools():
    inputs = ModuleValidator(part=PART, clock_period_ps=CLOCK_PS).inputs()
    assert set(inputs) == {
        "part",
        "clock_period_ps",
        "seed",
        "versions",
        "toolchain",
        "csynth",
        "harness",
    }
    assert inputs != ModuleValidator(part=PART, clock_period_ps=CLOCK_PS + 1).inputs()
    without = ModuleValidator(part=PART, clock_period_ps=CLOCK_PS, synthesis=False).inputs()
    assert without == ModuleValidator(part="other", clock_period_ps=1, synthesis=False).inputs()
