"""What the parameters of a function become: streams, bursts, scalars, outputs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from csynth.errors import CannotKeepError, UnsupportedError
from csynth.frontend.affine import AddressReader
from csynth.frontend.array_parameters import Shape
from csynth.frontend.by_value import MAX_BITS, is_written, pointed_bytes, returned_bits
from csynth.frontend.llvm_text import LlvmFunction, Module, Parameter, bits_of
from csynth.frontend.regions import Formal, Signature
from csynth.frontend.units import Unit
from csynth.ir.model import Interface

POINTER = 6  # the kind of a pointer or array parameter, as csynth_runtime.h tells it
EXTENTS = 1000  # what is told under this plus a parameter's position is the number of elements of an array parameter
FIELDS = 2000  # and under this plus 8 times the position, the widths of the parts of an axis word
AXIS_FIELDS = ("TDATA", "TKEEP", "TSTRB", "TUSER", "TLAST", "TID", "TDEST")
_NONE = Interface(argument="")


def described_parameters(stage: Module) -> dict[int, tuple[int, int, bool]]:
    """What clang said of the top's parameters: (kind, width in bits, signed) by position; -1 is the returned value."""
    function = stage.functions["__csynth_describe"]
    found = {}
    for block in function.blocks.values():
        for i in block.instructions:
            if i.callee == "__csynth_parameter":
                index, kind, width, signed = (
                    int(o) if o not in {"true", "false"} else int(o == "true") for o in i.operands
                )
                found[index] = (kind, width, bool(signed))
    return found


def signature_of(
    module: Module,
    function: LlvmFunction,
    described: dict[int, tuple[int, int, bool]],
    signatures: dict[str, Signature],
    unit: Unit,
    shapes: dict[str, Shape],
) -> Signature:
    """The parameters of a kept function: `described` where they are known from C++, else judged by their uses.

    `shapes` are those of arrays and scalars that processes hand on.

    Raises:
        UnsupportedError: a parameter that becomes no port.
    """
    result = Signature(parameters=[], by_value=not unit.process)
    index = 0
    uses = _uses(function, signatures, AddressReader(module, function))
    for p in function.parameters:
        plain = re.sub(r"\.coerce$", "", p.name.lstrip("%").strip('"'))
        if "sret(" in p.attributes and result.by_value:
            result.return_address = p.name
            result.return_bits = 8 * pointed_bytes(module, function, p.name, p.attributes)
            continue
        if "sret(" in p.attributes:
            width = described[-1][1] if described else uses[p.name].bits
            result.return_bits, result.return_signed = width, described[-1][2] if described else False
            result.return_address = p.name
            result.outputs[p.name] = ("ap_return", width)
            continue
        known = described.get(index)
        index += 1
        use = uses.get(p.name, _Use())
        width = bits_of(p.type)
        if result.by_value and width is None and not use.stream and not use.maxi:
            result.parameters.append(_value(module, function, p, plain, unit, signatures, use))
            continue
        if known is None:
            shape = shapes.get(p.name)
            if shape is not None and not use.stream and not use.maxi and (use.stored or shape.is_array(module.types)):
                if shape.is_array(module.types):
                    array = shape.array(p.name, plain, module.types, unit)
                    result.arrays.append(array)
                    formal = Formal(name=plain, llvm_name=p.name, kind="memory", width_bits=array.width_bits)
                    result.parameters.append(formal)
                    continue
                known = 3, use.bits, False
            else:
                known = _guess(p.type, p.attributes, use, plain, unit)
        kind, bits, signed = known
        if kind == 1:
            widths = [described.get(FIELDS + 8 * (index - 1) + k, (0, 0, False))[1] for k in range(len(AXIS_FIELDS))]
            fields = tuple((n, w) for n, w in zip(AXIS_FIELDS, widths, strict=True) if w)
            result.parameters.append(
                Formal(name=plain, llvm_name=p.name, kind="stream", width_bits=bits, signed=signed, fields=fields)
            )
        elif kind == 2:
            result.parameters.append(Formal(name=plain, llvm_name=p.name, kind="maxi", width_bits=bits, signed=signed))
        elif kind == POINTER and unit.interfaces.get(plain, _NONE).mode == "m_axi":
            result.parameters.append(Formal(name=plain, llvm_name=p.name, kind="bus", width_bits=bits, signed=signed))
        elif kind == POINTER and (extent := described.get(EXTENTS + index - 1, (0, 1, False))[1]) > 1:
            result.parameters.append(
                Formal(name=plain, llvm_name=p.name, kind="array", width_bits=bits, signed=signed, extent=extent)
            )
        elif kind in {3, POINTER} and use.stored and use.loaded:
            result.parameters.append(
                Formal(name=plain, llvm_name=p.name, kind="inout", width_bits=bits, signed=signed, llvm_bits=use.bits)
            )
            result.outputs[p.name] = (f"{plain}_o", bits)
        elif kind in {3, POINTER} and use.stored:
            result.parameters.append(
                Formal(name=plain, llvm_name=p.name, kind="output", width_bits=bits, signed=signed)
            )
            result.outputs[p.name] = (plain, bits)
        else:
            result.parameters.append(
                Formal(
                    name=plain,
                    llvm_name=p.name,
                    kind="scalar",
                    width_bits=bits,
                    signed=signed,
                    by_address=width is None,
                    llvm_bits=width or use.bits or bits,
                )
            )
    if result.by_value and function.returns.startswith("{"):
        result.return_bits = returned_bits(function.returns)
    if bits_of(function.returns):
        result.return_bits = described[-1][1] if described else bits_of(function.returns) or 0
        result.return_signed = described[-1][2] if described else True
    return result


def _value(
    module: Module,
    function: LlvmFunction,
    parameter: Parameter,
    name: str,
    unit: Unit,
    signatures: dict[str, Signature],
    use: _Use,
) -> Formal:
    """A reference, or a struct, as one word."""
    is_copy = "dead_on_return" in parameter.attributes or "byval(" in parameter.attributes
    size = pointed_bytes(module, function, parameter.name, parameter.attributes) or (
        0 if use.beyond else (use.bits + 7) // 8
    )
    if not use.touched and "dereferenceable(1)" in parameter.attributes:
        raise UnsupportedError(
            "unused_stream", f"the parameter {name!r} of {unit.name!r} is never used", unit.location, "Remove it"
        )
    if use.touched and not size:
        raise CannotKeepError(
            "kept_parameter",
            f"the parameter {name!r} of the separate function {unit.name!r} is an array of unknown size",
            unit.location,
            f"Pass it by reference, as in 'int (&{name})[8]', pass an hls::stream, or let the function be inlined",
            symbol=unit.symbol if unit.only_asked else "",
        )
    if 8 * size > MAX_BITS:
        raise CannotKeepError(
            "kept_parameter",
            f"the parameter {name!r} of the separate function {unit.name!r} has {8 * size} bits; must be at most {MAX_BITS}",
            unit.location,
            "Pass an hls::stream, or let the function be inlined",
            symbol=unit.symbol if unit.only_asked else "",
        )
    return Formal(
        name=name,
        llvm_name=f"{parameter.name}.csynth",
        kind="value",
        width_bits=8 * max(size, 1),
        llvm_bits=8 * max(size, 1),
        written=not is_copy and is_written(module, function, parameter.name, signatures),
    )


@dataclass(slots=True)
class _Use:
    """How a function uses one of its pointer parameters."""

    stream: int = 0
    maxi: int = 0
    bits: int = 0
    stored: bool = False
    loaded: bool = False
    touched: bool = False
    beyond: bool = False  # more than its first element is reached


def _uses(function: LlvmFunction, signatures: dict[str, Signature], reader: AddressReader) -> dict[str, _Use]:
    found = {p.name: _Use() for p in function.parameters}
    alias: dict[str, str] = {}
    for block in function.blocks.values():
        for i in block.instructions:
            for operand in i.operands:
                if operand in found and not i.callee.startswith("llvm.lifetime"):
                    found[operand].touched = True
    for block in function.blocks.values():
        for i in block.instructions:
            if i.callee == "hls.maxi_alias" and len(i.operands) > 1:
                alias[i.operands[0]] = i.operands[1]
                alias[i.operands[0]] = alias.get(i.operands[1], i.operands[1])
    for block in function.blocks.values():
        for i in block.instructions:
            if i.opcode == "call" and i.callee is not None:
                _call_use(i, found, alias, signatures, reader)
            elif i.opcode in {"load", "store"}:
                address = reader.address(i.operands[i.opcode == "store"])
                if (use := found.get(address.base)) is None:
                    continue
                use.loaded, use.stored = use.loaded or i.opcode == "load", use.stored or i.opcode == "store"
                if address.offset.terms or address.offset.constant:
                    use.beyond = True
                else:
                    use.bits = bits_of(i.type) or 0
    return found


def _call_use(
    i: Any, found: dict[str, _Use], alias: dict[str, str], signatures: dict[str, Signature], reader: AddressReader
) -> None:
    width = re.search(r"\.i(\d+)$", i.callee)
    for at, operand in enumerate(i.operands):
        base = reader.address(operand).base
        use = found.get(alias.get(base, base))
        if use is None:
            continue
        if i.callee.startswith("hls.stream_") and at == 0:
            use.stream = int(width.group(1)) if width else use.stream
        elif i.callee.startswith("hls.maxi_") and at == 0:
            use.maxi = int(width.group(1)) if width else use.maxi or 64
        elif i.callee in signatures:
            shift = 1 if signatures[i.callee].return_address else 0
            if at >= shift:
                formal = signatures[i.callee].parameters[at - shift]
                use.stream = formal.width_bits if formal.kind == "stream" else use.stream
                use.maxi = formal.width_bits if formal.kind == "maxi" else use.maxi
                use.bits = formal.llvm_bits if formal.kind in {"scalar", "value"} else use.bits
                use.stored = use.stored or formal.kind == "output"


def _guess(kind: str, attributes: str, use: _Use, name: str, unit: Unit) -> tuple[int, int, bool]:
    width = bits_of(kind)
    if width is not None:
        return 0, width, "signext" in attributes or width == 32
    if use.stream:
        return 1, use.stream, False
    if use.maxi:
        return 2, use.maxi, False
    if (
        "dead_on_return" in attributes
        or (use.loaded and not use.stored and not use.beyond and "dereferenceable" in attributes)
        or (use.bits and not use.stored and not use.beyond)
    ):
        return 0, use.bits or 1, False
    if not use.stored and not use.loaded and "dereferenceable(1)" in attributes:
        raise UnsupportedError(
            "unused_stream", f"the parameter {name!r} of {unit.name!r} is never used", unit.location, "Remove it"
        )
    raise CannotKeepError(
        "kept_parameter",
        f"the parameter {name!r} of the separate function {unit.name!r} is an array or a reference that is written",
        unit.location,
        "Pass an hls::stream, return the value, or let the function be inlined",
        symbol=unit.symbol if unit.only_asked else "",
    )
