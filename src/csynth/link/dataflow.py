"""See a dataflow function as a network."""

from __future__ import annotations

from csynth.errors import UnsupportedError
from csynth.ir.model import Channel, Const, Function, Port, PortKind, Program
from csynth.link import model
from csynth.link.model import End, Network, ProcessInstance, ScalarOutSpec, ScalarSpec, StreamSpec


def _ports(function: Function) -> tuple[model.Port, ...]:
    return tuple(
        model.Port(
            name=port.name,
            kind=port.kind.value,
            width_bits=port.width_bits,
            depth=port.depth,
            reads=port.reads,
            writes=port.writes,
        )
        for port in function.ports
    )


def dataflow_network(program: Program, function: Function) -> Network:
    """The network of a dataflow function, with ap_ctrl control and the function's own ports.

    Raises:
        UnsupportedError: a channel or port has not exactly one user on each side.
    """
    ends: dict[str, list[tuple[End, Port]]] = {}
    constants: list[ScalarSpec] = []
    for process in function.processes:
        callee = program.function(process.function)
        kinds = {port.name: port for port in callee.ports}
        for binding in process.bindings:
            port = kinds[binding.formal]
            end = (process.name, port.name)
            if isinstance(binding.actual, Const):
                constants.append(
                    ScalarSpec(
                        name=f"{process.name}_{port.name}",
                        width_bits=port.width_bits,
                        consumers=(end,),
                        constant=binding.actual.value,
                    )
                )
            else:
                ends.setdefault(binding.actual, []).append((end, port))

    def one(name: str, kind: str, where: Port | Channel, *, writes: bool | None = None) -> End:
        found = [
            end
            for end, port in ends.get(name, [])
            if port.kind.value == kind and (writes is None or port.writes == writes)
        ]
        if len(found) != 1:
            side = "written" if kind in ("stream_out", "scalar_out") or writes else "read"
            raise UnsupportedError(
                "dataflow-users", f"{name!r} is {side} by {len(found)} processes of {function.name}; must be one",
                where.location, "Use one stream or array for each pair of processes.",
            )  # fmt: skip
        return found[0]

    def spec(channel: Channel) -> model.ChannelSpec:
        producer, consumer = model.CHANNEL_ENDS[channel.kind]
        pipo = channel.kind == "pipo"
        return model.ChannelSpec(
            name=channel.name,
            width_bits=channel.width_bits,
            depth=channel.depth,
            producer=one(channel.name, producer, channel, writes=True if pipo else None),
            consumer=one(channel.name, consumer, channel, writes=False if pipo else None),
            kind=channel.kind,
            words=channel.words,
        )

    channels = tuple(spec(channel) for channel in function.channels)
    memories: list[model.MemorySpec] = []
    scalars, outs, streams = list(constants), [], []
    for port in function.ports:
        if port.kind is PortKind.SCALAR_IN:
            consumers = tuple(end for end, p in ends.get(port.name, []) if p.kind is PortKind.SCALAR_IN)
            scalars.append(ScalarSpec(name=port.name, width_bits=port.width_bits, consumers=consumers))
        elif port.kind is PortKind.SCALAR_OUT:
            outs.append(
                ScalarOutSpec(
                    name=port.name, width_bits=port.width_bits, producer=one(port.name, port.kind.value, port)
                )
            )
        elif port.kind is PortKind.MEMORY:
            end = one(port.name, port.kind.value, port)
            memories.append(model.MemorySpec(name=port.name, width_bits=port.width_bits, end=end))
        else:
            end = one(port.name, port.kind.value, port)
            streams.append(StreamSpec(name=port.name, width_bits=port.width_bits, end=end))
    overlapping = overlapping_regions(program)
    return Network(
        name=function.name,
        overlaps=function.name in overlapping,
        processes=tuple(
            ProcessInstance(
                name=process.name,
                module=process.function,
                ports=_ports(program.function(process.function)),
                overlaps=process.function in overlapping,
            )
            for process in function.processes
        ),
        channels=channels,
        scalars=tuple(scalars),
        scalar_outs=tuple(outs),
        streams=tuple(streams),
        memories=tuple(memories),
    )


def overlaps_as_top(function: Function) -> bool:
    """Whether a region that is the top takes its next call early: its ap_ctrl_chain tells ap_ready from ap_done.

    One with AXI masters does not: the addresses of its pointers must stand until it has ended.
    """
    chained = any(i.argument == "return" and i.mode == "ap_ctrl_chain" for i in function.interfaces)
    return chained and function.can_overlap and not any(port.maxi for port in function.ports)


def overlapping_regions(program: Program) -> set[str]:
    """The regions that may take a call before the last one has ended: every user of theirs knows ap_ready from ap_done."""
    found: set[str] = set()
    users: dict[str, set[str]] = {program.top: set()} if overlaps_as_top(program.function(program.top)) else {}
    for function in program.functions:
        for op in (op for block in function.blocks for op in block.ops if op.opcode == "call" and op.target):
            users.setdefault(op.target or "", set()).add("" if not op.overlap else op.target or "")
        for process in function.processes:
            users.setdefault(process.function, set()).add(function.name)
    while True:
        more = {
            function.name
            for function in program.functions
            if function.is_dataflow
            and function.can_overlap
            and function.name in users
            and users[function.name] <= found | {function.name}
        }
        if more <= found:
            return found
        found |= more
