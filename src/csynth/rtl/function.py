"""Emit one function as one Verilog module: a state machine whose states are block cycles and pipelined loops."""

from __future__ import annotations

from csynth.bind.instances import Instance, instances
from csynth.bind.lifetimes import lifetimes, successors
from csynth.ir.model import Block, Branch, Function, Jump, Memory, Op, PortKind, Program, Ref, Return
from csynth.rtl.calls import emit_handshake_instance, emit_static_instance, plan_calls
from csynth.rtl.cascades import find_cascades
from csynth.rtl.context import Context, Step
from csynth.rtl.datapath import emit_block, read_side, stall_terms, waits, write_side
from csynth.rtl.memories import emit_memory
from csynth.rtl.memory_ports import emit_memory_port, memory_pins
from csynth.rtl.pipeline import PipelineSignals, emit_pipeline, pipeline_signals
from csynth.rtl.streams import any_of, declare_link, emit_read, emit_write
from csynth.rtl.text import ModuleText, Names, address_bits, literal, range_of
from csynth.rtl.unmasked import unmasked_reads
from csynth.schedule.build import scheduled_ops
from csynth.schedule.function import BlockSchedule, FunctionSchedule

CONTROL_PORTS = ("ap_clk", "ap_rst", "ap_start", "ap_done", "ap_idle", "ap_ready")


def port_declarations(function: Function, *, registered_outputs: bool) -> list[str]:
    """Port list of a function's module, control first."""
    lines = [f"input  {name}" for name in CONTROL_PORTS[:3]] + [f"output {name}" for name in CONTROL_PORTS[3:]]
    reg = "reg " if registered_outputs else ""
    for port in function.ports:
        bits = range_of(port.width_bits)
        if port.kind is PortKind.SCALAR_IN:
            lines.append(f"input  {bits}{port.name}")
        elif port.kind is PortKind.SCALAR_OUT:
            lines.append(f"output {reg}{bits}{port.name}")
            if port.name != "ap_return":
                lines.append(f"output {reg}{port.name}_ap_vld")
        elif port.kind is PortKind.MEMORY:
            pins = memory_pins(depth=port.depth, width_bits=port.width_bits, reads=port.reads, writes=port.writes)
            lines += [f"{direction:<6} {range_of(width)}{port.name}_{name}" for direction, name, width in pins]
        elif port.kind is PortKind.STREAM_IN:
            lines += [f"input  {bits}{port.name}_TDATA", f"input  {port.name}_TVALID", f"output {port.name}_TREADY"]
        else:
            lines += [f"output {bits}{port.name}_TDATA", f"output {port.name}_TVALID", f"input  {port.name}_TREADY"]
    return lines


def memory_ports(memory: Memory, function: Function) -> list[str]:
    """Ports of a memory outside, as far as the function uses it: `<name>_address0` and so on, as Vitis HLS names them.

    A memory that is read and written has port 0 for writes and port 1 for reads, or with ap_memory_1p port 0 for both.
    """
    codes = {op.opcode for block in function.blocks for op in block.ops if op.target == memory.name}
    name, bits, address = memory.name, range_of(memory.width_bits), range_of(address_bits(memory.depth))
    reads = "1" if {"load", "store"} <= codes and memory.interface == "ap_memory" else "0"
    lines: list[str] = []
    for number in sorted({reads for _ in codes & {"load"}} | {"0" for _ in codes & {"store"}}):
        lines += [f"output {address}{name}_address{number}", f"output {name}_ce{number}"]
    if "store" in codes:
        lines += [f"output {name}_we0", f"output {bits}{name}_d0"]
    if "load" in codes:
        lines.append(f"input  {bits}{name}_q{reads}")
    return lines


def _declared_names(lines: list[str]) -> set[str]:
    return {line.split()[-1] for line in lines}


def _new_context(schedule: FunctionSchedule, found: list[Instance]) -> Context:
    function = schedule.function
    text = ModuleText(name=function.name)
    text.ports = port_declarations(function, registered_outputs=True)
    text.ports += [line for memory in function.memories if memory.interface for line in memory_ports(memory, function)]
    names = Names(taken=_declared_names(text.ports) | {"state", function.name})
    ctx = Context(function=function, schedule=schedule, lives=lifetimes(schedule), text=text, names=names)
    for channel in function.channels:
        for side in (f"{channel.name}_rd", f"{channel.name}_wr"):
            declare_link(ctx, side, channel.width_bits)
    for memory in function.memories:
        names.get(f"memory {memory.name}", memory.name)
    for port in function.ports:
        if port.kind is PortKind.MEMORY and port.reads:
            names.known[f"memory {port.name} output 0"] = f"{port.name}_q0"
    for block in function.blocks:
        for op in block.ops:
            if op.opcode == "scalar" and op.result is not None and op.target is not None:
                ctx.scalars[op.result.name] = op.target
    plan_calls(ctx, found)
    ctx.cascades = find_cascades(ctx)
    ctx.cascading = frozenset(ctx.cascades.values())
    return ctx


def _is_empty(block: Block) -> bool:
    return not block.phis and isinstance(block.terminator, Jump) and all(op.opcode == "scalar" for op in block.ops)


class _StateMachine:
    """States of a function: names, decoded steps, transitions."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.blocks = {block.name: block for block in ctx.function.blocks}
        self.pipelines: dict[str, PipelineSignals] = {}
        self.exits: dict[str, str] = {}
        self.waiting: dict[str, dict[int, list[Op]]] = {}
        self.states: list[tuple[str, str, str]] = []  # (constant, name, comment)
        self.kept = [block for block in ctx.function.blocks if not _is_empty(block)]
        names = ctx.names
        self.idle = names.get("state idle", "ST_IDLE")
        self.done = names.get("state done", "ST_DONE")
        self.constant: dict[tuple[str, int], str] = {}
        self.decoded: dict[tuple[str, int], str] = {}
        for block in self.kept:
            schedule = ctx.schedule.blocks[block.name]
            label = schedule.loop.name if schedule.loop is not None else block.name
            cycles = 1 if schedule.loop is not None else schedule.length_cycles
            for cycle in range(cycles):
                suffix = f"_{cycle}" if cycles > 1 else ""
                self.constant[block.name, cycle] = names.get(
                    f"state {block.name} {cycle}", f"ST_{label}{suffix}".upper()
                )
                self.decoded[block.name, cycle] = names.get(f"in {block.name} {cycle}", f"in_{label}{suffix}")

    def emit_states(self) -> None:
        """Declare the state register, its values and the decoded state wires."""
        count = len(self.constant) + 2
        bits = max(1, (count - 1).bit_length())
        text = self.ctx.text
        order = [self.idle, *self.constant.values(), self.done]
        text.parameters += [
            f"localparam {range_of(bits)}{name} = {literal(number, bits)};" for number, name in enumerate(order)
        ]
        text.register("state", bits)
        for key, name in self.decoded.items():
            text.wire(name, 1, f"state == {self.constant[key]}")

    def step(self, block: str, cycle: int) -> Step:
        """The step of one state."""
        active = self.decoded[block, cycle]
        if not self._waits(block, cycle):
            return Step(active=active, fire=active, advance=active)
        fire = self.ctx.names.get(f"fire {block} {cycle}", f"{active}_fire")
        return Step(active=active, fire=fire, advance=fire)

    def _waits(self, block: str, cycle: int) -> list[Op]:
        if block not in self.waiting:
            found: dict[int, list[Op]] = {}
            schedule = self.ctx.schedule.blocks[block]
            for op in scheduled_ops(schedule.block):
                if waits(self.ctx, op):
                    found.setdefault(schedule.start_cycle[op.id], []).append(op)
            self.waiting[block] = found
        return self.waiting[block].get(cycle, [])

    def emit_blocks(self) -> None:
        """Emit the operations of every block."""
        for block in self.kept:
            schedule = self.ctx.schedule.blocks[block.name]
            if schedule.loop is not None:
                signals = pipeline_signals(schedule, self.ctx.names, self.decoded[block.name, 0])
                self.pipelines[block.name] = signals
        for block in self.kept:
            schedule = self.ctx.schedule.blocks[block.name]
            if schedule.loop is not None:
                self.exits[block.name] = emit_pipeline(self.ctx, schedule, self.pipelines[block.name])
                continue
            for phi in block.phis:
                self.ctx.text.register(self.ctx.base(phi.result.name), phi.result.width_bits)
            for cycle in range(schedule.length_cycles):
                self._emit_fire(block.name, cycle)
            emit_block(self.ctx, block.name, lambda cycle, name=block.name: self.step(name, cycle))

    def _emit_fire(self, block: str, cycle: int) -> None:
        terms: list[str] = []
        for op in self._waits(block, cycle):
            terms += stall_terms(self.ctx, op, block, cycle)
        if terms:
            step = self.step(block, cycle)
            self.ctx.text.wire(step.fire, 1, f"{step.active} && !({any_of(terms)})")

    def _go_to(self, source: str | None, target: str) -> list[str]:
        """Statements that enter `target` from `source` (None: from the idle state)."""
        arriving = source
        while _is_empty(self.blocks[target]):
            terminator = self.blocks[target].terminator
            assert isinstance(terminator, Jump)
            arriving, target = target, terminator.target
        lines = [f"state <= {self.constant[target, 0]};"]
        for phi in self.blocks[target].phis:
            value = dict(phi.incoming)[arriving or ""]
            lines.append(f"{self.ctx.base(phi.result.name)} <= {self._leaving_value(value, source)};")
        if target in self.pipelines:
            signals = self.pipelines[target]
            lines.append(f"{signals.run} <= 1'd1;")
            if signals.depth > 1:
                lines.append(f"{signals.valid} <= {literal(0, signals.depth - 1)};")
            if signals.interval > 1:
                lines.append(f"{signals.phase} <= {literal(0, max(1, (signals.interval - 1).bit_length()))};")
        return lines

    def _leaving_value(self, value, source: str | None) -> str:
        ctx = self.ctx
        if source is None or not isinstance(value, Ref):
            return ctx.value(value, "", 0)
        if source in self.pipelines and value.name in ctx.lives:
            return ctx.held(value.name)
        return ctx.value(value, source, ctx.schedule.blocks[source].length_cycles - 1)

    def _leave(self, schedule: BlockSchedule) -> list[str]:
        block = schedule.block
        terminator = block.terminator
        if isinstance(terminator, Return):
            return [f"state <= {self.done};"]
        if block.name in self.pipelines:
            target = next(name for name in successors(block) if name != block.name)
            return self._go_to(block.name, target)
        if isinstance(terminator, Jump):
            return self._go_to(block.name, terminator.target)
        assert isinstance(terminator, Branch)
        condition = self.ctx.value(terminator.condition, block.name, schedule.length_cycles - 1)
        then_lines = self._go_to(block.name, terminator.then_target)
        else_lines = self._go_to(block.name, terminator.else_target)
        if then_lines == else_lines:
            return then_lines
        return [
            f"if ({condition}) begin",
            *(f"  {line}" for line in then_lines),
            "end else begin",
            *(f"  {line}" for line in else_lines),
            "end",
        ]

    def emit_control(self, reset: list[str]) -> None:
        """Emit the reset and the case statement."""
        ctx = self.ctx
        lines = [
            "if (ap_rst) begin",
            f"  state <= {self.idle};",
            *(f"  {line}" for line in reset),
            "end else begin",
            "  case (state)",
        ]

        def arm(name: str, body: list[str], condition: str | None = None) -> None:
            head = f"    {name}: if ({condition}) begin" if condition else f"    {name}: begin"
            lines.extend([head, *(f"      {line}" for line in body), "    end"])

        entry = ctx.function.blocks[0].name
        arm(self.idle, self._go_to(None, entry), "ap_start")
        for block in self.kept:
            schedule = ctx.schedule.blocks[block.name]
            if block.name in self.pipelines:
                arm(self.constant[block.name, 0], self._leave(schedule), self.exits[block.name])
                continue
            for cycle in range(schedule.length_cycles):
                step = self.step(block.name, cycle)
                last = cycle == schedule.length_cycles - 1
                body = self._leave(schedule) if last else [f"state <= {self.constant[block.name, cycle + 1]};"]
                arm(self.constant[block.name, cycle], body, step.fire if step.fire != step.active else None)
        arm(self.done, [f"state <= {self.idle};"], "ap_done")
        lines += ["    default: begin", f"      state <= {self.idle};", "    end", "  endcase", "end"]
        ctx.text.control += lines


def _emit_calls(
    ctx: Context, program: Program, found: list[Instance]
) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Instantiate the called modules.

    Returns:
        Prefixes of the callees' stream ends that read and that write, by stream of this function.
    """
    readers: dict[str, list[str]] = {}
    writers: dict[str, list[str]] = {}
    for instance in found:
        callee = program.function(instance.callee)
        if callee.is_static:
            emit_static_instance(ctx, instance, callee)
        else:
            emit_handshake_instance(ctx, instance, callee, read_side, readers, writers)
    return readers, writers


def _emit_streams(ctx: Context, program: Program, found: list[Instance]) -> list[str]:
    """Emit all stream ends; return the pending registers."""
    readers, writers = _emit_calls(ctx, program, found)
    pending: list[str | None] = []
    ends = [(port.name, port.kind is PortKind.STREAM_IN, port.kind is PortKind.STREAM_OUT, port.width_bits)
            for port in ctx.function.ports if port.kind in (PortKind.STREAM_IN, PortKind.STREAM_OUT)]  # fmt: skip
    ends += [(channel.name, True, True, channel.width_bits) for channel in ctx.function.channels]
    for name, reads, writes, width in ends:
        if reads:
            emit_read(ctx, read_side(ctx, name), ctx.reads.get(name, []), readers.get(name, []))
        if writes and (ctx.writes.get(name) or writers.get(name)):
            pending.append(
                emit_write(ctx, write_side(ctx, name), width, ctx.writes.get(name, []), writers.get(name, []))
            )
        elif writes:
            side = write_side(ctx, name)
            ctx.text.assigns += [f"assign {side}_TVALID = 1'd0;", f"assign {side}_TDATA = {literal(0, width)};"]
    for channel in ctx.function.channels:
        ctx.text.instances += fifo_instance(
            f"{channel.name}_fifo", channel.width_bits, channel.depth, f"{channel.name}_wr", f"{channel.name}_rd"
        )
    return [name for name in pending if name is not None]


def fifo_instance(instance: str, width_bits: int, depth: int, write_prefix: str, read_prefix: str) -> list[str]:
    """Text of one FIFO between two stream ends."""
    return [
        f"csynth_fifo #(.WIDTH({width_bits}), .DEPTH({max(depth, 1)})) {instance} (",
        "  .ap_clk(ap_clk),",
        "  .ap_rst(ap_rst),",
        *(f"  .in_{part}({write_prefix}_{part})," for part in ("TDATA", "TVALID", "TREADY")),
        *(f"  .out_{part}({read_prefix}_{part})," for part in ("TDATA", "TVALID", "TREADY")),
        "  .count()",
        ");",
    ]


def _header(schedule: FunctionSchedule) -> list[str]:
    function = schedule.function
    place = ""
    if function.location is not None:
        place = f" ({function.location.file.rsplit('/', 1)[-1]}:{function.location.line})"
    lines = [f"{function.name}{place}, made by csynth for a clock of {schedule.clock_period_ps} ps"]
    for block in schedule.blocks.values():
        if block.loop is not None:
            note = f"; {block.ii_limited_by}" if block.ii_limited_by else ""
            lines.append(
                f"loop {block.loop.name}: II = {block.initiation_interval}, depth = {block.length_cycles}{note}"
            )
    return lines


def _is_pure(program: Program, name: str) -> bool:
    """Whether a function keeps nothing from one call to the next."""
    function = program.function(name)
    calls = (op.target for block in function.blocks for op in block.ops if op.opcode == "call" and op.target)
    return (
        function.is_static
        and all(memory.read_only for memory in function.memories)
        and all(_is_pure(program, callee) for callee in calls)
    )


def emit_function(schedule: FunctionSchedule, program: Program) -> str:
    """The Verilog module of a scheduled function."""
    found = instances(schedule, program)
    ctx = _new_context(schedule, found)
    ctx.unmasked = unmasked_reads(schedule.function, lambda name: _is_pure(program, name))
    ctx.text.header = _header(schedule)
    machine = _StateMachine(ctx)
    machine.emit_states()
    machine.emit_blocks()
    pending = _emit_streams(ctx, program, found)
    for memory in ctx.function.memories:
        emit_memory(ctx, memory)
    for port in ctx.function.ports:
        if port.kind is PortKind.MEMORY:
            emit_memory_port(ctx, port)
    open_calls = [f"{ctx.instance_names[i.name]}_open" for i in found if i.overlaps]
    drained = "".join([*(f" && !{name}" for name in pending), *(f" && !(|{name})" for name in open_calls)])
    ctx.text.assigns += [
        f"assign ap_idle = state == {machine.idle};",
        f"assign ap_done = state == {machine.done}{drained};",
        "assign ap_ready = ap_done;",
    ]
    valids = [
        f"{port.name}_ap_vld"
        for port in ctx.function.ports
        if port.kind is PortKind.SCALAR_OUT and port.name != "ap_return"
    ]
    ctx.text.clocked = [*(f"{name} <= 1'd0;" for name in valids), *ctx.text.clocked]
    for condition, statements in ctx.updates.items():
        ctx.text.clocked += [f"if ({condition}) begin", *(f"  {statement}" for statement in statements), "end"]
    reset = [f"{name} <= 1'd0;" for name in (*pending, *valids)] + [f"{name} <= 16'd0;" for name in open_calls]
    if any(memory.has_first_values and ctx.stores.get(memory.name) for memory in ctx.function.memories):
        # as an FPGA starts: else the first edge of the reset, where the state may still be any, could write the memory
        ctx.text.memories.insert(0, f"initial state = {machine.idle};")
    machine.emit_control(reset)
    return ctx.text.render()
