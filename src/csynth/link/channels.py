"""Emit what joins processes: FIFOs, ping-pong buffers, handed-on scalars, and arguments that wait for their call."""

from __future__ import annotations

from csynth.link.control import call_limit
from csynth.link.model import ChannelSpec, End, Network, ScalarSpec
from csynth.rtl.function import fifo_instance
from csynth.rtl.text import ModuleText, address_bits, literal, range_of


def fifo_name(channel: str) -> str:
    """Instance name of a channel's FIFO."""
    return f"fifo_{channel}"


def instance_name(channel: ChannelSpec) -> str:
    """Instance name of a channel."""
    return f"{channel.kind}_{channel.name}"


def prefix_of(end: End) -> str:
    """Prefix of the wires at a process's port."""
    return f"{end[0]}__{end[1]}"


def emit_channels(network: Network, text: ModuleText) -> None:
    """Instantiate all channels of `network`."""
    for channel in network.channels:
        if channel.kind == "fifo":
            text.instances += fifo_instance(
                fifo_name(channel.name),
                channel.width_bits,
                channel.depth,
                prefix_of(channel.producer),
                prefix_of(channel.consumer),
            )
        elif channel.kind == "pipo":
            _pipo(network, channel, text)
        else:
            _scalar(channel, text)


def _pipo(network: Network, channel: ChannelSpec, text: ModuleText) -> None:
    name, writer, reader = instance_name(channel), prefix_of(channel.producer), prefix_of(channel.consumer)
    text.declarations.append(f"wire {name}_space, {name}_full;")
    producer = network.port(channel.producer)
    address, zero = channel.words > 1, literal(0, address_bits(channel.words))
    side = 1 if producer.reads else 0
    pins = [
        ".ap_clk(ap_clk)", ".ap_rst(ap_rst)", f".space({name}_space)", f".filled({channel.producer[0]}_ap_done)",
        f".write_address({f'{writer}_address{side}' if address else zero})", f".write_we({writer}_we{side})",
        f".write_d({writer}_d{side})",
        f".own_address({f'{writer}_address0' if address and producer.reads else zero})",
        f".own_ce({f'{writer}_ce0' if address and producer.reads else literal(0, 1)})",
        f".own_q({f'{writer}_q0' if producer.reads else ''})",
        f".full({name}_full)", f".emptied({channel.consumer[0]}_ap_done)",
        f".read_address({f'{reader}_address0' if address else zero})",
        f".read_ce({f'{reader}_ce0' if address else literal(0, 1)})", f".read_q({reader}_q0)", ".count()",
    ]  # fmt: skip
    head = f"csynth_pipo #(.WIDTH({channel.width_bits}), .WORDS({channel.words}), .BUFFERS({channel.depth})) {name} ("
    text.instances += [head, *(f"  {pin}," for pin in pins[:-1]), f"  {pins[-1]}", ");"]


def _register_fifo(text: ModuleText, name: str, width_bits: int, depth: int, data: str, push: str, pop: str) -> None:
    """A FIFO `name` of words that are pushed and popped by pulses; `<name>_word` is the oldest one."""
    text.declarations += [f"wire {range_of(width_bits)}{name}_word;", f"wire {name}_space, {name}_full;"]
    pins = [
        ".ap_clk(ap_clk)", ".ap_rst(ap_rst)", f".in_TDATA({data})", f".in_TVALID({push})", f".in_TREADY({name}_space)",
        f".out_TDATA({name}_word)", f".out_TVALID({name}_full)", f".out_TREADY({pop})", ".count()",
    ]  # fmt: skip
    head = f"csynth_fifo #(.WIDTH({width_bits}), .DEPTH({depth})) {name} ("
    text.instances += [head, *(f"  {pin}," for pin in pins[:-1]), f"  {pins[-1]}", ");"]


def _scalar(channel: ChannelSpec, text: ModuleText) -> None:
    name = instance_name(channel)
    (producer, _), (consumer, _) = channel.producer, channel.consumer
    _register_fifo(
        text,
        name,
        channel.width_bits,
        channel.depth,
        prefix_of(channel.producer),
        f"{producer}_ap_done",
        f"{consumer}_ap_done",
    )
    text.assigns.append(f"assign {prefix_of(channel.consumer)} = {name}_word;")


def emit_argument(network: Network, scalar: ScalarSpec, text: ModuleText) -> None:
    """Give a scalar argument to its consumers; with overlap each call's value waits in a FIFO until its process has used it."""
    source = scalar.name if scalar.constant is None else literal(scalar.constant, scalar.width_bits)
    for end in scalar.consumers:
        value = source
        if network.overlaps and scalar.constant is None:
            name = f"argument_{prefix_of(end)}"
            _register_fifo(text, name, scalar.width_bits, call_limit(network), source, "accept", f"{end[0]}_ap_ready")
            value = f"{name}_word"
        text.assigns.append(f"assign {prefix_of(end)} = {value};")
