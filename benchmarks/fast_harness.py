"""Simulate an int8 array of N x N multipliers behind AXI masters on the fast harness, with the lean and the general model of the DSP.

    .venv/bin/python -m benchmarks.fast_harness [--size 32] [--steps 20000] [--kind weight-stationary] [--general]

C[k] = (A[k] x W) >> 8, wrapped to int8: N weights of N columns are loaded once, then a row of N values comes and one goes each cycle. Every
byte is checked against numpy; exit code 1 when one is wrong. The time to build is from nothing, ccache off.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from aigchip.template import module
from aigchip.toolchain import fastsim, registers
from csynth.driver import DEFAULT_PART, synthesize
from csynth.link.link import link
from csynth.link.model import ChannelSpec, MaxiSpec, Network, Port, ProcessInstance, ScalarSpec

LOAD = """#include "ap_int.h"
#include "hls_burst_maxi.h"
#include "hls_stream.h"
void {name}(hls::burst_maxi<ap_uint<{bits}> > memory, hls::stream<ap_uint<{bits}> >& words, ap_uint<32> count) {{
  memory.read_request(0, count);
  for (ap_uint<32> i = 0; i < count; i++) {{
#pragma HLS pipeline II=1
    words.write(memory.read());
  }}
}}
"""
STORE = """#include "ap_int.h"
#include "hls_burst_maxi.h"
#include "hls_stream.h"
void store_c(hls::burst_maxi<ap_uint<{bits}> > memory, hls::stream<ap_uint<{bits}> >& words, ap_uint<32> count) {{
  memory.write_request(0, count);
  for (ap_uint<32> i = 0; i < count; i++) {{
#pragma HLS pipeline II=1
    memory.write(words.read());
  }}
  memory.write_response();
}}
"""
WEIGHT_STATIONARY = """#include "ap_int.h"
#include "hls_stream.h"
static const int N = {size};

static ap_int<8> column(ap_uint<8 * N> a, ap_uint<8 * N> w) {{
#pragma HLS inline off
#pragma HLS pipeline II=1
  ap_int<32> sum = 0;
  for (int r = 0; r < N; r++) {{
    ap_int<8> x = a(8 * r + 7, 8 * r), y = w(8 * r + 7, 8 * r);
    sum += x * y;
  }}
  return sum >> 8;
}}

void array(hls::stream<ap_uint<8 * N> >& as, hls::stream<ap_uint<8 * N> >& bs, hls::stream<ap_uint<8 * N> >& cs, ap_uint<32> steps) {{
  ap_uint<8 * N> weights[N];
#pragma HLS array_partition variable=weights complete
  LOAD: for (int i = 0; i < N; i++) {{
#pragma HLS pipeline II=1
    for (int c = 0; c < N - 1; c++) weights[c] = weights[c + 1];
    weights[N - 1] = bs.read();
  }}
  MULTIPLY: for (ap_uint<32> k = 0; k < steps; k++) {{
#pragma HLS pipeline II=1
    ap_uint<8 * N> a = as.read();
    ap_uint<8 * N> word = 0;
    for (int c = 0; c < N; c++) word(8 * c + 7, 8 * c) = column(a, weights[c]);
    cs.write(word);
  }}
}}
"""


def sources(size: int) -> dict[str, str]:
    """Return the text of each module."""
    bits = 8 * size
    return {
        "load_a": LOAD.format(name="load_a", bits=bits),
        "load_b": LOAD.format(name="load_b", bits=bits),
        "array": WEIGHT_STATIONARY.format(size=size),
        "store_c": STORE.format(bits=bits),
    }


def network(size: int) -> Network:
    """Return what joins the modules."""
    bits = 8 * size

    def port(name: str, kind: str, width: int = bits) -> Port:
        return Port(name=name, kind=kind, width_bits=width)

    def loader(name: str) -> ProcessInstance:
        ports = (port("memory_AR", "stream_out", 96), port("memory_R", "stream_in"), port("words", "stream_out"))
        return ProcessInstance(name=name, module=name, ports=(*ports, port("count", "scalar_in", 32)))

    stored = (port("memory_AW", "stream_out", 96), port("memory_W", "stream_out"), port("memory_B", "stream_in", 1))
    array = (port("as", "stream_in"), port("bs", "stream_in"), port("cs", "stream_out"), port("steps", "scalar_in", 32))
    return Network(
        name="accelerator",
        processes=(
            loader("load_a"),
            loader("load_b"),
            ProcessInstance(name="array", module="array", ports=array),
            ProcessInstance(
                name="store_c",
                module="store_c",
                ports=(*stored, port("words", "stream_in"), port("count", "scalar_in", 32)),
            ),
        ),
        channels=tuple(
            ChannelSpec(name=name, width_bits=bits, depth=32, producer=(a, b), consumer=(c, d))
            for name, a, b, c, d in (
                ("as", "load_a", "words", "array", "as"),
                ("bs", "load_b", "words", "array", "bs"),
                ("cs", "array", "cs", "store_c", "words"),
            )
        ),
        scalars=(
            ScalarSpec(
                name="steps", width_bits=32, consumers=(("load_a", "count"), ("array", "steps"), ("store_c", "count"))
            ),
            ScalarSpec(name="columns", width_bits=32, consumers=(("load_b", "count"),)),
        ),
        maxi=(
            MaxiSpec(name="gmem_a", width_bits=bits, ends={r: ("load_a", f"memory_{r}") for r in ("AR", "R")}),
            MaxiSpec(name="gmem_b", width_bits=bits, ends={r: ("load_b", f"memory_{r}") for r in ("AR", "R")}),
            MaxiSpec(name="gmem_c", width_bits=bits, ends={r: ("store_c", f"memory_{r}") for r in ("AW", "W", "B")}),
        ),
        control="s_axilite",
    )


def make(size: int, folder: Path) -> tuple[Path, Path]:
    """Synthesise and link; return the RTL folder and network.json."""
    out = folder / "accelerator"
    (out / "rtl").mkdir(parents=True)
    for name, text in sources(size).items():
        own = folder / name
        own.mkdir()
        (own / f"{name}.cpp").write_text(text)
        synthesize(
            own / f"{name}.cpp", top=name, part=DEFAULT_PART, clock_period_ps=3333, out_dir=own,
            include_dirs=[module.include_dir()], resources=False,
        )  # fmt: skip
        for path in (own / "rtl").glob("*.v"):
            if not path.stem.endswith(("_ip", "_control_s_axi")):  # of the module as a top of its own
                (out / "rtl" / path.name).write_text(path.read_text())
    link(network(size), out)
    return out / "rtl", out / "network.json"


def measure(size: int, steps: int, folder: Path, made: tuple[Path, Path], *, lean: bool) -> bool:
    """Print one row; whether every byte was right."""
    rtl, description = made
    os.environ["CCACHE_DISABLE"] = "1"
    model = fastsim.build(rtl, network=description, cache=folder / f"models-{lean}", lean=lean)
    rng = np.random.default_rng(size)
    a, w = (rng.integers(-128, 128, (count, size)).astype(np.int8) for count in (steps, size))
    at = {"gmem_a": 0x1000_0000, "gmem_b": 0x2000_0000, "gmem_c": 0x3000_0000}
    writes = registers.writes(json.loads(description.read_text()), {"steps": steps, "columns": size, **at})
    result = fastsim.run(
        model,
        fastsim.ideal_memory(model.masters, latency_cycles=45),
        [
            fastsim.Load(at["gmem_a"], a.tobytes()), fastsim.Load(at["gmem_b"], w.T.tobytes()), *fastsim.ENABLE_INTERRUPT,
            *(fastsim.Write(*pair) for pair in writes), fastsim.Run(), fastsim.Dump("c", at["gmem_c"], steps * size),
        ],
    )  # fmt: skip
    expected = ((a.astype(np.int32) @ w.astype(np.int32)) >> 8).astype(np.int8)
    right = result.dumps["c"] == expected.tobytes()
    print(
        f"| {size} x {size} | {'lean' if lean else 'general'} | {result.jobs[0].cycles:,} | {model.build_seconds:.1f} | "
        f"{result.cycles_per_second:,.0f} |{'' if right else ' WRONG'}",
        flush=True,
    )
    return right


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="benchmarks.fast_harness", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--size", type=int, default=32, help="multipliers along each side")
    parser.add_argument("--steps", type=int, default=20_000, help="rows of A")
    parser.add_argument("--general", action="store_true", help="only the general model of the DSP")
    parser.add_argument("--lean", action="store_true", help="only the lean one")
    options = parser.parse_args(arguments)
    print("| multipliers | DSP model | cycles | build [s] | cycles/s of one core |\n|---|---|---|---|---|")
    right = True
    with tempfile.TemporaryDirectory(prefix="fast-") as scratch:
        made = make(options.size, Path(scratch))
        for lean in (False, True):
            if options.lean <= lean and options.general <= (not lean):
                right &= measure(options.size, options.steps, Path(scratch), made, lean=lean)
    return 0 if right else 1


if __name__ == "__main__":
    sys.exit(main())
