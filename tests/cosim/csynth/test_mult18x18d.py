"""ECP5's multiplier: the cell under its model = Python's integers, faults that must show, and programs that become it."""

import numpy as np
import pytest
from cosim.csynth.test_rtl_equals_interpreter import compare
from support import cell_bench

from csynth.driver import make_hardware
from csynth.dsp.mult18x18d import MULT18, MULT18X18D
from csynth.frontend import compile_source
from csynth.resources.estimate import estimate

PART = "LFE5U-85F-6BG381C"
INPUTS = {"a": 18, "b": 18, "ce_in": 1, "ce_m": 1, "ce_p": 1}
OUTPUTS = {f"mul{registers}": 36 for registers in range(4)}

pytestmark = pytest.mark.xdist_group("mult18x18d")  # the fixture is made once


def build(folder, cell=MULT18, model=MULT18X18D):
    ports = [f"  input [{bits - 1}:0] {name}," for name, bits in INPUTS.items()]
    ports += [f"  output [{bits - 1}:0] {name}_p," for name, bits in OUTPUTS.items()]
    ports[-1] = ports[-1][:-1]
    cells = [
        f"  csynth_mult18 #(.REGISTERS({registers})) {name} (.clk(clk), .ce_in(ce_in), .ce_m(ce_m), .ce_p(ce_p), .a(a), .b(b), .p({name}_p));"
        for registers, name in enumerate(OUTPUTS)
    ]
    bench = "\n".join(["module cells (", "  input clk,", *ports, ");", *cells, "endmodule", ""])
    modules = {"cells": bench, "csynth_mult18": cell, "MULT18X18D": model}
    return cell_bench.build(folder, modules, top="cells", inputs=INPUTS, outputs=OUTPUTS)


@pytest.fixture(scope="module")
def simulate(tmp_path_factory):
    return build(tmp_path_factory.mktemp("mult18"))


def rows(number, seed):
    generator = np.random.default_rng(seed)
    found = {name: generator.integers(-(1 << 17), 1 << 17, number) for name in "ab"}
    for values in found.values():
        at = generator.random(number) < 0.05
        values[at] = generator.choice([-(1 << 17), (1 << 17) - 1, -1, 0, 1], int(at.sum()))
    enables = {name: (generator.random(number) < 0.7).astype(np.int64) for name in ("ce_in", "ce_m", "ce_p")}
    for values in enables.values():
        values[:4] = 1
    return found | enables


def expected(given):
    """What each cell shows after the edge of each row: its registers in Python."""
    found = {name: [] for name in OUTPUTS}
    a1 = b1 = m = p1 = p2 = p3 = 0
    columns = (np.asarray(given[name]).tolist() for name in INPUTS)
    for a, b, ce_in, ce_m, ce_p in zip(*columns, strict=True):
        if ce_p:
            p1, p2, p3 = a * b, a1 * b1, m
        if ce_m:
            m = a1 * b1
        if ce_in:
            a1, b1 = a, b
        for name, value in zip(OUTPUTS, (a * b, p1, p2, p3), strict=True):
            found[name].append(value)
    return {name: np.array(values, dtype=np.int64) & ((1 << 36) - 1) for name, values in found.items()}


def wrong(simulate, given):
    """Cells with a wrong result, once the registers are filled."""
    found, right = simulate(given), expected(given)
    return sorted(name for name in OUTPUTS if np.any(found[name][4:] != right[name][4:]))


@pytest.mark.verifies("csynth")
def test_random_vectors(simulate):
    assert wrong(simulate, rows(100_000, 1)) == []


@pytest.mark.slow
@pytest.mark.verifies("csynth")
def test_a_million_random_vectors(simulate):
    assert wrong(simulate, rows(1_000_000, 2)) == []


@pytest.mark.verifies("csynth")
def test_all_int8_products(simulate):
    one, two = (grid.ravel() for grid in np.meshgrid(np.arange(-128, 128), np.arange(-128, 128)))
    ones = np.ones_like(one)
    assert wrong(simulate, {"a": one, "b": two, "ce_in": ones, "ce_m": ones, "ce_p": ones}) == []


FAULTS = {
    "unsigned factors": (MULT18X18D.replace("{{18{a[17]}}, a}", "{18'd0, a}"), MULT18, OUTPUTS),
    "an output register that is not there": (
        MULT18X18D,
        MULT18.replace('.REG_OUTPUT_CLK("CLK0")', '.REG_OUTPUT_CLK("NONE")'),
        ("mul1", "mul2", "mul3"),
    ),
    "input registers that are not there": (
        MULT18X18D,
        MULT18.replace(
            '.REG_INPUTA_CLK("CLK0"), .REG_INPUTB_CLK("CLK0")', '.REG_INPUTA_CLK("NONE"), .REG_INPUTB_CLK("NONE")'
        ),
        ("mul2", "mul3"),
    ),
    "two bits of a factor exchanged": (
        MULT18X18D,
        MULT18.replace(".A3(a[3]), .A4(a[4])", ".A3(a[4]), .A4(a[3])"),
        OUTPUTS,
    ),
    "an enable that is ignored": (MULT18X18D, MULT18.replace(".CE2(ce_p)", ".CE2(1'b1)"), ("mul1", "mul2", "mul3")),
}


@pytest.mark.verifies("csynth")
@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS)
def test_a_wrong_cell_is_found(fault, tmp_path):
    model, cell, names = FAULTS[fault]
    assert (model, cell) != (MULT18X18D, MULT18)
    assert wrong(build(tmp_path / "wrong", cell, model), rows(2_000, 3)) == sorted(names)


SOURCE = """
#include "ap_int.h"
#include "hls_stream.h"
typedef hls::stream<ap_int<16> > in_t;
void f(in_t& a, in_t& b, hls::stream<int>& out) {
  int acc = 0;
  for (int i = 0; i < 20; i++) {
#pragma HLS pipeline II=1
    ap_int<16> x = a.read(), y = b.read();
    ap_uint<17> u = x;
    ap_uint<9> v = y;
    acc += x * y;
    ap_int<26> split = u * v;
#pragma HLS bind_op variable=split op=mul impl=dsp latency=2
    out.write(acc);
    out.write(split);
    out.write(x * 5);
  }
}"""


@pytest.mark.verifies("csynth")
def test_products_of_a_program(tmp_path):
    """Two products are cells, one with two registers; the one by 5 is made of LUTs; sums stay outside."""
    program = compile_source(("f.cpp", SOURCE), top="f")
    verilog = make_hardware(program, clock_period_ps=10_000, part=PART).verilog
    assert "DSP48E2" not in verilog
    assert [verilog["f"].count(f"csynth_mult18 #(.REGISTERS({n}))") for n in (1, 2, 3)] == [1, 1, 0]
    words = [(40503 + 30103 * k * k + 977 * k) % 65536 for k in range(20)]
    streams = {"a": words, "b": words[::-1]}
    compare(program, tmp_path, streams=streams, scalars={}, memories={}, part=PART, clock_period_ps=10_000)
    total = estimate(verilog, top="f", cache_dir=tmp_path / "cache", family="ECP5").total
    assert (total.dsp, total.tool.split("(")[1]) == (2, "synth_ecp5)")
    assert total.lut > 0
    assert total.ff > 0


@pytest.mark.verifies("csynth")
def test_7_series_leaves_products_to_synthesis(tmp_path):
    program = compile_source(("f.cpp", SOURCE), top="f")
    verilog = make_hardware(program, clock_period_ps=10_000, part="xc7z020clg400-1").verilog
    assert [*verilog] == ["f"]
    assert estimate(verilog, top="f", cache_dir=tmp_path / "cache", family="7-series").total.dsp == 2
