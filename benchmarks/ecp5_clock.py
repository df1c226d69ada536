"""Hold csynth's estimated clock for ECP5 against nextpnr's after place and route, over the kernels.

    .venv/bin/python -m benchmarks.ecp5_clock [--designs 20] [--clock-ps 10000] [--kernels fir,sobel] [--out build/bench/ecp5_clock.jsonl]

Each kernel is synthesised for LFE5U-85F-6BG381C, its ports are led to registers (the device has fewer pins), and the circuit is placed and
routed for a clock that it cannot meet, so that nextpnr does its best. A line of JSON is appended for each kernel; run again, it goes on
where it was. At the end the estimates are compared, and two numbers are fitted to the kernels of odd place in the list, by least squares
of the relative error: what every path takes, and the factor of what its operators take. The error on the others is what the fit is worth.
Both clocks are estimates; nothing is measured.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from aigchip.board import load
from aigchip.core import paths
from aigchip.core.errors import AigchipError
from aigchip.toolchain.ecp5 import implement, tools
from aigchip.toolchain.ecp5.system import System
from benchmarks.kernels import kernels
from csynth.driver import make_hardware
from csynth.errors import CsynthError
from csynth.frontend import compile_source
from csynth.schedule.delay_tables import table_of

_OUT_OF_REACH_MHZ = 400.0
_PORT = re.compile(r"^\s*(input|output)\s+(?:wire |reg )?(?:\[(\d+):0\]\s*)?(\w+)", re.MULTILINE)


def harness(verilog: str, top: str) -> str:
    """Return a top module of five pins: inputs come from a shift register, outputs go into another.

    Args:
        verilog: the text of the kernel's top module.
        top: its name.
    """
    head = verilog[verilog.index(f"module {top} ") : verilog.index(");", verilog.index(f"module {top} "))]
    ports = [(way, int(high or 0) + 1, name) for way, high, name in _PORT.findall(head)]
    pins, at = [], {"input": 0, "output": 0}
    for way, bits, name in ports:
        if name in {"ap_clk", "ap_rst"}:
            pins.append(f".{name}({'clk' if name == 'ap_clk' else 'rst'})")
        else:
            side = "given" if way == "input" else "left"
            pins.append(f".{name}({side}[{at[way] + bits - 1}:{at[way]}])")
            at[way] += bits
    given, left = max(1, at["input"]), max(1, at["output"])
    return f"""module harness (input clk, input reset, input si, input take, output so);
  reg rst;
  reg [{given}:0] given;
  reg [{left - 1}:0] got, out;
  wire [{left - 1}:0] left;
  assign so = out[0];
  always @(posedge clk) begin
    rst <= reset;
    given <= {{given[{given - 1}:0], si}};
    got <= left;
    out <= take ? got : {{1'b0, out[{left - 1}:1]}} ;
  end
  {top} kernel ({", ".join(pins)});
endmodule
"""


def measure(name: str, clock_period_ps: int) -> dict[str, Any]:
    """Synthesise, place and route one kernel; return both clocks.

    Raises:
        CsynthError: csynth makes no hardware of it for this part.
        PlaceAndRouteError: The tools refuse it.
    """
    board = load("ulx3s")
    program = compile_source(kernels.load(name).source, top=name)
    hardware = make_hardware(program, clock_period_ps=clock_period_ps, part=board.part)
    top = f"{name}_ip" if f"{name}_ip" in hardware.verilog else name
    files = {f"{module}.v": text for module, text in hardware.verilog.items()}
    files["harness.v"] = harness(hardware.verilog[top], top)
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        netlist = implement.synthesise(System(verilog=files, pins="", pll=None), work, top="harness")
        made = implement.place_and_route(netlist, part=board.part, pins="", mhz=_OUT_OF_REACH_MHZ)
    parts = [line.split() for line in made.critical_path]
    return {
        "name": name,
        "clock_ps": clock_period_ps,
        "estimated_ps": max(schedule.estimated_clock_ps for schedule in hardware.schedules.values()),
        "nextpnr_ps": round(1e6 / made.reached_mhz),
        "used": made.used,
        "routing_ps": round(1000 * sum(float(part[0]) for part in parts if part[2] == "routing")),
        "path": list(made.critical_path),
        "tool": made.tool,
        "seconds": round(time.monotonic() - started, 1),
    }


def fit(rows: Sequence[dict[str, Any]], every_path_ps: float) -> tuple[float, float]:
    """Return what every path takes [ps] and the factor of its operators, by least squares of the relative error.

    Args:
        rows: kernels with both clocks.
        every_path_ps: what the table has for every path, clock to output and setup [ps].
    """
    truth = np.array([row["nextpnr_ps"] for row in rows], float)
    operators = np.array([row["estimated_ps"] for row in rows], float) - every_path_ps
    left = np.stack([1 / truth, operators / truth], axis=1)
    (constant, factor), *_ = np.linalg.lstsq(left, np.ones(len(rows)), rcond=None)
    return float(constant), float(factor)


def error_percent(
    rows: Sequence[dict[str, Any]], every_path_ps: float, constant: float, factor: float
) -> tuple[float, float, float]:
    """Return the mean of the absolute error, the mean error, and the largest absolute error, of estimates against nextpnr [%]."""
    found = [
        100 * ((constant + factor * (row["estimated_ps"] - every_path_ps)) / row["nextpnr_ps"] - 1) for row in rows
    ]
    return float(np.mean(np.abs(found))), float(np.mean(found)), float(np.max(np.abs(found)))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the comparison."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--designs", type=int, default=20)
    parser.add_argument("--clock-ps", type=int, default=10_000)
    parser.add_argument(
        "--kernels", default=",".join(kernels.names()), help="names with commas; those that come first are taken"
    )
    parser.add_argument("--out", type=Path, default=paths.build_dir() / "bench" / "ecp5_clock.jsonl")
    given = parser.parse_args(arguments)
    given.out.parent.mkdir(parents=True, exist_ok=True)
    rows = [json.loads(line) for line in given.out.read_text().splitlines()] if given.out.is_file() else []
    rows = [row for row in rows if row["clock_ps"] == given.clock_ps]
    known = {row["name"] for row in rows}
    for name in given.kernels.split(","):
        if len(rows) >= given.designs:
            break
        if name in known:
            continue
        try:
            row = measure(name, given.clock_ps)
        except (CsynthError, AigchipError) as error:
            print(f"{name}: left out: {error}", flush=True)
            continue
        rows.append(row)
        with given.out.open("a") as file:
            file.write(json.dumps(row) + "\n")
        print(
            f"{name}: csynth {row['estimated_ps']} ps, nextpnr {row['nextpnr_ps']} ps ({row['seconds']} s)", flush=True
        )
    table = table_of(load("ulx3s").part)
    every_path = table.clock_to_q + table.setup
    rows.sort(key=lambda row: row["name"])
    seen, unseen = rows[0::2], rows[1::2]
    print(f"\nnextpnr-ecp5 {tools.version()}, {len(rows)} kernels; error of csynth's estimate in % of nextpnr's period")
    for title, chosen in (("fitted to", seen), ("held out", unseen)):
        print(
            f"  {title} {len(chosen)}: as the table is, mean |error| {error_percent(chosen, every_path, every_path, 1.0)}"
        )
    constant, factor = fit(seen, every_path)
    print(f"  fit: every path {constant:.0f} ps (now {every_path}), operators times {factor:.3f}")
    for title, chosen in (("fitted to", seen), ("held out", unseen)):
        print(
            f"  {title} {len(chosen)}: after the fit, mean |error|, mean, largest {error_percent(chosen, every_path, constant, factor)}"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
