"""Dot products of int8 with two rows in one DSP48E2: make them with csynth, simulate the RTL, compare with numpy, count resources.

    .venv/bin/python -m benchmarks.packed_dot [products ...] [--plain] [--source] [--no-resources]

sum0 = sum of a0[k] * b[k] and sum1 = sum of a1[k] * b[k]: one cell multiplies (a1[k] << 18) + a0[k], which its pre-adder makes, with b[k]
(AMD WP486). The lower half of a sum has 18 bits, room for seven products of -128 * -128; chains of four take no flip-flops, for each cell
has registers of its own for the cycles that its factors wait. 2^17 at the head of a chain makes the lower half positive: nothing is
borrowed from the upper one. With --plain, each row has cells of its own. Exit code 1 when a sum is wrong or a cell too many.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from itertools import product
from pathlib import Path

import numpy as np

from aigchip.toolchain.rtlsim import verilated
from aigchip.toolchain.rtlsim.from_csynth import design_of
from aigchip.toolchain.rtlsim.model import Call, Job
from csynth.driver import choose_nests
from csynth.resources.estimate import estimate

CLOCK_PERIOD_PS = 3333
PACKED = """static void dot2(ap_uint<8 * K> a0, ap_uint<8 * K> a1, ap_uint<8 * K> b, ap_int<S>& sum0, ap_int<S>& sum1) {
#pragma HLS inline off
#pragma HLS pipeline II=1
  ap_int<S> low = 0, high = 0;
  for (int first = 0; first < K; first += 4) {
    ap_int<36> p = 1 << 17;  // the lower half becomes positive: a0 * b borrows nothing from a1 * b
    for (int k = first; k < first + 4 && k < K; k++) {
      ap_int<8> x0 = a0(8 * k + 7, 8 * k), x1 = a1(8 * k + 7, 8 * k), y = b(8 * k + 7, 8 * k);
      ap_int<27> packed = (ap_int<27>(x1) << 18) + x0;
      p += packed * y;
    }
    low += ap_int<18>(p(17, 0) ^ (1 << 17));
    high += ap_int<18>(p(35, 18));
  }
  sum0 = low;
  sum1 = high;
}
"""
PLAIN = """static ap_int<S> dot(ap_uint<8 * K> a, ap_uint<8 * K> b) {
#pragma HLS inline off
#pragma HLS pipeline II=1
  ap_int<S> sum = 0;
  for (int k = 0; k < K; k++) {
    ap_int<8> x = a(8 * k + 7, 8 * k), y = b(8 * k + 7, 8 * k);
    sum += x * y;
  }
  return sum;
}

static void dot2(ap_uint<8 * K> a0, ap_uint<8 * K> a1, ap_uint<8 * K> b, ap_int<S>& sum0, ap_int<S>& sum1) {
#pragma HLS inline
  sum0 = dot(a0, b);
  sum1 = dot(a1, b);
}
"""
TOP = """
void dots(hls::stream<ap_uint<24 * K> >& words, hls::stream<ap_uint<2 * S> >& sums, int n) {
  for (int i = 0; i < n; i++) {
#pragma HLS pipeline II=1
    ap_uint<24 * K> word = words.read();
    ap_int<S> sum0, sum1;
    dot2(word(8 * K - 1, 0), word(16 * K - 1, 8 * K), word(24 * K - 1, 16 * K), sum0, sum1);
    ap_uint<2 * S> out;
    out(S - 1, 0) = sum0;
    out(2 * S - 1, S) = sum1;
    sums.write(out);
  }
}
"""


def sum_bits(products: int) -> int:
    """Bits of a sum of int8 products, all of which may be -128 * -128."""
    return (products << 14).bit_length() + 1


def source_of(products: int, *, plain: bool = False) -> str:
    """The program."""
    head = '#include "ap_int.h"\n#include "hls_stream.h"\n'
    head += f"static const int K = {products}, S = {sum_bits(products)};  // products, bits of their sum\n\n"
    return head + (PLAIN if plain else PACKED) + TOP


def vectors(products: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows of a0, a1 and b: every combination of extreme factors in all places, every (a0, b) in one place, and random ones."""
    rng = np.random.default_rng(products)
    ends = np.array(list(product((-128, -127, -1, 0, 1, 127), repeat=3)))
    same = np.repeat(ends[:, :, None], products, axis=2)
    one, two = (grid.ravel() for grid in np.meshgrid(np.arange(-128, 128), np.arange(-128, 128)))
    every = rng.integers(-128, 128, (len(one), 3, products))
    place = rng.integers(0, products, len(one))
    every[np.arange(len(one)), 0, place], every[np.arange(len(one)), 2, place] = one, two
    mixed = rng.choice([-128, 127], (4096, 3, products))
    rows = np.concatenate([same, every, mixed, rng.integers(-128, 128, (4096, 3, products))])
    return rows[:, 0], rows[:, 1], rows[:, 2]


def check(products: int, folder: Path, *, plain: bool, resources: bool) -> bool:
    """Print one row; return whether all is right."""
    program, hardware = choose_nests(
        ("dots.cpp", source_of(products, plain=plain)), top="dots", clock_period_ps=CLOCK_PERIOD_PS
    )
    design = design_of(program, dict(hardware.verilog), name="dots", folder=folder / f"rtl{products}{plain}")
    built = verilated.build([design], cache=folder / "models")
    a0, a1, b = vectors(products)
    given = np.concatenate([a0, a1, b], axis=1).astype(np.int8)
    words = tuple(int.from_bytes(row.tobytes(), "little") for row in given)
    bits = sum_bits(products)
    mask = (1 << bits) - 1
    wanted = [
        (int(low) & mask) | (int(high) & mask) << bits
        for low, high in zip((a0 * b).sum(axis=1), (a1 * b).sum(axis=1), strict=True)
    ]
    job = Job(design=0, calls=(Call(scalars={"n": len(words)}, streams={"words": words}),))
    found = verilated.run(built, [job])[0].outcomes[0].streams["sums"]
    right = list(found) == wanted
    kept = next(schedule for name, schedule in hardware.schedules.items() if name != "dots")
    cycles = kept.timing.latency_cycles if kept.timing is not None else 0
    (loop,) = [block for block in hardware.schedules["dots"].blocks.values() if block.loop]
    cells = sum(
        text.count("csynth_dsp_product #(.") for name, text in hardware.verilog.items() if name == kept.function.name
    )
    instances = 2 if plain else 1
    used = f"{cells * instances} | - | -"
    if resources:
        alone = estimate(hardware.verilog, top=kept.function.name, cache_dir=folder / "cells").total
        used = f"{alone.dsp * instances} | {alone.lut * instances} | {alone.ff * instances}"
    print(
        f"| {2 * products} | {used} | {cycles} | {loop.initiation_interval} | {kept.estimated_clock_ps / 1000:.2f} | "
        f"{len(words):,}{'' if right else ': WRONG'} |",
        flush=True,
    )
    return right and loop.initiation_interval == 1 and cells == products


def main(arguments: Sequence[str] | None = None) -> int:
    """Check and print."""
    parser = argparse.ArgumentParser(prog="benchmarks.packed_dot", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("products", nargs="*", type=int, default=[8, 16], help="products of each row")
    parser.add_argument("--plain", action="store_true", help="one product a cell")
    parser.add_argument("--source", action="store_true", help="print the programs only")
    parser.add_argument("--no-resources", action="store_true", help="without yosys")
    options = parser.parse_args(arguments)
    if options.source:
        print("\n".join(source_of(products, plain=options.plain) for products in options.products))
        return 0
    print("| products | DSP | LUT | FF | latency | II | clock [ns] | vectors |")
    print("|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory(prefix="dots-") as scratch:
        right = [
            check(products, Path(scratch), plain=options.plain, resources=not options.no_resources)
            for products in options.products
        ]
    return int(not all(right))


if __name__ == "__main__":
    sys.exit(main())
