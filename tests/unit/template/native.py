"""Run a module's C++ natively against its vectors: trusted code only, for the tests of the template itself."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from aigchip.core import paths
from aigchip.template.module import Port, include_dir
from aigchip.template.vectors import Vector

PRELUDE = """
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "ap_int.h"
#include "hls_burst_maxi.h"
#include "hls_stream.h"
template <int W> ap_uint<W> get() {
  static char text[2000];
  if (scanf("%1999s", text) != 1) abort();
  ap_uint<W> value = 0;
  for (const char* c = text; *c; c++) value = (value << 4) | ap_uint<W>(*c <= '9' ? *c - '0' : *c - 'a' + 10);
  return value;
}
template <int W> void put(ap_uint<W> value) {
  char text[W / 4 + 2];
  int digits = (W + 3) / 4;
  for (int i = 0; i < digits; i++) {
    text[digits - 1 - i] = "0123456789abcdef"[(int)(value.to_uint() & 15)];
    value = W > 4 ? ap_uint<W>(value >> 4) : ap_uint<W>(0);
  }
  text[digits] = 0;
  printf("%s\\n", text);
}
static int count() { int n; if (scanf("%d", &n) != 1) abort(); return n; }
"""


#: Compile whole accelerators fastest: their layers are small, and optimising code that runs once costs more than it saves.
QUICK = ("-O1", "-fno-inline", "-fno-vectorize", "-fno-slp-vectorize", "-fno-unroll-loops")


def compile_native(source: str, folder: Path, *, options: Sequence[str] = ("-O1",)) -> Path:
    """Compile a program and return it; `folder` is made where it is missing."""
    folder.mkdir(parents=True, exist_ok=True)
    main = folder / "main.cpp"
    main.write_text(source)
    program = folder / "main"
    headers = paths.root() / "src" / "csynth" / "include"
    subprocess.run(
        [
            sys.executable,
            "-m",
            "ziglang",
            "c++",
            "-std=c++14",
            *options,
            "-w",
            "-g0",
            "-fno-sanitize=all",
            "-fno-exceptions",
            "-nostdlib++",  # zig would build libc++ first, for minutes
            "-Xclang",
            "-fexperimental-max-bitint-width=4096",
            "-I",
            str(headers),
            "-I",
            str(include_dir()),
            str(main),
            "-o",
            str(program),
        ],
        check=True,
        env={
            **os.environ,
            "ZIG_GLOBAL_CACHE_DIR": os.environ.get("ZIG_GLOBAL_CACHE_DIR") or str(paths.cache_dir() / "zig"),
        },
    )
    return program


def harness(code: str, function: str, ports: Sequence[Port]) -> str:
    lines = [PRELUDE, code, "int main() {", "  int calls = count();", "  while (calls--) {"]
    after: list[str] = []
    arguments: list[str] = []
    for port in ports:
        w, name = port.width_bits, port.name
        if port.kind == "scalar_in":
            lines.append(f"    ap_uint<{w}> {name} = get<{w}>();")
        elif port.kind == "stream_in":
            lines.append(
                f"    hls::stream<ap_uint<{w}> > {name}; {{ int n = count(); while (n--) {name}.write(get<{w}>()); }}"
            )
            after.append(f'    if (!{name}.empty()) printf("left in {name}\\n");')
        elif port.kind == "stream_out":
            lines.append(f"    hls::stream<ap_uint<{w}> > {name};")
            after.append(f'    printf("{name}\\n"); while (!{name}.empty()) put<{w}>({name}.read());')
        elif port.kind == "maxi":
            lines.append(
                f"    int size_{name} = count(); ap_uint<{w}>* data_{name} = "
                f"(ap_uint<{w}>*)calloc(size_{name} + 1, sizeof(ap_uint<{w}>));"
            )
            lines.append(f"    for (int i = 0; i < size_{name}; i++) data_{name}[i] = get<{w}>();")
            lines.append(f"    hls::burst_maxi<ap_uint<{w}> > {name}(data_{name}, size_{name});")
            after.append(f'    printf("{name}\\n"); for (int i = 0; i < size_{name}; i++) put<{w}>(data_{name}[i]);')
            after.append(f'    if (!{name}.settled()) printf("not settled {name}\\n");')
        if port.kind != "return":
            arguments.append(name)
    returned = next((port.width_bits for port in ports if port.kind == "return"), None)
    call = f"{function}({', '.join(arguments)})"
    lines.append(f"    put<{returned}>({call});" if returned else f"    {call};")
    return "\n".join([*lines, *after, '    printf(".\\n");', "  }", "  return 0;", "}"])


def stimulus(ports: Sequence[Port], vectors: Sequence[Vector]) -> str:
    words: list[str] = [str(len(vectors))]
    for vector in vectors:
        for port in ports:
            if port.kind == "scalar_in":
                words.append(f"{vector.scalars_in[port.name]:x}")
            elif port.kind in ("stream_in", "maxi"):
                values = (vector.streams_in if port.kind == "stream_in" else vector.memories_in)[port.name]
                words += [str(len(values)), *(f"{value:x}" for value in values)]
    return "\n".join(words) + "\n"


def expected(ports: Sequence[Port], vectors: Sequence[Vector]) -> list[str]:
    lines: list[str] = []
    for vector in vectors:
        for port in ports:
            if port.kind == "return":
                lines.append(f"{vector.returns:0{(port.width_bits + 3) // 4}x}")
        for port in ports:
            if port.kind in ("stream_out", "maxi"):
                values = (vector.streams_out if port.kind == "stream_out" else vector.memories_out)[port.name]
                lines += [port.name, *(f"{value:0{(port.width_bits + 3) // 4}x}" for value in values)]
        lines.append(".")
    return lines


def run(program: Path, text: str, *, timeout: float = 120) -> list[str]:
    done = subprocess.run([program], input=text, capture_output=True, text=True, timeout=timeout, check=False)
    return [*done.stdout.splitlines(), *(["failed", done.stderr] if done.returncode else [])]


def differences(found: Sequence[str], wanted: Sequence[str]) -> str:
    for index, (left, right) in enumerate(zip(found, wanted, strict=False)):
        if left != right:
            return f"line {index}: {left[:200]} instead of {right[:200]}"
    return (
        "" if len(found) == len(wanted) else f"{len(found)} lines instead of {len(wanted)}: {found[len(wanted) :][:3]}"
    )
