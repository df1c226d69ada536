"""Time csynth, the Verilator build and the simulation of an N x N array of int8 multiply-accumulates in one pipelined loop.

    .venv/bin/python -m benchmarks.csynth_array [N, default 32] [-O1 or another level]

Every product is checked against numpy.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from aigchip.toolchain.rtlsim import verilated
from aigchip.toolchain.rtlsim.from_csynth import design_of
from aigchip.toolchain.rtlsim.model import Call, Job
from csynth.driver import make_hardware
from csynth.frontend import compile_source

_SOURCE = """#include "ap_int.h"
#include "hls_stream.h"
static const int N = {size};
void array(hls::stream<ap_uint<8 * N> >& as, hls::stream<ap_uint<8 * N> >& bs, hls::stream<ap_uint<32 * N> >& cs, int depth) {{
  ap_int<32> sums[N][N];
#pragma HLS array_partition variable=sums complete dim=0
  for (int r = 0; r < N; r++) {{
#pragma HLS unroll
    for (int c = 0; c < N; c++) {{
#pragma HLS unroll
      sums[r][c] = 0;
    }}
  }}
  MULTIPLY: for (int k = 0; k < depth; k++) {{
#pragma HLS pipeline II=1
    ap_uint<8 * N> a = as.read(), b = bs.read();
    for (int r = 0; r < N; r++)
      for (int c = 0; c < N; c++) {{
        ap_int<8> x = a(8 * r + 7, 8 * r), y = b(8 * c + 7, 8 * c);
        sums[r][c] += x * y;
      }}
  }}
  DRAIN: for (int i = 0; i < N; i++) {{
#pragma HLS pipeline II=1
    ap_uint<32 * N> word = 0;
    for (int c = 0; c < N; c++) word(32 * c + 31, 32 * c) = sums[0][c];
    cs.write(word);
    for (int r = 0; r < N - 1; r++)
      for (int c = 0; c < N; c++) sums[r][c] = sums[r + 1][c];
  }}
}}
"""


def main() -> int:
    """Measure and print."""
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 32
    level = sys.argv[2] if len(sys.argv) > 2 else "-O1"
    depth = 20_000
    with tempfile.TemporaryDirectory(prefix="array-") as scratch:
        folder = Path(scratch)
        started = time.perf_counter()
        program = compile_source(("array.cpp", _SOURCE.format(size=size)), top="array")
        verilog = make_hardware(program, clock_period_ps=3333).verilog
        compiled = time.perf_counter() - started
        print(f"{size * size} MACs: C++ to Verilog {compiled:.1f} s", flush=True)
        design = design_of(program, verilog, name="array", folder=folder / "rtl")
        built = verilated.build([design], cache=folder / "models", optimisation=level)
        print(f"Verilator build at {level}: {built.build_seconds:.1f} s", flush=True)
        rng = np.random.default_rng(1)
        a, b = (rng.integers(-128, 128, (depth, size)) for _ in range(2))
        streams = {name: tuple(_words(values, 8)) for name, values in (("as", a), ("bs", b))}
        result = verilated.run(built, [Job(design=0, calls=(Call(scalars={"depth": depth}, streams=streams),))])[0]
        if result.outcomes[0].streams["cs"] != _words(a.T @ b, 32):
            sys.exit("the products are wrong")
        print(
            f"{result.outcomes[0].cycles} cycles for depth {depth}: {result.simulated_cycles / result.seconds:,.0f} cycles/s"
        )
    return 0


def _words(values: np.ndarray, width_bits: int) -> list[int]:
    mask = (1 << width_bits) - 1
    return [sum((int(v) & mask) << width_bits * k for k, v in enumerate(row)) for row in values]


if __name__ == "__main__":
    sys.exit(main())
