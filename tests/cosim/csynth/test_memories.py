"""RTL = interpreter for every way to cut and to store an array, at full rate and with random stalls."""

import pytest
from cosim.csynth.test_rtl_equals_interpreter import compare
from unit.csynth.frontend.memory_cases import STORAGE, memory_cases

from csynth.frontend import compile_source

CASES = {**memory_cases(), **STORAGE}


@pytest.mark.parametrize("name", CASES)
def test_rtl(name, tmp_path):
    case = CASES[name]
    program = compile_source((f"{name}.cpp", case.source), top=case.top)
    compare(program, tmp_path, streams=case.streams, scalars=case.scalars, memories={}, calls=1)
