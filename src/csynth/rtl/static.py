"""Emit a static function: a module with data ports, and a clock enable for each stage when it has registers."""

from __future__ import annotations

from csynth.bind.instances import instances
from csynth.bind.lifetimes import lifetimes
from csynth.ir.model import PortKind, Program
from csynth.rtl.calls import bit, emit_static_instance, plan_calls, static_ports
from csynth.rtl.cascades import find_cascades
from csynth.rtl.context import Context, Step
from csynth.rtl.datapath import emit_block
from csynth.rtl.memories import emit_memory
from csynth.rtl.text import ModuleText, Names, range_of
from csynth.schedule.function import FunctionSchedule


def emit_static(schedule: FunctionSchedule, program: Program) -> str:
    """The Verilog module of a static function.

    An input is taken in the stage that `CalleeTiming.taken_cycles` says; all outputs belong to the last stage.
    """
    function, timing = schedule.function, schedule.timing
    assert timing is not None
    control = static_ports(timing)
    text = ModuleText(name=function.name)
    if timing.latency_cycles:
        text.ports.append("input  ap_clk")
    text.ports += [f"input  {range_of(control.enables)}ap_ce"] if control.enables else []
    text.ports += [f"input  {range_of(control.actives)}ap_active"] if control.actives else []
    inputs = [port for port in function.ports if port.kind is PortKind.SCALAR_IN]
    text.ports += [f"input  {range_of(port.width_bits)}{port.name}" for port in inputs]
    text.ports += [f"output {range_of(port.width_bits)}{port.name}" for port in function.outputs]
    names = Names(taken={line.split()[-1] for line in text.ports} | {function.name, "ap_clk", "ap_ce", "ap_active"})
    ctx = Context(function=function, schedule=schedule, lives=lifetimes(schedule), text=text, names=names)
    ctx.cascades = find_cascades(ctx)
    ctx.cascading = frozenset(ctx.cascades.values())
    for memory in function.memories:
        names.get(f"memory {memory.name}", memory.name)
    (block,) = function.blocks
    for op in block.ops:
        if op.opcode == "scalar" and op.result is not None and op.target is not None:
            names.known[op.result.name] = op.target
    found = instances(schedule, program)
    plan_calls(ctx, found)

    def step_of(stage: int) -> Step:
        enable = bit("ap_ce", control.enables, stage)
        return Step(active=bit("ap_active", control.actives, stage), fire=enable, advance=enable)

    emit_block(ctx, block.name, step_of)
    for instance in found:
        emit_static_instance(ctx, instance, program.function(instance.callee))
    for memory in function.memories:
        emit_memory(ctx, memory)
    place = f" ({function.location.file.rsplit('/', 1)[-1]}:{function.location.line})" if function.location else ""
    taken = [f"{port.name} in cycle {at}" for port, at in zip(inputs, timing.taken_cycles, strict=True) if at]
    note = schedule.blocks[block.name].ii_limited_by
    text.header = [
        f"{function.name}{place}, made by csynth for a clock of {schedule.clock_period_ps} ps",
        f"latency = {timing.latency_cycles}, II = {timing.initiation_interval}"
        + (f"; {note}" if note else "")
        + (f"; takes {', '.join(taken)}" if taken else ""),
    ]
    for condition, statements in ctx.updates.items():
        text.clocked += [f"if ({condition}) begin", *(f"  {statement}" for statement in statements), "end"]
    return text.render()
