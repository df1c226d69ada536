"""Start and end of a network's processes.

A process starts when what its arrays and scalars hand on is there: a full buffer to read, an empty one to fill. Without overlap every
process runs once for each call and the network ends when all have. With overlap a call is a token for each process: `<p>_owed` counts
the runs that a process still has to end its part of, so that each one goes on with the next call as soon as it can.
"""

from __future__ import annotations

from csynth.ir.model import Function
from csynth.link.model import Network
from csynth.rtl.text import ModuleText, literal, range_of


def start_conditions(network: Network) -> dict[str, list[str]]:
    """For each process the signals that must be 1 before it starts."""
    found: dict[str, list[str]] = {process.name: [] for process in network.processes}
    for channel in network.channels:
        if channel.kind == "pipo":
            found[channel.producer[0]].append(f"pipo_{channel.name}_space")
            found[channel.consumer[0]].append(f"pipo_{channel.name}_full")
        elif channel.kind == "scalar":
            found[channel.producer[0]].append(f"scalar_{channel.name}_space")
            found[channel.consumer[0]].append(f"scalar_{channel.name}_full")
    return found


def call_limit(network: Network | Function) -> int:
    """Calls that an overlapping network takes before the oldest has ended: enough to fill every process and buffer."""
    buffers = sum(channel.depth for channel in network.channels if channel.kind != "fifo")
    return len(network.processes) + buffers + 2


def emit_control(network: Network, text: ModuleText) -> None:
    """Emit the starts of the processes and the network's own handshake."""
    (_overlapping if network.overlaps else _one_call)(network, text)


def _one_call(network: Network, text: ModuleText) -> None:
    conditions = start_conditions(network)
    names = [process.name for process in network.processes]
    for name in names:
        text.declarations.append(f"reg {name}_finished;")
        ready = "".join(f" && {signal}" for signal in conditions[name])
        text.assigns.append(f"assign {name}_ap_start = running && !{name}_finished{ready};")
    everyone = " && ".join(f"({name}_finished || {name}_ap_done)" for name in names)
    text.declarations += ["reg running;", "wire all_done;", "reg done;"]
    text.assigns += [
        f"assign all_done = running && {everyone};",
        "assign ap_done = done;",
        "assign ap_ready = done;",
        "assign ap_idle = !running && !done;",
    ]
    text.control += [
        "if (ap_rst) begin", "  running <= 1'd0;", "  done <= 1'd0;",
        *(f"  {name}_finished <= 1'd0;" for name in names),
        "end else begin",
        "  done <= all_done;",
        "  if (!running && !done && ap_start) running <= 1'd1;",
        *(f"  if ({name}_ap_done) {name}_finished <= 1'd1;" for name in names),
        "  if (all_done) begin", "    running <= 1'd0;",
        *(f"    {name}_finished <= 1'd0;" for name in names),
        "  end", "end",
    ]  # fmt: skip


def _counter(text: ModuleText, name: str, bits: int, up: str, down: str) -> None:
    """A counter that goes up and down."""
    text.register(name, bits)
    one = literal(1, bits)
    text.control += [
        f"if (ap_rst) {name} <= {literal(0, bits)};",
        f"else if ({up} && !{down}) {name} <= {name} + {one};",
        f"else if ({down} && !{up}) {name} <= {name} - {one};",
    ]


def _overlapping(network: Network, text: ModuleText) -> None:
    conditions = start_conditions(network)
    limit = call_limit(network)
    bits = limit.bit_length()
    for process in network.processes:
        name = process.name
        ready = "".join(f" && {signal}" for signal in conditions[name])
        text.declarations.append(f"wire {name}_ap_ready;")
        text.assigns.append(f"assign {name}_ap_start = (|{name}_owed){ready};")
        _counter(text, f"{name}_owed", bits, "accept", f"{name}_ap_ready")
        _counter(text, f"{name}_ended", bits, f"{name}_ap_done", "ap_done")
    text.declarations += [f"wire {range_of(1)}accept;"]
    _counter(text, "calls", bits, "accept", "ap_done")
    text.assigns += [
        f"assign accept = ap_start && calls != {literal(limit, bits)};",
        "assign ap_ready = accept;",
        f"assign ap_done = {' && '.join(f'(|{process.name}_ended)' for process in network.processes)};",
        "assign ap_idle = !(|calls);",
    ]
