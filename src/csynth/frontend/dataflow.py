"""A function with `#pragma HLS dataflow`: its calls become processes."""

from __future__ import annotations

import re

from csynth.errors import UnsupportedError
from csynth.frontend.affine import AddressReader
from csynth.frontend.llvm_text import Instruction, LlvmFunction, Module
from csynth.frontend.locations import Locations
from csynth.frontend.regions import Marks, Signature
from csynth.ir.model import Binding, Channel, Const, Function, Location, Port, PortKind, Process

_QUIET = ("llvm.", "__csynth_", "hls.stream_declare", "hls.maxi_alias")


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
        UnsupportedError: the region holds anything but streams and calls.
    """
    if len(function.blocks) != 1:
        raise UnsupportedError(
            "dataflow",
            f"the dataflow function {name!r} has branches or loops",
            location,
            "Leave only declarations of streams and calls in it",
        )
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

    def error(self, what: str, i: Instruction, remedy: str) -> UnsupportedError:
        return UnsupportedError("dataflow", what, self.locations.of(i.metadata.get("dbg")) or self.location, remedy)

    def convert(self) -> Function:
        for i in next(iter(self.function.blocks.values())).instructions:
            if i.opcode == "call" and i.callee == "hls.stream_declare":
                self.declared[self.reader.address(i.operands[0]).base] = (int(i.operands[1]), int(i.operands[2]))
            elif i.opcode == "call" and i.callee in self.callees:
                self._process(i)
            elif i.opcode == "call" and i.callee.startswith(_QUIET):
                continue
            elif i.opcode == "store" and self.reader.address(i.operands[1]).base.startswith("%"):
                self.stored[self.reader.address(i.operands[1]).base] = i.operands[0]
            elif i.opcode not in {"alloca", "getelementptr", "ret", "load", "zext", "sext", "trunc", "bitcast"}:
                raise self.error(
                    f"the dataflow function {self.name!r} computes something besides its calls",
                    i,
                    "Move it into one of the called functions",
                )
        order = {p.name: at for at, p in enumerate(self.signature.parameters)}
        for p in self.signature.parameters:
            if p.kind == "scalar" and p.name not in self.ports:
                self._scalar(p.name, p.width_bits, p.signed)
        ports = sorted(
            self.ports.values(), key=lambda p: order.get(p.maxi or p.name, order.get(re.sub(r"_\d+$", "", p.name), 99))
        )
        self._check_channels()
        return Function(
            name=self.name,
            ports=tuple(ports),
            channels=tuple(self.channels.values()),
            processes=tuple(self.processes),
            location=self.location,
        )

    def _process(self, i: Instruction) -> None:
        callee, signature = self.callees[i.callee]
        operands = i.operands
        if signature.return_bits:
            raise self.error(f"the process {callee.name!r} returns a value", i, "Return void and write to a stream")
        bindings: list[Binding] = []
        for formal, text in zip(signature.parameters, operands, strict=True):
            if formal.kind == "output":
                raise self.error(
                    f"the process {callee.name!r} writes its reference parameter {formal.name!r}",
                    i,
                    "Write to a stream",
                )
            if formal.kind == "scalar":
                actual = self._scalar_actual(text, formal.width_bits, i)
                bindings.append(Binding(formal.name, actual))
                continue
            for port in callee.ports:
                if (
                    port.name == formal.name
                    or port.maxi == formal.name
                    or re.fullmatch(re.escape(formal.name) + r"_\d+", port.name)
                ):
                    bindings.append(Binding(port.name, self._stream_actual(text, formal.name, port, i)))
        have = [p.name for p in self.processes]
        name, count = callee.name, 1
        while name in have:
            count += 1
            name = f"{callee.name}_{count}"
        self.processes.append(
            Process(
                name=name,
                function=callee.name,
                bindings=tuple(bindings),
                location=self.locations.of(i.metadata.get("dbg")),
            )
        )

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

    def _scalar_actual(self, text: str, width: int, i: Instruction) -> str | Const:
        for _ in range(64):
            if re.fullmatch(r"-?\d+|true|false|undef|poison", text):
                value = {"true": 1, "false": 0, "undef": 0, "poison": 0}.get(text)
                return Const((int(text) if value is None else value) % (1 << width), width)
            parameter = self.parameters.get(text)
            if parameter is not None and parameter.kind == "scalar":
                if parameter.width_bits != width:
                    break
                return self._scalar(parameter.name, parameter.width_bits, parameter.signed)
            definition = self.reader.definitions.get(text)
            if text in self.stored:
                text = self.stored[text]
            elif definition is not None and definition.opcode in {"load", "zext", "sext", "trunc"}:
                text = definition.operands[0]
            else:
                break
        raise self.error(
            "a scalar argument of a process is neither a parameter of the same width nor a constant",
            i,
            "Pass the parameter unchanged",
        )

    def _stream_actual(self, text: str, formal: str, port: Port, i: Instruction) -> str:
        address = self.reader.address(text)
        if address.offset.terms:
            raise self.error("a stream is chosen at run time", i, "Name the stream")
        base = address.base
        for _ in range(64):
            base = self.marks.aliases.get(base, base)
        at = f"_{address.offset.constant}" if address.offset.constant else ""
        parameter = self.parameters.get(base)
        suffix = port.name.removeprefix(formal)
        if parameter is not None:
            name = parameter.name + at + suffix
            known = self.ports.get(name)
            if known is not None and known.kind is not port.kind:
                raise self.error(
                    f"the stream {name!r} is read by one process and written by another",
                    i,
                    "Use a local stream between them",
                )
            if known is not None and port.kind in {PortKind.STREAM_IN, PortKind.STREAM_OUT} and port.maxi is None:
                raise self.error(f"two processes use the stream {name!r}", i, "Give each process a stream of its own")
            self.ports[name] = Port(
                name=name,
                kind=port.kind,
                width_bits=port.width_bits,
                signed=parameter.signed,
                maxi=parameter.name if port.maxi else None,
                role=port.role,
                interface=self.marks.interface(parameter.name),
                location=self.location,
            )
            return name
        if base in self.declared:
            width, depth = self.declared[base]
            for mark in self.marks.variables:
                if mark.base == base and mark.pragma.kind == "stream" and mark.first > 0:
                    depth = mark.first
            name = re.sub(r"\W", "_", base[1:].strip('"')) + at + suffix
            self.channels.setdefault(
                name,
                Channel(
                    name=name, width_bits=width, depth=depth or 2, location=self.locations.of(i.metadata.get("dbg"))
                ),
            )
            return name
        raise self.error(
            "a stream argument is neither a parameter nor a local stream", i, "Declare it in this function"
        )

    def _check_channels(self) -> None:
        kinds: dict[str, list[PortKind]] = {}
        for process in self.processes:
            callee = next(c for c, _ in self.callees.values() if c.name == process.function)
            for binding in process.bindings:
                if isinstance(binding.actual, str) and binding.actual in self.channels:
                    kinds.setdefault(binding.actual, []).append(
                        next(p.kind for p in callee.ports if p.name == binding.formal)
                    )
        for name, found in kinds.items():
            if sorted(found) != [PortKind.STREAM_IN, PortKind.STREAM_OUT]:
                raise UnsupportedError(
                    "dataflow",
                    f"the stream {name!r} of the dataflow function {self.name!r} must have one process that writes it "
                    "and one that reads it",
                    self.location,
                    "Add a stream for each further use",
                )
