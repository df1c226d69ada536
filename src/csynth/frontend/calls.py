"""Calls of functions that stay modules, in LLVM's text."""

from __future__ import annotations

import re

from csynth.frontend.llvm_text import split_commas, typed
from csynth.frontend.prepare import storage_bits
from csynth.frontend.regions import Signature
from csynth.ir.model import Function


def only_body(text: str, keep: str, others: set[str]) -> str:
    """Drop the bodies of all functions but one; other kept functions become declarations of nothing."""
    del others
    out, skipping = [], False
    for line in text.split("\n"):
        if line.startswith("define"):
            match = re.search(r'@("[^"]*"|[\w.$-]+)\(', line)
            skipping = match is not None and match.group(1).strip('"') != keep
        if not skipping:
            out.append(line)
        if skipping and line == "}":
            skipping = False
    return "\n".join(out)


def rewrite_calls(text: str, done: dict[str, Function], signatures: dict[str, Signature]) -> str:
    """Turn calls of kept functions into calls on values: `hls.call.<name>`."""
    if not done:
        return text
    memory = "nounwind willreturn memory(argmem: readwrite, inaccessiblemem: readwrite)"
    declarations: set[str] = set()
    counter = 0
    out = []
    for line in text.split("\n"):
        match = re.match(r'^( +)(?:(%\S+) = )?(?:tail |notail )?call ([^@]*)@("[^"]*"|[\w.$-]+)\((.*)\)([^()]*)$', line)
        symbol = match.group(4).strip('"') if match else ""
        if match is None or symbol not in done:
            out.append(line)
            continue
        signature, name = signatures[symbol], done[symbol].name
        pad, dbg = match.group(1), "".join(re.findall(r", !dbg !\d+", match.group(6)))
        arguments = [typed(a) for a in split_commas(match.group(5))]
        target = ""
        if signature.return_address:
            target, arguments = arguments[0][1], arguments[1:]
        passed, kinds = [], []
        for formal, (kind, value) in zip(signature.parameters, arguments, strict=True):
            if formal.kind == "scalar" and formal.by_address:
                counter += 1
                out.append(f"{pad}%csynth.arg{counter} = load i{formal.llvm_bits}, ptr {value}{dbg}")
                passed.append(f"i{formal.llvm_bits} %csynth.arg{counter}")
                kinds.append(f"i{formal.llvm_bits}")
            else:
                passed.append(f"{kind} {value}")
                kinds.append(kind + " captures(none)" if kind == "ptr" else kind)
        returns = match.group(3).strip().split(" ")[-1]
        if target:
            bits = storage_bits(signature.return_bits)
            counter += 1
            out.append(f"{pad}%csynth.ret{counter} = call i{bits} @hls.call.{name}({', '.join(passed)}){dbg}")
            out.append(f"{pad}store i{bits} %csynth.ret{counter}, ptr {target}{dbg}")
            declarations.add(f"declare i{bits} @hls.call.{name}({', '.join(kinds)}) {memory}")
        else:
            head = f"{match.group(2)} = " if match.group(2) else ""
            out.append(f"{pad}{head}call {returns} @hls.call.{name}({', '.join(passed)}){dbg}")
            declarations.add(f"declare {returns} @hls.call.{name}({', '.join(kinds)}) {memory}")
    return "\n".join([*out, *sorted(declarations), ""])
