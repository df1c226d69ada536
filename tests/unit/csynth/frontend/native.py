"""C simulation of one function, compiled natively: what the interpreter's result must equal."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from csynth.frontend import INCLUDE_DIR
from csynth.ir.interpret import Machine
from csynth.ir.model import Program

C_TYPES = (
    "bool",
    "char",
    "short",
    "int",
    "unsigned",
    "long",
    "int8_t",
    "uint8_t",
    "int16_t",
    "uint16_t",
    "int32_t",
    "uint32_t",
    "long long",
)


@dataclass(frozen=True, kw_only=True)
class Case:
    """A function and one set of stimuli; all values are unsigned patterns.

    `ports` lists (kind, C++ type, width, name) in parameter order; kind is in, out, scalar or maxi.
    """

    source: str
    top: str
    ports: tuple[tuple[str, str, int, str], ...]
    streams: dict[str, list[int]] = field(default_factory=dict)
    scalars: dict[str, int] = field(default_factory=dict)
    memories: dict[str, list[int]] = field(default_factory=dict)
    returns: str = ""


def _number(value: int, width: int, kind: str) -> str:
    if kind in C_TYPES:
        return f"({kind}){value}ull"
    chunks = [(value >> at) & (2**64 - 1) for at in range(0, width, 64)]
    text = f"ap_uint<{width}>({chunks[-1]}ull)"
    for chunk in reversed(chunks[:-1]):
        text = f"ap_uint<{width}>(({text} << 64) | ap_uint<{width}>({chunk}ull))"
    return f"from_word<{kind}, {width}>({text})"


def agree(case: Case, program: Program, folder: Path) -> None:
    """Check that the interpreter does what the C simulation does: every word, and every word that is left."""
    wanted = simulate(case, folder)
    outcome = Machine(program).run(streams=case.streams, scalars=case.scalars, memories=case.memories)
    for kind, _, _, port in case.ports:
        if kind == "out":
            assert outcome.streams[port] == wanted.get(port, [])
        elif kind == "in":
            assert [len(outcome.left[port])] == wanted.get(f"left {port}", [0])
        elif kind == "maxi":
            assert outcome.memories[port] == wanted[port]
    if case.returns:
        assert [outcome.scalars["ap_return"]] == wanted["return"]


def simulate(case: Case, folder: Path) -> dict[str, list[int]]:
    """Compile and run; returns the words of each output stream, of each memory, and `return`."""
    lines, arguments, after = [], [], []
    for kind, text, width, name in case.ports:
        if kind in {"in", "out"}:
            lines.append(f"hls::stream<{text} > {name};")
            lines += [f"{name}.write({_number(v, width, text)});" for v in case.streams.get(name, ())]
            arguments.append(name)
            if kind == "out":
                after.append(f'while (!{name}.empty()) show<{width}>("{name}", to_word<{width}>({name}.read()));')
            else:
                after.append(f'if (!{name}.empty()) show<32>("left {name}", ap_uint<32>({name}.size()));')
        elif kind == "scalar":
            lines.append(f"{text} {name} = {_number(case.scalars[name], width, text)};")
            arguments.append(name)
        else:
            words = case.memories[name]
            lines.append(f"static {text} {name}_data[{len(words)}];")
            lines += [f"{name}_data[{k}] = {_number(v, width, text)};" for k, v in enumerate(words)]
            lines.append(f"hls::burst_maxi<{text} > {name}({name}_data, {len(words)});")
            arguments.append(name)
            after.append(
                f'for (int k = 0; k < {len(words)}; k++) show<{width}>("{name}", to_word<{width}>({name}_data[k]));'
            )
    call = f"{case.top}({', '.join(arguments)});"
    if case.returns:
        width = int(case.returns.rsplit("<", 1)[1].rstrip("> ")) if "<" in case.returns else 32
        call = f'show<{width}>("return", ap_uint<{width}>({call[:-1]}));'
    program = f"""{case.source}
#include "csynth_pack.h"
#include <stdio.h>
template <int W, class T> static ap_uint<W> to_word(const T& v) {{ ap_uint<W> u; u._V_ = csynth_types::packing<T>::bits(v); return u; }}
template <class T, int W> static T from_word(const ap_uint<W>& u) {{ T v; csynth_types::packing<T>::take(u._V_, v); return v; }}
template <int W> static void show(const char* name, const ap_uint<W>& v) {{
  printf("%s ", name);
  ap_uint<W + 3> wide = v;
  for (int d = (W + 3) / 4 - 1; d >= 0; d--) printf("%x", (unsigned)wide(4 * d + 3 < W + 3 ? 4 * d + 3 : W + 2, 4 * d));
  printf("\\n");
}}
int main() {{
  {chr(10).join(lines)}
  {call}
  {chr(10).join(after)}
}}
"""
    source, binary = folder / f"{case.top}.cpp", folder / case.top
    source.write_text(program)
    environment = {**os.environ}
    environment.setdefault("ZIG_GLOBAL_CACHE_DIR", str(Path.home() / ".cache" / "csynth-tests-zig"))
    command = [
        sys.executable,
        "-m",
        "ziglang",
        "cc",
        "-x",
        "c++",
        "-std=c++14",
        "-O1",
        "-fno-sanitize=all",
        "-fno-threadsafe-statics",
        "-fno-exceptions",
        "-w",
        "-I",
        str(INCLUDE_DIR),
    ]
    subprocess.run([*command, str(source), "-o", str(binary)], check=True, env=environment, capture_output=True)
    run = subprocess.run([str(binary)], check=False, capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stderr
    found: dict[str, list[int]] = {}
    for line in run.stdout.splitlines():
        name, _, value = line.rpartition(" ")
        found.setdefault(name, []).append(int(value, 16))
    return found
