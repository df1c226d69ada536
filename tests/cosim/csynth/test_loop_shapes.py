"""Loops of every shape: C++ = interpreter = RTL at full rate and under stalls; their intervals, notes and cycles."""

import pytest
from cosim.csynth.loop_shapes import SHAPES
from cosim.csynth.test_rtl_equals_interpreter import compare
from unit.csynth.frontend.native import agree

from aigchip.toolchain import module_rtl
from csynth.driver import choose_nests
from csynth.report.build import build_report

PERIOD_PS = 3333
_DEFAULT = {"perfect_16x16", "three_deep", "imperfect", "unknown_trips", "break_out", "early_exit_of_a_nest", "several_loops",
            "carried_value", "predicated"}  # fmt: skip


def compiled(name):
    case = SHAPES[name].case
    return choose_nests((f"{name}.cpp", case.source), top=case.top, clock_period_ps=PERIOD_PS)


@pytest.mark.verifies("csynth")
@pytest.mark.parametrize("name", [n if n in _DEFAULT else pytest.param(n, marks=pytest.mark.slow) for n in SHAPES])
def test_shape(name, tmp_path):
    shape = SHAPES[name]
    case = shape.case
    program, hardware = compiled(name)
    report = build_report(
        program, hardware.schedules, part="xczu7ev-ffvc1156-2-e", clock_period_ps=PERIOD_PS, tool="csynth"
    )
    assert {loop.name: loop.ii for loop in report.loops if loop.pipelined} == shape.loops
    for loop in report.loops:
        assert loop.notes == shape.notes.get(loop.name, ())
    agree(case, program, tmp_path)
    result = compare(program, tmp_path, streams=case.streams, scalars=case.scalars, memories={})
    if shape.most_cycles is not None:
        assert report.latency_cycles.maximum is not None and report.latency_cycles.maximum <= shape.most_cycles
        assert max(call.cycles for call in result.calls if call.run == module_rtl.FULL_RATE) <= shape.most_cycles
