"""Arrays: C simulation = the IR's interpreter for every way to cut and to store them."""

import pytest
from unit.csynth.frontend.memory_cases import STORAGE, memory_cases
from unit.csynth.frontend.native import simulate

from csynth.frontend import compile_source
from csynth.ir.interpret import Machine
from csynth.ir.text import parse, print_program

CASES = {**memory_cases(), **STORAGE}
_LARGE = {"cut_2d_0", "cut_2d_4", "cut_3d_0"}


@pytest.mark.parametrize("name", [pytest.param(n, marks=pytest.mark.slow) if n in _LARGE else n for n in CASES])
def test_csim_equals_interpreter(name, tmp_path):
    case = CASES[name]
    program = compile_source((f"{name}.cpp", case.source), top=case.top)
    assert parse(print_program(program)) == program
    outcome = Machine(program).run(streams=case.streams, scalars=case.scalars)
    assert outcome.streams["out"] == simulate(case, tmp_path)["out"]
    assert not outcome.left["in"]
