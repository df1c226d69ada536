"""Dataflow regions: C++ = interpreter = RTL for each kind of channel, at full rate and under random stalls; what overlaps, in cycles."""

import pytest
from cosim.csynth.dataflow_cases import CASES
from cosim.csynth.test_rtl_equals_interpreter import compare
from unit.csynth.frontend.native import simulate

from csynth.frontend import compile_source
from csynth.ir.interpret import Machine
from csynth.ir.text import parse, print_program


def program_of(name):
    case = CASES[name]
    return compile_source((f"{name}.cpp", case.source), top=case.top)


@pytest.mark.parametrize("name", CASES)
def test_cpp_equals_interpreter(name, tmp_path):
    case, program = CASES[name], program_of(name)
    assert parse(print_program(program)) == program
    outcome = Machine(program).run(streams=case.streams, scalars=case.scalars)
    wanted = simulate(case, tmp_path)
    assert outcome.streams["out"] == wanted["out"]
    assert outcome.left["in"] == []


FRAMES, WORDS, RESTART = 8, 32, 6  # RESTART: filling a pipeline, and from the end of a run to the start of the next
MOST_CYCLES = {  # `mix` reads two words a cycle of two: one frame in the cycles of the slowest process, not of all three
    "frames_in_a_loop": FRAMES * (2 * WORDS + RESTART) + 2 * (WORDS + RESTART),
    "pipo": (2 * WORDS + RESTART) + 2 * (WORDS + RESTART),
}


_SLOW = {"pipo", "two_dimensions", "scalars", "stream_array", "nested"}  # others show the same in RTL


@pytest.mark.verifies("csynth")
@pytest.mark.parametrize("name", [pytest.param(n, marks=pytest.mark.slow) if n in _SLOW else n for n in CASES])
def test_rtl_equals_interpreter(name, tmp_path):
    case = CASES[name]
    result = compare(program_of(name), tmp_path, streams=case.streams, scalars=case.scalars, memories={})
    cycles = result.calls[0].cycles
    assert result.calls[0].run == "full rate"
    assert cycles <= MOST_CYCLES.get(name, cycles)
