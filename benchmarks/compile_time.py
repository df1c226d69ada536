"""How csynth's time grows with the number of operations, C++ to Verilog: in one loop, in loops of a bounded size, or in modules.

    .venv/bin/python -m benchmarks.compile_time [operations ...] [--in-a-loop N [--modules]] [--profile]

Each size runs in a process of its own. Operations are those of the scheduled loops; csynth's time is CPU time of that process, LLVM's is
the time that it waited for the process in which LLVM's passes run, and memory is csynth's greatest. The last line
is the exponent e of their sum = c * operations^e between the two largest sizes: 1 is linear.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from math import log

SOURCE = """#include "ap_int.h"
#include "hls_stream.h"
static const int L = {lanes};
typedef hls::stream<ap_uint<16> > in_t;
typedef hls::stream<ap_uint<32> > out_t;

// Systolic rows, one after the other: each lane hands its word on and keeps a sum and a checksum of what it has seen. The last lane writes.
template <int ROW> void row(in_t& in, out_t& out, int n) {{
{pragma}
  ap_uint<16> words[L];
  ap_uint<32> sums[L], checks[L];
#pragma HLS array_partition variable=words complete
#pragma HLS array_partition variable=sums complete
#pragma HLS array_partition variable=checks complete
  for (int l = 0; l < L; l++) {{
#pragma HLS unroll
    words[l] = l;
    sums[l] = l;
    checks[l] = ~l;
  }}
  MAIN: for (int i = 0; i < n; i++) {{
#pragma HLS pipeline II=1
    for (int l = L - 1; l >= 0; l--) {{
      ap_uint<16> x = words[l];
      ap_uint<32> mixed = (checks[l] ^ x) + (ap_uint<32>(x) << (l % 7)) + (l ? sums[l - 1] : ap_uint<32>(1));
      sums[l] = sums[l] + (mixed > 1000 + l ? mixed : ap_uint<32>(x));
      checks[l] = mixed ^ (mixed >> 3);
      words[l] = l ? words[l - 1] : in.read();
    }}
    out.write(sums[L - 1] ^ checks[L - 1] ^ ROW);
  }}
}}

void lanes(in_t& in, out_t& out, int n) {{
  {calls}
}}
"""
OPERATIONS_A_LANE = 16.7
_RUN = """
import json, resource, sys, time
from csynth.driver import choose_nests
if "--profile" in sys.argv:
    import cProfile, pstats
    profile = cProfile.Profile(); profile.enable()
from csynth.frontend import llvm_passes
inside, waited = llvm_passes.Worker.run, [0.0]
def run(*given):
    began = time.monotonic()
    try:
        return inside(*given)
    finally:
        waited[0] += time.monotonic() - began
llvm_passes.Worker.run = run
started = time.process_time()
program, hardware = choose_nests(("lanes.cpp", sys.stdin.read()), top="lanes", clock_period_ps=3333)
if "--profile" in sys.argv:
    profile.disable(); pstats.Stats(profile, stream=sys.stderr).sort_stats("cumtime").print_stats(60)
own = time.process_time() - started
me = resource.getrusage(resource.RUSAGE_SELF)
ops = sum(len(block.block.ops) for schedule in hardware.schedules.values() for block in schedule.blocks.values()
          if block.loop)
print(json.dumps({"ops": ops, "own": own, "llvm": waited[0], "mib": me.ru_maxrss / 1024,
                  "verilog": sum(map(len, hardware.verilog.values()))}))
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="benchmarks.compile_time", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("operations", nargs="*", type=int, default=[100, 1_000, 10_000])
    parser.add_argument("--in-a-loop", type=int, metavar="N", help="at most so many operations in one loop")
    parser.add_argument("--modules", action="store_true", help="a module for each loop")
    parser.add_argument("--profile", action="store_true", help="show where the time goes")
    options = parser.parse_args(arguments)
    print("| operations | csynth [s] | LLVM [s] | ms an operation | MiB | Verilog [bytes] |")
    print("|---|---|---|---|---|---|")
    points: list[tuple[int, float]] = []
    for operations in options.operations:
        loops = -(-operations // (options.in_a_loop or operations))
        pragma = "#pragma HLS inline off" if options.modules else ""
        calls = " ".join(f"row<{number}>(in, out, n);" for number in range(loops))
        source = SOURCE.format(lanes=max(2, round(operations / loops / OPERATIONS_A_LANE)), calls=calls, pragma=pragma)
        command = [sys.executable, "-c", _RUN, *(["--profile"] if options.profile else [])]
        done = subprocess.run(command, input=source, stdout=subprocess.PIPE, text=True, check=True)
        made = json.loads(done.stdout)
        points.append((made["ops"], made["own"] + made["llvm"]))
        each = 1000 * points[-1][1] / made["ops"]
        print(
            f"| {made['ops']:,} | {made['own']:.2f} | {made['llvm']:.2f} | {each:.2f} | {made['mib']:,.0f} | {made['verilog']:,} |",
            flush=True,
        )
    if len(points) > 1:
        (a, x), (b, y) = points[-2:]
        print(f"\nexponent between the last two: {log(y / x) / log(b / a):.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
