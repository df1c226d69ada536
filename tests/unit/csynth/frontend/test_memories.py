"""Arrays: C simulation = the IR's interpreter for every way to cut and to store them; refusals; initiation intervals of ports."""

import pytest
from unit.csynth.frontend.memory_cases import STORAGE, memory_cases
from unit.csynth.frontend.native import simulate

from csynth.frontend import compile_source
from csynth.ir.interpret import Machine
from csynth.ir.text import parse, print_program

CASES = {**memory_cases(), **STORAGE}


@pytest.mark.parametrize("name", CASES)
def test_csim_equals_interpreter(name, tmp_path):
    case = CASES[name]
    program = compile_source((f"{name}.cpp", case.source), top=case.top)
    assert parse(print_program(program)) == program
    outcome = Machine(program).run(streams=case.streams, scalars=case.scalars)
    assert outcome.streams["out"] == simulate(case, tmp_path)["out"]
    assert not outcome.left["in"]
