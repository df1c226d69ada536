"""Time the performance model: what a network's latency on a design that it has not seen takes.

    .venv/bin/python -m benchmarks.model_speed [--designs 300] [--networks resnet18@224,resnet50@224] [--seed 1] [--repeats 5]

Designs are drawn from the whole space; of those that can do the network the mean, the median and the slowest time are told,
and the time to find that a design cannot do it. What is remembered of earlier designs stays, as in a search, but nothing of a
design itself. Times are of the processor; other processes on the machine lengthen them, so that the least of some repeats
stands beside the first.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from random import Random

from aigchip.board import load as load_board
from aigchip.mapping import MappingError
from aigchip.perf import assumed_timing, memory_timing, network_latency
from aigchip.space.sampling import sample
from aigchip.workload import load as load_workload

BOARD = "zcu104"


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--designs", type=int, default=300)
    parser.add_argument("--networks", default="resnet18@224,resnet50@224", help="name@resolution, with commas between")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=5)
    given = parser.parse_args()
    board, timing = load_board(BOARD), assumed_timing()
    rng = Random(given.seed)  # noqa: S311 - stimulus
    designs = [sample(rng) for _ in range(given.designs)]
    print(
        "| network | designs that do it | first: mean ms | median | slowest | least: mean ms | median | refused: mean ms |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for text in given.networks.split(","):
        name, _, resolution = text.partition("@")
        workload = load_workload(name, int(resolution or 224))
        done: list[list[float]] = []
        refused: list[float] = []
        for design in designs:
            memory = memory_timing(board, design.clock_period_ps)
            times: list[float] = []
            started = 0.0
            try:
                for _ in range(given.repeats):
                    started = time.process_time()
                    network_latency(workload, design, timing, memory, design.clock_period_ps)
                    times.append(1e3 * (time.process_time() - started))
            except MappingError:
                refused.append(1e3 * (time.process_time() - started))
            else:
                done.append(times)
        first, least = [times[0] for times in done], [min(times) for times in done]
        print(
            f"| {text} | {len(done)} of {len(designs)} | {statistics.fmean(first):.2f} | {statistics.median(first):.2f} | "
            f"{max(first):.1f} | {statistics.fmean(least):.2f} | {statistics.median(least):.2f} | "
            f"{statistics.fmean(refused or [0.0]):.2f} |",
            flush=True,
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
