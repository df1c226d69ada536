"""Control of a pipelined loop.

Each stage has a valid bit. A stage that has to wait (no data, no space) holds itself and every earlier stage; later stages go on, and
bubbles fill the gap. Iterations therefore never come closer to each other than they were issued, which is why a loop-carried value
can live in one register: its reader is at least one interval behind its writer. With an interval above 1, stage s works only when the
phase counter is s mod interval, so that stages that share a port never meet, however far apart stalls have moved them.
"""

from __future__ import annotations

from dataclasses import dataclass

from csynth.ir.model import Branch
from csynth.rtl.context import Context, Step
from csynth.rtl.datapath import BLOCKING, emit_block, stall_terms
from csynth.rtl.text import Names, literal
from csynth.schedule.build import scheduled_ops
from csynth.schedule.function import BlockSchedule


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineSignals:
    """Names of the control signals of one pipelined loop."""

    prefix: str
    state: str
    run: str
    valid: str
    phase: str
    depth: int
    interval: int
    stalling: tuple[int, ...]

    def occupied(self, stage: int) -> str:
        """1 when an iteration is in `stage`."""
        return self.run if stage == 0 else f"{self.valid}[{stage}]"

    def slot(self, stage: int) -> str:
        """1 when `stage` may work in this cycle, stalls apart."""
        return self.state if self.interval == 1 else f"{self.prefix}_slot_{stage % self.interval}"

    def go(self, stage: int) -> str:
        """1 when neither `stage` nor a later one has to wait."""
        later = [other for other in self.stalling if other >= stage and (other - stage) % self.interval == 0]
        return f"{self.prefix}_go_{min(later)}" if later else self.slot(stage)

    def step(self, stage: int) -> Step:
        """The step of `stage`."""
        occupied, go = self.occupied(stage), self.go(stage)
        fire = f"{go} && {occupied}"
        # with an interval above 1 a stage may go while its successor waits for its own phase: an empty stage must not move then
        return Step(active=f"{self.slot(stage)} && {occupied}", fire=fire, advance=go if self.interval == 1 else fire)


def pipeline_signals(schedule: BlockSchedule, names: Names, state: str) -> PipelineSignals:
    """Name the control signals of a pipelined loop whose state is decoded as `state`."""
    assert schedule.loop is not None
    assert schedule.initiation_interval is not None
    prefix = names.get(f"pipeline {schedule.block.name}", schedule.loop.name)
    stalling = {schedule.start_cycle[op.id] for op in scheduled_ops(schedule.block) if op.opcode in BLOCKING}
    if schedule.initiation_interval > 1 and schedule.length_cycles > 1:
        stalling.add(0)
    return PipelineSignals(
        prefix=prefix,
        state=state,
        run=names.get(f"{prefix} run", f"{prefix}_run"),
        valid=names.get(f"{prefix} valid", f"{prefix}_valid"),
        phase=names.get(f"{prefix} phase", f"{prefix}_phase"),
        depth=schedule.length_cycles,
        interval=schedule.initiation_interval,
        stalling=tuple(sorted(stalling)),
    )


def emit_pipeline(ctx: Context, schedule: BlockSchedule, signals: PipelineSignals) -> str:
    """Emit a pipelined loop.

    Returns:
        Expression that is 1 when the loop is over and its state may be left.
    """
    text, block = ctx.text, schedule.block.name
    text.register(signals.run, 1)
    if signals.depth > 1:
        text.declarations.append(f"reg [{signals.depth - 1}:1] {signals.valid};")
    if signals.interval > 1:
        _emit_phase(ctx, signals)
    _emit_go(ctx, schedule, signals)
    emit_block(ctx, block, signals.step)
    for phi in schedule.block.phis:
        register = ctx.text.register(ctx.base(phi.result.name), phi.result.width_bits)
        stage = schedule.phi_write_cycle(phi)
        carried = dict(phi.incoming)[block]
        ctx.on(signals.step(stage).fire, f"{register} <= {ctx.value(carried, block, stage)};")
    _emit_valid(ctx, signals)
    return _emit_exit(ctx, schedule, signals)


def _phase_bits(interval: int) -> int:
    return max(1, (interval - 1).bit_length())


def _emit_phase(ctx: Context, signals: PipelineSignals) -> None:
    bits = _phase_bits(signals.interval)
    ctx.text.register(signals.phase, bits)
    for slot in range(min(signals.interval, signals.depth)):
        ctx.text.wire(
            ctx.names.reserve(f"{signals.prefix}_slot_{slot}"),
            1,
            f"{signals.state} && {signals.phase} == {literal(slot, bits)}",
        )
    wrap = f"{signals.phase} == {literal(signals.interval - 1, bits)}"
    ctx.on(signals.state, f"{signals.phase} <= {wrap} ? {literal(0, bits)} : {signals.phase} + {literal(1, bits)};")


def _emit_go(ctx: Context, schedule: BlockSchedule, signals: PipelineSignals) -> None:
    for stage in reversed(signals.stalling):
        terms: list[str] = []
        for op in scheduled_ops(schedule.block):
            if op.opcode in BLOCKING and schedule.start_cycle[op.id] == stage:
                terms += stall_terms(ctx, op, schedule.block.name, stage)
        busy = min(signals.interval, signals.depth) - 1
        if stage == 0 and signals.interval > 1 and busy >= 1:
            terms.append(f"(|{signals.valid}[{busy}:1])" if busy > 1 else f"{signals.valid}[1]")
        stall = ctx.text.wire(
            ctx.names.reserve(f"{signals.prefix}_stall_{stage}"),
            1,
            f"{signals.occupied(stage)} && ({' || '.join(terms) or literal(0, 1)})",
        )
        later = signals.go(stage + signals.interval)
        ctx.text.wire(ctx.names.reserve(f"{signals.prefix}_go_{stage}"), 1, f"{later} && !{stall}")


def _emit_valid(ctx: Context, signals: PipelineSignals) -> None:
    """Move the valid bits: stage s+1 takes over from s, or becomes a bubble when it moves on alone."""
    for stage in range(signals.depth - 1):
        take, leave = signals.go(stage), signals.go(stage + 1)
        bit = f"{signals.valid}[{stage + 1}]"
        if take == leave:
            ctx.on(take, f"{bit} <= {signals.occupied(stage)};")
        elif signals.interval > 1:
            ctx.text.clocked.append(f"if ({signals.step(stage).fire}) {bit} <= 1'd1;")
            ctx.text.clocked.append(f"else if ({leave}) {bit} <= 1'd0;")
        else:
            ctx.text.clocked.append(f"if ({take}) {bit} <= {signals.occupied(stage)};")
            ctx.text.clocked.append(f"else if ({leave}) {bit} <= 1'd0;")


def _emit_exit(ctx: Context, schedule: BlockSchedule, signals: PipelineSignals) -> str:
    block = schedule.block
    terminator = block.terminator
    assert isinstance(terminator, Branch)
    ready = schedule.ready_cycle.get(getattr(terminator.condition, "name", ""), 0)
    condition = ctx.value(terminator.condition, block.name, ready)
    leaves = condition if terminator.then_target != block.name else f"!{condition}"
    ends = f"{signals.step(ready).fire} && {leaves}"
    ctx.on(ends, f"{signals.run} <= 1'd0;")
    last = signals.depth - 1
    late = any(life.escapes and life.block == block.name and life.ready_cycle == last for life in ctx.lives.values())
    if last == 0:
        return f"!{signals.run}" if late else f"(!{signals.run} || {ends})"
    if late:
        return f"!{signals.run} && !(|{signals.valid})"
    leaving = f"(!{signals.valid}[{last}] || {signals.go(last)})"
    others = f"!(|{signals.valid}[{last - 1}:1]) && " if last > 1 else ""
    return f"!{signals.run} && {others}{leaving}"
