"""Clock a Verilog module whose ports are words, one row of numbers each cycle, as a native library."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from aigchip.toolchain import verilator_library

_MAIN = """\
#include "Vtop.h"
#include "verilated.h"
extern "C" void run(long n, const long long* in, long long* out) {
  static VerilatedContext* context = new VerilatedContext;
  static Vtop* top = new Vtop(context);
  for (long i = 0; i < n; i++) {
    const long long* v = in + i * @INPUTS@;
    top->clk = 0;
@READ@
    top->eval();
    top->clk = 1;
    top->eval();
    long long* w = out + i * @OUTPUTS@;
@WRITE@
  }
}
"""

Rows = Mapping[str, Any]


def build(
    folder: Path, modules: Mapping[str, str], *, top: str, inputs: Mapping[str, int], outputs: Mapping[str, int]
) -> Callable[[Rows], dict[str, np.ndarray]]:
    """Return a function that gives the inputs of each row, clocks once, and returns the outputs after the edge.

    Args:
        folder: for the sources and the library.
        modules: Verilog by module name; the top has `clk`, `inputs`, and `outputs` called `<name>_p`.
        top: the module that is clocked.
        inputs: widths in bits, at most 63; an input that rows do not have is 0.
        outputs: widths in bits, at most 63.
    """
    folder.mkdir(parents=True, exist_ok=True)
    sources = []
    for name, text in modules.items():
        (folder / f"{name}.v").write_text(text)
        sources.append(folder / f"{name}.v")
    read = "\n".join(f"    top->{name} = v[{i}];" for i, name in enumerate(inputs))
    write = "\n".join(f"    w[{i}] = top->{name}_p;" for i, name in enumerate(outputs))
    main = _MAIN.replace("@READ@", read).replace("@WRITE@", write)
    main = main.replace("@INPUTS@", str(len(inputs))).replace("@OUTPUTS@", str(len(outputs)))
    (folder / "main.cpp").write_text(main)
    library = folder / "cells.so"
    verilator_library.build(sources, top=top, main=folder / "main.cpp", headers=folder, out=library)
    run = ctypes.CDLL(str(library)).run

    def simulate(rows: Rows) -> dict[str, np.ndarray]:
        number = max(len(np.atleast_1d(values)) for values in rows.values())
        given = np.zeros((number, len(inputs)), dtype=np.int64)
        for column, (name, width) in enumerate(inputs.items()):
            given[:, column] = np.asarray(rows.get(name, 0), dtype=np.int64) & ((1 << width) - 1)
        out = np.zeros((number, len(outputs)), dtype=np.int64)
        run(ctypes.c_long(number), given.ctypes.data_as(ctypes.c_void_p), out.ctypes.data_as(ctypes.c_void_p))
        return {name: out[:, column] for column, name in enumerate(outputs)}

    return simulate
