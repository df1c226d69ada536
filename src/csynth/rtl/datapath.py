"""Emit the operations of one block: wires, operator registers, and requests to streams and memories."""

from __future__ import annotations

from collections.abc import Callable

from csynth.errors import ScheduleError
from csynth.ir.model import Op
from csynth.rtl.calls import emit_call
from csynth.rtl.context import Context, MemoryUse, Step, StreamUse
from csynth.rtl.division import emit_division
from csynth.rtl.dsp import cell_registers, emit_cell, is_cell
from csynth.rtl.expressions import expression, resize
from csynth.rtl.memory_ports import output_name
from csynth.rtl.text import address_bits, literal
from csynth.schedule.build import scheduled_ops

BLOCKING = frozenset({"read", "write"})
_USE_DSP = '(* use_dsp = "yes" *) '


def stall_terms(ctx: Context, op: Op, block: str, cycle: int) -> list[str]:
    """Expressions that are 1 while `op` has to wait."""
    predicate = None if op.predicate is None else ctx.value(op.predicate, block, cycle)
    if op.opcode == "read":
        wait = f"!{read_side(ctx, op.target)}_TVALID"
    elif op.opcode == "write":
        wait = f"!{write_side(ctx, op.target)}_space"
    elif op.opcode == "call":
        instance = ctx.instances[op.id]
        wait = f"!{ctx.instance_names[instance.name]}_ap_{'ready' if instance.overlaps else 'done'}"
    else:
        return []
    return [wait if predicate is None else f"({predicate} && {wait})"]


def waits(ctx: Context, op: Op) -> bool:
    """Whether `op` may have to wait: for a stream, or for a module with a handshake."""
    return op.opcode in BLOCKING or (op.opcode == "call" and op.target not in ctx.schedule.callees)


def read_side(ctx: Context, target: str | None) -> str:
    """Prefix of the signals of a stream that this module reads."""
    assert target is not None
    return f"{target}_rd" if any(channel.name == target for channel in ctx.function.channels) else target


def write_side(ctx: Context, target: str | None) -> str:
    """Prefix of the signals of a stream that this module writes."""
    assert target is not None
    return f"{target}_wr" if any(channel.name == target for channel in ctx.function.channels) else target


def emit_block(ctx: Context, block: str, step_of: Callable[[int], Step]) -> None:
    """Emit all operations of `block`; `step_of` gives the step of a cycle."""
    schedule = ctx.schedule.blocks[block]
    for op in scheduled_ops(schedule.block):
        _emit_op(ctx, op, block, schedule.start_cycle[op.id], step_of)
    if schedule.is_pipelined:
        _emit_stages(ctx, block, step_of)
    else:
        _emit_kept(ctx, block, step_of)


def _emit_op(ctx: Context, op: Op, block: str, cycle: int, step_of: Callable[[int], Step]) -> None:
    code, step, comment = op.opcode, step_of(cycle), ctx.comment(op.location)
    predicate = None if op.predicate is None else ctx.value(op.predicate, block, cycle)
    width = op.result.width_bits if op.result else 0
    name = ctx.base(op.result.name) if op.result else ""
    uses = ctx.schedule.blocks[block].uses(op)[: len(op.operands)]
    operands = [] if code == "call" else [ctx.value(operand, block, at) for operand, at in uses]
    if code in ("read", "read_nb"):
        assert op.target is not None
        side = read_side(ctx, op.target)
        ctx.reads.setdefault(op.target, []).append(StreamUse(step=step, predicate=predicate))
        if op.result is None:
            return
        if code == "read":
            data = (
                f"{side}_TDATA"
                if predicate is None or op.id in ctx.unmasked
                else f"{predicate} ? {side}_TDATA : {literal(0, width)}"
            )
        else:
            valid = f"{side}_TVALID" if predicate is None else f"({side}_TVALID && {predicate})"
            data = f"{valid} ? {{1'd1, {side}_TDATA}} : {literal(0, width)}"
        ctx.text.wire(name, width, data, comment)
    elif code in ("write", "write_nb"):
        assert op.target is not None
        side = write_side(ctx, op.target)
        accepted = f"{side}_space" if predicate is None else f"({predicate} && {side}_space)"
        when = predicate if code == "write" else accepted
        ctx.writes.setdefault(op.target, []).append(StreamUse(step=step, predicate=when, data=operands[0]))
        if op.result is not None:
            ctx.text.wire(name, width, accepted, comment)
    elif code == "empty":
        ctx.text.wire(name, 1, f"!{read_side(ctx, op.target)}_TVALID", comment)
    elif code == "full":
        ctx.text.wire(name, 1, f"!{write_side(ctx, op.target)}_space", comment)
    elif code in ("load", "store"):
        _emit_access(ctx, op, operands, predicate, block, cycle, step_of)
    elif code == "set" and ctx.function.is_static:
        ctx.text.assigns.append(f"assign {op.target} = {operands[0]};{comment}")
    elif code == "set":
        fire = step.fire if predicate is None else f"{step.fire} && {predicate}"
        ctx.on(fire, f"{op.target} <= {operands[0]};{comment}")
        if op.target != "ap_return":
            ctx.on(fire, f"{op.target}_ap_vld <= 1'd1;")
    elif code == "call":
        emit_call(ctx, op, block, cycle, step_of, comment)
    elif op.result is not None and is_cell(ctx, op):
        first = min((at for _, at in uses), default=cycle)
        emit_cell(ctx, op, operands, [step_of(at) for at in range(first, cycle + cell_registers(ctx, op))])
    elif code in ("udiv", "sdiv", "urem", "srem"):
        emit_division(ctx, op, operands, cycle, step_of)
    elif op.result is not None and ctx.is_registered(op):
        latency = ctx.lives[op.result.name].ready_cycle - cycle
        previous = expression(op, operands)
        for offset in range(1, latency + 1):
            last = offset == latency
            target = name if last else ctx.names.get(f"{op.result.name}@m{offset}", f"{name}_m{offset}")
            ctx.text.register(target, width, _USE_DSP if op.impl == "dsp" else "")
            note = comment if offset == 1 else ""
            ctx.on(step_of(cycle + offset - 1).advance, f"{target} <= {previous};{note}")
            previous = target
    elif op.result is not None:
        ctx.text.wire(name, width, expression(op, operands), comment, _USE_DSP if op.impl == "dsp" else "")
    else:
        raise ScheduleError(
            code="unsupported-op",
            message=f"operation is {code!r}; must be one that hardware exists for",
            location=op.location,
            remedy="Rewrite the line without it.",
        )


def _emit_access(
    ctx: Context,
    op: Op,
    operands: list[str],
    predicate: str | None,
    block: str,
    cycle: int,
    step_of: Callable[[int], Step],
) -> None:
    assert op.target is not None
    step, comment = step_of(cycle), ctx.comment(op.location)
    memory = ctx.memory(op.target)
    index_operand = op.operands[0]
    base = ctx.names.get(f"memory {memory.name}", memory.name)
    index = ""
    if memory.depth > 1:
        index = resize(operands[0], index_operand.width_bits, address_bits(memory.depth))
    port = ctx.schedule.blocks[block].memory_port.get(op.id, 0)
    if op.opcode == "store":
        mask = operands[2] if len(operands) > 2 else None
        use = MemoryUse(step=step, predicate=predicate, port=port, index=index, data=operands[1], mask=mask)
        ctx.stores.setdefault(memory.name, []).append(use)
        return
    assert op.result is not None
    name = ctx.base(op.result.name)
    if memory.depth == 1:
        port = any(port.name == memory.name for port in ctx.function.ports)
        ctx.text.wire(name, memory.width_bits, f"{memory.name}_q0" if port else base, comment)
        return
    ctx.loads.setdefault(memory.name, []).append(MemoryUse(step=step, predicate=predicate, port=port, index=index))
    schedule = ctx.schedule.blocks[block]
    latency = schedule.ready_cycle[op.result.name] - cycle
    word = output_name(ctx, memory, port)
    if schedule.initiation_interval is not None and schedule.initiation_interval > 1 and _shares(ctx, op, port, block):
        # another stage may use the port before a stalled stage has used this word: keep it
        fresh = ctx.text.register(ctx.names.get(f"{op.id}@fresh", f"{name}_fresh"), 1)
        kept = ctx.text.register(ctx.names.get(f"{op.id}@kept", f"{name}_kept"), memory.width_bits)
        ctx.text.clocked.append(f"{fresh} <= {step.fire};")
        ctx.on(fresh, f"{kept} <= {word};")
        word = f"{fresh} ? {word} : {kept}"
    for offset in range(1, latency):  # output registers
        target = name if offset == latency - 1 else ctx.names.get(f"{op.result.name}@m{offset}", f"{name}_m{offset}")
        ctx.text.register(target, memory.width_bits)
        ctx.on(step_of(cycle + offset).advance, f"{target} <= {word};")
        word = target
    if latency == 1:
        ctx.text.wire(name, memory.width_bits, word, comment)


def _shares(ctx: Context, op: Op, port: int, block: str) -> bool:
    """Whether another access of the block uses the port of a load too."""
    schedule = ctx.schedule.blocks[block]
    return any(
        other is not op
        and other.target == op.target
        and other.opcode in ("load", "store")
        and schedule.memory_port.get(other.id) == port
        for other in schedule.block.ops
    )


def _emit_stages(ctx: Context, block: str, step_of: Callable[[int], Step]) -> None:
    """Registers that carry values down a pipeline, and those that keep them after the loop."""
    for life in ctx.lives.values():
        if life.block != block:
            continue
        for stage in range(life.ready_cycle + 1, life.last_use_cycle + 1):
            target = ctx.text.register(ctx.at_stage(life.name, stage), life.width_bits)
            ctx.on(step_of(stage - 1).advance, f"{target} <= {ctx.at_stage(life.name, stage - 1)};")
        if life.escapes:
            target = ctx.text.register(ctx.held(life.name), life.width_bits)
            ctx.on(step_of(life.ready_cycle).fire, f"{target} <= {ctx.base(life.name)};")


def _emit_kept(ctx: Context, block: str, step_of: Callable[[int], Step]) -> None:
    """Registers of the values that later states use."""
    for life in ctx.lives.values():
        if life.block != block or life.op is None or ctx.held(life.name) == ctx.base(life.name):
            continue
        if life.escapes or life.last_use_cycle > life.ready_cycle:
            target = ctx.text.register(ctx.held(life.name), life.width_bits)
            ctx.on(step_of(life.ready_cycle).fire, f"{target} <= {ctx.base(life.name)};")
