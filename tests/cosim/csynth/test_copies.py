"""RTL = interpreter for arrays that are set and copied as a whole, and for pointers that walk, at full rate and with random stalls."""

import pytest
from cosim.csynth.test_rtl_equals_interpreter import compare
from unit.csynth.frontend.copy_cases import COPIES, WALKS

from csynth.frontend import compile_source

CASES = {**COPIES, **WALKS}
_FAST = {"init_lists", "init_matrix", "copy_kinds", "walk_once"}  # the others run longer than they find


@pytest.mark.parametrize("name", [n if n in _FAST else pytest.param(n, marks=pytest.mark.slow) for n in CASES])
def test_rtl(name, tmp_path):
    case = CASES[name]
    program = compile_source((f"{name}.cpp", case.source), top=case.top)
    compare(program, tmp_path, streams=case.streams, scalars=case.scalars, memories={}, calls=2)
