"""Kept functions: RTL = interpreter (= C++, which the front end's tests show), at full rate and with random stalls."""

import pytest
from cosim.csynth.test_rtl_equals_interpreter import compare
from unit.csynth.frontend.hierarchy_cases import HIERARCHY

from csynth.frontend import compile_source


@pytest.mark.verifies("csynth")
@pytest.mark.parametrize("name", [name for name, case in HIERARCHY.items() if "static int32_t total" not in case.source])
def test_rtl_equals_interpreter(name, tmp_path):
    case = HIERARCHY[name]
    compare(compile_source((f"{name}.cpp", case.source), top=case.top), tmp_path, streams=case.streams, scalars={}, memories={})
