"""A function with `#pragma HLS dataflow`: its calls become processes, its variables the channels between them."""

from __future__ import annotations

import re

from csynth.errors import UnsupportedError
from csynth.frontend.affine import AddressReader
from csynth.frontend.dataflow_form import Uses, check_form, check_shape
from csynth.frontend.llvm_text import Instruction, LlvmFunction, Module, bits_of
from csynth.frontend.locations import Locations
from csynth.frontend.pragmas import Pragma
from csynth.frontend.regions import Formal, Marks, Signature
from csynth.ir.model import Binding, Channel, Const, Function, Location, Port, PortKind, Process

_QUIET = (
    "llvm.lifetime",
    "llvm.assume",
    "llvm.experimental",
    "llvm.dbg",
    "__csynth_",
    "hls.stream_declare",
    "hls.maxi_alias",
)
_PASSED_OVER = frozenset(
    {"alloca", "getelementptr", "ret", "load", "zext", "sext", "trunc", "bitcast", "freeze", "and"}
)
_STREAMS = (PortKind.STREAM_IN, PortKind.STREAM_OUT)


def convert_dataflow(
    name: str,
    function: LlvmFunction,
    module: Module,
    signature: Signature,
    marks: Marks,
    callees: dict[str, tuple[Function, Signature]],
    locations: Locations,
    location: Location | None,
) -> Function:
    """Return the function as a set of processes.

    Raises:
        UnsupportedError: the region is not in the canonical form.
    """
    check_shape(name, function, set(callees), locations, location)
    return _Dataflow(name, function, module, signature, marks, callees, locations, location).convert()


class _Dataflow:
    def __init__(
        self,
        name: str,
        function: LlvmFunction,
        module: Module,
        signature: Signature,
        marks: Marks,
        callees: dict[str, tuple[Function, Signature]],
        locations: Locations,
        location: Location | None,
    ) -> None:
        self.name, self.function, self.signature, self.marks = name, function, signature, marks
        self.callees, self.locations, self.location = callees, locations, location
        self.reader = AddressReader(module, function)
        self.parameters = {p.llvm_name: p for p in signature.parameters}
        self.channels: dict[str, Channel] = {}
        self.ports: dict[str, Port] = {}
        self.processes: list[Process] = []
        self.declared: dict[str, tuple[int, int]] = {}
        self.stored: dict[str, str] = {}
        self.scalars: dict[str, str] = {}  # channel of each variable that a process writes
        self.uses = Uses(name)
        self.notes: list[str] = []
        if signature.start_propagation_off:
            self.notes.append(
                f"{name}: disable_start_propagation has no effect: each process counts the calls it owes, no FIFO of starts slows it"
            )

    def error(self, code: str, what: str, i: Instruction, remedy: str) -> UnsupportedError:
        return UnsupportedError(code, what, self.locations.of(i.metadata.get("dbg")) or self.location, remedy)

    def convert(self) -> Function:
        for i in next(iter(self.function.blocks.values())).instructions:
            if i.opcode == "call" and i.callee == "hls.stream_declare":
                self.declared[self.reader.address(i.operands[0]).base] = (int(i.operands[1]), int(i.operands[2]))
            elif i.opcode == "call" and i.callee in self.callees:
                self._process(i)
            elif i.opcode == "call" and i.callee.startswith(_QUIET):
                continue
            elif i.opcode == "store" and self._is_scalar(self.reader.address(i.operands[1]).base):
                self.stored[self.reader.address(i.operands[1]).base] = i.operands[0]
            elif i.opcode not in _PASSED_OVER:
                raise self.error(
                    "dataflow-code",
                    f"the dataflow function {self.name!r} computes something besides its calls; nothing would run it beside the processes",
                    i,
                    "Move it into one of the called functions",
                )
        if not self.processes:
            raise UnsupportedError(
                "dataflow-empty",
                f"the dataflow function {self.name!r} calls no function; its calls are the processes",
                self.location,
                "Put its work into functions, or remove the pragma",
            )
        order = {p.name: at for at, p in enumerate(self.signature.parameters)}
        for p in self.signature.parameters:
            if p.kind == "scalar" and p.name not in self.ports:
                self._scalar(p.name, p.width_bits, p.signed)
        ports = sorted(
            self.ports.values(), key=lambda p: order.get(p.maxi or p.name, order.get(re.sub(r"_\d+$", "", p.name), 99))
        )
        check_form(self.uses, self.channels, self.location)
        return Function(
            name=self.name,
            ports=tuple(ports),
            channels=tuple(self.channels.values()),
            processes=tuple(self.processes),
            notes=tuple(self.notes),
            location=self.location,
        )

    def _is_scalar(self, base: str) -> bool:
        definition = self.reader.definitions.get(base)
        return definition is not None and definition.opcode == "alloca" and not definition.element.startswith("[")

    # -- processes -------------------------------------------------------------------------------------------------------------------

    def _process(self, i: Instruction) -> None:
        callee, signature = self.callees[i.callee]
        name = self._process_name(callee.name)
        operands = i.operands
        if signature.return_bits:
            raise self.error(
                "dataflow-return",
                f"the process {callee.name!r} returns a value; processes hand values on through channels only",
                i,
                "Return void and write to a stream or to a reference parameter",
            )
        bindings: list[Binding] = []
        ports = {port.name: port for port in callee.ports}
        for formal, text in zip(signature.parameters, operands, strict=True):
            if formal.kind == "output":
                bindings.append(Binding(formal.name, self._output_actual(text, formal, ports[formal.name], name, i)))
            elif formal.kind == "scalar":
                bindings.append(Binding(formal.name, self._scalar_actual(text, formal.width_bits, name, i)))
            else:
                bindings += [
                    Binding(port.name, self._channel_actual(text, formal, port, name, i))
                    for port in callee.ports
                    if port.name == formal.name
                    or port.maxi == formal.name
                    or re.fullmatch(re.escape(formal.name) + r"_\d+", port.name)
                ]
        location = self.locations.of(i.metadata.get("dbg"))
        self.processes.append(Process(name=name, function=callee.name, bindings=tuple(bindings), location=location))

    def _process_name(self, wish: str) -> str:
        have = {p.name for p in self.processes}
        name, count = wish, 1
        while name in have:
            count += 1
            name = f"{wish}_{count}"
        return name

    # -- scalars ---------------------------------------------------------------------------------------------------------------------

    def _scalar(self, name: str, width: int, signed: bool) -> str:
        self.ports.setdefault(
            name,
            Port(
                name=name,
                kind=PortKind.SCALAR_IN,
                width_bits=width,
                signed=signed,
                interface=self.marks.interface(name),
                location=self.location,
            ),
        )
        return name

    def _output_actual(self, text: str, formal: Formal, port: Port, process: str, i: Instruction) -> str:
        base = self.reader.address(text).base
        parameter = self.parameters.get(base)
        if parameter is not None and parameter.kind == "output":
            if parameter.name in self.ports:
                raise self.error(
                    "dataflow-producers",
                    f"two processes write {parameter.name!r}; which value remains would depend on their speed",
                    i,
                    "Let one process write it",
                )
            self.ports[parameter.name] = Port(
                name=parameter.name,
                kind=PortKind.SCALAR_OUT,
                width_bits=port.width_bits,
                signed=parameter.signed,
                interface=self.marks.interface(parameter.name),
                location=self.location,
            )
            return parameter.name
        if not self._is_scalar(base):
            raise self.error(
                "dataflow-output",
                f"the process {process!r} writes its reference parameter {formal.name!r}, which is no variable of the region",
                i,
                "Declare the variable in the dataflow function",
            )
        name = self._channel(base, "", "scalar", port.width_bits, i)
        self.scalars[base] = name
        self.uses.add(name, process, writes=True, location=self.locations.of(i.metadata.get("dbg")))
        if base in self.stored:
            self.uses.add(name, "the dataflow function itself", writes=True, location=self.location)
        return name

    def _scalar_actual(self, text: str, width: int, process: str, i: Instruction) -> str | Const:
        narrowest = width  # bits that every step on the way keeps
        for _ in range(64):
            if re.fullmatch(r"-?\d+|true|false|undef|poison", text):
                value = {"true": 1, "false": 0, "undef": 0, "poison": 0}.get(text)
                return Const((int(text) if value is None else value) % (1 << width), width)
            parameter = self.parameters.get(text)
            if parameter is not None and parameter.kind == "scalar":
                if parameter.width_bits != width or narrowest < width:
                    break
                return self._scalar(parameter.name, parameter.width_bits, parameter.signed)
            definition = self.reader.definitions.get(text)
            base = self.reader.address(text).base
            if base in self.scalars:
                name = self.scalars[base]
                padded = self.reader.definitions[base].element.startswith(("%struct.ap_", "%class.ap_"))
                if self.channels[name].width_bits != width or (narrowest < width and not padded):
                    break
                self.uses.add(name, process, writes=False, location=self.locations.of(i.metadata.get("dbg")))
                return name
            if text in self.stored:
                text = self.stored[text]
            elif definition is not None and definition.opcode in {"load", "zext", "sext", "trunc", "freeze"}:
                if definition.opcode == "trunc":
                    narrowest = min(narrowest, bits_of(definition.type) or 0)
                text = definition.operands[0]
            elif definition is not None and definition.opcode == "and" and re.fullmatch(r"\d+", definition.operands[1]):
                mask = int(definition.operands[1])
                narrowest = min(narrowest, mask.bit_length()) if mask & (mask + 1) == 0 else 0
                text = definition.operands[0]
            else:
                break
        raise self.error(
            "dataflow-argument",
            "a scalar argument of a process is neither a parameter of the same width, nor a constant, nor what another process wrote",
            i,
            "Pass the parameter unchanged, and compute in the process",
        )

    # -- streams and arrays ----------------------------------------------------------------------------------------------------------

    def _channel_actual(self, text: str, formal: Formal, port: Port, process: str, i: Instruction) -> str:
        address = self.reader.address(text)
        if address.offset.terms:
            raise self.error(
                "dataflow-index",
                "a stream or array is chosen at run time; each end of a channel is one process",
                i,
                "Unroll the loop",
            )
        base = address.base
        for _ in range(64):
            base = self.marks.aliases.get(base, base)
        memory = port.kind is PortKind.MEMORY
        if memory and address.offset.constant:
            raise self.error(
                "dataflow-part",
                "a part of an array is passed to a process; a buffer changes hands as a whole",
                i,
                "Pass the whole array",
            )
        at = f"_{address.offset.constant}" if address.offset.constant else ""
        suffix = at + port.name.removeprefix(formal.name)
        parameter = self.parameters.get(base)
        if parameter is not None:
            return self._outer_port(parameter, parameter.name + suffix, port, i)
        location = self.locations.of(i.metadata.get("dbg"))
        if memory and self.reader.definitions.get(base) is not None:
            name = self._channel(base, suffix, "pipo", port.width_bits, i, words=port.depth)
            self.uses.add(name, process, writes=port.writes, reads=port.reads, location=location)
            return name
        if base in self.declared:
            width, depth = self.declared[base]
            name = self._channel(base, suffix, "fifo", width, i, declared_depth=depth)
            self.uses.add(name, process, writes=port.kind is PortKind.STREAM_OUT, location=location)
            return name
        raise self.error(
            "dataflow-object",
            "a stream or array argument is neither a parameter nor a local variable",
            i,
            "Declare it in this function",
        )

    def _outer_port(self, parameter: Formal, name: str, port: Port, i: Instruction) -> str:
        known = self.ports.get(name)
        if known is not None and known.kind is not port.kind:
            raise self.error(
                "dataflow-direction",
                f"the stream {name!r} is read by one process and written by another, but its other end is outside the region",
                i,
                "Use a local stream between them",
            )
        if known is not None and port.maxi is None:
            raise self.error(
                "dataflow-users",
                f"two processes use {name!r}; the order of their accesses would depend on their speed",
                i,
                "Give each process a stream or array of its own",
            )
        self.ports[name] = Port(
            name=name,
            kind=port.kind,
            width_bits=port.width_bits,
            signed=parameter.signed,
            maxi=parameter.name if port.maxi else None,
            role=port.role,
            interface=self.marks.interface(parameter.name),
            depth=port.depth,
            reads=port.reads,
            writes=port.writes,
            location=self.location,
        )
        return name

    def _pragma(self, base: str) -> tuple[Pragma | None, int]:
        found = [m for m in self.marks.variables if m.base == base and m.pragma.kind == "stream"]
        return (found[-1].pragma, found[-1].first) if found else (None, 0)

    def _storage(self, base: str, name: str) -> None:
        """Refuse, or say in a note, what pragmas ask of a buffer and it cannot have."""
        for pragma in (m.pragma for m in self.marks.variables if m.base == base):
            if pragma.kind == "array_reshape":
                raise UnsupportedError(
                    "dataflow-reshape",
                    f"array_reshape: {name!r} is a buffer between processes; must be an array of one process",
                    pragma.location,
                    "Use array_partition, or elements of a wider type",
                )
            if pragma.kind == "bind_storage":
                where = f" (line {pragma.location.line})" if pragma.location and pragma.location.line else ""
                self.notes.append(
                    f"{self.name}: bind_storage{where} has no effect on the buffer {name!r} between processes: each copy is a RAM with one"
                    " read and one write port, in the memory that synthesis chooses"
                )

    def _channel(
        self, base: str, suffix: str, kind: str, width: int, i: Instruction, *, words: int = 0, declared_depth: int = 0
    ) -> str:
        name = re.sub(r"\W", "_", base[1:].strip('"')) + suffix
        if name in self.channels:
            return name
        pragma, depth = self._pragma(base)
        wish = pragma.options.get("type", "fifo") if pragma else kind
        if pragma and wish in {"unsync", "shared"}:
            raise UnsupportedError(
                "stream-type",
                f"pragma HLS stream: type is {wish!r} for {name!r}; must be fifo or pipo, two running processes cannot share an array",
                pragma.location,
                "Use type=pipo",
            )
        if pragma and wish != "fifo" and kind == "fifo":
            raise UnsupportedError(
                "stream-type",
                f"pragma HLS stream: type is {wish!r} for the stream {name!r}; must be fifo",
                pragma.location,
                "Remove the type",
            )
        if pragma and "depth" in pragma.options and depth < (2 if kind == "pipo" and wish == "pipo" else 1):
            raise UnsupportedError(
                "stream-depth",
                f"pragma HLS stream: depth is {depth} for {name!r}; must be "
                + ("2 or more, one copy to fill and one to read" if wish == "pipo" else "1 or more"),
                pragma.location,
                "Use depth=2",
            )
        if kind == "pipo":
            self._storage(base, name)
        if kind == "pipo" and pragma and wish == "fifo":
            self.signature.fifo_arrays[name] = pragma.location
        self.channels[name] = Channel(
            name=name,
            width_bits=width,
            depth=depth or declared_depth or 2,
            kind=kind,
            words=words,
            depth_from="source" if depth or declared_depth else "default",
            location=self.locations.of(i.metadata.get("dbg")),
        )
        return name
