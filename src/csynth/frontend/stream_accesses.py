"""Accesses of streams and of burst_maxi arguments, and the ports that they make."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from csynth.frontend.llvm_text import Instruction
from csynth.ir.model import Channel, Const, Operand, Port, PortKind

if TYPE_CHECKING:
    from csynth.frontend.convert import FunctionConverter


class StreamAccesses:
    """Stream and burst accesses of one function."""

    def __init__(self, owner: FunctionConverter) -> None:
        self.owner = owner

    def _stream_name(self, pointer: str) -> tuple[str, bool]:
        """Name of a stream and whether it is local."""
        owner = self.owner
        address = owner.reader.address(pointer)
        if address.offset.terms:
            raise owner.unsupported(
                "stream_index", "a stream is chosen at run time", "Unroll the loop, or write the access in each branch"
            )
        base = owner.marks.aliases.get(address.base, address.base)
        at = address.offset.constant
        if base in owner.stream_parameters:
            name = owner.stream_parameters[base].name
            return (f"{name}_{at}" if at else name), False
        if base in owner.local_streams:
            width, depth = owner.local_streams[base]
            name = owner._plain(base) + (f"_{at}" if at else "")
            for mark in owner.marks.variables:
                if mark.base == base and mark.pragma.kind == "stream" and mark.first > 0:
                    depth = mark.first
            owner.channels.setdefault(
                name, Channel(name=name, width_bits=width, depth=depth or 2, location=owner.build.location)
            )
            return name, True
        raise owner.unsupported(
            "stream_object", "a stream is neither a parameter nor a local variable", "Pass it as hls::stream<...>&"
        )

    def stream(self, i: Instruction, predicate: Operand) -> None:
        """Convert a stream access."""
        owner, build = self.owner, self.owner.build
        name, local = self._stream_name(i.operands[0])
        kind = re.match(r"hls\.stream_(\w+)\.i(\d+)", i.callee)
        assert kind is not None, i.callee
        opcode, width = kind.group(1), int(kind.group(2))
        if not local:
            parameter = next(p for p in owner.signature.parameters if p.name == name or name.startswith(p.name + "_"))
            wanted = PortKind.STREAM_IN if opcode in {"read", "read_nb", "empty"} else PortKind.STREAM_OUT
            self.port(name, wanted, width, signed=parameter.signed, fields=parameter.fields)
        more: dict[str, Any] = (
            {} if isinstance(predicate, Const) or opcode in {"empty", "full"} else {"predicate": predicate}
        )
        if opcode in {"write", "write_nb"}:
            value = owner.operand(i.operands[1], width)
            made = build.emit(opcode, value, width=1 if opcode == "write_nb" else 0, wish=i.name, target=name, **more)
        else:
            size = {"read": width, "read_nb": width + 1}.get(opcode, 1)
            made = build.emit(opcode, width=size, wish=i.name or name, target=name, **more)
        if i.name:
            owner.define(i, made)

    def port(self, name: str, kind: PortKind, width: int, **more: Any) -> None:
        """Make a stream port at its first use.

        Raises:
            UnsupportedError: it is used in both directions.
        """
        owner = self.owner
        known = owner.ports.get(name)
        if known is None:
            owner.ports[name] = Port(
                name=name,
                kind=kind,
                width_bits=width,
                interface=owner.marks.interface(str(more.get("maxi") or name)),
                location=owner.location,
                **more,
            )
        elif known.kind is not kind:
            raise owner.unsupported(
                "stream_direction", f"the stream {name!r} is both read and written", "Use one stream for each direction"
            )

    def maxi(self, i: Instruction, predicate: Operand) -> None:
        """Convert an access of a burst_maxi argument to its five streams."""
        owner, build = self.owner, self.owner.build
        base = owner.reader.address(i.operands[0]).base
        for _ in range(64):
            base = owner.marks.aliases.get(base, base)
        parameter = owner.stream_parameters.get(base)
        if parameter is None:
            raise owner.unsupported("burst_object", "a burst_maxi is not a parameter", "Pass it as a parameter")
        name = parameter.name
        more: dict[str, Any] = {} if isinstance(predicate, Const) else {"predicate": predicate}
        kind = re.match(r"hls\.maxi_(\w+?)(?:\.i(\d+))?$", i.callee)
        assert kind is not None
        what, width = kind.group(1), int(kind.group(2) or 1)

        def use(role: str, bits: int) -> str:
            direction = PortKind.STREAM_IN if role in {"R", "B"} else PortKind.STREAM_OUT
            self.port(f"{name}_{role}", direction, bits, maxi=name, role=role)
            return f"{name}_{role}"

        if what == "request":
            is_write = i.operands[1] not in {"0", "false"}
            offset, length = owner.operand(i.operands[2], 64), owner.operand(i.operands[3], 32)
            word = build.emit("concat", length, offset, width=96, wish=f"{name}_request")
            build.emit("write", word, target=use("AW" if is_write else "AR", 96), **more)
            role = "AW" if is_write else "AR"
        elif what == "read":
            made = build.emit("read", width=width, wish=i.name or name, target=use("R", width), **more)
            if i.name:
                owner.define(i, made)
            role = "R"
        elif what == "write":
            build.emit("write", owner.operand(i.operands[1], width), target=use("W", width), **more)
            role = "W"
        else:
            build.emit("read", width=1, wish=f"{name}_done", target=use("B", 1), **more)
            role = "B"
        owner.dependences.burst(f"{name} {'read' if role in {'AR', 'R'} else 'write'}")

    def bind(self, pointer: str, formal: str, port: Port) -> str:
        """Name of the caller's port or channel behind a stream argument of a kept call."""
        owner = self.owner
        if port.maxi is not None:
            base = owner.reader.address(pointer).base
            for _ in range(64):
                base = owner.marks.aliases.get(base, base)
            parameter = owner.stream_parameters.get(base)
            if parameter is None:
                raise owner.unsupported("burst_object", "a burst_maxi is not a parameter", "Pass it as a parameter")
            name = f"{parameter.name}_{port.role}"
            self.port(name, port.kind, port.width_bits, maxi=parameter.name, role=port.role)
            return name
        name, local = self._stream_name(pointer)
        if port.name != formal:
            name += port.name.removeprefix(formal)
        if not local:
            self.port(name, port.kind, port.width_bits, signed=port.signed)
        return name
