"""Hold csynth's estimated clock for ECP5 against nextpnr's after place and route, over the kernels.

    .venv/bin/python -m benchmarks.ecp5_clock [--designs 20] [--clock-ps 10000] [--kernels fir,sobel] [--out build/bench/ecp5_clock.jsonl]

Each kernel is synthesised for LFE5U-85F-6BG381C, its ports are led to registers (the device has fewer pins), and the circuit is placed and
routed for a clock that it cannot meet, so that nextpnr does its best. A line of JSON is appended for each kernel; run again, it goes on
where it was. At the end two factors of the delay table, of logic and of carries, are fitted to the kernels of odd place in the list; the
schedules stay as they were placed and routed. The error on the others is what the fit is worth. Both clocks are estimates; nothing is
measured.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import re
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from aigchip.board import load
from aigchip.core import paths
from aigchip.core.errors import AigchipError
from aigchip.toolchain.ecp5 import implement, tools
from aigchip.toolchain.ecp5.system import System
from benchmarks.kernels import kernels
from csynth.driver import Hardware, make_hardware
from csynth.errors import CsynthError
from csynth.frontend import compile_source
from csynth.schedule import calls
from csynth.schedule import function as scheduling
from csynth.schedule.build import build_problem
from csynth.schedule.delay_tables import DelayTable, table_of

_OUT_OF_REACH_MHZ = 400.0
#: Delays that are fitted with one factor each.
GROUPS: Mapping[str, tuple[str, ...]] = {
    "logic": ("lut_level", "gate", "select", "stream_read", "stream_write", "output", "address"),
    "carries": (
        *("add_base", "add_bit", "equal_base", "equal_bit", "compare_base", "compare_bit"),
        *(
            "small_product_base",
            "small_product_bit",
            "fabric_product_base",
            "fabric_product_level",
            "fabric_product_bit",
        ),
        *("divide_base", "divide_bit"),
    ),
}
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


def _hardware(name: str, clock_period_ps: int) -> Hardware:
    program = compile_source(kernels.load(name).source, top=name)
    return make_hardware(program, clock_period_ps=clock_period_ps, part=load("ulx3s").part)


def _digest(hardware: Hardware) -> str:
    return hashlib.sha256(json.dumps(sorted(hardware.verilog.items())).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A kernel that was placed and routed, with the schedule that it was made from."""

    name: str
    nextpnr_ps: int
    blocks: Sequence[_Scheduled]


def _placed(row: Mapping[str, Any]) -> Row | None:
    """Schedule a kernel as it was; None where csynth makes other Verilog of it now."""
    with _recorded() as blocks:
        hardware = _hardware(row["name"], row["clock_ps"])
    if _digest(hardware) != row["rtl"]:
        return None
    return Row(name=row["name"], nextpnr_ps=row["nextpnr_ps"], blocks=blocks)


def measure(name: str, clock_period_ps: int) -> dict[str, Any]:
    """Synthesise, place and route one kernel; return both clocks.

    Raises:
        CsynthError: csynth makes no hardware of it for this part.
        PlaceAndRouteError: The tools refuse it.
    """
    board = load("ulx3s")
    hardware = _hardware(name, clock_period_ps)
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
        "rtl": _digest(hardware),
        "estimated_ps": max(schedule.estimated_clock_ps for schedule in hardware.schedules.values()),
        "nextpnr_ps": round(1e6 / made.reached_mhz),
        "used": made.used,
        "routing_ps": round(1000 * sum(float(part[0]) for part in parts if part[2] == "routing")),
        "path": list(made.critical_path),
        "tool": made.tool,
        "seconds": round(time.monotonic() - started, 1),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scheduled:
    """A block with its schedule, whose paths can be summed up anew with other delays."""

    arguments: tuple[Any, ...]
    interval: int | None
    start: dict[str, int]

    def longest_path_ps(self, table: DelayTable) -> int:
        function, block, loop, clock_period_ps, callees, _ = self.arguments
        problem = build_problem(
            function,
            block,
            loop,
            clock_period_ps=clock_period_ps,
            initiation_interval=self.interval,
            callees=callees,
            table=table,
        )
        return max(calls._arrivals(problem, self.start).values(), default=0) + table.setup


@contextlib.contextmanager
def _recorded() -> Iterator[list[_Scheduled]]:
    """Keep every block that is scheduled meanwhile."""
    found: list[_Scheduled] = []
    original = scheduling._schedule_block

    def schedule(*arguments: Any) -> Any:
        made = original(*arguments)
        found.append(_Scheduled(arguments=arguments, interval=made[0].initiation_interval, start=made[2].start_cycle))
        return made

    scheduling._schedule_block = schedule
    try:
        yield found
    finally:
        scheduling._schedule_block = original


def scaled(table: DelayTable, factors: Sequence[float]) -> DelayTable:
    """Return a table with its groups of delays times their factors, as whole ps."""
    return replace(
        table,
        **{
            name: round(getattr(table, name) * factor)
            for names, factor in zip(GROUPS.values(), factors, strict=True)
            for name in names
        },
    )


def errors(rows: Sequence[Row], table: DelayTable) -> np.ndarray:
    """Return each estimate's error, with a table's delays on the schedule that was placed and routed, in % of nextpnr's period."""
    found = [max(block.longest_path_ps(table) for block in row.blocks) for row in rows]
    return 100 * (np.array(found) / np.array([row.nextpnr_ps for row in rows]) - 1)


def fit(rows: Sequence[Row], table: DelayTable) -> tuple[float, ...]:
    """Return the factors that make the mean absolute error smallest, by a search along one factor after the other."""
    factors, step = [1.0] * len(GROUPS), 0.4
    best = float(np.abs(errors(rows, table)).mean())
    while step > 0.01:
        improved = False
        for at in range(len(factors)):
            for tried in (factors[at] + step, factors[at] - step):
                candidate = [*factors[:at], tried, *factors[at + 1 :]]
                if not 0.3 <= tried <= 3.0:
                    continue
                mean = float(np.abs(errors(rows, scaled(table, candidate))).mean())
                if mean < best - 1e-9:
                    best, factors, improved = mean, candidate, True
        if not improved:
            step /= 2
    return tuple(factors)


def _told(rows: Sequence[Row], table: DelayTable) -> str:
    found = errors(rows, table)
    return f"{np.abs(found).mean():.1f} ({found.mean():+.1f} in the mean, largest {found[np.abs(found).argmax()]:+.1f})"


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
    chosen = [
        placed for placed in (_placed(row) for row in sorted(rows, key=lambda row: row["name"])) if placed is not None
    ]
    seen, unseen = chosen[0::2], chosen[1::2]
    factors = fit(seen, table)
    print(
        f"\nnextpnr-ecp5 {tools.version()}, {len(chosen)} kernels; mean absolute error of csynth's estimate in % of nextpnr's period"
    )
    for title, part in (("fitted to", seen), ("held out", unseen)):
        print(
            f"  {title} {len(part)}: {_told(part, table)} as the table is, {_told(part, scaled(table, factors))} after the fit"
        )
    print("  factors: " + ", ".join(f"{name} {factor:.2f}" for name, factor in zip(GROUPS, factors, strict=True)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
