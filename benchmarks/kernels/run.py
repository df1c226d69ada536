"""Synthesise, simulate and count every kernel; print the table and write docs/reference/csynth-kernels.md.

    .venv/bin/python -m benchmarks.kernels.run [kernel ...] [--no-resources]

With names of kernels it only prints. Every row has passed: reference = RTL, at full rate and under random stalls.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from aigchip.core import paths
from aigchip.toolchain.rtlsim import verilated
from aigchip.toolchain.rtlsim.model import Job
from benchmarks.kernels import kernels
from csynth.report.model import Resources
from csynth.resources.estimate import estimate

PAGE = "docs/reference/csynth-kernels.md"
COMMAND = ".venv/bin/python -m benchmarks.kernels.run"
_STALLS = ((0.0, 0.0), (0.4, 0.4), (0.0, 0.75))
_HEAD = """# Kernels of csynth

Kernels of many kinds in `benchmarks/kernels/<kernel>`: `kernel.cpp`, and `reference.py` with a model in Python, an input generator and,
for each pipelined loop, the least II that its recurrences, ports and streams allow at 3.333 ns, with the reason.
`tests/cosim/csynth/test_kernels.py` holds C simulation, IR interpreter and RTL (at full rate, under random stalls on every port, behind
slow outputs) against the reference. Outputs of a no-op, of an echo and off by one are put in place of every kernel's and fail; of twelve
kernels a wrong source is made to hardware and fails.

Made by `{command}`: {kernels} kernels, {loops} pipelined loops, {reached} of them at their bound; part {part}, 3.333 ns; cycles simulated
({simulator}) for one call on seed 1; C++ to Verilog in one process on a machine that also did other work; clock and resources estimated
(csynth's delays, {counter}).

The bounds were argued by hand. Those that come from a recurrence through logic (`iir_biquad`, `kmp`, `merge_sort`, `sha256`,
`smith_waterman`) rest on csynth's own delays, so they are no independent judgement; for `kmp`, `merge_sort` and `smith_waterman` the first
estimate was larger and was lowered after csynth had beaten it. The others count accesses to streams and memory ports.

| kernel | II (bound where it is less) | cycles | C++ to Verilog [s] | clock [ns] | LUT | FF | DSP | BRAM18 |
|---|---|---|---|---|---|---|---|---|
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; exit code 1 when a kernel is wrong."""
    parser = argparse.ArgumentParser(prog=COMMAND, description=(__doc__ or "").split("\n")[0])
    parser.add_argument("kernel", nargs="*", help="only these")
    parser.add_argument("--no-resources", action="store_true", help="without yosys")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="kernels-") as scratch:
        made = [kernels.make(kernels.load(name), folder=Path(scratch)) for name in options.kernel or kernels.names()]
        cycles = _simulate(made)
        used = [None if options.no_resources else _resources(one) for one in made]
    rows = [_row(one, count, cells) for one, count, cells in zip(made, cycles, used, strict=True)]
    print("\n".join(rows))
    if not options.kernel and not options.no_resources:
        (paths.root() / PAGE).write_text(_page(made, rows, used))
    return 0


def _simulate(made: Sequence[kernels.Made]) -> list[int]:
    """Check every kernel in RTL; return the cycles of the first call at full rate."""
    cache = paths.cache_dir() / "rtlsim"
    program = verilated.build([one.design for one in made], cache=cache)
    wanted, jobs = [], []
    for number, one in enumerate(made):
        calls, expected = kernels.stimuli(one, [1, 2])
        wanted.append(expected)
        jobs += [Job(design=number, calls=tuple(calls), stall_in=a, stall_out=b) for a, b in _STALLS]
    cycles = []
    for job, result in zip(jobs, verilated.run(program, jobs), strict=True):
        for outcome, expected in zip(result.outcomes, wanted[job.design], strict=False):
            text = kernels.outcome_difference(expected, outcome)
            if text:
                sys.exit(f"{made[job.design].kernel.name}: {text}")
        if (job.stall_in, job.stall_out) == _STALLS[0]:
            cycles.append(result.outcomes[0].cycles)
    return cycles


def _resources(one: kernels.Made) -> Resources:
    return estimate(one.verilog, top=one.program.top, cache_dir=paths.cache_dir() / "kernels").total


def _intervals(one: kernels.Made) -> list[tuple[str, int, int]]:
    return [
        (loop.name, loop.ii, one.kernel.bounds[kernels.source_name(loop)][0])
        for loop in reversed(one.report.loops)
        if loop.ii is not None
    ]


def _row(one: kernels.Made, cycles: int, used: Resources | None) -> str:
    intervals = ", ".join(f"{name} {ii}" + (f" ({bound})" if ii > bound else "") for name, ii, bound in _intervals(one))
    cells = (used.lut, used.ff, used.dsp, used.bram18) if used else ("-",) * 4
    clock = one.report.estimated_clock_ps / 1000
    columns = (one.kernel.name, intervals, cycles, f"{one.seconds:.2f}", f"{clock:.2f}", *cells)
    return "| " + " | ".join(str(column) for column in columns) + " |"


def _page(made: Sequence[kernels.Made], rows: Sequence[str], used: Sequence[Resources | None]) -> str:
    loops = [interval for one in made for interval in _intervals(one)]
    head = _HEAD.format(
        command=COMMAND,
        kernels=len(made),
        loops=len(loops),
        reached=sum(ii <= bound for _, ii, bound in loops),
        part=kernels.PART,
        simulator=verilated.tool(),
        counter=next((cells.tool for cells in used if cells), "yosys"),
    )
    missed = [
        f"- `{one.kernel.name}`, {loop.name}: bound {bound} ({why}); csynth: {loop.ii_limited_by}."
        for one in made
        for loop in one.report.loops
        for bound, why in [one.kernel.bounds.get(kernels.source_name(loop), (0, ""))]
        if loop.ii is not None and loop.ii > bound
    ]
    tail = ["", "Loops above their bound:", "", *missed] if missed else []
    return head + "\n".join([*rows, *tail]) + "\n"


if __name__ == "__main__":
    sys.exit(main())
