"""Find the expert's design for each network by the written procedure, and write it to designs/expert-<network>/.

    .venv/bin/python -m benchmarks.expert_designs [--networks NAME ...] [--from expert1024] [--write]

Each network is judged at 224 and 448 together, by the performance model (every figure is estimated); a design must have no more
DSPs and memories than the ZCU104's part. Prints what was reached from each of the best shapes of the array. The procedure is
`aigchip.search.by_stages`; it draws nothing at random, so that it finds the same designs on every machine.
"""

from __future__ import annotations

import argparse
import sys

from aigchip.board import load as load_board
from aigchip.core import paths
from aigchip.search.by_stages import Step, best_of, find
from aigchip.space.files import load, save
from aigchip.space.spans import array_step
from aigchip.tasks.bench import NETWORKS, RESOLUTIONS
from aigchip.tasks.judging import judge_of
from aigchip.workload import load as load_workload

BOARD = "zcu104"


def main() -> int:
    """Find and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--networks", nargs="+", default=list(NETWORKS))
    parser.add_argument(
        "--from", dest="start", default="expert1024", help="a folder of designs/ (default: %(default)s)"
    )
    parser.add_argument("--write", action="store_true", help="write designs/expert-<network>/design.yaml")
    given = parser.parse_args()
    start = load(paths.designs_dir() / given.start / "design.yaml")
    print(
        "| network | array | ms at first, mean of both sizes | in the end | memory blocks of 18 Kbit | what is kept | judged |"
    )
    print("|---|---|---|---|---|---|---|")
    for name in given.networks:
        judge = judge_of([load_workload(name, size) for size in RESOLUTIONS], load_board(BOARD))
        ends: list[Step] = []
        for steps in find(start, judge):
            first, last = steps[0], steps[-1]
            ends.append(last)
            times = f"{first.score.time:.4f} | {last.score.time:.4f}"
            kept = f"{last.score.blocks} | {last.design.reuse} | {sum(step.tried for step in steps)}"
            print(f"| {name} | {array_step(last.design)} | {times} | {kept} |", flush=True)
        if given.write:
            save(best_of(ends).design, paths.designs_dir() / f"expert-{name}" / "design.yaml")
    return 0


if __name__ == "__main__":
    sys.exit(main())
