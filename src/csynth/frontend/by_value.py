"""References of a kept function as values: what it may write comes in as one word and goes out as another.

The body is rewritten in LLVM's text: the referenced object becomes a local variable that starts as the word that came in, and LLVM's
own passes take it apart. A struct is one word, its first member lowest, as it lies in memory.
"""

from __future__ import annotations

import re

from csynth.frontend.affine import AddressReader
from csynth.frontend.llvm_text import LlvmFunction, Module, bits_of, size_of, split_commas, typed
from csynth.frontend.regions import Formal, Signature

MAX_BITS = 4096
_PASSIVE = ("llvm.lifetime", "llvm.assume", "llvm.dbg", "__csynth_")


def pointed_bytes(module: Module, function: LlvmFunction, name: str, attributes: str) -> int:
    """Bytes of the object behind pointer parameter `name`, 0 when they cannot be told."""
    if found := re.search(r"dereferenceable\((\d+)\)", attributes):
        return int(found.group(1))
    if found := re.search(r"(?:byval|sret)\(((?:[^()]|\([^()]*\))*)\)", attributes):
        return size_of(found.group(1), module.types)
    reader = AddressReader(module, function)
    last = 0
    for block in function.blocks.values():
        for i in block.instructions:
            if i.opcode == "getelementptr" and i.operands[0] == name and i.element in module.types:
                last = max(last, size_of(i.element, module.types))
            if i.opcode not in {"load", "store"}:
                continue
            address = reader.address(i.operands[0 if i.opcode == "load" else 1])
            if address.base != name:
                continue
            if address.offset.terms or address.offset.constant < 0:
                return 0
            last = max(last, address.offset.constant + size_of(i.type, module.types))
    return last


def is_written(module: Module, function: LlvmFunction, name: str, signatures: dict[str, Signature]) -> bool:
    """Whether the function may write the object behind pointer parameter `name`."""
    reader = AddressReader(module, function)
    for block in function.blocks.values():
        for i in block.instructions:
            if i.opcode == "store" and (reader.address(i.operands[1]).base == name or i.operands[0] == name):
                return True
            if i.opcode in {"phi", "select"} and name in i.operands:
                return True
            if i.opcode != "call" or i.callee.startswith(_PASSIVE):
                continue
            for at, operand in enumerate(i.operands):
                if not operand.startswith("%") or reader.address(operand).base != name:
                    continue
                callee = signatures.get(i.callee)
                if callee is not None:
                    shift = 1 if callee.return_address else 0
                    if at < shift or callee.parameters[at - shift].written:
                        return True
                elif not (i.callee.startswith("llvm.mem") and at == 1):
                    return True
    return False


def returned_bits(kind: str) -> int:
    """Bits of a returned number, or of a struct that is returned in registers; 0 = it returns nothing."""
    width = bits_of(kind)
    if width is not None:
        return width
    if kind.startswith("{"):
        return sum(bits_of(k) or 0 for k in split_commas(kind[1:-1]))
    return 0


def by_value(text: str, function: LlvmFunction, signature: Signature) -> str:
    """Rewrite the body of `function` in `text`, the only one there is."""
    formals = {p.llvm_name.removesuffix(".csynth"): p for p in signature.parameters if p.kind == "value"}
    if not formals and not signature.return_address and not function.returns.startswith("{"):
        return text
    head: list[str] = []
    out: list[str] = []
    declarations: set[str] = set()
    counter = 0
    for line in text.split("\n"):
        if line.startswith("define"):
            line = _header(line, function, formals)
            for name, formal in formals.items():
                head.append(f"  {name} = alloca i{formal.llvm_bits}, align 16")
                head.append(f"  store i{formal.llvm_bits} {formal.llvm_name}, ptr {name}, align 16")
            if signature.return_address:
                head.append(f"  {signature.return_address} = alloca i{signature.return_bits}, align 16")
        elif head and line and (line.startswith("  ") or re.match(r'("[^"]+"|[-\w.$]+):', line)):
            if line.startswith("  "):
                out += head
                head = []
        elif line.startswith("  ret "):
            pass
        if re.match(r"  ret\b", line):
            outputs = [(f"{p.name}", n, p.llvm_bits) for n, p in formals.items() if p.written]
            if signature.return_address:
                outputs.append(("ap_return", signature.return_address, signature.return_bits))
            for port, name, bits in outputs:
                counter += 1
                out.append(f"  %csynth.out{counter} = load i{bits}, ptr {name}, align 16")
                out.append(f'  call void @"hls.output.{port}.i{bits}"(i{bits} %csynth.out{counter})')
                declarations.add(_declare(port, bits))
            if function.returns.startswith("{"):
                value = typed(line.strip().removeprefix("ret ").split(", !")[0])[1]
                lines, name = _packed(value, function.returns, counter)
                counter += 1
                out += lines
                bits = signature.return_bits
                out.append(f'  call void @"hls.output.ap_return.i{bits}"(i{bits} {name})')
                declarations.add(_declare("ap_return", bits))
                line = "  ret void"
        out.append(line)
    return "\n".join([*out, *sorted(declarations), ""])


def _declare(port: str, bits: int) -> str:
    return f'declare void @"hls.output.{port}.i{bits}"(i{bits}) nounwind willreturn memory(inaccessiblemem: readwrite)'


def _header(line: str, function: LlvmFunction, formals: dict[str, Formal]) -> str:
    match = re.search(r'@("[^"]*"|[\w.$-]+)\(', line)
    assert match is not None, line
    depth, at = 1, match.end()
    while depth:
        depth += (line[at] == "(") - (line[at] == ")")
        at += 1
    texts = []
    for parameter, text in zip(function.parameters, split_commas(line[match.end() : at - 1]), strict=True):
        if "sret(" in text:
            continue
        formal = formals.get(parameter.name)
        texts.append(f"i{formal.llvm_bits} {formal.llvm_name}" if formal is not None else text)
    start = line[: match.end()]
    if function.returns.startswith("{"):
        start = re.sub(r"\{[^}]*\} @", "void @", start)
    return start + ", ".join(texts) + line[at - 1 :]


def _packed(value: str, kind: str, counter: int) -> tuple[list[str], str]:
    """Lines that put a struct of numbers into one word, first member lowest, and the name of the word."""
    widths = [bits_of(k) or 0 for k in split_commas(kind[1:-1])]
    total, shift, word = sum(widths), 0, "0"
    lines = []
    for at, width in enumerate(widths):
        p = f"%csynth.pack{counter}.{at}"
        lines.append(f"  {p} = extractvalue {kind} {value}, {at}")
        lines.append(f"  {p}.x = zext i{width} {p} to i{total}" if width < total else f"  {p}.x = add i{total} {p}, 0")
        lines.append(f"  {p}.s = shl i{total} {p}.x, {shift}")
        lines.append(f"  {p}.o = or i{total} {word}, {p}.s")
        word, shift = f"{p}.o", shift + width
    return lines, word
