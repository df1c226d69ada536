"""Simulate a GEMM of 200 x 220 x 240 in int32 with 32, 64 and 128 lanes, made by csynth, and compare its cycles with the ideal ones.

    .venv/bin/python -m benchmarks.gemm_lanes [lanes ...] [--no-resources]

Ideal: M x N x K / lanes cycles. Measured: from ap_start to ap_done, with the transfer of both matrices and of the result, whose streams
are always ready (words of 256 to 1,024 bits). Every element is checked against numpy; exit code 1 when one is wrong, or when the cycles
exceed the ideal ones by more than 5 %.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from aigchip.toolchain.rtlsim import verilated
from aigchip.toolchain.rtlsim.from_csynth import design_of
from aigchip.toolchain.rtlsim.model import Call, Job
from csynth.driver import DEFAULT_PART, choose_nests
from csynth.report.build import build_report
from csynth.resources.estimate import estimate

M, N, K = 200, 220, 240
ROWS, COLUMNS = 8, 4  # lanes along M and N; the others lie along K
CLOCK_PERIOD_PS = 3333
MOST = 1.05

SOURCE = """#include "ap_int.h"
#include "hls_stream.h"
static const int M = {m}, N = {n}, K = {k}, PM = {rows}, PN = {columns}, PK = {depth};
typedef ap_uint<32 * PM * PK> AWord;
typedef ap_uint<32 * PN * PK> BWord;
typedef ap_uint<32 * PM * PN> CWord;

static int part(const AWord& word, int at) {{ return (int)word(32 * at + 31, 32 * at); }}
static int part_b(const BWord& word, int at) {{ return (int)word(32 * at + 31, 32 * at); }}

// Output-stationary: PM x PN sums, PK products each a cycle. What is read for the first time is kept for the passes that follow.
void gemm(hls::stream<AWord>& as, hls::stream<BWord>& bs, hls::stream<CWord>& cs) {{
  AWord a_rows[K / PK];
  BWord b_columns[(N / PN) * (K / PK)];
#pragma HLS dependence variable=a_rows type=inter dependent=false
#pragma HLS dependence variable=b_columns type=inter dependent=false
  int sums[PM][PN];
#pragma HLS array_partition variable=sums complete dim=0
  ROW: for (int i = 0; i < M / PM; i++) {{
    COLUMN: for (int j = 0; j < N / PN; j++) {{
      STEP: for (int k = 0; k < K / PK; k++) {{
#pragma HLS pipeline II=1
        AWord a = a_rows[k];
        if (j == 0) {{
          a = as.read();
          a_rows[k] = a;
        }}
        BWord b = b_columns[j * (K / PK) + k];
        if (i == 0) {{
          b = bs.read();
          b_columns[j * (K / PK) + k] = b;
        }}
        CWord result = 0;
        for (int r = 0; r < PM; r++)
          for (int c = 0; c < PN; c++) {{
            int sum = k == 0 ? 0 : sums[r][c];
            for (int l = 0; l < PK; l++) sum += part(a, r * PK + l) * part_b(b, c * PK + l);
            sums[r][c] = sum;
            result(32 * (r * PN + c) + 31, 32 * (r * PN + c)) = sum;
          }}
        if (k == K / PK - 1) cs.write(result);
      }}
    }}
  }}
}}
"""


def _words(values: np.ndarray) -> list[int]:
    """Each row of 32-bit numbers as one word, the first number lowest."""
    packed = values.astype("<u4")
    return [int.from_bytes(row.tobytes(), "little") for row in packed]


def streams(a: np.ndarray, b: np.ndarray, depth: int) -> tuple[list[int], list[int]]:
    """The words of A (M x K) and B (K x N) in the order in which `gemm` reads them."""
    a_words = a.reshape(M // ROWS, ROWS, K // depth, depth).transpose(0, 2, 1, 3).reshape(-1, ROWS * depth)
    b_words = b.reshape(K // depth, depth, N // COLUMNS, COLUMNS).transpose(2, 0, 3, 1).reshape(-1, COLUMNS * depth)
    return _words(a_words), _words(b_words)


def results(c: np.ndarray) -> list[int]:
    """The words of C (M x N) in the order in which `gemm` writes them."""
    tiles = c.reshape(M // ROWS, ROWS, N // COLUMNS, COLUMNS).transpose(0, 2, 1, 3).reshape(-1, ROWS * COLUMNS)
    return _words(tiles)


def measure(lanes: int, folder: Path, *, resources: bool) -> float:
    """Print one row; the measured cycles over the ideal ones."""
    depth = lanes // (ROWS * COLUMNS)
    source = SOURCE.format(m=M, n=N, k=K, rows=ROWS, columns=COLUMNS, depth=depth)
    started = time.perf_counter()
    program, hardware = choose_nests((f"gemm{lanes}.cpp", source), top="gemm", clock_period_ps=CLOCK_PERIOD_PS)
    compiled = time.perf_counter() - started
    report = build_report(
        hardware.program, hardware.schedules, part=DEFAULT_PART, clock_period_ps=CLOCK_PERIOD_PS, tool="csynth",
        module_resources={}, resources=None,
    )  # fmt: skip
    design = design_of(hardware.program, hardware.verilog, name=f"gemm{lanes}", folder=folder / f"rtl{lanes}")
    built = verilated.build([design], cache=folder / "models")
    rng = np.random.default_rng(lanes)
    a, b = (rng.integers(-(2**31), 2**31, shape) for shape in ((M, K), (K, N)))
    as_, bs = streams(a, b, depth)
    run = verilated.run(built, [Job(design=0, calls=(Call(scalars={}, streams={"as": tuple(as_), "bs": tuple(bs)}),))])[
        0
    ]
    if run.outcomes[0].streams["cs"] != results(a @ b):
        sys.exit(f"gemm with {lanes} lanes: the product is wrong")
    cycles, ideal = run.outcomes[0].cycles, M * N * K // lanes
    used = "-"
    if resources:
        r = estimate(hardware.verilog, top=program.top, cache_dir=folder / "cells").total
        used = f"{r.lut} LUT, {r.ff} FF, {r.dsp} DSP, {r.bram18} BRAM18"
    intervals = ", ".join(f"{loop.name} {loop.ii}" for loop in report.loops if loop.pipelined)
    print(
        f"| {lanes} | {ideal:,} | {cycles:,} | {cycles / ideal:.4f} | {intervals} | {used} | {compiled:.1f} | "
        f"{built.build_seconds:.1f} | {run.simulated_cycles / run.seconds:,.0f} |",
        flush=True,
    )
    return cycles / ideal


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="benchmarks.gemm_lanes", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("lanes", nargs="*", type=int, default=[32, 64, 128], help="32, 64 or 128")
    parser.add_argument("--no-resources", action="store_true", help="without yosys")
    options = parser.parse_args(arguments)
    print(
        "| lanes | ideal cycles | cycles (RTL, Verilator) | ratio | II | resources (yosys) | C++ to Verilog [s] "
        "| Verilator build [s] | cycles/s |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory(prefix="gemm-") as scratch:
        ratios = [measure(lanes, Path(scratch), resources=not options.no_resources) for lanes in options.lanes]
    return int(max(ratios) > MOST)


if __name__ == "__main__":
    sys.exit(main())
