"""RTL = interpreter for every way to cut and to store an array, at full rate and with random stalls."""

import pytest
from cosim.csynth.test_rtl_equals_interpreter import compare
from unit.csynth.frontend.memory_cases import STORAGE, memory_cases

from csynth.frontend import compile_source

CASES = {**memory_cases(), **STORAGE}
_FAST = {"cut_1d_8", "ram_one", "ram_true", "ram_ultra", "rom_two"}  # the others run for minutes


@pytest.mark.parametrize("name", [n if n in _FAST else pytest.param(n, marks=pytest.mark.slow) for n in CASES])
def test_rtl(name, tmp_path):
    case = CASES[name]
    program = compile_source((f"{name}.cpp", case.source), top=case.top)
    compare(program, tmp_path, streams=case.streams, scalars=case.scalars, memories={}, calls=1)
