"""Compare samplers at equal numbers of evaluated designs, with the performance model alone as the evaluator.

    .venv/bin/python -m benchmarks.samplers [--help]

All figures are estimated: nothing is synthesised, a design's DSPs are its multipliers. The screen of the screened
evolution is here the evaluator itself, better than it is in a search, where module synthesis corrects the model; how
many designs it looked at is a column of its own. Seeds are those of nothing else. Prints a Markdown table: median and
quartiles of the best latency, median hypervolume (latency below the reference times multipliers below 65), and the
two-sided p of a Mann-Whitney test of each sampler's best latencies against those of random search.
"""

from __future__ import annotations

import argparse
import math
import statistics
from collections.abc import Callable, Sequence

from aigchip.board import load as load_board
from aigchip.perf.memory import memory_timing
from aigchip.perf.network import estimate
from aigchip.search.ageing_evolution import AgeingEvolutionSampler
from aigchip.search.design_sampler import Candidate, DesignSampler
from aigchip.search.pareto import Point, hypervolume
from aigchip.search.random_sampling import RandomSampler
from aigchip.space import Design
from aigchip.workload.load import load as load_workload

LAG = 4  # as in a search
DSP_LIMIT = 65.0


def mann_whitney(first: Sequence[float], second: Sequence[float]) -> float:
    """Return the two-sided p that both are drawn from one distribution (normal approximation, ties corrected)."""
    values = sorted([*first, *second])
    rank = {value: values.index(value) + (values.count(value) + 1) / 2 for value in set(values)}
    n, m = len(first), len(second)
    u = sum(rank[value] for value in first) - n * (n + 1) / 2
    ties = sum(values.count(value) ** 3 - values.count(value) for value in set(values))
    variance = n * m / 12 * (n + m + 1 - ties / ((n + m) * (n + m - 1)))
    return 1.0 if variance == 0 else math.erfc(abs(u - n * m / 2) / math.sqrt(2 * variance))


def course(sampler: DesignSampler, evaluate: Callable[[Design], Point], budget: int) -> list[Point]:
    """Return the scores of `budget` designs, in the order of their numbers."""
    candidates: list[Candidate] = []
    for number in range(budget):
        judged = candidates[: max(0, number - LAG + 1)]
        design = sampler.fresh(number, judged, {candidate.design for candidate in candidates})
        candidates.append(Candidate(number=number, design=design, objectives=evaluate(design), feasible=True))
    return [candidate.objectives for candidate in candidates if candidate.objectives]


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--networks", nargs="+", default=["resnet18", "resnet50"], help="default: %(default)s")
    parser.add_argument("--budgets", nargs="+", type=int, default=[64, 256], help="default: %(default)s")
    parser.add_argument("--seeds", type=int, default=20, help="number of seeds (default: %(default)s)")
    parser.add_argument("--first-seed", type=int, default=1000, help="default: %(default)s")
    parser.add_argument("--population", type=int, default=16, help="default: %(default)s")
    parser.add_argument("--tournament", type=int, default=4, help="default: %(default)s")
    parser.add_argument("--screening", type=int, default=8, help="children for each design (default: %(default)s)")
    parser.add_argument(
        "--samplers", nargs="+", default=["random", "evolution", "screened"], help="default: %(default)s"
    )
    options = parser.parse_args()
    board = load_board("zcu104")
    period = board.clock.default_period_ps
    print("| network | designs | sampler | best latency, median [ms] | quartiles [ms] | hypervolume | looked at | p |")
    print("|---|---|---|---|---|---|---|---|")
    for network in options.networks:
        model = estimate(load_workload(network, 224), memory_timing(board, period), period)
        known: dict[Design, Point] = {}

        def score(
            design: Design, known: dict[Design, Point] = known, model: Callable[[Design], Point] = model
        ) -> Point:
            if design not in known:
                known[design] = model(design)
            return known[design]

        points: dict[str, list[list[Point]]] = {}
        looked: dict[str, dict[int, float]] = {}
        for name in options.samplers:
            for seed in range(options.first_seed, options.first_seed + options.seeds):
                seen: set[Design] = set()

                def screen(design: Design, seen: set[Design] = seen) -> Point:
                    seen.add(design)
                    return score(design)

                if name == "random":
                    sampler: DesignSampler = RandomSampler(seed=seed, lag=LAG)
                else:
                    sampler = AgeingEvolutionSampler(
                        seed=seed,
                        lag=LAG,
                        population=options.population,
                        tournament=options.tournament,
                        screening=options.screening if name == "screened" else 1,
                        screen=screen if name == "screened" else None,
                    )
                points.setdefault(name, []).append(course(sampler, score, max(options.budgets)))
                share = len(seen) / max(options.budgets)
                for budget in options.budgets:  # of a shorter budget: the same share
                    total = looked.setdefault(name, {}).get(budget, 0.0)
                    looked[name][budget] = total + max(budget, budget * share) / options.seeds
        reference = (max(latency for runs in points.values() for run in runs for latency, _ in run), DSP_LIMIT)
        for budget in options.budgets:
            best = {name: [min(run[:budget])[0] for run in runs] for name, runs in points.items()}
            for name, runs in points.items():
                low, median, high = statistics.quantiles(best[name], n=4)
                area = statistics.median(hypervolume(run[:budget], reference) for run in runs)
                p = "-" if name == "random" else f"{mann_whitney(best[name], best['random']):.2g}"
                print(
                    f"| {network} | {budget} | {name} | {median:.1f} | {low:.1f} to {high:.1f} | {area:,.0f} "
                    f"| {looked[name][budget]:,.0f} | {p} |",
                    flush=True,
                )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
