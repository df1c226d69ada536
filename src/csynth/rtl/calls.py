"""Emit calls: requests to the instances of called modules, and these instances."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from csynth.bind.instances import Instance
from csynth.ir.model import Function, Op, PortKind
from csynth.rtl.context import Context, Step
from csynth.rtl.streams import any_of, choose, declare_link
from csynth.rtl.text import identifier, is_name, literal, range_of
from csynth.schedule.calls import CalleeTiming


@dataclass(frozen=True, slots=True, kw_only=True)
class CallUse:
    """One call of an instance.

    Attributes:
        cycle: in which it starts.
        step_of: the step of a cycle of its block.
        operands: text of each operand, as seen from the cycle in which it is taken.
        predicate: None = always.
    """

    cycle: int
    step_of: Callable[[int], Step]
    operands: tuple[str, ...]
    predicate: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StaticPorts:
    """The control ports of a static function's module.

    Attributes:
        enables: bits of `ap_ce`; bit i moves the call that is in stage i on to stage i + 1.
        actives: bits of `ap_active`; bit i says that stage i holds a call. Only where stages share something.
    """

    enables: int
    actives: int


def static_ports(timing: CalleeTiming) -> StaticPorts:
    """The control ports of the module with `timing`."""
    stages = timing.latency_cycles + 1
    return StaticPorts(enables=stages if timing.shares else stages - 1, actives=stages if timing.shares else 0)


def bit(name: str, width_bits: int, index: int) -> str:
    """Bit `index` of the vector `name`."""
    return f"{name}[{index}]" if width_bits > 1 else name


def emit_call(ctx: Context, op: Op, block: str, cycle: int, step_of: Callable[[int], Step], comment: str) -> None:
    """Emit one call: its request, and its result."""
    instance = ctx.instances[op.id]
    schedule = ctx.schedule.blocks[block]
    texts = [ctx.value(operand, block, at) for operand, at in schedule.uses(op)]
    predicate = texts.pop() if op.predicate is not None else None
    use = CallUse(cycle=cycle, step_of=step_of, operands=tuple(texts), predicate=predicate)
    ctx.call_uses.setdefault(instance.name, []).append(use)
    if op.result is None:
        return
    name, width = ctx.base(op.result.name), op.result.width_bits
    result = f"{ctx.instance_names[instance.name]}_result"
    if not instance.free:
        ctx.text.wire(name, width, result, comment)
        return
    ctx.text.wire(name, width, _kept(ctx, op, schedule.initiation_interval, use, result, width), comment)


def _kept(ctx: Context, op: Op, interval: int | None, use: CallUse, result: str, width: int) -> str:
    """Keep the results of a call of an instance that never stops until their stage, which may wait, has used them.

    At most latency / interval calls, rounded up, are on their way; each carries the number of the register that its result goes to.

    Returns:
        Expression of the result as seen from its stage.
    """
    assert op.result is not None
    block = ctx.lives[op.result.name].block
    latency = ctx.schedule.blocks[block].latency_cycles[op.id]
    base, text = ctx.base(op.result.name), ctx.text
    depth = 1 if interval is None else -(-latency // interval)
    bits = max(1, (depth - 1).bit_length())

    def register(kind: str, width_bits: int) -> str:
        return text.register(ctx.names.get(f"{op.id}@{kind}", f"{base}_{kind}"), width_bits)

    here = ctx.names.get(f"{op.id}@out", f"{base}_out")
    text.wire(here, width, result)
    fire = use.step_of(use.cycle).fire
    if depth == 1:
        fresh = [fire, *(register(f"due{n}", 1) for n in range(1, latency + 1))]
        kept = register("kept", width)
        for before, after in pairwise(fresh):
            text.clocked.append(f"{after} <= {before};")
        ctx.on(fresh[-1], f"{kept} <= {here};")
        return f"{fresh[-1]} ? {here} : {kept}"
    number = register("number", bits)
    text.memories.append(f"initial {number} = {literal(0, bits)};")
    wrap = f"{number} == {literal(depth - 1, bits)} ? {literal(0, bits)} : {number} + {literal(1, bits)}"
    ctx.on(fire, f"{number} <= {wrap};")
    due, due_number, mine = fire, number, number
    for n in range(1, latency + 1):
        after, after_number, after_mine = (
            register(f"due{n}", 1),
            register(f"due{n}_number", bits),
            register(f"number{n}", bits),
        )
        text.clocked += [f"{after} <= {due};", f"{after_number} <= {due_number};"]
        ctx.on(use.step_of(use.cycle + n - 1).advance, f"{after_mine} <= {mine};")
        due, due_number, mine = after, after_number, after_mine
    kept = ctx.names.get(f"{op.id}@kept", f"{base}_kept")
    text.declarations.append(f"reg {range_of(width)}{kept} [0:{depth - 1}];")
    ctx.on(due, f"{kept}[{due_number}] <= {here};")
    return f"({due} && {due_number} == {mine}) ? {here} : {kept}[{mine}]"


def _result(function: Function, prefix: str) -> list[str]:
    """Lines that declare the outputs of an instance and put its result together."""
    names = [(f"{prefix}_{port.name}", port.width_bits) for port in function.outputs]
    if not names:
        return []
    total = sum(width for _, width in names)
    together = names[0][0] if len(names) == 1 else "{" + ", ".join(name for name, _ in reversed(names)) + "}"
    return [
        *(f"wire {range_of(width)}{name};" for name, width in names),
        f"wire {range_of(total)}{prefix}_result = {together};",
    ]


def _chosen(choices: list[tuple[str, str]]) -> str:
    """The value of the first choice whose condition holds; equal values need no choice."""
    return choices[0][1] if len({text for _, text in choices}) == 1 else choose(choices)


def _when(signal: str, predicate: str | None) -> str:
    return signal if predicate is None else f"{signal} && {predicate}"


def _instantiate(ctx: Context, module: str, instance: str, pins: list[str]) -> None:
    ctx.text.instances += [
        f"{identifier(module)} {instance} (",
        *(f"  {pin}," for pin in pins[:-1]),
        f"  {pins[-1]}",
        ");",
    ]


def emit_static_instance(ctx: Context, instance: Instance, callee: Function) -> None:
    """Emit one instance of a static function."""
    prefix, uses = ctx.instance_names[instance.name], ctx.call_uses[instance.name]
    timing = ctx.schedule.callees[callee.name]
    control = static_ports(timing)
    ctx.text.declarations += _result(callee, prefix)
    pins: list[str] = []
    if timing.latency_cycles:
        pins.append(".ap_clk(ap_clk)")
    if control.enables:
        if instance.free:
            enables = [literal(1, 1)] * control.enables
        else:
            enables = [
                any_of(list(dict.fromkeys(u.step_of(u.cycle + n).advance for u in uses)))
                for n in range(control.enables)
            ]
        pins.append(f".ap_ce({_vector(enables)})")
    if control.actives:
        actives = [
            any_of(list(dict.fromkeys(u.step_of(u.cycle + n).active for u in uses))) for n in range(control.actives)
        ]
        pins.append(f".ap_active({_vector(actives)})")
    inputs = [port for port in callee.ports if port.kind is PortKind.SCALAR_IN]
    for at, port in enumerate(inputs):
        taken = timing.taken_cycles[at]
        choices = [
            (_when(u.step_of(u.cycle + taken).active, u.predicate if instance.free else None), u.operands[at])
            for u in uses
        ]
        value = _chosen(choices)
        late = timing.port_cycles[at] - taken
        if (late or not is_name(value)) and not value[0].isdigit():
            value = ctx.text.wire(
                ctx.names.get(f"{prefix} {port.name}", f"{prefix}_{port.name}"), port.width_bits, value
            )
        for number in range(1, late + 1):
            after = ctx.text.register(
                ctx.names.get(f"{prefix} {port.name} {number}", f"{prefix}_{port.name}_d{number}"), port.width_bits
            )
            ctx.text.clocked.append(f"{after} <= {value};")
            value = after
        pins.append(f".{port.name}({value})")
    pins += [f".{port.name}({prefix}_{port.name})" for port in callee.outputs]
    _instantiate(ctx, callee.name, prefix, pins)


def _vector(bits: list[str]) -> str:
    return bits[0] if len(bits) == 1 else "{" + ", ".join(reversed(bits)) + "}"


def emit_handshake_instance(
    ctx: Context,
    instance: Instance,
    callee: Function,
    side_of: Callable[[Context, str | None], str],
    readers: dict[str, list[str]],
    writers: dict[str, list[str]],
) -> None:
    """Emit one instance with ap_start and ap_done; add the prefixes of its stream ends, by stream of the caller."""
    prefix, uses = ctx.instance_names[instance.name], ctx.call_uses[instance.name]
    starts = [_when(use.step_of(use.cycle).active, use.predicate) for use in uses]
    ctx.text.declarations.append(f"wire {prefix}_ap_done;")
    ctx.text.wire(f"{prefix}_ap_start", 1, any_of(starts), ctx.comment(instance.calls[0][1].location))
    ctx.text.declarations += _result(callee, prefix)
    pins = [".ap_clk(ap_clk)", ".ap_rst(ap_rst)", f".ap_start({prefix}_ap_start)", f".ap_done({prefix}_ap_done)"]
    pins += [".ap_idle()", f".ap_ready({f'{prefix}_ap_ready' if instance.overlaps else ''})"]
    if instance.overlaps:
        _count_calls(ctx, prefix)
    actual = {binding.formal: binding.actual for binding in instance.calls[0][1].bindings}
    scalars = 0
    for port in callee.ports:
        if port.kind is PortKind.SCALAR_IN:
            pins.append(
                f".{port.name}({_chosen([(s, u.operands[scalars]) for s, u in zip(starts, uses, strict=True)])})"
            )
            scalars += 1
        elif port.kind is PortKind.SCALAR_OUT:
            pins.append(f".{port.name}({prefix}_{port.name})")
            if port.name != "ap_return":
                pins.append(f".{port.name}_ap_vld()")
        else:
            stream = actual[port.name]
            assert isinstance(stream, str)
            link = ctx.names.get(f"link {prefix} {port.name}", f"{prefix}_{port.name}")
            declare_link(ctx, link, port.width_bits)
            reads = port.kind is PortKind.STREAM_IN
            (readers if reads else writers).setdefault(stream, []).append(link)
            if reads:
                side = side_of(ctx, stream)
                ctx.text.assigns.append(f"assign {link}_TDATA = {side}_TDATA;")
                ctx.text.assigns.append(f"assign {link}_TVALID = {side}_TVALID;")
            pins += [f".{port.name}_{part}({link}_{part})" for part in ("TDATA", "TVALID", "TREADY")]
    _instantiate(ctx, callee.name, prefix, pins)


def _count_calls(ctx: Context, instance: str) -> None:
    """Count the calls of an overlapping region that have not ended."""
    ctx.text.declarations.append(f"wire {instance}_ap_ready;")
    open_calls = ctx.text.register(ctx.names.reserve(f"{instance}_open"), 16)
    begin, end = f"{instance}_ap_start && {instance}_ap_ready", f"{instance}_ap_done"
    ctx.text.clocked.append(f"if ({begin} && !{end}) {open_calls} <= {open_calls} + 16'd1;")
    ctx.text.clocked.append(f"else if ({end} && !({begin})) {open_calls} <= {open_calls} - 16'd1;")


def plan_calls(ctx: Context, found: list[Instance]) -> None:
    """Give each call its instance, and each instance a name."""
    for instance in found:
        ctx.instance_names[instance.name] = ctx.names.get(f"instance {instance.name}", instance.name)
        for _, op in instance.calls:
            ctx.instances[op.id] = instance
