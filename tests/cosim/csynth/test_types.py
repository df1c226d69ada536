"""Fixed-point numbers and structs: RTL = interpreter (= C++, which the front end's tests show), at full rate and under random stalls."""

import pytest
from cosim.csynth.test_rtl_equals_interpreter import compare
from unit.csynth.frontend.types_cases import TYPES_CASES

from csynth.frontend import compile_source


@pytest.mark.parametrize("name", TYPES_CASES)
def test_rtl_equals_interpreter(name, tmp_path):
    case = TYPES_CASES[name]
    program = compile_source((f"{name}.cpp", case.source), top=case.top)
    compare(program, tmp_path, streams=case.streams, scalars=case.scalars, memories={})
