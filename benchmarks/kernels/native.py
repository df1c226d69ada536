"""C simulation of many HLS programs in one native binary: the C++ side of a differential test.

Each program is compiled in a namespace of its own against csynth's headers. Static variables keep their values from call to call.
Only for programs of this project: nothing confines the binary.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from aigchip.core import paths
from aigchip.toolchain.rtlsim.model import Call, Design, PortKind
from csynth.frontend import INCLUDE_DIR

_HEAD = r"""#include "ap_int.h"
#include "hls_burst_maxi.h"
#include "hls_stream.h"
#include <stdio.h>
#include <stdlib.h>
template <int W> static ap_uint<W> take() {
  static char text[2000];
  if (scanf("%1999s", text) != 1) exit(3);
  ap_uint<W> v = 0;
  for (char* c = text; *c; c++) v = (v << 4) | ap_uint<W>(*c <= '9' ? *c - '0' : *c - 'a' + 10);
  return v;
}
static int take_count() { int n; if (scanf("%d", &n) != 1) exit(3); return n; }
template <int W> static void show(const ap_uint<W>& v) {
  ap_uint<W + 3> wide = v;
  for (int d = (W + 3) / 4 - 1; d >= 0; d--) printf("%x", (unsigned)((wide >> (4 * d)) & 15).to_uint());
  printf(" ");
}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class NativeCall:
    """What a call gave: words of outputs and memories, words left in inputs, the returned value."""

    streams: dict[str, list[int]]
    left: dict[str, int]
    memories: dict[str, list[int]]
    returned: int | None


def build(sources: Sequence[str], designs: Sequence[Design], *, folder: Path) -> Path:
    """Compile `sources`, whose tops and ports `designs` name, to one binary in `folder`.

    Raises:
        RuntimeError: the compiler refuses, with its text.
    """
    parts = [_HEAD]
    for number, (source, design) in enumerate(zip(sources, designs, strict=True)):
        body = re.sub(r'(?m)^\s*#include\s+"(ap_int|hls_stream|hls_burst_maxi)\.h"\s*$', "", source)
        parts.append(f"namespace p{number} {{\n{body}\n{_runner(source, design)}\n}}")
    cases = "\n".join(f"    case {number}: p{number}::run(); break;" for number in range(len(sources)))
    parts.append(
        f"int main() {{\n  int which = take_count();\n  for (int calls = take_count(); calls--;)\n  switch (which) {{\n{cases}\n  }}\n}}\n"
    )
    folder.mkdir(parents=True, exist_ok=True)
    path, binary = folder / "native.cpp", folder / "native"
    path.write_text("\n".join(parts))
    environment = {**os.environ}
    environment.setdefault("ZIG_GLOBAL_CACHE_DIR", str(paths.cache_dir() / "zig-native"))
    command = [
        *(sys.executable, "-m", "ziglang", "cc", "-x", "c++", "-std=c++14", "-O0", "-fno-sanitize=all"),
        *("-fno-threadsafe-statics", "-fno-exceptions", "-w", "-I", str(INCLUDE_DIR), str(path), "-o", str(binary)),
    ]
    done = subprocess.run(command, check=False, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return binary


def _runner(source: str, design: Design) -> str:
    before, arguments, after = [], set(), []
    for port in design.ports:
        name, width = port.name, port.width_bits
        if design.served(port):
            continue
        if port.kind is PortKind.SCALAR_IN:
            kind = _type_of(source, rf"([\w:]+(?:\s*<\s*\w+\s*>)?)\s+{name}\s*[,)]")
            before.append(f"{kind} {name} = ({kind})take<{width}>();")
        elif port.kind is PortKind.STREAM_IN or port.kind is PortKind.STREAM_OUT:
            kind = _type_of(source, rf"hls::stream<((?:[^&;()<>,]|<[^<>]*>)*)>\s*&\s*{name}\s*[,)]")
            before.append(f"hls::stream<{kind} > {name};")
            if port.kind is PortKind.STREAM_IN:
                before.append(f"for (int n = take_count(); n--;) {name}.write(({kind})take<{width}>());")
                after.append(f'printf("left {name} %d\\n", (int){name}.size());')
            else:
                shown = f"show(ap_uint<{width}>({name}.read()))"
                after.append(f'printf("stream {name} "); while (!{name}.empty()) {shown}; printf("\\n");')
        elif name != "ap_return":
            raise RuntimeError(f"{design.name}: port {name} is a scalar output; must be a stream or ap_return")
        arguments.add(name)
    for memory in design.memories:
        kind = _type_of(source, rf"hls::burst_maxi<((?:[^&;()<>,]|<[^<>]*>)*)>\s*{memory}\s*[,)]")
        width = design.memory_width_bits(memory)
        before.append(
            f"int {memory}_size = take_count(); {kind}* {memory}_data = ({kind}*)calloc({memory}_size, sizeof({kind}));"
        )
        before.append(f"for (int k = 0; k < {memory}_size; k++) {memory}_data[k] = take<{width}>();")
        before.append(f"hls::burst_maxi<{kind} > {memory}({memory}_data, {memory}_size);")
        shown = f"show(ap_uint<{width}>({memory}_data[k]))"
        after.append(f'printf("memory {memory} "); for (int k = 0; k < {memory}_size; k++) {shown}; printf("\\n");')
        arguments.add(memory)
    order = []
    for kind, name in _parameters(source, design.top):
        order.append(name)
        if name not in arguments:  # csynth found that it is never used
            before.append(f"{kind} {name}{{}};")
    call = f"{design.top}({', '.join(order)})"
    returned = next((port.width_bits for port in design.ports if port.name == "ap_return"), None)
    if returned:
        call = f'ap_uint<{returned}> returned = {call}; printf("return "); show(returned); printf("\\n")'
    lines = "\n  ".join([*before, f"{call};", *after, 'printf("end\\n"); fflush(stdout);'])
    return f"static void run() {{\n  {lines}\n}}"


def _parameters(source: str, top: str) -> list[tuple[str, str]]:
    """Type, without a reference, and name of each parameter of the last function `top`."""
    found = re.findall(rf"\b{top}\s*\(([^()]*)\)\s*{{", source)[-1]
    parameters = []
    for text in re.split(r",(?![^<]*>[^,]*&)", found):
        match = re.fullmatch(r"\s*(.*?)\s*&?\s*(\w+)\s*", text, re.DOTALL)
        if match:
            parameters.append((match[1], match[2]))
    return parameters


def _type_of(source: str, pattern: str) -> str:
    found = re.findall(pattern, source)
    if not found:
        raise RuntimeError(f"no parameter of the form {pattern}")
    return found[-1].strip()


def run(binary: Path, index: int, design: Design, calls: Sequence[Call]) -> list[NativeCall]:
    """Call program `index` of the binary once for each of `calls`, in one process.

    Raises:
        RuntimeError: it ended early, for instance by reading an empty stream.
    """
    words = [f"{index} {len(calls)}"]
    for call in calls:
        for port in design.ports:
            if port.kind is PortKind.SCALAR_IN:
                words.append(f"{call.scalars[port.name]:x}")
            elif port.kind is PortKind.STREAM_IN and not design.served(port):
                words.append(
                    " ".join([str(len(call.streams[port.name])), *(f"{w:x}" for w in call.streams[port.name])])
                )
        for memory in design.memories:
            words.append(" ".join([str(len(call.memories[memory])), *(f"{w:x}" for w in call.memories[memory])]))
    done = subprocess.run(
        [str(binary)], input="\n".join(words), check=False, capture_output=True, text=True, timeout=120
    )
    results, now = [], NativeCall(streams={}, left={}, memories={}, returned=None)
    for line in done.stdout.splitlines():
        kind, *rest = line.split()
        if kind == "stream":
            now.streams[rest[0]] = [int(w, 16) for w in rest[1:]]
        elif kind == "memory":
            now.memories[rest[0]] = [int(w, 16) for w in rest[1:]]
        elif kind == "left":
            now.left[rest[0]] = int(rest[1])
        elif kind == "return":
            now = NativeCall(streams=now.streams, left=now.left, memories=now.memories, returned=int(rest[0], 16))
        else:
            results.append(now)
            now = NativeCall(streams={}, left={}, memories={}, returned=None)
    if done.returncode or len(results) != len(calls):
        raise RuntimeError(f"{design.name}: C simulation ended early: {done.stderr.strip() or done.returncode}")
    return results
