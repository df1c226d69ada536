"""Hold the performance model against RTL: random legal designs, co-simulated bit-exact, cycles against the model's.

    .venv/bin/python -m benchmarks.model_error [--designs 30] [--seeds 1] [--slowest 30000] [--json FILE] [--only N,N]

Designs are drawn so that every value of every parameter, every span of every level, all reuse patterns and both partition
dimensions appear about equally often. Each is built from the expert's modules and runs up to nine layers without a reset
between: some under heavy back-pressure, which only have to come out right, and four without, for which the model is
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
from math import inf
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
from aigchip.mapping import Convolution, Geometry, LayerRun, MappingError, Traffic, place, trial
from aigchip.mapping.tiling import estimate
from aigchip.perf import CycleModel, bench_memory, design_timing
from aigchip.space import Design
from aigchip.space.design import FIELD_NAMES
from aigchip.space.sampling import sample
from aigchip.space.spans import array_step, level_span
from aigchip.tasks import steps
from aigchip.tasks.execute import with_needs
from aigchip.tasks.flow import Flow
from aigchip.toolchain.cosim import CosimRun, cosimulate
from csynth.report.model import SynthesisReport

BOARD = "zcu104"
CANDIDATES = 200
#: Sizes of a product with which an early version hung; no multiple of any array.
ODD = Convolution.of_product(21, 131, 73)


def features(design: Design) -> Iterator[str]:
    """Name what a design is an example of: each value of each parameter, and what its levels span."""
    for name in FIELD_NAMES:
        yield f"{name}={getattr(design, name)}"
    for level in ("mac", "lane", "array"):
        yield f"{level} spans {level_span(design, level)}"
    yield f"{design.reuse} x {design.slots}"
    for buffer in "abc":
        factor, dimension = getattr(design, f"buffer_{buffer}_factor"), getattr(design, f"buffer_{buffer}_dimension")
        yield f"buffer_{buffer} {dimension} x {factor}"


def work(design: Design, layer: Convolution) -> float:
    """Return about the cycles of a layer, as tiling estimates them; infinite where the design cannot do it."""
    sizes = Geometry.of(design)
    try:
        return estimate(place(layer, sizes), sizes, Traffic())
    except MappingError:
        return inf


def draw(count: int, seed: int, slowest: int) -> list[Design]:
    """Draw designs one after another, each the candidate whose features are rarest so far.

    Args:
        count: how many.
        seed: of the candidates.
        slowest: cycles that the product `ODD` may take.
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


def layers(design: Design, slowest: int) -> tuple[CosimRun, ...]:
    """Choose the layers of a design, each as large as it may be: the last ones without back-pressure."""
    sizes = Geometry.of(design)
    small = Convolution.of_product(1, 1, 1)
    product, steady = trial.odd_product(sizes, slowest), trial.steady(sizes, slowest)
    padded, strided, depthwise = (choose(sizes, slowest) for choose in (trial.padded, trial.strided, trial.depthwise))
    wanted: list[tuple[Convolution | None, float, int]] = [
        (ODD, 0.5, 7),
        (small, 0.6, 0),
        (padded, 0.8, 0),
        (strided, 0.3, 60),
        (depthwise or product, 0.85, 0),
        (ODD, 0.0, 40),
        (steady, 0.0, 40),
        (padded or product, 0.0, 0),
        (strided or product, 0.0, 100),
    ]
    return tuple(
        CosimRun(
            run=LayerRun(layer=layer, seed=seed, relu=seed % 3 == 0, padding=seed - 4, zero_point=2 * seed - 9),
            stall=stall,
            latency_cycles=latency_cycles,
        )
        for seed, (layer, stall, latency_cycles) in enumerate(wanted, start=1)
        if layer is not None
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Co-simulate the layers of a design.

    Attributes:
        design: The genome.
        jobs: The layers.
        folder: Where the RTL is; no input of its own.
        rtl: The hash of the RTL and its description.
    """

    design: Design
    jobs: tuple[CosimRun, ...]
    folder: Path
    rtl: str
    kind: str = field(default="model-error", init=False)

    def inputs(self) -> dict[str, Any]:
        """Return what determines the cycles."""
        return {"layers": [asdict(job) for job in self.jobs], "rtl": self.rtl, "tools": steps.cosim_tools()}

    def run(self, out: Path) -> None:
        """Write result.json."""
        with tempfile.TemporaryDirectory(prefix="work-", dir=out.parent) as work:
            result = cosimulate(
                self.folder / "rtl",
                network=self.folder / "network.json",
                geometry=Geometry.of(self.design),
                runs=self.jobs,
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
    run = Run(
        design=design,
        jobs=layers(design, slowest),
        folder=folder,
        rtl=digest_files(folder, ["rtl/*.v", "network.json"]),
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
    for job, done in zip(run.jobs, result["layers"], strict=True):
        row = {
            "layer": job.run.name,
            "stall": job.stall,
            "latency_cycles": job.latency_cycles,
            "cycles": done["cycles"]["value"],
        }
        if not job.stall:
            model = CycleModel(design, timing, bench_memory(job.latency_cycles))
            row["model"] = model.cycles_of(place(job.run.layer, model.geometry))
            row["error_percent"] = round(100 * (row["model"] / row["cycles"] - 1), 2)
        rows.append(row)
    return {
        "layers": rows,
        "timing": asdict(timing),
        "build_seconds": result["build_seconds"],
        "cycles_per_second": result["simulated_cycles"] / result["run_seconds"],
    }


def summary(errors: list[float]) -> str:
    """Sum up errors [%]."""
    sizes = sorted(abs(error) for error in errors)
    p90 = sizes[min(len(sizes) - 1, int(0.9 * len(sizes)))]
    return (
        f"{len(sizes)} layers: |error| median {statistics.median(sizes):.2f} %, p90 {p90:.2f} %, "
        f"worst {sizes[-1]:.2f} %; mean of the signed errors {statistics.fmean(errors):+.2f} %"
    )


def shown(design: Design) -> str:
    """Name a design's reuse, array, buffers and banks in a line."""
    step, banks = array_step(design), []
    for buffer in "abc":
        factor, dimension = getattr(design, f"buffer_{buffer}_factor"), getattr(design, f"buffer_{buffer}_dimension")
        banks.append(f"{factor}{dimension[0] if factor > 1 else ''}")
    return (
        f"| {design.reuse} {design.slots} | {step.m}x{step.n}x{step.k} | "
        f"{design.buffer_a_kib} {design.buffer_b_kib} {design.buffer_c_kib} | {' '.join(banks)} |"
    )


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--designs", type=int, default=30, help="designs for each seed")
    parser.add_argument("--seeds", default="1", help="seeds of the draw, with commas between")
    parser.add_argument("--slowest", type=int, default=30_000, help="cycles that a layer may take")
    parser.add_argument("--only", default="", help="numbers of designs, with commas between")
    parser.add_argument("--json", type=Path, help="where to write all figures")
    given = parser.parse_args()
    os.nice(5)
    store = Store(paths.store_dir())
    only = [int(number) for number in given.only.split(",") if number]
    results: dict[str, Any] = {}
    errors: list[float] = []
    failed = 0
    print("| design | reuse | array | KiB a b c | banks a b c | layer | latency | RTL | model | error % |")
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
                print(
                    f"| {name} {shown(design)} {row['layer']} | {row['latency_cycles']} | {row['cycles']:,} | "
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
    return [row for row in entry.get("layers", ()) if "model" in row]


if __name__ == "__main__":
    sys.exit(main())
