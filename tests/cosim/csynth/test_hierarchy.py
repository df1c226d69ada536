"""Kept functions: RTL = interpreter (= C++, which the front end's tests show), at full rate and with random stalls."""

import pytest
from cosim.csynth.test_rtl_equals_interpreter import compare
from unit.csynth.frontend.hierarchy_cases import HIERARCHY

from csynth.frontend import compile_source

_QUICK = ("accumulator", "array_of_macs", "in_states", "nested_and_shared", "shared_2")
_CASES = [
    pytest.param(name, marks=() if name in _QUICK else pytest.mark.slow)
    for name in HIERARCHY
    if name != "one_static_variable"  # what it keeps differs from run to run of the bench
]


@pytest.mark.verifies("csynth")
@pytest.mark.parametrize("name", _CASES)
def test_rtl_equals_interpreter(name, tmp_path):
    case = HIERARCHY[name]
    program = compile_source((f"{name}.cpp", case.source), top=case.top)
    compare(program, tmp_path, streams=case.streams, scalars={}, memories={})
