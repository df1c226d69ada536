"""Hold the performance model against RTL: random legal designs, co-simulated bit-exact, cycles against the model's.

    .venv/bin/python -m benchmarks.model_error [--designs 30] [--seeds 1] [--slowest 30000] [--json FILE] [--only N,N]

Designs are drawn so that every value of every parameter, every span of every level, all reuse patterns and both partition
dimensions appear about equally often. Each is built from the expert's modules and runs nine GEMMs without a reset
between: five under heavy back-pressure, which only have to come out right, and four without, for which the model is
compared. Modules and co-simulations lie in the store under AIGCHIP_BUILD_DIR: run again, only what is missing is made,
and a changed model is judged at once. A design that fails is listed and the exit code is 1.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from math import ceil
from pathlib import Path
from random import Random
from typing import Any

from aigchip.board import load as load_board
from aigchip.core import paths
from aigchip.core.atomic import write_json
from aigchip.core.errors import AigchipError
from aigchip.core.hashing import digest_files
from aigchip.core.store import Store
from aigchip.generate.expert import ExpertGenerator
from aigchip.perf import CycleModel, bench_memory, design_timing
from aigchip.space import Design
from aigchip.space.design import FIELD_NAMES
from aigchip.space.sampling import sample
from aigchip.space.spans import array_step, level_span
from aigchip.tasks import steps
from aigchip.tasks.execute import with_needs
from aigchip.tasks.flow import Flow
from aigchip.toolchain.cosim import cosimulate
from aigchip.toolchain.gemm import Gemm
from aigchip.workload import Gemm as Shape
from csynth.report.model import SynthesisReport

BOARD = "zcu104"
CANDIDATES = 200
#: Sizes of a GEMM with which an early version hung; no multiple of any tile or array.
ODD = (21, 131, 73)


def features(design: Design) -> Iterator[str]:
    """Name what a design is an example of: each value of each parameter, and what its levels span."""
    for name in FIELD_NAMES:
        yield f"{name}={getattr(design, name)}"
    for level in ("mac", "lane", "array"):
        yield f"{level} spans {level_span(design, level)}"
    yield f"{design.reuse} x {design.group}"
    for buffer in "abc":
        factor, dimension = getattr(design, f"buffer_{buffer}_factor"), getattr(design, f"buffer_{buffer}_dimension")
        yield f"buffer_{buffer} {dimension} x {factor}"


def work(design: Design, shape: tuple[int, int, int]) -> int:
    """Return about the cycles of a GEMM (m, k, n), by counting words; not by the model, so that the draw stays as it is."""
    step = array_step(design)
    m, k, n = (
        [min(tile, size - start) for start in range(0, size, tile)]
        for size, tile in zip(shape, (design.tile_m, design.tile_k, design.tile_n), strict=True)
    )

    def pieces(buffer: str, along: dict[str, int]) -> int:
        """Words of one bank line each in a step of the array."""
        dimension, factor = getattr(design, f"buffer_{buffer}_dimension"), getattr(design, f"buffer_{buffer}_factor")
        return along["height"] * along["width"] // min(factor, along[dimension])

    interval = max(pieces("a", {"height": step.m, "width": step.k}), pieces("b", {"height": step.k, "width": step.n}))
    fold = pieces("c", {"height": step.m, "width": step.n})
    subtiles = sum(ceil(rows / step.m) for rows in m) * sum(ceil(columns / step.n) for columns in n)
    return subtiles * max(len(k) * fold, sum(ceil(products / step.k) for products in k) * interval)


def draw(count: int, seed: int, slowest: int) -> list[Design]:
    """Draw designs one after another, each the candidate whose features are rarest so far.

    Args:
        count: how many.
        seed: of the candidates.
        slowest: cycles that the GEMM `ODD` may take.
    """
    rng = Random(seed)  # noqa: S311 (stimulus)
    seen: Counter[str] = Counter()
    found: list[Design] = []
    while len(found) < count:
        candidates = [sample(rng) for _ in range(CANDIDATES)]
        candidates.sort(key=lambda design: -sum(4.0 ** -seen[feature] for feature in features(design)))
        best = next(design for design in candidates if work(design, ODD) <= slowest)
        seen.update(features(best))
        found.append(best)
    return found


def gemms(design: Design, slowest: int) -> list[dict[str, Any]]:
    """Choose the GEMMs of a design: the last four without back-pressure. All but `ODD` shrink until they are quick."""
    m, n, k = design.tile_m, design.tile_n, design.tile_k

    def fit(*shapes: tuple[int, int, int]) -> dict[str, Any]:
        shape = next((shape for shape in shapes if work(design, shape) <= slowest), shapes[-1])
        return dict(zip("mkn", shape, strict=True))

    odd = dict(zip("mkn", ODD, strict=True))
    return [
        {**odd, "seed": 1, "stall": 0.5, "latency_cycles": 7},
        {"m": 1, "k": 1, "n": 1, "seed": 2, "stall": 0.6},
        {"m": 7, "k": 5, "n": 3, "seed": 3, "stall": 0.8, "relu": True},
        {**fit((m + 5, k + 3, n + 9), (m + 2, 35, n + 1)), "seed": 4, "stall": 0.3, "latency_cycles": 60, "relu": True},
        {**fit((m - 3, k + 1, n - 1), (m - 3, 9, n - 1)), "seed": 5, "stall": 0.85},
        {**odd, "seed": 6, "latency_cycles": 40},
        {**fit((2 * m, 2 * k, 2 * n), (2 * m, k, n), (m, k, n)), "seed": 7, "latency_cycles": 40},
        {**fit((2 * m + 3, k + 9, 2 * n + 5), (m + 3, k + 9, n + 5)), "seed": 8, "latency_cycles": 0},
        {**fit((m, 4 * k, n), (m, 2 * k, n), (m // 2, 2 * k, n // 2)), "seed": 9, "latency_cycles": 100},
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Co-simulate the GEMMs of a design.

    Attributes:
        jobs: The GEMMs.
        folder: Where the RTL is; no input of its own.
        rtl: The hash of the RTL and its description.
    """

    jobs: tuple[Gemm, ...]
    folder: Path
    rtl: str
    kind: str = field(default="model-error", init=False)

    def inputs(self) -> dict[str, Any]:
        """Return what determines the cycles."""
        return {"gemms": [asdict(job) for job in self.jobs], "rtl": self.rtl, "tools": steps.cosim_tools()}

    def run(self, out: Path) -> None:
        """Write result.json."""
        with tempfile.TemporaryDirectory(prefix="work-", dir=out.parent) as work:
            result = cosimulate(
                self.folder / "rtl",
                network=self.folder / "network.json",
                gemms=self.jobs,
                cache=paths.build_dir() / "cache" / "verilator",
                work=Path(work) / "run",
            )
        write_json(out / "result.json", result.to_dict())


def measure(design: Design, store: Store, slowest: int) -> dict[str, Any]:
    """Build and co-simulate one design, or take it from the store, and compare the model.

    Raises:
        AigchipError: a module or the accelerator fails.
    """
    board = load_board(BOARD)
    period = board.clock.default_period_ps
    flow = Flow(store=store, design=design, generator=ExpertGenerator(), part=board.part, clock_period_ps=period)
    for name in with_needs(flow, ["link"]):
        if flow.result(name) is None:
            step = flow.nodes[name].step()
            assert step is not None, name  # noqa: S101 - what it needs is made
            store.make(step)
    folder = flow.result("link")
    assert folder is not None  # noqa: S101 - just made
    chosen = gemms(design, slowest)
    run = Run(
        jobs=tuple(Gemm(**job) for job in chosen), folder=folder, rtl=digest_files(folder, ["rtl/*.v", "network.json"])
    )
    result = json.loads((store.make(run) / "result.json").read_text())
    loops = {}
    for instance in flow.processes:
        made = flow.result(f"csynth:{instance}")
        assert made is not None  # noqa: S101 - just made
        report = SynthesisReport.from_json((made / "report.json").read_text())
        loops[instance] = [loop for loop in report.loops if loop.function == report.top]
    timing = design_timing(loops)
    rows = []
    for gemm, done in zip(chosen, result["gemms"], strict=True):
        row = {**gemm, "cycles": done["cycles"]["value"]}
        if not gemm.get("stall"):
            model = CycleModel(design, timing, bench_memory(gemm["latency_cycles"]))
            row["model"] = model.cycles(Shape(kind="gemm", m=gemm["m"], k=gemm["k"], n=gemm["n"]))
            row["error_percent"] = round(100 * (row["model"] / row["cycles"] - 1), 2)
        rows.append(row)
    return {
        "gemms": rows,
        "timing": asdict(timing),
        "build_seconds": result["build_seconds"],
        "cycles_per_second": result["simulated_cycles"] / result["run_seconds"],
    }


def summary(errors: list[float]) -> str:
    """Sum up errors [%]."""
    sizes = sorted(abs(error) for error in errors)
    p90 = sizes[min(len(sizes) - 1, int(0.9 * len(sizes)))]
    return (
        f"{len(sizes)} GEMMs: |error| median {statistics.median(sizes):.2f} %, p90 {p90:.2f} %, "
        f"worst {sizes[-1]:.2f} %; mean of the signed errors {statistics.fmean(errors):+.2f} %"
    )


def shown(design: Design) -> str:
    """Name a design's reuse, array, tile and banks in a line."""
    step, banks = array_step(design), []
    for buffer in "abc":
        factor, dimension = getattr(design, f"buffer_{buffer}_factor"), getattr(design, f"buffer_{buffer}_dimension")
        banks.append(f"{factor}{dimension[0] if factor > 1 else ''}")
    return (
        f"| {design.reuse} {design.group} | {step.m}x{step.n}x{step.k} | "
        f"{design.tile_m}x{design.tile_n}x{design.tile_k} | {' '.join(banks)} |"
    )


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--designs", type=int, default=30, help="designs for each seed")
    parser.add_argument("--seeds", default="1", help="seeds of the draw, with commas between")
    parser.add_argument("--slowest", type=int, default=30_000, help="cycles that a GEMM may take")
    parser.add_argument("--only", default="", help="numbers of designs, with commas between")
    parser.add_argument("--json", type=Path, help="where to write all figures")
    given = parser.parse_args()
    os.nice(5)
    store = Store(paths.store_dir())
    only = [int(number) for number in given.only.split(",") if number]
    results: dict[str, Any] = {}
    errors: list[float] = []
    failed = 0
    print("| design | reuse | array | tile | banks a b c | GEMM m x k x n | latency | RTL | model | error % |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    for seed in [int(text) for text in given.seeds.split(",")]:
        for number, design in enumerate(draw(given.designs, seed, given.slowest)):
            if only and number not in only:
                continue
            name = f"{seed}.{number}"
            entry: dict[str, Any] = {"design": design.to_dict()}
            try:
                entry |= measure(design, store, given.slowest)
            except AigchipError as error:
                failed += 1
                entry["failure"] = str(error)
                print(f"| {name} {shown(design)} FAILED: {error} | | | | |", flush=True)
            results[name] = entry
            for row in _judged(entry):
                errors.append(row["error_percent"])
                shape = f"{row['m']} x {row['k']} x {row['n']}"
                print(
                    f"| {name} {shown(design)} {shape} | {row['latency_cycles']} | {row['cycles']:,} | "
                    f"{row['model']:,} | {row['error_percent']:+.2f} |",
                    flush=True,
                )
            if given.json:
                write_json(given.json, results)
    if errors:
        print(f"\n{summary(errors)}")
        speeds = [entry["cycles_per_second"] for entry in results.values() if "cycles_per_second" in entry]
        print(
            f"{len(results)} designs, {failed} failed; co-simulation {statistics.median(speeds):,.0f} cycles/s (median)"
        )
    return 1 if failed else 0


def _judged(entry: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [row for row in entry.get("gemms", ()) if "model" in row]


if __name__ == "__main__":
    sys.exit(main())
