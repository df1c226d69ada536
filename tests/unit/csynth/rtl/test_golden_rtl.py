"""Whole texts of emitted modules; tests/cosim/csynth simulates the same programs."""

import pytest
from cosim.csynth.programs import PROGRAMS
from unit.csynth.frontend.cases import CASES

from csynth.driver import make_hardware
from csynth.frontend import compile_source
from csynth.ir.text import parse
from csynth.rtl.text import identifier, literal


@pytest.mark.parametrize("name", ["histogram", "calls"])
def test_of_ir(name, golden):
    for module, verilog in make_hardware(parse(PROGRAMS[name][0]), clock_period_ps=3333).verilog.items():
        golden(f"csynth_rtl/{name}.{module}.v", verilog)


@pytest.mark.parametrize("name", ["dot_product", "dataflow"])
def test_of_cpp(name, golden):
    case = CASES[name]
    program = compile_source((f"{name}.cpp", case.source), top=case.top)
    for module, verilog in make_hardware(program, clock_period_ps=3333).verilog.items():
        golden(f"csynth_rtl/{name}.{module}.v", verilog)


def test_the_same_program_gives_the_same_text():
    program = parse(PROGRAMS["shared_port"][0])
    assert make_hardware(program, clock_period_ps=3333).verilog == make_hardware(program, clock_period_ps=3333).verilog


def test_keywords_are_escaped():
    assert identifier("interconnect") == "\\interconnect "
    assert identifier("buffer_a") == "buffer_a"


def test_literals():
    assert literal(-1, 8) == "8'd255"
    assert literal(1 << 40, 48) == "48'h10000000000"
