"""Make, simulate and count int8 arrays of 8 x 8 to 32 x 32 multipliers, output- and weight-stationary.

    .venv/bin/python -m benchmarks.int8_arrays [size ...] [--no-resources]

C++ to Verilog runs in a process of its own, whose wall-clock time and greatest memory are the compiler's. Every product is checked
against numpy; exit code 1 when one is wrong. Ideal cycles: one step of N x N products a cycle, and the words that are read before or
written after them.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from aigchip.toolchain.rtlsim import verilated
from aigchip.toolchain.rtlsim.from_csynth import design_of
from aigchip.toolchain.rtlsim.model import Call, Job
from csynth.ir.text import parse
from csynth.resources.estimate import estimate

STEPS = 4096
OUTPUT_STATIONARY = """#include "ap_int.h"
#include "hls_stream.h"
static const int N = {size};

// N x N sums stay; each step multiplies a column of A with a row of B. The sums leave row by row.
void array(hls::stream<ap_uint<8 * N> >& as, hls::stream<ap_uint<8 * N> >& bs, hls::stream<ap_uint<32 * N> >& cs, int steps) {{
  ap_int<32> sums[N][N];
#pragma HLS array_partition variable=sums complete dim=0
  for (int r = 0; r < N; r++) {{
#pragma HLS unroll
    for (int c = 0; c < N; c++) {{
#pragma HLS unroll
      sums[r][c] = 0;
    }}
  }}
  MULTIPLY: for (int k = 0; k < steps; k++) {{
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
WEIGHT_STATIONARY = """#include "ap_int.h"
#include "hls_stream.h"
static const int N = {size};

// One column of the array: N weights, N products, and their sum. It is one module with N instances.
static ap_int<32> column(ap_uint<8 * N> a, ap_uint<8 * N> w) {{
#pragma HLS inline off
#pragma HLS pipeline II=1
  ap_int<32> sum = 0;
  for (int r = 0; r < N; r++) {{
    ap_int<8> x = a(8 * r + 7, 8 * r), y = w(8 * r + 7, 8 * r);
    sum += x * y;
  }}
  return sum;
}}

// The weights stay, a column of them in each of N registers; each step gives a row of results.
void array(hls::stream<ap_uint<8 * N> >& as, hls::stream<ap_uint<8 * N> >& bs, hls::stream<ap_uint<32 * N> >& cs, int steps) {{
  ap_uint<8 * N> weights[N];
#pragma HLS array_partition variable=weights complete
  LOAD: for (int i = 0; i < N; i++) {{
#pragma HLS pipeline II=1
    for (int c = 0; c < N - 1; c++) weights[c] = weights[c + 1];
    weights[N - 1] = bs.read();
  }}
  MULTIPLY: for (int k = 0; k < steps; k++) {{
#pragma HLS pipeline II=1
    ap_uint<8 * N> a = as.read();
    ap_uint<32 * N> word = 0;
    for (int c = 0; c < N; c++) word(32 * c + 31, 32 * c) = column(a, weights[c]);
    cs.write(word);
  }}
}}
"""
SOURCES = {"output-stationary": OUTPUT_STATIONARY, "weight-stationary": WEIGHT_STATIONARY}
_COMPILER = """
import json, os, re, resource, sys, time
from pathlib import Path
started = time.perf_counter()
from csynth.driver import choose_nests
from csynth.ir.text import print_program
program, hardware = choose_nests(("array.cpp", sys.stdin.read()), top="array", clock_period_ps=3333)
seconds = time.perf_counter() - started
alive = [os.getpid(), *map(int, Path("/proc/self/task", str(os.getpid()), "children").read_text().split())]
used = sum(int(re.search(r"VmHWM:\\s+(\\d+)", Path(f"/proc/{pid}/status").read_text())[1]) for pid in alive)
used += resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss  # clang, which has ended
print(json.dumps({"seconds": seconds, "mib": used / 1024, "verilog": dict(hardware.verilog),
                  "program": print_program(hardware.program)}))
"""


def _words(values: np.ndarray, width_bits: int) -> tuple[int, ...]:
    mask = (1 << width_bits) - 1
    return tuple(sum((int(v) & mask) << width_bits * k for k, v in enumerate(row)) for row in values)


def traffic(
    kind: str, size: int, a: np.ndarray, b: np.ndarray
) -> tuple[dict[str, tuple[int, ...]], tuple[int, ...], int]:
    """The streams that go in, the words that must come out, and the ideal number of cycles."""
    if kind == "output-stationary":  # a, b: steps x size
        return {"as": _words(a, 8), "bs": _words(b, 8)}, _words(a.T @ b, 32), len(a) + size
    weights = b[:size]  # row r, column c; a word of `bs` is one column
    return {"as": _words(a, 8), "bs": _words(weights.T, 8)}, _words(a @ weights, 32), len(a) + size


def measure(kind: str, size: int, folder: Path, *, resources: bool) -> None:
    """Print one row."""
    source = SOURCES[kind].format(size=size)
    done = subprocess.run([sys.executable, "-c", _COMPILER], input=source, check=True, capture_output=True, text=True)
    made = json.loads(done.stdout)
    program, verilog = parse(made["program"]), made["verilog"]
    design = design_of(program, verilog, name="array", folder=folder / f"rtl-{kind}-{size}")
    built = verilated.build([design], cache=folder / "models")
    rng = np.random.default_rng(size)
    a, b = (rng.integers(-128, 128, (STEPS, size)) for _ in range(2))
    given, wanted, ideal = traffic(kind, size, a, b)
    run = verilated.run(built, [Job(design=0, calls=(Call(scalars={"steps": STEPS}, streams=given),))])[0]
    if run.outcomes[0].streams["cs"] != list(wanted):
        sys.exit(f"{kind} {size} x {size}: the products are wrong")
    cycles = run.outcomes[0].cycles
    used = "- | - | -"
    if resources:
        r = estimate(verilog, top="array", cache_dir=folder / "cells").total
        used = f"{r.lut} | {r.ff} | {r.dsp}"
    print(
        f"| {kind} | {size} x {size} | {cycles:,} ({cycles / ideal:.3f}) | {used} | {made['seconds']:.1f} | {made['mib']:,.0f} | "
        f"{built.build_seconds:.1f} | {run.simulated_cycles / run.seconds:,.0f} |",
        flush=True,
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="benchmarks.int8_arrays", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("size", nargs="*", type=int, default=[8, 16, 32], help="multipliers along each side")
    parser.add_argument("--no-resources", action="store_true", help="without yosys")
    options = parser.parse_args(arguments)
    print(
        "| kind | multipliers | cycles (over ideal) | LUT | FF | DSP | C++ to Verilog [s] | MiB | Verilator build [s] | cycles/s |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory(prefix="arrays-") as scratch:
        for kind in SOURCES:
            for size in options.size:
                measure(kind, size, Path(scratch), resources=not options.no_resources)
    return 0


if __name__ == "__main__":
    sys.exit(main())
