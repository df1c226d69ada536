"""See a dataflow function as a network."""

from __future__ import annotations

from csynth.errors import UnsupportedError
from csynth.ir.model import Const, Function, Port, PortKind, Program
from csynth.link import model
from csynth.link.model import End, Network, ProcessInstance, ScalarOutSpec, ScalarSpec, StreamSpec


def _ports(function: Function) -> tuple[model.Port, ...]:
    return tuple(
        model.Port(name=port.name, kind=port.kind.value, width_bits=port.width_bits) for port in function.ports
    )


def dataflow_network(program: Program, function: Function) -> Network:
    """The network of a dataflow function, with ap_ctrl control and the function's own ports.

    Raises:
        UnsupportedError: a channel or port has not exactly one user on each side.
    """
    ends: dict[str, dict[PortKind, list[End]]] = {}
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
                ends.setdefault(binding.actual, {}).setdefault(port.kind, []).append(end)

    def one(name: str, kind: PortKind, where: Port | model.ChannelSpec | object) -> End:
        found = ends.get(name, {}).get(kind, [])
        if len(found) != 1:
            side = "read" if kind is PortKind.STREAM_IN else "written"
            raise UnsupportedError(
                "dataflow-users", f"stream {name!r} is {side} by {len(found)} processes of {function.name}; must be one",
                getattr(where, "location", None), "Use one stream for each pair of processes.",
            )  # fmt: skip
        return found[0]

    channels = tuple(
        model.ChannelSpec(
            name=channel.name,
            width_bits=channel.width_bits,
            depth=channel.depth,
            producer=one(channel.name, PortKind.STREAM_OUT, channel),
            consumer=one(channel.name, PortKind.STREAM_IN, channel),
        )
        for channel in function.channels
    )
    scalars, outs, streams = list(constants), [], []
    for port in function.ports:
        if port.kind is PortKind.SCALAR_IN:
            consumers = tuple(ends.get(port.name, {}).get(PortKind.SCALAR_IN, []))
            scalars.append(ScalarSpec(name=port.name, width_bits=port.width_bits, consumers=consumers))
        elif port.kind is PortKind.SCALAR_OUT:
            outs.append(
                ScalarOutSpec(name=port.name, width_bits=port.width_bits, producer=one(port.name, port.kind, port))
            )
        else:
            streams.append(StreamSpec(name=port.name, width_bits=port.width_bits, end=one(port.name, port.kind, port)))
    return Network(
        name=function.name,
        processes=tuple(
            ProcessInstance(
                name=process.name, module=process.function, ports=_ports(program.function(process.function))
            )
            for process in function.processes
        ),
        channels=channels,
        scalars=tuple(scalars),
        scalar_outs=tuple(outs),
        streams=tuple(streams),
    )
