"""Make, simulate and count output-stationary arrays of int8 dot products that commands control, with csynth.

    .venv/bin/python -m benchmarks.mac_arrays [ROWSxCOLUMNSxPRODUCTS ...] [--mac inline|kept|packed] [--no-resources] [--no-simulation]

Each element of the array adds a dot product of PRODUCTS int8 numbers a step to a sum of 32 bits; finished sums leave column by column while
the next ones are formed. One flat pipelined loop. The dot product is inlined, or a kept module, or one kept module for two rows, with
two products in a DSP (benchmarks.packed_dot). Seconds are CPU time of csynth and its LLVM worker, C++ to Verilog. The RTL runs with stalls
and is checked against numpy; exit code 1 when a sum is wrong.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from aigchip.toolchain.rtlsim import verilated
from aigchip.toolchain.rtlsim.from_csynth import design_of
from aigchip.toolchain.rtlsim.model import Call, Job
from benchmarks.packed_dot import PACKED, PLAIN, sum_bits
from csynth.ir.text import parse
from csynth.resources.estimate import estimate

SOURCE = """#include "ap_int.h"
#include "hls_stream.h"
static const int M = {rows}, N = {columns}, K = {products}, S = {bits};

{dot}
// Commands: bit 0 ends; 15..1 steps of a tile, less 1; 55..32 tiles; bit 56: a tile has one step.
void array(hls::stream<ap_uint<64> >& commands, hls::stream<ap_uint<8 * K * M> >& as, hls::stream<ap_uint<8 * K * N> >& bs,
           hls::stream<ap_uint<32 * M> >& cs) {{
  ap_int<32> sums[M][N], out[M][N];
#pragma HLS array_partition variable=sums dim=0 complete
#pragma HLS array_partition variable=out dim=0 complete
  ap_uint<15> step = 0, last_step = 0;
  ap_uint<24> tiles = 0;
  ap_uint<8> left = 0;
  bool end = false, fetch = true, last = false, first = true, draining = false;
  while (!end || draining) {{
#pragma HLS pipeline II=1
    bool finished = false;
    if (fetch) {{
      ap_uint<64> command = commands.read();
      end = command[0];
      last_step = command(15, 1);
      tiles = command(55, 32);
      last = command[56];
      step = 0;
      first = true;
      fetch = false;
    }} else if (!end) {{
      ap_uint<8 * K * M> a = as.read();
      ap_uint<8 * K * N> b = bs.read();
      for (int m = 0; m < M; m += {row_step})
        for (int n = 0; n < N; n++) {{
{step}
        }}
      finished = last;
      first = last;
      step = last ? ap_uint<15>(0) : ap_uint<15>(step + 1);
      if (last) {{
        fetch = tiles == 1;
        tiles--;
      }}
      last = step == last_step;
    }}
    if (draining) {{
      ap_uint<32 * M> word = 0;
      for (int m = 0; m < M; m++) word(32 * m + 31, 32 * m) = out[m][0];
      cs.write(word);
      for (int m = 0; m < M; m++)
        for (int n = 0; n < N - 1; n++) out[m][n] = out[m][n + 1];
      left--;
    }}
    if (finished) {{
      left = N;
      for (int m = 0; m < M; m++)
        for (int n = 0; n < N; n++) out[m][n] = sums[m][n];
    }}
    draining = left != 0;
  }}
}}
"""
_ONE = """          ap_int<S> sum = dot(a(8 * K * m + 8 * K - 1, 8 * K * m), b(8 * K * n + 8 * K - 1, 8 * K * n));
          sums[m][n] = (first ? ap_int<32>(0) : sums[m][n]) + sum;"""
_TWO = """          ap_int<S> sum0, sum1;
          dot2(a(8 * K * m + 8 * K - 1, 8 * K * m), a(8 * K * m + 16 * K - 1, 8 * K * m + 8 * K),
               b(8 * K * n + 8 * K - 1, 8 * K * n), sum0, sum1);
          sums[m][n] = (first ? ap_int<32>(0) : sums[m][n]) + sum0;
          sums[m + 1][n] = (first ? ap_int<32>(0) : sums[m + 1][n]) + sum1;"""
_COMPILER = """
import json, sys
from csynth.driver import choose_nests
from csynth.ir.text import print_program
program, hardware = choose_nests(("array.cpp", sys.stdin.read()), top="array", clock_period_ps=3333)
(loop,) = [block for block in hardware.schedules["array"].blocks.values() if block.loop]
print(json.dumps({"verilog": dict(hardware.verilog), "program": print_program(hardware.program),
                  "ii": loop.initiation_interval, "depth": loop.length_cycles}))
"""


def source_of(rows: int, columns: int, products: int, mac: str) -> str:
    """The program."""
    dot = PACKED if mac == "packed" else PLAIN.split("\n\nstatic void dot2", maxsplit=1)[0] + "\n"
    if mac == "inline":
        dot = dot.replace("inline off\n#pragma HLS pipeline II=1", "inline")
    return SOURCE.format(
        rows=rows,
        columns=columns,
        products=products,
        bits=sum_bits(products),
        dot=dot,
        row_step=2 if mac == "packed" else 1,
        step=_TWO if mac == "packed" else _ONE,
    )


def _words(rows: np.ndarray) -> tuple[int, ...]:
    return tuple(int.from_bytes(row.tobytes(), "little") for row in rows)


def traffic(rows: int, columns: int, products: int) -> tuple[dict[str, tuple[int, ...]], list[int]]:
    """Streams of three commands, whose tiles have one step more than columns, and the words that must come out."""
    rng = np.random.default_rng(rows * columns)
    steps, commands, given, wanted = columns + 1, [], {"as": [], "bs": []}, []
    for tiles in (1, 3, 2):
        commands.append((steps - 1) << 1 | tiles << 32 | int(steps == 1) << 56)
        for tile in range(tiles):
            a = rng.integers(-128, 128, (steps, rows, products)) if tile else np.full((steps, rows, products), -128)
            b = (
                rng.integers(-128, 128, (steps, columns, products))
                if tile
                else np.full((steps, columns, products), -128)
            )
            given["as"] += _words(a.astype(np.int8).reshape(steps, -1))
            given["bs"] += _words(b.astype(np.int8).reshape(steps, -1))
            wanted += _words(np.einsum("smk,snk->nm", a, b).astype(np.int32))
    return {"commands": (*commands, 1), "as": tuple(given["as"]), "bs": tuple(given["bs"])}, wanted


def measure(shape: str, mac: str, folder: Path, *, resources: bool, simulation: bool) -> bool:
    """Print one row; return whether all sums are right."""
    rows, columns, products = map(int, shape.split("x"))
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    source = source_of(rows, columns, products, mac)
    done = subprocess.run([sys.executable, "-c", _COMPILER], input=source, check=True, capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    made = json.loads(done.stdout)
    used, right = "- | - | -", "-"
    if resources:
        total = estimate(made["verilog"], top="array", cache_dir=folder / "cells").total
        used = f"{total.dsp:,} | {total.lut:,} | {total.ff:,}"
    if simulation:
        design = design_of(parse(made["program"]), made["verilog"], name="array", folder=folder / f"{shape}{mac}")
        built = verilated.build([design], cache=folder / "models")
        streams, wanted = traffic(rows, columns, products)
        jobs = [Job(design=0, calls=(Call(streams=streams),), stall_in=stall, stall_out=stall) for stall in (0.0, 0.3)]
        found = [list(run.outcomes[0].streams["cs"]) == wanted for run in verilated.run(built, jobs)]
        right = "right" if all(found) else "WRONG"
    print(
        f"| {rows} x {columns} x {products} | {mac} | {seconds:.1f} | {used} | {made['ii']} | {made['depth']} | {right} |",
        flush=True,
    )
    return right != "WRONG"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="benchmarks.mac_arrays", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("shape", nargs="*", default=["8x8x1", "16x16x1", "32x32x1"], help="rows x columns x products")
    parser.add_argument("--mac", choices=["inline", "kept", "packed"], default="inline")
    parser.add_argument("--no-resources", action="store_true", help="without yosys")
    parser.add_argument("--no-simulation", action="store_true", help="without Verilator")
    options = parser.parse_args(arguments)
    print("| array | mac | CPU [s] | DSP | LUT | FF | II | depth | sums |")
    print("|---|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory(prefix="arrays-") as scratch:
        right = [
            measure(
                shape,
                options.mac,
                Path(scratch),
                resources=not options.no_resources,
                simulation=not options.no_simulation,
            )
            for shape in options.shape
        ]
    return int(not all(right))


if __name__ == "__main__":
    sys.exit(main())
