"""Emit the Verilog top of a network with ap_ctrl control; `axilite` and `csynth_maxi` add the AXI sides."""

from __future__ import annotations

from csynth.link.axilite import emit_axilite
from csynth.link.channels import emit_argument, emit_channels
from csynth.link.channels import prefix_of as _prefix
from csynth.link.control import emit_control
from csynth.link.model import MaxiSpec, Network, Port
from csynth.rtl.memory_ports import memory_pins
from csynth.rtl.text import ModuleText, identifier, literal, range_of

_AXI = (  # direction from the master, name, bits (0 = data, -1 = strobe)
    ("output", "AWADDR", 64), ("output", "AWLEN", 8), ("output", "AWSIZE", 3), ("output", "AWBURST", 2),
    ("output", "AWVALID", 1), ("input", "AWREADY", 1), ("output", "WDATA", 0), ("output", "WSTRB", -1),
    ("output", "WLAST", 1), ("output", "WVALID", 1), ("input", "WREADY", 1), ("input", "BRESP", 2),
    ("input", "BVALID", 1), ("output", "BREADY", 1), ("output", "ARADDR", 64), ("output", "ARLEN", 8),
    ("output", "ARSIZE", 3), ("output", "ARBURST", 2), ("output", "ARVALID", 1), ("input", "ARREADY", 1),
    ("input", "RDATA", 0), ("input", "RRESP", 2), ("input", "RLAST", 1), ("input", "RVALID", 1), ("output", "RREADY", 1),
)  # fmt: skip
_MAXI_ENDS = (("AR", 96), ("R", 0), ("AW", 96), ("W", 0), ("B", 1))
_PARTS = ("TDATA", "TVALID", "TREADY")


def _bits(bits: int, data_bits: int) -> int:
    return data_bits if bits == 0 else data_bits // 8 if bits < 0 else bits


def _outer_ports(network: Network) -> list[str]:
    lines = ["input  ap_clk", "input  ap_rst"]
    if network.control == "s_axilite":
        lines += emit_axilite(network).ports
    else:
        lines += ["input  ap_start", "output ap_done", "output ap_idle", "output ap_ready"]
        lines += [f"input  {range_of(s.width_bits)}{s.name}" for s in network.scalars if s.constant is None]
        lines += [f"input  [63:0] {maxi.name}" for maxi in network.maxi]
    for out in network.scalar_outs:
        lines.append(f"output {range_of(out.width_bits)}{out.name}")
        if out.name != "ap_return":
            lines.append(f"output {out.name}_ap_vld")
    for memory in network.memories:
        pins = _memory(network.port(memory.end))
        lines += [f"{direction:<6} {range_of(bits)}{memory.name}_{signal}" for direction, signal, bits in pins]
    for stream in network.streams:
        into = network.port(stream.end).kind == "stream_in"
        one, two = ("input ", "output") if into else ("output", "input ")
        lines += [
            f"{one} {range_of(stream.width_bits)}{stream.name}_TDATA",
            f"{one} {stream.name}_TVALID",
            f"{two} {stream.name}_TREADY",
        ]
    for maxi in network.maxi:
        lines += maxi_ports(maxi, error=network.error_ports)
    return lines


def _memory(port: Port) -> list[tuple[str, str, int]]:
    return memory_pins(depth=port.depth, width_bits=port.width_bits, reads=port.reads, writes=port.writes)


def _declare_ends(network: Network, text: ModuleText) -> None:
    for process in network.processes:
        for port in process.ports:
            prefix = _prefix((process.name, port.name))
            if port.kind == "memory":
                text.declarations += [f"wire {range_of(bits)}{prefix}_{signal};" for _, signal, bits in _memory(port)]
                continue
            text.declarations.append(
                f"wire {range_of(port.width_bits)}{prefix}{'_TDATA' if port.kind.startswith('stream') else ''};"
            )
            if port.kind.startswith("stream"):
                text.declarations.append(f"wire {prefix}_TVALID, {prefix}_TREADY;")
            elif port.kind == "scalar_out" and port.name != "ap_return":
                text.declarations.append(f"wire {prefix}_ap_vld;")


def _processes(network: Network, text: ModuleText) -> None:
    """Instantiate the processes."""
    for process in network.processes:
        name = process.name
        text.declarations.append(f"wire {name}_ap_start, {name}_ap_done;")
        pins = [".ap_clk(ap_clk)", ".ap_rst(ap_rst)", f".ap_start({name}_ap_start)", f".ap_done({name}_ap_done)"]
        pins += [".ap_idle()", f".ap_ready({f'{name}_ap_ready' if network.overlaps else ''})"]
        for port in process.ports:
            prefix = _prefix((name, port.name))
            if port.kind.startswith("stream"):
                pins += [f".{port.name}_{part}({prefix}_{part})" for part in _PARTS]
            elif port.kind == "memory":
                pins += [f".{port.name}_{signal}({prefix}_{signal})" for _, signal, _ in _memory(port)]
            else:
                pins.append(f".{port.name}({prefix})")
                if port.kind == "scalar_out" and port.name != "ap_return":
                    pins.append(f".{port.name}_ap_vld({prefix}_ap_vld)")
        text.instances += [
            f"{identifier(process.module)} {identifier(name)} (",
            *(f"  {pin}," for pin in pins[:-1]),
            f"  {pins[-1]}",
            ");",
        ]


def _connect(network: Network, text: ModuleText) -> None:
    for scalar in network.scalars:
        emit_argument(network, scalar, text)
    for memory in network.memories:
        for direction, signal, _ in _memory(network.port(memory.end)):
            ends = (f"{memory.name}_{signal}", f"{_prefix(memory.end)}_{signal}")
            target, source = ends if direction == "output" else ends[::-1]
            text.assigns.append(f"assign {target} = {source};")
    for out in network.scalar_outs:
        text.assigns.append(f"assign {out.name} = {_prefix(out.producer)};")
        if out.name != "ap_return":
            text.assigns.append(f"assign {out.name}_ap_vld = {_prefix(out.producer)}_ap_vld;")
    for stream in network.streams:
        prefix = _prefix(stream.end)
        if network.port(stream.end).kind == "stream_in":
            pairs = [
                (f"{prefix}_TDATA", f"{stream.name}_TDATA"),
                (f"{prefix}_TVALID", f"{stream.name}_TVALID"),
                (f"{stream.name}_TREADY", f"{prefix}_TREADY"),
            ]
        else:
            pairs = [
                (f"{stream.name}_TDATA", f"{prefix}_TDATA"),
                (f"{stream.name}_TVALID", f"{prefix}_TVALID"),
                (f"{prefix}_TREADY", f"{stream.name}_TREADY"),
            ]
        text.assigns += [f"assign {target} = {source};" for target, source in pairs]
    emit_channels(network, text)


def maxi_ports(maxi: MaxiSpec, *, error: bool) -> list[str]:
    """Ports of an AXI master, and with `error` its flag."""
    lines = [
        f"{direction:<6} {range_of(_bits(bits, maxi.width_bits))}m_axi_{maxi.name}_{name}"
        for direction, name, bits in _AXI
    ]
    return [*lines, f"output {maxi.name}_axi_error"] if error else lines


def maxi_instance(maxi: MaxiSpec, *, base: str, error: bool) -> list[str]:
    """The AXI master of a memory port; `base` is the byte address that its offsets count from."""
    pins = [".ap_clk(ap_clk)", ".ap_rst(ap_rst)", f".base({base})"]
    for role, bits in _MAXI_ENDS:
        end = maxi.ends.get(role)
        width = bits or maxi.width_bits
        if end is not None:
            pins += [f".{role}_{part}({_prefix(end)}_{part})" for part in _PARTS]
        elif role in ("R", "B"):
            pins += [f".{role}_TDATA()", f".{role}_TVALID()", f".{role}_TREADY(1'd1)"]
        else:
            pins += [f".{role}_TDATA({literal(0, width)})", f".{role}_TVALID(1'd0)", f".{role}_TREADY()"]
    pins += [f".m_axi_{name}(m_axi_{maxi.name}_{name})" for _, name, _ in _AXI]
    pins.append(f".error({maxi.name}_axi_error)" if error else ".error()")
    parameters = f".WIDTH({maxi.width_bits}), .READ_BEATS({maxi.read_beats}), .WRITE_BEATS({maxi.write_beats})"
    parameters += f", .READS({maxi.reads_outstanding}), .WRITES({maxi.writes_outstanding})"
    return [
        f"csynth_maxi #({parameters}) maxi_{maxi.name} (",
        *(f"  {pin}," for pin in pins[:-1]),
        f"  {pins[-1]}",
        ");",
    ]


def emit_network(network: Network) -> dict[str, str]:
    """Verilog of the network's top and of its register file, if it has one, by module name."""
    network.check()
    text = ModuleText(name=network.name)
    text.header = [
        f"{network.name}: {len(network.processes)} processes, {len(network.channels)} channels, linked by csynth"
    ]
    text.ports = _outer_ports(network)
    files: dict[str, str] = {}
    if network.control == "s_axilite":
        axilite = emit_axilite(network)
        files[axilite.name] = axilite.verilog
        text.declarations += axilite.declarations
        text.instances += axilite.instance
    _declare_ends(network, text)
    emit_control(network, text)
    _processes(network, text)
    _connect(network, text)
    for maxi in network.maxi:
        text.instances += maxi_instance(maxi, base=maxi.name, error=network.error_ports)
    return {network.name: text.render(), **files}
