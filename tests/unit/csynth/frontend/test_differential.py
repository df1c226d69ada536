"""C simulation = the IR's interpreter, before and after the passes."""

import pytest
from unit.csynth.frontend.cases import CASES
from unit.csynth.frontend.native import agree

from csynth.frontend import compile_source
from csynth.ir.interpret import Machine
from csynth.ir.text import parse, print_program


@pytest.mark.parametrize("name", CASES)
def test_csim_equals_interpreter(name, tmp_path):
    case = CASES[name]
    program = compile_source((f"{name}.cpp", case.source), top=case.top)
    assert parse(print_program(program)) == program
    agree(case, program, tmp_path)


@pytest.mark.parametrize("name", ["dot_product", "conditional_reads", "dataflow", "bursts"])
def test_golden_ir(name, golden):
    case = CASES[name]
    golden(f"csynth_frontend/{name}.ir", print_program(compile_source((f"{name}.cpp", case.source), top=case.top)))


def test_a_static_variable_keeps_its_value_from_run_to_run():
    case = CASES["partial_unroll"]
    machine = Machine(compile_source(("partial.cpp", case.source), top=case.top))
    assert [machine.run(streams=case.streams).streams["out"][1] for _ in range(3)] == [1, 2, 3]
