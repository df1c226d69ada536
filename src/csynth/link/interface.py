"""The IP's top: a module `<top>_ip` around the synthesised function that gives each argument the protocol of its interface pragma.

The function itself has ap_ctrl_hs control, plain scalars, `<name>_TDATA/_TVALID/_TREADY` streams and five streams for each memory port.

Reference: UG1399, "Defining Interfaces".
"""

from __future__ import annotations

from dataclasses import dataclass, field

from csynth.errors import UnsupportedError
from csynth.ir.model import Function, Interface, Port, PortKind
from csynth.link.axilite import Register, emit_bundle, layout
from csynth.link.control import call_limit
from csynth.link.dataflow import overlaps_as_top
from csynth.link.emit import maxi_instance, maxi_ports
from csynth.link.model import MaxiSpec
from csynth.rtl.function import memory_ports
from csynth.rtl.text import ModuleText, identifier, literal, range_of

_PARTS = ("TDATA", "TVALID", "TREADY")
_PLAIN = frozenset({"default", "axis"})
_DEFAULT_OUTSTANDING = "16"
_DEFAULT_BEATS = "16"


@dataclass(slots=True)
class _Wrapper:
    """The wrapper on its way."""

    function: Function
    text: ModuleText
    pins: list[str] = field(default_factory=list)
    arguments: dict[str, list[tuple[str, int, str]]] = field(default_factory=dict)  # registers by bundle


def argument_of(port: Port) -> str:
    """The argument that a port belongs to."""
    return port.name.removesuffix("_i").removesuffix("_o")


def _interfaces(function: Function) -> dict[str, Interface]:
    return {interface.argument: interface for interface in function.interfaces}


def _find(function: Function, port: Port) -> Interface:
    known = _interfaces(function)
    return known.get(port.name) or known.get(argument_of(port)) or Interface(argument=port.name)


def register_bundle(function: Function, port_name: str, interface: Interface) -> str | None:
    """The register bundle that holds a scalar or an address, None when it is a port."""
    if interface.registers is not None:
        return interface.registers
    is_address = interface.mode == "m_axi" or any(port.maxi == port_name for port in function.ports)
    return "control" if is_address and interface.option("offset", "slave") == "slave" else None


def needs_wrapper(function: Function) -> bool:
    """Whether any argument or the control has another protocol than the module that csynth emits for a function."""
    control = _interfaces(function).get("return", Interface(argument="return"))
    if control.registers is not None or control.mode in {"ap_ctrl_chain", "ap_ctrl_none"}:
        return True
    for port in function.ports:
        interface = _find(function, port)
        if port.maxi or interface.registers is not None or port.fields:
            return True
        if port.kind in (PortKind.STREAM_IN, PortKind.STREAM_OUT) and port.interface not in _PLAIN:
            return True
        if port.kind is PortKind.SCALAR_OUT and interface.mode == "ap_none" and port.name != "ap_return":
            return True
    return False


def emit_interface(function: Function) -> dict[str, str]:
    """Verilog of the wrapper and its register files, by module name; empty when the function's own module will do."""
    if not needs_wrapper(function):
        return {}
    text = ModuleText(name=f"{function.name}_ip")
    text.header = [f"{function.name} with the interfaces of its pragmas, made by csynth"]
    wrapper = _Wrapper(function, text)
    text.ports = ["input  ap_clk", "input  ap_rst"]
    control = _interfaces(function).get("return", Interface(argument="return"))
    _arguments(wrapper, control)
    for memory in function.memories:
        if memory.interface:
            declared = memory_ports(memory, function)
            text.ports += declared
            wrapper.pins += [f".{name}({name})" for name in (line.split()[-1] for line in declared)]
    files = _registers(wrapper, control)
    _control(wrapper, control)
    pins = [".ap_clk(ap_clk)", ".ap_rst(ap_rst)", ".ap_start(core_start)", ".ap_done(core_done)", ".ap_idle(core_idle)"]
    pins += [".ap_ready(core_ready)", *wrapper.pins]
    text.declarations.append("wire core_start, core_done, core_idle, core_ready;")
    text.instances += [
        f"{identifier(function.name)} core (",
        *(f"  {pin}," for pin in pins[:-1]),
        f"  {pins[-1]}",
        ");",
    ]
    return {text.name: text.render(), **files}


def _arguments(wrapper: _Wrapper, control: Interface) -> None:
    function = wrapper.function
    for port in function.ports:
        if port.name == "ap_return":
            _returned(wrapper, port, control)
    for port in function.ports:
        if port.maxi is None and port.name != "ap_return":
            _PORTS[port.kind](wrapper, port, _find(function, port))
    _memories(wrapper)


# -- control -----------------------------------------------------------------------------------------------------------------------------


def _control(wrapper: _Wrapper, control: Interface) -> None:
    text = wrapper.text
    in_registers = control.registers is not None and control.mode != "ap_ctrl_none"
    if control.mode == "ap_ctrl_none":
        text.assigns.append("assign core_start = 1'd1;")
        if any(r.kind == "return" for r in layout(wrapper.arguments.get(control.registers or "", []))):
            text.declarations.append("wire ap_done;")
            text.assigns.append("assign ap_done = core_done;")
        return
    if not in_registers:
        text.ports[2:2] = ["input  ap_start", "output ap_done", "output ap_idle", "output ap_ready"]
        text.ports[3:3] = ["input  ap_continue"] if control.mode == "ap_ctrl_chain" else []
    text.assigns.append("assign ap_ready = core_ready;")  # an overlapping core gives it with core_start only
    if control.mode != "ap_ctrl_chain":
        text.assigns += ["assign core_start = ap_start;", "assign ap_done = core_done;", "assign ap_idle = core_idle;"]
        return
    overlaps = overlaps_as_top(wrapper.function)
    bits = call_limit(wrapper.function).bit_length() if overlaps else 1
    none, one = literal(0, bits), literal(1, bits)
    text.register("held_done", bits)  # calls that have ended; done is shown until the next block says continue
    text.assigns += [
        f"assign core_start = ap_start && held_done == {none};",
        f"assign ap_done = core_done || held_done != {none};",
        f"assign ap_idle = core_idle && held_done == {none};",
    ]
    text.control += [
        f"if (ap_rst) held_done <= {none};",
        f"else if (core_done && !ap_continue) held_done <= held_done + {one};",
        f"else if (ap_continue && !core_done && held_done != {none}) held_done <= held_done - {one};",
    ]


def _registers(wrapper: _Wrapper, control: Interface) -> dict[str, str]:
    files: dict[str, str] = {}
    if control.registers is not None and control.mode != "ap_ctrl_none":
        wrapper.arguments.setdefault(control.registers, [])
    for bundle, registers in register_maps_of(wrapper.function).items():
        mode = None
        if bundle == control.registers and control.mode != "ap_ctrl_none":
            mode = "ap_ctrl_chain" if control.mode == "ap_ctrl_chain" else "ap_ctrl_hs"
        made = emit_bundle(f"{wrapper.function.name}_{bundle}_s_axi", bundle, registers, control=mode)
        files[made.name] = made.verilog
        wrapper.text.ports += made.ports
        wrapper.text.declarations += made.declarations
        wrapper.text.instances += made.instance
    return files


def register_maps_of(function: Function) -> dict[str, tuple[Register, ...]]:
    """The registers of each bundle, as the wrapper lays them out."""
    wrapper = _Wrapper(function, ModuleText(name=function.name))
    control = _interfaces(function).get("return", Interface(argument="return"))
    _arguments(wrapper, control)
    if control.registers is not None and control.mode != "ap_ctrl_none":
        wrapper.arguments.setdefault(control.registers, [])
    return {bundle: layout(found) for bundle, found in wrapper.arguments.items()}


# -- ports -------------------------------------------------------------------------------------------------------------------------------


def _returned(wrapper: _Wrapper, port: Port, control: Interface) -> None:
    if control.registers is None:
        wrapper.text.ports.append(f"output {range_of(port.width_bits)}ap_return")
        wrapper.pins.append(".ap_return(ap_return)")
        return
    wrapper.arguments.setdefault(control.registers, []).append(("ap_return", port.width_bits, "return"))
    wrapper.pins.append(".ap_return(ap_return_value)")


def _scalar_in(wrapper: _Wrapper, port: Port, interface: Interface) -> None:
    wrapper.pins.append(f".{port.name}({port.name})")
    bundle = register_bundle(wrapper.function, port.name, interface)
    if bundle is not None:
        wrapper.arguments.setdefault(bundle, []).append((port.name, port.width_bits, "in"))
    elif interface.mode == "m_axi" and interface.option("offset") == "off":
        wrapper.pins[-1] = f".{port.name}({literal(0, port.width_bits)})"
    else:
        wrapper.text.ports.append(f"input  {range_of(port.width_bits)}{port.name}")


def _scalar_out(wrapper: _Wrapper, port: Port, interface: Interface) -> None:
    name, bits = port.name, range_of(port.width_bits)
    if interface.registers is not None:
        kind = "second" if interface.argument != name else "out"
        wrapper.arguments.setdefault(interface.registers, []).append((name, port.width_bits, kind))
        wrapper.pins += [f".{name}({name}_value)", f".{name}_ap_vld({name}_ap_vld)"]
        return
    wrapper.text.ports.append(f"output {bits}{name}")
    wrapper.pins.append(f".{name}({name})")
    if interface.mode == "ap_none":
        wrapper.pins.append(f".{name}_ap_vld()")
    else:
        wrapper.text.ports.append(f"output {name}_ap_vld")
        wrapper.pins.append(f".{name}_ap_vld({name}_ap_vld)")


def _stream(wrapper: _Wrapper, port: Port, interface: Interface) -> None:
    """The pins of a stream, joined with the signals of its protocol."""
    del interface
    name, bits = port.name, range_of(port.width_bits)
    into = port.kind is PortKind.STREAM_IN
    one, two = ("input ", "output") if into else ("output", "input ")
    if port.interface in _PLAIN:
        signals = [f"{one} {bits}{name}_TDATA", f"{one} {name}_TVALID", f"{two} {name}_TREADY"]
        data = f"{name}_TDATA"
        if port.fields:
            signals[:1] = [f"{one} {range_of(width)}{name}_{part}" for part, width in port.fields]
            data = "{" + ", ".join(f"{name}_{part}" for part, _ in reversed(port.fields)) + "}"
        joined = (data, f"{name}_TVALID", f"{name}_TREADY")
    elif port.interface == "ap_fifo":
        if into:
            signals = [f"input  {bits}{name}_dout", f"input  {name}_empty_n", f"output {name}_read"]
            joined = (f"{name}_dout", f"{name}_empty_n", f"{name}_read")
        else:
            signals = [f"output {bits}{name}_din", f"input  {name}_full_n", f"output {name}_write"]
            wrapper.text.declarations.append(f"wire {name}_has_word;")
            wrapper.text.assigns.append(f"assign {name}_write = {name}_has_word && {name}_full_n;")
            joined = (f"{name}_din", f"{name}_has_word", f"{name}_full_n")
    else:
        signals = [f"{one} {bits}{name}"]
        valid, taken = ("1'd1", "") if into else ("", "1'd1")
        if port.interface in {"ap_vld", "ap_hs"}:
            signals.append(f"{one} {name}_ap_vld")
            valid = f"{name}_ap_vld"
        if port.interface in {"ap_ack", "ap_hs"}:
            signals.append(f"{two} {name}_ap_ack")
            taken = f"{name}_ap_ack"
        joined = (name, valid, taken)
    wrapper.text.ports += signals
    wrapper.pins += [f".{name}_{part}({signal})" for part, signal in zip(_PARTS, joined, strict=True)]


_PORTS = {
    PortKind.SCALAR_IN: _scalar_in,
    PortKind.SCALAR_OUT: _scalar_out,
    PortKind.STREAM_IN: _stream,
    PortKind.STREAM_OUT: _stream,
}


# -- memory ------------------------------------------------------------------------------------------------------------------------------


def maxi_specs(function: Function) -> list[MaxiSpec]:
    """The AXI masters of a function: one for each bundle of pointers and for each burst_maxi argument.

    Raises:
        UnsupportedError: a word is no power of two of bytes.
    """
    found = []
    for name in dict.fromkeys(port.maxi for port in function.ports if port.maxi):
        ports = [port for port in function.ports if port.maxi == name]
        width = next((port.width_bits for port in ports if port.role in {"R", "W"}), 64)
        if width not in {8, 16, 32, 64, 128, 256, 512, 1024}:
            raise UnsupportedError(
                "bus_width", f"m_axi: {name!r} has words of {width} bits; must be 8, 16, 32, 64, 128, 256, 512 or 1024", ports[0].location,
                "Widen the words",
            )  # fmt: skip
        users = [
            i for i in function.interfaces if i.mode == "m_axi" and name in (i.argument, i.option("bundle", "gmem"))
        ]

        def most(option: str, default: str, users: list[Interface] = users) -> int:
            return max([int(value) for i in users if (value := i.option(option))], default=int(default))

        found.append(
            MaxiSpec(
                name=name,
                width_bits=width,
                ends={port.role: ("core", port.name) for port in ports if port.role},
                read_beats=_beats(most("max_read_burst_length", _DEFAULT_BEATS), width),
                write_beats=_beats(most("max_write_burst_length", _DEFAULT_BEATS), width),
                reads_outstanding=most("num_read_outstanding", _DEFAULT_OUTSTANDING),
                writes_outstanding=most("num_write_outstanding", _DEFAULT_OUTSTANDING),
            )
        )
    return found


def _beats(wanted: int, width_bits: int) -> int:
    """A burst may have 256 beats and must not be longer than 4 KiB."""
    return min(wanted, 256, 4096 * 8 // width_bits)


def _memories(wrapper: _Wrapper) -> None:
    function, text = wrapper.function, wrapper.text
    bundles = {i.option("bundle", "gmem") for i in function.interfaces if i.mode == "m_axi"}
    scalars = {port.name for port in function.ports if port.kind is PortKind.SCALAR_IN and port.interface == "m_axi"}
    pointers = {i.option("bundle", "gmem") for i in function.interfaces if i.argument in scalars}
    for spec in maxi_specs(function):
        base = literal(0, 64)
        if spec.name not in bundles or spec.name not in pointers:  # a burst_maxi argument has an address of its own
            interface = _interfaces(function).get(spec.name, Interface(argument=spec.name, mode="m_axi"))
            bundle = register_bundle(function, spec.name, interface)
            if bundle is not None:
                wrapper.arguments.setdefault(bundle, []).append((spec.name, 64, "in"))
            elif interface.option("offset") == "direct":
                text.ports.append(f"input  [63:0] {spec.name}")
            base = literal(0, 64) if interface.option("offset") == "off" and bundle is None else spec.name
        text.ports += maxi_ports(spec, error=True)
        text.instances += maxi_instance(spec, base=base, error=True)
    for port in function.ports:
        if port.maxi is None:
            continue
        text.declarations.append(f"wire {range_of(port.width_bits)}core__{port.name}_TDATA;")
        text.declarations.append(f"wire core__{port.name}_TVALID, core__{port.name}_TREADY;")
        wrapper.pins += [f".{port.name}_{part}(core__{port.name}_{part})" for part in _PARTS]
