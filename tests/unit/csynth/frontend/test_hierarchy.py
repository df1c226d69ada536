"""Kept functions: C simulation = interpreter, names, refusals, and how often a module is compiled."""

import pytest
from unit.csynth.frontend.hierarchy_cases import HIERARCHY
from unit.csynth.frontend.native import simulate

from csynth.frontend import compile_source
from csynth.ir.interpret import Machine
from csynth.ir.text import parse, print_program


@pytest.mark.parametrize("name", HIERARCHY)
def test_csim_equals_interpreter(name, tmp_path):
    case = HIERARCHY[name]
    wanted = simulate(case, tmp_path)
    program = compile_source((f"{name}.cpp", case.source), top=case.top)
    assert parse(print_program(program)) == program
    outcome = Machine(program).run(streams=case.streams)
    assert outcome.streams["out"] == wanted["out"]
    assert outcome.left["in"] == []
