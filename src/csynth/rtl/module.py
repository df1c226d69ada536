"""Emit any scheduled function."""

from __future__ import annotations

from csynth.ir.model import Program
from csynth.rtl.function import emit_function
from csynth.rtl.static import emit_static
from csynth.schedule.function import FunctionSchedule


def emit_module(schedule: FunctionSchedule, program: Program) -> str:
    """The Verilog module of a scheduled function."""
    return emit_static(schedule, program) if schedule.function.is_static else emit_function(schedule, program)
