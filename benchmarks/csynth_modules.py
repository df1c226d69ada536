"""Time csynth on every module of one design, from C++ to Verilog and with yosys's resource estimate.

    .venv/bin/python -m benchmarks.csynth_modules [design folder, default designs/square8]

Prints a Markdown table: seconds of wall-clock time in one process, modules one after another, nothing cached but what
the engine keeps across processes (cell libraries).
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from aigchip.core import paths
from aigchip.space import derive, files
from aigchip.template import module as template
from aigchip.template import top
from csynth import driver

PART = "xczu7ev-ffvc1156-2-e"
CLOCK_PERIOD_PS = 3333


def main() -> int:
    """Measure and print."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else paths.designs_dir() / "square8"
    design = files.load(folder / "design.yaml")
    codes, parameters = top.expert_codes(design), derive.local_parameters(design)
    print("| module | C++ to Verilog [s] | with resources [s] | II | LUT | FF | DSP | BRAM18 |")
    print("|---|---|---|---|---|---|---|---|")
    totals = [0.0, 0.0]
    with tempfile.TemporaryDirectory() as scratch:
        for instance in derive.INSTANCES:
            source = Path(scratch) / f"{instance}.cpp"
            source.write_text(top.unit(instance, codes))
            seconds = []
            for resources in (False, True):
                started = time.perf_counter()
                report = driver.synthesize(
                    source,
                    top=template.load(instance).function(parameters[instance]),
                    part=PART,
                    clock_period_ps=CLOCK_PERIOD_PS,
                    out_dir=Path(scratch) / instance,
                    include_dirs=[template.include_dir()],
                    resources=resources,
                )
                seconds.append(time.perf_counter() - started)
            totals = [total + value for total, value in zip(totals, seconds, strict=True)]
            used = report.resources
            cells = (used.lut, used.ff, used.dsp, used.bram18) if used else ("-",) * 4
            intervals = ", ".join(str(loop.ii) for loop in report.loops if loop.pipelined) or "-"
            columns = " | ".join(str(cell) for cell in cells)
            print(f"| {instance} | {seconds[0]:.2f} | {seconds[1]:.2f} | {intervals} | {columns} |", flush=True)
    print(f"| all | {totals[0]:.2f} | {totals[1]:.2f} | | | | | |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
